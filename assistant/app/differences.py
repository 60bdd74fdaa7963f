"""TWO ANSWERS -> HTML of each with the words and numbers marked that the other does not say."""

from __future__ import annotations

import re
from difflib import SequenceMatcher

from assistant.app.markup import escape

_PIECE = re.compile(r"\s+|[^\s]+")
_AROUND = ".,;:()[]“”\"'"


def marked(text: str, other: str) -> str:
    """`text` as HTML; case and the punctuation about a word make no difference."""
    pieces = _PIECE.findall(text)
    words = [piece for piece in pieces if not piece.isspace()]
    matcher = SequenceMatcher(None, _plain(words), _plain(_PIECE.findall(other)), autojunk=False)
    same = {block.a + n for block in matcher.get_matching_blocks() for n in range(block.size)}
    parts, number = [], 0
    for piece in pieces:
        if piece.isspace():
            parts.append(escape(piece))
            continue
        inside = escape(piece)
        parts.append(inside if number in same else f'<mark class="tq-diff">{inside}</mark>')
        number += 1
    return "".join(parts).replace('</mark> <mark class="tq-diff">', " ")


def _plain(words: list[str]) -> list[str]:
    return [word.strip(_AROUND).lower() or word for word in words if not word.isspace()]
