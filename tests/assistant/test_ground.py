"""Which numbers an answer may state, which lines it cites, and when it declines."""

from __future__ import annotations

import pytest

from assistant.answer import Passage
from assistant.ground import (
    cite,
    closest,
    declined,
    firm,
    of_other_lines,
    other_item,
    unsupported,
    without,
)

PAGE = """Consolidated Statements of Cash Flows
(in millions) 2024 2023
Net cash provided by operating activities 640 580
Purchases of property, plant and equipment (157) (120)
Dividends paid (80) (75)"""
RISK = """Our foundries depend on a single supplier of nickel alloy.
A strike at that supplier would stop production within weeks."""


def passage(number: int, text: str) -> Passage:
    return Passage(number, 1, "valdor-2024", 10 + number, text, "Valdor", "10-K", 2024, 1.0)


PASSAGES = (passage(1, PAGE), passage(2, RISK))


@pytest.mark.parametrize(
    "text",
    [
        "Purchases of property, plant and equipment were $157 million in fiscal 2024.",
        "Free cash flow was 640 - 157 = 483 million.",
        "Capital expenditures rose 30.8% from $120 million to $157 million.",
        "It paid dividends of $0.08 billion.",
    ],
)
def test_numbers_that_stand_or_follow(text: str) -> None:
    assert unsupported(text, "What was capex in 2024?", PASSAGES) == ()


def test_invented_number_is_named() -> None:
    text = "Purchases of property were $157 million, or 9.9% of sales of $1,585 million."
    assert unsupported(text, "What was capex?", PASSAGES) == ("$1,585 million",) or set(
        unsupported(text, "What was capex?", PASSAGES)
    ) == {"9.9%", "$1,585 million"}


def test_number_is_cited_where_it_stands() -> None:
    (found,) = cite("Capex was $157 million.", "What was capex in 2024?", PASSAGES)
    assert found.quote == "Purchases of property, plant and equipment (157) (120)"
    assert (found.doc, found.page) == ("valdor-2024", 11)


def test_the_hundred_of_a_formula_is_not_cited() -> None:
    page = passage(1, "Capex (157) (120)\nStores 100 90")
    (found,) = cite("(157 - 120) / 120 * 100% = 30.8%", "How much did capex grow?", [page])
    assert found.quote == "Capex (157) (120)"


def test_narrative_is_cited_by_likeness() -> None:
    text = "The company depends on a single supplier of nickel alloy for its foundries."
    (found,) = cite(text, "What are the supply risks?", PASSAGES)
    assert found.quote.startswith("Our foundries depend")
    assert found.page == 12


def test_every_quote_stands_on_its_page() -> None:
    for found in (*cite("80 and 640 and 580", "?", PASSAGES), *closest(PASSAGES, "supplier")):
        assert found.quote in PAGE + RISK


@pytest.mark.parametrize(
    ("text", "refuses"),
    [
        ("NOT IN THE FILINGS.", True),
        ("The evidence does not provide the number of employees.", True),
        ("The revenue for 2030 is not disclosed in the filing.", True),
        ("", True),
        ("The net income is not available in the provided documents.", True),
        ("I cannot determine the ratio from the evidence.", True),
        ("Quorvane is unable to predict the outcome of the lawsuit.", False),
        ("Capitalized interest of $12 million is not included in interest expense.", False),
        ("Backlog was $310 million; it does not include service contracts.", False),
        ("Inventories do not include consigned goods.", False),
        ("Net sales were $640 million. The filing does not give a reason.", False),
        ("Yes, dividends of $80 million were paid.", False),
    ],
)
def test_declined(text: str, refuses: bool) -> None:
    assert declined(text) is refuses


@pytest.mark.parametrize(
    ("said", "question", "other"),
    [
        (
            "The line item is “Purchases of property”; it was 17.",
            "What was the CEO paid?",
            "Purchases of property",
        ),
        (
            "Line item: Rest of World\nValue: 5",
            "Which country had the highest revenue?",
            "Rest of World",
        ),
        ("The line item is “Purchases of property”.", "What was capital expenditure?", None),
        ("Line item: Benefit payments\nValue: 5", "What will it pay its retirees?", None),
        ("Line item: Total\nValue: 5", "What was the CEO paid?", None),
        ("Line item: 2019\nValue: 5", "What was the CEO paid?", None),
        ("The CEO was paid 5.", "What was the CEO paid?", None),
    ],
)
def test_a_line_item_that_was_not_asked_for(said: str, question: str, other: str | None) -> None:
    assert other_item(said, question) == other


@pytest.mark.parametrize(
    ("said", "question", "elsewhere"),
    [
        ("Net income was $80 million.", "What was Valdor's net income in 2024?", True),
        ("Net income was $80 million.", "What was VM's net income in 2024?", True),
        ("Dividends paid were $80 million.", "What were Valdor's dividends paid in 2024?", False),
        ("Capex was 157.", "What was Valdor's capital expenditure in 2024?", False),
        ("It was 80.", "What was Valdor's net income from valves in 2024?", False),  # not plain
        ("It was high.", "What was Valdor's net income in 2024?", False),
        ("It was 80.", "What was Valdor's widget count in 2024?", False),
    ],
)
def test_an_amount_from_a_line_of_another_name(said: str, question: str, elsewhere: bool) -> None:
    assert of_other_lines(said, question, ["Valdor Mills"], PASSAGES) is elsewhere


SALES = """Consolidated Statements of Income
(in millions)
2024 2023
Net sales 3,240 3,015
Gross margin 41.5 40.0
Effective tax rate 21.3% 22.0%"""


@pytest.mark.parametrize(
    ("text", "doubtful"),
    [
        ("Net sales were $3,240 million.", ()),
        ("Net sales were $3.24 billion in fiscal 2024.", ()),
        ("Net sales were 3,240.", ()),
        ("Gross margin was 41.5%.", ()),
        ("The tax rate was 21.3 percent (page 31).", ()),
        ("Net sales were $3,240 billion.", ("$3,240 billion",)),
        ("Net sales were $3,240 thousand.", ("$3,240 thousand",)),
        ("Growth was 31%.", ("31%",)),
        ("It holds 31 subsidiaries.", ("31",)),
        ("Income covered interest 2024 times.", ("2024 times",)),
    ],
)
def test_unit_and_scale_must_agree(text: str, doubtful: tuple[str, ...]) -> None:
    page = Passage(1, 1, "acme", 31, SALES, "Acme", "10-K", 2024, 1.0)
    assert unsupported(text, "What was it?", [page]) == doubtful


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (
            "Sales of Acme Inc. were 5. They rose 9%. Cash was 7.",
            "Sales of Acme Inc. were 5. Cash was 7.",
        ),
        ("1. Cash: 7\n2. Growth: 9%\n3. Debt: 5", "1. Cash: 7\n3. Debt: 5"),
        ("Cash: 2024 = 7; 2023 = 5; growth = 9%", "Cash: 2024 = 7; 2023 = 5."),
        ("It rose 9%.", ""),
        ("Sales rose; growth was 9%. Cash was 7.", "Sales rose. Cash was 7."),
        ("Sales (up 9%; see note) rose. Cash was 7.", "Cash was 7."),
        ("No. Cash was 7. It rose 9%.", "No. Cash was 7."),
        ("Note No. 9% of it. Cash was 7.", "Cash was 7."),
        ("Cash was 7.", "Cash was 7."),
        ("", ""),
    ],
)
def test_sentences_with_doubtful_numbers_are_left_out(text: str, kept: str) -> None:
    assert without(text, ("9%",))[0] == kept


@pytest.mark.parametrize(
    ("said", "question", "narrative", "kept"),
    [
        (
            "Capex was $157 million. It was 9.9% of sales.",
            "What was capex?",
            False,
            "Capex was $157 million.",
        ),
        ("Capex was $157 million. It rose 99%.", "How much did capex increase?", False, ""),
        ("Capex rose 99%.", "What was capex?", False, ""),
        ("The supplier may strike. Output fell 99%.", "Why?", True, ""),
        (
            "Capex was $157 million. It is lower than in 2023: it fell from $120 to $157 million.",
            "What was capex?",
            False,
            "Capex was $157 million.",
        ),
        ("Yes, dividends fell from $75 million to $80 million.", "Did dividends fall?", True, ""),
        ("The ratio was 640 / 157 = 80.", "What was the ratio?", False, ""),  # 80 is printed
        ("Yes, it rose 99%. Dividends of $80 million were paid.", "Did it?", True, ""),
        (
            "A strike at the single supplier would stop production. Output fell 99%.",
            "Why?",
            True,
            "A strike at the single supplier would stop production.",
        ),
        (
            "Free cash flow: 640 - 157 = 493 million.",
            "What was FCF?",
            False,
            "Free cash flow: 640 - 157 = 483 million.",
        ),
    ],
)
def test_what_is_firm_of_an_answer(said: str, question: str, narrative: bool, kept: str) -> None:
    assert firm(said, question, PASSAGES, narrative).text == kept


def test_a_year_that_only_a_head_of_columns_tells_is_known() -> None:
    page = Passage(
        1, 1, "acme", 3, "(in millions)\nFY2019 FY2018\nSales 120 100", "A", "10-K", None, 1.0
    )
    assert unsupported("Sales: 2019 = 120", "What were sales?", [page]) == ()
