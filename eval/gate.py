"""RUN -> PASS, FAIL OR UNDECIDED: is what the quantization cost within what we allow?

Every limit is a non-inferiority test (`eval.noninferiority`), one-sided at the confidence asked:
"pass" where a larger loss than allowed is ruled out, "fail" where the allowed loss is, and
"undecided" where the questions are too few to tell. The whole passes only if every test does, so
that testing many kinds of question makes passing harder, never easier (R. L. Berger, Technometrics
24, 1982). Answers of one evidence mode are tested together; a question asked in two modes is not
two questions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from eval.errors import EvaluationError
from eval.intervals import Interval
from eval.noninferiority import (
    Pairs,
    difference_interval,
    difference_z,
    p_value,
    questions_needed,
    recovery_interval,
    recovery_z,
)
from eval.run_folder import RunFolder, says_damage
from eval.run_plan import GatePlan, Limits, RunPlan, parsed
from eval.run_summary import CellRows, Row, counted, paired, read_cells, summarize

DEFAULT = GatePlan(min_recovery=0.98)


def judged(folder: RunFolder) -> dict[str, Any]:
    """`summarize` with its "gate": by the plan's limits, else 98% recovery; None where the run
    compares nothing. EvaluationError where the folder is no run's, or is damaged."""
    summary = summarize(folder)
    if summary["comparisons"]:
        plan = parsed(RunPlan, summary["plan"], folder.path / "run.json")
        summary["gate"] = run_gate(folder, plan.gate or DEFAULT)
    return summary


@says_damage
def run_gate(folder: RunFolder, limits: GatePlan) -> dict[str, Any]:
    """{"outcome", "confidence", "tests"}: every limit for every quantized model and evidence mode.

    Raises EvaluationError where the run has nothing to compare, or no limit is given.
    """
    run = folder.read()
    cells = read_cells(folder, run)
    unknown = set(limits.sets) - {each["name"] for each in run["sets"]}
    if unknown:
        raise EvaluationError(f"{folder.path} has no question set {min(unknown)!r}")
    tests = [test for group in _groups(run, cells, limits.sets) for test in _tests(group, limits)]
    if not tests:
        raise EvaluationError(
            f"nothing to decide in {folder.path}: it needs a quantized model beside its full one, "
            "and --min-recovery or --margin"
        )
    return {
        "outcome": overall([test["outcome"] for test in tests]),
        "confidence": limits.confidence,
        "tests": tests,
    }


def overall(outcomes: Sequence[str]) -> str:
    """One failure fails the whole; nothing undecided passes."""
    return next((each for each in ("fail", "undecided") if each in outcomes), "pass")


def _groups(
    run: dict[str, Any], cells: Sequence[CellRows], sets: Sequence[str]
) -> Iterator[dict[str, Any]]:
    """Each quantized model's answers of one evidence mode beside the full model's."""
    place = {each.place: each for each in cells}
    for model in run["models"]:
        ours = [each for each in cells if each.cell.model == model["label"] and model["full"]]
        if sets:
            ours = [each for each in ours if each.cell.set in sets]
        for evidence in sorted({each.cell.evidence for each in ours}):
            cells_of = [each for each in ours if each.cell.evidence == evidence]
            fulls = [place[model["full"], each.cell.set, evidence] for each in cells_of]
            both = [pair for a, b in zip(cells_of, fulls, strict=True) for pair in paired(a, b)]
            yield {
                "model": model["label"],
                "evidence": evidence,
                "sets": [each.cell.set for each in cells_of],
                "pairs": both,
                "missing": sum(each.n for each in cells_of) - len(both),
            }


def _tests(group: dict[str, Any], limits: GatePlan) -> Iterator[dict[str, Any]]:
    kinds: list[tuple[str | None, Limits, list[tuple[Row, Row]]]] = [(None, limits, group["pairs"])]
    for name, of_kind in limits.types.items():
        kinds.append((name, of_kind, [pair for pair in group["pairs"] if pair[0]["type"] == name]))
    for kind, own, both in kinds:
        counts = counted(both)
        loss = None if own.margin is None else -own.margin
        for measure, threshold, z, interval in (
            ("recovery", own.min_recovery, recovery_z, recovery_interval),
            ("difference", loss, difference_z, difference_interval),
        ):
            if threshold is not None:
                tested = _test(counts, threshold, z, interval, limits.confidence, group["missing"])
                named = {name: group[name] for name in ("model", "evidence", "sets")}
                yield {**named, "type": kind, "measure": measure, **tested}


def _test(
    counts: Pairs,
    threshold: float,
    z: Callable[[Pairs, float], float],
    interval: Callable[[Pairs, float], Interval],
    confidence: float,
    missing: int,
) -> dict[str, Any]:
    """One limit. The bounds are one-sided, each at `confidence`."""
    found = interval(counts, 2 * confidence - 1)
    known = found.value is not None
    p = p_value(z(counts, threshold)) if known else None
    below = p_value(-z(counts, threshold)) if known else None
    if missing:
        outcome, reason = "undecided", f"{missing} answers are missing: run the plan to its end"
    elif p is None or below is None:
        outcome, reason = "undecided", "the full model answered none of these questions right"
    elif p <= 1 - confidence:
        outcome, reason = "pass", f"a loss beyond the limit is ruled out (p = {p:.2g})"
    elif below <= 1 - confidence:
        outcome, reason = "fail", f"the loss is beyond the limit (p = {below:.2g})"
    else:
        outcome, reason = "undecided", _too_few(counts, threshold, confidence)
    return {
        "n": counts.n,
        "threshold": threshold,
        "value": found.value,
        "bound_low": found.ci_low,
        "bound_high": found.ci_high,
        "p": p,
        "outcome": outcome,
        "reason": reason,
    }


def _too_few(counts: Pairs, threshold: float, confidence: float) -> str:
    """What would decide it, if the models are in truth equally good."""
    recovery = threshold
    if threshold <= 0:  # a difference: as a share of what the full model has right
        recovery = 1 + threshold * counts.n / max(counts.full_right, 1)
    needed = questions_needed(counts, recovery, confidence)
    several = f"; about {needed:,} would do if nothing is lost in truth" if needed else ""
    return f"{counts.n:,} questions cannot tell{several}"
