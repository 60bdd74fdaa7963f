"""PRINTED FACTS -> CONCEPTS OF COMPREHENSIVE INCOME, where the statement adds up.

A row is comprehensive income where it is called so and net income, which must be the income
statement's, and other comprehensive income come to it in every column. A parent's own statements,
pro forma tables and amounts before tax do not pass; what does not is left without a concept. Net
income itself stays the income statement's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import groupby

from index.concepts import concept_of, plain_label
from index.facts import Fact

_SURE = 0.95
_WHOLE = "ComprehensiveIncomeNetOfTaxIncludingPortionAttributableToNoncontrollingInterest"
_OWN = "ComprehensiveIncomeNetOfTax"
_SHARE = "ComprehensiveIncomeNetOfTaxAttributableToNoncontrollingInterest"
_OTHER = "OtherComprehensiveIncomeLossNetOfTax"
_OTHER_OWN = f"{_OTHER}PortionAttributableToParent"
_ALL_INCOME = "ProfitLoss"
_NET_INCOME = frozenset(
    {_ALL_INCOME, "NetIncomeLoss", "NetIncomeLossAvailableToCommonStockholdersBasic"}
)
_EARNED = r"comprehensive (?:income|loss|earnings)(?: loss| income)*"
_AFTER_TAX = r"(?:,? (?:net of|after)(?: related)?(?: income)? tax(?:es)?)?"
_OF_ALL = r"(?: (?:including|before allocation to) .*\b(?:non ?controlling|minority)\b.*)?"
_IS_WHOLE = re.compile(rf"(?:total |net |consolidated )*{_EARNED}{_AFTER_TAX}{_OF_ALL}")
_IS_OTHER = re.compile(
    rf"(?:total |net )*other {_EARNED}{_AFTER_TAX}(?:{_OF_ALL}| attributable to .+)"
)
_IS_PART = re.compile(rf"(?:less )?(?:total |net )*{_EARNED} attributable to .+")
_OTHERS = re.compile(r"\bnon ?controlling\b|\bminority\b")
# Rows of other comprehensive income that add up to it after tax are after tax themselves.
_PARTS = (
    (
        "OtherComprehensiveIncomeLossForeignCurrencyTransactionAndTranslationAdjustmentNetOfTax",
        re.compile(r"\bcurrency translation\b(?!.*\b(?:and other|hedg\w+)\b)"),
    ),
    (
        "OtherComprehensiveIncomeLossAvailableForSaleSecuritiesAdjustmentNetOfTax",
        re.compile(r"\bavailable for sale\b(?!.* and other\b)"),
    ),
    (
        "OtherComprehensiveIncomeLossCashFlowHedgeGainLossAfterReclassificationAndTax",
        re.compile(r"\bcash flow hedges?\b(?!.* and other\b)"),
    ),
)
_NO_WHOLE_PART = re.compile(r"\breclass\w*|\btax(?:es)?\b")
_NET_OF_TAX = re.compile(r",? net of(?: related)?(?: income)? tax(?:es)?(?: of.*)?$")

_Column = tuple[date | None, date]
_Values = Mapping[_Column, Decimal]


class _Row:
    """The facts of one row; what it is called, and its amounts by period."""

    def __init__(self, facts: Sequence[Fact]) -> None:
        self.facts = facts
        self.name = plain_label(facts[0].label)
        # As printed: a row of the income statement may have been given the other sign.
        self.printed: _Values = {
            (fact.start, fact.end): -fact.value if _is_turned(fact) else fact.value
            for fact in facts
        }


def with_comprehensive(facts: Sequence[Fact]) -> list[Fact]:
    """The facts with those concepts that their rows turn out to be."""
    income: dict[_Column, dict[Decimal, str]] = {}
    for fact in facts:
        if fact.statement == "income" and fact.concept in _NET_INCOME:
            income.setdefault((fact.start, fact.end), {})[fact.value] = str(fact.concept)
    named: dict[int, Fact] = {}
    for _, page in groupby(facts, key=lambda fact: fact.page):
        rows = list(_rows(page))
        for n, row in enumerate(rows):
            if _IS_WHOLE.fullmatch(row.name):
                named |= _statement(rows, n, income)
    return [named.get(id(fact), fact) for fact in facts]


def _rows(facts: Iterable[Fact]) -> Iterator[_Row]:
    """Facts in the order printed, row by row; amounts of money over time only."""
    row: list[Fact] = []
    for fact in facts:
        if not (fact.unit.isupper() and fact.start):
            continue
        same = bool(row) and (row[0].label, row[0].section) == (fact.label, fact.section)
        if row and (not same or any((f.start, f.end) == (fact.start, fact.end) for f in row)):
            yield _Row(row)
            row = []
        row.append(fact)
    if row:
        yield _Row(row)


def _statement(
    rows: Sequence[_Row], at: int, income: dict[_Column, dict[Decimal, str]]
) -> dict[int, Fact]:
    """By the facts' ids: those around the row of comprehensive income, with their concepts."""
    whole = rows[at]
    for first in range(at - 1, -1, -1):
        net = rows[first]
        own = _own_sign(net, income) if _is_net_income(net) else None
        if own is None:
            continue
        told = _of_whom(rows, at, own, _is_all(net, income))
        for n in range(at - 1, first, -1):
            if not _IS_OTHER.fullmatch(rows[n].name):
                continue
            sign = next((s for s in (1, -1) if _adds_up(net, rows[n].printed, whole, s)), None)
            if sign is not None:
                parts = _parts(_lines(rows[first + 1 : n]), rows[n].printed, sign)
                concept = _OTHER_OWN if " attributable to " in rows[n].name else _OTHER
                return told | _as(rows[n], concept, own * sign) | _named(parts, own)
        between = _lines(rows[first + 1 : at])
        other = _summed(between, whole.printed)
        if between and _adds_up(net, other, whole, 1):
            return told | _named(_parts(between, other, 1), own)
    return {}


def _own_sign(row: _Row, income: dict[_Column, dict[Decimal, str]]) -> int | None:
    """1 where the row states net income as the income statement does, -1 where it prints a loss
    without brackets; None where it states another's."""
    for sign in (1, -1):
        if all(sign * value in income.get(column, {}) for column, value in row.printed.items()):
            return sign
    return None


def _is_all(row: _Row, income: dict[_Column, dict[Decimal, str]]) -> bool:
    """Whether what the row states is net income with what others hold of it."""
    concepts = {
        income[column].get(value, income[column].get(-value))
        for column, value in row.printed.items()
    }
    return _ALL_INCOME in concepts


def _adds_up(net: _Row, other: _Values, whole: _Row, sign: int) -> bool:
    columns = net.printed.keys()
    return columns == other.keys() and _agree(
        {column: net.printed[column] + sign * other[column] for column in columns}, whole.printed
    )


def _agree(added: _Values, stated: _Values) -> bool:
    """Whether a sum is what is stated, but for one of the last digit: rounded amounts miss that."""
    exponents = [int(value.as_tuple().exponent) for value in stated.values()]
    digit = Decimal(1).scaleb(min(exponents))
    return added.keys() == stated.keys() and all(
        abs(added[column] - value) <= digit for column, value in stated.items()
    )


def _summed(rows: Sequence[_Row], columns: Iterable[_Column]) -> dict[_Column, Decimal]:
    return {
        column: sum((row.printed.get(column, Decimal(0)) for row in rows), Decimal(0))
        for column in columns
    }


def _of_whom(rows: Sequence[_Row], at: int, own: int, with_others: bool) -> dict[int, Fact]:
    """The row of comprehensive income as the owners' or everybody's, and who has which part."""
    whole = rows[at]
    below = rows[at + 1 :]
    owners = next(
        (
            n
            for n, r in enumerate(below)
            if _IS_PART.fullmatch(r.name) and not _OTHERS.search(r.name)
        ),
        None,
    )
    if owners is None:
        shared = any(_OTHERS.search(row.name) for row in rows)
        if shared and not with_others:
            return {}
        return _as(whole, _WHOLE if with_others else _OWN, own)
    shares, part = below[:owners], below[owners]
    theirs = _summed(shares, whole.printed)
    signs = [
        sign
        for sign in (1, -1)
        if _agree({c: v + sign * theirs[c] for c, v in whole.printed.items()}, part.printed)
    ]
    if not signs:
        return {}
    found = _as(whole, _WHOLE, own) | _as(part, _OWN, own)
    if len(shares) == 1 and _IS_PART.fullmatch(shares[0].name):
        found |= _as(shares[0], _SHARE, -signs[0] * own)
    return found


def _lines(rows: Sequence[_Row]) -> list[_Row]:
    return [row for row in rows if not (_OTHERS.search(row.name) or _is_net_income(row))]


def _parts(lines: Sequence[_Row], other: _Values, sign: int) -> list[tuple[_Row, str]]:
    """Rows that add up to other comprehensive income, after tax, and are what a concept is of."""
    bare = [_NET_OF_TAX.sub("", row.name) for row in lines]
    whole = {column: sign * value for column, value in other.items()}
    if not _agree(_summed(lines, other), whole) or any(map(_NO_WHOLE_PART.search, bare)):
        return []
    found = []
    for concept, words in _PARTS:
        fitting = [row for row, name in zip(lines, bare, strict=True) if words.search(name)]
        if len(fitting) == 1 and sum(bool(w.search(fitting[0].name)) for _, w in _PARTS) == 1:
            found.append((fitting[0], concept))
    return found


def _named(parts: Sequence[tuple[_Row, str]], own: int) -> dict[int, Fact]:
    found: dict[int, Fact] = {}
    for row, concept in parts:
        found |= _as(row, concept, own)
    return found


def _is_net_income(row: _Row) -> bool:
    mapped = concept_of(row.facts[0].label, "", "income")
    return mapped is not None and mapped.concept in _NET_INCOME


def _is_turned(fact: Fact) -> bool:
    """Whether a value has another sign than the amount as printed."""
    return fact.value != 0 and (fact.value < 0) != bool(re.match(r"[^\d]*[(−-]", fact.shown))


def _as(row: _Row, concept: str, sign: int) -> dict[int, Fact]:
    """The row's facts as those of `concept`, but what has one already."""
    return {
        id(fact): replace(
            fact,
            concept=concept,
            confidence=_SURE,
            value=sign * printed if (printed := row.printed[fact.start, fact.end]) else printed,
        )
        for fact in row.facts
        if fact.concept is None
    }
