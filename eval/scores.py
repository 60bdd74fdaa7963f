"""Graded answers -> accuracy with its interval, and what one model lost against another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from eval.intervals import mcnemar_p, percentile, recovery, wilson
from eval.models import Model, Served

Rows = Sequence[dict[str, Any]]


def summary(model: Model | Served, evidence: str, rows: Rows) -> dict[str, Any]:
    """{"model", "evidence", "n", "correct", "wrong", "refused", "accuracy", "by_type", "stages",
    "seconds", "cited", "calculated_wrong", "unsure", "numbers", "exact_match", "per_question"};
    accuracy with a 95% Wilson interval, seconds per answer; "cited": how many of the right answers
    cite a gold page, and of how many it is known; "unsure": the grades of answers that the model
    was unsure of; "numbers": how many the answers state ("n"), and how many of them stand in the
    evidence or were calculated ("k"); "exact_match": as TAT-QA counts it, of its questions."""
    right = [row for row in rows if row["grade"] == "correct" and row["cites_gold"] is not None]
    seconds = [row["seconds"] for row in rows]
    numbers = [row["numbers"] for row in rows if row["numbers"]]
    types = sorted({row["type"] for row in rows})
    return {
        "model": {
            "name": model.label,
            "sha256": model.sha256,
            "rebuilt_from": model.rebuilt_from,
        },
        "evidence": evidence,
        **counts(rows),
        "by_type": {name: counts([row for row in rows if row["type"] == name]) for name in types},
        "stages": dict(Counter(row["stage"] for row in rows if row["stage"])),
        "seconds": {"p50": percentile(seconds, 50), "p95": percentile(seconds, 95)},
        "cited": {"k": sum(row["cites_gold"] for row in right), "n": len(right)},
        "calculated_wrong": sum(row["calculated"] and row["grade"] == "wrong" for row in rows),
        "unsure": counts([row for row in rows if row["unsure"]]),
        "numbers": {
            "k": sum(each["n"] - len(each["foreign"]) for each in numbers),
            "n": sum(each["n"] for each in numbers),
        },
        "exact_match": exact_matches(rows),
        "per_question": list(rows),
    }


def exact_matches(rows: Rows) -> dict[str, int]:
    """{"k", "n"}: of the questions of TAT-QA."""
    matches = [row["exact_match"] for row in rows if row["exact_match"] is not None]
    return {"k": sum(matches), "n": len(matches)}


def counts(rows: Rows) -> dict[str, Any]:
    """{"n", "correct", "wrong", "refused", "accuracy"}."""
    grades = Counter(row["grade"] for row in rows)
    return {
        "n": len(rows),
        "correct": grades["correct"],
        "wrong": grades["wrong"],
        "refused": grades["refused"],
        "accuracy": wilson(grades["correct"], len(rows)).to_json(),
    }


def compared(
    model: Model | Served, rows: Rows, other: Model | Served, other_rows: Rows, evidence: str
) -> dict[str, Any]:
    """{"compared_with", "recovery", "flips", "mcnemar_p", "notes"}. Recovery is the model's
    accuracy over the other's; a flip is "lost" where only the other is right."""
    right = [row["grade"] == "correct" for row in rows]
    other_right = [row["grade"] == "correct" for row in other_rows]
    pairs = list(zip(rows, right, other_right, strict=True))
    lost = [row["id"] for row, ours, theirs in pairs if theirs and not ours]
    gained = [row["id"] for row, ours, theirs in pairs if ours and not theirs]
    notes = []
    if other.rebuilt_from:
        notes.append(
            f"{other.label} was itself rebuilt from an already quantized file "
            f"({other.rebuilt_from}): the loss is measured against the rebuilt weights."
        )
    return {
        "compared_with": summary(other, evidence, other_rows),
        "recovery": recovery(right, other_right).to_json(),
        "flips": {
            "lost": len(lost),
            "gained": len(gained),
            "lost_ids": lost,
            "gained_ids": gained,
        },
        "mcnemar_p": mcnemar_p(len(lost), len(gained)),
        "notes": notes,
    }
