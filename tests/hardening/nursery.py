"""Processes to be killed: one that has imported everything forks a child for every try, so that a
try costs milliseconds. One child at a time; for two at once take two nurseries.
"""

from __future__ import annotations

import importlib
import json
import os
import select
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[2]
_WORK = "tests.hardening.work"
_END_S = 120
Tell = Callable[[str], None]


class Ended(NamedTuple):
    """What a child told before its end, and whether it was killed in the middle."""

    told: list[str]
    killed: bool
    status: int


class Nursery:
    """Begins children; each does one function of `tests.hardening.work`."""

    def __init__(self, *preload: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.hardening.nursery", *preload],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=ROOT,
            env={**os.environ, "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"},
        )
        assert self._process.stdin is not None and self._process.stdout is not None
        self._to, self._from = self._process.stdin, self._process.stdout
        self._read = b""
        self._child = 0
        self._lines: list[str] = []
        self._next()  # "ready"

    def __enter__(self) -> Nursery:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._process.kill()
        self._process.communicate()

    def begin(self, work: str, *args: Any) -> None:
        """Let a child do `work(tell, *args)`."""
        self._to.write(json.dumps([work, args]).encode() + b"\n")
        self._to.flush()
        self._child = int(self._next())

    def told(self) -> str:
        """Wait for the next thing that it tells."""
        self._lines.append(json.loads(self._next()))
        return self._lines[-1]

    def kill_after(self, seconds: float) -> Ended:
        """Kill it with SIGKILL in so many seconds, if it is not at its end by then."""
        time.sleep(seconds)
        os.kill(self._child, signal.SIGKILL)  # not reaped yet: its number is nobody else's
        return self.end()

    def end(self) -> Ended:
        """Wait for its end."""
        while not (line := self._next()).startswith("ended "):
            self._lines.append(json.loads(line))
        self._to.write(b"\n")  # only now it is reaped
        self._to.flush()
        status = int(line.split()[1])
        lines, self._lines = self._lines, []
        return Ended(lines, status == -signal.SIGKILL, status)

    def _next(self) -> str:
        while b"\n" not in self._read:
            if not select.select([self._from], [], [], _END_S)[0]:
                raise TimeoutError(f"a child has told nothing for {_END_S} s")
            block = os.read(self._from.fileno(), 1 << 16)
            if not block:
                raise EOFError("the nursery has ended")
            self._read += block
        line, _, self._read = self._read.partition(b"\n")
        return line.decode()


# -- in the other process ------------------------------------------------------------------------


def _child(out: int, line: str) -> None:
    """Do the work and end, telling the exception that it ended with, if any."""

    def tell(what: str) -> None:
        os.write(out, json.dumps(what[-3000:]).encode() + b"\n")

    status = 0
    try:
        work, args = json.loads(line)
        getattr(importlib.import_module(_WORK), work)(tell, *args)
    except BaseException:
        status = 3
        tell(f"failed {traceback.format_exc()}")
    os._exit(status)


def _serve(preload: Sequence[str]) -> None:
    out = os.dup(1)
    os.dup2(2, 1)  # what libraries print is no report
    for name in (_WORK, *preload):
        importlib.import_module(name)
    os.write(out, b"ready\n")
    while line := sys.stdin.readline():
        child = os.fork()
        if child == 0:
            os.write(out, f"{os.getpid()}\n".encode())
            _child(out, line)
        ended = os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)  # not reaped yet
        assert ended is not None
        status = ended.si_status if ended.si_code == os.CLD_EXITED else -ended.si_status
        os.write(out, f"ended {status}\n".encode())
        sys.stdin.readline()
        os.waitpid(child, 0)


if __name__ == "__main__":
    _serve(sys.argv[1:])
