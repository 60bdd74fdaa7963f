"""The other end of `eval.speed_worker`: starts it, asks it, and says why it died."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from eval.errors import EvaluationError

_ROOT = Path(__file__).resolve().parent.parent
_QUIT_S = 20


class Worker:
    """A running model process. Raises EvaluationError with its own last words where it fails."""

    def __init__(self, command: Sequence[str]) -> None:
        paths = [str(_ROOT), os.environ.get("PYTHONPATH", "")]
        self._folder = tempfile.TemporaryDirectory()
        self._stderr = Path(self._folder.name) / "stderr"
        with self._stderr.open("wb") as stderr:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stderr,
                text=True,
                encoding="utf-8",
                env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in paths if path)},
            )
        try:
            self.loaded = self._reply()
        except BaseException:
            self._process.kill()
            self.close()
            raise

    def run(self, seed: str, question: int, prompt_tokens: int, new_tokens: int) -> dict[str, Any]:
        """One timed prompt; see `eval.speed_worker.timed`."""
        request = {
            "seed": seed,
            "question": question,
            "prompt_tokens": prompt_tokens,
            "new_tokens": new_tokens,
        }
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            pass  # it is gone; reading its reply says why
        return self._reply()

    def close(self) -> None:
        """End the process; its memory is free when this returns."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.close()
            self._process.wait(_QUIT_S)
        except (OSError, subprocess.TimeoutExpired):
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()
        self._folder.cleanup()

    def _reply(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise EvaluationError(self._last_words())
        reply: dict[str, Any] = json.loads(line)
        if "error" in reply:
            raise EvaluationError(reply["error"])
        return reply

    def _last_words(self) -> str:
        code = self._process.wait()
        if code < 0:
            name = signal.Signals(-code).name
            hint = "; was memory short?" if -code == signal.SIGKILL else ""
            return f"the model's process was ended by {name}{hint}"
        lines = self._stderr.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        return f"the model's process ended with code {code}: {lines[-1][:200] if lines else '?'}"
