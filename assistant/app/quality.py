"""A short evaluation of the chat's own models, without any web.

It is a run like those of `tenq eval run`: lookup questions made from the library's facts, asked
with their evidence. It uses the engines that the chat has loaded and takes the desk's turn for
every batch, so that readers' questions come in between. An engine of the chat keeps what it has
read, so unlike a run of the command line this one need not come to the same last digits twice.
"""

from __future__ import annotations

import itertools
import json
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from assistant.app.models import Model
from assistant.app.problems import one_line
from assistant.app.reply import POLL_S
from assistant.app.session import Desk
from assistant.engine import AT_ONCE, Engine, Messages, Usage
from assistant.errors import EngineError
from eval.models import find_answering
from eval.run import run_plan
from eval.run_folder import RunFolder
from eval.run_plan import RunPlan, parsed

LEAST, USUAL, MOST = 10, 20, 200
BATCH = AT_ONCE  # answers; a reader waits for no more
_SESSION = "short evaluation"  # among the desk's, so that closing the desk ends it, too


@dataclass(frozen=True)
class Progress:
    """How far it is: `answers` of `wanted`. `run` is its folder's name once it has one, `questions`
    how many there are, which may be fewer than were asked for. `text` is for the reader."""

    state: Literal["idle", "running", "done", "stopped", "failed"] = "idle"
    text: str = ""
    run: str | None = None
    asked_for: int = 0
    questions: int = 0
    answers: int = 0
    wanted: int = 0

    @property
    def running(self) -> bool:
        """Whether another has to wait."""
        return self.state == "running"

    @property
    def fewer(self) -> str:
        """Says where the library yields fewer questions than were asked for."""
        if not 0 < self.questions < self.asked_for:
            return ""
        return f"The library's facts yield {self.questions} questions, not {self.asked_for}."


class _Stopped(Exception):  # noqa: N818 - nothing went wrong
    """The reader, or the end of the page, has stopped it."""


class ShortEvaluation:
    """One at a time for all readers; its run goes into `folder`."""

    def __init__(self, desk: Desk, folder: Path) -> None:
        self.progress = Progress()
        self._desk, self._folder = desk, folder
        self._change = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._models: dict[tuple[str, str | None], Model] = {}

    def start(self, questions: int) -> bool:
        """Begin in a thread of its own; False where one is under way."""
        with self._change:
            event = None if self.progress.running else self._desk.begin(_SESSION)
            if event is None:
                return False
            self._stop = event
            self.progress = Progress("running", "Making questions…", asked_for=questions)
            self._thread = threading.Thread(target=self._work, args=(questions,), daemon=True)
            self._thread.start()
            return True

    def stop(self) -> None:
        """End it after the answers that are being written; those are kept."""
        if self.progress.running:
            self._tell("Stopping after the answers that are being written…")
        self._desk.stop(_SESSION)

    def wait(self, seconds: float) -> bool:
        """Whether none is running, after waiting at most `seconds` for that."""
        if self._thread is not None:
            self._thread.join(seconds)
        return not self.progress.running

    def _work(self, questions: int) -> None:
        began = time.perf_counter()
        out: Path | None = None
        try:
            models_dir = self._desk.models["main"].models_dir
            self._models = self._found(models_dir)
            out = _new_folder(self._folder)
            text = plan_text(self._names(), questions)
            plan = parsed(RunPlan, text, out / "run.json")
            run_plan(plan, text, out, out, self._desk.store, models_dir, self._load(out))
            seconds = time.perf_counter() - began
            end: Literal["done", "stopped", "failed"] = "done"
            said = f"Done: {self.progress.answers} answers in {seconds:,.0f} s."
        except _Stopped:
            end, said = "stopped", f"Stopped: {_so_far(self.progress)}, which are kept."
        except Exception as error:
            end, said = "failed", one_line(error)
        finally:
            self._stop.set()
        kept = out is not None and (out / "run.json").is_file()
        if out is not None and not kept:
            shutil.rmtree(out, ignore_errors=True)
        self._set(state=end, text=said, run=out.name if out and kept else None)

    def _names(self) -> list[str]:
        """As MODEL, the one that the other is compared with first."""
        chosen = (self._desk.models.get("other"), self._desk.models["main"])
        return [model.name for model in chosen if model is not None]

    def _found(self, models_dir: Path) -> dict[tuple[str, str | None], Model]:
        """The chat's models by what `run_plan` will call them."""
        found = {}
        for model in self._desk.models.values():
            meant = find_answering(model.name, models_dir)
            found[meant.name, meant.dtype] = model
        return found

    def _load(self, out: Path) -> Callable[[str, Path, str | None], Engine]:
        def load(name: str, models_dir: Path, dtype: str | None) -> Engine:
            folder = RunFolder(out)
            run = folder.read()
            cells = [folder.read_cell(each) for each in run["cells"]]
            wanted = sum(len(cell.keys) for cell in cells)
            self._set(questions=run["sets"][0]["n"], wanted=wanted)
            model = self._models[name, dtype]
            self._begin(model)
            self._tell(_answering(self.progress, model))

            def told(answers: int) -> None:
                self._set(answers=self.progress.answers + answers)
                self._tell(_answering(self.progress, model))

            return _InTurns(model.engine, lambda: self._turn(model), told)

        return load

    def _begin(self, model: Model) -> None:
        """Load it, if it is not."""
        self._go_on()
        model.start()
        while not model.wait(POLL_S):
            self._tell(model.status)
            self._go_on()
        if model.state == "failed":
            raise EngineError(f"the model {model.name} {model.failure}")

    @contextmanager
    def _turn(self, model: Model) -> Iterator[None]:
        """Have the machine to oneself. Those who ask meanwhile are next."""
        turns = self._desk.turns
        ticket = turns.take()
        try:
            while turns.wait(ticket, POLL_S) > 0:
                self._go_on()
                self._tell(f"{_so_far(self.progress)}. Waiting: readers' questions go first…")
            self._go_on()
            self._tell(_answering(self.progress, model))
            yield
        finally:
            turns.leave(ticket)

    def _go_on(self) -> None:
        if self._stop.is_set():
            raise _Stopped

    def _tell(self, text: str) -> None:
        if not self._stop.is_set():
            self._set(text=text)

    def _set(self, **changes: Any) -> None:
        with self._change:  # a reader's `stop` comes from another thread
            self.progress = replace(self.progress, **changes)


class _InTurns:
    """A chat's engine that takes the desk's turn for every batch and says how many it answered."""

    def __init__(
        self,
        engine: Engine,
        turn: Callable[[], AbstractContextManager[None]],
        told: Callable[[int], None],
    ) -> None:
        self.name, self.scheme, self.parallel = engine.name, engine.scheme, engine.parallel
        self._engine, self._turn, self._told = engine, turn, told

    @property
    def usage(self) -> Usage | None:
        return self._engine.usage

    def stream(
        self, messages: Messages, max_new_tokens: int, stop: threading.Event | None = None
    ) -> Iterator[str]:
        with self._turn():
            yield from self._engine.stream(messages, max_new_tokens, stop)

    def generate(self, batch: Sequence[Messages], max_new_tokens: int) -> list[tuple[str, Usage]]:
        with self._turn():
            said = self._engine.generate(batch, max_new_tokens)
        self._told(len(batch))
        return said

    def count_tokens(self, text: str) -> int:
        return self._engine.count_tokens(text)


def plan_text(names: Sequence[str], questions: int) -> str:
    """The plan as TOML, as a run's folder keeps it. A JSON string is a TOML string, too."""
    full, *others = (json.dumps(name, ensure_ascii=False) for name in names)
    return (
        f'title = "Short evaluation, up to {questions} questions"\nbatch = {BATCH}\n\n'
        f"[[models]]\nfull = {full}\nothers = [{', '.join(others)}]\n\n"
        f'[[questions]]\nname = "lookups"\nmake = {questions}\nevidence = ["gold"]\n'
    )


def _new_folder(parent: Path) -> Path:
    """short-2026-11-25-142801, or with a number where that is taken."""
    stamp = f"short-{time.strftime('%Y-%m-%d-%H%M%S')}"
    for ending in itertools.chain([""], (f"-{n}" for n in itertools.count(2))):
        path = parent / f"{stamp}{ending}"
        try:
            path.mkdir(parents=True)
        except FileExistsError:
            continue
        return path
    raise AssertionError("there is always another number")


def _so_far(progress: Progress) -> str:
    return f"{progress.answers} of {progress.wanted} answers"


def _answering(progress: Progress, model: Model) -> str:
    return f"{_so_far(progress)} · {model.label}"
