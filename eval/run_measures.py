"""Fidelity and speed of a run's models, where its plan asks for them: measured once, and again when
anything they depend on has changed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from eval.errors import EvaluationError
from eval.models import Model, find_answering
from eval.records import record_key
from eval.run_folder import RunFolder
from eval.run_plan import RunPlan


def measure(
    plan: RunPlan,
    base: Path,
    folder: RunFolder,
    models_dir: Path,
) -> None:
    """Fidelity and speed, kept as JSON. Models behind an address have neither."""
    from eval.fidelity import Plan, run_fidelity
    from eval.speed import Plan as Timing
    from eval.speed import run_speed

    if not (plan.fidelity or plan.speed):
        return
    found = [[find_answering(name, models_dir) for name in each.all] for each in plan.models]
    here = [[model for model in models if isinstance(model, Model)] for models in found]
    prints = [model.sha256 + (model.dtype or "") for models in here for model in models]
    if plan.fidelity:
        wanted, texts = plan.fidelity, base / Path(plan.fidelity.texts).expanduser()
        size = Plan(wanted.windows, wanted.window_tokens)

        def distances() -> dict[str, Any]:
            found = [
                run_fidelity(full.label, first.label, texts, models_dir, size, beside=rest)
                for full, first, rest in (
                    (models[0], models[1], [each.label for each in models[2:]])
                    for models in here
                    if len(models) > 1
                )
            ]
            return {"families": found}

        key = record_key(wanted.model_dump_json(), _contents(texts), *prints)
        _kept(folder, "fidelity.json", key, distances)
    if plan.speed:
        timing = plan.speed
        rows = [(model.label, model.label) for models in here for model in models]
        sizes = Timing(timing.prompt_tokens, timing.new_tokens, timing.runs)
        key = record_key(timing.model_dump_json(), *prints)
        _kept(folder, "speed.json", key, lambda: run_speed(rows, models_dir, sizes))


def _kept(folder: RunFolder, name: str, key: str, measured: Callable[[], dict[str, Any]]) -> None:
    known = folder.read_json(name)
    if known is None or known.get("key") != key:
        folder.write_json(name, {"key": key, "result": measured()})


def _contents(path: Path) -> str:
    """SHA-256 over the files at `path`."""
    files = [path] if path.is_file() else sorted(each for each in path.rglob("*") if each.is_file())
    digest = hashlib.sha256()
    try:
        for file in files:
            digest.update(hashlib.sha256(file.read_bytes()).digest())
    except OSError as error:
        raise EvaluationError(f"cannot read {path}: {error.strerror or error}") from error
    return digest.hexdigest()
