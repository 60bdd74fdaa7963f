"""Years that a question counts from today are named; the sample filings' newest is fiscal 2024."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.evidence import gather
from index.query import understand
from index.relative_periods import with_periods
from index.store import Store

SPAN = "from fiscal 2022 to fiscal 2024"


@pytest.mark.parametrize(
    ("question", "named"),
    [
        ("Quorvane Pump's revenue over the last three years?", f"Quorvane Pump's revenue {SPAN}?"),
        ("Quorvane revenue, past 3 fiscal years", f"Quorvane revenue, {SPAN}"),
        ("Has Quorvane's margin risen since 2022?", f"Has Quorvane's margin risen {SPAN}?"),
        ("Quorvane net sales from 2022 onwards", f"Quorvane net sales {SPAN}"),
        ("What did Quorvane earn last year?", "What did Quorvane earn in fiscal 2024?"),
        ("Quorvane's debt in the most recent fiscal year", "Quorvane's debt in fiscal 2024"),
        ("The latest fiscal year's revenue of Quorvane?", "fiscal 2024's revenue of Quorvane?"),
        ("Quorvane capex in fiscal '23", "Quorvane capex in fiscal 2023"),
        ("Quorvane capex in '23", "Quorvane capex in fiscal 2023"),
        ("Quorvane net sales in the year following 2022?", "Quorvane net sales in fiscal 2023?"),
        ("Quorvane revenue 2Q24", "Quorvane revenue Q2 FY24"),
        ("Quorvane revenue FY2024Q2", "Quorvane revenue Q2 FY2024"),
        (
            "Quorvane's revenue in the 2nd fiscal quarter of 2024",
            "Quorvane's revenue in the second quarter of 2024",
        ),
    ],
)  # fmt: skip
def test_periods_are_named(question: str, named: str, sample_store: Store) -> None:
    assert with_periods(question, sample_store.documents()) == named
    assert with_periods(named, sample_store.documents()) == named


@pytest.mark.parametrize(
    "question",
    [
        "How did Quorvane's revenue change over last year?",  # from the year before
        "Was Quorvane's revenue higher than last year?",
        "Quorvane's revenue in 2023, and over the last three years?",
        "In how many of the last three years did Quorvane's inventories rise?",
        "Who has led Quorvane since 2022?",  # of no figure
        "Quorvane's revenue in the 52-week fiscal 2024",
        "What did Quorvane sell in the '90s?",
        "Quorvane's revenue over the last 0 years and the last 99 years",
    ],
)
def test_what_counts_from_elsewhere_is_left(question: str, sample_store: Store) -> None:
    assert with_periods(question, sample_store.documents()) == question


def test_a_store_without_filings_tells_no_year() -> None:
    assert with_periods("Revenue over the last three years?", []) == (
        "Revenue over the last three years?"
    )


@given(st.text(max_size=80), st.integers(0, 99), st.text(max_size=20))
def test_no_question_breaks_it(before: str, count: int, after: str) -> None:
    with_periods(f"{before} the last {count} years {after}", [])


def test_the_last_years_are_looked_up(sample_store: Store) -> None:
    found = gather(sample_store, "What was Quorvane Pump's revenue over the last two years?")
    assert found.understood["fiscal_years"] == [2023, 2024]
    assert found.figure is not None
    assert "in fiscal 2023 was" in found.figure.text
    assert "in fiscal 2024 was" in found.figure.text


def test_two_quarters_are_no_one_quarter(sample_store: Store) -> None:
    documents = sample_store.documents()
    assert understand("Quorvane revenue in Q1 and Q2 of 2024", documents).fiscal_period is None
    assert understand("Quorvane revenue in Q2 of 2024 (Q2)", documents).fiscal_period == "Q2"
    assert understand("Quorvane revenue, 3rd fiscal quarter", documents).fiscal_period == "Q3"


def test_a_calendar_year_is_the_fiscal_year_only_where_it_ends_so(sample_store: Store) -> None:
    one = sample_store.documents()[0]
    annual = replace(one, form="10-K", fiscal_year=2022, fiscal_period="FY", aliases=(), cik=None)
    documents = [
        replace(annual, id=1, company="Sallow Reed Company", period_end="2023-01-01", ticker=None),
        replace(annual, id=2, company="Marl Ferry Company", period_end="2022-11-27", ticker=None),
    ]
    for said in ("CY2022", "CY22", "CY '22", "cy 2022", "calendar year 2022"):
        own = with_periods(f"Sallow Reed's revenue in {said}?", documents)
        assert own == "Sallow Reed's revenue in fiscal 2022?"
        other = with_periods(f"Marl Ferry's revenue in {said}?", documents)
        assert other == "Marl Ferry's revenue in calendar 2022?"
    assert with_periods("Revenue, Q2 CY22", []) == "Revenue, Q2 calendar 2022"
