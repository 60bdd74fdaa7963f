"""What is refused before any model is asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.evidence import gather
from assistant.question_kind import asks_for_advice
from index.store import Store
from tests.hardening.plain_embedder import PlainEmbedder
from tests.index.test_store import write_filing


@pytest.mark.parametrize(
    ("question", "advice"),
    [
        ("Should I buy Acme stock?", True),
        ("Is Acme a good investment?", True),
        ("Would you recommend selling the shares?", True),
        ("Will Acme's share price rise in 2026?", True),
        ("How much cash did Acme use to buy its shares back in fiscal 2024?", False),
        ("Did Acme sell shares in its 2021 IPO?", False),
        ("What did Acme say about its share price performance?", False),
        ("Is the goodwill impairment a good share of operating loss?", False),
    ],
)
def test_advice_is_told_from_facts(question: str, advice: bool) -> None:
    assert asks_for_advice(question) is advice


def test_the_kind_of_a_question_is_told(holding: dict[int, Path]) -> None:
    with Store.open(holding[2], PlainEmbedder()) as store:
        for question, kind in (
            ("What were Alder's inventories at the end of fiscal 2023?", "lookup"),
            ("What were Alder's inventories in fiscal 2003?", "not answerable"),
            ("What were Zephyrine's inventories in fiscal 2023?", "not answerable"),
            ("Should I buy Alder?", "not answerable"),
        ):
            assert gather(store, question).understood["kind"] == kind


MANY = "Alder Birch Cedar Dogwood Elm Fir Gorse Hazel".split()


@pytest.fixture(scope="module")
def holding(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    """Stores with annual reports of two companies, and of eight."""
    folder = tmp_path_factory.mktemp("filers")
    for count in (2, 8):
        with Store.open(folder / str(count), PlainEmbedder()) as store:
            for n, company in enumerate(MANY[:count]):
                store.add(write_filing(folder, f"{company} Works Inc", 2023, 250 + n))
    return {count: folder / str(count) for count in (2, 8)}


def test_a_figure_of_no_company_named_is_not_any_companys(holding: dict[int, Path]) -> None:
    with Store.open(holding[8], PlainEmbedder()) as store:
        for question in (
            "What were inventories at the end of fiscal 2023?",
            "Did inventories rise in fiscal 2023?",
            "Which company had the highest inventories in 2023?",
        ):
            evidence = gather(store, question)
            assert evidence.figure is None and evidence.missing is not None, question
            assert "names no company, and the store holds filings of 8: Alder" in evidence.missing
            assert "and 2 more. Name one" in evidence.missing and "Hazel" not in evidence.missing
        told = gather(store, "What were Cedar Works' inventories at the end of fiscal 2023?").figure
        assert told is not None and told.value == 252_000_000
        # Text may be about one of them only, whoever it is; and what an item is, is no figure.
        for question in (
            "Why did customers complain about late valves?",
            "What are inventories?",
            "How are inventories stated?",
            "Which filings state inventories?",
        ):
            assert gather(store, question).missing is None, question


def test_few_companies_are_all_asked_where_none_is_named(holding: dict[int, Path]) -> None:
    with Store.open(holding[2], PlainEmbedder()) as store:
        told = gather(store, "What were inventories at the end of fiscal 2023?").figure
        assert told is not None and told.value is None
        assert "Alder Works Inc" in told.text and "Birch Works Inc" in told.text
        most = gather(store, "Which company had the highest inventories in 2023?").figure
        assert most is not None and "Birch Works Inc" in most.text
        both = gather(store, "Did inventories rise in fiscal 2023?").figure
        assert both is not None and "$200 million" in both.text and "$251 million" in both.text
        # What they do not all state.
        assert "of 2: Alder Works Inc, Birch Works Inc. Name" in str(
            gather(store, "What was net income in fiscal 2023?").missing
        )


def test_companies_are_not_ranked_by_figures_of_different_years(tmp_path: Path) -> None:
    with Store.open(tmp_path / "store", PlainEmbedder()) as store:
        store.add(write_filing(tmp_path, "Alder Works Inc", 2021, 250))
        store.add(write_filing(tmp_path, "Birch Works Inc", 2023, 250))
        latest = gather(store, "Which company had the highest inventories?")
        assert latest.figure is None and "names no company" in str(latest.missing)
        each = gather(store, "What were inventories?").figure
        assert each is not None and "2021" in each.text and "2023" in each.text
        store.add(write_filing(tmp_path, "Birch Works Inc", 2021, 250))
        same = gather(store, "Which company had the highest inventories in 2021?").figure
        assert same is not None and "were equally the highest" in same.text
