"""What a company does, is sued for or has listed is looked for in the Items that state it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from index.embed import Embedder
from index.parts import part_pages
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
    assert part_pages(store, question, [document]) == {(document.id, page) for page in pages}


def test_their_pages_come_up_in_the_years_own_filing(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = (("Is Valdor party to lawsuits in 2023?", 6), ("What industry is Valdor in, 2023?", 2))

    def rank(question: str, page: int) -> int:
        places = [(hit.doc, hit.page) for hit in find(store, question).hits]
        return places.index(("VALDOR_2023_10K", page))

    lifted = [rank(*each) for each in asked]
    monkeypatch.setattr("index.retrieve._PART", 0.0)
    assert max(lifted) <= 1 and sum(lifted) < sum(rank(*each) for each in asked)


def test_of_very_many_filings_none_is_read(store: Store) -> None:
    documents = store.documents() * 20
    assert part_pages(store, "What industry does it operate in?", documents) == set()
