"""Run by test_answers in its own process, to be killed in the middle: answers the questions of a
file slowly. Arguments: questions, model folder, results file, seconds an answer."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from assistant.engine import Engine, Messages, Usage
from eval.answers import run_answers
from eval.questions import read_questions


class Slow:
    name = "slow"
    scheme = "rule"
    parallel = 1
    usage: Usage | None = None

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def stream(
        self, messages: Messages, max_new_tokens: int, stop: threading.Event | None = None
    ) -> Iterator[str]:
        time.sleep(self._seconds)
        yield "It was $812 million."
        self.usage = Usage(10, 5, self._seconds, self._seconds)

    def count_tokens(self, text: str) -> int:
        return len(text.split())


def load(model: str, models_dir: Path, dtype: str | None) -> Engine:
    return Slow(float(sys.argv[4]))


questions, model, results = sys.argv[1:4]
print("started", flush=True)
report = run_answers(
    read_questions(Path(questions)), None, model, Path("models"), Path(results), "gold", load=load
)
print(report["n"], report["correct"])
