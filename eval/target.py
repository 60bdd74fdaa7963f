"""LAYER LOSSES + TARGET -> THE SMALLEST PLAN THAT KEEPS IT, by measuring plans of the front.

What a plan costs in answers cannot be told from its losses; so plans are made and asked, halving
the range of sizes each time (recovery is taken to grow with size, which it does but for noise).
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.auto import answers_kept
from eval.errors import EvaluationError
from quantize.plan import FrontPoint, Plan


@dataclass(frozen=True)
class Measured:
    """A plan of the front with the recovery measured of it."""

    point: FrontPoint
    recovery: dict[str, Any]
    folder: Path


def smallest_plan(
    points: Sequence[FrontPoint],
    target: float,
    measure: Callable[[FrontPoint], Measured],
) -> tuple[Measured, list[Measured]]:
    """The smallest of the points (ascending in bytes) whose measured recovery is at least `target`,
    and all that was measured on the way. EvaluationError where even the largest does not reach it.
    """
    low, high = 0, len(points) - 1
    best: Measured | None = None
    tried = []
    while low <= high:
        middle = (low + high) // 2
        found = measure(points[middle])
        tried.append(found)
        if found.recovery["value"] >= target:
            best, high = found, middle - 1
        else:
            low = middle + 1
    if best is None:
        most = max(each.recovery["value"] for each in tried)
        raise EvaluationError(
            f"no plan keeps {target:.1%} of the right answers; the best kept {most:.1%}: ask for "
            "less, or use int8"
        )
    return best, tried


def measuring(
    model: str, sha256: str, asked: Path, models_dir: Path, work: Path
) -> Callable[[FrontPoint], Measured]:
    """A measure for `smallest_plan` that makes each plan's model under `work` and asks it the
    questions of the file `asked`; a model is deleted when the next is made. It raises
    EvaluationError where the full model answers none rightly: nothing of that can be kept."""
    from quantize.quantize import quantize

    def measure(point: FrontPoint) -> Measured:
        folder = work / f"{point.bytes / 1e6:.0f}mb"
        for other in work.glob("*mb"):
            if other != folder:
                shutil.rmtree(other, ignore_errors=True)
        plan = Plan(model, sha256, point.layers)
        quantize(model, "mixed", folder, models_dir, check=False, plan=plan)
        answers = answers_kept(folder, model, asked, models_dir)
        if answers["recovery"]["value"] is None:
            raise EvaluationError(
                f"the full model answers none of the {answers['n']} questions rightly, so what a "
                "plan keeps cannot be told; ask more with --questions, or choose another --store"
            )
        return Measured(point, answers["recovery"], folder)

    return measure
