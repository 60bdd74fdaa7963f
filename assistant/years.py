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
_CELL = re.compile(r"\b((?:19|20)\d\d) = ([^;]+)")


def speak_of_none(years: Sequence[int], passages: Sequence[Passage]) -> bool:
    """Whether no passage names any of the years: in its text, or as its filing's. False where no
    year is asked, or a passage's filing has none."""
    if not years or not passages or any(passage.fiscal_year is None for passage in passages):
        return False
    return not any(year in _named(passage) for passage in passages for year in years)


def of_other_years(text: str, years: Sequence[int], passages: Sequence[Passage]) -> tuple[int, ...]:
    """The years in whose columns the amounts of an answer stand, where one other year is asked and
    no amount stands anywhere else; else none."""
    amounts = [number for number in numbers(text) if not number.is_year]
    if len(years) != 1 or not amounts:
        return ()
    found: set[int] = set()
    for passage in passages:
        cells, rest = _cells(passage)
        unit = unit_of(passage)
        if any(same_amount(n, printed, unit) for n in amounts for printed in rest):
            return ()
        shifted = {int(year) - 1 for year in _EARLY.findall(passage.text)}
        for year, printed in cells:
            if any(same_amount(n, printed, unit) for n in amounts):
                found |= {year} | ({year - 1} & shifted)
    return () if years[0] in found else tuple(sorted(found))


def _named(passage: Passage) -> set[int]:
    text, own = passage.text, passage.fiscal_year or 0
    years = {int(year) for year in _YEAR.findall(text)}
    years |= {2000 + int("".join(found)) for found in _SHORT.findall(text)}
    years |= {int(year) - 1 for year in _EARLY.findall(text)}
    if _CELL.search(labelled(text)):
        return years | {own}
    return years | {
        own,
        own - 1,
        own - 2,
    }  # a table under a header not read may show the years before


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
