"""Seconds, tokens a second and memory of several models, measured so that they can be compared.

Every model runs in its own process and only one computes at a time. Rounds are interleaved in a
random but seeded order, so that a slow spell of the machine falls on all of them; every run has a
prompt of its own, and ratios are taken within rounds. Still, compare only within one run.
"""

from __future__ import annotations

import platform
import random
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from eval.errors import EvaluationError
from eval.intervals import Interval, median_ratio
from eval.models import Model, find_model
from eval.speed_peer import LLAMA_CPP
from eval.weights_read import bytes_a_token
from eval.worker import Worker
from quantize.machine import (
    OVERHEAD_BYTES,
    cores_usable,
    cpu_name,
    gpu_and_memory,
    read_bandwidth,
    read_gpu_bandwidth,
)
from quantize.memory import memory

_MB = 10**6
_SEED = 1934
Command = Callable[[Model, Path], list[str]]


@dataclass(frozen=True)
class Plan:
    """What to measure: prompt and answer length in tokens, and how many rounds."""

    prompt_tokens: int = 1024
    new_tokens: int = 64
    runs: int = 5


@dataclass
class Entry:
    """One row in the making. `error` says in one line why the model could not be measured."""

    name: str
    command: list[str] = field(default_factory=list)
    disk_bytes: int = 0
    weight_bytes: int = 0  # in memory
    read_bytes: int | None = None  # for a token
    worker: Worker | None = None
    loads_s: list[float] = field(default_factory=list)
    scheme: str | None = None
    runs: list[dict[str, Any]] = field(default_factory=list)
    followups: list[dict[str, Any]] = field(default_factory=list)
    error: str | None = None
    last_run: float = 0.0  # seconds of a clock that only grows

    def close(self) -> None:
        """End its process, if it has one."""
        if self.worker:
            self.worker.close()
            self.worker = None


def worker_command(model: Model, models_dir: Path) -> list[str]:
    """How a model's process is started."""
    dtype = [model.dtype] if model.dtype else []
    return [sys.executable, "-m", "eval.speed_worker", model.name, str(models_dir), *dtype]


def parse_models(texts: Sequence[str], full: str | None = None) -> list[tuple[str, str]]:
    """["int4=DIR", "full=DIR@fp32"] -> [("int4", "DIR"), ...]; `full` becomes a row "full"."""
    pairs = []
    for text in texts:
        name, equals, model = text.partition("=")
        if not (equals and name and model):
            raise EvaluationError(f"cannot read --models {text!r}: write NAME=FOLDER")
        pairs.append((name, model))
    if full:
        pairs.append(("full", full))
    names = [name for name, _ in pairs]
    if not pairs:
        raise EvaluationError("name at least one model: --models NAME=FOLDER")
    if len(set(names)) < len(names):
        raise EvaluationError(f"each model needs a name of its own, not {', '.join(names)}")
    return pairs


def run_speed(
    models: Sequence[tuple[str, str]],
    models_dir: Path,
    plan: Plan,
    command: Command = worker_command,
    peer: str | None = None,
) -> dict[str, Any]:
    """Measure the (name, model) pairs, and the GGUF `peer` (a file, or a packaged model's name) on
    llama.cpp; returns the JSON of `tenq eval speed`.

    A model that cannot be found, loaded or run becomes a row with "error"; EvaluationError is
    raised only where all of them fail.
    """
    from tqdm import tqdm

    entries = [_entry(name, model, models_dir, command) for name, model in models]
    if peer:
        entries.append(_peer(peer, models_dir, plan))
    bandwidths = _bandwidths()
    rng = random.Random(_SEED)
    try:
        with tqdm(total=len(entries) * plan.runs, desc="speed", unit="run") as bar:
            for number in range(plan.runs):
                for entry in rng.sample(entries, len(entries)):
                    bar.set_postfix_str(entry.name)
                    _measure(entry, entries, plan, number)
                    bar.update()
    finally:
        for entry in entries:
            entry.close()
    if all(entry.error for entry in entries):
        raise EvaluationError(
            "no model could be measured: "
            + "; ".join(f"{entry.name}: {entry.error}" for entry in entries)
        )
    # A machine's neighbours take of it at times: what it can read is the most that was seen.
    most = [max(pair) for pair in zip(bandwidths, _bandwidths(), strict=True)]
    return _report(entries, plan, most)


def _entry(name: str, text: str, models_dir: Path, command: Command) -> Entry:
    from quantize.errors import QuantizationError
    from quantize.sources import folder_bytes

    try:
        model = find_model(text, models_dir)
        size = folder_bytes(model.folder)
    except (EvaluationError, QuantizationError, OSError) as error:
        return Entry(name, error=str(error))
    widening = 2 if model.dtype == "fp32" else 1  # checkpoints hold 16 bits
    read = bytes_a_token(model.folder)
    return Entry(name, command(model, models_dir), size, widening * size, read and widening * read)


def _peer(text: str, models_dir: Path, plan: Plan) -> Entry:
    from quantize.sources import local_path

    packaged = models_dir / text / "source" / "model.gguf"
    file = packaged if packaged.is_file() else local_path(text)
    if not file.is_file():
        return Entry(LLAMA_CPP, error=f"no GGUF file {text}, and no packaged model of that name")
    tokens = str(plan.prompt_tokens + plan.new_tokens)
    command = [sys.executable, "-m", "eval.speed_peer", str(file), tokens]
    size = file.stat().st_size
    return Entry(LLAMA_CPP, command, size, size, bytes_a_token(file))


def _measure(entry: Entry, entries: Sequence[Entry], plan: Plan, number: int) -> None:
    """One run of one model, and a follow-up question on the same evidence."""
    if entry.error:
        return
    size = (plan.prompt_tokens, plan.new_tokens)
    try:
        if entry.worker is None:
            make_room(entry, entries)
            entry.worker = Worker(entry.command)
            entry.loads_s.append(entry.worker.loaded["load_s"])
            entry.scheme = entry.worker.loaded["scheme"]
            entry.worker.run(f"{entry.name} warm-up {number}", 0, *size)
        entry.last_run = time.monotonic()
        seed = f"round {number}"
        entry.runs.append(entry.worker.run(seed, 0, *size))
        entry.followups.append(entry.worker.run(seed, 1, *size))
    except EvaluationError as error:
        entry.error = str(error)
        entry.close()


def make_room(entry: Entry, entries: Sequence[Entry]) -> None:
    """Where memory is too short for one more model, end others, those first that have not run for
    the longest; they are loaded again for their next run. What they need is added up: weights of
    mapped files count as available memory, until they have to be read again for every token."""
    running = sorted((each for each in entries if each.worker), key=lambda each: each.last_run)
    while running:
        there = memory()
        needed = sum(each.weight_bytes + OVERHEAD_BYTES for each in (entry, *running))
        if needed <= there.total and there.free >= entry.weight_bytes + OVERHEAD_BYTES:
            return
        running.pop(0).close()


def _report(entries: Sequence[Entry], plan: Plan, bandwidths: Sequence[float]) -> dict[str, Any]:
    """{"prompt_tokens", "new_tokens", "runs", "rows", "ratios", "machine"}. A ratio is a model's
    seconds per answer over those of an unquantized model before it (without one, of the first
    that could be measured), or of the peer: 0.25 is four times as fast; and so for follow-ups."""
    measured = [entry for entry in entries if not entry.error]
    full = [entry for entry in measured if (entry.scheme or "").startswith("full")] or measured[:1]
    peers = [entry for entry in measured if entry.scheme == LLAMA_CPP and entry not in full]
    return {
        "prompt_tokens": plan.prompt_tokens,
        "new_tokens": plan.new_tokens,
        "runs": plan.runs,
        "rows": [_row(entry, bandwidths) for entry in entries],
        "ratios": [
            {
                "name": entry.name,
                "against": base.name,
                "answer": _named(median_ratio(_seconds(entry.runs), _seconds(base.runs))),
                "followup": _named(
                    median_ratio(_seconds(entry.followups), _seconds(base.followups))
                ),
            }
            for n, entry in enumerate(measured)
            for base in (*full, *peers)
            if base in measured[:n] or (base in peers and entry not in (*full, base))
        ],
        "machine": machine()
        | {
            f"{name}bandwidth_gb_s": round(each / 1e9, 1)
            for name, each in zip(("", "gpu_"), bandwidths, strict=True)
        },
    }


def _bandwidths() -> tuple[float, float]:
    """Bytes a second read from memory, and by the GPU from its own (0 without one)."""
    gpu, _ = gpu_and_memory()
    return read_bandwidth(cores_usable()), read_gpu_bandwidth() if gpu else 0.0


def _seconds(runs: Sequence[dict[str, Any]]) -> list[float]:
    return [run["total_s"] for run in runs]


def _named(interval: Interval) -> dict[str, float | None]:
    return {
        "median": interval.value,
        "ci_low": interval.ci_low,
        "ci_high": interval.ci_high,
    }


def _row(entry: Entry, bandwidths: Sequence[float]) -> dict[str, Any]:
    """Medians over the runs; memory is the highest peak, disk the model's folder (MB = 10^6
    bytes). `bandwidth_share` is what decoding reads a second (`eval.weights_read`) over what the
    machine (where `peak_gpu_mb` is known: its GPU) can read."""
    if entry.error:
        return {"name": entry.name, "error": entry.error}
    runs = entry.runs
    decode = median(map(_decode_tok_s, runs))
    on_gpu = [run["peak_gpu_mb"] for run in runs if run.get("peak_gpu_mb") is not None]
    read = bandwidths[bool(on_gpu)]
    return {
        "name": entry.name,
        "scheme": entry.scheme,
        "prefill_tok_s": median(run["prompt_tokens"] / run["first_token_s"] for run in runs),
        "decode_tok_s": decode,
        "bandwidth_share": decode * entry.read_bytes / read if read and entry.read_bytes else None,
        "first_token_s": median(run["first_token_s"] for run in runs),
        "answer_s": median(run["total_s"] for run in runs),
        "followup_s": median(_seconds(entry.followups)),
        "followup_tokens": median(run["completion_tokens"] for run in entry.followups),
        "load_s": median(entry.loads_s),
        "peak_rss_mb": max(run["peak_rss_mb"] for run in runs),
        "peak_gpu_mb": max(on_gpu, default=None),
        "disk_mb": entry.disk_bytes / _MB,
        "prompt_tokens": median(run["prompt_tokens"] for run in runs),
        "completion_tokens": median(run["completion_tokens"] for run in runs),
        "runs": runs,
        "followups": entry.followups,
    }


def _decode_tok_s(run: dict[str, Any]) -> float:
    """Tokens a second after the first; 0 where there was only one."""
    spent = run["total_s"] - run["first_token_s"]
    made = run["completion_tokens"] - 1
    return made / spent if made > 0 and spent > 0 else 0.0


def machine() -> dict[str, Any]:
    """{"system", "cpu", "cores", "memory_gb", "gpu"} of this machine."""
    return {
        "system": f"{platform.system()} {platform.machine()}",
        "cpu": cpu_name(),
        "cores": cores_usable(),
        "memory_gb": round(memory().total / 1e9, 1),
        "gpu": gpu_and_memory()[0],
    }
