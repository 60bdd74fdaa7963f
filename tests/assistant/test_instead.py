"""Every refusal says what could be asked instead, and that is no refusal."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.assistant import Assistant
from assistant.evidence import gather
from index.store import Store
from tests.assistant.figures.conftest import write_annual, write_quarter
from tests.assistant.test_assistant import Says
from tests.hardening.plain_embedder import PlainEmbedder

NEWS = """FORM 8-K
CURRENT REPORT
Date of report (date of earliest event reported): March 3, 2024
Ollerby Ropes, Inc.
(Exact name of registrant as specified in its charter)
Item 5.02 The chair of the board has resigned.
"""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    folder = tmp_path_factory.mktemp("instead")
    company = "Larkspur Valve Company"
    news = folder / "news.txt"
    news.write_text(NEWS, encoding="utf-8")
    with Store.open(folder / "store", PlainEmbedder()) as opened:
        for path in (
            write_annual(folder, company, 2024),
            write_annual(folder, "Fennick Dye Works, Inc.", 2023),
            write_quarter(folder, company),
            news,
        ):
            opened.add(path)
        yield opened


def refused(store: Store, question: str, said: str = "Not in the filings.") -> str:
    answer = Assistant(store, Says(said)).ask(question)
    assert answer.refused, answer.answer
    assert answer.to_json()["answer"] == answer.answer
    return answer.answer


@pytest.mark.parametrize(
    ("question", "other"),
    [
        (
            "What was Larkspur's revenue in fiscal 2011?",
            "2024, 2025, not 2011; ask for fiscal 2024.",
        ),
        ("What was Fennick's revenue in fiscal 2011?", "cover fiscal 2023, not 2011; ask for that"),
        ("What was Larkspur's revenue in Q2 of fiscal 2011?", "2011; ask for one of these."),
        ("What was Larkspur's revenue in fiscal 2031?", "not 2031; ask for fiscal 2024."),
        ("What will Larkspur's revenue be in 2031?", "ask for fiscal 2024, or for the outlook"),
        (
            "Compare Larkspur's and Fennick's revenue in 2011",
            "fiscal 2022, 2023, which both state.",
        ),
        (
            "Compare Larkspur's and Ollerby's revenue in 2011",
            "fiscal 2023, 2024, which both state.",
        ),
        (
            "Compare Larkspur's and Fennick's revenue in 2025",
            "The filings in the store of Fennick Dye Works, Inc. cover fiscal 2023, not 2025, and "
            "those of Larkspur Valve Company cover fiscal 2024, 2025; to compare them, ask for "
            "fiscal 2022, 2023, which both state.",
        ),
        ("What was Zephyrine's revenue in fiscal 2024?", "it holds filings of Fennick Dye Works"),
        ("What was Fenick's revenue in fiscal 2023?", "did you mean Fennick Dye Works, Inc.?"),
        ("What was revenue in fiscal 2023?", "Name one, or up to 3 to compare"),
        ("Which patents lapsed?", "Name a company: the store holds filings of Fennick Dye Works"),
        ("Should I buy Larkspur stock?", "revenue or net income in fiscal 2024, or for the risks"),
        ("Should I buy Zephyrine stock?", "Name a company: the store holds filings of Fennick"),
        ("How many patents did Larkspur hold in fiscal 2024?", "revenue or net income in fiscal"),
        ("What was Larkspur's domestic revenue in fiscal 2023?", "revenue in fiscal 2023."),
        ("What was Larkspur's revenue in Q3 of fiscal 2024?", "revenue in fiscal 2024."),
        ("What was Larkspur's inventory turnover in Q2 of fiscal 2025?", "turnover in fiscal 2024"),
        (
            "What were Larkspur's G&A expenses in fiscal 2024?",
            "administrative expenses or revenue in fiscal 2024",
        ),
        ("What was Ollerby's revenue?", "filings of Ollerby Ropes, Inc. in the store tell: 8-K"),
    ],
)
def test_a_refusal_says_what_could_be_asked(store: Store, question: str, other: str) -> None:
    assert other in refused(store, question)


@pytest.mark.parametrize(
    "question",
    [
        "What revenue does Larkspur expect next year?",
        "What is Larkspur's expected revenue in fiscal 2024?",
        "What did Larkspur say that its revenue will be next year?",
    ],
)
def test_what_a_company_says_of_times_to_come_is_read(store: Store, question: str) -> None:
    assert gather(store, question).missing is None


@pytest.mark.parametrize(
    "said",
    [
        "Not in the filings.",
        "They hold 98,765 patents.",
        "The line item is “Turtles”: $233 million.",
        "Inventories were $250 million, which is higher than $340 million.",
    ],
)
def test_so_does_what_is_refused_after_a_model_has_answered(store: Store, said: str) -> None:
    told = refused(store, "How many patents did Larkspur hold in fiscal 2024?", said)
    assert told.endswith("Larkspur Valve Company's revenue or net income in fiscal 2024.")


def test_an_empty_store_says_how_to_fill_it(tmp_path: Path) -> None:
    with Store.open(tmp_path / "store", PlainEmbedder()) as empty:
        assert "tenq index add" in refused(empty, "What was revenue?")


def test_what_is_answered_suggests_nothing(store: Store) -> None:
    evidence = gather(store, "What was Larkspur's revenue in fiscal 2024?")
    assert evidence.figure is not None and evidence.instead == ""


@pytest.mark.parametrize("company", ["Larkspur", "Fennick"])
@pytest.mark.parametrize("period", ["fiscal 2024", "Q2 of fiscal 2025", "Q3 of fiscal 2023"])
@pytest.mark.parametrize(
    "item",
    [
        "backlog",
        "inventory turnover per store",
        "organic revenue",
        "goodwill impairment of Asia",
        "days payable outstanding in China",
        "short-term debt",
        "restructuring costs",
        "gross margin target",
    ],
)
def test_what_is_suggested_is_answered(store: Store, company: str, period: str, item: str) -> None:
    asked = gather(store, f"What was {company}'s {item} in {period}?")
    if asked.figure or asked.missing:
        return
    found = re.fullmatch(r"Ask, for example, for (.+?'s) (.+) in (.+?)\.", asked.instead)
    assert found, asked.instead
    for figure in re.split(r", | or ", found[2]):
        other = gather(store, f"What was {found[1]} {figure} in {found[3]}?")
        assert other.missing is None and other.figure is not None, other.question


@pytest.mark.parametrize(
    "question",
    [
        "What was Larkspur's revenue in fiscal 2011?",
        "What was Fennick's revenue in 1999 and 2000?",
        "Compare Larkspur's and Fennick's revenue in 2011",
        "Compare Larkspur's and Ollerby's total assets in 2011",
        "What were Fennick's total assets in 2030?",
    ],
)
def test_years_that_are_suggested_are_not_refused(store: Store, question: str) -> None:
    missing = gather(store, question).missing or ""
    told, other = missing.split("; ")
    years = re.findall(r"\d{4}", other) or re.findall(r"\d{4}", told.split(", not")[0])
    assert years
    for year in years:
        again = re.sub(r"(?:fiscal )?\d{4}(?: and \d{4})?", f"fiscal {year}", question)
        assert gather(store, again).missing is None, again
