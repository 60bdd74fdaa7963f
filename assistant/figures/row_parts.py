"""ROWS OF A PART OF A YEAR: which columns of an interim report's tables are of the quarter, the
half year or the nine months asked for.

Only columns that say how long they are: "Three Months Ended June 30, 2024", or the same years under
"Three Months Ended" and under "Six Months Ended".
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from index.columns import durations, head_and_year
from index.documents import Document, is_annual
from index.parts_of_year import MONTHS, closing, is_as_long, part_said
from index.query import Query

_INTERIM = ("Q1", "Q2", "Q3")


@dataclass(frozen=True)
class Part:
    """A part of a year, as `index.parts_of_year` names it; the month, as its first three letters,
    in which the period of its filing ends; and that filing's fiscal year."""

    name: str
    month: str
    fiscal_year: int

    @property
    def months(self) -> int:
        """How long it is."""
        return MONTHS[self.name]

    @property
    def said(self) -> str:
        """ "Q2", "the first half"."""
        return part_said(self.name)

    def own(
        self, cells: Sequence[tuple[str, str]], head: str, months: Collection[str]
    ) -> list[tuple[str, str]]:
        """Of a row's amounts, (what their column is called, amount), those of this part, by year;
        `months` are those that the `head` names. None where a column may be of another part, or
        ends in another month, as an investee's may."""
        if months and self.month not in months:
            return []
        named = [(*head_and_year(column), cell) for column, cell in cells]
        if any(duration for duration, _, _ in named):
            return [(year, cell) for long, year, cell in named if is_as_long(self.name, long)]
        said = durations(head)
        return list(cells) if said and all(is_as_long(self.name, each) for each in said) else []

    def by_fiscal_year(self, cells: Mapping[int, object]) -> int | None:
        """By how many years the newest column's date is later than the fiscal year that it is of:
        it is the one that the filing is for. None where that cannot be."""
        later = max(cells, default=-1) - self.fiscal_year
        return later if later in (-1, 0, 1) else None


def month_end(document: Document) -> str:
    """The month in which the filing's period ends, as its first three letters; "" where that is
    not known."""
    ends = document.period_end
    return f"{date.fromisoformat(ends):%b}".lower() if ends else ""


def asked_part(query: Query, documents: Sequence[Document]) -> tuple[Part, list[Document]] | None:
    """The part of a year that is asked for and the filings that are for it; None where it is no
    part that interim reports state, or there are none."""
    name, years = query.fiscal_period, query.fiscal_years
    if name not in MONTHS or closing(name) not in _INTERIM or not years:
        return None
    own = [
        document
        for document in documents
        if (document.fiscal_year, document.fiscal_period) == (max(years), closing(name))
        and document.period_end
        and not is_annual(document.form)
    ]
    ends = {month_end(document) for document in own}
    return (Part(name, ends.pop(), max(years)), own) if len(ends) == 1 else None
