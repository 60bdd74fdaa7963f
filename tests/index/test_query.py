"""What a question is understood to ask for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.documents import Document
from index.query import fiscal_years, plain_name, understand


def document(company: str, ticker: str | None = None) -> Document:
    return Document(
        1, "x", "x", "pdf", "", company, "10-K", 2023, "FY", None, None, ticker, 1, 1, "", ()
    )


FILERS = [
    document("Valdor Valves, Inc.", "VLDR"),
    document("The Kestrel-Looms Company"),
    document("QX Resorts International"),
    document("General Sprockets Corporation", "GSP"),
    document("Penny's Pantry Holdings plc"),
]


@pytest.mark.parametrize(
    ("question", "companies"),
    [
        ("What was Valdor Valves' revenue?", ["Valdor Valves, Inc."]),
        ("what was valdor's revenue?", ["Valdor Valves, Inc."]),
        ("VALDOR VALVES INC revenue", ["Valdor Valves, Inc."]),
        ("Revenue of VLDR in 2023", ["Valdor Valves, Inc."]),
        ("Valdorr Valves revenue", ["Valdor Valves, Inc."]),
        ("Did Kestrel Looms pay a dividend?", ["The Kestrel-Looms Company"]),
        ("Which region did best for QX in FY2022?", ["QX Resorts International"]),
        ("Did General Motors grow?", []),
        ("Is the general outlook good?", []),
        ("Pennys Pantry stores", ["Penny's Pantry Holdings plc"]),
        ("Compare Valdor with QX Resorts", ["QX Resorts International", "Valdor Valves, Inc."]),
        ("What was revenue in 2023?", []),
    ],
)
def test_companies(question: str, companies: list[str]) -> None:
    assert list(understand(question, FILERS).companies) == companies


@pytest.mark.parametrize(
    ("question", "years"),
    [
        ("revenue in FY2018", (2018,)),
        ("FY18 and fiscal 2019", (2018, 2019)),
        ("FY2015 - FY2017 average", (2015, 2017)),
        ("from 2015 to 2017", (2015, 2016, 2017)),
        ("total of 2,018 units", ()),
        ("the 1.750% Notes due 2030", (2030,)),
    ],
)
def test_years(question: str, years: tuple[int, ...]) -> None:
    assert fiscal_years(question) == years


@pytest.mark.parametrize(
    ("question", "statements"),
    [
        ("What is the working capital?", {"balance"}),
        ("capital expenditures in 2020", {"cash_flow"}),
        ("earnings per share", {"income"}),
        ("using the balance sheet and the P&L, what is DPO?", {"balance", "income"}),
        ("Who is the auditor?", set()),
    ],
)
def test_statements(question: str, statements: set[str]) -> None:
    assert understand(question, FILERS).statements == statements


def test_period_and_form() -> None:
    query = understand("In the third quarter of 2023, what did the 10-Q say?", FILERS)
    assert (query.fiscal_period, query.form) == ("Q3", "10-Q")


def test_strangers_are_named() -> None:
    assert understand("What was Zephyrine Motors' revenue?", FILERS).unknown == (
        "Zephyrine Motors",
    )
    assert understand("What was the revenue of Bank of Elbonia in 2020?", FILERS).unknown == (
        "Bank of Elbonia",
    )
    assert understand("What was Valdor's revenue?", FILERS).unknown == ()


@given(st.text(max_size=300))
def test_any_text_is_understood(text: str) -> None:
    query = understand(text, FILERS)
    assert set(query.companies) <= {d.company for d in FILERS}


@given(st.text(min_size=1, max_size=60))
def test_plain_name_of_any_text(text: str) -> None:
    assert plain_name(text) == plain_name(text).strip()
