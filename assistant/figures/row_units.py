"""PRINTED ROW -> what its amounts are in, as far as its table says, and amounts so told."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from assistant.answer import Passage
from assistant.figures.passage_rows import PrintedRow
from assistant.figures.say import SCALE_NAMES
from assistant.numbers import Number
from index.table_units import POWERS, units_of

_CURRENCIES = {"$": "USD", "€": "EUR", "£": "GBP"}
# Rows that a table's scale does not hold for, and rows of which it is not known.
_A_SHARE = re.compile(r"\bper\b(?! ?cent)|\bprices?\b", re.I)
_SHARES = re.compile(r"\bshares\b", re.I)
_NO_MONEY = re.compile(
    r"\b(?:number|shares|employees|headcount|ratios?|rates?$|yields?$|volatility|margins?$|terms?$"
    r"|life|lives|years|months|weeks|days|hours|units|rights|options|warrants|awards|stores"
    r"|restaurants|locations|customers|subscribers|connections|members|tons?|tonnes|barrels|ounces"
    r"|feet|acres|miles|rooms|vessels)\b|\bto (?:equity|capital|assets|sales)$|\(\W?000s?\W?\)",
    re.I,
)
_IN_BRACKETS = re.compile(
    r"\([^()]{0,80}\b(thousand|million|billion)s\b[^()]{0,80}\)"
    r"|\bin (thousand|million|billion)s:?$",
    re.I | re.M,
)
CENTS = re.compile(r"\d\.\d\d\)?$")
_IN_PERCENT = -2  # the power of ten of tagged percentages
_PERCENT = re.compile(r"(?<![\d.])\s*%|\bpercent(?:age)?\b", re.I)
_OTHER_DOLLARS = re.compile(
    r"\b(?!US\$)[A-Z]{1,3}\$"
    r"|\b(?:Canadian|Australian|Hong Kong|Singapore|New Zealand|Taiwan)\b.{0,12}\bdollars",
    re.I,
)


@dataclass(frozen=True)
class Unit:
    """`scale` is a power of ten, None where it is not known; `symbol` a currency's or none."""

    scale: int | None
    symbol: str
    percent: bool

    def shown(self, value: Decimal) -> str:
        """An amount in this unit, in words."""
        if self.percent:
            return f"{value:,f}%"
        sign = "-" if value < 0 else ""
        scale = SCALE_NAMES[self.scale] if self.scale is not None else " (as printed)"
        return f"{sign}{self.symbol}{abs(value):,f}{scale}"

    def whole(self, value: Decimal) -> Decimal | None:
        """In ones; None where that is not known."""
        return None if self.scale is None else value.scaleb(self.scale)


def unit_of_row(row: PrintedRow) -> Unit:
    """What the row's amounts are in, as far as the table says."""
    shown = [cell for value, cell in row.cells.values() if value]
    own = next((mark for cell in shown for mark in _CURRENCIES if mark in cell), "")
    percent = any("%" in cell for cell in shown) or (not own and _PERCENT.search(row.label))
    if percent or row.scale == _IN_PERCENT:
        return Unit(0, "", True)
    above = f"{row.section} {row.head}"
    said = _scale_in_brackets(row.label) or _scale_in_brackets(above)
    in_cents = all(map(CENTS.search, shown))
    if _A_SHARE.search(f"{above} {row.label}"):
        # Shares that earnings per share were computed with are no amounts per share.
        of_shares = _SHARES.search(row.label) or not _A_SHARE.search(row.label)
        return Unit(said if of_shares and not own and not in_cents else 0, own, False)
    cents = in_cents and not all(map(CENTS.search, row.table.split("\n")))
    in_percent = not own and any(map(_PERCENT.search, (above, *row.about)))
    counted = any(map(_NO_MONEY.search, (row.label, row.section, row.head)))
    if cents or in_percent or (not own and counted):
        return Unit(said, own, False)
    lent = next((m for m in _CURRENCIES if re.search(rf"{re.escape(m)}\s?[\d(]", row.table)), "")
    scale = said or row.scale or units_of(row.about).scale or _scale_in_brackets(row.passage.text)
    return Unit(scale, own or lent, False)


def what_is_told(label: str) -> Literal["money", "per share", "unknown"]:
    """What a row of this label states: money in its table's scale, an amount per share, or what
    that scale may not hold for."""
    if _A_SHARE.search(label):
        return "unknown" if _SHARES.search(label) else "per share"
    return "unknown" if _NO_MONEY.search(label) or _PERCENT.search(label) else "money"


def in_unit(limit: Number, unit: Unit) -> Decimal | None:
    """A limit as the row's amounts are written; None where its scale leaves that open."""
    if limit.percent or unit.percent:
        return limit.value if limit.percent and unit.percent else None
    if unit.scale is None or (not limit.scale and unit.scale):
        return limit.value if not limit.scale and unit.scale is None else None
    return limit.scaled.scaleb(-unit.scale)


def _scale_in_brackets(text: str) -> int | None:
    """What a text says that its amounts are in, "(in thousands)", where it says one scale only."""
    said = {(one or two).lower() for one, two in _IN_BRACKETS.findall(text)}
    return POWERS[said.pop()] if len(said) == 1 else None


def unit_name(unit: Unit, passage: Passage) -> str | None:
    """ "USD", "%"; None where it is not known."""
    if unit.percent:
        return "%"
    if unit.symbol == "$" and _OTHER_DOLLARS.search(passage.text):
        return None
    return _CURRENCIES.get(unit.symbol)
