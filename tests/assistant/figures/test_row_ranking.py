"""Which part is the largest: told only where printed rows add up to the company's own total."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.answer import FigureAnswer
from assistant.evidence import gather
from assistant.figures.row_ranking import part_asked
from index.embed import Embedder
from index.store import Store
from tests.assistant.figures.test_row_answer import answered, with_note

SEGMENTS = """NOTE 12. SEGMENT INFORMATION
The following table shows net sales by reportable segment (in millions):
Year ended December 31, 2024 2023 2022
Valves $ 900 $ 700 $ 650
Pumps 800 650 600
Fittings 310 255 255
Corporate and eliminations (10) (5) (5)
Total net sales $ 2,000 $ 1,600 $ 1,500
"""
PLACES = """NOTE 13. GEOGRAPHIC INFORMATION
Net sales by geographic area were (in millions):
Year ended December 31, 2024 2023 2022
Americas:
United States $ 700 $ 600 $ 580
Other 100 90 80
Total Americas 800 690 660
Europe 950 700 640
Asia 250 210 200
Net sales $ 2,000 $ 1,600 $ 1,500
"""
OF_ONE = """In the valves segment, net sales by category were (in millions):
Year ended December 31, 2024 2023
Ball valves $ 500 $ 400
Gate valves 400 300
Total $ 900 $ 700
"""


@pytest.mark.parametrize(
    ("question", "text", "said"),
    [
        (
            "Which segment had the highest net sales in 2024?",
            SEGMENTS,
            "“Valves” was the largest part of revenue (“Total net sales”) in 2024, with "
            "$900 million, then “Pumps” with $800 million and “Fittings” with $310 million.",
        ),
        ("Which business segment had the lowest revenue in 2023?", SEGMENTS, "“Fittings” was the"),
        ("Which segment generated the most net sales?", SEGMENTS, "in 2024, with $900 million"),
        ("In which region were net sales the largest in 2024?", PLACES, "“Europe” was the largest"),
        (
            "What geographic area contributed the least to net sales in 2022?",
            PLACES,
            "“Asia” was the smallest part of revenue (“Net sales”) in 2022, with $200 million, "
            "then “Europe” with $640 million and “Total Americas” with $660 million.",
        ),
    ],
)
def test_the_largest_part_is_named_with_all_others(question: str, text: str, said: str) -> None:
    answer = answered(question, text)
    assert answer is not None and said in answer.text
    quoted = {citation.quote.split(" ")[0] for citation in answer.citations}
    assert len(quoted) == len(answer.facts) == 3


FALLEN = SEGMENTS.replace("310 255", "210 255").replace("2,000", "1,900")


@pytest.mark.parametrize(
    ("question", "text", "said"),
    [
        (
            "Which segment had the highest net sales growth in 2024?",
            SEGMENTS,
            "“Valves” had the largest growth of revenue (“Total net sales”) from 2023 to 2024: "
            "28.57% ($900 million after $700 million), then “Pumps” with 23.08% ($800 million after"
            " $650 million) and “Fittings” with 21.57% ($310 million after $255 million).",
        ),
        ("Which segment's net sales grew the most?", SEGMENTS, "“Valves” had the largest growth"),
        (
            "Which segment's net sales grew slowest between 2022 and 2024?",
            SEGMENTS,
            "“Fittings” had the smallest growth of revenue (“Total net sales”) from 2022 to 2024",
        ),
        (
            "Which region had the biggest increase in net sales in 2024 compared to 2023?",
            PLACES,
            "“Europe” had the largest growth",
        ),
        (
            "Which segment had the biggest drop in net sales in 2024?",
            FALLEN,
            "“Fittings” had the largest decline of revenue (“Total net sales”) from 2023 to 2024: "
            "-17.65% ($210 million after $255 million), then “Pumps” with 23.08%",
        ),
    ],
)
def test_the_part_that_changed_most_is_named_with_all_others(
    question: str, text: str, said: str
) -> None:
    answer = answered(question, text)
    assert answer is not None and said in answer.text
    steps = answer.calculation["steps"] if answer.calculation else []
    assert len(steps) == len(answer.citations) == 3 and len(answer.facts) == 6
    assert steps[0]["shown"] in answer.text and "÷" in steps[0]["worked"]


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("Which region had the highest net sales in 2024?", SEGMENTS),  # of another kind
        ("Which segment had the highest operating income in 2024?", SEGMENTS),  # of another measure
        ("Which segment had the highest net sales in 2020?", SEGMENTS),  # of another year
        ("Which segment had the biggest drop in net sales in 2024?", SEGMENTS),  # none dropped
        ("Which segment had the highest net sales growth in 2022?", SEGMENTS),  # from what?
        # In percent Valves, in money Pumps.
        (
            "Which segment had the biggest increase in net sales in 2024?",
            SEGMENTS.replace("650 600", "980 600").replace("310", "160").replace("950", "950")
            .replace("$ 900 $ 700", "$ 900 $ 650").replace(" 800 980", " 950 700")
            .replace("255 255", "255 250"),
        ),
        (
            "Which segment had the highest net sales growth in 2024?",
            SEGMENTS.replace(" 700 650", " (100) 650").replace("650 600", "1,450 600"),
        ),  # from a loss
        ("Which segment had the highest net sales in the first quarter of 2024?", SEGMENTS),
        ("Which segment had the highest net sales in 2024?", SEGMENTS.replace("310", "311")),
        ("Which segment had the highest net sales in 2024?", SEGMENTS.replace("Valves", "Other")),
        (
            "Which segment had the highest net sales in 2024?",
            SEGMENTS.replace("900", "850").replace(" 800", " 850"),
        ),  # equal
        (
            "Which segment had the highest net sales in 2024?",
            SEGMENTS.replace("310", "(310)").replace("2,000", "1,380"),
        ),
        (
            "Which segment had the highest net sales in 2024?",
            SEGMENTS.replace("Valves", "Segment sales").replace("Pumps", "Sales between segments"),
        ),  # leads from one measure to another
        ("Which segment had the highest net sales in 2024?", SEGMENTS + PLACES.replace(
            "geographic area", "segment and area"
        )),  # two tables, two answers
    ],
)  # fmt: skip
def test_what_cannot_be_told_is_left(question: str, text: str) -> None:
    assert answered(question, text) is None


def test_a_total_has_to_be_the_companys_own(tmp_path: Path, embedder_folder: Path) -> None:
    """One segment's categories add up as well, to that segment's sales."""
    question = "Which segment of Larkspur had the highest net sales in fiscal 2024?"

    def asked(name: str, note: str, question: str = question) -> FigureAnswer | None:
        folder = tmp_path / name
        folder.mkdir()
        with Store.open(folder / "store", Embedder(embedder_folder)) as store:
            store.add(with_note(folder, "Larkspur Valve Company", 2024, note))
            return gather(store, question).figure

    assert asked("one", OF_ONE) is None
    figure = asked("both", f"{OF_ONE}\f{SEGMENTS}")
    assert figure is not None and figure.text.startswith(
        "“Valves” was the largest part of Larkspur Valve Company's revenue"
    )
    assert figure.citations[0].quote == "Valves $ 900 $ 700 $ 650"
    # Another year's filing states it as its year before.
    before = asked("before", SEGMENTS, question.replace("2024", "2023"))
    assert before is not None and "in fiscal 2023, with $700 million" in before.text
    assert asked("after", SEGMENTS, question.replace("2024", "2026")) is None


@given(st.text(max_size=200), st.text(max_size=400))
def test_any_text_is_taken(question: str, text: str) -> None:
    answered(f"Which segment had the highest {question} in 2024?", f"{SEGMENTS}\n{text}")


@pytest.mark.parametrize(
    ("question", "asks"),
    [
        ("Which of the segments had the highest revenue in 2022?", True),
        ("Which product category generated the least net sales in fiscal 2022?", True),
        ("Which year had the highest revenue?", False),
        ("What were segment revenues?", False),
        *(
            (f"Which segment had the {rest}?", False)
            for rest in (
                "smallest fall in net sales in 2024",
                "second highest net sales in 2024",
                "highest net sales in 2024 and why",
                "highest net sales other than Valves in 2024",
                "highest net sales in the first nine months of 2024",
                "highest comparable net sales in 2024",
                "highest net sales compared to 2023",
                "highest net sales before 2024",
                "highest organic net sales growth",
                "highest growth in net sales and operating income",
                "highest net sales per employee",
                "highest organic net sales",
                "highest net sales and operating income",
                "highest net sales at least $50 billion",
            )
        ),
        ("Which segment lost the most net sales in 2024?", False),
        ("Which segment will have the highest net sales next year?", False),
        ("Which type of customer had the highest net sales?", False),
    ],
)
def test_every_word_is_accounted_for(question: str, asks: bool) -> None:
    assert (part_asked(question) is not None) is asks


SEVERAL = """Net sales and operating income by segment and product line were (in millions):
December 28, 2024 December 30, 2023
Net sales by segment
Valves $ 900 $ 700
Pumps 800 650
Total $ 1,700 $ 1,350
Operating income by segment
Valves $ 90 $ 70
Pumps 95 65
Total $ 185 $ 135
"""


def test_a_heading_within_the_table_tells_what_its_rows_are_of() -> None:
    sales = answered("Which segment had the highest net sales in 2024?", SEVERAL)
    income = answered("Which segment had the highest operating income in 2024?", SEVERAL)
    assert sales is not None and sales.text.startswith("“Valves” was the largest part of revenue")
    assert income is not None and "“Pumps” was the largest part of operating income" in income.text
    assert answered("Which product line had the highest net sales in 2024?", SEVERAL) is None


def test_tables_that_differ_in_anything_give_nothing() -> None:
    question = "Which segment had the highest net sales in 2024?"
    other = SEGMENTS.replace("$ 900", "$ 800").replace(" 800 6", " 700 6").replace("310", "510")
    assert answered(question, other) is not None
    assert answered(question, f"{SEGMENTS}{other}") is None
    assert answered(question, f"{SEGMENTS}{SEGMENTS}") is not None


def test_rows_that_only_sound_left_over_are_parts() -> None:
    text = SEGMENTS.replace("Valves", "Wireless").replace("Pumps", "Corporate & Investment Bank")
    answer = answered("Which segment had the highest net sales in 2024?", text)
    assert answer is not None and answer.text.startswith("“Wireless” was the largest part")
    assert "“Corporate & Investment Bank” with $800 million" in answer.text
    # What is left over is larger than any part.
    large = SEGMENTS.replace("Valves $ 900 $ 700 $ 650", "Other $ 900 $ 700 $ 650")
    assert answered("Which segment had the highest net sales in 2024?", large) is None


def test_the_total_is_of_the_item_and_the_table_of_the_kind() -> None:
    bare = SEGMENTS.replace("Total net sales", "Total segments")
    asked = "Which segment had the highest net sales in 2024?"
    assert answered(asked, bare) is not None
    several = bare.replace("shows net sales by", "shows net sales and operating income by")
    assert answered(asked, several) is None
    # "Segment" is said, but not of this table.
    near = f"Our chief operating decision maker looks at each operating segment.\n{PLACES}"
    assert answered(asked, near) is None
    assert answered("Which country had the highest net sales in 2024?", PLACES) is None
    other = SEGMENTS.replace("net sales by", "current assets by")
    other = other.replace("Total net sales", "Total non-current assets")
    assert answered("Which segment had the highest current assets in 2024?", other) is None
