"""An OpenVINO model in a process of its own: reads prompts as they come and answers all that are
there together, a token of each at every step (continuous batching, paged attention).

Why a process: the library's `step()` holds Python's lock for a whole forward pass, up to a second
while prompts are read, in which no page of the chat could be served; and the tables behind prefix
caching carry no lock, so every call has to come from one thread. And where native code dies, for
want of memory say, the chat lives on.

JSON lines in: {"id", "tokens", "max_new_tokens"} to begin, {"id"} to stop; {"all": [...]} to begin
several at one step.
JSON lines out: {"ready"} or {"failed": why} once; then {"id", "text"}, and at the end of each
{"id", "done": completion tokens} or {"id", "error"}. The process ends with its input.

Run as `python -m assistant.openvino_worker FOLDER PROPERTIES PREFIX_CACHING`: a JSON object, and
true or false.
"""

from __future__ import annotations

import json
import os
import queue
import signal
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TextIO

_KV_CACHE_GB = 1

Message = dict[str, Any]


@dataclass
class _Running:
    """A generation under way."""

    handle: Any
    streamer: Any  # tokens -> text, whole characters at a time
    tokens: int = 0


class Batch:
    """A loaded model and the generations that share it. For one thread."""

    def __init__(
        self,
        folder: str,
        properties: dict[str, str],
        prefix_caching: bool,
        reply: Callable[[Message], None],
    ) -> None:
        import openvino_genai

        scheduler = openvino_genai.SchedulerConfig()
        scheduler.cache_size = _KV_CACHE_GB
        scheduler.enable_prefix_caching = prefix_caching
        self._genai = openvino_genai
        self._pipeline = openvino_genai.ContinuousBatchingPipeline(
            folder, scheduler, "CPU", properties
        )
        self._tokenizer = self._pipeline.get_tokenizer()
        self._reply = reply
        self._running: dict[int, _Running] = {}

    @property
    def busy(self) -> bool:
        """Whether there is anything to `step` for."""
        return bool(self._pipeline.has_non_finished_requests())

    def take(self, message: Message) -> None:
        """Begin or stop a generation, or begin several."""
        if "all" in message:
            for each in message["all"]:
                self.take(each)
            return
        number = message["id"]
        if "tokens" in message:
            try:
                self._running[number] = self._begin(message)
            except RuntimeError as error:  # of this prompt alone: too long for the model, say
                self._reply({"id": number, "error": last_line(error)})
        elif number in self._running:
            self._running[number].handle.cancel()
            self._end(number)

    def step(self) -> None:
        """One forward pass for all; what it gave is replied."""
        self._pipeline.step()
        for number, running in list(self._running.items()):
            self._read(number, running)

    def fail(self, why: str) -> None:
        """Tell everyone that nothing more will come."""
        for number in self._running:
            self._reply({"id": number, "error": why})
        self._running.clear()

    def _begin(self, message: Message) -> _Running:
        import numpy as np
        import openvino

        config = self._genai.GenerationConfig()
        config.max_new_tokens = message["max_new_tokens"]
        config.do_sample = False
        number = message["id"]
        prompt = openvino.Tensor(np.array([message["tokens"]], dtype=np.int64))
        streamer = self._genai.TextStreamer(self._tokenizer, lambda text: self._say(number, text))
        return _Running(self._pipeline.add_request(number, prompt, config), streamer)

    def _say(self, number: int, text: str) -> None:
        if text:
            self._reply({"id": number, "text": text})

    def _read(self, number: int, running: _Running) -> None:
        # The status first: what is readable afterwards is then all there will be.
        status = running.handle.get_status()
        while running.handle.can_read():
            for output in running.handle.read().values():
                running.tokens += len(output.generated_ids)
                running.streamer.write(output.generated_ids)
        if status == self._genai.GenerationStatus.IGNORED:
            del self._running[number]
            why = f"what is read at once needs more than the {_KV_CACHE_GB} GB kept for it"
            self._reply({"id": number, "error": f"{why}; ask again, or ask for less"})
        elif status != self._genai.GenerationStatus.RUNNING:
            self._end(number)

    def _end(self, number: int) -> None:
        running = self._running.pop(number)
        running.streamer.end()
        self._reply({"id": number, "done": running.tokens})


def last_line(error: Exception) -> str:
    """What OpenVINO's error says; where in its sources it arose stands before that."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1][:200] if lines else type(error).__name__


def serve(
    folder: str,
    properties: dict[str, str],
    prefix_caching: bool,
    requests: TextIO,
    replies: TextIO,
) -> int:
    """Load, then answer until `requests` ends. Returns the exit code."""

    def reply(message: Message) -> None:
        replies.write(json.dumps(message) + "\n")
        replies.flush()

    try:
        batch = Batch(folder, properties, prefix_caching, reply)
    except Exception as error:
        reply({"failed": last_line(error)})
        return 2
    reply({"ready": True})
    arrived: queue.SimpleQueue[Message | None] = queue.SimpleQueue()
    threading.Thread(target=_arrive, args=(requests, arrived), daemon=True).start()
    while True:
        while not batch.busy or not arrived.empty():
            message = arrived.get()
            if message is None:
                return 0
            batch.take(message)
        try:
            batch.step()
        except Exception as error:
            batch.fail(last_line(error))  # a pipeline that failed within a step is not used again
            return 3


def _arrive(requests: TextIO, arrived: queue.SimpleQueue[Message | None]) -> None:
    for line in requests:
        arrived.put(json.loads(line))
    arrived.put(None)


def main(arguments: list[str]) -> int:
    """Serve on stdin and stdout; what libraries print goes to stderr."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the process that started this one
    replies = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    try:
        folder, properties, prefix_caching = arguments
        options = json.loads(properties), json.loads(prefix_caching)
        return serve(folder, *options, sys.stdin, replies)
    except BrokenPipeError:  # nobody reads any more
        return 0


if __name__ == "__main__":
    code = main(sys.argv[1:])
    sys.stderr.flush()
    os._exit(code)  # taking native threads down in order takes seconds, and nothing is left to save
