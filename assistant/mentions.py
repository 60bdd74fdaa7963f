"""ANSWER + EVIDENCE -> the dates and names in it that stand nowhere in the evidence."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from index.terms import known_names
from index.wording import KNOWN

_MONTH = (
    r"(Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?"
    r"|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\b\.?"
)
_OF_YEAR = r"(?:,?\s{1,3}(?:19|20)\d\d\b)?"
_DAY = re.compile(
    rf"\b{_MONTH}\s{{1,3}}(\d{{1,2}})(?![\d.,%]*\d)(?:st|nd|rd|th)?{_OF_YEAR}"
    rf"|(?<![\d.,])(\d{{1,2}})\s{{1,3}}{_MONTH}{_OF_YEAR}"
)
# Two words or more in capitals within a line. A word's length has an end, or a run without spaces
# would be read to its end from every capital in it.
_CAPITALIZED = r"[A-Z][A-Za-z&'’-]{1,60}"
_NAME = re.compile(rf"\b{_CAPITALIZED}(?:[ ](?:(?:of|and|for|the|de|van)[ ])?{_CAPITALIZED})+")
_CAPITAL = re.compile(rf"\b{_CAPITALIZED}")
_WORD = re.compile(r"[a-z]{2,}")
_OF_ANSWERS = frozenset(
    "line item items value unit result calculation amount step page evidence based therefore "
    "according yes no not this these the it its in for and of at from generally accepted "
    "accounting principles securities exchange commission".split()
)


def unknown_mentions(text: str, evidence: Iterable[str]) -> tuple[str, ...]:
    """The days ("March 3, 2021") and names ("Jane Roe") in `text`, as written, of which nothing
    stands in any part of the `evidence`: the passages, their titles, the question. A day counts as
    known by day and month, whose year may head a column of its own; a name by any word of it, its
    initials, or where it is made of the words of finance."""
    known = "\n".join(evidence)
    abbreviated = known.replace(".", "")
    days = {_day(found) for found in _DAY.finditer(known)}
    unknown = [found[0] for found in _DAY.finditer(text) if _day(found) not in days]
    words = set(_WORD.findall(known.lower()))
    for found in _NAME.finditer(text):
        capital = _CAPITAL.findall(found[0])
        own = [part for word in capital for part in _WORD.findall(word.lower())]
        initials = "".join(word[0] for word in capital)
        if not any(_is_known(word, words) for word in own) and not re.search(
            rf"\b{initials}\b", abbreviated
        ):
            unknown.append(found[0])
    return tuple(dict.fromkeys(unknown))


def mentions(text: str) -> set[str]:
    """Every day and name in `text`, as written."""
    return {found[0] for pattern in (_DAY, _NAME) for found in pattern.finditer(text)}


def _day(found: re.Match[str]) -> tuple[str, int]:
    month, day = (found[1], found[2]) if found[1] else (found[4], found[3])
    return month[:3], int(day)


def _is_known(word: str, words: set[str]) -> bool:
    return word in words or word.removesuffix("s") in words or word in _finance()


@cache
def _finance() -> frozenset[str]:
    """The words that questions, items and metrics are made of."""
    named = (word for name in known_names() for word in _WORD.findall(name))
    return frozenset({*named, *KNOWN, *_OF_ANSWERS})
