"""SENTENCE -> whether it compares two amounts of its own the wrong way round: "$233 million, which
is higher than $243 million", "fell from 4.1% to 4.6%". Small models copy amounts well and compare
them badly; what a sentence says of its own amounts is checked without any evidence.

Only plain wordings count: one word of direction, two amounts of one kind, no negation. Where both
amounts are negative ("(5)", "-5"), "more" is said of a loss as of an amount, so neither is told.
"""

from __future__ import annotations

import re
from itertools import pairwise

from assistant.numbers import Number, numbers

_UP = re.compile(
    r"\b(?:higher|greater|larger|more|bigger|increas\w*|rose|risen|rising|gr[eo]w\w*|climb\w*)\b",
    re.I,
)
_DOWN = re.compile(
    r"\b(?:lower|less|smaller|fewer|decreas\w*|declin\w*|fell|fallen|falling|dropp\w*|shr[aiu]nk\w*)\b",
    re.I,
)
# Between two amounts: "million in fiscal 2024, which is slightly higher than the".
_IS_THAN = re.compile(
    r"(?:\s+(?:in|for|of|at)\s[\w ]{1,25})?,?\s*(?:(?:which|and|it)\s+)?"
    r"(?:is|was|are|were|be|being|remains?|stands?|stood)\s+(?:\w+ ){0,2}"
    r"(?:higher|greater|larger|more|bigger|lower|less|smaller|fewer)\s+than\b[^,.;:?!]{0,50}",
    re.I,
)
_FROM = re.compile(r"\bfrom\s+(?:\w+ ){0,4}$", re.I)
_TO = re.compile(r"[^.;:?!]{0,40}\bto\s+(?:\w+ ){0,4}", re.I)
_SIGN = re.compile(r"(?:US)?[$€£]\s*$")
_SPAN = re.compile(r"[\s-]*(?:day|week|month|quarter|year)s?\b", re.I)
_NOT = re.compile(r"\b(?:not|no|never|neither|nor|without|if|whether|would)\b|n['’]t\b", re.I)
_BEFORE = 80  # characters in which the direction of "from ... to ..." is said
_FAR = 20  # times as much: not an amount of the same thing


def is_wrong(sentence: str) -> bool:
    """Whether the sentence compares two of its amounts the wrong way round."""
    amounts = [number for number in numbers(sentence) if not number.is_year]
    return any(_is_wrong_of(sentence, one, other) for one, other in pairwise(amounts))


def _is_wrong_of(sentence: str, one: Number, other: Number) -> bool:
    first, second = _compared(one, other)
    if first == second or not (0 <= max(first, second) <= _FAR * min(first, second)):
        return False
    if not _same_kind(one, other) or _SPAN.match(sentence, other.end):
        return False
    before = _SIGN.sub("", sentence[: one.start])
    between = _SIGN.sub("", sentence[one.end : other.start])
    if _IS_THAN.fullmatch(between):
        said, is_up = between, first > second
    elif _FROM.search(before) and _TO.fullmatch(between):
        said = re.split(r"[.;:?!\d]", before[-_BEFORE:])[-1]
        is_up = second > first
    else:
        return False
    up, down = bool(_UP.search(said)), bool(_DOWN.search(said))
    return up != down and up != is_up and not _NOT.search(said)


def _same_kind(one: Number, other: Number) -> bool:
    currencies = {n.currency for n in (one, other) if n.currency}
    return (one.percent, one.times) == (other.percent, other.times) and len(currencies) <= 1


def _compared(one: Number, other: Number) -> tuple[float, float]:
    """The amounts as they compare: "from 1.2 to 1.3 billion" is of billions both."""
    if not (one.scale and other.scale):
        return float(one.value), float(other.value)
    return float(one.scaled), float(other.scaled)
