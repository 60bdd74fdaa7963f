"""Filings whose numbers are tagged: which of the tags state an item. All companies are made up."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from assistant.evidence import gather
from index.embed import Embedder
from index.store import Store
from tests.assistant.figures.test_figures import asked

HEAD = """<ix:header><ix:hidden>
<ix:nonNumeric name="dei:DocumentFiscalYearFocus" contextRef="y24">2024</ix:nonNumeric>
<ix:nonNumeric name="dei:DocumentFiscalPeriodFocus" contextRef="y24">FY</ix:nonNumeric>
</ix:hidden><ix:resources>
<xbrli:context id="y24"><xbrli:period><xbrli:startDate>2024-01-01</xbrli:startDate>
<xbrli:endDate>2024-12-31</xbrli:endDate></xbrli:period></xbrli:context>
<xbrli:context id="i24"><xbrli:period><xbrli:instant>2024-12-31</xbrli:instant></xbrli:period>
</xbrli:context>
<xbrli:unit id="u"><xbrli:measure>iso4217:USD</xbrli:measure></xbrli:unit>
<xbrli:unit id="s"><xbrli:measure>xbrli:shares</xbrli:measure></xbrli:unit>
<xbrli:unit id="p"><xbrli:divide><xbrli:unitNumerator><xbrli:measure>iso4217:USD</xbrli:measure>
</xbrli:unitNumerator><xbrli:unitDenominator><xbrli:measure>xbrli:shares</xbrli:measure>
</xbrli:unitDenominator></xbrli:divide></xbrli:unit>
</ix:resources></ix:header>"""
COVER = """<p>FORM <ix:nonNumeric name="dei:DocumentType" contextRef="y24">10-K</ix:nonNumeric></p>
<p>ANNUAL REPORT PURSUANT TO SECTION 13 OR 15(d) OF THE SECURITIES EXCHANGE ACT OF 1934</p>
<p>For the fiscal year ended <ix:nonNumeric name="dei:DocumentPeriodEndDate" contextRef="y24">
December 31, 2024</ix:nonNumeric></p>
<p><ix:nonNumeric name="dei:EntityRegistrantName" contextRef="y24">Larkspur Valve Company
</ix:nonNumeric></p>"""
Row = tuple[str, str, str]  # label, us-gaap element, amount in millions, or shares
BALANCE: list[Row] = [
    ("Cash and cash equivalents", "CashAndCashEquivalentsAtCarryingValue", "120"),
    ("Total current assets", "AssetsCurrent", "800"),
    ("Total assets", "Assets", "1,600"),
    ("Accounts payable", "AccountsPayableCurrent", "210"),
    ("Total current liabilities", "LiabilitiesCurrent", "400"),
    ("Total liabilities", "Liabilities", "900"),
    ("Total shareholders' equity", "StockholdersEquity", "700"),
    ("Total liabilities and shareholders' equity", "LiabilitiesAndStockholdersEquity", "1,600"),
]
INCOME: list[Row] = [
    ("Cost of sales", "CostOfRevenue", "1,200"),
    ("Operating income", "OperatingIncomeLoss", "300"),
    (
        "Income before income taxes",
        "IncomeLossFromContinuingOperationsBeforeIncomeTaxesExtraordinaryItemsNoncontrollingInterest",
        "270",
    ),
    ("Provision for income taxes", "IncomeTaxExpenseBenefit", "70"),
    ("Net income", "NetIncomeLoss", "200"),
    ("Income for the year per diluted share", "EarningsPerShareDiluted", "2.04"),
]
SALES: list[Row] = [("Net sales", "RevenueFromContractWithCustomerExcludingAssessedTax", "2,000")]
LAST_YEAR = "11"  # of every row, and not tagged
LONG: list[Row] = [("Long-term debt", "LongTermDebtNoncurrent", "500")]


def page(title: str, rows: list[Row], context: str) -> str:
    """A page of a table; a negative amount is tagged so and printed in brackets."""
    lines = []
    for label, element, amount in rows:
        unit, scale = ("s", "0") if "Shares" in element else ("u", "6")
        unit, scale = ("p", "0") if "PerShare" in element else (unit, scale)
        sign = ' sign="-"' if amount.startswith("-") else ""
        shown = amount.removeprefix("-")
        number = (
            f'<ix:nonFraction name="us-gaap:{element}" contextRef="{context}" unitRef="{unit}" '
            f'scale="{scale}" format="ixt:num-dot-decimal"{sign}>{shown}</ix:nonFraction>'
        )
        cell = f"({number})" if sign else number
        lines.append(f"<tr><td>{label}</td><td>{cell}</td><td>{LAST_YEAR}</td></tr>")
    head = "<tr><td></td><td>2024</td><td>2023</td></tr>"
    return f"<p>{title}</p><p>(in millions)</p><table>{head}{''.join(lines)}</table>"


def store_of(
    folder: Path,
    embedder: Path,
    balance: list[Row] | None = None,
    income: list[Row] | None = None,
    note: list[Row] | None = None,
    extra: str = "",
) -> Store:
    """A store of one annual report with these rows besides the usual ones, and an `extra` page."""
    pages = [
        COVER,
        page(
            "CONSOLIDATED BALANCE SHEET", [*BALANCE, *(LONG if balance is None else balance)], "i24"
        ),
        page("CONSOLIDATED STATEMENT OF INCOME", [*(income or SALES), *INCOME], "y24"),
    ]
    if note:
        pages.append(page("NOTE 7. BORROWINGS", note, "i24"))
    if extra:
        pages.append(extra)
    path = folder / "larkspur.html"
    body = '<hr style="page-break-after:always"/>'.join(pages)
    path.write_text(f"<html><body>{HEAD}{body}</body></html>", encoding="utf-8")
    store = Store.open(folder / "store", Embedder(embedder))
    store.add(path)
    return store


CURRENT = "LongTermDebtAndCapitalLeaseObligationsCurrent"


@pytest.mark.parametrize(
    ("short", "note", "total"),
    [
        ([("Current portion of debt and leases", CURRENT, "40")], [], 540e6),
        (
            [("Short-term notes", "NotesPayableCurrent", "25"), ("Current", CURRENT, "40")],
            [],
            565e6,
        ),
        ([], [], 500e6),
        # What a note takes apart is in the line already.
        (
            [("Short-term borrowings", "ShortTermBorrowings", "90")],
            [
                ("Commercial paper", "CommercialPaper", "60"),
                ("Banks", "OtherShortTermBorrowings", "30"),
            ],
            590e6,
        ),
        # A line that the others add up to
        (
            [
                ("Commercial paper", "CommercialPaper", "60"),
                ("Current maturities", "LongTermDebtCurrent", "40"),
                ("Short-term borrowings in all", "ShortTermBorrowings", "100"),
            ],
            [],
            600e6,
        ),
        (
            [
                ("Debt due within a year", "DebtCurrent", "100"),
                ("Thereof", "LongTermDebtCurrent", "40"),
            ],
            [],
            600e6,
        ),
        # Somewhere in another line, or left out: not told.
        ([], [("Current portion", "LongTermDebtCurrent", "40")], None),
        (
            [("Paper", "CommercialPaper", "40"), ("Borrowings", "ShortTermBorrowings", "40")],
            [],
            None,
        ),
    ],
)
def test_debt_is_what_the_balance_sheet_states(
    short: list[Row], note: list[Row], total: float | None, tmp_path: Path, embedder_folder: Path
) -> None:
    with store_of(tmp_path, embedder_folder, balance=[*LONG, *short], note=note) as store:
        found = asked(store, "What was Larkspur's total debt at the end of 2024?")
        assert (found.value if found else None) == total


@pytest.mark.parametrize(
    ("rows", "revenue"),
    [
        ([*SALES, ("Leasing revenue", "OperatingLeaseLeaseIncome", "90"),
          ("Total revenues", "Revenues", "2,090")], 2090e6),
        ([("Sales with excise taxes",
           "RevenueFromContractWithCustomerIncludingAssessedTax", "2,300"), *SALES], 2000e6),
        (SALES, 2000e6),
    ],
)  # fmt: skip
def test_revenue_is_the_total_of_the_income_statement(
    rows: list[Row], revenue: float, tmp_path: Path, embedder_folder: Path
) -> None:
    with store_of(tmp_path, embedder_folder, income=rows) as store:
        found = asked(store, "What was Larkspur's revenue in 2024?")
        assert found and found.value == revenue
        found = asked(store, "What was Larkspur's net margin in 2024?")
        assert found and found.value == pytest.approx(100 * 200e6 / revenue)


@pytest.mark.parametrize(
    ("label", "amount", "expense"),
    [
        ("Interest expense, net", "25", 25e6),
        ("Interest expense, net", "-25", 25e6),
        ("Interest income (expense), net", "-25", 25e6),
        ("Net interest", "-25", 25e6),
        ("Interest income (expense), net", "25", None),
        ("Interest expense (income), net", "25", None),
        ("Interest expense (income), net", "-25", 25e6),
        ("Net interest", "25", None),
    ],
)
def test_net_interest_income_is_no_expense(
    label: str, amount: str, expense: float | None, tmp_path: Path, embedder_folder: Path
) -> None:
    rows = [*SALES, (label, "InterestIncomeExpenseNet", amount)]
    with store_of(tmp_path, embedder_folder, income=rows) as store:
        found = asked(store, "What was Larkspur's interest expense in 2024?")
        assert (found.value if found else None) == expense
        found = asked(store, "What was Larkspur's interest coverage in 2024?")
        assert (found.value if found else None) == (expense and pytest.approx(300e6 / expense))


@pytest.mark.parametrize(
    ("label", "expenses"),
    [("Total operating expenses", 1700e6), ("Total costs and expenses", None)],
)
def test_costs_and_expenses_are_operating_expenses_where_the_filing_says_so(
    label: str, expenses: float | None, tmp_path: Path, embedder_folder: Path
) -> None:
    rows = [*SALES, (label, "CostsAndExpenses", "1,700")]
    with store_of(tmp_path, embedder_folder, income=rows) as store:
        found = asked(store, "What were Larkspur's operating expenses in 2024?")
        assert (found.value if found else None) == expenses


def test_book_value_is_per_share_at_the_years_end(tmp_path: Path, embedder_folder: Path) -> None:
    average = (
        "Average basic shares",
        "WeightedAverageNumberOfSharesOutstandingBasic",
        "98,000,000",
    )
    rows = [*LONG, ("Shares outstanding", "CommonStockSharesOutstanding", "95,500,000")]
    for name, balance, shares in (("end", rows, 95.5), ("average", LONG, 98)):
        (tmp_path / name).mkdir()
        with store_of(tmp_path / name, embedder_folder, balance, [*SALES, average]) as store:
            found = asked(store, "What was Larkspur's book value per share in 2024?")
            assert found and found.calculation
            assert found.value == pytest.approx(700 / shares)
            step = found.calculation["steps"][0]
            assert ("average" in step["formula"]) == (name == "average")
            assert step["line"].endswith(f"= 700 / {shares:g} (in millions)")


def test_selling_and_administration_apart_are_sga_together(
    tmp_path: Path, embedder_folder: Path
) -> None:
    apart = [
        ("Sales and marketing", "SellingAndMarketingExpense", "300"),
        ("General and administrative", "GeneralAndAdministrativeExpense", "200"),
    ]
    with store_of(tmp_path, embedder_folder, income=[*SALES, *apart]) as store:
        found = asked(store, "What were Larkspur's SG&A expenses in 2024?")
        assert found and found.value == 500e6


GOODS = ("Cost of pumps sold", "CostOfGoodsAndServicesSold", "600")


@pytest.mark.parametrize(
    ("costs", "profit"),
    [
        ([GOODS], 1_400e6),
        (
            [GOODS, ("Medical costs", "PolicyholderBenefitsAndClaimsIncurredHealthCare", "900")],
            None,
        ),
        ([GOODS, ("Benefit costs", "larkspur:Benefits", "900")], None),
        ([GOODS, ("Cost of services", "larkspur:Services", "400")], None),
        ([("Cost of sales", "CostOfRevenue", "1,000"), GOODS], 1_000e6),
        (
            [
                GOODS,
                ("Cost of services", "larkspur:Services", "400"),
                ("Total cost of sales", "CostOfGoodsAndServicesSold", "1,000"),
            ],
            1_000e6,
        ),
    ],
)
def test_gross_profit_is_after_all_costs_of_revenue(
    tmp_path: Path,
    embedder_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    costs: list[Row],
    profit: float | None,
) -> None:
    monkeypatch.setattr(sys.modules[__name__], "INCOME", [*costs, *INCOME[1:]])
    with store_of(tmp_path, embedder_folder) as store:
        found = asked(store, "What was Larkspur's gross profit in 2024?")
        assert (found and found.value) == profit
        assert (asked(store, "Larkspur's gross margin in 2024?") is None) == (profit is None)


def test_one_of_several_costs_is_only_told_by_its_own_name(
    tmp_path: Path, embedder_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    goods = ("Cost of products sold", "CostOfGoodsAndServicesSold", "600")
    services = ("Cost of services", "larkspur:Services", "400")
    monkeypatch.setattr(sys.modules[__name__], "INCOME", [goods, services, *INCOME[1:]])
    with store_of(tmp_path, embedder_folder) as store:
        for name, value in (("products sold", 600e6), ("goods sold", 600e6), ("revenue", None)):
            found = asked(store, f"What was Larkspur's cost of {name} in 2024?")
            assert (found and found.value) == value


def test_a_figure_without_a_label_is_not_said_to_be_printed_as_one(
    tmp_path: Path, embedder_folder: Path
) -> None:
    with store_of(tmp_path, embedder_folder, balance=[("", "Goodwill", "33")]) as store:
        answer = asked(store, "What was Larkspur's goodwill in fiscal 2024?")
    assert answer is not None
    assert answer.value == 33e6
    assert "printed" not in answer.text


LEASES = """<p>NOTE 9. LEASES OF PUMPS</p><p>(in millions)</p><table>
<tr><td></td><td>2024</td><td>2023</td></tr>
<tr><td>Pump tax credits</td><td>{credits}</td><td>0.6</td></tr>
<tr><td>Weighted-average remaining life (years)</td><td></td><td></td></tr>
<tr><td>Pump leases</td><td>8</td><td>7</td></tr>
<tr><td>Weighted-average discount rate</td><td></td><td></td></tr>
<tr><td>Pump leases</td><td>{rate}%</td><td>3.1%</td></tr></table>"""


def test_what_tags_say_of_a_row_holds_for_its_own_amounts(
    tmp_path: Path, embedder_folder: Path
) -> None:
    """Amounts tagged in percent are so, others under the same label are not."""

    def tagged(shown: str) -> str:
        return (
            '<ix:nonFraction name="us-gaap:Rate" contextRef="i24" unitRef="u" scale="-2" '
            f'format="ixt:num-dot-decimal">{shown}</ix:nonFraction>'
        )

    note = LEASES.format(rate=tagged("3.6"), credits=tagged("0.8"))
    with store_of(tmp_path, embedder_folder, extra=note) as store:
        credits = gather(store, "What were Larkspur's pump tax credits in 2024?").figure
        assert credits and (credits.value, credits.unit) == (0.8, "%")
        life = "What was the remaining life of Larkspur's pump leases in 2024?"
        found = gather(store, life).figure
        assert found and "8 (as printed)" in found.text and found.value is None


def test_amounts_per_share_have_the_decimals_printed(tmp_path: Path, embedder_folder: Path) -> None:
    said = "CommonStockDividendsPerShareDeclared"
    rows = [*SALES, ("Dividends declared per share", said, "2.635")]
    with store_of(tmp_path, embedder_folder, income=rows) as store:
        found = asked(store, "What were Larkspur's dividends per share in 2024?")
        assert found and "$2.635 per share" in found.text
