"""The models behind the chat: loaded in the background, measured, used in turns."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from assistant.app.problems import one_line
from assistant.engine import AT_ONCE, Engine
from assistant.errors import EngineError
from assistant.memory import resident_mb
from assistant.server_address import is_address
from quantize.sources import local_path

LoadEngine = Callable[[str, Path], Engine]
State = Literal["unloaded", "loading", "ready", "failed"]
_TICK_S = 0.25
_MB = 10**6


class Model:
    """One model of the chat. It loads in a thread of its own, at the first `start`; a failed load
    is tried again at the next one.

    `memory_mb` is what the engine says it takes, else how much this process and those it started
    grew (resident MB, 10^6 bytes) while the model was loaded and gave one short answer. Memory of
    a GPU is not in it.
    """

    # One at a time: two models loading together could not be measured, and would both be slower.
    _loading = threading.Lock()

    def __init__(self, name: str, models_dir: Path, load_engine: LoadEngine) -> None:
        self.name = name
        self.state: State = "unloaded"
        self.error: str | None = None
        self.load_s = 0.0
        self.memory_mb = 0.0
        self.weights_mb = _weights_mb(name, models_dir)
        self.role = _role(name, models_dir)
        self.models_dir = models_dir
        self._load_engine = load_engine
        self._engine: Engine | None = None
        self._began = 0.0
        self._settled = threading.Event()
        self._change = threading.Lock()

    @property
    def engine(self) -> Engine:
        """The loaded model; only once `state` is "ready"."""
        if self._engine is None:
            raise RuntimeError(f"{self.name} is not loaded")
        return self._engine

    @property
    def label(self) -> str:
        """ "Quantized · qwen/int4"."""
        return f"{self.role} · {short_name(self.name)}"

    @property
    def status(self) -> str:
        """One line for the reader."""
        if self.state == "ready":
            size = f", {self.memory_mb:,.0f} MB in memory" if self.memory_mb >= 1 else ""
            return (
                f"{self.label}: ready ({self.engine.scheme}, loaded in {self.load_s:.0f} s{size})"
            )
        if self.state == "loading":
            seconds = time.perf_counter() - self._began
            size = f", {self.weights_mb:,.0f} MB of weights" if self.weights_mb else ""
            return f"{self.label}: loading the model… {seconds:.0f} s{size}"
        if self.state == "failed":
            return f"{self.label}: {self.failure}"
        return f"{self.label}: loads on first use"

    @property
    def failure(self) -> str:
        """Why it is not there, after its name."""
        return f"could not be loaded: {self.error}"

    def start(self, first: Callable[[], None] = lambda: None) -> None:
        """Begin to load, unless that is under way or done. `first` is run before, so that what it
        loads is not counted as the model's memory."""
        with self._change:
            if self.state in ("loading", "ready"):
                return
            self.state, self.error, self._began = "loading", None, time.perf_counter()
            self._settled.clear()
            threading.Thread(target=self._load, args=(first,), daemon=True).start()

    def wait(self, seconds: float = _TICK_S) -> bool:
        """Wait at most `seconds`; whether loading has ended, well or not."""
        return self._settled.wait(seconds)

    def _load(self, first: Callable[[], None]) -> None:
        try:
            with self._loading:
                first()
                before, began = resident_mb(), time.perf_counter()
                engine = self._load_engine(self.name, self.models_dir)
                for _ in engine.stream([{"role": "user", "content": "Say yes."}], 2):
                    pass  # the first answer after loading is slow: not the reader's first
                grown = max(resident_mb() - before, 0.0)
                self.memory_mb = getattr(engine, "memory_mb", grown)
                self.load_s = time.perf_counter() - began
            self._engine = engine
            self.state = "ready"
        except Exception as error:
            self.error, self.state = one_line(error), "failed"
        finally:
            self._settled.set()


class Turns:
    """Lets questions in, in the order in which they came, as long as there is room for them.

    There are AT_ONCE places. A question for an engine that batches takes one; a question for an
    engine that answers one at a time takes all, and so does a comparison, whose seconds are to be
    the model's alone.
    """

    def __init__(self) -> None:
        self._places: dict[object, int] = {}  # of each ticket, in the order they were taken
        self._moved = threading.Condition()
        self._left = time.monotonic()  # when the last one left

    def take(self, parallel: int = 1) -> object:
        """Stand in line for a model that answers `parallel` questions at once."""
        ticket = object()
        with self._moved:
            self._places[ticket] = -(-AT_ONCE // parallel)
        return ticket

    def wait(self, ticket: object, seconds: float = _TICK_S) -> int:
        """0 where it is one's turn, after waiting at most `seconds` for that; else how many came
        before and are not done."""
        with self._moved:
            may_enter = self._moved.wait_for(lambda: self._has_room(ticket), seconds)
            return 0 if may_enter else list(self._places).index(ticket)

    def leave(self, ticket: object) -> None:
        """Go, whether it was one's turn or not."""
        with self._moved:
            del self._places[ticket]
            self._left = time.monotonic()
            self._moved.notify_all()

    @property
    def idle_s(self) -> float:
        """For how many seconds nobody has stood in line."""
        with self._moved:
            return 0.0 if self._places else time.monotonic() - self._left

    def alone(self, ticket: object) -> bool:
        """Whether nobody else stands in line."""
        with self._moved:
            return list(self._places) == [ticket]

    def _has_room(self, ticket: object) -> bool:
        """Whether all who came before and `ticket` have places: nobody is overtaken."""
        taken = 0
        for each, places in self._places.items():
            taken += places
            if each is ticket:
                break
        return taken <= AT_ONCE


class Growth:
    """By how many MB the process, with those it started, grew, at its highest, while `growing`."""

    mb = 0.0


@contextmanager
def growing(every_s: float = 0.05) -> Iterator[Growth]:
    """Watch resident memory from a thread: what an answer takes beside the model's weights."""
    growth, done, before = Growth(), threading.Event(), resident_mb()

    def watch() -> None:
        while not done.wait(every_s):
            growth.mb = max(growth.mb, resident_mb() - before)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield growth
    finally:
        done.set()
        watcher.join()


def short_name(name: str) -> str:
    """Of a folder the last two parts, so that nobody is told where it lies; else the name."""
    folder = local_path(name)
    return "/".join(folder.resolve().parts[-2:]) if folder.is_dir() else name


def _role(name: str, models_dir: Path) -> str:
    """What the reader is told the model is."""
    from assistant.engines import quantized_folder

    if is_address(name):
        return "Server"
    try:
        return "Full" if quantized_folder(name, models_dir) is None else "Quantized"
    except EngineError:  # said again, to the reader, when it is loaded
        return "Full"


def _weights_mb(name: str, models_dir: Path) -> float | None:
    """MB of the weights on disk, where they are here already."""
    for folder in (
        local_path(name),
        models_dir / name / "full",
        models_dir / name.replace("/", "--") / "full",
        models_dir / name,
    ):
        size = sum(
            path.stat().st_size
            for ending in ("*.safetensors", "*.bin")
            for path in folder.glob(ending)
        )
        if size:
            return size / _MB
    return None
