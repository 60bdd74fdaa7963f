"""What the page shows of an answer, a comparison and a change of the library while they happen."""

from __future__ import annotations

import queue
import re
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

from assistant.answer import Answer, Evidence
from assistant.prompt import passage_title

Pieces = queue.Queue[str | Answer | float | Exception]
POLL_S = 0.25


@dataclass(frozen=True)
class Reply:
    """An answer as far as it has come. `phase` says what is going on and is None at the end; then
    one of `answer`, `stopped` and `error` says how it ended. `memory_mb` is the model's resident
    memory plus what answering added at its highest. `asked` is the question as it was answered,
    with what was `taken` from the one before; `understood` is `Query.understood` of it. `judged` is
    what the reader said of the answer and its number (`assistant.app.feedback`)."""

    question: str
    model: str = ""
    phase: str | None = None
    text: str = ""
    answer: Answer | None = None
    stopped: bool = False
    error: str | None = None
    memory_mb: float = 0.0
    asked: str = ""
    taken: tuple[str, ...] = ()
    understood: dict[str, Any] | None = None
    judged: tuple[str, ...] = ()

    @property
    def tokens_per_s(self) -> float | None:
        """Decoded tokens a second after the first; None where too few came to tell."""
        if self.answer is None or self.answer.completion_tokens < 2:
            return None
        seconds = self.answer.timings_s["total"] - self.answer.timings_s["first_token"]
        return (self.answer.completion_tokens - 1) / seconds if seconds > 0 else None


@dataclass(frozen=True)
class Comparison:
    """Two replies to one question on the same evidence. `agree` is None until both are there, and
    where neither states a number."""

    question: str
    left: Reply
    right: Reply
    agree: bool | None = None
    verdict: str = ""

    def swapped(self) -> Comparison:
        """The same with the sides changed."""
        sides = {"left": "right", "right": "left"}
        told = re.sub(r"\b(left|right)\b", lambda side: sides[side[0]], self.verdict)
        return replace(self, left=self.right, right=self.left, verdict=told)


@dataclass(frozen=True)
class Ended:
    """A question that is over: its last `reply`, the `evidence` if it came so far, and the seconds
    from when it was asked, waiting included, to the first words the reader saw and to the end."""

    reply: Reply
    evidence: Evidence | None
    first_s: float | None
    total_s: float


@dataclass(frozen=True)
class Outcome:
    """What became of one file of the library; `text` is one line for the reader."""

    name: str
    status: Literal["added", "unchanged", "replaced", "corrected", "removed", "failed"]
    text: str


def follow(
    reply: Reply,
    evidence: Evidence,
    pieces: Pieces,
    stop: threading.Event,
) -> Iterator[Reply]:
    """The replies while `pieces` come in: text, then the Answer, then the memory it took."""
    began = time.perf_counter()
    read = f"Reading {len(evidence.passages)} passages"
    if evidence.passages:
        read += f", first {passage_title(evidence.passages[0])}"
    while not stop.is_set():
        try:
            piece = pieces.get(timeout=POLL_S)
        except queue.Empty:
            if not reply.text:
                waited = time.perf_counter() - began
                yield replace(reply, phase=f"{read}… {waited:.0f} s")
            continue
        if isinstance(piece, Exception):
            raise piece
        if isinstance(piece, float):
            yield replace(reply, phase=None, memory_mb=piece)
            return
        if isinstance(piece, Answer):
            reply = replace(reply, answer=piece)
        else:
            reply = replace(reply, text=reply.text + piece)
            if pieces.empty():  # a fast model: one reply for several pieces
                yield replace(reply, phase="Answering…")
    yield replace(reply, phase=None, stopped=True, answer=None)
