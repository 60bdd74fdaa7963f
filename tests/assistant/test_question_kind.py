"""Which kind of answer a question wants."""

from __future__ import annotations

import pytest

from assistant.question_kind import (
    asks_for_calculation,
    asks_for_words,
    asks_yes_or_no,
    formula_asked,
    kind_of,
)
from index.query import understand
from tests.index.test_query import document


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
    ("kind", "questions"),
    [
        (
            "lookup",
            [
                "What was Farnelco's revenue in fiscal 2023?",
                "How much did Farnelco spend on research and development in FY2023?",
                "What were Farnelco's inventories at the end of fiscal 2023?",
                "Farnelco total assets 2023",
                "How many employees did Farnelco have at the end of 2023?",
                "What was Farnelco's backlog in its most recent year?",
                "What is the amount of Farnelco's unused credit lines?",
                "As of fiscal 2021, how much will Farnelco pay for leases in 2024?",
            ],
        ),
        (
            "metric",
            [
                "What was Farnelco's gross margin in fiscal 2023?",
                "What is Farnelco's FY2023 inventory turnover ratio?",
                "What was Farnelco's EBITDA in Q2 of fiscal 2023?",
                "What percentage of Farnelco's revenue was research and development in 2023?",
                "What is the 3 year average of capex as a % of revenue from FY2021 to FY2023?",
                "What was Farnelco's free cash flow in 2023?",
                "What was Farnelco's days payable outstanding for FY2023?",
            ],
        ),
        (
            "comparison or trend",
            [
                "How did Farnelco's gross margin change from fiscal 2022 to fiscal 2023?",
                "Which of Farnelco and Velmor had the higher revenue in 2023?",
                "Compare the net income of Farnelco and Velmor in 2023",
                "What was Farnelco's revenue in 2021, 2022 and 2023?",
                "How much did Farnelco's revenue grow in fiscal 2023?",
                "Which segment had the highest net sales in 2023?",
                "What was the percent change in Farnelco's net income between 2022 and 2023?",
                "Has Farnelco's gross margin improved or declined in 2023?",
                "What was the revenue trend of Farnelco over time?",
            ],
        ),
        (
            "narrative",
            [
                "Why did Farnelco's revenue fall in 2023?",
                "What risks does Farnelco name?",
                "Describe Farnelco's debt covenants.",
                "What drove the change in gross margin as of FY2023?",
                "Who audits Farnelco?",
                "How does Farnelco define free cash flow?",
                "What are Farnelco's main products?",
            ],
        ),
        (
            "yes or no",
            [
                "Did Farnelco's revenue rise in fiscal 2023?",
                "Is Farnelco a capital-intensive business, and why?",
                "Does Farnelco have positive working capital in FY2023? If not, explain why.",
                "Has Farnelco's gross margin improved in 2023? Why?",
                "Does Farnelco have debt securities registered to trade?",
                "Did Farnelco earn more than Velmor in 2023?",
            ],
        ),
        (
            "not answerable",
            [
                "Should I buy Farnelco stock?",
                "Is Farnelco a good investment?",
                "Will Farnelco's share price rise in 2026?",
                "Where will the stock go?",
            ],
        ),
    ],
)
def test_kind_of_a_question(kind: str, questions: list[str]) -> None:
    filed = [document("Farnelco, Inc."), document("Velmor plc")]
    told = {question: kind_of(understand(question, filed)) for question in questions}
    assert told == dict.fromkeys(questions, kind)
    assert {kind_of(understand(q, filed), answerable=False) for q in questions} == {
        "not answerable"
    }
