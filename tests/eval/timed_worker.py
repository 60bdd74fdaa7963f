"""Started by test_speed as a model's process: engines with known speeds, or a known end."""

from __future__ import annotations

import os
import re
import signal
import sys
import threading
from collections.abc import Iterator

from assistant.engine import Engine, Messages, Usage
from eval.speed_worker import serve

_SPEEDS = {"fast": (0.05, 0.001), "slow": (0.2, 0.004)}


class Timed:
    """Reports fixed seconds; a prompt that starts like the last one has its first token at once."""

    scheme = "fixed"
    parallel = 1

    def __init__(self, name: str) -> None:
        self.name = name
        self.usage: Usage | None = None
        self._first_s, self._token_s = _SPEEDS[name]
        self._last = ""

    def stream(
        self, messages: Messages, max_new_tokens: int, stop: threading.Event | None = None
    ) -> Iterator[str]:
        text = messages[-1]["content"]
        known = bool(self._last) and text.startswith(self._last[:40])
        self._last = text
        first_s = 0.01 if known else self._first_s
        total_s = first_s + (max_new_tokens - 1) * self._token_s
        yield "text"
        self.usage = Usage(self.count_tokens(text), max_new_tokens, first_s, total_s)

    def count_tokens(self, text: str) -> int:
        return len(re.findall(r"\w+|[^\w\s]", text))


def load() -> Engine:
    name = sys.argv[1]
    if name == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    return Timed(name)


if sys.argv[1] == "dies":
    print("first\nout of luck", file=sys.stderr)
    sys.exit(3)
sys.exit(serve(load, sys.stdin, sys.stdout))
