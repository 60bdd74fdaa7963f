"""Amounts, fiscal years and periods; what the filings' tables state, tagged and printed."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.facts import Fact, amount_of, fiscal_year_at, months_between
from index.filing import Identity
from index.read import read_filing
from index.samples import write_samples

SHARED = Path(__file__).resolve().parents[3] / "shared"


def stated(
    facts: Sequence[Fact], concept: str, statement: str | None = None
) -> dict[date, Decimal]:
    """Period end -> value of a concept, for the whole company."""
    return {
        fact.end: fact.value
        for fact in reversed(facts)
        if fact.concept == concept
        and not fact.dimensions
        and (statement is None or fact.statement == statement)
    }


@pytest.mark.parametrize(
    ("shown", "value"),
    [
        ("1,234", "1234"),
        ("$1,234.5", "1234.5"),
        ("(1,234)", "-1234"),
        ("$(1,234)", "-1234"),
        ("($ 3)", "-3"),
        ("—", "0"),
        ("$—", "0"),
        ("–", "0"),
        ("4.2%", "0.042"),
        ("(4.2)%", "-0.042"),
        (".88", "0.88"),
        ("-7", "-7"),
        ("\u22127", "-7"),
        ("€12", "12"),
    ],
)
def test_amounts(shown: str, value: str) -> None:
    assert amount_of(shown) == Decimal(value)


@pytest.mark.parametrize("text", ["", "n/a", "2019-2020", "1,2x", "(a)", "Total", "12 34a"])
def test_what_is_no_amount(text: str) -> None:
    assert amount_of(text) is None


@given(st.decimals(-(10**12), 10**12, places=2, allow_nan=False))
def test_every_amount_comes_back(value: Decimal) -> None:
    shown = f"({abs(value):,f})" if value < 0 else f"{value:,f}"
    assert amount_of(shown) == value


@pytest.mark.parametrize(
    ("year", "period", "end", "day", "expected"),
    [
        (2023, "FY", date(2023, 12, 31), date(2022, 12, 31), 2022),
        (2023, "FY", date(2023, 12, 31), date(2024, 1, 15), 2024),
        (2019, "FY", date(2020, 2, 1), date(2019, 2, 2), 2018),  # named after the year it began in
        (2018, "FY", date(2018, 1, 31), date(2017, 1, 31), 2017),  # and after that it ended in
        (2024, "FY", date(2024, 9, 28), date(2022, 9, 24), 2022),  # 52 and 53 weeks
        (2023, "Q2", date(2023, 6, 30), date(2022, 12, 31), 2022),
        (2023, "Q2", date(2023, 6, 30), date(2022, 6, 30), 2022),
        (2025, "Q1", date(2024, 12, 28), date(2024, 9, 28), 2024),
    ],
)
def test_fiscal_years(year: int, period: str, end: date, day: date, expected: int) -> None:
    who = Identity(fiscal_year=year, fiscal_period=period, period_end=end)
    assert fiscal_year_at(day, who) == expected


def test_months() -> None:
    assert months_between(None, date(2023, 12, 31)) == 0
    assert months_between(date(2023, 1, 1), date(2023, 12, 31)) == 12
    assert months_between(date(2022, 12, 26), date(2023, 12, 31)) == 12  # 53 weeks
    assert months_between(date(2023, 4, 3), date(2023, 7, 2)) == 3
    assert months_between(date(2023, 1, 1), date(2023, 9, 30)) == 9


COVER = """FORM {form}
{kind} REPORT PURSUANT TO SECTION 13 OR 15(d) OF THE SECURITIES EXCHANGE ACT OF 1934
For the {period} ended {end}
Quillfeather Paper Company
(Exact name of registrant as specified in its charter)"""


def annual(tmp_path: Path, *pages: str, end: str = "December 31, 2024") -> list[Fact]:
    cover = COVER.format(form="10-K", kind="ANNUAL", period="fiscal year", end=end)
    path = tmp_path / "quillfeather.txt"
    path.write_text("\f".join([cover, *pages]), encoding="utf-8")
    return list(read_filing(path).facts)


NOTE = """Note 7. Debt
The following table shows our borrowings (in thousands):
December 31, 2024 2023
Term loan 12,500 13,000
Notes due 2031, net of costs (1) 7,250.5 7,240
Less: discount (15) —
Total $ 19,735.5 $ 20,240
"""


def test_a_notes_table_gives_facts_without_concepts(tmp_path: Path) -> None:
    facts = [fact for fact in annual(tmp_path, NOTE) if fact.page == 2]
    values = {(fact.label, fact.end.year): fact.value for fact in facts}
    assert values["Term loan", 2024] == 12_500_000
    assert values["Less: discount", 2024] == -15_000
    assert values["Less: discount", 2023] == 0
    assert values["Total", 2024] == Decimal("19735500")
    assert all(f.concept is None and f.start is None and f.unit == "USD" for f in facts)


@pytest.mark.parametrize("word", ["decreased", "margins", "marketing"])
def test_bare_years_are_the_filers_own_whatever_stands_above(word: str, tmp_path: Path) -> None:
    """A word that begins like a month is none."""
    table = f"Warranty costs {word} as follows (in millions):\n2024 2023\nParts 24 23\nWork 9 8\n"
    for end in ("May 31, 2024", "June 30, 2024", "December 31, 2024"):
        facts = annual(tmp_path, table, end=end)
        (newest,) = [fact for fact in facts if fact.value == 24_000_000]
        assert f"{newest.end:%B %d, %Y}" == end
        assert newest.fiscal_year == 2024


def test_amounts_without_a_unit_are_no_facts(tmp_path: Path) -> None:
    assert not annual(tmp_path, NOTE.replace("(in thousands)", ""))


PLACED = [
    (200, 740, "CONSOLIDATED STATEMENTS OF INCOME"),
    (210, 726, "(in millions, except per share data)"),
    (330, 700, "Three Months Ended"),
    (450, 700, "Six Months Ended"),
    (345, 686, "June 30,"),
    (465, 686, "June 30,"),
    (330, 672, "2025"),
    (390, 672, "2024"),
    (450, 672, "2025"),
    (510, 672, "2024"),
]
ROWS = [
    ("Net sales", "400", "360", "780", "700"),
    ("Cost of sales", "(250)", "(230)", "(490)", "(450)"),
    ("Gross profit", "150", "130", "290", "250"),
    ("Selling, general and administrative expenses", "(90)", "(80)", "(170)", "(155)"),
    ("Gain on sale of a mill", "", "", "12", ""),
    ("Operating income", "60", "50", "132", "95"),
    ("Income before income taxes", "56", "46", "124", "87"),
    ("Provision for income taxes", "(14)", "(11)", "(31)", "(21)"),
    ("Net income", "$42", "$35", "$93", "$66"),
    ("Diluted earnings per share", "$0.42", "$0.35", "$0.93", "$0.66"),
]


def test_columns_are_told_by_their_places(make_pdf, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    """Spanning heads, brackets for expenses, and an empty cell that shifts nothing."""
    cover = COVER.format(
        form="10-Q", kind="QUARTERLY", period="quarterly period", end="June 30, 2025"
    )
    pieces = list(PLACED)
    for n, (label, *amounts) in enumerate(ROWS):
        y = 650 - 16 * n
        pieces.append((40, y, label))
        pieces += [(x, y, a) for x, a in zip((330, 390, 450, 510), amounts, strict=True) if a]
    # The page's number stands below a column.
    pieces += [(40, 480, "See accompanying notes."), (392, 466, "51")]
    facts = read_filing(make_pdf([cover.splitlines(), pieces])).facts
    found = {(f.concept or f.label, f.start, f.end): f.value for f in facts}
    quarter, half = date(2025, 4, 1), date(2025, 1, 1)
    end, before = date(2025, 6, 30), date(2024, 6, 30)
    assert found["Revenues", quarter, end] == 400_000_000
    assert found["Revenues", half, end] == 780_000_000
    assert found["Revenues", date(2024, 4, 1), before] == 360_000_000
    assert found["CostOfRevenue", quarter, end] == 250_000_000
    assert found["IncomeTaxExpenseBenefit", half, end] == 31_000_000
    assert found["EarningsPerShareDiluted", quarter, end] == Decimal("0.42")
    gains = {key: value for key, value in found.items() if key[0] == "Gain on sale of a mill"}
    assert gains == {("Gain on sale of a mill", half, end): 12_000_000}
    assert not any(fact.shown == "51" for fact in facts)
    boxes = [f.box for f in facts if f.concept == "NetIncomeLoss"]
    assert all(box and box[0] >= 320 and box[2] > box[0] for box in boxes)


BALANCE = """Quillfeather Paper Company
CONSOLIDATED BALANCE SHEETS
(in millions)
December 31, 2024 2023
Cash and cash equivalents $ 12 $ 10
Accounts receivable 34 30
Inventories 25 20
Total current assets 80 70
Property, plant and equipment 90 85
Less accumulated depreciation (40) (35)
Property, plant and equipment, net 50 50
Total assets $ 160 $ 150
Accounts payable 21 19
Total current liabilities 40 35
Long-term debt 50 55
Total liabilities 90 90
Retained earnings 60 50
Total shareholders' equity 70 60
Total liabilities and shareholders' equity $ 160 $ 150
"""
PARENT = """Schedule I. Condensed Financial Information of Registrant (Parent Company Only)
BALANCE SHEETS
(in millions)
December 31, 2024 2023
Cash and cash equivalents $ 3 $ 2
Investment in subsidiaries 68 60
Total assets $ 71 $ 62
Accounts payable 1 2
Total liabilities 1 2
Retained earnings 60 50
Total shareholders' equity 70 60
Total liabilities and shareholders' equity $ 71 $ 62
"""


def test_two_lengths_of_period_over_one_line_of_years(tmp_path: Path) -> None:
    file = tmp_path / "q.txt"
    file.write_text(
        """Larkspur Valve Company
FORM 10-Q
For the quarterly period ended June 30, 2024
\f
CONSOLIDATED STATEMENTS OF OPERATIONS
(in millions, except per share data)
Three Months Ended June 30, Six Months Ended June 30,
2024 2023 2024 2023
Net sales $ 110 $ 100 $ 210 $ 190
Cost of sales 60 55 115 105
Gross profit 50 45 95 85
Operating expenses 20 19 40 38
Operating income 30 26 55 47
Income taxes 6 5 11 9
Net income $ 24 $ 21 $ 44 $ 38
Earnings per share - diluted:
Net income from continuing operations $ 0.24 $ 0.21 $ 0.44 $ 0.38
""",
        encoding="utf-8",
    )
    facts = read_filing(file).facts
    sales = [fact for fact in facts if fact.label == "Net sales"]
    assert [(fact.months, fact.end.year) for fact in sales] == [
        (3, 2024),
        (3, 2023),
        (6, 2024),
        (6, 2023),
    ]
    a_share = [fact for fact in facts if fact.label == "Net income from continuing operations"]
    assert {(fact.unit, fact.scale) for fact in a_share} == {("USD/shares", 0)}
    assert a_share[0].value == Decimal("0.24")


@pytest.mark.parametrize(
    ("label", "unit", "concept"),
    [
        (
            "Shares used to compute diluted net income per share",
            "shares",
            "WeightedAverageNumberOfDilutedSharesOutstanding",
        ),
        (
            "Weighted-average shares outstanding used in basic per share amounts",
            "shares",
            "WeightedAverageNumberOfSharesOutstandingBasic",
        ),
        ("Diluted net income per share", "USD/shares", "EarningsPerShareDiluted"),
        ("Shares repurchased, average price per share", "USD/shares", None),
        ("Shares withheld for employee taxes", "USD", None),
    ],
)
def test_shares_that_others_are_divided_by(
    label: str, unit: str, concept: str | None, tmp_path: Path
) -> None:
    page = f"""Consolidated Statements of Income
(In millions, except per share data)
Years Ended December 31,
2024 2023
Net sales $ 900 $ 800
Cost of sales 500 450
Gross profit 400 350
Operating expenses 280 245
Operating income 120 105
Income taxes 30 25
Net income 90 80
{label} 7.25 6.75"""
    (fact,) = (f for f in annual(tmp_path, page) if f.label == label and f.fiscal_year == 2024)
    assert (fact.unit, fact.concept) == (unit, concept)


def test_a_label_that_ends_in_a_day_is_no_new_header(tmp_path: Path) -> None:
    file = tmp_path / "b.txt"
    file.write_text(
        """Larkspur Valve Company
FORM 10-K
For the fiscal year ended December 31, 2024
\f
CONSOLIDATED BALANCE SHEETS
(in millions) December 31, 2024 2023
Cash $ 10 $ 9
Inventories 20 19
Total assets $ 30 $ 28
Accounts payable 4 3
Total liabilities 14 13
Preferred stock, no shares outstanding at December 31, 2024 and
December 31, 2023 — —
Common stock 5 5
Retained earnings 11 10
Total shareholders' equity 16 15
Total liabilities and shareholders' equity $ 30 $ 28
""",
        encoding="utf-8",
    )
    facts = [fact for fact in read_filing(file).facts if fact.statement == "balance"]
    equity = stated(facts, "StockholdersEquity")
    assert equity == {date(2024, 12, 31): Decimal(16_000_000), date(2023, 12, 31): 15_000_000}


def test_net_income_a_share_is_of_the_heading_over_it(tmp_path: Path) -> None:
    page = """Consolidated Statements of Income
(In millions, except per share data)
Years Ended December 31,
2024 2023
Net sales $ 900 $ 800
Cost of sales 500 450
Operating income 120 105
Average FX rate 0.93 0.91
Net income attributable to Quillfeather $ 90 $ 80
Basic Earnings Per Common Share
Net income attributable to Quillfeather $ 7.25 $ 6.75
Weighted-average shares outstanding 12 12
Diluted Earnings Per Common Share
Net income attributable to Quillfeather $ 7.20 $ 6.70
Weighted-average shares outstanding 13 12"""
    found = [f for f in annual(tmp_path, page) if f.fiscal_year == 2024][3:]
    assert [(f.concept, f.unit, str(f.value.normalize())) for f in found] == [
        (None, "pure", "0.93"),
        ("NetIncomeLoss", "USD", "9E+7"),
        ("EarningsPerShareBasic", "USD/shares", "7.25"),
        ("WeightedAverageNumberOfSharesOutstandingBasic", "shares", "1.2E+7"),
        ("EarningsPerShareDiluted", "USD/shares", "7.2"),
        ("WeightedAverageNumberOfDilutedSharesOutstanding", "shares", "1.3E+7"),
    ]


def test_headings_with_a_dash_stay_the_sections_of_their_rows(tmp_path: Path) -> None:
    page = """Consolidated Statements of Income
(In millions, except per share data)
Years Ended December 31,
2024 2023
Net sales $ 900 $ 800
Cost of sales 500 450
Operating income 120 105
Net income 90 80
Weighted average shares outstanding:
Basic 100.5 99.5
Diluted 102.0 101.0
Net income per share—
Basic $ 0.90 $ 0.80
Diluted $ 0.88 $ 0.79"""
    found = {
        (fact.concept, str(fact.value.normalize()))
        for fact in annual(tmp_path, page)
        if fact.fiscal_year == 2024 and fact.concept and "Share" in fact.concept
    }
    assert found == {
        ("WeightedAverageNumberOfSharesOutstandingBasic", "1.005E+8"),
        ("WeightedAverageNumberOfDilutedSharesOutstanding", "1.02E+8"),
        ("EarningsPerShareBasic", "0.9"),
        ("EarningsPerShareDiluted", "0.88"),
    }


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Retained earnings", "Commitments\n(see notes to the statements)\nRetained earnings"),
        ("Cash and cash", "See accompanying notes.\nCash and cash"),
    ],
)
def test_what_refers_to_the_notes_within_a_statement_does_not_end_it(
    before: str, after: str, tmp_path: Path
) -> None:
    facts = annual(tmp_path, BALANCE.replace(before, after))
    assert stated(facts, "LiabilitiesAndStockholdersEquity")[date(2024, 12, 31)] == 160_000_000
    assert stated(facts, "CashAndCashEquivalentsAtCarryingValue")[date(2024, 12, 31)] == 12_000_000


def test_a_heading_that_ends_in_a_preposition_is_no_label(tmp_path: Path) -> None:
    page = NOTE.replace(
        "Term loan 12,500 13,000", "CASH PAID DURING THE YEAR FOR:\nTerm loan 12,500 13,000"
    )
    (loan,) = (f for f in annual(tmp_path, page) if f.value == 12_500_000)
    assert (loan.label, loan.section) == ("Term loan", "CASH PAID DURING THE YEAR FOR")


def test_the_parents_own_sheet_is_not_the_companys(tmp_path: Path) -> None:
    filler = "\f".join(f"Note {n}. Text of a note that says little." for n in range(14))
    facts = annual(tmp_path, BALANCE, filler, PARENT)
    assert stated(facts, "Assets", "balance") == {
        date(2024, 12, 31): 160_000_000,
        date(2023, 12, 31): 150_000_000,
    }


def test_plant_at_cost_is_not_plant_net(tmp_path: Path) -> None:
    facts = annual(tmp_path, BALANCE)
    end = date(2024, 12, 31)
    assert stated(facts, "PropertyPlantAndEquipmentNet")[end] == 50_000_000
    assert stated(facts, "PropertyPlantAndEquipmentGross")[end] == 90_000_000


def test_change_columns_give_no_facts(tmp_path: Path) -> None:
    page = BALANCE.replace("2024 2023\n", "2024 2023 Change\n")
    page = re.sub(r"(\d+) (\$ )?(\d+)\n", r"\1 \2\3 7\n", page)
    facts = [fact for fact in annual(tmp_path, page) if fact.page == 2]
    assert {fact.end.year for fact in facts} <= {2024, 2023}
    assert not any(fact.shown == "7" for fact in facts)


@pytest.mark.parametrize("head", ["2024 2023 Change", "2024  2023  Change"])
def test_a_change_is_no_years_amount_where_most_rows_lack_one(head: str, tmp_path: Path) -> None:
    page = BALANCE.replace("2024 2023\n", f"{head}\n")
    assert not any(fact.page == 2 for fact in annual(tmp_path, page))


def test_nor_where_the_places_say_which_year_is_missing(make_pdf) -> None:  # type: ignore[no-untyped-def]
    cover = COVER.format(form="10-K", kind="ANNUAL", period="fiscal year", end="December 31, 2024")
    heads = [(60, 680, "Note 7. Mills (in thousands)"), (60, 660, "December 31,")]
    heads += [(300, 660, "2024"), (400, 660, "2023"), (500, 660, "Change")]
    rows = [("North mill", "1,250", "1,250"), ("South mill", "830", "830"), ("Total", "9", "9")]
    cells = [
        (x, 640 - 14 * n, text)
        for n, row in enumerate(rows)
        for x, text in zip((60, 300, 500), row, strict=True)
    ]
    facts = read_filing(make_pdf([cover.splitlines(), [*heads, *cells]])).facts
    assert {fact.end.year for fact in facts} == {2024} and len(facts) == 3


def test_sample_filings_say_the_same_tagged_and_printed(tmp_path: Path) -> None:
    """The same report as PDF and as inline XBRL: what the labels are taken for is what the tags
    say, and every tagged number of the statements is read from the PDF."""
    write_samples(tmp_path)
    right = missing = wrong = 0
    for page in sorted((tmp_path / "all").glob("*_2024_10K.html")):
        tagged = read_filing(page).facts
        printed = read_filing(page.with_suffix(".pdf")).facts
        for fact in tagged:
            if not fact.statement or fact.dimensions:
                continue
            alike = [
                p
                for p in printed
                if p.statement == fact.statement and p.shown.strip("$()") == fact.shown
            ]
            same = [p for p in alike if p.end == fact.end and abs(p.value) == abs(fact.value)]
            if not same:
                missing += 1
                print("missing", fact.label, fact.concept, fact.end, fact.shown)
            known = {p.concept for p in same if p.concept}
            if known and fact.concept not in known and p_known(fact.concept):
                wrong += 1
                print("wrong", fact.label, fact.concept, known)
            right += bool(same)
    assert right >= 0.97 * (right + missing)
    assert wrong <= 0.03 * right


def p_known(concept: str | None) -> bool:
    """Whether the wordings know the concept at all."""
    text = (Path(__file__).resolve().parents[2] / "index" / "concepts.toml").read_text()
    return f"{concept} = [" in text


@pytest.mark.skipif(not (SHARED / "filings_html").is_dir(), reason="no ../shared/filings_html")
def test_tagged_numbers_of_real_filings_are_found_exactly() -> None:
    missing = []
    wanted = 0
    for gold in sorted((SHARED / "filings_html" / "facts").glob("*.json")):
        facts = read_filing(SHARED / "filings_html" / f"{gold.stem}.html").facts
        found = {
            (f.concept, f.start and f.start.isoformat(), f.end.isoformat(), f.value)
            for f in facts
            if not f.dimensions
        }
        for row in json.loads(gold.read_text(encoding="utf-8")):
            wanted += 1
            key = (row["concept"], row["start"], row["end"], Decimal(str(row["value"])))
            missing += [] if key in found else [(gold.stem, *key)]
    assert wanted > 500
    assert len(missing) <= 0.01 * wanted, missing[:5]
