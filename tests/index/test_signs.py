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
