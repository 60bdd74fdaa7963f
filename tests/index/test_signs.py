"""Amounts have the taxonomy's signs, however a statement prints them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from tests.index.test_facts import annual

END = date(2024, 12, 31)
SUBTRACTED = """CONSOLIDATED STATEMENTS OF INCOME
(in millions)
Years Ended December 31,
2024 2023
Net sales $ 900 $ 800
Cost of sales (500) (450)
Gross profit 400 350
Selling, general and administrative expenses (250) (230)
Restructuring and related activities, net 14 (20)
Operating income 164 100
{nonoperating}
Income before income taxes {before} 90
Income tax expense (30) (20)
Net income {whole} 70
Net income attributable to non-controlling interests (4) (3)
Net income attributable to Quillfeather Paper Company $ {own} $ 67
"""
ADDED = """CONSOLIDATED STATEMENTS OF EARNINGS
(in millions)
Years Ended December 31,
2024 2023
Net sales $ 900 $ 800
Cost of sales 500 450
Selling, general and administrative expenses 250 230
Restructuring (recoveries) costs (14) 20
Operating profit 164 100
{nonoperating}
Earnings before income taxes {before} 90
Income taxes 30 20
Net earnings, including earnings attributable to noncontrolling interests {whole} 70
Net earnings attributable to noncontrolling interests 4 3
Net earnings attributable to Quillfeather Paper Company $ {own} $ 67
"""


def values(tmp_path: Path, page: str, nonoperating: str, income: int) -> dict[str, Decimal]:
    """Concept -> millions in 2024, of a statement whose line below operating income means so much
    of income."""
    before = 164 + income
    told = {"before": before, "whole": before - 30, "own": before - 34}
    facts = annual(tmp_path, page.format(nonoperating=nonoperating, **told))
    return {
        fact.concept: fact.value.scaleb(-6)
        for fact in facts
        if fact.concept and fact.statement == "income" and fact.end == END
    }


@pytest.mark.parametrize("page", [SUBTRACTED, ADDED])
@pytest.mark.parametrize(
    ("line", "income"),
    [
        ("Other expense (income), net 10 (12)", -10),
        ("Other (income)/deductions, net (10) 12", 10),
        ("Other (income)/deductions, net 10 (12)", -10),
        ("Other income (expense), net (10) 12", -10),
        ("Other (expense) income, net 10 12", 10),
        ("Other income, net 10 12", 10),
        ("Other expense, net 10 12", -10),
        ("Other expense, net (10) (12)", -10),
    ],
)
def test_other_income_is_positive(page: str, line: str, income: int, tmp_path: Path) -> None:
    found = values(tmp_path, page, line, income)
    assert found["OtherNonoperatingIncomeExpense"] == income


@pytest.mark.parametrize("page", [SUBTRACTED, ADDED])
@pytest.mark.parametrize(
    ("line", "income"), [("Interest, net 10 10", -10), ("Interest, net (10) (10)", -10)]
)
def test_net_interest_is_income_as_the_sums_tell(
    page: str, line: str, income: int, tmp_path: Path
) -> None:
    found = values(tmp_path, page, line, income)
    assert found["InterestIncomeExpenseNet"] == income


@pytest.mark.parametrize("page", [SUBTRACTED, ADDED])
def test_costs_and_what_others_hold_are_positive_and_gains_negative(
    page: str, tmp_path: Path
) -> None:
    found = values(tmp_path, page, "Other income, net 10 (10)", 10)
    assert found["RestructuringCharges"] == -14
    assert found["CostOfRevenue"] == 500
    assert found["IncomeTaxExpenseBenefit"] == 30
    assert found["ProfitLoss"] == 144
    assert found["NetIncomeLossAttributableToNoncontrollingInterest"] == 4
    assert found["NetIncomeLoss"] == 140


HEADS = "CONSOLIDATED STATEMENTS OF INCOME\n(in millions)\nYears Ended December 31,\n2024 2023\n"
TOP = """Net sales 3,000 2,900
Cost of sales (1,800) (1,750)
Selling, general and administrative expenses (200) (190)
Operating income 1,000 960
"""
TAIL = """
Weighted average shares, basic 120 119
Weighted average shares, diluted 130 129
Diluted net earnings per share 1.05 0.95
"""
BEFORE_TAX = (
    "IncomeLossFromContinuingOperationsBeforeIncomeTaxesExtraordinaryItemsNoncontrollingInterest"
)


def of_2024(tmp_path: Path, page: str) -> dict[str, Decimal]:
    """Concept -> millions in 2024, of the rows of a statement."""
    return {
        fact.concept: fact.value.scaleb(-6)
        for fact in annual(tmp_path, HEADS + page.rstrip() + TAIL)
        if fact.concept and fact.statement == "income" and fact.end == END
    }


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        # What is not known, or known to lie between, is no reason to turn a sign.
        (
            "Interest, net (10) (12)\nOther income, net 500 400\n"
            "Income before income taxes 1,490 1,348",
            {"InterestIncomeExpenseNet": -10, "OtherNonoperatingIncomeExpense": 500},
        ),
        (
            "Interest, net (10) (12)\nGain on sale of a mill 500 400\n"
            "Income before income taxes 1,490 1,348",
            {"InterestIncomeExpenseNet": -10},
        ),
        (
            "Income before income taxes 1,000 960\nProvision for income taxes 10 12\n"
            "Equity in earnings of affiliates 200 190\nNet income 1,190 1,138",
            {"IncomeTaxExpenseBenefit": 10},
        ),
        (
            "Income before income taxes 1,000 960\nProvision for income taxes 30 32\n"
            "Gain on sale of discontinued business, net of tax 400 1\nNet income 1,370 929",
            {"IncomeTaxExpenseBenefit": 30},
        ),
        # The sums of a statement go before its labels.
        (
            "Other expense, net (20) 30\nIncome before income taxes 980 990",
            {"OtherNonoperatingIncomeExpense": -20},
        ),
        (
            "Other (income) expense, net (5) 4\nIncome before income taxes 995 964",
            {"OtherNonoperatingIncomeExpense": -5},
        ),
        (
            "Interest income (expense), net (10) 4\nIncome before income taxes 990 964",
            {"InterestIncomeExpenseNet": -10},
        ),
        (
            "Interest expense (income), net 10 (4)\nIncome before income taxes 990 964",
            {"InterestIncomeExpenseNet": -10},
        ),
    ],
)
def test_sums_tell_signs_only_where_they_can(
    rows: str, expected: dict[str, int], tmp_path: Path
) -> None:
    found = of_2024(tmp_path, TOP + rows)
    assert {name: found[name] for name in expected} == expected


def test_a_charge_in_brackets_among_positive_costs_is_a_cost(tmp_path: Path) -> None:
    page = """Net sales 3,000 2,900
Cost of sales 1,800 1,750
Selling, general and administrative expenses 200 190
Income before restructuring 1,000 960
Restructuring charges (50) (40)
Operating income 950 920
"""
    assert of_2024(tmp_path, page)["RestructuringCharges"] == 50


def test_a_loss_printed_without_brackets_is_below_zero(tmp_path: Path) -> None:
    page = """Net sales 30 29
Cost of sales 100 90
Operating loss 70 61
Loss before income taxes 100 90
Income tax benefit 20 18
Net loss 80 72
"""
    found = of_2024(tmp_path, page)
    assert found["OperatingIncomeLoss"] == -70
    assert found[BEFORE_TAX] == -100
    assert found["IncomeTaxExpenseBenefit"] == -20
    assert found["NetIncomeLoss"] == -80
