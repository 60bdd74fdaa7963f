"""Runs a library's generation in a thread and hands its text over piece by piece, one generation at
a time: what openvino-genai's and transformers' engines have in common."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator

from assistant.engine import Usage
from assistant.errors import EngineError


class QueuedEngine:
    """See the module."""

    def __init__(self) -> None:
        self.usage: Usage | None = None
        self._lock = threading.Lock()  # one generation at a time per model

    def _pieces(
        self, run: Callable[[Callable[[str], bool]], tuple[int, int]], stop: threading.Event | None
    ) -> Iterator[str]:
        """`run(put)` generates, calling put(piece) (True: go on no further), and returns prompt
        and completion token counts. Closing this iterator early stops the generation too."""
        pieces: queue.Queue[str | BaseException | None] = queue.Queue()
        gone = threading.Event()
        counts: list[int] = []

        def put(piece: str) -> bool:
            if piece:
                pieces.put(piece)
            return gone.is_set() or (stop is not None and stop.is_set())

        def work() -> None:
            try:
                counts.extend(run(put))
                pieces.put(None)
            except BaseException as error:  # handed to the reader, who raises it
                pieces.put(error)

        with self._lock:
            start = time.perf_counter()
            first: float | None = None
            thread = threading.Thread(target=work, daemon=True)
            thread.start()
            try:
                while (piece := pieces.get()) is not None:
                    if isinstance(piece, BaseException):
                        raise EngineError(f"the model failed while answering: {piece}") from piece
                    first = first or time.perf_counter() - start
                    yield piece
            finally:
                gone.set()
                thread.join()
            total = time.perf_counter() - start
            self.usage = Usage(counts[0], counts[1], first or total, total)
