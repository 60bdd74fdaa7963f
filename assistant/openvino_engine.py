"""A model on openvino-genai, for several readers at once.

The model runs in `assistant.openvino_worker`, a process of its own; here prompts are written in the
model's format and handed over, and each reader gets the pieces of their answer.
"""

from __future__ import annotations

import functools
import itertools
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO

from assistant.chat_format import chat_text
from assistant.engine import AT_ONCE, CountsUsage, Messages, Usage
from assistant.errors import EngineError
from assistant.shared_prefixes import shared_prefixes

_ROOT = Path(__file__).resolve().parent.parent
_POLL_S = 0.05
_QUIT_S = 5.0

Reply = dict[str, Any]


class OpenVINOEngine(CountsUsage):
    """An Engine whose generations are batched; a prompt that begins like an earlier one is not read
    again from its beginning, but in a `repeatable` `generate`, for one caller at a time, nothing is
    known from before. `properties` go to OpenVINO's CPU plugin as they are. With `lookup`, what
    followed the last words where they stand in the prompt is tried as the next tokens, several in a
    step (prompt lookup decoding, Saxena 2023)."""

    parallel = AT_ONCE

    def __init__(
        self,
        name: str,
        scheme: str,
        folder: Path,
        properties: Mapping[str, str] | None = None,
        repeatable: bool = False,
        lookup: bool = False,
    ) -> None:
        super().__init__()
        self._start = functools.partial(Worker, folder, dict(properties or {}), repeatable, lookup)
        self._worker = self._start()  # loads while the next line does
        from transformers import AutoTokenizer

        self.name, self.scheme = name, scheme
        self._tokenizer = AutoTokenizer.from_pretrained(folder)
        self._change = threading.Lock()
        self._worker.wait_until_ready()

    def stream(
        self, messages: Messages, max_new_tokens: int, stop: threading.Event | None = None
    ) -> Iterator[str]:
        """Yield the answer's text as it is decoded."""
        tokens = self._tokens(messages)
        start = time.perf_counter()
        first: float | None = None
        asked = self._living().ask(tokens, max_new_tokens)
        try:
            while "done" not in (reply := asked.reply(stop)):
                first = first or time.perf_counter() - start
                if reply["text"]:
                    yield reply["text"]
        finally:
            asked.end()
        total = time.perf_counter() - start
        usage = Usage(len(tokens), reply["done"], first or total, total, reply["log_prob"])
        self._keep(usage)

    def generate(self, batch: Sequence[Messages], max_new_tokens: int) -> list[tuple[str, Usage]]:
        """The texts that follow these prompts, each of which begins at the same step; what they
        share is read once."""
        prompts = [self._tokens(messages) for messages in batch]
        start = time.perf_counter()
        generations = self._living().ask_together(prompts, max_new_tokens)
        try:
            return [
                _read_out(asked, len(tokens), start)
                for asked, tokens in zip(generations, prompts, strict=True)
            ]
        finally:
            for asked in generations:
                asked.end()

    def _tokens(self, messages: Messages) -> list[int]:
        prompt = chat_text(self._tokenizer, messages)
        tokens: list[int] = self._tokenizer(prompt, add_special_tokens=False)["input_ids"]
        return tokens

    def count_tokens(self, text: str) -> int:
        """How many tokens `text` is."""
        return len(self._tokenizer(text, add_special_tokens=False)["input_ids"])

    def _living(self) -> Worker:
        """The worker; a new one where the last has died."""
        with self._change:
            if self._worker.gone:
                self._worker = self._start()
                self._worker.wait_until_ready()
            return self._worker


def _read_out(asked: Asked, prompt_tokens: int, start: float) -> tuple[str, Usage]:
    """A whole generation. Its first token's second is not watched: what is read late comes late."""
    pieces = []
    while "done" not in (reply := asked.reply()):
        pieces.append(reply["text"])
    spent = time.perf_counter() - start
    usage = Usage(prompt_tokens, reply["done"], spent, spent, reply["log_prob"])
    return "".join(pieces), usage


class Worker:
    """A running model process. It ends when this object is forgotten, or this process ends."""

    def __init__(
        self,
        folder: Path,
        properties: Mapping[str, str],
        repeatable: bool = False,
        lookup: bool = False,
    ) -> None:
        paths = [str(_ROOT), os.environ.get("PYTHONPATH", "")]
        self._folder = folder
        self._process = subprocess.Popen(
            # -P: a folder named like one of ours where the user stands must not be imported
            [
                *(sys.executable, "-P", "-m", "assistant.openvino_worker"),
                *(str(folder), json.dumps(dict(properties))),
                *(json.dumps(repeatable), json.dumps(lookup)),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in paths if path)},
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._requests: TextIO = self._process.stdin  # type: ignore[assignment]
        self._writing = threading.Lock()
        self._numbers = itertools.count(1)
        self._board = _Board()
        weakref.finalize(self, _quit, self._process)

    @property
    def gone(self) -> str | None:
        """Why the process has ended; None while it runs."""
        return self._board.gone

    def wait_until_ready(self) -> None:
        """Return once the model is loaded; EngineError where it cannot be."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        reply: Reply = json.loads(line) if line else {"failed": _last_words(self._process)}
        if "failed" in reply:
            raise EngineError(
                f"{self._folder} cannot be loaded ({reply['failed']}); make it again with "
                "`tenq quantize`"
            )
        arguments = (self._process, self._board)
        threading.Thread(target=_deliver, args=arguments, daemon=True).start()

    def ask(self, tokens: list[int], max_new_tokens: int) -> Asked:
        """Begin a generation."""
        number = next(self._numbers)
        asked = Asked(self, number, self._board.add(number))
        self.send({"id": number, "tokens": tokens, "max_new_tokens": max_new_tokens})
        return asked

    def ask_together(self, prompts: Sequence[list[int]], max_new_tokens: int) -> list[Asked]:
        """Begin generations that share every step from the first on, so that what each is computed
        beside does not depend on when it arrives."""
        numbers = [next(self._numbers) for _ in prompts]
        generations = [Asked(self, number, self._board.add(number)) for number in numbers]
        self.send(
            {
                "shared": shared_prefixes(prompts),
                "all": [
                    {"id": number, "tokens": tokens, "max_new_tokens": max_new_tokens}
                    for number, tokens in zip(numbers, prompts, strict=True)
                ],
            }
        )
        return generations

    def send(self, message: Reply) -> None:
        """Hand over one line; a process that is gone has told everyone already."""
        try:
            with self._writing:
                self._requests.write(json.dumps(message) + "\n")
                self._requests.flush()
        except OSError:
            pass

    def forget(self, number: int) -> None:
        """Keep no more replies to this one."""
        self._board.drop(number)


class Asked:
    """One generation, as its reader sees it."""

    def __init__(self, worker: Worker, number: int, replies: queue.SimpleQueue[Reply]) -> None:
        self._worker, self._number, self._replies = worker, number, replies
        self._stopped = self._over = False

    def reply(self, stop: threading.Event | None = None) -> Reply:
        """The next {"text"}, or {"done": tokens, "log_prob": their mean}, which comes soon once
        `stop` is set. EngineError where the model failed."""
        while True:
            if stop is not None and stop.is_set():
                self._stop()
            try:
                reply = self._replies.get(timeout=_POLL_S)
            except queue.Empty:
                continue
            self._over = "text" not in reply
            if "error" in reply:
                raise EngineError(f"the model failed while answering: {reply['error']}")
            return reply

    def end(self) -> None:
        """Stop, unless it is over; returns when the model is free of it."""
        self._stop()
        while not self._over:
            self._over = "text" not in self._replies.get()
        self._worker.forget(self._number)

    def _stop(self) -> None:
        if not self._stopped and not self._over:
            self._stopped = True
            self._worker.send({"id": self._number})


class _Board:
    """Where replies are put for those who wait for them."""

    def __init__(self) -> None:
        self.gone: str | None = None
        self._waiting: dict[int, queue.SimpleQueue[Reply]] = {}
        self._change = threading.Lock()

    def add(self, number: int) -> queue.SimpleQueue[Reply]:
        replies: queue.SimpleQueue[Reply] = queue.SimpleQueue()
        with self._change:
            self._waiting[number] = replies
            if self.gone:
                replies.put({"error": self.gone})
        return replies

    def drop(self, number: int) -> None:
        with self._change:
            self._waiting.pop(number, None)

    def put(self, reply: Reply) -> None:
        with self._change:
            if reply["id"] in self._waiting:
                self._waiting[reply["id"]].put(reply)

    def close(self, why: str) -> None:
        with self._change:
            self.gone = why
            for replies in self._waiting.values():
                replies.put({"error": why})


def _deliver(process: subprocess.Popen[str], board: _Board) -> None:
    """Put replies up until the process ends. Holds no Worker: a forgotten one must end."""
    assert process.stdout is not None
    with process.stdout as replies:
        for line in replies:
            try:
                reply = json.loads(line)
            except ValueError:
                break  # killed within a line
            board.put(reply)
    board.close(_last_words(process))


def _last_words(process: subprocess.Popen[str]) -> str:
    code = process.wait()
    if code >= 0:
        return f"its process ended with code {code}; what it printed says why"
    short = "; was memory short?" if -code == signal.SIGKILL else ""
    return f"its process was ended by {signal.Signals(-code).name}{short}"


def _quit(process: subprocess.Popen[str]) -> None:
    """End the process; its memory is free when this returns."""
    assert process.stdin is not None
    try:
        process.stdin.close()
        process.wait(_QUIT_S)
    except (OSError, subprocess.TimeoutExpired):
        process.kill()
        process.wait()
