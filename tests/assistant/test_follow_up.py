"""Follow-ups made to stand on their own, and what is suggested next; over the sample filings."""

from __future__ import annotations

import pytest

from assistant.evidence import gather
from assistant.follow_up import complete
from assistant.suggest import suggestions
from index.store import Store

PUMP = "Quorvane Pump Corporation"
ASKED = "What was Quorvane Pump's revenue in fiscal"
BEFORE = "What was Quorvane Pump's revenue in fiscal 2023?"
OTHER = "Tansy Thimblewick"


@pytest.mark.parametrize(
    ("question", "whole"),
    [
        ("And in 2022?", "What was Quorvane Pump's revenue in fiscal 2022?"),
        ("the year before?", "What was Quorvane Pump's revenue in fiscal 2022?"),
        ("And the following year?", "What was Quorvane Pump's revenue in fiscal 2024?"),
        ("And the year after 2021?", "What was Quorvane Pump's revenue in fiscal 2022?"),
        (
            "And over the last two years?",
            f"{ASKED} 2023 and 2024?",
        ),
        ("What about Tansy?", "What was Tansy Thimblewick, Inc.'s revenue in fiscal 2023?"),
        ("How about Tansy in 2024?", "What was Tansy Thimblewick, Inc.'s revenue in fiscal 2024?"),
        ("And net income?", "And net income? (Quorvane Pump Corporation, fiscal 2023)"),
        (
            "Why did it change?",
            f"Why did it change? (revenue, {PUMP}, fiscal 2023)",
        ),
        (
            "What is the latest goodwill?",
            f"What is the latest goodwill? ({PUMP})",
        ),
        ("Net income in 2024?", "Net income in 2024? (Quorvane Pump Corporation)"),
    ],
)
def test_what_is_left_out_comes_from_the_question_before(
    question: str, whole: str, sample_store: Store
) -> None:
    found = complete(question, BEFORE, sample_store.documents())
    assert found.question == whole
    assert found.taken


@pytest.mark.parametrize(
    "question",
    [
        f"What was {OTHER}'s net income in fiscal 2024?",
        "Which company had the highest revenue in fiscal 2023?",
        "What is the revenue of Zzyx Corporation?",
        "How do all companies compare in net income?",
    ],
)
def test_a_whole_question_is_left_alone(question: str, sample_store: Store) -> None:
    assert complete(question, BEFORE, sample_store.documents()).question == question
    assert complete(question, None, sample_store.documents()).question == question


@pytest.mark.parametrize(
    ("question", "whole"),
    [
        ("Tansy", "What was revenue in fiscal 2023? (Tansy Thimblewick, Inc.)"),
        ("For Quorvane Pump.", f"What was revenue in fiscal 2023? ({PUMP})"),
        ("And in 2022?", "What was revenue in fiscal 2022?"),
        ("Why?", "Why?"),
    ],
)
def test_who_is_meant_can_be_said_afterwards(
    question: str, whole: str, sample_store: Store
) -> None:
    before = "What was revenue in fiscal 2023?"
    found = complete(question, before, sample_store.documents()).question
    assert found == whole
    if found != question:
        figure = gather(sample_store, found).figure
        assert figure is not None and ("Tansy" in figure.text) is ("Quorvane" not in question)


@pytest.mark.parametrize(
    ("before", "question"),
    [
        ("What was Zzyx Corporation's revenue in fiscal 2023?", "Tansy"),
        ("Which company had the highest revenue in fiscal 2023?", "Tansy"),
        ("Hello", "Tansy"),
    ],
)
def test_a_name_alone_is_not_put_where_it_does_not_belong(
    before: str, question: str, sample_store: Store
) -> None:
    assert complete(question, before, sample_store.documents()).question == question


def test_years_are_kept_where_no_company_was_named(sample_store: Store) -> None:
    before = "What was revenue in fiscal 2022?"
    found = complete("And net income?", before, sample_store.documents())
    assert found.question == "And net income? (fiscal 2022)" and found.taken == ("fiscal 2022",)


def test_follow_ups_are_answered_from_the_figures(sample_store: Store) -> None:
    documents = sample_store.documents()
    net = gather(sample_store, complete("And net income?", BEFORE, documents).question).figure
    assert net is not None and net.value == 145_000_000
    chain = complete("And in 2022?", BEFORE, documents).question
    chain = complete("What about Tansy?", chain, documents).question
    figure = gather(sample_store, chain).figure
    assert figure is not None and "634,789" in figure.text


def test_suggestions_can_be_answered_and_differ(sample_store: Store) -> None:
    found = suggestions(BEFORE, sample_store.documents())
    assert 2 <= len(found) <= 3 and BEFORE not in found
    for question in found:
        assert gather(sample_store, question).figure, question
    assert any(OTHER in question for question in found)
    assert suggestions("What are the risks?", sample_store.documents()) == []
    assert (
        suggestions("What was Quorvane Pump's revenue in fiscal 1950?", sample_store.documents())
        == []
    )
    segment = "Which segment of Quorvane Pump had the highest net sales in fiscal 2024?"
    assert gather(sample_store, segment).figure is not None
    following = suggestions(segment, sample_store.documents())
    assert following and not any("2022" in question for question in following)
