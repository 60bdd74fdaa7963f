"""A row is what its words and its place on the statement say."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from index.facts import Fact
from tests.index.test_facts import annual

END = date(2024, 12, 31)
SHEET = """CONSOLIDATED BALANCE SHEETS
(in millions)
December 31,
2024 2023
Cash and cash equivalents $ 40 $ 35
Income taxes 3 2
Deferred income taxes 5 6
Total current assets 48 43
Property, plant and equipment 150 140
Less accumulated depreciation (70) (60)
Deferred income taxes 7 8
Employee benefit assets 15 14
Total assets $ 150 $ 145
Accounts payable 20 19
Deferred revenue 4 5
Total current liabilities 24 24
Deferred revenue 6 7
Deferred income taxes 9 8
Income taxes payable 2 3
Total liabilities 41 42
Preferred stock, par value $0.01: 0.1 shares authorized; none issued or outstanding — —
Common stock, par value $0.01: 320 shares authorized; 175 issued and 130 outstanding at
December 31, 2024 and 174 shares issued and 132 outstanding at December 31, 2023 and capital
surplus 60 58
Common stock in treasury, at cost (12) (11)
Retained earnings 55 51
Total Quillfeather shareholders' equity 103 98
Noncontrolling interests 6 5
Total shareholders' equity 109 103
Total liabilities and shareholders' equity $ 150 $ 145
"""


def test_rows_of_a_balance_sheet_are_told_by_their_place(tmp_path: Path) -> None:
    found = [
        (fact.concept, int(fact.value.scaleb(-6)))
        for fact in annual(tmp_path, SHEET)
        if fact.statement == "balance" and fact.end == END
    ]
    assert found == [
        ("CashAndCashEquivalentsAtCarryingValue", 40),
        ("IncomeTaxesReceivable", 3),
        ("DeferredTaxAssetsNetCurrent", 5),
        ("AssetsCurrent", 48),
        ("PropertyPlantAndEquipmentGross", 150),
        ("AccumulatedDepreciationDepletionAndAmortizationPropertyPlantAndEquipment", 70),
        ("DeferredIncomeTaxAssetsNet", 7),
        (None, 15),
        ("Assets", 150),
        ("AccountsPayableCurrent", 20),
        ("ContractWithCustomerLiabilityCurrent", 4),
        ("LiabilitiesCurrent", 24),
        ("ContractWithCustomerLiabilityNoncurrent", 6),
        ("DeferredIncomeTaxLiabilitiesNet", 9),
        ("AccruedIncomeTaxesNoncurrent", 2),
        ("Liabilities", 41),
        (None, 0),
        ("CommonStocksIncludingAdditionalPaidInCapital", 60),
        ("TreasuryStockValue", 12),
        ("RetainedEarningsAccumulatedDeficit", 55),
        ("StockholdersEquity", 103),
        ("MinorityInterest", 6),
        ("StockholdersEquityIncludingPortionAttributableToNoncontrollingInterest", 109),
        ("LiabilitiesAndStockholdersEquity", 150),
    ]


FLOWS = """CONSOLIDATED STATEMENTS OF CASH FLOWS
(in millions)
Fiscal years ended
December 28, 2024 December 30, 2023
Net income $ 20 $ 18
Depreciation and amortization 10 9
Net cash provided by operating activities 30 27
Purchases of property, plant and equipment (12) (11)
Net cash used in investing activities (12) (11)
Proceeds from issuance of short-term debt 3 2
Net cash used in financing activities from continuing operations (8) (9)
Net cash used for financing activities (8) (9)
Net cash used in investing activities from continuing operations (12) (11)
Cash and cash equivalents, beginning of year 35 28
Cash and cash equivalents, end of year $ 45 $ 35
Noncash: purchases of property, plant and equipment, accrued but unpaid 2 1
"""


def flows(tmp_path: Path) -> list[Fact]:
    text = "For the fiscal year ended December 31, 2022 the company reported less."
    return annual(tmp_path, text, FLOWS, end="December 28, 2024")


def test_years_made_of_weeks_begin_when_the_one_before_has_ended(tmp_path: Path) -> None:
    starts = {fact.end: fact.start for fact in flows(tmp_path) if fact.label == "Net income"}
    assert starts == {
        date(2024, 12, 28): date(2023, 12, 31),
        date(2023, 12, 30): date(2023, 1, 1),
    }


def test_cash_at_the_beginning_is_that_of_the_day_before(tmp_path: Path) -> None:
    cash = [
        (fact.start, fact.end, int(fact.value.scaleb(-6)))
        for fact in flows(tmp_path)
        if fact.concept == "CashAndCashEquivalentsAtCarryingValue"
    ]
    assert cash == [
        (None, date(2023, 12, 30), 35),
        (None, date(2022, 12, 31), 28),
        (None, date(2024, 12, 28), 45),
        (None, date(2023, 12, 30), 35),
    ]


def test_flows_are_taken_for_no_others(tmp_path: Path) -> None:
    found = {fact.label: fact.concept for fact in flows(tmp_path)}
    assert found["Proceeds from issuance of short-term debt"] is None
    unpaid = "Noncash: purchases of property, plant and equipment, accrued but unpaid"
    assert found[unpaid] is None
    of_operations = [label for label, name in found.items() if name and "Operating" in name]
    assert of_operations == ["Net cash provided by operating activities"]


INCOME = """CONSOLIDATED STATEMENTS OF INCOME
(in millions)
Years Ended December 31,
2024 2023
Net sales 900 800
Cost of sales 500 450
Operating income 130 120
Income before income taxes 130 120
Income taxes 30 25
"""


@pytest.mark.parametrize(
    "rows",
    [
        "Net income 100 95\nAttributable to:\nShareholders of Quillfeather 95 91\n"
        "Noncontrolling interests 5 4",
        "Net income 100 95\nNet income attributable to Quillfeather 95 91\n"
        "Net income attributable to noncontrolling interests 5 4",
        "Net income 100 95\nLess: net income attributable to noncontrolling interests 5 4\n"
        "Net income attributable to common shareholders 95 91\nNet income 100 95",
    ],
)
def test_net_income_of_all_is_not_the_owners(rows: str, tmp_path: Path) -> None:
    found = [
        (fact.concept, int(fact.value.scaleb(-6)))
        for fact in annual(tmp_path, INCOME + rows)
        if fact.end == END and fact.concept
    ]
    own = ("NetIncomeLoss", "NetIncomeLossAvailableToCommonStockholdersBasic")
    assert {value for name, value in found if name == "ProfitLoss"} == {100}
    assert {value for name, value in found if name in own} == {95}


def test_a_companys_statements_stand_before_those_of_its_parts(tmp_path: Path) -> None:
    of_part = INCOME.replace("Net sales 900 800", "Net sales 600 500\nInterest expense 10 10")
    sheet = SHEET.replace("CONSOLIDATED BALANCE SHEETS", "BALANCE SHEETS OF THE PARTNERSHIP")
    end = "Net income 100 95\nBasic net income per share 1.05 1.01\nDiluted 1.04 1.00\n"
    pages = [INCOME + end, SHEET, FLOWS, of_part + end, sheet, FLOWS]
    sales = [f for f in annual(tmp_path, *pages) if f.concept == "Revenues" and f.end == END]
    assert [int(fact.value.scaleb(-6)) for fact in sales] == [900]


def test_without_a_total_of_assets_a_row_of_either_side_is_neither(tmp_path: Path) -> None:
    sheet = SHEET.replace("Total assets $ 150 $ 145", "$ 150 $ 145")
    taxes = {
        fact.concept
        for fact in annual(tmp_path, sheet)
        if fact.label == "Deferred income taxes" and fact.end == END
    }
    assert taxes == {"DeferredTaxAssetsNetCurrent", None, "DeferredIncomeTaxLiabilitiesNet"}
