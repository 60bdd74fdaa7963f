"""SECOND ANSWERS: a share of the questions is quietly asked again, of the other model.

It happens while nobody waits: a reader's question ends it at once, and its turn comes again when
the machine is idle. Both models read the same evidence. What was looked up or calculated without a
model is not asked again: there is nothing to differ.
"""

from __future__ import annotations

import random
import threading
import time
from collections import deque
from pathlib import Path

from assistant.answer import Answer, Evidence
from assistant.app.agree import agreement, difference
from assistant.app.judged import keep_disagreement
from assistant.app.models import Model
from assistant.app.monitor import Again, Monitor, ending_of
from assistant.app.problems import one_line
from assistant.app.reply import POLL_S, Ended
from assistant.app.session import Desk
from assistant.assistant import answer_from
from assistant.engine import AT_ONCE

IDLE_S = 20.0
ALLOWED = 0.5
_MOST_WAITING = 100
_MOST_TRIES = 3


class Shadow:
    """Asks `desk.models["other"]` again what the main model answered, for a `share` (0 to 1) of the
    questions, once nobody has asked for `idle_s`. Where the two differ by more than is `allowed`
    (0 to 1), a question for evaluations goes into `folder`. `problem` says in one line why it does
    not."""

    def __init__(
        self,
        desk: Desk,
        monitor: Monitor,
        folder: Path,
        share: float,
        allowed: float = ALLOWED,
        idle_s: float = IDLE_S,
        chance: random.Random | None = None,
    ) -> None:
        self.share, self.allowed = share, allowed
        self.problem: str | None = None
        self._desk, self._monitor, self._folder = desk, monitor, folder
        self._idle_s = idle_s
        self._chance = chance or random.Random()
        self._waiting: deque[tuple[Evidence, Answer]] = deque(maxlen=_MOST_WAITING)
        self._tries = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="shadow", daemon=True)

    @property
    def waiting(self) -> int:
        """Questions that are still to be asked again."""
        return len(self._waiting)

    def offer(self, ended: Ended) -> None:
        """Take a question that has ended, or leave it, by chance."""
        answer, evidence = ended.reply.answer, ended.evidence
        written = answer and answer.passages and ending_of(ended.reply) in ("model", "refused")
        main = ended.reply.model == self._desk.models["main"].label
        if answer and evidence and written and main and self._chance.random() < self.share:
            self._waiting.append((evidence, answer))

    def start(self) -> None:
        """Begin to wait for idle moments, in a thread of its own."""
        self._thread.start()

    def close(self) -> None:
        """End what runs; what still waits is forgotten."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout=5.0)

    def _work(self) -> None:
        model = self._desk.models["other"]
        while not self._stop.wait(POLL_S):
            if not self._waiting or self._desk.turns.idle_s < self._idle_s:
                continue
            evidence, answer = self._waiting[0]
            try:
                again = self._ask(model, evidence)
                self._tries += 1
                if again:
                    self._keep(answer, again, model)
                self.problem = None
            except Exception as error:
                self._tries = _MOST_TRIES
                again, self.problem = None, one_line(error)
            if again or self._tries >= _MOST_TRIES:
                self._tries = 0
                if self._waiting and self._waiting[0] == (evidence, answer):
                    self._waiting.popleft()

    def _ask(self, model: Model, evidence: Evidence) -> Answer | None:
        """The other model's answer; None where a reader came in between."""
        model.start()
        while not model.wait(POLL_S):
            if self._stop.is_set():
                return None
        turns = self._desk.turns
        # One place of many: questions for a model that answers several at once need not wait for
        # this one, and what needs the machine for itself does.
        ticket = turns.take(AT_ONCE)
        give_way, over = threading.Event(), threading.Event()

        def watch() -> None:
            while not over.wait(POLL_S / 5):
                if self._stop.is_set() or not turns.alone(ticket):
                    give_way.set()

        watcher = threading.Thread(target=watch, daemon=True)
        watcher.start()
        try:
            if turns.wait(ticket, 0.0) or not turns.alone(ticket):
                return None
            pieces = list(answer_from(model.engine, evidence, give_way))
            last = pieces[-1] if pieces else None
            return last if isinstance(last, Answer) and not give_way.is_set() else None
        finally:
            over.set()
            watcher.join()
            turns.leave(ticket)

    def _keep(self, answer: Answer, again: Answer, model: Model) -> None:
        _, verdict = agreement(answer, again)
        apart = difference(answer, again)
        self._monitor.asked_again(
            Again(
                at=time.time(),
                question=answer.question,
                model=self._desk.models["main"].label,
                other=model.label,
                answer=answer.answer,
                other_answer=again.answer,
                difference=apart,
                verdict=verdict,
            )
        )
        if apart > self.allowed:
            keep_disagreement(self._folder, answer.question, answer, again)
