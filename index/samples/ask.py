"""What a question on the filings consists of, and short ways to write one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

Type = Literal["lookup", "calculation", "comparison", "narrative", "unanswerable"]


@dataclass(frozen=True)
class Input:
    """A number that a question needs: in the filing of `filed` (a fiscal year), and preferably in
    the table `table`; without a table every page that prints it counts."""

    company: str
    key: str
    year: int
    filed: int
    table: str = ""


@dataclass(frozen=True)
class Ask:
    """A question. `unit` "as printed" takes that of the first input; `words` fills the answer's
    sentence with the formatted value as {value}; `stated` is the same number
    where the filing gives it outright; `places` name paragraphs."""

    type: Type
    question: str
    inputs: tuple[Input, ...] = ()
    formula: Callable[..., Decimal] | None = None
    unit: str = "as printed"
    words: str = "{value}"
    stated: Input | None = None
    company: str = ""
    year: int | None = None
    places: tuple[str, ...] = ()
    points: tuple[str, ...] = ()


def lookup(question: str, company: str, key: str, year: int) -> Ask:
    """A number as printed in the filing of its own year."""
    return Ask("lookup", question, (Input(company, key, year, year),))


def narrative(question: str, company: str, year: int, place: str, *points: str) -> Ask:
    """A question for words."""
    return Ask("narrative", question, company=company, year=year, places=(place,), points=points)


def unanswerable(question: str, company: str = "", year: int | None = None) -> Ask:
    """A question that the filings do not answer."""
    return Ask("unanswerable", question, company=company, year=year)


def income(company: str, key: str, year: int, filed: int) -> Input:
    """A line of the income statement."""
    return Input(company, key, year, filed, "income_statement")


def balance(company: str, key: str, year: int, filed: int) -> Input:
    """A line of the balance sheet."""
    return Input(company, key, year, filed, "balance_sheet")


def flow(company: str, key: str, year: int, filed: int) -> Input:
    """A line of the cash flow statement."""
    return Input(company, key, year, filed, "cash_flow")


def percent(part: Decimal, whole: Decimal) -> Decimal:
    """`part` as a percentage of `whole`."""
    return 100 * part / whole


def growth(now: Decimal, before: Decimal) -> Decimal:
    """Change in percent of the earlier value."""
    return 100 * (now - before) / before
