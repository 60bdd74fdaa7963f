"""YEARS ASKED + PASSAGES -> whether these speak of those years, and whether a model took an amount
from another year's column.

A small model that is shown a row of other years states one of them for the year asked, and says so
in full confidence. What is certain is refused: nothing that was read names the year, or all that
the answer states stands under other years only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from assistant.answer import Passage
from assistant.ground import unit_of
from assistant.numbers import Number, numbers, same_amount
from assistant.rows import labelled

_YEAR = re.compile(r"(?<![\d.,$])((?:19|20)\d\d)(?![\d%]|[.,]\d)")
_SHORT = re.compile(
    r"\b(?:FY|CY|[1-4]Q|Q[1-4]|[1-4]H|H[1-4])\s?[-’']?(\d\d)\b|[’'](\d\d)\b"
    r"|(?<!\d)(?:19|20)\d\d[/–-](\d\d)\b|\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)-(\d\d)\b",
    re.I,
)
# A fiscal year may end within the first half of the next calendar year, and be named by the first.
_EARLY = re.compile(
    r"\b(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?)\.?\s+\d{1,2},?\s+"
    r"((?:19|20)\d\d)\b",
    re.I,
)
_RANGE = re.compile(r"\b((?:19|20)\d\d)\s*(?:through|to|until|and|-|–|—)\s*((?:19|20)\d\d)\b")
_LONGEST_RANGE = 30
_NEXT = re.compile(r"\b(?:next|coming|following|upcoming)\b[\w\s]{0,12}\b(?:year|months)\b", re.I)
# The year of a filing, a plan, a law or a maturity, or the year beside the one that is named.
_OTHERWISE = re.compile(
    r"\b(?:beginning|opening|prior|previous|preceding|following|next)\b"
    r"|\b(?:filed|filing|due|matur\w*|expir\w*|plan|act|program|agreement|notes|bonds|debentures)"
    r"(?:\s+(?:in|on|of|for|the|fiscal|year)\b)*\s+(?:19|20)\d\d\b"
    r"|\b(?:19|20)\d\d\s+(?:[\w-]+\s+){0,4}"
    r"(?:plan|act|program|agreement|notes|bonds|debentures|maturit\w+)\b",
    re.I,
)
_CELL = re.compile(r"\b((?:19|20)\d\d) = ([^;]+)")


def certain(question: str, years: Sequence[int]) -> tuple[int, ...]:
    """`years` where it is beyond doubt that the amounts of these years are asked for; else none."""
    return () if _OTHERWISE.search(question) else tuple(years)


def speak_of_none(years: Sequence[int], passages: Sequence[Passage]) -> bool:
    """Whether no passage names any of the years: in its text, or as its filing's. False where no
    year is asked, or a passage's filing has none."""
    if not years or not passages or any(passage.fiscal_year is None for passage in passages):
        return False
    return not any(_named(passage) & set(years) for passage in passages)


def of_other_years(text: str, years: Sequence[int], passages: Sequence[Passage]) -> tuple[int, ...]:
    """The years in whose columns the amounts of an answer stand, where one other year is asked and
    every amount stands there and nowhere else; else none."""
    amounts = _amounts(numbers(text))
    if len(years) != 1 or not amounts:
        return ()
    under: list[set[int]] = [set() for _ in amounts]
    for passage in passages:
        cells, rest = _cells(passage)
        unit = unit_of(passage)
        if any(same_amount(n, printed, unit) for n in amounts for printed in rest):
            return ()
        early = _EARLY.search(passage.text) is not None
        for year, printed in cells:
            for n, found in zip(amounts, under, strict=True):
                if _is_that(n, printed, unit):
                    found |= {year, year - 1} if early else {year}
    every = set().union(*under)
    return tuple(sorted(every)) if all(under) and years[0] not in every else ()


def listed(parts: Sequence[object], joint: str) -> str:
    """ "2022", "2022 and 2023", "2021, 2022 and 2023", where `joint` is "and"."""
    *others, last = map(str, parts)
    return f"{', '.join(others)} {joint} {last}" if others else last


def _is_that(stated: Number, printed: Number, unit: int | None) -> bool:
    """Whether an amount is the one printed, and no ratio or change that happens to look like it."""
    if stated.times or stated.percent != printed.percent:
        return False
    as_is = abs(stated.value) == abs(printed.value)
    return same_amount(stated, printed, unit) and bool(as_is or stated.scale or stated.currency)


def _named(passage: Passage) -> set[int]:
    text, own = passage.text, passage.fiscal_year or 0
    years = {int(year) for year in _YEAR.findall(text)} | {own}
    years |= {2000 + int("".join(found)) for found in _SHORT.findall(text)}
    for first, last in _RANGE.findall(text):
        years |= set(range(int(first), min(int(last), int(first) + _LONGEST_RANGE)))
    if _EARLY.search(text):
        years |= {year - 1 for year in years}
    if _NEXT.search(text):
        years.add(own + 1)
    if _CELL.search(labelled(text)):
        return years
    return years | {own - 1, own - 2}  # a table under a header not read may show the years before


def _cells(passage: Passage) -> tuple[list[tuple[int, Number]], list[Number]]:
    """Amounts under a year, and all others; the passage's lines are read as the model is shown
    them."""
    cells: list[tuple[int, Number]] = []
    rest: list[Number] = []
    for line in labelled(passage.text).splitlines():
        cells += [
            (int(year), n) for year, cell in _CELL.findall(line) for n in _amounts(numbers(cell))
        ]
        rest += _amounts(numbers(_CELL.sub(" ", line)))
    return cells, rest


def _amounts(found: Iterable[Number]) -> list[Number]:
    return [number for number in found if not number.is_year]
