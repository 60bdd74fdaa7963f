"""TWO RUNS -> WHAT GOT BETTER OR WORSE, question by question: two versions of the prompts, the
search, a model or its quantization."""

from __future__ import annotations

from typing import Any

from eval.errors import EvaluationError
from eval.run_folder import RunFolder
from eval.run_summary import CellRows, Row, counted, flips, read_cells


def run_diff(before: RunFolder, after: RunFolder) -> dict[str, Any]:
    """{"cells": [{"model", "set", "evidence", "n", "accuracy_before", "accuracy_after",
    "difference", "lost", "gained", "mcnemar_p", "changed"}], "left_out"}: cells that both runs have
    under the same model's name, set and evidence mode, over the questions that are the same to the
    letter, gold answer included. "left_out" are questions and cells that only one run has.

    Raises EvaluationError where the runs have nothing in common.
    """
    old, new = _cells(before), _cells(after)
    rows, left = [], [*sorted(" ".join(name) for name in old.keys() ^ new.keys())]
    for name in (each for each in new if each in old):
        row, alone = _compared(old[name], new[name])
        rows.append(row)
        if alone:
            left.append(f"{' '.join(name)}: {alone} questions")
    rows = [row for row in rows if row["n"]]
    if not rows:
        raise EvaluationError(
            f"{before.path} and {after.path} have no answers of the same model to the same "
            "questions in common"
        )
    return {"before": str(before.path), "after": str(after.path), "cells": rows, "left_out": left}


def _cells(folder: RunFolder) -> dict[tuple[str, str, str], CellRows]:
    return {each.place: each for each in read_cells(folder, folder.read())}


def _compared(before: CellRows, after: CellRows) -> tuple[dict[str, Any], int]:
    """The row, and how many questions only one of them has."""
    old = {_identity(row): row for row in before.rows.values()}
    new = {_identity(row): row for row in after.rows.values()}
    both = [(row, old[name]) for name, row in new.items() if name in old]
    total = counted(both)
    row = {
        "model": after.cell.model,
        "set": after.cell.set,
        "evidence": after.cell.evidence,
        **flips(total),
        "accuracy_before": total.full_right / total.n if total.n else None,
        "accuracy_after": total.right / total.n if total.n else None,
        "changed": [
            {
                **{name: ours[name] for name in ("id", "type", "question", "gold")},
                "before": theirs["answer"],
                "after": ours["answer"],
                "grade_before": theirs["grade"],
                "grade_after": ours["grade"],
            }
            for ours, theirs in both
            if ours["grade"] != theirs["grade"]
        ],
    }
    return row, len(old.keys() ^ new.keys())


def _identity(row: Row) -> tuple[str, str]:
    """Ids of generated questions are numbers in a row: the words tell."""
    return row["question"], row["gold"]
