"""A 10-K as format-neutral blocks: headings, paragraphs, tables. `pdf` and `ixbrl` print them.

Text may hold two marks: `**bold**` and `[dei:Name](text)`, a cover fact for the iXBRL form.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal

from index.samples.company import Company, Kind

NIL = "\N{EM DASH}"
TAGGED = re.compile(r"\[(dei:\w+)\]\(([^)]*)\)")
BOLD = re.compile(r"\*\*(.+?)\*\*")

RowStyle = Literal["line", "total", "grand", "head"]
TextStyle = Literal["body", "bullet", "center", "title", "small"]
Unit = Literal["usd", "shares", "usdPerShare", "pure"]
Source = tuple[str, int]


@dataclass(frozen=True)
class Fact:
    """What an iXBRL tag says of a printed number. `number` counts units of 10**`scale`; `start`
    is None for an amount at a moment."""

    concept: str
    number: Decimal
    scale: int
    decimals: int
    unit: Unit
    start: date | None
    end: date
    members: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Cell:
    """A printed number: its digits (or a dash, or nothing) and the signs around them. `source`
    is where it stands in the accounts."""

    text: str = ""
    dollar: bool = False
    negative: bool = False
    percent: bool = False
    fact: Fact | None = None
    source: Source | None = None

    @property
    def printed(self) -> str:
        """As it reads on paper, without the dollar sign."""
        text = f"({self.text})" if self.negative else self.text
        return f"{text}%" if self.percent else text


@dataclass(frozen=True)
class Row:
    """A label and one cell per column."""

    label: str
    cells: tuple[Cell, ...] = ()
    style: RowStyle = "line"
    indent: int = 0


@dataclass(frozen=True)
class Table:
    """A table of numbers. `spanner` stands above the column heads."""

    key: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    units: str = ""
    spanner: str = ""


@dataclass(frozen=True)
class Heading:
    """A heading: level 1 opens an Item, 2 and 3 divide it."""

    level: int
    text: str
    key: str = ""


@dataclass(frozen=True)
class Paragraph:
    """Running text. `sources` are the accounts' numbers that it states, `key` a name to cite."""

    text: str
    style: TextStyle = "body"
    key: str = ""
    sources: frozenset[Source] = field(default=frozenset())


@dataclass(frozen=True)
class PageBreak:
    """The next block starts a page."""


Block = Heading | Paragraph | Table | PageBreak


@dataclass(frozen=True)
class Document:
    """One filing, already divided into pages (page n is `pages[n - 1]`)."""

    company: Company
    year: int
    name: str
    footer: str
    pages: tuple[tuple[Block, ...], ...]

    def pages_of(self, source: Source) -> list[int]:
        """The pages, 1-based, with a table that prints the number (else: text that states it)."""
        tables = [n for n, page in enumerate(self.pages, 1) if source in _printed(page)]
        return tables or [n for n, page in enumerate(self.pages, 1) if source in _stated(page)]

    def find(self, key: str) -> tuple[int, Block]:
        """The page, 1-based, and the table, heading or paragraph named `key`."""
        for number, page in enumerate(self.pages, 1):
            for block in page:
                if not isinstance(block, PageBreak) and block.key == key:
                    return number, block
        raise KeyError(f"{self.name} has nothing named {key}")


def plain(text: str) -> str:
    """Text without marks."""
    return BOLD.sub(r"\1", TAGGED.sub(r"\2", text))


def digits(value: Decimal, kind: Kind, step: Decimal = Decimal(1)) -> str:
    """The printed digits of a value without sign: "1,234", "2.40", a dash for nil money."""
    if kind == "money":
        return f"{abs(value):,.0f}" if value else NIL
    if kind == "per_share":
        return f"{abs(value):,.2f}"
    if kind == "percent":
        return f"{abs(value):,.1f}"
    if kind == "shares":
        return f"{abs(value):,.{max(0, -int(step.as_tuple().exponent))}f}"
    return f"{abs(value):,.0f}"


def _printed(page: tuple[Block, ...]) -> set[Source | None]:
    tables = [block for block in page if isinstance(block, Table)]
    return {cell.source for table in tables for row in table.rows for cell in row.cells}


def _stated(page: tuple[Block, ...]) -> set[Source]:
    return {source for block in page if isinstance(block, Paragraph) for source in block.sources}
