"""Puts a 10-K together: cover, contents, then the parts in the order of the form."""

from __future__ import annotations

from collections.abc import Sequence

from index.samples.accounts import Accounts
from index.samples.document import (
    Block,
    Cell,
    Document,
    Heading,
    PageBreak,
    Row,
    Table,
)
from index.samples.note_tables import NOTES
from index.samples.pdf import paginate
from index.samples.prose import blocks
from index.samples.report_tables import REPORTS
from index.samples.sheet import Sheet
from index.samples.statements import STATEMENTS

FOOTER = (
    "Fictional sample filing made for Tenq \N{EN DASH} not a real company, not filed with the SEC"
)
YEARS = (2023, 2024)
TABLES = STATEMENTS | NOTES | REPORTS
PARTS = (
    "business",
    "risks",
    "properties",
    "market",
    "discussion",
    "statements",
    "notes",
    "controls",
    "exhibits",
)


def tenk(books: Accounts, year: int) -> Document:
    """The annual report of one fiscal year."""
    sheet = Sheet(books, year)
    body = [block for part in PARTS for block in [PageBreak(), *blocks(part, sheet, TABLES)]]
    cover = [*blocks("cover", sheet, TABLES), PageBreak()]
    empty = paginate([*cover, *_contents(body, [])])
    pages = paginate(body)
    shift = len(empty)
    numbers = [number for number, page in enumerate(pages, shift + 1) for _ in _items(page)]
    front = paginate([*cover, *_contents(body, numbers)])
    company = books.company
    return Document(
        company=company,
        year=year,
        name=f"{company.stem}_{year}_10K",
        footer=FOOTER,
        pages=tuple(tuple(page) for page in [*front, *pages]),
    )


def _items(page: Sequence[Block]) -> list[Heading]:
    return [block for block in page if isinstance(block, Heading) and block.level == 1]


def _contents(body: Sequence[Block], numbers: Sequence[int]) -> list[Block]:
    """The table of contents; without numbers it has the same height."""
    items = _items(body)
    shown = numbers or [0] * len(items)
    rows = [Row(item.text, (Cell(str(number)),)) for item, number in zip(items, shown, strict=True)]
    return [
        Heading(2, "TABLE OF CONTENTS"),
        Table("contents", ("Page",), tuple(rows)),
    ]
