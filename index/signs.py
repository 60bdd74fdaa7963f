"""PRINTED AMOUNTS -> THE TAXONOMY'S SIGNS, where the label alone does not tell them.

Some statements print costs as positive numbers, others in brackets; a line may be named after
either side ("Other (income) expense"). What a filing's own sums say decides, then its labels.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
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
_EQUITY_METHOD = "IncomeLossFromEquityMethodInvestments"
_DISCONTINUED = "IncomeLossFromDiscontinuedOperationsNetOfTax"
_RESULTS = frozenset(
    """OperatingIncomeLoss IncomeLossFromContinuingOperations ProfitLoss NetIncomeLoss
    NetIncomeLossAvailableToCommonStockholdersBasic EarningsPerShareBasic EarningsPerShareDiluted
    EarningsPerShareBasicAndDiluted RetainedEarningsAccumulatedDeficit""".split()
) | {_BEFORE_TAX}
_GAIN = r"(?:income|gains?|earnings|profits?)"
_GAINS = r"\b(?:gains?|recover\w*|revers\w*|credits?|benefits?|income|net)\b"
_LOSS_ALONE = r"(?:loss(?:es)?|deficits?)"
_LOSS = r"(?:expenses?|deductions?|loss(?:es)?|charges?|costs?)"
_BRACKETED_GAIN = re.compile(rf"\(\s*{_GAIN}\s*\)", re.I)
_BRACKETED_LOSS = re.compile(rf"\(\s*{_LOSS}\s*\)", re.I)


class Printed(NamedTuple):
    """A row as printed: its concept, label and amounts."""

    concept: str | None
    label: str
    amounts: Sequence[Decimal]


def turned(rows: Sequence[Printed]) -> list[bool]:
    """For each row of a statement whether its amounts have the other sign in the taxonomy: there
    restructuring is a cost, so that a gain is negative; other income is positive, a loss is not."""
    costs = [amount for row in rows if row.concept in _COSTS for amount in row.amounts]
    in_brackets = sum(amount < 0 for amount in costs) > len(costs) / 2
    return [_is_turned(row, in_brackets) for row in rows]


def _is_turned(row: Printed, costs_in_brackets: bool) -> bool:
    below = [amount < 0 for amount in row.amounts]
    if row.concept in _RESULTS:
        return _is_only(_LOSS_ALONE, row.label) and not any(below)
    if row.concept == _RESTRUCTURING:
        subtracted = all(below) and not re.search(_GAINS, row.label, re.I)
        return costs_in_brackets or subtracted
    if row.concept == _INTEREST:
        return _BRACKETED_GAIN.search(row.label) is not None
    if row.concept == _OTHER:
        if _BRACKETED_GAIN.search(row.label):
            return True
        # An expense in brackets is subtracted as it stands there.
        return _is_only(_LOSS, row.label) and sum(below) < len(below) / 2
    return False


def _is_only(loss: str, label: str) -> bool:
    """Whether a label names a loss, and nothing that is earned."""
    text = re.sub(r"\bincome tax\w*", " ", label, flags=re.I)
    return re.search(rf"\b{loss}\b", text, re.I) is not None and not (
        _BRACKETED_LOSS.search(text) or re.search(rf"\b{_GAIN}\b", text, re.I)
    )


def settled(facts: Sequence[Fact]) -> list[Fact]:
    """Income taxes and what others hold as what is subtracted, net interest and other income as
    income: some statements subtract what they print, some add it up. Of each row on a page that
    sign is taken with which the amounts around it add up, all but for less than the row itself."""
    for concept, sums in _SUMS:
        columns: dict[tuple[object, ...], list[Fact]] = {}
        for fact in facts:
            if fact.statement == "income" and fact.concept and not fact.dimensions:
                columns.setdefault((fact.page, fact.start, fact.end), []).append(fact)
        wrong = _wrong(concept, columns.values(), sums)
        facts = [
            replace(fact, value=-fact.value)
            if fact.concept == concept and (fact.page, fact.label) in wrong
            else fact
            for fact in facts
        ]
    return list(facts)


_Column = Sequence[Fact]
_Sums = Callable[[_Column, Decimal], Sequence[Decimal]]


def _wrong(concept: str, columns: Iterable[_Column], sums: _Sums) -> set[tuple[int, str]]:
    """The rows of `concept`, as (page, label), that fit better with the other sign, all columns
    together."""
    better: dict[tuple[int, str], Decimal] = {}
    for column in columns:
        row = next((fact for fact in column if fact.concept == concept), None)
        if row is None:
            continue
        amount = abs(row.value)
        as_is, turned_over = (
            min((abs(missed) for missed in sums(column, value)), default=None)
            for value in (row.value, -row.value)
        )
        if as_is is None or turned_over is None or min(as_is, turned_over) >= amount:
            continue  # lines that are not known weigh more than this one: nothing tells its sign
        place = (row.page, row.label)
        better[place] = better.get(place, Decimal(0)) + as_is - turned_over
    return {place for place, gain in better.items() if gain > 0}


def _first(column: _Column, *concepts: str) -> Decimal | None:
    """The value of the first row of the first of `concepts` that there is."""
    for concept in concepts:
        for fact in column:
            if fact.concept == concept:
                return fact.value
    return None


def _of_tax(column: _Column, tax: Decimal) -> list[Decimal]:
    before, after = _first(column, _BEFORE_TAX), _first(column, *_AFTER_TAX)
    if before is None or after is None:
        return []
    continuing = _first(column, _AFTER_TAX[0]) is not None
    ended = Decimal(0) if continuing else _first(column, _DISCONTINUED) or Decimal(0)
    missed = before - tax + ended - after
    # What others earned for the company stands above the tax or below it.
    return [missed, missed + (_first(column, _EQUITY_METHOD) or Decimal(0))]


def _of_others_share(column: _Column, share: Decimal) -> list[Decimal]:
    whole = _first(column, "ProfitLoss", "NetIncomeLoss")
    own = _first(column[::-1], "NetIncomeLoss", "NetIncomeLossAvailableToCommonStockholdersBasic")
    return [] if whole is None or own is None else [whole - share - own]


def _of_interest(column: _Column, interest: Decimal) -> list[Decimal]:
    other = _first(column, _OTHER) or Decimal(0)
    return _below_operations(column, interest + other, interest)


def _of_other(column: _Column, other: Decimal) -> list[Decimal]:
    paid, earned = _first(column, "InterestExpense"), _first(column, "InvestmentIncomeInterest")
    net = _first(column, _INTEREST)
    if net is None:
        net = (earned or Decimal(0)) - (paid or Decimal(0))
    # The other line may be the total of what stands below operations, interest included.
    return _below_operations(column, net + other, other)


def _below_operations(column: _Column, *added: Decimal) -> list[Decimal]:
    """What is missed between operating and pre-tax income where so much is added."""
    operating, before = _first(column, _OPERATING), _first(column, _BEFORE_TAX)
    if operating is None or before is None:
        return []
    return [operating + each - before for each in added]


# In this order: other income is told by interest that has its sign.
_SUMS: tuple[tuple[str, _Sums], ...] = (
    (_TAX, _of_tax),
    (_OTHERS_SHARE, _of_others_share),
    (_INTEREST, _of_interest),
    (_OTHER, _of_other),
)
