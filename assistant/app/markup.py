"""TEXT -> HTML that stays text: no markup, no Markdown, no LaTeX, no template code."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

from assistant.answer import Citation

_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]")
_MEANING = re.compile(r"[\"'$`{}\\*_\[\]~|#!@:]")


def escape(text: str) -> str:
    """`text` as HTML on one line.

    Characters that mean something to attributes, Markdown, LaTeX or Gradio's templates become
    numbered entities; control characters and those that turn the reading direction show as U+FFFD.
    """
    plain = html.escape(_UNSEEN.sub("\ufffd", text.replace("\r\n", "\n")), quote=False)
    marked = _MEANING.sub(lambda match: f"&#{ord(match[0])};", plain)
    return marked.replace("\n", "<br>").replace("\t", " ")


def attribute(text: str) -> str:
    """`text` for between the quotes of an attribute; its lines stay lines."""
    return escape(text).replace("<br>", "&#10;")


def source(citation: Citation) -> str:
    """ "Acme Corp, 10-K, fiscal 2024, page 31"."""
    year = f"fiscal {citation.fiscal_year}" if citation.fiscal_year else None
    parts = (citation.company or citation.doc, citation.form, year, f"page {citation.page}")
    return ", ".join(part for part in parts if part)


def table_html(kind: str, label: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table that scrolls by itself, of class `kind`; `rows` are HTML already."""
    head = "".join(f'<th scope="col">{escape(text)}</th>' for text in heads)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return (
        f'<div class="{kind}" tabindex="0" role="region" aria-label="{escape(label)}"><table>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )
