"""What a company does, is sued for or has listed is looked for in the Items that state it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from index import parts
from index.embed import Embedder
from index.parts import page_lifts
from index.query import understand
from index.retrieve import find
from index.store import Store

PAGES = (
    "Valdor Valves Inc\nFORM 10-K\nANNUAL REPORT PURSUANT TO SECTION 13\nFor the fiscal year ended "
    "December 31, {year}\n(Exact name of registrant as specified in its charter)\nCommon stock VVX "
    "New York Stock Exchange",
    "Item 1. Business\nValdor makes gate valves and pumps for water works in Europe and Asia.",
    "Our people number 4,100. Customers are cities and their water boards.",
    "Item 1A. Risk Factors\nWe depend on one supplier of nickel. The industry is cyclical.",
    "Item 2. Properties\nOffices and foundries of 900,000 square feet in Turin.",
    "Item 3. Legal Proceedings\nA city claims that gates failed; a court will hear it in May.",
    "Item 7. Management's Discussion and Analysis\nThe industry we serve grew. Litigation costs, "
    "legal fees and lawsuits cost 7 million. Products, customers, markets and risks are many.",
)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, embedder_folder: Path) -> Iterator[Store]:
    folder = tmp_path_factory.mktemp("parts")
    with Store.open(folder / "store", Embedder(embedder_folder)) as opened:
        for year in (2023, 2024):
            path = folder / f"VALDOR_{year}_10K.txt"
            path.write_text("\f".join(PAGES).format(year=year), encoding="utf-8")
            opened.add(path)
        yield opened


@pytest.mark.parametrize(
    ("question", "pages"),
    [
        ("What industry does Valdor operate in?", {2, 3}),
        ("What are the main products of the company?", {2, 3}),
        ("Who are its largest customers?", {2, 3}),
        ("How many people does it have?", {2, 3}),
        ("Is it party to any lawsuits?", {6}),
        ("Has it reported material legal battles?", {6}),
        ("What are the main risks?", {4}),
        ("Which supplier does it depend on?", {2, 3, 4}),
        ("Where are its headquarters?", {5}),
        ("Which securities are registered on a national exchange?", {1, 2}),
        ("What was revenue in 2024?", set()),
        ("What did its products cost in 2024?", set()),
        ("", set()),
    ],
)
def test_the_items_that_answer_a_kind_of_question(
    store: Store, question: str, pages: set[int]
) -> None:
    (document,) = (d for d in store.documents() if d.fiscal_year == 2024)
    lifts = page_lifts(store, understand(question, [document]), [document])
    assert set(lifts) == {(document.id, page) for page in pages}


def test_their_pages_come_up_in_the_years_own_filing(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = (("Is Valdor party to lawsuits in 2023?", 6), ("What industry is Valdor in, 2023?", 2))

    def rank(question: str, page: int) -> int:
        places = [(hit.doc, hit.page) for hit in find(store, question).hits]
        return places.index(("VALDOR_2023_10K", page))

    lifted = [rank(*each) for each in asked]
    monkeypatch.setattr("index.parts._ANSWERS", 0.0)
    assert max(lifted) <= 1 and sum(lifted) < sum(rank(*each) for each in asked)


def test_of_very_many_filings_none_is_read(store: Store) -> None:
    documents = store.documents() * 20
    query = understand("What industry does it operate in?", documents)
    assert page_lifts(store, query, documents) == {}


EVENT = (
    "Valdor Valves Inc\nFORM 8-K\nCURRENT REPORT PURSUANT TO SECTION 13\nReported May 2, 2024",
    "Item 5.02. Departure of Directors or Certain Officers\nDora Lind becomes chief executive.",
    "Item 9.01. Financial Statements and Exhibits\nSIGNATURE",
    "EMPLOYMENT AGREEMENT\nThe chief executive is paid as agreed. The chief executive serves.",
)
RELEASE = (
    "Valdor Valves Inc Reports Fourth Quarter and Fiscal Year 2024 Results\nTURIN, Feb. 3, 2025",
    "We reconcile adjusted measures below.\nA reconciliation of them to GAAP is given.",
    "RECONCILIATION OF NET INCOME TO ADJUSTED EBITDA\nAdjusted EBITDA 90",
    "Gross Margin Reconciliation (continued)\nGross margin 41",
)
NOTES = (
    "Valdor Valves Inc\nFORM 10-K\nFor the fiscal year ended December 31, 2024",
    "Note 7. Debt\nTotal debt 600",
    "NOTE 8 – REVENUE RECOGNITION\nRevenue is recognized when gates open.",
    "See Note 7. Debt is due in 2031.",
    "Note 9: Inventories, Net\nInventories 70",
)


@pytest.mark.parametrize(
    ("name", "pages", "question", "lifted"),
    [
        ("VALDOR_2024_8K", EVENT, "Who is the new chief executive?", {2}),
        ("VALDOR_2024Q4_EARNINGS", RELEASE, "What was adjusted EBITDA in FY2024?", {3, 4}),
        (
            "VALDOR_2024Q4_EARNINGS",
            RELEASE,
            "How did sales grow, excluding the effects of currency?",
            {3, 4},
        ),
        ("VALDOR_2024Q4_EARNINGS", RELEASE, "What was net income in FY2024?", set()),
        ("VALDOR_2024_10K", NOTES, "Did its debt rise in FY2024?", {2}),
        ("VALDOR_2024_10K", NOTES, "What were inventories in FY2024?", {5}),
        ("VALDOR_2024_10K", NOTES, "What was revenue in FY2024?", set()),
    ],
)
def test_where_such_things_stand(
    name: str,
    pages: tuple[str, ...],
    question: str,
    lifted: set[int],
    tmp_path: Path,
    embedder_folder: Path,
) -> None:
    path = tmp_path / f"{name}.txt"
    path.write_text("\f".join(pages), encoding="utf-8")
    with Store.open(tmp_path / "store", Embedder(embedder_folder)) as opened:
        opened.add(path)
        documents = opened.documents()
        found = page_lifts(opened, understand(question, documents), documents)
    assert {page for _, page in found} == lifted


def test_a_filing_is_read_once(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    documents = store.documents()
    query = understand("Is Valdor party to any lawsuits?", documents)
    first = page_lifts(store, query, documents)
    monkeypatch.setattr(Store, "page_texts", None)
    assert page_lifts(store, query, documents) == first
    assert len(parts._kept) <= parts._MOST_KEPT
