"""Which kind of answer a question wants."""

from __future__ import annotations

import pytest

from assistant.question_kind import (
    asks_for_calculation,
    asks_for_guess,
    asks_for_words,
    asks_yes_or_no,
    formula_asked,
)


@pytest.mark.parametrize(
    "question",
    [
        "Why did revenue fall in 2024?",
        "In 2023 profit fell but cash flow rose. Why?",
        "As of Q1, why was guidance raised?",
        "What drove the change in gross margin?",
        "Which of its segments contributed to the decline in sales?",
        "What industry does the company operate in?",
        "Describe the company's debt covenants.",
        "What does adjusted gross margin represent?",
        "How is depreciation calculated?",
        "How does the company define free cash flow?",
        "What was the reason for the increase in revenue in 2023?",
        "Where does the company file its income tax returns?",
        "When does the company record a receivable?",
        "What is included in service delivery costs?",
        "What are the main products of the company?",
        "What is goodwill?",
        "What was the outcome of the vote on the proposal in 2023?",
    ],
)
def test_reasons_and_descriptions_are_asked_for_in_words(question: str) -> None:
    assert asks_for_words(question)


@pytest.mark.parametrize(
    "question",
    [
        "What was net income in 2024?",
        "How many employees did it have?",
        "What were legal settlement charges in fiscal 2023?",
        "Did inventories rise or fall?",
        "What is the current ratio? If it is not useful, please explain why.",
        "By what percentage did net sales to its largest customer grow?",
        "What was the accrued compensation in 2019?",
        "What was the amount due to related parties in 2018?",
        "How much of the cash outflow was attributed to acquisitions in 2018?",
        "When primarily referencing the income statement, what was revenue?",
        "What is the difference between the high and the low price in 2019?",
    ],
)
def test_amounts_are_not(question: str) -> None:
    assert not asks_for_words(question)


@pytest.mark.parametrize(
    ("question", "yes_no"),
    [
        ("Has the company paid dividends in 2022?", True),
        ("Is it capital-intensive? If this is not a useful metric, please explain why.", True),
        ("As of Q2, is the company party to any lawsuits?", False),
        ("Did margins rise or fall?", False),
        ("Did margins fall, and why?", False),
        ("What was it?", False),
        ("How many were there?", False),
    ],
)
def test_yes_or_no(question: str, yes_no: bool) -> None:
    assert asks_yes_or_no(question) is yes_no


@pytest.mark.parametrize(
    ("question", "calculation"),
    [
        ("What was the percentage change in sales?", True),
        ("What is the average of 2018 and 2019?", True),
        ("How much did sales grow?", True),
        ("What were net sales in 2019?", False),
    ],
)
def test_calculation(question: str, calculation: bool) -> None:
    assert asks_for_calculation(question) is calculation


@pytest.mark.parametrize(
    ("question", "formula"),
    [
        ("What was the percentage change in sales between 2017 and 2018?", "percent change"),
        ("By what percentage did sales grow from 2017 to 2018?", "percent change"),
        ("What is the change (%) for order intake between 2018 and 2019?", "percent change"),
        ("What was the year-over-year growth of sales?", "percent change"),
        ("What was the change in percentage of sales between 2018 and 2019?", "change"),
        ("What was the increase / (decrease) in fees from 2018 to 2019?", "change"),
        ("What is the average of sales for 2018 and 2019?", "mean"),
        ("What percentage of total assets is cash?", "share"),
        ("What is cash as a percentage of total assets in 2019?", "share"),
        ("What is the sum of fees in 2018 and 2019?", "sum"),
        ("What is the average discount rate over the period from 2017 to 2019?", "mean"),
        (
            "What was the increase in fees from 2019 to 2020 as a percentage of those of 2019?",
            "percent change",
        ),
        # Printed, or not to be worked out
        ("How much did sales change in 2019?", None),
        ("What was the average salary in 2019?", None),
        ("What was total revenue in 2019?", None),
        ("What were total assets in 2022 and 2023?", None),
        ("What was the weighted average discount rate in 2022 and 2023?", None),
        ("What was the average interest rate in 2022 and 2023?", None),
        ("What was the percentage of gross margin in 2018?", None),
        ("Which year had higher total sales, 2018 or 2019?", None),
        ("What are the respective shares as a percentage of sales in 2018 and 2019?", None),
    ],
)
def test_the_formula_a_question_asks_for(question: str, formula: str | None) -> None:
    assert formula_asked(question) == formula


@pytest.mark.parametrize(
    ("question", "guess"),
    [
        ("What will Acme's revenue be next year?", True),
        ("Will Acme's gross margin improve in the future?", True),
        ("Will Acme be profitable next year?", True),
        ("What is Acme's expected revenue next year?", True),
        ("What revenue can we expect from Acme next year?", True),
        ("Forecast Acme's net income for 2026.", True),
        ("Please predict the earnings of Acme.", True),
        ("What is the forecast for Acme's EBITDA?", True),
        ("How much will Acme earn in 2025?", True),
        ("Estimate Acme's free cash flow for next year.", True),
        ("What is next year's revenue of Acme?", True),
        ("What revenue does Acme expect for next year?", False),
        ("What is Acme's revenue outlook for next year?", False),
        ("What sales growth does management target for next year?", False),
        ("Did Acme give a forecast of sales for next year?", False),
        ("Did Acme meet its projected sales in 2022?", False),
        ("How much deferred revenue will be recognized as revenue next year?", False),
        ("What amortization expense is expected in the next five years?", False),
        ("What are Acme's future minimum lease payments in 2026?", False),
        ("What portion of the loss will be reclassified into earnings next year?", False),
        ("What portion of deferred revenue will be earned over the next 12 months?", False),
        ("What factors will affect Acme's revenue growth?", False),
        ("When will Acme adopt the new revenue standard?", False),
        ("What would Acme's revenue be next year if it grew as in 2023?", False),
        ("Estimate Acme's free cash flow.", False),
        ("What were estimated sales returns in 2022?", False),
        ("In which years was operating income negative?", False),
    ],
)
def test_a_guess_is_told_from_what_filings_state(question: str, guess: bool) -> None:
    assert asks_for_guess(question) is guess
