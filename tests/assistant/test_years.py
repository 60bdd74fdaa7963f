"""Years asked and years that were read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.answer import Answer, Evidence, Passage
from assistant.assistant import answer_from, answers_from
from assistant.engine import Messages, Usage
from assistant.rows import labelled
from assistant.years import of_other_years, speak_of_none
from tests.one_by_one import OneByOne

TABLE = """Larkmoor Mills - Balance sheets
(in millions)
December 31,
2022 2021
Inventories 310 284
Goodwill 97 95
Total assets 1,407 1,379"""


def passage(text: str, fiscal_year: int | None = 2022, number: int = 1) -> Passage:
    return Passage(number, 1, "LARKMOOR", number, text, "Larkmoor", "10-K", fiscal_year, 1.0)


def evidence(question: str, years: list[int], *passages: Passage) -> Evidence:
    return Evidence(question, passages, None, {"fiscal_years": years, "companies": []}, 0.0)


class Says(OneByOne):
    name, scheme, parallel = "says", "int4", 1

    def __init__(self, text: str) -> None:
        self.text, self.asked = text, 0
        self.usage: Usage | None = None

    def stream(self, messages: Messages, max_new_tokens: int, stop: object = None):  # type: ignore[no-untyped-def]
        self.asked += 1
        yield self.text
        self.usage = Usage(9, 9, 0.1, 0.2)

    def count_tokens(self, text: str) -> int:
        return len(text) // 3


@pytest.mark.parametrize(
    ("text", "fiscal_year", "spoken"),
    [
        (TABLE, 2022, {2022, 2021}),
        ("Sales grew in FY23 and in Q2'24; FY2019/20 was weak.", 2015, {2023, 2024, 2019, 2020}),
        ("The year ended January 27, 2024 was long.", 2023, {2024, 2023}),
        ("At Sept. 30, 2024 and after", 2020, {2024}),
        ("$2,031 of it, 2031.5 and 2032%", 2022, {2022}),
        ("Each of fiscal 2023 through 2026", 2022, {2022, 2023, 2024, 2025, 2026}),
        ("We expect more of it next fiscal year.", 2022, {2022, 2023}),
        # Prose, and tables whose header stands on another page, name no year themselves.
        ("Inventories 310 284 270", 2022, {2022, 2021, 2020}),
    ],
)
def test_years_that_a_passage_speaks_of(text: str, fiscal_year: int, spoken: set[int]) -> None:
    shown = [passage(text, fiscal_year)]
    for year in spoken:
        assert not speak_of_none([year], shown)
        assert not speak_of_none([1999, year], shown)
    for year in (1999, 2029, 2031, 2032, max(spoken) + 1):
        assert speak_of_none([year], shown)
        assert not speak_of_none([year], [*shown, passage("", year)])


def test_where_no_year_is_asked_or_known_nothing_is_certain() -> None:
    assert not speak_of_none([], [passage(TABLE)])
    assert not speak_of_none([2029], [])
    assert not speak_of_none([2029], [passage(TABLE, None)])


@pytest.mark.parametrize("year", ["2013", "2027"])
def test_a_year_that_nothing_speaks_of_is_refused_unasked(year: str) -> None:
    engine = Says(f"Inventories were $310 million in fiscal {year}.")
    asked = evidence(f"What were inventories in fiscal {year}?", [int(year)], passage(TABLE))
    *_, answer = answer_from(engine, asked)
    assert isinstance(answer, Answer) and answer.refused and engine.asked == 0
    assert answer.answer == f"Not in the filings. None of the passages found speaks of {year}."
    assert answer.citations[0].quote == "Inventories 310 284"  # the closest, to look at


@pytest.mark.parametrize(
    ("said", "year", "others"),
    [
        ("Inventories were $310 million in fiscal 2021.", 2021, (2022,)),
        ("Inventories: 2021 = 310", 2021, (2022,)),
        ("Inventories were $0.31 billion in fiscal 2021, of $1,407 million.", 2021, (2022,)),
        ("Inventories were $310 million in fiscal 2022.", 2022, ()),
        # Compared, or calculated from both years
        ("Inventories rose from 284 to 310.", 2022, ()),
        ("Inventories rose from 284 to 310.", 2021, ()),
        # Printed elsewhere, too
        ("Orders of 1,500 were open.", 2021, ()),
        ("They were high.", 2021, ()),
        # Calculated, or in a column of changes
        ("Inventories grew 9.2% from $284 million in 2021.", 2022, ()),
        ("The ratio was 1.41x, or 1.41.", 2021, ()),
    ],
)
def test_an_amount_of_another_years_column(said: str, year: int, others: tuple[int, ...]) -> None:
    prose = passage("Orders of 1,500 were open at the end of fiscal 2021.", number=2)
    assert of_other_years(said, [year], [passage(TABLE), prose]) == others
    *_, answer = answer_from(Says(said), evidence("What were they?", [year], passage(TABLE), prose))
    assert isinstance(answer, Answer) and answer.refused == bool(others)
    if others:
        assert answer.answer.endswith(f"stands under 2022, not under {year}.")
    (together,) = answers_from(Says(said), [evidence("What?", [year], passage(TABLE), prose)])
    assert together.refused == answer.refused


def test_a_fiscal_year_that_ends_early_in_the_next() -> None:
    table = TABLE.replace("December 31,\n2022 2021", "January 28, 2023 January 29, 2022")
    assert "2023 = 310" in labelled(table)
    shown = [passage(table, 2022)]
    assert not of_other_years("Inventories were 310.", [2022], shown)
    assert not of_other_years("Inventories were 310.", [2023], shown)
    assert of_other_years("Inventories were 310.", [2020], shown) == (2022, 2023)


def test_a_header_on_two_lines() -> None:
    table = "Balance sheets\n(in millions)\nJanuary 28, January 29,\n2023 2022\nInventories 310 284"
    shown = [passage(table, 2022)]
    assert not of_other_years("Inventories were $284 million.", [2021], shown)
    assert not speak_of_none([2021], shown)


@pytest.mark.parametrize(
    "question",
    [
        "What is outstanding of the senior notes due 2030?",
        "What was the cost under the Equity Plan of 2030?",
        "What was revenue according to the 10-K filed in 2030?",
        "What was the opening balance of total assets in 2030?",
        "What was granted under the 2030 Equity Incentive Plan?",
    ],
)
def test_a_year_that_need_not_be_the_columns(question: str) -> None:
    asked = evidence(question, [2030], passage(TABLE))
    *_, answer = answer_from(Says("It was $310 million."), asked)
    assert isinstance(answer, Answer) and not answer.refused


@pytest.mark.parametrize("row", ["long-term debt due within one year", "maturities of investments"])
def test_a_year_asked_for_a_row_that_speaks_of_maturities(row: str) -> None:
    asked = evidence(f"State Larkmoor's {row} for FY2030.", [2030], passage(TABLE))
    *_, answer = answer_from(Says("It was $310 million."), asked)
    assert isinstance(answer, Answer) and answer.refused


def test_two_years_asked_are_not_judged() -> None:
    assert not of_other_years("Inventories were 310.", [2020, 2021], [passage(TABLE)])


@given(st.text(max_size=200), st.lists(st.integers(1990, 2040), max_size=3), st.text(max_size=200))
def test_any_text_is_read(said: str, years: list[int], text: str) -> None:
    shown = [passage(text), passage(TABLE, number=2)]
    speak_of_none(years, shown)
    assert not set(of_other_years(said, years, shown)) & set(years)
