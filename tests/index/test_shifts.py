"""Years that a question tells by another year are named; what is not sure is known to be so."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.shifts import tells_another_time, with_shifts


@pytest.mark.parametrize(
    ("question", "named"),
    [
        ("Revenue in the year following fiscal 2021?", "Revenue in fiscal 2022?"),
        ("Net income the year after 2021", "Net income in fiscal 2022"),
        ("What was capex one year prior to 2018?", "What was capex in fiscal 2017?"),
        ("Revenue in the year before FY22?", "Revenue in fiscal 2021?"),
        ("Revenue for the year previous to fiscal 2023", "Revenue for fiscal 2022"),
        ("Total debt two years before 2020", "Total debt in fiscal 2018"),
        ("Growth in the year following fiscal 2015", "Growth in fiscal 2016"),
        ("The fiscal year that followed fiscal 2020's sales", "fiscal 2021's sales"),
        ("In the fiscal year immediately preceding 2020, what", "In fiscal 2019, what"),
        ("Sales in the two years before 2020", "Sales in fiscal 2018 to fiscal 2019"),
        ("Average sales, the 3 years after 2019", "Average sales, fiscal 2020 to fiscal 2022"),
        ("Sales in 2021 and the following year?", "Sales in 2021 and fiscal 2022?"),
        ("Sales in FY22 vs the prior year", "Sales in FY22 vs fiscal 2021"),
        ("Sales in 2022 relative to the prior year", "Sales in 2022 relative to fiscal 2021"),
        ("Sales in 2021 and the year after?", "Sales in 2021 and fiscal 2022?"),
        ("Sales in the year after CY2021", "Sales in calendar 2022"),
    ],
)
def test_a_year_told_by_another_is_named(question: str, named: str) -> None:
    assert with_shifts(question) == named
    assert not tells_another_time(named)


@pytest.mark.parametrize(
    "question",
    [
        "Revenue for the following years: 2021 and 2022",
        "Revenue for the following fiscal years 2021 and 2022",
        "Revenue in the following fiscal year: 2022",
        "How did revenue in 2022 compare to the prior year?",
        "Revenue growth in 2022 from the previous year",
        "Revenue growth in 2022 over the year before",
        "Q2 2022 revenue vs the prior-year quarter",
        "How did revenue change from the prior year to 2022?",
        "Income for the year before income taxes in 2021",
        "Revenue for the period ended December 31, 2022",
    ],
)
def test_what_is_told_by_no_other_year_is_left(question: str) -> None:
    assert with_shifts(question) == question
    assert not tells_another_time(question)


@pytest.mark.parametrize(
    "question",
    [
        "Revenue in the period following fiscal 2023",
        "Revenue in the quarter after Q2 2022",
        "Revenue in each year after 2021",
        "Revenue in the years following 2021",
        "Revenue growth over the three years following 2019",  # from 2019, or from 2020
        "Revenue in two years before 2020, together",
        "Revenue in the year following the end of fiscal 2021",
        "Revenue in the year after the 2021 merger",
        "Debt due more than one year after 2022",
        "Revenue in the year after 2021 and 2022",
        "Revenue in the following year",
        "What was revenue two years later?",
        "What was revenue in the prior year?",
        "Revenue prior to 2018",
        "Revenue in the prior year to 2023",
        "Revenue in Q2 2022 and the prior year",
        "Revenue in the second year after 2019",
        "Revenue 2 or 3 years after 2020",
        "Revenue half a year after 2020",
    ],
)
def test_what_is_not_sure_is_said_to_be(question: str) -> None:
    assert tells_another_time(with_shifts(question))


@given(st.text(max_size=60), st.integers(0, 99), st.text(max_size=20))
def test_no_question_breaks_it(before: str, count: int, after: str) -> None:
    with_shifts(f"{before} the {count} years after {after} 2021 and the prior year")
