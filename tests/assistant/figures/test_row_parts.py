"""Rows as printed, of the quarter, half or nine months asked: the columns of these, of the filing
for these, and no others."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.answer import FigureAnswer, Passage
from assistant.evidence import gather
from assistant.figures.row_answer import row_answer
from assistant.figures.row_parts import Part
from index.embed import Embedder
from index.parts_of_year import is_as_long
from index.store import Store
from tests.assistant.figures.conftest import NINE, SIX, with_page, write_annual, write_interim

NOTE = """NOTE 4. SALES BY PRODUCT
(in millions)
Three Months Ended {end} {months} Months Ended {end}
2025 2024 2025 2024
Garden pumps $ 31 $ 27 $ 64 $ 52
Fire valves 12 15 22 30
"""
SECOND = Part("Q2", "jun", 2025)
HALF = Part("H1", "jun", 2025)
TABLE = NOTE.format(end="June 30,", months="Six")


def answered(question: str, part: Part, text: str = TABLE) -> FigureAnswer | None:
    passage = Passage(1, 1, "LARKSPUR_10Q", 9, text, None, "10-Q", 2025, 1.0)
    return row_answer(question, [passage], None, part)


@pytest.mark.parametrize(
    ("question", "part", "value", "said"),
    [
        ("What were garden pumps in 2025?", SECOND, 31e6, "was $31 million in Q2 of fiscal 2025"),
        ("What were garden pumps in 2025?", HALF, 64e6, "in the first half of fiscal 2025"),
        ("What were fire valves in 2024?", HALF, 30e6, "$30 million"),
        ("How much did fire valves change in 2025?", SECOND, -3e6, "from Q2 of fiscal 2024 to Q2"),
        ("What share of fire valves in garden pumps in 2025?", SECOND, 38.71, "12 million and $31"),
        ("What was the ratio of fire valves to garden pumps in 2024?", HALF, 0.58, "first half"),
    ],
)
def test_the_columns_of_that_part_are_read(
    question: str, part: Part, value: float, said: str
) -> None:
    answer = answered(question, part)
    assert answer is not None and answer.value == pytest.approx(value)
    assert said in answer.text


ALONE = """Three Months Ended June 30,
(in millions)
2025 2024
Garden pumps $ 31 $ 27
"""


def test_a_table_of_one_duration_is_of_that_alone() -> None:
    quarter = answered("What were garden pumps in 2025?", SECOND, ALONE)
    assert quarter is not None and quarter.value == 31e6
    assert answered("What were garden pumps in 2025?", HALF, ALONE) is None


@pytest.mark.parametrize(
    "text",
    [
        # Of a day, or of whatever time; of an investee's quarter; of years to come.
        "(in millions)\nJune 30, December 31,\n2025 2024\nGarden pumps $ 31 $ 27\n",
        "(in millions)\n2025 2024\nGarden pumps $ 31 $ 27\n",
        ALONE.replace("June 30", "March 31"),
        ALONE.replace("2025 2024", "2028 2027"),
        # Of which of the two is not told.
        "Changes over three months and over six months\n" + ALONE,
        TABLE.replace("Garden pumps $ 31", "Garden pumps"),
        TABLE.replace("NOTE 4.", "NOTE 4. AMOUNTS RECLASSIFIED."),
    ],
)
def test_columns_that_may_be_of_something_else_are_left(text: str) -> None:
    assert answered("What were garden pumps in 2025?", SECOND, text) is None


def test_means_and_extremes_over_years_are_not_told_of_parts() -> None:
    for question in (
        "What was the average of garden pumps between 2024 and 2025?",
        "In which year were garden pumps highest, 2024 or 2025?",
    ):
        assert answered(question, SECOND) is None


def test_a_fiscal_year_may_end_in_the_calendar_year_before_or_after() -> None:
    early = TABLE.replace("June 30,", "July 29,").replace(
        "2025 2024 2025 2024", "2024 2023 2024 2023"
    )
    answer = answered("What were garden pumps in 2025?", Part("Q2", "jul", 2025), early)
    assert answer is not None and answer.value == 31e6 and "fiscal 2025" in answer.text


@pytest.mark.parametrize(
    ("part", "duration", "fits"),
    [
        ("Q2", "three months", True),
        ("Q2", "13 weeks", True),
        ("Q2", "Second quarter", True),
        ("Q2", "fiscal quarter", True),
        ("Q2", "third quarter", False),
        ("Q2", "six months", False),
        ("H1", "26 weeks", True),
        ("H1", "twenty-six weeks", True),
        ("H1", "quarter", False),
        ("9 months", "thirty nine weeks", True),
        ("9 months", "year", False),
        ("YTD", "six months", False),
    ],
)
def test_how_long_a_part_is(part: str, duration: str, fits: bool) -> None:
    assert is_as_long(part, duration) is fits


def test_a_store_answers_from_the_interim_report_for_it(
    tmp_path: Path, embedder_folder: Path
) -> None:
    company = "Larkspur Valve Company"
    third = NOTE.format(end="September 30,", months="Nine").replace("31", "33").replace("64", "97")
    with Store.open(tmp_path / "store", Embedder(embedder_folder)) as store:
        store.add(write_annual(tmp_path, company, 2024))
        store.add(with_page(write_interim(tmp_path, company, 2025, SIX), TABLE))
        store.add(with_page(write_interim(tmp_path, company, 2025, NINE), third))
        for asked, value in {
            "in Q2 2025": 31e6,
            "in the third quarter of 2025": 33e6,
            "in the first half of 2025": 64e6,
            "in the first nine months of 2025": 97e6,
        }.items():
            figure = gather(store, f"What were Larkspur's garden pumps {asked}?").figure
            assert figure is not None and figure.value == value, asked
            assert figure.citations[0].quote.startswith("Garden pumps $ 3")
        for asked in ("in Q1 2025", "in Q4 2024", "in Q2 2024", "in 2025"):
            assert gather(store, f"What were Larkspur's garden pumps {asked}?").figure is None
