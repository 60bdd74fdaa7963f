"""A half, nine months or a year to date are never answered with a quarter or a whole year."""

from __future__ import annotations

import pytest

from assistant.answer import FigureAnswer
from assistant.assistant import answered_unread
from assistant.evidence import gather
from index.store import Store

MODEL = {"name": "none", "scheme": "none"}


def asked(store: Store, question: str) -> FigureAnswer | None:
    return gather(store, question).figure


@pytest.mark.parametrize(
    ("question", "value", "said"),
    [
        ("What was Larkspur's revenue in the first half of 2025?", 1030e6, "first half of fiscal"),
        ("What was Larkspur's revenue in H1 2025?", 1030e6, "first half of fiscal 2025"),
        ("Larkspur net sales 1H25", 1030e6, "$1,030 million"),
        ("Larkspur's net sales for the six months ended June 30, 2025?", 1030e6, "first half"),
        ("Larkspur's net sales for the six months ended June 30, 2024?", 950e6, "fiscal 2024"),
        ("What was Larkspur's net income in the first nine months of 2025?", 150e6, "nine months"),
        ("Larkspur's net income, nine months ended September 30, 2025", 150e6, "nine months"),
        ("What was Larkspur's revenue year to date in 2025?", 1560e6, "first nine months"),
        ("Larkspur's YTD revenue in Q2 2025", 1030e6, "first half"),
        ("What was Larkspur's operating cash flow in the first half of 2025?", 150e6, "$150"),
        ("What was Larkspur's revenue for the three months ended June 30, 2025?", 520e6, "Q2"),
        ("What was Larkspur's revenue for the quarter ended June 30, 2025?", 520e6, "Q2"),
        ("What was Larkspur's gross margin in H1 2025?", 40.29, "40.3%"),
        (
            "Larkspur's revenue for the twelve months ended December 31, 2024?",
            2000e6,
            "fiscal 2024",
        ),
    ],
)
def test_a_part_of_a_year_is_looked_up_as_such(
    interim: Store, question: str, value: float, said: str
) -> None:
    figure = asked(interim, question)
    assert figure is not None
    assert figure.value == pytest.approx(value, rel=1e-3)
    assert said in figure.text


def test_halves_are_compared(interim: Store) -> None:
    question = "How much did Larkspur's net sales grow from H1 2024 to H1 2025, in percent?"
    figure = asked(interim, question)
    assert figure is not None
    assert figure.value == pytest.approx(8.421, rel=1e-3)
    several = asked(interim, "Larkspur's revenue, six months ended June 30, 2025 and 2024?")
    assert several is not None
    assert "$950 million" in several.text
    assert "$1,030 million" in several.text


@pytest.mark.parametrize(
    "question",
    [
        "What was Larkspur's revenue in the first half of 2024?",  # of 2025's filing: see below
        "What was Larkspur's revenue in the second half of 2024?",
        "What was Larkspur's revenue over the trailing twelve months?",
        "What was Larkspur's LTM revenue?",
        "What was Larkspur's revenue for the twelve months ended June 30, 2025?",
        "What was Larkspur's revenue for the nine months ended June 30, 2025?",
        "What was Larkspur's revenue for the quarter ended December 31, 2024?",
        "What was Larkspur's operating cash flow in Q2 2025?",
        "What was Larkspur's revenue in its 10-Q?",
        "What was Larkspur's revenue in its 10-Q of 2025?",
        "What was Larkspur's asset turnover in H1 2025?",
        "What was Larkspur's revenue in H1 and Q2 of 2025?",
    ],
)
def test_no_other_period_stands_in(interim: Store, question: str) -> None:
    figure = asked(interim, question)
    if "first half of 2024" in question:
        assert figure is not None
        assert figure.value == 950e6
    else:
        assert figure is None


@pytest.mark.parametrize(
    ("question", "says"),
    [
        ("What was Larkspur's LTM revenue?", "trailing twelve months"),
        ("What was Larkspur's revenue in the second half of 2024?", "the second half"),
    ],
)
def test_a_part_that_no_passage_speaks_of_is_refused_unread(
    interim: Store, question: str, says: str
) -> None:
    answer = answered_unread(gather(interim, question), MODEL)
    assert answer is not None
    assert answer.refused
    assert says in answer.answer


def test_a_reason_is_looked_for_whatever_the_period(interim: Store) -> None:
    question = "Why did Larkspur's costs rise in the second half of 2024?"
    assert answered_unread(gather(interim, question), MODEL) is None


def test_values_between_two_years_are_all_told(accounts: Store) -> None:
    figure = asked(accounts, "What were Larkspur's net sales between 2022 and 2024?")
    assert figure is not None
    assert [fact["period"] for fact in figure.facts] == [
        "fiscal 2022", "fiscal 2023", "fiscal 2024",
    ]  # fmt: skip
    mean = asked(accounts, "What was Larkspur's average revenue between 2022 and 2024?")
    assert mean is not None
    assert mean.value == pytest.approx(1700e6)
