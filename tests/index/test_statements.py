"""Which pages show the company's own primary statements."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from index.statements import statement_of, statements_of
from tests.index.test_facts import BALANCE, annual, stated

END = date(2024, 12, 31)
HEAD = """Tallowmere Mutual Holding Company
CONSOLIDATED BALANCE SHEETS
(in thousands)
December 31, 2024 2023
"""
ASSETS = f"""{HEAD}Cash and cash equivalents $ 1,250 $ 1,130
Short-term investments 4,310 4,020
Accounts receivable, net 3,405 3,212
Prepaid expenses 250 225
Deferred costs 1,040 1,015
Property and equipment, net 915 935
Goodwill 830 830
Other assets 400 380
Total assets $ 12,400 $ 11,747
(continued)
"""
CLAIMS = f"""{HEAD}Accounts payable $ 1,605 $ 1,507
Unpaid claims 3,300 3,211
Deferred revenue 1,212 1,114
Long-term debt 2,000 2,000
Total liabilities 8,117 7,832
Common stock 50 50
Additional paid-in capital 1,833 1,810
Retained earnings 2,400 2,055
Total shareholders' equity 4,283 3,915
Total liabilities and shareholders' equity $ 12,400 $ 11,747
"""
INCOME = """Tallowmere Mutual Holding Company
{title}STATEMENTS OF OPERATIONS
(in thousands)
Years Ended December 31, 2024 2023
Total revenues $ {revenue} $ 9,640
Cost of sales 6,204 6,012
Selling, general and administrative expenses 2,715 2,610
Interest expense 120 121
Income before income taxes 1,181 897
Income taxes 236 179
Net income $ 945 $ 718
Basic earnings per share $ 0.95 $ 0.72
Diluted earnings per share $ 0.94 $ 0.71
"""
PARENT_BALANCE = """Schedule II
{title}
TALLOWMERE MUTUAL HOLDING COMPANY
{aside}
BALANCE SHEETS
(in thousands)
December 31, 2024 2023
Cash and cash equivalents $ 110 $ 90
Accounts receivable 20 15
Investments in subsidiaries 5,903 5,510
Goodwill 830 830
Total assets $ 6,863 $ 6,445
Accounts payable 580 530
Long-term debt 2,000 2,000
Total liabilities 2,580 2,530
Additional paid-in capital 1,883 1,860
Retained earnings 2,400 2,055
Total shareholders' equity 4,283 3,915
Total liabilities and shareholders' equity $ 6,863 $ 6,445
"""
TITLES = [
    ("CONDENSED FINANCIAL INFORMATION OF THE REGISTRANT", "(PARENT COMPANY)"),
    ("Condensed Financial Information of Registrant", ""),
    ("Condensed Financial Statements of Parent", ""),
    ("Supplementary information", "Parent Company Only"),
    ("Supplementary information", "(Parent-Only)"),
    ("Supplementary information", "(Registrant Only)"),
]


@pytest.mark.parametrize(("title", "aside"), TITLES)
def test_what_is_the_parents_alone_is_not_the_companys(
    title: str, aside: str, tmp_path: Path
) -> None:
    """Even where more of its rows are known, and all its statements stand together."""
    schedule = (
        PARENT_BALANCE.format(title=title, aside=aside),
        f"{title}\n{aside}\n" + INCOME.format(title="", revenue="1,020"),
    )
    notes = [f"Note {n}. Text of a note that says little." for n in range(14)]
    own = INCOME.format(title="CONSOLIDATED ", revenue="10,220")
    facts = annual(tmp_path, ASSETS, CLAIMS, own, *notes, *schedule)
    assert stated(facts, "Assets", "balance")[END] == 12_400_000
    assert stated(facts, "Liabilities", "balance")[END] == 8_117_000
    assert stated(facts, "Revenues", "income")[END] == 10_220_000
    assert {fact.page for fact in facts if fact.statement} == {2, 3, 4}
    # What the schedule states stays to be found as printed.
    assert any(fact.label == "Investments in subsidiaries" for fact in facts)


def test_the_parents_alone_stands_for_nothing_else(tmp_path: Path) -> None:
    (title, aside), *_ = TITLES
    facts = annual(tmp_path, PARENT_BALANCE.format(title=title, aside=aside))
    assert facts
    assert not any(fact.statement or fact.concept for fact in facts)


def test_a_row_or_a_name_that_says_parent_is_no_schedule() -> None:
    named = BALANCE.replace("Quillfeather Paper Company", "Quillfeather Parent Company, Inc.")
    assert statement_of(named) == "balance"
    row = BALANCE.replace("Inventories 25 20", "Due from the parent company 25 20")
    assert statement_of(row) == "balance"


def test_a_statement_on_two_pages_is_one() -> None:
    assert statement_of(ASSETS) is None  # alone it might be any table of assets
    assert statements_of({7: ASSETS, 8: CLAIMS}) == {7: "balance", 8: "balance"}
    assert statements_of({7: ASSETS, 9: CLAIMS})[7] is None
    without_heading = ASSETS.replace("CONSOLIDATED BALANCE SHEETS", "Assets by kind")
    assert statements_of({7: without_heading, 8: CLAIMS})[7] is None
    assert statements_of({7: ASSETS, 8: BALANCE})[7] is None  # which has all its lines itself
