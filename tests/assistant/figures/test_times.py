"""Words about time are never passed over: each year, each quarter, another year, another day."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.answer import FigureAnswer
from assistant.evidence import gather
from index.embed import Embedder
from index.store import Store
from tests.assistant.figures.conftest import COVER, NINE, SIX, write_annual, write_interim

COMPANY = "Larkspur Valve Company"
FIRST = """{company}
CONDENSED CONSOLIDATED STATEMENTS OF INCOME
(in millions, except per share data)
Three Months Ended March 31,
2024 2023
Net sales $ 510 $ 470
Cost of sales 305 285
Gross profit 205 185
Selling, general and administrative expenses 127 115
Operating income 78 70
Interest expense 10 10
Income before income taxes 68 60
Provision for income taxes 20 17
Net income $ 48 $ 43
Earnings per share
Basic $ 0.49 $ 0.44
Diluted $ 0.48 $ 0.43
"""


def write_first_quarter(folder: Path) -> Path:
    """A 10-Q for the first quarter of 2024 as text."""
    told = {"form": "10-Q", "report": "QUARTERLY", "period": "quarterly period"}
    cover = COVER.format(company=COMPANY, end="March 31, 2024", **told)
    path = folder / "larkspur-2024-q1.txt"
    path.write_text("\f".join([cover, FIRST.format(company=COMPANY)]), encoding="utf-8")
    return path


def asked(store: Store, question: str) -> FigureAnswer | None:
    return gather(store, question).figure


@pytest.fixture(scope="module")
def early(tmp_path_factory: pytest.TempPathFactory, embedder_folder: Path) -> Iterator[Store]:
    """Larkspur Valve Company, whose fiscal 2024 ended on November 29."""
    folder = tmp_path_factory.mktemp("early")
    path = write_annual(folder, COMPANY, 2024)
    text = path.read_text(encoding="utf-8").replace("December 31,", "November 29,")
    path.write_text(text, encoding="utf-8")
    with Store.open(folder / "store", Embedder(embedder_folder)) as store:
        store.add(path)
        yield store


@pytest.mark.parametrize(
    ("question", "value"),
    [
        ("What was Larkspur's revenue in the year following fiscal 2023?", 2000e6),
        ("What was Larkspur's revenue one year prior to 2024?", 1600e6),
        ("What was Larkspur's revenue two years before 2024?", 1500e6),
        ("What was Larkspur's revenue growth in the year after 2023?", 25.0),
        ("What was Larkspur's revenue in CY2024?", 2000e6),
    ],
)
def test_the_year_that_is_told_by_another_is_looked_up(
    accounts: Store, question: str, value: float
) -> None:
    found = asked(accounts, question)
    assert found and found.value == pytest.approx(value)


@pytest.mark.parametrize(
    "question",
    [
        "What was Larkspur's revenue in the period following fiscal 2023?",
        "What was Larkspur's revenue in the following year?",
        "What was Larkspur's revenue in the prior year?",
        "What was Larkspur's quarterly revenue in 2024?",
        "What was Larkspur's operating income in each quarter of 2024?",
        "What was Larkspur's revenue for the quarter in 2024?",
        "What was Larkspur's quarter over quarter revenue growth in 2024?",
        "What was Larkspur's annual revenue growth from 2022 to 2024?",
        "What was Larkspur's average revenue each year from 2022 to 2024?",
        "What was Larkspur's year-over-year revenue growth between 2022 and 2024?",
        "Did Larkspur's revenue increase each year from 2022 to 2024?",
        "How did Larkspur's goodwill change from June 30, 2024 to December 31, 2024?",
    ],
)
def test_a_time_that_is_not_sure_is_answered_with_no_other(accounts: Store, question: str) -> None:
    assert asked(accounts, question) is None


@pytest.mark.parametrize(
    "question",
    [
        "What was Larkspur's revenue growth each year from 2022 to 2024?",
        "What was Larkspur's revenue growth year by year from 2022 to 2024?",
        "What was Larkspur's year-over-year revenue growth from 2022 to 2024?",
    ],
)
def test_growth_each_year_is_each_years(accounts: Store, question: str) -> None:
    found = asked(accounts, question)
    assert found and found.value is None
    assert "from fiscal 2022 to fiscal 2023 was 6.7%: $1,500 million" in found.text
    assert "from fiscal 2023 to fiscal 2024 was 25.0%: $1,600 million" in found.text
    assert "33.3%" not in found.text and found.text.count("It is printed as") == 1


def test_each_of_the_last_years_has_its_change_from_the_year_before(accounts: Store) -> None:
    found = asked(accounts, "What was Larkspur's net income growth in each of the last two years?")
    assert found and "from fiscal 2022 to fiscal 2023 was 33.3%" in found.text
    assert "from fiscal 2023 to fiscal 2024 was 66.7%" in found.text
    change = asked(accounts, "By how much did Larkspur's net income rise in each of 2023 and 2024?")
    assert change and "rose by $30 million (33.3%) from fiscal 2022" in change.text
    # Of the year before them, no filing tells.
    assert asked(accounts, "Larkspur's revenue growth in each of the last three years?") is None
    every = asked(accounts, "What was Larkspur's revenue in each of the last three years?")
    assert every and "in fiscal 2022 was" in every.text and "in fiscal 2024 was" in every.text


def test_each_quarter_is_told_where_filings_state_all(
    tmp_path: Path, embedder_folder: Path
) -> None:
    nine = {**NINE, "total": "1,550"}
    with Store.open(tmp_path / "store", Embedder(embedder_folder)) as store:
        store.add(write_annual(tmp_path, COMPANY, 2024))
        store.add(write_first_quarter(tmp_path))
        assert asked(store, "What was Larkspur's quarterly revenue in 2024?") is None
        for told in (SIX, nine):
            store.add(write_interim(tmp_path, COMPANY, 2024, told))
        found = asked(store, "What was Larkspur's revenue in each quarter of 2024?")
        assert found and found.value is None
        for quarter, amount in (("Q1", 510), ("Q2", 520), ("Q3", 520), ("Q4", 450)):
            assert f"in {quarter} of fiscal 2024 was ${amount} million" in found.text
        assert found == asked(store, "What was Larkspur's quarterly revenue in 2024?")
        third = asked(store, "What was Larkspur's quarterly revenue in Q3 2024?")
        assert third and third.value == 520e6


def test_the_day_of_an_amount_is_told_where_another_is_named(early: Store) -> None:
    found = asked(early, "What were Larkspur's total assets at November 30, 2024?")
    assert found and "at the end of fiscal 2024 (November 29, 2024) were $1,600" in found.text
    revenue = asked(early, "What was Larkspur's revenue for the year ended November 30, 2024?")
    assert revenue and "in fiscal 2024 (to November 29, 2024) was" in revenue.text
    own = asked(early, "What were Larkspur's total assets at November 29, 2024?")
    assert own and "(" not in own.text


@pytest.mark.parametrize(
    "question",
    [
        "What were Larkspur's total assets at December 31, 2024?",
        "What were Larkspur's total assets at November 10, 2024?",
        "What was Larkspur's revenue for the year ended December 31, 2024?",
        "What was Larkspur's revenue in CY2024?",
        "What was Larkspur's revenue in the year after CY2023?",
    ],
)
def test_an_amount_of_another_day_is_none_of_the_day_named(early: Store, question: str) -> None:
    assert asked(early, question) is None
