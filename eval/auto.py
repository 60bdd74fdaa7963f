"""MODEL + MACHINE + TARGET -> THE SCHEME TO USE, by making and measuring those that are sensible.

Every candidate is measured in the same way: bytes, KL divergence from the full model, right answers
kept of the full model's on lookup questions with their passages given, seconds and memory in
interleaved rounds. The fastest that keeps the target is taken; the full model, which keeps all, is
one of them. With few questions the recovery is known roughly: its interval is in the table, and a
choice whose interval reaches below the target says so, as does one that others are as fast as.
Filings calibrated on are neither asked about nor measured on (`eval.apart`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eval.answers import run_answers
from eval.apart import Texts
from eval.errors import EvaluationError
from eval.fidelity import Plan as FidelityPlan
from eval.fidelity import rebuilt, run_fidelity
from eval.intervals import median_ratio
from eval.lookups import write_questions
from eval.models import find_model
from eval.questions import read_questions
from eval.speed import Plan as SpeedPlan
from eval.speed import run_speed
from quantize.errors import QuantizationError
from quantize.machine import MULTIPLIES_8_BITS

if TYPE_CHECKING:
    from quantize.calibration import Calibration

_RUNS = 3
_WINDOWS = 16
_FULL = "full"
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
    texts: Texts,
    models_dir: Path,
    work: Path,
    target: float,
    left_out: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Make and measure the schemes; returns {"model", "target", "questions", "rows", "full",
    "keeps", "chosen", "certain", "as_fast", "texts", "notes"}: "keeps" names the schemes that keep
    the target, "chosen" the fastest of them or "full", "as_fast" those that the rounds cannot tell
    from it. `work` keeps questions and finished answers, so that a stopped run goes on; `left_out`
    says of schemes that are not tried, why.

    Raises EvaluationError where nothing can be measured.
    """
    made = [_made(model, scheme, models_dir, texts.calibration) for scheme in schemes]
    made += [
        Candidate(scheme, None, f"left out: {why}") for scheme, why in (left_out or {}).items()
    ]
    usable = [each for each in made if each.folder]
    if not usable:
        raise EvaluationError("no scheme works: " + "; ".join(str(each.error) for each in made))
    work.mkdir(parents=True, exist_ok=True)
    asked, held_out = work / "questions.jsonl", work / "held-out.jsonl"
    write_questions(texts.questions, asked)
    held_out.write_text(texts.held_out.lines, encoding="utf-8")
    kept = [answers_kept(each.folder, model, asked, models_dir) for each in usable if each.folder]
    far = _divergence(usable, model, held_out, models_dir)
    notes = [texts.note, *kept[0]["notes"], *rebuilt(find_model(model, models_dir))]
    speed = run_speed(
        [(each.scheme, str(each.folder)) for each in usable] + [(_FULL, model)],
        models_dir,
        SpeedPlan(runs=_RUNS),
    )
    rows = [
        _row(each, answers, kld, timed)
        for each, answers, kld, timed in zip(usable, kept, far, speed["rows"], strict=False)
    ]
    full = _full(model, models_dir, kept[0], speed["rows"][-1])
    chosen = choose([*rows, full], target)
    return {
        "model": model,
        "target": target,
        "questions": kept[0]["n"],
        "rows": rows + [{"scheme": e.scheme, "error": e.error} for e in made if not e.folder],
        "full": full,
        "keeps": [row["scheme"] for row in rows if _keeps(row, target)],
        "chosen": chosen["scheme"] if chosen else None,
        "certain": bool(chosen and chosen["recovery"]["ci_low"] >= target),
        "as_fast": _as_fast(chosen, [*rows, full], speed["rows"], target) if chosen else [],
        "texts": {"calibration": texts.calibration.about(), "held_out": texts.held_out.about()},
        "notes": list(dict.fromkeys(notes)),
    }


def choose(rows: Sequence[dict[str, Any]], target: float) -> dict[str, Any] | None:
    """The fastest row that keeps the target; None where none does."""
    good = [row for row in rows if _keeps(row, target) and row["answer_s"]]
    return min(good, key=lambda row: float(row["answer_s"]), default=None)


def verdict(result: dict[str, Any]) -> str:
    """What was chosen of a result of `run_auto`, and how sure that is, in words."""
    name, keeps, target = result["chosen"], result["keeps"], f"{result['target']:.1%}"
    if name is None:
        return f"None keeps {target} of the right answers."
    if not keeps:
        return (
            f"No scheme keeps {target} of the right answers: take the full model, ask for less, or "
            "try a plan (--sensitivity)."
        )
    if name == _FULL:
        said = [
            f"The full model is the fastest that keeps {target}: here a scheme saves memory, not "
            f"time ({', '.join(keeps)} keep it, too)."
        ]
    else:
        said = [f"{name} is the fastest that keeps {target}."]
    if name == "bf16":
        none = "; no scheme of fewer bits keeps it" if keeps == ["bf16"] else ""
        said.append(f"It is the full weights on the engine of the quantized ones{none}.")
    if not result["certain"]:
        said.append("Not certain: its interval reaches below that; ask more with --questions.")
    if result["as_fast"]:
        said.append(f"The rounds do not tell it from {', '.join(result['as_fast'])} in speed.")
    return " ".join(said)


def _keeps(row: dict[str, Any], target: float) -> bool:
    return (row["recovery"]["value"] or 0.0) >= target


def _as_fast(
    chosen: dict[str, Any],
    rows: Sequence[dict[str, Any]],
    timed: Sequence[dict[str, Any]],
    target: float,
) -> list[str]:
    """The other schemes that keep the target and may be as fast as the chosen one."""
    spent = {row["name"]: [run["total_s"] for run in row.get("runs", ())] for row in timed}
    found = []
    for row in rows:
        if row is not chosen and _keeps(row, target) and row["answer_s"]:
            ratio = median_ratio(spent[chosen["scheme"]], spent[row["scheme"]])
            if ratio.ci_high is None or ratio.ci_high >= 1:
                found.append(row["scheme"])
    return found


def sensible_schemes(
    gpu: bool, features: Sequence[str], why_not: Callable[[str], str | None]
) -> tuple[list[str], dict[str, str]]:
    """The schemes worth trying on such a machine, the likeliest first, and of the others why they
    are not; `why_not(scheme)` tells where there is no room to make one. bf16 shows what bits alone
    are worth, and is there where fewer cost too much."""
    names = ["bnb-nf4", "bnb-int8"] if gpu else ["int4-awq", "int4", "int8", "w8a8", "bf16"]
    found = {name: why_not(name) for name in names}
    if not gpu and not MULTIPLIES_8_BITS & set(features):
        found["w8a8"] = "without units for 8-bit products it gains nothing over int8"
    left_out = {name: why for name, why in found.items() if why}
    return [name for name in names if name not in left_out], left_out


def _made(model: str, scheme: str, models_dir: Path, calibration: Calibration) -> Candidate:
    from quantize.quantize import place_by_texts, quantize_apart
    from quantize.schemes import scheme_named
    from quantize.sources import bring

    try:
        chosen = scheme_named(scheme)
        texts = calibration if chosen.calibrated else None
        out = place_by_texts(bring(model, models_dir), chosen, models_dir, calibration)
        folder = quantize_apart(model, scheme, out, models_dir, calibration=texts)
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
) -> list[dict[str, Any]]:
    """KL divergence of each candidate, all on the same windows. Of what prompts have in common, the
    form, calibration texts have the same: no reason to refuse them."""
    first, *others = [str(each.folder) for each in usable]
    plan = FidelityPlan(windows=_WINDOWS, greedy_prompts=1, greedy_tokens=2)
    result = run_fidelity(model, first, texts, models_dir, plan, beside=others, allow_seen=True)
    return [result["kld"], *(other["kld"] for other in result["beside"])]


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


def _full(
    model: str, models_dir: Path, answers: dict[str, Any], timed: dict[str, Any]
) -> dict[str, Any]:
    """The full model as one to choose: by definition it keeps all its answers."""
    from quantize.room import weight_bytes
    from quantize.sources import bring

    return {
        "scheme": _FULL,
        "bytes": weight_bytes(bring(model, models_dir)),
        "recovery": {"value": 1.0, "ci_low": 1.0, "ci_high": 1.0},
        "correct": answers["compared_with"]["correct"],
        **{key: timed.get(key) for key in _TIMED},
    }
