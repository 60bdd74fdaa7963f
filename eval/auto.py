"""MODEL + MACHINE + TARGET -> THE SCHEME TO USE, by making and measuring those that are sensible.

Every candidate is measured in the same way: bytes, KL divergence from the full model, right answers
kept of the full model's on lookup questions with their passages given, seconds and memory in
interleaved rounds. The fastest that keeps the target is taken. With few questions the recovery is
known roughly: its interval is in the table, and a choice whose interval reaches below the target
says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eval.answers import run_answers
from eval.errors import EvaluationError
from eval.fidelity import Plan as FidelityPlan
from eval.fidelity import run_fidelity
from eval.lookups import make_questions, write_questions
from eval.questions import read_questions
from eval.speed import Plan as SpeedPlan
from eval.speed import run_speed
from quantize.errors import QuantizationError

if TYPE_CHECKING:
    from index.store import Store
    from quantize.calibration import Calibration

_RUNS = 3
_WINDOWS = 16
_TIMED = "prefill_tok_s decode_tok_s answer_s peak_rss_mb peak_gpu_mb error".split()


@dataclass(frozen=True)
class Candidate:
    """A scheme and the model made by it, or why there is none."""

    scheme: str
    folder: Path | None
    error: str | None = None


def run_auto(
    model: str,
    schemes: Sequence[str],
    store: Store,
    models_dir: Path,
    work: Path,
    calibration: Calibration,
    held_out: Calibration,
    target: float,
    questions: int,
) -> dict[str, Any]:
    """Make and measure the schemes; returns {"model", "target", "questions", "rows", "chosen",
    "certain", "notes"}. `work` keeps questions and finished answers, so that a stopped run goes on;
    `calibration` is for the schemes that need it, `held_out` for the divergence.

    Raises EvaluationError where nothing can be measured, or what making the questions raises.
    """
    made = [_made(model, scheme, models_dir, calibration) for scheme in schemes]
    usable = [each for each in made if each.folder]
    if not usable:
        raise EvaluationError("no scheme works: " + "; ".join(str(each.error) for each in made))
    work.mkdir(parents=True, exist_ok=True)
    asked, texts = work / "questions.jsonl", work / "held-out.jsonl"
    write_questions(make_questions(store, questions), asked)
    texts.write_text(held_out.lines, encoding="utf-8")
    kept = [answers_kept(each.folder, model, asked, models_dir) for each in usable if each.folder]
    far, notes = _divergence(usable, model, texts, models_dir)
    speed = run_speed(
        [(each.scheme, str(each.folder)) for each in usable] + [("full", model)],
        models_dir,
        SpeedPlan(runs=_RUNS),
    )
    rows = [
        _row(each, answers, kld, timed)
        for each, answers, kld, timed in zip(usable, kept, far, speed["rows"], strict=False)
    ]
    chosen = choose(rows, target)
    return {
        "model": model,
        "target": target,
        "questions": kept[0]["n"],
        "rows": rows + [{"scheme": e.scheme, "error": e.error} for e in made if not e.folder],
        "full": _full(kept[0], speed["rows"][-1]),
        "chosen": chosen["scheme"] if chosen else None,
        "certain": bool(chosen and chosen["recovery"]["ci_low"] >= target),
        "notes": list(dict.fromkeys([*kept[0]["notes"], *notes])),
    }


def choose(rows: Sequence[dict[str, Any]], target: float) -> dict[str, Any] | None:
    """The fastest row that keeps the target; None where none does."""
    good = [row for row in rows if (row["recovery"]["value"] or 0.0) >= target and row["answer_s"]]
    return min(good, key=lambda row: float(row["answer_s"]), default=None)


def sensible_schemes(gpu: bool, features: Sequence[str]) -> list[str]:
    """The schemes worth trying on such a machine, the likeliest first."""
    if gpu:
        return ["bnb-nf4", "bnb-int8"]
    fast8 = {"avx512_vnni", "avx_vnni", "amx_int8", "i8mm"} & set(features)
    return ["int4-awq", "int4", "int8", *(["w8a8"] if fast8 else [])]


def _made(model: str, scheme: str, models_dir: Path, calibration: Calibration) -> Candidate:
    from quantize.quantize import quantize_apart
    from quantize.schemes import scheme_named

    try:
        texts = calibration if scheme_named(scheme).calibrated else None
        folder = quantize_apart(model, scheme, None, models_dir, calibration=texts)
        return Candidate(scheme, folder)
    except QuantizationError as error:
        return Candidate(scheme, None, str(error))


def answers_kept(folder: Path, model: str, asked: Path, models_dir: Path) -> dict[str, Any]:
    """The JSON of `tenq eval answers` with gold evidence for the model in `folder` against the full
    `model`, on the question file `asked`; finished answers are kept beside it."""
    kept = asked.with_suffix(".answers.jsonl")
    questions = read_questions(asked)
    return run_answers(questions, None, str(folder), models_dir, kept, "gold", compare_with=model)


def _divergence(
    usable: Sequence[Candidate], model: str, texts: Path, models_dir: Path
) -> tuple[list[dict[str, Any]], list[str]]:
    """KL divergence of each candidate, all on the same windows, and what to know about it."""
    first, *others = [str(each.folder) for each in usable]
    plan = FidelityPlan(windows=_WINDOWS, greedy_prompts=1, greedy_tokens=2)
    result = run_fidelity(model, first, texts, models_dir, plan, beside=others, allow_seen=True)
    return [result["kld"], *(other["kld"] for other in result["beside"])], result["notes"]


def _row(
    each: Candidate, answers: dict[str, Any], kld: dict[str, Any], timed: dict[str, Any]
) -> dict[str, Any]:
    from quantize.checkpoint import read_manifest

    assert each.folder is not None
    return {
        "scheme": each.scheme,
        "folder": str(each.folder),
        "bytes": read_manifest(each.folder).bytes_after,
        "kld": kld,
        "correct": answers["correct"],
        "recovery": answers["recovery"],
        "flips": {key: answers["flips"][key] for key in ("lost", "gained")},
        **{key: timed.get(key) for key in _TIMED},
    }


def _full(answers: dict[str, Any], timed: dict[str, Any]) -> dict[str, Any]:
    return {
        "correct": answers["compared_with"]["correct"],
        **{key: timed.get(key) for key in _TIMED},
    }
