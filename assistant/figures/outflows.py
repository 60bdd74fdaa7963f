"""ROWS OF PAYMENTS -> AMOUNTS: statements of cash flows print what was paid in brackets, who asks
what was paid means the amount."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal

from index.fact_rows import StoredFact

_PAID = re.compile(
    r"^(?:(?:cash|tax|income tax|interest|principal|pension) )?"
    r"(?:payments?|purchases?|repurchases?|repayments?|prepayments?"
    r"|acquisitions?(?!-)|redemptions?|retirements? of|distributions? (?:paid|to)\b"
    r"|contributions? to\b|contributions?$|investments? in|expenditures?|capital (?:expenditures?"
    r"|spending|additions?)|additions? to (?:property|plant|equipment|premises)|cash dividends)\b"
    r"|(?<!-)\b(?:paid|repurchased|repaid)\b(?!-)",
    re.I,
)
# A row of what came in as well, whose sign says which was more.
_RECEIVED = re.compile(
    r"\bproceeds\b|\breceived\b|\breceipts?\b|\brefunds?\)|\bsales?\b|\bdispos|\bdivest|\bchanges?\b"
    r"|\bincreas|\bdecreas|\bissu(?:ed|ances?)\b(?! costs?)|\b(?:or|and) borrowings?\b"
    r"|\bnet\b(?! of\b| share)",
    re.I,
)


def are_paid(label: str, amounts: Iterable[Decimal]) -> bool:
    """Whether a row of this label, which prints these amounts, states payments below zero: all of
    them, for in a year in which more came in than went out the sign would be another."""
    below = [amount for amount in amounts if amount]
    return says_paid(label) and bool(below) and all(amount < 0 for amount in below)


def says_paid(label: str) -> bool:
    """Whether a row's label is that of payments alone."""
    return bool(_PAID.search(label) and not _RECEIVED.search(label))


def with_payments(rows: Sequence[StoredFact]) -> list[StoredFact]:
    """A filing's rows, where what its statement of cash flows prints as paid is above zero."""
    amounts: dict[str, list[Decimal]] = defaultdict(list)
    for row in rows:
        if row.fact.statement == "cash_flow":
            amounts[row.fact.label].append(row.fact.value)
    paid = {label for label, values in amounts.items() if are_paid(label, values)}
    return [
        replace(row, fact=replace(row.fact, value=-row.fact.value))
        if row.fact.statement == "cash_flow" and row.fact.label in paid
        else row
        for row in rows
    ]
