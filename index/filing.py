"""The data that a filing becomes: pages of text, and who filed what for which period."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from index.facts import Fact
    from index.scans import Scan

Kind = Literal["pdf", "html", "text"]


@dataclass(frozen=True)
class Page:
    """One page. `number` is 1-based, as printed citations count: the PDF's n-th sheet, the HTML's
    n-th stretch between page breaks. `text` holds one line per printed line or table row."""

    number: int
    text: str


@dataclass(frozen=True)
class Identity:
    """Who filed what for which period, read from the document itself; None where it does not say.

    `form` is the SEC form type ("10-K", "10-Q", "8-K") or "earnings"/"other"; `fiscal_period` is
    "FY", "Q1" … "Q4"; `fiscal_year` follows the filer's own naming (DocumentFiscalYearFocus);
    `aliases` are other names that it gives the company (`index.aliases`). `guessed` names the
    fields that only the file's name tells.
    """

    company: str | None = None
    form: str | None = None
    fiscal_year: int | None = None
    fiscal_period: str | None = None
    period_end: date | None = None
    cik: str | None = None
    ticker: str | None = None
    aliases: tuple[str, ...] = ()
    guessed: tuple[str, ...] = field(default=(), compare=False)


@dataclass(frozen=True)
class Correction:
    """What a person knows better than the document was read; None leaves a field as read."""

    company: str | None = None
    form: str | None = None
    fiscal_year: int | None = None
    fiscal_period: str | None = None
    period_end: date | None = None
    ticker: str | None = None
    cik: str | None = None

    def of(self, identity: Identity) -> Identity:
        """`identity`, corrected."""
        given = self.given()
        guessed = tuple(name for name in identity.guessed if name not in given)
        return replace(identity, **given, guessed=guessed)

    def given(self) -> dict[str, Any]:
        """The fields that are given."""
        return {name: value for name, value in asdict(self).items() if value is not None}


class Carried(NamedTuple):
    """What a page lacks whose first rows go on with the table of the page before: that table's
    `heads` (title, units, columns). The rows begin `below` so many lines of the page."""

    heads: tuple[str, ...]
    below: int


class Origin(NamedTuple):
    """The file that a copy was taken from: its name without its ending, and its place."""

    name: str
    path: Path


@dataclass(frozen=True)
class Filing:
    """A filing as read. `problems` are one-line remarks that do not stop it ("pages 3-5 are
    images without text"). `name` is the file's name without its ending. `facts` are the numbers
    its tables state; `scans` what OCR read and `carried` what a table lacks, by page."""

    path: Path
    name: str
    kind: Kind
    sha256: str
    pages: tuple[Page, ...]
    identity: Identity
    problems: tuple[str, ...] = field(default=())
    facts: tuple[Fact, ...] = field(default=())
    scans: Mapping[int, Scan] = field(default_factory=dict)
    carried: Mapping[int, Carried] = field(default_factory=dict)
