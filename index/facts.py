"""FACTS: the numbers of a filing as exact, typed values, each with the place it stands at.

A fact is what one cell of a table states: a label, a period, a value, a unit. Inline XBRL filings
tag theirs (concept, context, unit, scale, sign: Inline XBRL 1.1); in other filings the table's own
words give them. `value` is exact and in units: 1,284.5 under "in millions" is 1284500000.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from index.filing import Identity
from index.statements import Statement

Box = tuple[float, float, float, float]

_SLACK = timedelta(days=10)  # 52/53-week years end up to a week from the month's end
_QUARTERS_LEFT = {"Q1": 9, "Q2": 6, "Q3": 3}  # months to the year's end
_DAYS_A_YEAR = 365.25
_DAYS_A_MONTH = _DAYS_A_YEAR / 12


@dataclass(frozen=True)
class Fact:
    """One number. `page` is 1-based; `label` is the row's, as printed ("" in running text), and
    `section` the heading it stands under ("Current liabilities").

    `concept` is a us-gaap element's name, or another taxonomy's with its prefix; `confidence` is 1
    where it was tagged, less where it was told from the label, 0 where there is no concept. `start`
    is None for an instant. `unit` is an ISO 4217 code, "shares", "pure" (a ratio; 4.2% is 0.042) or
    "USD/shares"; `scale` the power of ten it was printed in. `dimensions` ("Axis=Member", sorted)
    name the part it is about; empty for the whole company. `box` is (left, bottom, right, top) in
    points on a PDF's page. `fiscal_year` is the filer's own; `months` the period's length, 0 for an
    instant.
    """

    page: int
    label: str
    value: Decimal
    unit: str
    scale: int
    shown: str
    start: date | None
    end: date
    concept: str | None = None
    confidence: float = 0.0
    statement: Statement | None = None
    section: str = ""
    dimensions: tuple[str, ...] = ()
    box: Box | None = None
    fiscal_year: int | None = None
    months: int = 0


def dated(facts: Iterable[Fact], identity: Identity) -> list[Fact]:
    """The facts with the fiscal year that the filer would name for them, and their months."""
    return [
        replace(
            fact,
            fiscal_year=fiscal_year_at(fact.end, identity),
            months=months_between(fact.start, fact.end),
        )
        for fact in facts
    ]


def fiscal_year_at(day: date, identity: Identity) -> int | None:
    """The fiscal year that `day` lies in, as this filer counts; None where that is not known."""
    year_end = fiscal_year_end(identity)
    if identity.fiscal_year is None or year_end is None:
        return None
    return identity.fiscal_year - int((year_end + _SLACK - day).days // _DAYS_A_YEAR)


def fiscal_year_end(identity: Identity) -> date | None:
    """About the day on which the filing's fiscal year ends; None where its period is not known."""
    if identity.period_end is None:
        return None
    left = _QUARTERS_LEFT.get(identity.fiscal_period or "FY", 0)
    return identity.period_end + timedelta(days=round(left * _DAYS_A_MONTH))


def months_between(start: date | None, end: date) -> int:
    """The whole months of a period, 0 for an instant: 13 weeks are 3, 52 or 53 weeks 12."""
    return 0 if start is None else max(1, round(((end - start).days + 1) / _DAYS_A_MONTH))


def amount_of(shown: str) -> Decimal | None:
    """The number printed: "(1,234)" is -1234, "—" is 0, "4.2%" is 0.042; None for anything else."""
    text = shown.strip().replace(" ", "").replace("\u2212", "-")
    for mark in "$€£¥":
        text = text.replace(mark, "")
    if re.fullmatch(r"[—–-]+%?", text):
        return Decimal(0)
    percent = text.endswith(("%", "%)"))
    negative = text.startswith(("(", "-"))
    digits = text.strip("()-%").replace(",", "")
    if not re.fullmatch(r"\d+(?:\.\d*)?|\.\d+", digits):
        return None
    value = Decimal(digits) / (100 if percent else 1)
    return -value if negative else value
