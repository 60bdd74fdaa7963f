"""A store with an annual and a quarterly report of a small company whose accounts are known."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from index.embed import Embedder
from index.store import Store

COVER = """FORM {form}
{report} REPORT PURSUANT TO SECTION 13 OR 15(d) OF THE SECURITIES EXCHANGE ACT OF 1934
For the {period} ended {end}
{company}
(Exact name of registrant as specified in its charter)
"""
BALANCE = """{company}
CONSOLIDATED BALANCE SHEETS
(in millions, except par value)
December 31, {y0} {y1}
Current assets
Cash and cash equivalents $ 120 $ 100
Accounts receivable, net 340 300
Inventories 250 200
Total current assets 800 700
Property, plant and equipment 900 850
Less accumulated depreciation (400) (350)
Property, plant and equipment, net 500 500
Goodwill 300 300
Total assets $ 1,600 $ 1,500
Current liabilities
Accounts payable 210 190
Current portion of long-term debt 40 30
Total current liabilities 400 350
Long-term debt 500 550
Total liabilities 900 900
Retained earnings 600 500
Total shareholders' equity 700 600
Total liabilities and shareholders' equity $ 1,600 $ 1,500
"""
INCOME = """{company}
CONSOLIDATED STATEMENTS OF INCOME
(in millions, except per share data)
Year ended December 31, {y0} {y1} {y2}
Net sales $ 2,000 $ 1,600 $ 1,500
Cost of sales 1,200 1,000 960
Gross profit 800 600 540
Selling, general and administrative expenses 500 400 380
Operating income 300 200 160
Interest expense 30 40 40
Income before income taxes 270 160 120
Provision for income taxes 70 40 30
Net income $ 200 $ 120 $ 90
Earnings per share
Basic $ 2.05 $ 1.22 $ 0.90
Diluted $ 2.00 $ 1.20 $ 0.88
"""
CASH_FLOW = """{company}
CONSOLIDATED STATEMENTS OF CASH FLOWS
(in millions)
Year ended December 31, {y0} {y1} {y2}
Operating activities
Net income $ 200 $ 120 $ 90
Depreciation and amortization 60 55 50
Net cash provided by operating activities 280 190 150
Investing activities
Purchases of property, plant and equipment (80) (64) (60)
Purchase of a share in Quill Mills (9) (8) (7)
Net cash used in investing activities (80) (64) (60)
Financing activities
Dividends paid (50) (48) (45)
Net cash used in financing activities (180) (100) (80)
Net increase in cash and cash equivalents $ 20 $ 26 $ 10
"""
QUARTER = """{company}
CONDENSED CONSOLIDATED BALANCE SHEETS
(in millions)
June 30, December 31,
2025 2024
Cash and cash equivalents $ 90 $ 120
Accounts receivable, net 360 340
Inventories 270 250
Total current assets 780 800
Property, plant and equipment, net 510 500
Total assets $ 1,620 $ 1,600
Accounts payable 230 210
Total current liabilities 390 400
Long-term debt 500 500
Total liabilities 890 900
Retained earnings 630 600
Total shareholders' equity 730 700
Total liabilities and shareholders' equity $ 1,620 $ 1,600
"""


def write_annual(folder: Path, company: str, year: int) -> Path:
    """A 10-K as text; every year states the same amounts, so that a wrong filing shows."""
    names = {"company": company, "y0": year, "y1": year - 1, "y2": year - 2}
    cover = COVER.format(
        form="10-K", report="ANNUAL", period="fiscal year", end=f"December 31, {year}", **names
    )
    pages = [cover, *(text.format(**names) for text in (BALANCE, INCOME, CASH_FLOW))]
    path = folder / f"{company.split()[0].lower()}-{year}.txt"
    path.write_text("\f".join(pages), encoding="utf-8")
    return path


def write_quarter(folder: Path, company: str) -> Path:
    """A 10-Q for the second quarter of 2025 as text, with a balance sheet."""
    cover = COVER.format(
        form="10-Q",
        report="QUARTERLY",
        period="quarterly period",
        end="June 30, 2025",
        company=company,
    )
    path = folder / f"{company.split()[0].lower()}-2025-q2.txt"
    path.write_text("\f".join([cover, QUARTER.format(company=company)]), encoding="utf-8")
    return path


def with_page(path: Path, page: str) -> Path:
    """A filing as text with one more page."""
    path.write_text(f"{path.read_text(encoding='utf-8')}\f{page}", encoding="utf-8")
    return path


@pytest.fixture(scope="package")
def accounts(tmp_path_factory: pytest.TempPathFactory, embedder_folder: Path) -> Iterator[Store]:
    """Larkspur Valve Company, fiscal 2024 and the second quarter of 2025."""
    folder = tmp_path_factory.mktemp("accounts")
    company = "Larkspur Valve Company"
    with Store.open(folder / "store", Embedder(embedder_folder)) as store:
        for path in (write_annual(folder, company, 2024), write_quarter(folder, company)):
            store.add(path)
        yield store


INTERIM_INCOME = """{company}
CONDENSED CONSOLIDATED STATEMENTS OF INCOME
(in millions, except per share data)
Three Months Ended {end} {months} Months Ended {end}
{year} {last} {year} {last}
Net sales $ 520 $ 480 ${total} $ {before}
Cost of sales 310 290 {cost} {cost_before}
Gross profit 210 190 {gross} {gross_before}
Selling, general and administrative expenses 130 120 257 235
Operating income 80 70 {operating} {operating_before}
Interest expense 10 10 20 20
Income before income taxes 70 60 138 120
Provision for income taxes 20 15 40 32
Net income $ 50 $ 45 $ {net} $ {net_before}
Earnings per share
Basic $ 0.51 $ 0.46 $ 1.00 $ 0.90
Diluted $ 0.50 $ 0.45 $ 0.98 $ 0.88
"""
INTERIM_FLOW = """{company}
CONDENSED CONSOLIDATED STATEMENTS OF CASH FLOWS
(in millions)
{months} Months Ended {end}
{year} {last}
Operating activities
Net income $ {net} $ {net_before}
Depreciation and amortization 30 28
Net cash provided by operating activities {flow} {flow_before}
Investing activities
Purchases of property, plant and equipment (44) (40)
Net cash used in investing activities (44) (40)
Financing activities
Dividends paid (26) (25)
Net cash used in financing activities (26) (25)
Net increase in cash and cash equivalents $ 20 $ 26
"""
SIX = {"end": "June 30,", "months": "Six", "total": "1,030", "before": "950", "cost": "615",
       "cost_before": "575", "gross": "415", "gross_before": "375", "operating": "158",
       "operating_before": "140", "net": "98", "net_before": "88", "flow": "150",
       "flow_before": "130"}  # fmt: skip
NINE = {"end": "September 30,", "months": "Nine", "total": "1,560", "before": "1,440",
        "cost": "930", "cost_before": "860", "gross": "630", "gross_before": "580",
        "operating": "240", "operating_before": "212", "net": "150", "net_before": "135",
        "flow": "230", "flow_before": "200"}  # fmt: skip


def write_interim(folder: Path, company: str, year: int, told: dict[str, str]) -> Path:
    """A 10-Q as text, with columns for the quarter and the year to date, of two years each."""
    cover = COVER.format(
        form="10-Q",
        report="QUARTERLY",
        period="quarterly period",
        end=f"{told['end']} {year}",
        company=company,
    )
    pages = [
        page.format(company=company, year=year, last=year - 1, **told)
        for page in (INTERIM_INCOME, INTERIM_FLOW)
    ]
    path = folder / f"larkspur-{year}-{told['months']}.txt"
    path.write_text("\f".join([cover, *pages]), encoding="utf-8")
    return path


@pytest.fixture(scope="package")
def interim(tmp_path_factory: pytest.TempPathFactory, embedder_folder: Path) -> Iterator[Store]:
    """Larkspur Valve Company: fiscal 2024, and the second and third quarter of 2025 with columns
    for three and for six and nine months."""
    folder = tmp_path_factory.mktemp("interim")
    company = "Larkspur Valve Company"
    with Store.open(folder / "store", Embedder(embedder_folder)) as store:
        store.add(write_annual(folder, company, 2024))
        for told in (SIX, NINE):
            store.add(write_interim(folder, company, 2025, told))
        yield store
