"""Exact match as TAT-QA counts it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from eval.exact_match import exact_match
from eval.questions import Question, read_questions


def asked(spans: list[str] | float, scale: str, folder: Path, kind: str = "span") -> Question:
    """As read from a file of TAT-QA's shape."""
    record = {
        "table": {"uid": "t", "table": [["", "2019", "2018"], ["Valves", "592", "94.2"]]},
        "paragraphs": [],
        "questions": [
            {
                "uid": "q",
                "question": "What?",
                "answer": spans,
                "answer_type": kind,
                "scale": scale,
            }
        ],
    }
    file = folder / "q.json"
    file.write_text(json.dumps([record]))
    return read_questions(file)[0]


def said(text: str, value: float | None = None, unit: str | None = None) -> dict[str, Any]:
    return {"answer": text, "value": value, "unit": unit, "refused": False}


@pytest.mark.parametrize(
    ("spans", "scale", "answer", "matches"),
    [
        (["592"], "thousand", said("It was $592 thousand.", 592.0, "USD thousand"), True),
        (["592"], "thousand", said("It was $592 thousand.", 592_000.0, "USD"), True),
        (["592"], "thousand", said("It was 592.", 592.0, ""), False),
        (["592"], "thousand", said("It was $592 million.", 592.0, "USD million"), False),
        (["$94.2"], "million", said("$94.2 million."), True),
        (-22.22, "percent", said("It fell by 22.22%.", -22.2222, "%"), True),
        (-22.22, "percent", said("It fell by 22.2%.", -22.2, "%"), False),
        (-22.22, "percent", said("It fell by 22.22%.", 22.22, "%"), False),
        (2.93, "", said("The ratio was 2.93.", 2.931, "x"), True),
        (["The fixed-price type"], "", said("fixed price type."), True),
        (["The fixed-price type"], "", said("It is of the fixed-price type."), False),
        (["2019", "2018"], "", said("2018; 2019"), True),
        (["2019", "2018"], "", said("2019"), False),
        (["106.4", "70.5"], "million", said("$70.5 million\n$106.4 million"), True),
    ],
)
def test_answer_and_scale_must_be_those_published(
    spans: list[str] | float, scale: str, answer: dict[str, Any], matches: bool, tmp_path: Path
) -> None:
    assert exact_match(asked(spans, scale, tmp_path), answer) is matches


def test_a_refusal_is_no_match_and_other_files_have_none(tmp_path: Path) -> None:
    refusal = said("Not in the filings.") | {"refused": True}
    assert exact_match(asked(["592"], "thousand", tmp_path), refusal) is False
    assert exact_match(Question("q", "What?", "592", "D", (1,)), said("592")) is None
