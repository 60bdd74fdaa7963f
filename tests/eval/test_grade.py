from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from eval.agreement import grader_agreement
from eval.errors import EvaluationError
from eval.grade import grade, kind
from eval.questions import Question


def question(text: str, gold: str, **more: Any) -> Question:
    return Question("q", text, gold, "DOC", (1,), **more)


CAPEX = ("What was the capital expenditure in 2018 (in USD millions)?", "$1577.00")
RATIO = ("What is the quick ratio? Round to two decimal places.", "0.66")
MARGIN = ("What was the operating margin, in units of percents to one decimal?", "16.5%")
CHANGE = ("What is the cash conversion cycle in days?", "-3.7")
BILLIONS = ("What is net PP&E? Answer in USD billions.", "$8.70")
ROSE = ("Did inventories rise or fall, and by how much?", "They fell by $11 million.")


@pytest.mark.parametrize(
    ("asked", "answer", "expected"),
    [
        (CAPEX, "$1,577 million", "correct"),
        (CAPEX, "1577", "correct"),
        (CAPEX, "$1.577 billion", "correct"),
        (CAPEX, "$1.58 billion", "correct"),
        (CAPEX, "$2 billion", "wrong"),
        (CAPEX, "1,577,000 thousand", "correct"),
        (CAPEX, "$1,577,000,000", "correct"),
        (CAPEX, "$1,577 thousand", "wrong"),
        (CAPEX, "$1,577 billion", "wrong"),
        (CAPEX, "$1,373 million", "wrong"),
        (CAPEX, "1,578", "wrong"),
        (CAPEX, "It spent $1,577 million in 2018, against $1,373 million in 2017.", "correct"),
        (CAPEX, "It was $1,373 million in 2018. In 2017 it was $1,577 million.", "wrong"),
        (CAPEX, "Purchases of PP&E: 2018 = (1,577); 2017 = (1,373)", "correct"),
        (CAPEX, "Purchases of PP&E: 2018 = (1,373); 2017 = (1,577)", "wrong"),
        (CAPEX, "PP&E of $900 million plus $677 million. Therefore it was **$1,577**.", "correct"),
        (CAPEX, "1,577 less 100. Therefore, capital expenditure was $1,477 million.", "wrong"),
        (CAPEX, "The year was 2018.", "wrong"),
        (CAPEX, "", "refused"),
        (CAPEX, "The evidence does not state the capital expenditure.", "refused"),
        (CAPEX, "I'm sorry, but I cannot find this figure. It may be $1,577.", "refused"),
        (RATIO, "0.66", "correct"),
        (RATIO, "66%", "correct"),
        (RATIO, "0.66x", "correct"),
        (RATIO, "0.657", "correct"),
        (RATIO, "0.69", "wrong"),
        (RATIO, "66", "wrong"),
        (RATIO, "= 2,455 / 3,720 = 0.66", "correct"),
        (RATIO, "= 0.66 / 2 = 0.33", "wrong"),
        (RATIO, "-0.66", "wrong"),
        (MARGIN, "16.5%", "correct"),
        (MARGIN, "16.52 percent", "correct"),
        (MARGIN, "0.165", "correct"),
        (MARGIN, "16.5", "correct"),
        (MARGIN, "$16.5 million", "wrong"),
        (MARGIN, "17%", "wrong"),
        (MARGIN, "1,650 basis points", "correct"),
        (CHANGE, "-3.7 days", "correct"),
        (CHANGE, "(3.7) days", "correct"),
        (CHANGE, "3.7 days", "wrong"),
        (CHANGE, "a negative 3.7 days", "correct"),
        (BILLIONS, "$8.738 billion", "correct"),
        (BILLIONS, "$8,738 million", "correct"),
        (BILLIONS, "8,738 (in millions)", "correct"),
        (BILLIONS, "8.7 million", "wrong"),
        (
            ("By how many points did the margin change from 2023 to 2024?", "It rose by 1.7%."),
            "It rose by 1.7% from fiscal 2023 to fiscal 2024: 14.5% in 2023; 16.2% in 2024.",
            "correct",
        ),
        (ROSE, "They fell by $11 million.", "correct"),
        (ROSE, "A decrease of $11 million", "correct"),
        (ROSE, "Inventories rose by $11 million.", "wrong"),
        (ROSE, "They fell by $12 million.", "wrong"),
    ],
)
def test_figures(asked: tuple[str, str], answer: str, expected: str) -> None:
    assert kind(question(*asked)) == "numeric"
    assert grade(question(*asked), answer) == expected


IMPROVING = (
    "Does the company have an improving gross margin?",
    "No, the gross margin declined from 36.8% to 34.6%.",
)
PAID = ("Has the company paid dividends in 2022?", "Yes, it paid $0.55 a share each quarter.")


@pytest.mark.parametrize(
    ("asked", "answer", "expected"),
    [
        (IMPROVING, "No.", "correct"),
        (IMPROVING, "No, it fell from 36.8% to 34.6%.", "correct"),
        (IMPROVING, "The gross margin has declined to 34.6%.", "correct"),
        (IMPROVING, "Yes, the margin improved to 36.8%.", "wrong"),
        (IMPROVING, "No, it fell from 80% to 70%.", "wrong"),
        (PAID, "Yes.", "correct"),
        (PAID, "Yes, $0.55 per share.", "correct"),
        (PAID, "The company paid dividends of $0.55 in each quarter of 2022.", "correct"),
        (PAID, "No, the company has not paid dividends.", "wrong"),
        (PAID, "The passages provide no information on this.", "refused"),
    ],
)
def test_yes_and_no(asked: tuple[str, str], answer: str, expected: str) -> None:
    assert kind(question(*asked)) == "yes-no"
    assert grade(question(*asked), answer) == expected


WHICH = (
    "Which segment dragged down growth in 2022?",
    "The marine coatings segment shrank by 0.9%.",
)
AMONG = (
    "Among operations, investing, and financing activities, which brought in the most cash?",
    "Operations brought in the most.",
)
EITHER = ("Has the ratio improved or declined in 2023?", "It improved, from 0.5 to 0.6.")
LIST = (
    "What acquisitions did the company make?",
    "It bought:\n- Harrow Valves, Leeds\n- a foundry near Turin",
)


@pytest.mark.parametrize(
    ("asked", "answer", "expected"),
    [
        (WHICH, "Marine coatings, which shrank by 0.9% organically.", "correct"),
        (WHICH, "Industrial adhesives.", "wrong"),
        (AMONG, "Operating activities did, with $5 million.", "correct"),
        (AMONG, "Investing brought in the most.", "wrong"),
        (
            AMONG,
            "Operating cash was the highest: operating 5; investing 2; financing 1.",
            "correct",
        ),
        (AMONG, "Investing cash was the highest: investing 5; operating 2; financing 1.", "wrong"),
        (EITHER, "The ratio rose from 0.5 to 0.6.", "correct"),
        (EITHER, "The ratio fell from 0.6 to 0.5.", "wrong"),
        (LIST, "It acquired Harrow Valves of Leeds and a foundry near Turin.", "correct"),
        (LIST, "It acquired a software house in Oslo.", "wrong"),
        (
            LIST,
            "It acquired Harrow Valves of Leeds and a foundry near Turin. The filing does not "
            "mention any in 2021.",
            "correct",
        ),
    ],
)
def test_narratives(asked: tuple[str, str], answer: str, expected: str) -> None:
    assert kind(question(*asked)) == "narrative"
    assert grade(question(*asked), answer) == expected


def test_every_key_point_is_needed() -> None:
    asked = question(
        "Why did sales fall?",
        "Fewer pumps, and a strike.",
        key_points=("volume of pumps down by about 15%", "a strike at the Leeds foundry"),
    )
    both = "Pump volume was down about 15% and the Leeds foundry had a strike."
    assert grade(asked, both) == "correct"
    assert grade(asked, "Pump volume was down about 15%.") == "wrong"
    assert grade(asked, both.replace("15%", "25%")) == "wrong"


def test_value_and_unit_win_over_the_wording() -> None:
    asked = question("Net sales?", "see the table", value=649195.0, unit="USD thousands")
    assert grade(asked, "$649.2 million") == "correct"
    assert grade(asked, "649,195") == "correct"
    assert grade(asked, "$649,195 million") == "wrong"


def test_a_refusal_is_right_only_where_nothing_answers() -> None:
    unanswerable = Question("q", "What will sales be in 2040?", "", None, ())
    assert kind(unanswerable) == "unanswerable"
    assert grade(unanswerable, "Not in the filings.", refused=True) == "correct"
    assert grade(unanswerable, "The evidence does not contain forecasts.") == "correct"
    assert grade(unanswerable, "Sales will be $5 million.") == "wrong"
    assert grade(question(*CAPEX), "$1,577 million", refused=True) == "refused"


@given(
    value=st.integers(1_000, 9_999_999),
    power=st.sampled_from([0, 3, 6]),
    off=st.floats(-0.4, 0.4),
)
def test_a_figure_is_right_in_any_scale_and_wrong_when_off(
    value: int, power: int, off: float
) -> None:
    asked = question("What were total liabilities, in USD millions?", f"${value}")
    in_dollars = value * 10**6
    words = {0: "", 3: " thousand", 6: " million"}
    assert grade(asked, f"They were ${in_dollars // 10**power:,}{words[power]}.") == "correct"
    assume(abs(off) > 0.06)
    changed = math.floor(value * (1 + off))
    assume(not 1900 <= changed < 2100)
    assert grade(asked, f"They were ${changed:,} million.") == "wrong"


@given(st.text(max_size=200), st.text(max_size=200), st.text(max_size=100))
def test_no_text_breaks_it(asked: str, gold: str, answer: str) -> None:
    assert grade(question(asked, gold), answer) in ("correct", "wrong", "refused")


def test_agreement_with_human_labels(shared: Path) -> None:
    """The grader is only worth using while it agrees with people (Cohen's kappa)."""
    result = grader_agreement(shared / "financebench" / "graded_answers.jsonl")
    assert result["overall"]["n"] == 1408
    assert result["overall"]["kappa"] >= 0.78
    assert result["by_kind"]["numeric"]["kappa"] >= 0.9
    assert sum(sum(row.values()) for row in result["confusion"].values()) == 1408


def test_an_unknown_label_is_named(tmp_path: Path) -> None:
    file = tmp_path / "labelled.jsonl"
    file.write_text('{"question":"q","gold_answer":1,"model_answer":"1","label":"maybe"}\n')
    with pytest.raises(EvaluationError, match=r'line 1, field "label"'):
        grader_agreement(file)


COST = "What was the change in lease costs from 2019 to 2020?"
YEAR = "In which year was the growth rate (%) of sales the highest?"


@pytest.mark.parametrize(
    ("asked", "gold", "more", "answer", "expected"),
    [
        (COST, "-4.2", {"value": -4.2}, "4.2", "wrong"),
        (COST, "-4.2", {"value": -4.2}, "They decreased by 4.2.", "correct"),
        (COST, "-4.2", {"value": -4.2}, "They increased by 4.2.", "wrong"),
        (COST, "4.2", {"value": 4.2}, "They decreased by 4.2.", "wrong"),
        (COST, "4.2", {"value": 4.2}, "They increased by 4.2.", "correct"),
        ("What were lease costs?", "-4.2", {"value": -4.2}, "4.2", "correct"),
        ("What was the balance?", "(43)", {"value": -43}, "The balance was (43).", "correct"),
        ("What was the balance?", "43", {"value": 43}, "The balance was -43.", "wrong"),
        (YEAR, "2020", {}, "2020", "correct"),
        (YEAR, "2020", {}, "2019", "wrong"),
        ("How many plants?", "2", {"value": 2, "unit": "count"}, "It has two.", "correct"),
        ("How many plants?", "2", {"value": 2, "unit": "count"}, "It has three.", "wrong"),
        ("How many plants?", "0", {"value": 0, "unit": "count"}, "It has no plants.", "correct"),
        ("How much?", "", {"key_points": ("5.1", "4"), "unit": "million"}, "5.1, 4", "correct"),
        ("How much?", "", {"key_points": ("5.1", "4"), "unit": "million"}, "$5.1m, 4", "correct"),
        ("How much?", "", {"key_points": ("5.1", "4"), "unit": "million"}, "5.1, 6", "wrong"),
        ("How much?", "", {"key_points": ("5",), "unit": "million"}, "5 thousand", "wrong"),
    ],
)
def test_gold_answers_with_a_unit_of_their_own(
    asked: str, gold: str, more: dict[str, Any], answer: str, expected: str
) -> None:
    assert grade(question(asked, gold, **more), answer) == expected
