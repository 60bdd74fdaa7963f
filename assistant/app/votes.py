"""A READER'S VOTE ON A COMPARISON -> data for evaluations.

Every vote is kept with both answers (`votes.jsonl`); where one answer was called right, its
question becomes one of an evaluation (`votes.questions.jsonl`, see `eval.questions`), the answer
chosen its gold answer, the pages it cites the gold pages. Nothing says who voted.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Literal

from assistant.app.judged import as_question, keep
from assistant.app.reply import Comparison
from assistant.errors import AssistantError

Choice = Literal["left", "right", "both", "neither"]
CHOICES: tuple[tuple[str, Choice], ...] = (
    ("Left is right", "left"),
    ("Right is right", "right"),
    ("Both are right", "both"),
    ("Neither is", "neither"),
)
_VOTES, _QUESTIONS = "votes.jsonl", "votes.questions.jsonl"


def vote(comparison: Comparison, choice: Choice, blind: bool, folder: Path) -> str:
    """Keep it in `folder`; returns a sentence for the reader. AssistantError where the comparison
    is not finished, or nothing can be written."""
    left, right = comparison.left.answer, comparison.right.answer
    if left is None or right is None:
        raise AssistantError("both models must have answered before one can vote")
    record = {
        "when": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "question": comparison.question,
        "choice": choice,
        "blind": blind,
        "numbers_agree": comparison.agree,
        "left": left.to_json(),
        "right": right.to_json(),
    }
    right_one = {"left": left, "right": right, "both": left, "neither": None}[choice]
    question = [as_question(comparison.question, right_one, "vote")] if right_one else []
    keep(folder, {_VOTES: [record], _QUESTIONS: question})
    return "Thank you: kept" + (", also as a question for evaluations." if question else ".")
