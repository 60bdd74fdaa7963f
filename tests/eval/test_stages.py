"""The stage at which a wrong answer went wrong."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from eval.questions import Question
from eval.stages import STAGES, failed_stage

DOC = "LARKMOOR_2023"
REVENUE = ("What was Larkmoor's revenue, in USD millions?", "$812")
GROWTH = ("By what percentage did Larkmoor's revenue change from 2022 to 2023?", "6.8%")
IMPROVED = ("Did Larkmoor's gross margin improve in 2023?", "Yes, it rose to 31%.")
READ = """Evidence:

[1] Larkmoor Tools 10-K fiscal 2023, page 3
Larkmoor Tools, income, in millions
Revenue: 2023 = 812; 2022 = 760
Wages and salaries: 2023 = 301; 2022 = 280

Question: What of 9,999 and 12.3%?

Answer in one or two full sentences."""


def asked(pair: tuple[str, str], **more: Any) -> Question:
    return Question("q", *pair, DOC, (3,), "lookup", **more)


def record(said: str, read: str | None = READ, **more: Any) -> dict[str, Any]:
    return {
        "passages": [{"doc": DOC, "page": 3}],
        "answer": {"answer": said, **more},
        **({"prompt": [{"role": "user", "content": read}]} if read else {}),
    }


@pytest.mark.parametrize(
    ("passages", "verdict", "stage"),
    [
        ([], "wrong", "document"),
        ([("OTHER", 3)], "refused", "document"),
        ([(DOC, 4), ("OTHER", 3)], "wrong", "page"),
        ([(DOC, 3)], "wrong", "extraction"),
        ([(DOC, 3)], "refused", "refusal"),
        ([], "correct", None),
    ],
)
def test_what_was_not_shown_comes_first(
    passages: list[tuple[str, int]], verdict: Any, stage: str | None
) -> None:
    said = record("Revenue was $760 million.")
    said["passages"] = [{"doc": doc, "page": page} for doc, page in passages]
    assert failed_stage(asked(REVENUE), said, verdict) == stage
    unanswerable = replace(asked(REVENUE), doc=None)
    expected = None if verdict == "correct" else "hallucinated"
    assert failed_stage(unanswerable, said, verdict) == expected
    assert stage is None or stage in STAGES


@pytest.mark.parametrize(
    ("question", "said", "stage"),
    [
        (REVENUE, "Revenue was $760 million in 2022.", "extraction"),
        (REVENUE, "Wages and salaries were 301.", "extraction"),
        (REVENUE, "Revenue was $812 billion.", "extraction"),
        (REVENUE, "Revenue was 812 + 301 = $1,113 million.", "calculation"),
        (REVENUE, "Revenue was $9,999 million.", "calculation"),
        (REVENUE, "Revenue is the first row of the statement.", "wording"),
        (GROWTH, "(812 - 760) / 812 = 6.4%", "calculation"),
        (GROWTH, "Revenue was $812 million.", "calculation"),
        (GROWTH, "It went up.", "wording"),
        (IMPROVED, "No, it fell to 12%.", "wording"),
        (("What drove Larkmoor's wages?", "Hiring for the foundry"), "Overtime.", "wording"),
    ],
)
def test_reading_calculating_and_wording_are_told_apart(
    question: tuple[str, str], said: str, stage: str
) -> None:
    assert failed_stage(asked(question), record(said), "wrong") == stage


def test_the_filings_own_figures_were_calculated_or_only_looked_up() -> None:
    steps = {"formula": "revenue / wages", "steps": []}
    said = record("It is 2.7x.", None, calculation=steps)
    assert failed_stage(asked(IMPROVED), said, "wrong") == "calculation"
    cell = record("Revenue was $301 million.", None, calculation=None)
    assert failed_stage(asked(REVENUE), cell, "wrong") == "extraction"


def test_without_a_prompt_the_gold_pages_shown_are_what_was_read() -> None:
    pages = ((3, "Revenue 812 760"), (4, "Wages 301"))
    question = asked(REVENUE, gold_pages=pages)
    said = record("Revenue was $301 million.", None)
    assert failed_stage(question, said, "wrong") == "calculation", "page 4 was not read"
    said["passages"].append({"doc": DOC, "page": 4})
    assert failed_stage(question, said, "wrong") == "extraction"


def test_several_figures_must_all_stand_there() -> None:
    text = ("What were revenue and its average change in percent?", "812; 6.8")
    both = asked(text, unit="million", key_points=("812", "6.8"))
    assert failed_stage(both, record("They were 760 and 301."), "wrong") == "calculation"
    rows = asked(text, unit="million", key_points=("812", "760"))
    assert failed_stage(rows, record("They were 280 and 301."), "wrong") == "extraction"
