"""RUN'S FOLDER -> WHAT IT SHOWS: one dictionary from which the report, the gate and the app draw.

Recoveries and differences carry the intervals of the score tests in `eval.noninferiority`, which
hold for few questions, too; accuracies Wilson's.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from eval.answers import graded
from eval.intervals import UNKNOWN, mcnemar_p, recovery
from eval.noninferiority import (
    Pairs,
    difference_interval,
    pairs,
    questions_needed,
    recovery_interval,
    smallest_loss,
)
from eval.run_folder import Cell, RunFolder, says_damage
from eval.scores import counts, exact_matches

Row = dict[str, Any]
_CONTEXTS = ((500, "under 500 tokens"), (1000, "500 to 999"), (2000, "1,000 to 1,999"))
_LONGEST = "2,000 and more"
_UNREAD = "no model asked"
_FEWEST_FILINGS = 10  # of fewer groups the bootstrap is too narrow


@dataclass(frozen=True)
class CellRows:
    """A cell's graded answers by question id; fewer than `n` where the run is not finished."""

    cell: Cell
    n: int
    rows: dict[str, Row]

    @property
    def place(self) -> tuple[str, str, str]:
        """Its model, set and evidence mode: unlike any other's of the run."""
        return self.cell.model, self.cell.set, self.cell.evidence


@says_damage
def read_cells(folder: RunFolder, run: dict[str, Any]) -> list[CellRows]:
    """Every cell with its answers graded anew."""
    sets = {each["name"]: folder.read_set(each["name"]) for each in run["sets"]}
    found = []
    for name in run["cells"]:
        cell = folder.read_cell(name)
        records = folder.records(cell)
        rows = {}
        for question_id, key in cell.keys:
            record, question = records.get(key), sets[cell.set].get(question_id)
            if record is not None and question is not None:
                row = graded(question, record)
                rows[question_id] = row | {
                    "seconds": record.get("seconds", row["seconds"]),
                    "filing": next((doc for doc in (question.doc, *question.docs) if doc), None),
                }
        found.append(CellRows(cell, len(cell.keys), rows))
    return found


@says_damage
def summarize(folder: RunFolder) -> dict[str, Any]:
    """The JSON of `tenq eval report`, its "gate" still None. EvaluationError where the folder is no
    run's, or is damaged."""
    run = folder.read()
    cells = read_cells(folder, run)
    full_of = {each["label"]: each["full"] for each in run["models"]}
    by_place = {each.place: each for each in cells}
    comparisons = [
        _compared(each, by_place[str(full_of[each.cell.model]), each.cell.set, each.cell.evidence])
        for each in cells
        if full_of[each.cell.model]
    ]
    speed = (folder.read_json("speed.json") or {}).get("result")
    return {
        **{name: run[name] for name in "title started plan machine versions models sets".split()},
        "finished": all(len(each.rows) == each.n for each in cells),
        "results_sha256": results_sha256(cells),
        "cells": [_cell(each) for each in cells],
        "comparisons": comparisons,
        "gate": None,
        "fidelity": _fidelity(folder),
        "speed": speed,
        "pareto": _pareto(run["models"], cells, speed),
        "notes": [
            f"{each['label']} was itself rebuilt from an already quantized file "
            f"({each['rebuilt_from']}): losses are measured against the rebuilt weights."
            for each in run["models"]
            if each["rebuilt_from"] and not each["full"]
        ]
        + [
            f"{each['label']} answers in place of {each['stands_for']}: the same weights at 16 "
            "bits, on the engine of the quantized models. How near the two are, the table of "
            "distances says."
            for each in run["models"]
            if each.get("stands_for")
        ],
    }


def results_sha256(cells: Sequence[CellRows]) -> str:
    """Of every answer and its grade: the same for two runs that came to the same results."""
    told = [
        [each.cell.name, question_id, row["answer"], row["grade"]]
        for each in cells
        for question_id, row in sorted(each.rows.items())
    ]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def paired(quantized: CellRows, full: CellRows) -> list[tuple[Row, Row]]:
    """Both models' rows of the questions that both have answered."""
    return [
        (row, full.rows[question_id])
        for question_id, row in quantized.rows.items()
        if question_id in full.rows
    ]


def counted(both: Iterable[tuple[Row, Row]]) -> Pairs:
    """How often each is right, and both."""
    grades = [(ours["grade"] == "correct", theirs["grade"] == "correct") for ours, theirs in both]
    return pairs([ours for ours, _ in grades], [theirs for _, theirs in grades])


def by_filing(both: Sequence[tuple[Row, Row]]) -> dict[str, Any]:
    """{"filings", "recovery"}: the recovery's interval where whole filings are drawn, since what is
    asked about one filing is alike; unknown of few filings."""
    filings = [ours["filing"] or ours["id"] for ours, _ in both]
    n = len(set(filings))
    right = [[row["grade"] == "correct" for row in pair] for pair in both]
    ours, theirs = ([pair[side] for pair in right] for side in (0, 1))
    found = UNKNOWN if n < _FEWEST_FILINGS else recovery(ours, theirs, groups=filings)
    return {"filings": n, "recovery": found.to_json()}


def flips(total: Pairs) -> dict[str, Any]:
    """{"n", "difference", "lost", "gained", "mcnemar_p"}."""
    return {
        "n": total.n,
        "difference": difference_interval(total).to_json(),
        "lost": total.lost,
        "gained": total.gained,
        "mcnemar_p": mcnemar_p(total.lost, total.gained),
    }


def context(row: Row) -> str:
    """How long the prompt was."""
    tokens = row["prompt_tokens"]
    if not tokens:
        return _UNREAD
    return next((name for limit, name in _CONTEXTS if tokens < limit), _LONGEST)


def _cell(each: CellRows) -> dict[str, Any]:
    rows = list(each.rows.values())
    seconds = [row["seconds"] for row in rows]
    return {
        "model": each.cell.model,
        "set": each.cell.set,
        "evidence": each.cell.evidence,
        **counts(rows),
        "n": each.n,
        "asked": len(rows),
        "by_type": {name: counts(part) for name, part in _split(rows, _type).items()},
        "by_context": [
            {"context": name, **counts(part)} for name, part in _split(rows, context).items()
        ],
        "stages": dict(Counter(row["stage"] for row in rows if row["stage"])),
        "exact_match": exact_matches(rows),
        "seconds_per_question": sum(seconds) / len(seconds) if seconds else None,
    }


def _compared(quantized: CellRows, full: CellRows) -> dict[str, Any]:
    both = paired(quantized, full)
    total = counted(both)
    return {
        "model": quantized.cell.model,
        "full": full.cell.model,
        "set": quantized.cell.set,
        "evidence": quantized.cell.evidence,
        **flips(total),
        "recovery": recovery_interval(total).to_json(),
        "by_filing": by_filing(both),
        "by_type": {
            name: _part(part) for name, part in _split(both, lambda pair: _type(pair[0])).items()
        },
        "by_context": [
            {"context": name, **_part(part)}
            for name, part in _split(both, lambda pair: context(pair[1])).items()
        ],
        "power": {
            "smallest_loss": smallest_loss(total),
            "n_for_2_percent": questions_needed(total, 0.98),
        },
        "changed": [
            {
                **{name: ours[name] for name in ("id", "type", "question", "gold", "answer")},
                "full_answer": theirs["answer"],
                "grade": ours["grade"],
                "full_grade": theirs["grade"],
            }
            for ours, theirs in both
            if ours["grade"] != theirs["grade"]
        ],
    }


def _part(both: Sequence[tuple[Row, Row]]) -> dict[str, Any]:
    each = counted(both)
    return {
        "n": each.n,
        "accuracy": each.right / each.n,
        "full_accuracy": each.full_right / each.n,
        "recovery": recovery_interval(each).to_json(),
        "lost": each.lost,
        "gained": each.gained,
    }


def _type(row: Row) -> str:
    return str(row["type"])


def _split(items: Sequence[Any], name_of: Callable[[Any], str]) -> dict[str, list[Any]]:
    """By name, in the order of contexts or of the alphabet."""
    order = [_UNREAD, *(name for _, name in _CONTEXTS), _LONGEST]
    found: dict[str, list[Any]] = {}
    for item in items:
        found.setdefault(name_of(item), []).append(item)
    ranked = sorted(found, key=lambda name: (order.index(name) if name in order else 0, name))
    return {name: found[name] for name in ranked}


def _fidelity(folder: RunFolder) -> list[dict[str, Any]] | None:
    """A row for every quantized model, and for each full one its floor."""
    measured = folder.read_json("fidelity.json")
    if measured is None:
        return None
    rows = []
    for each in measured["result"]["families"]:
        for part, floor in (
            (each, False),
            *((other, False) for other in each["beside"]),
            (each["floor"], True),
        ):
            names = "model n_tokens kld same_top ppl_full ppl ppl_ratio rms_dp".split()
            rows.append({name: part[name] for name in names} | {"floor": floor})
            rows[-1]["full"] = each["full"]
    return rows


def _pareto(
    models: Sequence[dict[str, Any]], cells: Sequence[CellRows], speed: dict[str, Any] | None
) -> list[dict[str, Any]]:
    """Bytes, seconds and recovery over all that was asked of each model."""
    timed = {row["name"]: row.get("answer_s") for row in (speed or {}).get("rows", [])}
    of_model: dict[str, dict[tuple[str, str], CellRows]] = {}
    for one in cells:
        of_model.setdefault(one.cell.model, {})[one.cell.set, one.cell.evidence] = one
    rows = []
    for each in models:
        ours = of_model[each["label"]]
        theirs = of_model[each["full"] or each["label"]]
        total = counted(
            pair for place, part in ours.items() for pair in paired(part, theirs[place])
        )
        seconds = [row["seconds"] for part in ours.values() for row in part.rows.values()]
        rows.append(
            {
                "model": each["label"],
                "bytes": each["bytes"],
                "seconds": timed.get(each["label"])
                or (sum(seconds) / len(seconds) if seconds else None),
                "seconds_from": "speed" if timed.get(each["label"]) else "answers",
                "recovery": recovery_interval(total).to_json(),
            }
        )
    return rows
