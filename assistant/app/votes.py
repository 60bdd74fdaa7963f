"""A READER'S VOTE ON A COMPARISON -> data for evaluations.

Every vote is kept with both answers (`votes.jsonl`); where one answer was called right, its
question becomes one of an evaluation (`votes.questions.jsonl`, see `eval.questions`), the answer
chosen its gold answer, the pages it cites the gold pages. Nothing says who voted.
"""

from __future__ import annotations

import json
import secrets
import threading
import time
from pathlib import Path
from typing import Any, Literal

from assistant.answer import Answer
from assistant.app.reply import Comparison
from assistant.errors import AssistantError
from eval.records import append_lines

Choice = Literal["left", "right", "both", "neither"]
CHOICES: tuple[tuple[str, Choice], ...] = (
    ("Left is right", "left"),
    ("Right is right", "right"),
    ("Both are right", "both"),
    ("Neither is", "neither"),
)
_VOTES, _QUESTIONS = "votes.jsonl", "votes.questions.jsonl"
_writing = threading.Lock()


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
    question = _question(comparison.question, right_one) if right_one else None
    try:
        with _writing:
            folder.mkdir(parents=True, exist_ok=True)
            append_lines(folder / _VOTES, [json.dumps(record, ensure_ascii=False)])
            if question:
                append_lines(folder / _QUESTIONS, [json.dumps(question, ensure_ascii=False)])
    except OSError as error:
        raise AssistantError(f"the vote cannot be kept in {folder}: {error.strerror}") from error
    return "Thank you: kept" + (", also as a question for evaluations." if question else ".")


def _question(text: str, answer: Answer) -> dict[str, Any]:
    """In the own format of question files; a refusal that was called right has no page."""
    cited = () if answer.refused else answer.citations
    doc = cited[0].doc if cited else None
    return {
        "id": f"vote-{secrets.token_hex(6)}",
        "question": text,
        "answer": "not in the filings" if answer.refused else answer.answer,
        "doc": doc,
        "pages": sorted({each.page for each in cited if each.doc == doc}),
        "type": "unanswerable" if answer.refused else "vote",
    }
