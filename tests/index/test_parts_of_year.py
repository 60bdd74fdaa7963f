"""Parts of a year: halves, months and weeks that end on a day, year to date, trailing months."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.parts_of_year import closing, ending, parts_named, speaks_of, without_parts
from index.query import fiscal_years, understand
from index.relative_periods import with_periods


@pytest.mark.parametrize(
    ("question", "part", "years"),
    [
        ("revenue in the first half of 2023", "H1", (2023,)),
        ("revenue in H1 2023", "H1", (2023,)),
        ("revenue 1H23", "H1", (2023,)),
        ("revenue H1'23", "H1", (2023,)),
        ("revenue FY23H1", "H1", (2023,)),
        ("revenue in 2023H2", "H2", (2023,)),
        ("revenue in the 2nd half of fiscal 2023", "H2", (2023,)),
        ("revenue in the first six months of 2023", "H1", (2023,)),
        ("revenue in the first nine months of 2023", "9 months", (2023,)),
        ("revenue for the six months ended June 30, 2023", "6 months", (2023,)),
        ("revenue for the 9-month period ended May 31, 2023", "9 months", (2023,)),
        ("revenue for the thirty-nine weeks ended October 28, 2023", "9 months", (2023,)),
        ("revenue for the 26 weeks ended July 29, 2023", "6 months", (2023,)),
        ("revenue for the three months ended March 31, 2023", "3 months", (2023,)),
        ("revenue for the quarter ended March 31, 2023", "3 months", (2023,)),
        ("Q2 revenue, three months ended June 30, 2023", "Q2", (2023,)),
        ("revenue year to date in 2023", "YTD", (2023,)),
        ("Q3 2023 YTD revenue", "9 months", (2023,)),
        ("trailing twelve months revenue", "LTM", ()),
        ("LTM EBITDA", "LTM", ()),
        ("LTM revenue as of Q2 2024", "LTM Q2", (2024,)),
        ("TTM revenue through the fourth quarter of 2024", "FY", (2024,)),
        ("revenue over the last four quarters", "LTM", ()),
        ("revenue in H1 and H2 of 2023", None, (2023,)),
        ("revenue in Q2 and H1 of 2023", None, (2023,)),
        ("revenue in 2023", None, (2023,)),
        ("Did half of the stores close in 2023?", None, (2023,)),
        ("needs in the next twelve months", None, ()),
        ("the 52-week fiscal 2023", None, (2023,)),
        ("half the revenue of 2023", None, (2023,)),
    ],
)
def test_parts_of_a_year(question: str, part: str | None, years: tuple[int, ...]) -> None:
    full = with_periods(question, [])
    query = understand(full, [])
    assert (query.fiscal_period, query.fiscal_years) == (part, years)
    assert query.understood()["fiscal_period"] == part
    assert fiscal_years(question) == years


@pytest.mark.parametrize(
    ("part", "quarter", "means"),
    [
        ("6 months", "Q2", "H1"),
        ("6 months", "Q3", None),
        ("6 months", "FY", "H2"),
        ("9 months", "Q3", "9 months"),
        ("3 months", "FY", "Q4"),
        ("12 months", "FY", "FY"),
        ("12 months", "Q2", "LTM Q2"),
        ("YTD", "Q2", "H1"),
        ("YTD", "FY", None),
        ("H1", "Q2", "H1"),
        ("H1", "Q3", None),
        ("LTM", "FY", "FY"),
        ("LTM", "Q3", "LTM Q3"),
    ],
)
def test_what_ends_with_a_quarter(part: str, quarter: str, means: str | None) -> None:
    assert ending(part, quarter) == means


def test_the_filing_that_states_a_part() -> None:
    told = {part: closing(part) for part in ("H1", "9 months", "H2", "Q3", "YTD", "LTM", None)}
    assert list(told.values()) == ["Q2", "Q3", "FY", "Q3", None, None, None]


def test_a_page_speaks_of_a_part() -> None:
    assert speaks_of("H1", "Six Months Ended June 30")
    assert not speaks_of("H1", "Three Months Ended June 30")
    assert speaks_of("LTM", "over the trailing twelve months")
    assert not speaks_of("LTM", "Year ended December 31")
    assert speaks_of("Q2", "anything")


@pytest.mark.parametrize(
    ("question", "years"),
    [
        ("revenue between 2015 and 2017", (2015, 2016, 2017)),
        ("average revenue between FY2015 and FY2018", (2015, 2016, 2017, 2018)),
        ("capex between fiscal 2019 and 2021", (2019, 2020, 2021)),
        ("the change in revenue between 2015 and 2017", (2015, 2017)),
        ("How much did revenue grow between 2015 and 2017?", (2015, 2017)),
        ("between 2015 and 1,700 units", (2015,)),
    ],
)
def test_years_between(question: str, years: tuple[int, ...]) -> None:
    assert fiscal_years(question) == years


@given(st.text(max_size=120))
def test_any_text_is_read(text: str) -> None:
    parts_named(text)
    assert not parts_named("") or without_parts(text)
