"""QUESTION -> REQUEST: which figure, for which periods, in what unit, and how it is to be judged.

A question is taken only where every word of it is accounted for: a name, a period, a company, a
unit, a known turn of phrase. "Adjusted", "domestic", "per store" are not, and such questions are
left to the passages and the model.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from assistant.errors import FigureError
from assistant.figures.definitions import definitions
from assistant.figures.formula import Node
from assistant.figures.reading import FIRST_MARK, MARK, Reading, read
from index.query import fiscal_years
from index.terms import known_names, pattern_of
from index.wording import without_conditions

_PERIODS = re.compile(
    r"\b(?:fy|cy|fiscal(?: years?)?|years?)?\s*['’]?(?:19|20)\d\d\b|\bfy\s*['’]?\d\d\b"
    r"|\b(?:q[1-4](?=\W|$|\d\d)|(?:first|second|third|fourth)[- ]quarter)"
)
_DATES = re.compile(
    r"\b(?:jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec)[a-z]*\.?\s+\d{1,2}(?:st|nd|rd|th)?,?"
    r"(?=\s+(?:19|20)\d\d)|\b\d{1,2}\s+(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
    r"(?=,?\s+(?:19|20)\d\d)"
)
_QUARTERS = re.compile(r"\b(q[1-4]|(?:first|second|third|fourth)[- ]quarter)(?=\W|$|\d\d)")
_ROUND = re.compile(r"(\w+)\s+(?:decimals?\b|digits? after)|nearest\s+(whole)", re.I)
_PLACES = {"whole": 0, "zero": 0, "no": 0, "one": 1, "two": 2, "three": 3, "four": 4}
_SCALE = re.compile(
    r"\b(?:USD|US\$|dollars|EUR|in|of)\s+(?:U\.?S\.? dollars\s+)?(thousand|million|billion)s?\b"
    r"|\$\s?(thousand|million|billion)s?\b",
    re.I,
)
_POWERS = {"thousand": 3, "million": 6, "billion": 9}
_PERCENT = re.compile(r"\bpercent(?:age|s)?\b|%", re.I)
_STATEMENTS = re.compile(
    r"\b(?:consolidated\s+|audited\s+)*"
    r"(?:cash flows? statements?|income statements?|balance sheets?"
    r"|statements? of (?:consolidated )?(?:cash flows?|income|operations|earnings"
    r"|financial (?:position|condition))|p&l(?: statements?)?|profit and loss(?: statements?)?)\b"
)


@dataclass(frozen=True)
class Request(Reading):
    """What to calculate, for the fiscal years `years` (ascending; a quarter of them where `period`
    says so; none: the latest filed). `defined` are the question's own definitions by id; `percent`,
    `scale` (a power of ten) and `places` (decimals) are as asked."""

    years: tuple[int, ...] = ()
    period: str = "FY"
    defined: Mapping[str, Node] = field(default_factory=dict)
    percent: bool = False
    scale: int | None = None
    places: int | None = None


def request_of(
    question: str,
    years: tuple[int, ...],
    period: str | None,
    companies: int = 1,
    rows: Mapping[str, str] | None = None,
) -> Request | None:
    """What figure is asked for, or None where that is not wholly understood.

    `question` is without the companies' names, of which there were `companies`; `years` and
    `period` are what it names. `rows` are further names (`row_names`).
    """
    known = {**(rows or {}), **known_names()}
    text = without_conditions(" ".join(question.replace("’", "'").split()))
    try:
        spelt, defined, rest = definitions(text, known)
    except FigureError:
        return None
    names = {**known, **spelt}
    lowered = rest.lower()
    marked, ids = _marked(lowered, names)
    if not ids:
        return None
    percent = bool(_PERCENT.search(rest))
    places, scale = _ROUND.search(rest), _SCALE.search(rest)
    quarters = len(_QUARTERS.findall(lowered))
    # The years of the question itself; a definition names its inputs' own.
    years = fiscal_years(rest) or years[-1:]
    if quarters and (quarters < len(years) or len(set(_QUARTERS.findall(lowered))) > 1):
        return None  # a quarter beside a whole year
    found = read(_PERIODS.sub(" ", _DATES.sub(" ", marked)), ids, percent, len(years), companies)
    if found is None:
        return None
    return Request(
        **vars(found),
        years=years,
        period=period or "FY",
        defined=defined,
        percent=percent,
        scale=_POWERS[(scale[1] or scale[2]).lower()] if scale else None,
        places=_places(places) if places else None,
    )


def _marked(text: str, names: Mapping[str, str]) -> tuple[str, list[str]]:
    """The text with each known name replaced by a mark, and what each mark stands for."""
    ids: list[str] = []

    def mark(found: re.Match[str]) -> str:
        if len(ids) >= 0xFF or found[0] not in names:
            return " "
        ids.append(names[found[0]])
        return chr(FIRST_MARK + len(ids) - 1)

    bare = _STATEMENTS.sub(" statement ", MARK.sub(" ", text))
    bare = re.sub(r"\bhow much (?:cash|money)\b(?= (?:did|was|has|have|does)\b)", "how much", bare)
    # "cash flow" alone is not cash.
    return pattern_of({**names, "cash flow": "", "cash flows": ""}).sub(mark, bare), ids


def _places(found: re.Match[str]) -> int | None:
    word = (found[1] or found[2]).lower()
    return int(word) if word.isdigit() and int(word) < 10 else _PLACES.get(word)
