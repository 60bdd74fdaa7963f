"""A ROW'S PRINTED AMOUNT -> THE AMOUNT THAT ITS NAME STANDS FOR.

Under the name of a gain what raised profit is positive, under that of a cost or a payment what
lowered it, however a statement prints them: gains stand in brackets among costs, costs among gains.
Under a name for both ways ("Other expense/(income)"), or for none, an amount is as printed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Literal

from assistant.figures.outflows import says_paid
from index.concepts import in_sign
from index.facts import Fact

_ROUNDING = 2  # of the last digit printed
_GAIN = re.compile(r"\b(?:gains?|income|earnings|profits?)\b", re.I)
_COST = re.compile(
    r"\b(?:expenses?|costs?|loss(?:es)?|charges?|deductions?|impairments?|paid|payments?"
    r"|repayments?|(?:re)?purchases?)\b",
    re.I,
)
# Of whose names no row is anything else, whatever table it stands in.
ALWAYS_COST = re.compile(
    r"\binterest (?:expenses?|costs?)\b|\b(?:dividends|interest|taxes) paid\b|\bpayments?\b"
    r"|\brepayments?\b|\b(?:re)?purchases? of\b|\bcosts? of (?:goods|sales|revenues?)\b",
    re.I,
)
_BOTH_WAYS = re.compile(
    r"\(\s*(?:income|gains?|earnings|profits?|benefits?|expenses?|loss(?:es)?|costs?|charges?"
    r"|deductions?|provision|(?:re)?payments?|purchases?|borrowings?|proceeds|refunds?|used"
    r"|provided)\b|\b(?:proceeds|receipts|refunds?|net borrowings?)\b",
    re.I,
)
# Results are below zero for a loss; of changes and effects no name tells which way they go.
_AS_PRINTED = re.compile(
    r"\b(?:net|operating|gross|comprehensive|taxable) (?:income|earnings|profits?|loss(?:es)?)\b"
    r"|\b(?:before|after|per)\b.*\b(?:tax(?:es)?|shares?|unit)$"
    r"|\bper (?:common |basic |diluted )?share\b|\b(?:income|earnings|profits?) (?:before|from"
    r" (?:continuing )?operations)\b|\b(?:changes?|increase|decrease|effects?|adjustments?"
    r"|reclassif\w+|retained|accumulated|amortization)\b",
    re.I,
)
_BENEFIT = re.compile(r"\b(?:tax benefit|benefit from|recover(?:y|ies)|reversals?)\b", re.I)
_INCOME_TAX = re.compile(r"\bincome[- ]tax\w*|\btax(?:es)? on (?:income|earnings)\b", re.I)
_BELOW = re.compile(r"[^\d]*[(−–-]")
_OTHERS_SHARE = "NetIncomeLossAttributableToNoncontrollingInterest"
_RESULTS = (
    "Revenues",
    "GrossProfit",
    "OperatingIncomeLoss",
    "IncomeLossFromContinuing",
    "ProfitLoss",
    "NetIncomeLoss",
)
_COSTS = ("RestructuringCharges", "IncomeTaxExpenseBenefit")  # below zero for a gain
_COST_TOTALS = ("CostsAndExpenses", "OperatingExpenses")

_Way = Literal["subtracted", "added"]


def as_named(fact: Fact, beside: Sequence[Fact], text: str) -> Decimal | None:
    """What a statement's row states under its name, None where that is open to doubt. `beside` are
    the facts of its statement in their order, `text` the page."""
    is_flow = fact.statement != "balance" and fact.unit not in ("pure", "shares")
    if not is_flow or not fact.value or _is_cost(fact):
        return fact.value
    if fact.statement == "cash_flow" and fact.value > 0 and says_paid(fact.label):
        return fact.value  # printed in brackets and turned (`outflows`)
    if fact.concept == _OTHERS_SHARE and not _BOTH_WAYS.search(fact.label):
        return -fact.value if _COST.search(fact.label) else fact.value
    printed = _printed(fact, text)
    kind = kind_named(fact.label)
    if printed is None or kind is None:
        return printed
    if kind == "gain" and fact.statement == "cash_flow":
        # An adjustment there: profit holds it, cash does not. Added back it may be a loss.
        return -printed if printed < 0 else None
    way = _way(fact, beside, text) if fact.statement == "income" else None
    if way:
        return -printed if (way == "subtracted") == (kind == "gain") else printed
    if printed > 0:
        return printed
    if kind == "cost":
        # With the other sign in another year it goes both ways.
        same = (_printed(each, text) or printed for each in beside if each.label == fact.label)
        always = ALWAYS_COST.search(fact.label) and all(value < 0 for value in same)
        return -printed if always else printed
    return None


def kind_named(label: str) -> Literal["gain", "cost"] | None:
    """Which way a name says that money went; None where it says both or neither."""
    if _BOTH_WAYS.search(label) or _AS_PRINTED.search(_INCOME_TAX.sub("taxes", label)):
        return None
    plain = _INCOME_TAX.sub("taxes", label)
    gain, cost = _GAIN.search(plain), _COST.search(plain)
    if bool(gain) == bool(cost):
        return None
    return "gain" if gain else "cost"


def _is_cost(fact: Fact) -> bool:
    """Whether it is by its concept a cost or a payment, which is a positive number there, and its
    name says nothing else."""
    concept = fact.concept or ""
    always = in_sign(concept, Decimal(-1)) == in_sign(concept, Decimal(1))
    other = _BOTH_WAYS.search(fact.label) or _BENEFIT.search(fact.label)
    return (always or concept in _COSTS) and not other


def _printed(fact: Fact, text: str) -> Decimal | None:
    """The amount with the sign that it is printed with; None where the page leaves that open. What
    is tagged says it on the page only."""
    below = _BELOW.match(fact.shown) is not None
    if fact.confidence == 1 and not below:
        digits = re.sub(r"[^\d.,]", "", fact.shown)
        cell = re.compile(rf"([(−–-]?\s*[$€£]?\s*)(?<![\d.,]){re.escape(digits)}(?![\d.,]\d)")
        rows = [line for line in text.splitlines() if fact.label and fact.label in line]
        signs = {
            bool(re.match(r"[(−–-]", found[1])) for row in rows for found in cell.finditer(row)
        }
        if len(signs) != 1:
            return None
        below = signs.pop()
    return -abs(fact.value) if below else abs(fact.value)


def _way(fact: Fact, beside: Sequence[Fact], text: str) -> _Way | None:
    """Whether an income statement subtracts its rows about this one or adds them up, as its own
    sums tell."""
    place = (fact.page, fact.start, fact.end, fact.unit)
    column = [each for each in beside if (each.page, each.start, each.end, each.unit) == place]
    values = [_printed(each, text) or Decimal(0) for each in column]
    slack = Decimal(_ROUNDING).scaleb(fact.scale)
    if abs(fact.value) <= 2 * slack:
        return None  # sums hold with either sign
    at = next(n for n, each in enumerate(column) if each == fact)
    for end in range(at + 1, len(column)):
        if _is_cost_total(column[end]) and any(
            abs(sum(values[start:end]) - values[end]) <= slack for start in range(at)
        ):
            return "subtracted"
        if not (column[end].concept or "").startswith(_RESULTS):
            continue
        for start in range(at):
            between = sum(values[start + 1 : end], Decimal(0))
            if not (column[start].concept or "").startswith(_RESULTS) or abs(between) <= slack:
                continue
            if abs(values[start] - between - values[end]) <= slack:
                return "subtracted"
            if abs(values[start] + between - values[end]) <= slack:
                return "added"
    return None


def _is_cost_total(fact: Fact) -> bool:
    named = fact.label.lower().startswith("total") and kind_named(fact.label) == "cost"
    return fact.concept in _COST_TOTALS or named
