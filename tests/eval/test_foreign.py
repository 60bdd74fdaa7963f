"""Numbers in answers that stand neither in the evidence nor in a calculation."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from assistant.answer import Answer, Passage
from assistant.assistant import answered_unread
from eval.answers import gold_evidence, run_answers
from eval.foreign import numbers_checked
from eval.questions import Question
from eval.report import answers_markdown
from tests.openai_server import OpenAIServer

NOTE = """NOTE 7. ACCRUED LIABILITIES
(in thousands)
December 31, 2024 2023 2022
Product warranties 402 320 400
Discount rate 4.5% 4.0% 3.1%"""
PASSAGE = Passage(1, 1, "LARKMOOR_10K", 48, NOTE, "Larkmoor Tools", "10-K", 2024, 1.0)


def said(text: str, question: str = "What were the product warranties?") -> Answer:
    model = {"name": "m", "scheme": "int4"}
    return Answer(question, text, False, (), model, {}, 10, 10, passages=(PASSAGE,))


def calculated(question: str) -> Answer:
    asked = Question("q", question, "?", "LARKMOOR_10K", (48,), gold_pages=((48, NOTE),))
    evidence = gold_evidence(asked, None, figures=True)
    assert evidence is not None
    answer = answered_unread(evidence, {"name": "m", "scheme": "int4"})
    assert answer is not None
    return answer


@pytest.mark.parametrize(
    ("text", "n", "foreign"),
    [
        ("Product warranties were $402 thousand in 2024, $0.4 million.", 3, []),
        ("1. They rose from 320 to 402.\n2. (402 - 320) / 320 * 100 = 25.6% [1]", 7, []),
        ("They were $402 thousand, and 9,876 of them are for pumps.", 2, ["9,876"]),
        ("They were $402 million.", 1, ["$402 million"]),
        ("They rose by 4.5% and by 7.7%.", 2, ["7.7%"]),
        ("It names no amount.", 0, []),
    ],
)
def test_what_a_model_said_is_set_against_what_it_read(
    text: str, n: int, foreign: list[str]
) -> None:
    assert numbers_checked(said(text)) == {"n": n, "foreign": foreign}


def test_a_refusal_states_no_numbers() -> None:
    refusal = replace(said("Not in the filings. The model said 77."), refused=True)
    assert numbers_checked(refusal) == {"n": 0, "foreign": []}


@pytest.mark.parametrize(
    "question",
    [
        "What were the product warranties in 2024?",
        "What was the discount rate in 2022?",
        "By what percentage did product warranties change from 2023 to 2024?",
        "What was the average of product warranties from 2022 to 2024?",
    ],
)
def test_what_the_filings_figures_gave_is_all_theirs(question: str) -> None:
    checked = numbers_checked(calculated(question))
    assert checked["n"] > 0 and checked["foreign"] == []


def test_a_figure_told_wrongly_is_foreign() -> None:
    answer = calculated("What were the product warranties in 2024?")
    assert "402 thousand" in answer.answer
    for wrong in ("403 thousand", "402 million", "402%"):
        changed = replace(answer, answer=answer.answer.replace("402 thousand", wrong))
        assert numbers_checked(changed)["foreign"] == [wrong]


def test_the_report_counts_them(
    questions: list[Question], openai_server: OpenAIServer, tmp_path: Path
) -> None:
    openai_server.words = ["Revenue from customers was $812 million, ", "and costs $5,555 million."]
    results = tmp_path / "a.jsonl"
    report = run_answers(
        questions[:1], None, openai_server.url, tmp_path, results, "gold", without=("grounding",)
    )
    assert report["numbers"] == {"k": 1, "n": 2}
    assert report["per_question"][0]["numbers"]["foreign"] == ["$5,555 million"]
    assert "stand in the evidence or were calculated: 1 of 2 (50.0%)" in answers_markdown(report)
    checked = run_answers(questions[:1], None, openai_server.url, tmp_path, results, "gold")
    assert checked["numbers"]["k"] == checked["numbers"]["n"], "the checks leave such numbers out"
