"""The right page comes first: by the items asked, the period, the day and the kind of filing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from index.embed import Embedder
from index.query import understand
from index.retrieve import _latest, _year_groups, find, search
from index.store import Store

COVER = """FORM {form}
{report} REPORT PURSUANT TO SECTION 13 OR 15(d) OF THE SECURITIES EXCHANGE ACT OF 1934
For the {period} ended {end}
Valdor Valves Inc
(Exact name of registrant as specified in its charter)
"""
TALK = """Item 7. Management's discussion
Inventories, accounts payable and cost of sales are discussed here. Inventories rose because
inventories of valves were built up; inventory turnover and inventories matter to us, and accounts
payable and the fixed assets of the business do too. We expect to pay 7 to our retirees in 2024.
Purchases were made as the business required. Inventories again: see the inventories note.
"""
BALANCE = """Valdor Valves Inc
CONSOLIDATED BALANCE SHEETS
(in millions)
{end}, {y0} {y1}
Current assets
Cash and cash equivalents $ 120 $ 100
Accounts receivable, net 340 300
Inventories 250 200
Total current assets 800 700
Property, plant and equipment, net 500 500
Total assets $ 1,600 $ 1,500
Current liabilities
Accounts payable 210 190
Total current liabilities 400 350
Long-term debt 500 550
Total liabilities 900 900
Total shareholders' equity 700 600
Total liabilities and shareholders' equity $ 1,600 $ 1,500
"""
RELEASE = """Valdor Valves Inc Reports Fourth Quarter and Full Year {year} Results
VALDORBERG, February 12, {next} -- Valdor Valves Inc today reported results for the quarter and
the year ended December 31, {year}. Adjusted EBITDA was $ 410 million; net sales $ 2,000 million.
"""
EVENT = """UNITED STATES SECURITIES AND EXCHANGE COMMISSION
Washington, D.C. 20549
FORM 8-K
Date of Report (Date of earliest event reported): May 26, 2023
Valdor Valves Inc
(Exact name of registrant as specified in its charter)
Item 1.01 Entry into a credit agreement. Valdor may borrow up to $ 900 million.
"""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, embedder_folder: Path) -> Iterator[Store]:
    folder = tmp_path_factory.mktemp("filings")

    def write(name: str, pages: list[str]) -> None:
        (folder / f"{name}.txt").write_text("\f".join(pages))

    for year in (2021, 2022, 2023):
        cover = COVER.format(
            form="10-K", report="ANNUAL", period="fiscal year", end=f"December 31, {year}"
        )
        balance = BALANCE.format(end="December 31", y0=year, y1=year - 1)
        write(f"annual-{year}", [cover, TALK, balance])
        write(f"release-{year}", [RELEASE.format(year=year, next=year + 1)])
    for end, name in (("March 31", "q1"), ("June 30", "q2"), ("September 30", "q3")):
        cover = COVER.format(
            form="10-Q", report="QUARTERLY", period="quarterly period", end=f"{end}, 2023"
        )
        write(f"{name}-2023", [cover, TALK, BALANCE.format(end=end, y0=2023, y1=2022)])
    write("event-2023", [EVENT])
    with Store.open(folder / "store", Embedder(embedder_folder)) as opened:
        for file in sorted(folder.glob("*.txt")):
            opened.add(file)
        yield opened


def first(store: Store, question: str) -> tuple[str, int]:
    hit = find(store, question).hits[0]
    return hit.doc, hit.page


@pytest.mark.parametrize(
    "question",
    [
        "What were Valdor's inventories at the end of FY2022?",
        "How much did Valdor owe its suppliers, that is accounts payable, in 2022?",
        "How did Valdor's quick ratio develop in FY2022?",
    ],
)
def test_page_that_states_the_item_comes_before_pages_that_speak_of_it(
    store: Store, question: str
) -> None:
    assert first(store, question) == ("annual-2022", 3)


@pytest.mark.parametrize(
    "question",
    [
        "Why did Valdor's inventories rise in FY2022?",
        "What does Valdor expect of inventories of brass valves in FY2022?",
    ],
)
def test_a_reason_or_a_part_of_an_item_is_not_looked_for_on_its_statement(
    store: Store, question: str
) -> None:
    assert first(store, question) == ("annual-2022", 2)


@pytest.mark.parametrize(
    ("question", "doc"),
    [
        ("What were Valdor's inventories in Q2 of 2023?", "q2-2023"),
        ("What were Valdor's inventories as of FY2023Q1?", "q1-2023"),
        ("Valdor inventories 3Q23", "q3-2023"),
        ("Valdor total assets, third quarter of 2023", "q3-2023"),
    ],
)
def test_the_quarter_asked_comes_first(store: Store, question: str, doc: str) -> None:
    assert first(store, question)[0] == doc


def test_a_year_to_come_is_looked_up_where_the_question_stands(store: Store) -> None:
    question = "As of FY 2021, how much did Valdor expect to pay to its retirees in 2024?"
    assert first(store, question)[0] == "annual-2021"


def test_who_asks_how_it_is_and_names_no_time_asks_of_now(store: Store) -> None:
    assert first(store, "What does Valdor expect to pay to its retirees?")[0] == "annual-2023"


@pytest.mark.parametrize(
    ("question", "lifted"),
    [
        ("What does Valdor expect to pay to its retirees?", {"annual-2023"}),
        ("What are inventories in Valdor's 10-Q?", {"q3-2023"}),
        ("What are Valdor's inventories in the second quarter?", {"q2-2023"}),
        ("What does Valdor expect for 2022?", set()),
        ("What did Valdor pay for its pumps business?", set()),  # whenever that was
        ("Which board nominees have votes against them?", set()),
    ],
)
def test_the_newest_filing_of_the_kind_asked_is_lifted(
    store: Store, question: str, lifted: set[str]
) -> None:
    documents = store.documents()
    ids = _latest(understand(question, documents), documents)
    assert {d.name for d in documents if d.id in ids} == lifted


def test_a_day_finds_the_filing_of_that_day(store: Store) -> None:
    assert first(store, "What may Valdor borrow as of May 26, 2023?")[0] == "event-2023"


def test_measures_beyond_gaap_are_looked_for_in_releases(store: Store) -> None:
    assert first(store, "What was Valdor's adjusted EBITDA in FY2022?")[0] == "release-2022"


def test_what_was_understood_names_the_items(store: Store) -> None:
    understood = find(store, "What was Valdor's current ratio in FY2022?").query.understood()
    assert understood["items"] == ["current assets", "current liabilities"]


@pytest.fixture(scope="module")
def rivals(tmp_path_factory: pytest.TempPathFactory, embedder_folder: Path) -> Iterator[Store]:
    """One company says much of lawsuits, the other little, in annual reports of four years."""
    folder = tmp_path_factory.mktemp("rivals")
    suits = "Item 3. Legal proceedings\nWe are party to lawsuits over valves sold in {year}.\n"
    for name, pages in (("Valdor Valves Inc", 12), ("Quorla Gears Inc", 1)):
        for year in (2018, 2019, 2022, 2023):
            cover = COVER.format(
                form="10-K", report="ANNUAL", period="fiscal year", end=f"December 31, {year}"
            ).replace("Valdor Valves Inc", name)
            dull = "Some matters before the courts remain open.\n" if pages == 1 else ""
            filing = [cover, *[dull or suits.format(year=year)] * pages]
            (folder / f"{name.split()[0].lower()}-{year}.txt").write_text("\f".join(filing))
    with Store.open(folder / "store", Embedder(embedder_folder)) as opened:
        for file in sorted(folder.glob("*.txt")):
            opened.add(file)
        yield opened


@pytest.mark.parametrize(
    ("question", "docs"),
    [
        (
            "Which lawsuits are Valdor Valves and Quorla Gears party to in 2023?",
            {"valdor-2023", "quorla-2023"},
        ),
        ("How do Valdor's lawsuits of 2018 differ from those of 2022?", {"valdor-2018"}),
        ("How do Valdor's lawsuits of 2018 differ from those of 2023?", {"valdor-2023"}),
    ],
)
def test_no_company_and_no_year_takes_the_places_of_another(
    rivals: Store, question: str, docs: set[str]
) -> None:
    for hits in (find(rivals, question, 4).hits, search(rivals, question, 4)):
        assert docs <= {hit.doc for hit in hits[:2]}
        assert len({hit.chunk_id for hit in hits}) == len(hits) == 4


@pytest.mark.parametrize(
    ("question", "groups"),
    [
        ("How did Valdor's inventories change from 2021 to 2023?", [(2021, 2022, 2023)]),
        ("What were Valdor's inventories from 2019 to 2023?", [(2021, 2022, 2023), (2019, 2020)]),
        ("How did Valdor's lawsuits change from 2021 to 2022?", [(2022,), (2021,)]),
        ("As of 2021, what is Valdor to pay to retirees in 2023?", [(2021, 2023)]),
        ("Who audits Valdor?", [()]),
    ],
)
def test_years_of_one_report_are_asked_together(
    store: Store, question: str, groups: list[tuple[int, ...]]
) -> None:
    assert _year_groups(understand(question, store.documents())) == groups
