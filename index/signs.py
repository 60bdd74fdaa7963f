"""PRINTED AMOUNTS -> THE TAXONOMY'S SIGNS, where the label alone does not tell them.

Some statements print costs as positive numbers, others in brackets; a line may be named after
either side ("Other (income) expense"). What a filing's own sums say decides, then its labels.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple

from index.facts import Fact

_COSTS = frozenset(
    """CostOfRevenue SellingGeneralAndAdministrativeExpense ResearchAndDevelopmentExpense
    SellingAndMarketingExpense GeneralAndAdministrativeExpense DepreciationAndAmortization
    OperatingExpenses CostsAndExpenses""".split()
)
_RESTRUCTURING, _OTHER = "RestructuringCharges", "OtherNonoperatingIncomeExpense"
_OPERATING, _INTEREST = "OperatingIncomeLoss", "InterestIncomeExpenseNet"
_BEFORE_TAX = (
    "IncomeLossFromContinuingOperationsBeforeIncomeTaxesExtraordinaryItemsNoncontrollingInterest"
)
_TAX = "IncomeTaxExpenseBenefit"
_AFTER_TAX = ("IncomeLossFromContinuingOperations", "ProfitLoss", "NetIncomeLoss")
_OTHERS_SHARE = "NetIncomeLossAttributableToNoncontrollingInterest"
_GAIN = r"(?:income|gains?|earnings)"
_LOSS = r"(?:expenses?|deductions?|loss(?:es)?|charges?|costs?)"
_BRACKETED_GAIN = re.compile(rf"\(\s*{_GAIN}\s*\)", re.I)
_BRACKETED_LOSS = re.compile(rf"\(\s*{_LOSS}\s*\)", re.I)


class Printed(NamedTuple):
    """A row as printed: its concept, label and amounts."""

    concept: str | None
    label: str
    amounts: Sequence[Decimal]


def turned(rows: Sequence[Printed]) -> list[bool]:
    """For each row of an income statement whether its amounts have the other sign in the taxonomy:
    there restructuring is a cost, so that a gain is negative; other income is positive."""
    costs = [amount for row in rows if row.concept in _COSTS for amount in row.amounts]
    in_brackets = sum(amount < 0 for amount in costs) > len(costs) / 2
    return [_is_turned(row, in_brackets) for row in rows]


def _is_turned(row: Printed, costs_in_brackets: bool) -> bool:
    if row.concept == _RESTRUCTURING:
        return costs_in_brackets
    if row.concept == _OTHER:
        if _BRACKETED_GAIN.search(row.label):
            return True
        only_loss = re.search(rf"\b{_LOSS}\b", row.label, re.I) and not (
            _BRACKETED_LOSS.search(row.label) or re.search(rf"\b{_GAIN}\b", row.label, re.I)
        )
        # An expense in brackets is subtracted as it stands there.
        return bool(only_loss) and sum(a < 0 for a in row.amounts) <= len(row.amounts) / 2
    return False


def settled(facts: Sequence[Fact]) -> list[Fact]:
    """Income taxes and what others hold as what is subtracted, net interest as income: some
    statements subtract what they print, some add it up. On each page that sign is taken by which
    the amounts around it add up to less of a miss."""
    columns: dict[tuple[object, ...], list[Fact]] = {}
    for fact in facts:
        if fact.statement == "income" and fact.concept and not fact.dimensions:
            columns.setdefault((fact.page, fact.start, fact.end), []).append(fact)
    wrong = {concept: _pages(columns, sums) for concept, sums in _SUMS.items()}
    return [
        replace(fact, value=-fact.value)
        if fact.statement == "income" and fact.page in wrong.get(fact.concept or "", ())
        else fact
        for fact in facts
    ]


_Column = Sequence[Fact]
_Sums = Callable[[_Column], Decimal | None]


def _pages(columns: Mapping[tuple[object, ...], _Column], sums: _Sums) -> set[object]:
    """The pages where the other sign fits better, all columns together."""
    misses: dict[object, Decimal] = {}
    for (page, _, _), column in columns.items():
        worse = sums(column)
        if worse is not None:
            misses[page] = misses.get(page, Decimal(0)) + worse
    return {page for page, worse in misses.items() if worse < 0}


def _first(column: _Column, *concepts: str) -> Decimal | None:
    """The value of the first row of the first of `concepts` that there is."""
    for concept in concepts:
        for fact in column:
            if fact.concept == concept:
                return fact.value
    return None


def _of_tax(column: _Column) -> Decimal | None:
    before, tax, after = (
        _first(column, _BEFORE_TAX),
        _first(column, _TAX),
        _first(column, *_AFTER_TAX),
    )
    if before is None or tax is None or after is None:
        return None
    return abs(before + tax - after) - abs(before - tax - after)


def _of_others_share(column: _Column) -> Decimal | None:
    share = _first(column, _OTHERS_SHARE)
    whole = _first(column, "ProfitLoss", "NetIncomeLoss")
    own = _first(column[::-1], "NetIncomeLoss", "NetIncomeLossAvailableToCommonStockholdersBasic")
    if share is None or whole is None or own is None:
        return None
    return abs(whole + share - own) - abs(whole - share - own)


def _of_interest(column: _Column) -> Decimal | None:
    operating, interest = _first(column, _OPERATING), _first(column, _INTEREST)
    before = _first(column, _BEFORE_TAX)
    if operating is None or interest is None or before is None:
        return None
    return abs(operating - interest - before) - abs(operating + interest - before)


_SUMS: dict[str, _Sums] = {_TAX: _of_tax, _OTHERS_SHARE: _of_others_share, _INTEREST: _of_interest}
