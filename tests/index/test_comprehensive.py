"""Comprehensive income is what the statement says, where it adds up to it from the net income."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from index.facts import Fact
from index.read import read_filing

COVER = """FORM 10-K
ANNUAL REPORT PURSUANT TO SECTION 13 OR 15(d) OF THE SECURITIES EXCHANGE ACT OF 1934
For the fiscal year ended December 31, 2024
Tarnbrook Kettle Company
(Exact name of registrant as specified in its charter)"""
BALANCE = """CONSOLIDATED BALANCE SHEETS
(in millions)
December 31, 2024 2023
Cash and cash equivalents $ 120 $ 100
Accounts receivable, net 340 300
Inventories 250 200
Total current assets 710 600
Goodwill 300 300
Total assets $ 1,010 $ 900
Accounts payable 210 190
Total current liabilities 210 190
Long-term debt 100 110
Total liabilities 310 300
Retained earnings 700 600
Total shareholders' equity 700 600
Total liabilities and shareholders' equity $ 1,010 $ 900
"""
INCOME = """CONSOLIDATED STATEMENTS OF INCOME
(in millions, except per share data)
Year ended December 31, 2024 2023
Net sales $ 2,000 $ 1,600
Cost of sales 1,200 1,000
Gross profit 800 600
Selling, general and administrative expenses 500 400
Operating income 300 200
Interest expense 30 40
Income before income taxes 270 160
Provision for income taxes 70 40
Net income $ 200 $ 120
Earnings per share, diluted $ 2.00 $ 1.20
"""
COMPREHENSIVE = """CONSOLIDATED STATEMENTS OF COMPREHENSIVE INCOME
(in millions)
Year ended December 31, 2024 2023
Net income $ 200 $ 120
Other comprehensive income (loss), net of tax:
Foreign currency translation adjustments (15) 6
Unrealized gains on cash flow hedges 4 2
Total other comprehensive income (loss) (11) 8
Comprehensive income $ 189 $ 128
"""
SHARED = INCOME.replace(
    "Earnings per",
    "Less: Net income attributable to noncontrolling interests 20 10\n"
    "Net income attributable to Tarnbrook $ 180 $ 110\nEarnings per",
)
OWN, WHOLE = (
    "ComprehensiveIncomeNetOfTax",
    "ComprehensiveIncomeNetOfTaxIncludingPortionAttributableToNoncontrollingInterest",
)
OTHER = "OtherComprehensiveIncomeLossNetOfTax"


def read(tmp_path: Path, *pages: str) -> list[Fact]:
    path = tmp_path / "tarnbrook.txt"
    path.write_text("\f".join([COVER, BALANCE, *pages]), encoding="utf-8")
    return list(read_filing(path).facts)


def millions(facts: list[Fact], concept: str) -> dict[int, Decimal]:
    """Year -> what is stated."""
    return {f.end.year: f.value / 10**6 for f in facts if f.concept == concept}


def test_rows_are_named_where_they_add_up(tmp_path: Path) -> None:
    facts = read(tmp_path, INCOME, COMPREHENSIVE)
    assert millions(facts, OWN) == {2024: 189, 2023: 128}
    assert millions(facts, OTHER) == {2024: -11, 2023: 8}
    translation = next(f for f in facts if f.label.startswith("Foreign") and f.end.year == 2024)
    assert str(translation.concept).endswith("TransactionAndTranslationAdjustmentNetOfTax")
    (told,) = [f for f in facts if f.concept == OWN and f.end == date(2024, 12, 31)]
    assert (told.unit, told.scale, told.page, told.start) == ("USD", 6, 4, date(2024, 1, 1))


def test_net_income_stays_the_income_statements(tmp_path: Path) -> None:
    facts = read(tmp_path, INCOME, COMPREHENSIVE)
    assert [f.page for f in facts if f.concept == "NetIncomeLoss"] == [3, 3]
    alone = read(tmp_path, INCOME)
    kept = [(f.label, f.value, f.concept, f.statement) for f in facts if f.page < 4]
    assert kept == [(f.label, f.value, f.concept, f.statement) for f in alone]


def test_what_others_hold_of_it_is_told_apart(tmp_path: Path) -> None:
    shares = (
        "Comprehensive income attributable to noncontrolling interests (18) (10)\n"
        "Comprehensive income attributable to Tarnbrook $ 171 $ 118\n"
    )
    facts = read(tmp_path, SHARED, COMPREHENSIVE + shares)
    assert millions(facts, WHOLE) == {2024: 189, 2023: 128}
    assert millions(facts, OWN) == {2024: 171, 2023: 118}
    assert millions(facts, f"{OWN}AttributableToNoncontrollingInterest") == {2024: 18, 2023: 10}


def test_a_loss_without_brackets_is_one(tmp_path: Path) -> None:
    income = INCOME.replace("Net income $ 200 $ 120", "Net loss $ (200) $ (120)")
    below = COMPREHENSIVE.replace("INCOME", "LOSS").replace("Net income", "Net loss")
    below = below.replace("hedges 4 2", "hedges 4 18").replace("(15) 6", "15 6")
    below = below.replace("income (loss) (11) 8", "loss 19 24")
    below = below.replace("Comprehensive income $ 189 $ 128", "Comprehensive loss $ 219 $ 144")
    facts = read(tmp_path, income, below)
    assert millions(facts, OWN) == {2024: -219, 2023: -144}
    assert millions(facts, OTHER) == {2024: -19, 2023: -24}


def test_a_statement_of_both_keeps_its_income(tmp_path: Path) -> None:
    title = "CONSOLIDATED STATEMENTS OF INCOME AND COMPREHENSIVE INCOME"
    below = "\n".join(COMPREHENSIVE.splitlines()[4:])
    both = INCOME.replace("CONSOLIDATED STATEMENTS OF INCOME", title) + below
    facts = read(tmp_path, both)
    assert millions(facts, "NetIncomeLoss") == {2024: 200, 2023: 120}
    assert millions(facts, OWN) == {2024: 189, 2023: 128}
    assert {f.statement for f in facts if f.concept in ("NetIncomeLoss", OWN)} == {"income"}


@pytest.mark.parametrize(
    ("printed", "instead"),
    [
        pytest.param("$ 189", "$ 198", id="it does not add up"),
        pytest.param("Net income $ 200", "Net income $ 190", id="the net income of others"),
        pytest.param("Net income", "Income before income taxes", id="before tax"),
        pytest.param("Comprehensive income $", "Pro forma income $", id="something else"),
    ],
)
def test_what_does_not_add_up_is_left(tmp_path: Path, printed: str, instead: str) -> None:
    facts = read(tmp_path, INCOME, COMPREHENSIVE.replace(printed, instead))
    assert not [f for f in facts if "Comprehensive" in str(f.concept)]


def test_parts_before_tax_have_no_concept(tmp_path: Path) -> None:
    below = COMPREHENSIVE.replace("hedges 4 2", "hedges 5 3\nIncome taxes (1) (1)")
    facts = read(tmp_path, INCOME, below)
    assert millions(facts, OWN) == {2024: 189, 2023: 128}
    assert not [f for f in facts if f.concept and f.label.startswith(("Foreign", "Unrealized"))]
