"""The kind of a question, as it is told."""

from __future__ import annotations

import pytest

from assistant.kind import kind_of
from index.query import understand
from tests.index.test_query import document


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
