"""MANY READERS AT ONCE: what they wait at a chat that is running, measured from outside.

Each reader asks one question after another through the chat's own `ask` endpoint, from a connection
of their own, and waits for the answer before the next. Nothing is known of the server but its
answers, so it may run anywhere. A reader sees a place in line, then words.
"""

from __future__ import annotations

import itertools
import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from assistant.assistant import CALCULATED
from eval.errors import EvaluationError
from eval.intervals import percentile

_SEED = 1895
_BAR_S = 1.0
_GRACE_S = 600.0  # for answers that are under way when time is up
Ask = Callable[[str], Iterator[Any]]


@dataclass(frozen=True)
class Wait:
    """One question, in seconds from when it was asked. `first_s` is None where no words came;
    `error` is what the server said then. `by_model`: whether the language model wrote it."""

    reader: int
    first_s: float | None
    total_s: float
    by_model: bool = False
    refused: bool = False
    waited_in_line: bool = False
    error: str | None = None


def run_load(
    address: str,
    questions: Sequence[str],
    readers: int,
    seconds: float,
    auth: tuple[str, str] | None = None,
) -> dict[str, Any]:
    """Waits of `readers` who ask for `seconds`; answers under way at the end are waited for.

    Raises EvaluationError where the server cannot be reached or nothing was asked.
    """
    askers = [_connected(address, auth) for _ in range(readers)]
    return load_of(askers, questions, seconds) | {"address": address}


def load_of(askers: Sequence[Ask], questions: Sequence[str], seconds: float) -> dict[str, Any]:
    """As `run_load`, of readers each of whom asks with a function of their own."""
    if not questions:
        raise EvaluationError("there are no questions to ask; give a file with some")
    waits: list[Wait] = []
    began = time.perf_counter()
    threads = [
        threading.Thread(
            target=_read,
            args=(n, ask, _shuffled(questions, n), began + seconds, waits.append),
            daemon=True,
        )
        for n, ask in enumerate(askers)
    ]
    for thread in threads:
        thread.start()
    _watch(threads, waits, began, seconds)
    took = time.perf_counter() - began
    unfinished = sum(thread.is_alive() for thread in threads)
    return _summary(list(waits), len(askers), took) | {"unfinished": unfinished}


def _read(
    reader: int, ask: Ask, questions: Iterator[str], until: float, keep: Callable[[Wait], None]
) -> None:
    while time.perf_counter() < until:
        keep(_timed(reader, ask, next(questions)))


def _timed(reader: int, ask: Ask, question: str) -> Wait:
    began = time.perf_counter()
    first: float | None = None
    in_line = False
    last: Any = {}
    try:
        for last in ask(question):
            in_line = in_line or str(last.get("phase", "")).startswith("Waiting")
            if first is None and (last.get("text") or "answer" in last):
                first = time.perf_counter() - began
    except Exception as error:  # whatever a server may do to its reader is what is counted here
        spent = time.perf_counter() - began
        return Wait(reader, first, spent, waited_in_line=in_line, error=_line(error))
    spent = time.perf_counter() - began
    if "answer" not in last:
        return Wait(reader, first, spent, waited_in_line=in_line, error="no answer came")
    by_model = last["model"].get("scheme") != CALCULATED and last["completion_tokens"] > 0
    return Wait(reader, first, spent, by_model, bool(last["refused"]), in_line)


def _watch(
    threads: Sequence[threading.Thread], waits: Sequence[Wait], began: float, seconds: float
) -> None:
    """Show how far it is until all have their last answer."""
    from tqdm import tqdm

    with tqdm(total=round(seconds), desc="readers asking", unit="s") as bar:
        while any(thread.is_alive() for thread in threads):
            time.sleep(_BAR_S)
            now = time.perf_counter() - began
            bar.n = min(round(now), round(seconds))
            errors = sum(wait.error is not None for wait in waits)
            bar.set_postfix(answers=len(waits) - errors, errors=errors)
            if now > seconds + _GRACE_S:
                return


def _summary(waits: Sequence[Wait], readers: int, took: float) -> dict[str, Any]:
    if not waits:
        raise EvaluationError("no question ended in time; give the readers more --seconds")
    errors = [wait.error for wait in waits if wait.error is not None]
    good = [wait for wait in waits if wait.error is None]
    by_model = [wait for wait in good if wait.by_model]
    counts = [sum(wait.reader == n for wait in good) for n in range(readers)]
    return {
        "readers": readers,
        "seconds": took,
        "asked": len(waits),
        "answers": len(good),
        "by_model": len(by_model),
        "refused": sum(wait.refused for wait in good),
        "waited_in_line": sum(wait.waited_in_line for wait in good),
        "errors": len(errors),
        "error_kinds": {text: errors.count(text) for text in dict.fromkeys(errors)},
        "answers_per_minute": 60 * len(good) / took,
        "answers_per_reader": {"least": min(counts), "most": max(counts)},
        "all": _percentiles(good),
        "model": _percentiles(by_model),
    }


def _percentiles(waits: Sequence[Wait]) -> dict[str, Any]:
    firsts = [wait.first_s for wait in waits if wait.first_s is not None]
    totals = [wait.total_s for wait in waits]
    return {
        "n": len(waits),
        "first_s": {"p50": percentile(firsts, 50), "p95": percentile(firsts, 95)},
        "total_s": {"p50": percentile(totals, 50), "p95": percentile(totals, 95)},
    }


def _connected(address: str, auth: tuple[str, str] | None) -> Ask:
    from gradio_client import Client

    try:
        client = Client(address, verbose=False, download_files=False, auth=auth)
    except Exception as error:
        raise EvaluationError(
            f"no chat answers at {address} ({_line(error)}); start one with `tenq serve`, and give "
            "--auth NAME:PASSWORD where it asks for a password"
        ) from error
    return lambda question: client.submit(question, api_name="/ask")


def _shuffled(questions: Sequence[str], reader: int) -> Iterator[str]:
    """All of them again and again, in an order of the reader's own."""
    order = list(questions)
    random.Random(_SEED + reader).shuffle(order)
    return itertools.cycle(order)


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
