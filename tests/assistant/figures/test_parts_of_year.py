"""A half, nine months or a year to date are never answered with a quarter or a whole year."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.answer import FigureAnswer
from assistant.assistant import answered_unread
from assistant.evidence import gather
from index.embed import Embedder
from index.store import Store
from tests.assistant.figures.conftest import BALANCE, NINE, write_annual, write_interim

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


@pytest.mark.parametrize(
    ("question", "value", "worked"),
    [
        ("What was Larkspur's revenue in the second half of 2024?", 1050e6, "2,000 - 950"),
        ("Larkspur's net sales, six months ended December 31, 2024?", 1050e6, "2,000 - 950"),
        ("What was Larkspur's revenue in Q4 2024?", 560e6, "2,000 - 1,440"),
        ("What was Larkspur's revenue in Q4?", 560e6, "2,000 - 1,440"),
        ("Larkspur's revenue for the quarter ended December 31, 2024?", 560e6, "2,000 - 1,440"),
        ("What was Larkspur's operating cash flow in Q3 2025?", 80e6, "230 - 150"),
        ("What was Larkspur's LTM revenue?", 2120e6, "2,000 + 1,560 - 1,440"),
        ("Larkspur's revenue over the trailing twelve months?", 2120e6, "2,000 + 1,560 - 1,440"),
        ("Larkspur's LTM revenue as of Q2 2025?", 2080e6, "2,000 + 1,030 - 950"),
        ("Larkspur's revenue, twelve months ended June 30, 2025?", 2080e6, "2,000 + 1,030 - 950"),
        (
            "What was Larkspur's gross margin in Q4 2024?",
            100 * 220 / 560,
            "(800 - 580) / (2,000 - 1,440)",
        ),
        ("Larkspur's LTM net margin?", 100 * 215 / 2120, "(200 + 150 - 135) / (2,000 + 1,560"),
    ],
)
def test_what_no_filing_states_is_what_lies_between_those_that_are_stated(
    interim: Store, question: str, value: float, worked: str
) -> None:
    figure = asked(interim, question)
    assert figure is not None
    assert figure.value == pytest.approx(value)
    assert figure.calculation is not None
    assert worked in figure.calculation["steps"][0]["worked"]
    assert {citation.doc for citation in figure.citations} >= {fact["doc"] for fact in figure.facts}


def test_trailing_months_that_end_with_the_year_are_the_year(interim: Store) -> None:
    figure = asked(interim, "What was Larkspur's LTM revenue in 2024?")
    assert figure is not None
    assert (figure.value, figure.calculation) == (2000e6, None)


@pytest.mark.parametrize("question", ["Larkspur's LTM revenue?", "Larkspur's revenue in Q4 2024?"])
def test_amounts_recast_since_are_not_taken_from_those_first_stated(
    tmp_path: Path, embedder_folder: Path, question: str
) -> None:
    company = "Larkspur Valve Company"
    with Store.open(tmp_path / "store", Embedder(embedder_folder)) as store:
        store.add(write_annual(tmp_path, company, 2024))
        store.add(write_interim(tmp_path, company, 2025, NINE))
        assert asked(store, question) is not None
        # A little is as wrong: in what is left of a year it is four times as much.
        store.add(write_interim(tmp_path, company, 2024, {**NINE, "total": "1,430"}))
        assert asked(store, question) is None
        interest = asked(store, "Larkspur's LTM interest expense?")
        assert interest is not None and interest.value == 30e6


def test_what_is_stated_but_not_surely_is_not_left_out_as_nothing(
    tmp_path: Path, embedder_folder: Path
) -> None:
    company, question = "Larkspur Valve Company", "What was Larkspur's LTM defensive interval?"
    with Store.open(tmp_path / "store", Embedder(embedder_folder)) as store:
        store.add(write_annual(tmp_path, company, 2024))
        quarter = write_interim(tmp_path, company, 2025, NINE)
        balance = BALANCE.format(company=company, y0=2025, y1=2024)
        pages = balance.replace("December 31, 2025", "September 30, 2025")
        quarter.write_text(quarter.read_text(encoding="utf-8") + "\f" + pages, encoding="utf-8")
        store.add(quarter)
        figure = asked(store, question)
        assert figure is not None and figure.calculation is not None
        assert "selling" in figure.calculation["steps"][0]["formula"].lower()
        recast = write_interim(tmp_path, company, 2024, NINE)
        text = recast.read_text(encoding="utf-8").replace("120 257 235", "120 250 235")
        recast.write_text(text, encoding="utf-8")
        store.add(recast)
        assert asked(store, question) is None


@pytest.mark.parametrize(
    "question",
    [
        "What was Larkspur's “cash and cash equivalents at beginning of year” in Q4 2024?",
        "What was Larkspur's LTM revenue versus 2024?",
        "What were Larkspur's LTM revenue and 2024 revenue?",
        "What was Larkspur's revenue in the third quarter of the year ended June 30, 2025?",
    ],
)
def test_no_sum_of_what_does_not_add_up(interim: Store, question: str) -> None:
    assert asked(interim, question) is None


@pytest.mark.parametrize("when", ["fourth quarter ended", "fourth quarter of the year ended"])
def test_a_quarter_is_not_the_year_that_it_closes(interim: Store, when: str) -> None:
    figure = asked(interim, f"What was Larkspur's revenue in the {when} December 31, 2024?")
    assert figure is None or figure.value == 560e6
    of_third = "Larkspur's revenue in the third quarter of the year ended December 31, 2024?"
    third = asked(interim, of_third)
    assert third is not None and third.value == 480e6


def test_two_kinds_of_net_income_are_not_subtracted(tmp_path: Path, embedder_folder: Path) -> None:
    company = "Larkspur Valve Company"
    with Store.open(tmp_path / "store", Embedder(embedder_folder)) as store:
        store.add(write_annual(tmp_path, company, 2024))
        quarter = write_interim(tmp_path, company, 2025, NINE)
        text = quarter.read_text(encoding="utf-8")
        whole = "Net income including noncontrolling interests $"
        quarter.write_text(text.replace("Net income $", whole), encoding="utf-8")
        store.add(quarter)
        assert asked(store, "What was Larkspur's LTM operating income?") is not None
        assert asked(store, "What was Larkspur's LTM net income?") is None


def test_what_is_less_than_nothing_is_written_in_brackets(
    tmp_path: Path, embedder_folder: Path
) -> None:
    company = "Larkspur Valve Company"
    with Store.open(tmp_path / "store", Embedder(embedder_folder)) as store:
        store.add(write_annual(tmp_path, company, 2024))
        store.add(write_interim(tmp_path, company, 2025, {**NINE, "flow_before": "(70)"}))
        figure = asked(store, "What was Larkspur's operating cash flow in Q4 2024?")
        assert figure is not None and figure.calculation is not None
        assert figure.calculation["steps"][0]["worked"] == "280 - (-70)"


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
        "What was Larkspur's revenue in the second half of 2025?",
        "What was Larkspur's LTM revenue in Q1 2025?",
        "What were Larkspur's diluted EPS over the trailing twelve months?",
        "What was Larkspur's revenue for the nine months ended June 30, 2025?",
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
        ("What was Larkspur's LTM revenue in Q1 2025?", "the twelve months to Q1"),
        ("What was Larkspur's revenue in the second half of 2025?", "the second half"),
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
