"""How far the automatic grader can be trusted: its grades against human labels.

A labelled file is JSONL with `question`, `gold_answer`, `model_answer` and `label` ("Correct
Answer", "Incorrect Answer" or "Refusal", or "correct", "wrong", "refused").
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from eval.errors import EvaluationError
from eval.grade import Grade, grade, kind
from eval.intervals import kappa
from eval.questions import Question, read_jsonl, text_field

_LABELS: dict[str, Grade] = {
    "correct answer": "correct",
    "correct": "correct",
    "incorrect answer": "wrong",
    "wrong": "wrong",
    "refusal": "refused",
    "refused": "refused",
}


def grader_agreement(path: Path) -> dict[str, Any]:
    """{"overall": {"n", "agreement", "kappa"}, "by_kind": {...}, "confusion": human -> grader}.

    Raises EvaluationError naming file, line and field of a bad line.
    """
    pairs: list[tuple[str, Grade, Grade]] = []
    for number, record in read_jsonl(path):
        where = f"{path}, line {number}"
        name = text_field(record, "label", where)
        label = _LABELS.get(name.lower())
        if label is None:
            raise EvaluationError(f'{where}, field "label": one of {", ".join(_LABELS)}')
        gold = text_field(record, "gold_answer", where)
        question = Question(where, text_field(record, "question", where), gold, "labelled", (1,))
        said = grade(question, str(record.get("model_answer") or ""))
        pairs.append((kind(question), label, said))
    if not pairs:
        raise EvaluationError(f"{path} holds no labelled answers")
    kinds = sorted({name for name, _, _ in pairs})
    labels = dict.fromkeys(_LABELS.values())
    return {
        "overall": _agreement([(human, ours) for _, human, ours in pairs]),
        "by_kind": {
            name: _agreement([(human, ours) for k, human, ours in pairs if k == name])
            for name in kinds
        },
        "confusion": {
            human: {ours: sum((h, o) == (human, ours) for _, h, o in pairs) for ours in labels}
            for human in labels
        },
    }


def _agreement(pairs: list[tuple[str, str]]) -> dict[str, Any]:
    same = sum(human == ours for human, ours in pairs)
    return {"n": len(pairs), "agreement": same / len(pairs), "kappa": kappa(pairs)}
