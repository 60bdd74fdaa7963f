"""An OpenVINO model in a process of its own: reads prompts as they come and answers all that are
there together, a token of each at every step (continuous batching, paged attention).

Why a process: the library's `step()` holds Python's lock for a whole forward pass, up to a second
while prompts are read, in which no page of the chat could be served; and the tables behind prefix
caching carry no lock, so every call has to come from one thread. And where native code dies, for
want of memory say, the chat lives on.

JSON lines in: {"id", "tokens", "max_new_tokens"} to begin, {"id"} to stop; {"all": [...], "shared":
[beginnings to read before]} to begin several at one step.
JSON lines out: {"ready"} or {"failed": why} once; then {"id", "text"}, and at the end of each
{"id", "done": completion tokens, "log_prob": their mean} or {"id", "error"}. The process ends with
its input.

Run as `python -m assistant.openvino_worker FOLDER PROPERTIES REPEATABLE`: a JSON object, and true
where what begins together is to find nothing in the prefix cache, or false.
"""

from __future__ import annotations

import contextlib
import itertools
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
# Tokens read in one step. Many at once are read a fifth faster, but nobody gets a word meanwhile:
# for evaluations, not for readers, who have the library's 256.
_STEP_TOKENS_UNWATCHED = 4096
_LOOKED_UP, _LAST_WORDS = 5, 3  # tokens tried in a step; the most of the last ones looked up

Message = dict[str, Any]


@dataclass
class _Running:
    """A generation under way."""

    handle: Any
    streamer: Any  # tokens -> text, whole characters at a time
    tokens: int = 0
    log_probs: float = 0.0  # the sum


class Batch:
    """A loaded model and the generations that share it. For one thread."""

    def __init__(
        self,
        folder: str,
        properties: dict[str, str],
        repeatable: bool,
        lookup: bool,
        reply: Callable[[Message], None],
    ) -> None:
        import openvino_genai

        self._genai = openvino_genai
        self._folder, self._properties, self._repeatable = folder, properties, repeatable
        self._lookup = lookup
        self._pipeline = self._loaded()
        self._tokenizer = self._pipeline.get_tokenizer()
        self._reply = reply
        self._running: dict[int, _Running] = {}
        self._shared = itertools.count(2**40)  # numbers of beginnings that nobody waits for

    def _loaded(self) -> Any:
        """The model with an empty prefix cache."""
        scheduler = self._genai.SchedulerConfig()
        scheduler.cache_size = _KV_CACHE_GB
        scheduler.enable_prefix_caching = True
        if self._repeatable:
            scheduler.max_num_batched_tokens = _STEP_TOKENS_UNWATCHED
        lookup = {"prompt_lookup": True} if self._lookup else {}
        return self._genai.ContinuousBatchingPipeline(
            self._folder, scheduler, "CPU", {**self._properties, **lookup}
        )

    @property
    def busy(self) -> bool:
        """Whether there is anything to `step` for."""
        return bool(self._pipeline.has_non_finished_requests())

    def take(self, message: Message) -> None:
        """Begin or stop a generation, or begin several."""
        if "all" in message:
            self._read_shared(message["shared"])
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

    def _read_shared(self, beginnings: list[list[int]]) -> None:
        """Fill the prefix cache, an empty one where answers have to be repeatable: what was asked
        before would decide what is found in it, and rounding with that."""
        if self._repeatable:
            while self.busy:
                self.step()
            del self._pipeline  # the memory of one is free before the other takes it
            self._pipeline = self._loaded()
        with contextlib.suppress(RuntimeError):  # too long: its prompts will say so
            reading = [self._add(next(self._shared), tokens, 1) for tokens in beginnings]
            while any(self._goes_on(handle) for handle in reading):
                self.step()

    def _goes_on(self, handle: Any) -> bool:
        return bool(handle.get_status() == self._genai.GenerationStatus.RUNNING)

    def _begin(self, message: Message) -> _Running:
        number = message["id"]
        streamer = self._genai.TextStreamer(self._tokenizer, lambda text: self._say(number, text))
        handle = self._add(number, message["tokens"], message["max_new_tokens"])
        return _Running(handle, streamer)

    def _add(self, number: int, tokens: list[int], max_new_tokens: int) -> Any:
        import numpy as np
        import openvino

        config = self._genai.GenerationConfig()
        config.max_new_tokens = max_new_tokens
        config.do_sample = False
        config.logprobs = 1
        if self._lookup:
            config.num_assistant_tokens, config.max_ngram_size = _LOOKED_UP, _LAST_WORDS
        prompt = openvino.Tensor(np.array([tokens], dtype=np.int64))
        return self._pipeline.add_request(number, prompt, config)

    def _say(self, number: int, text: str) -> None:
        if text:
            self._reply({"id": number, "text": text})

    def _read(self, number: int, running: _Running) -> None:
        # The status first: what is readable afterwards is then all there will be.
        status = running.handle.get_status()
        while running.handle.can_read():
            if not running.tokens:
                # The streamer may keep the first tokens' text back; when they came is told.
                self._reply({"id": number, "text": ""})
            for output in running.handle.read().values():
                running.tokens += len(output.generated_ids)
                running.log_probs += sum(output.generated_log_probs)
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
        mean = running.log_probs / running.tokens if running.tokens else None
        self._reply({"id": number, "done": running.tokens, "log_prob": mean})


def last_line(error: Exception) -> str:
    """What OpenVINO's error says; where in its sources it arose stands before that."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1][:200] if lines else type(error).__name__


def serve(
    folder: str,
    properties: dict[str, str],
    repeatable: bool,
    lookup: bool,
    requests: TextIO,
    replies: TextIO,
) -> int:
    """Load, then answer until `requests` ends. Returns the exit code."""

    def reply(message: Message) -> None:
        replies.write(json.dumps(message) + "\n")
        replies.flush()

    try:
        batch = Batch(folder, properties, repeatable, lookup, reply)
    except Exception as error:
        reply({"failed": last_line(error)})
        return 2
    reply({"ready": True})
    arrived: queue.SimpleQueue[Message | None] = queue.SimpleQueue()
    threading.Thread(target=_arrive, args=(requests, arrived), daemon=True).start()
    while True:
        try:
            while not batch.busy or not arrived.empty():
                message = arrived.get()
                if message is None:
                    return 0
                batch.take(message)
            batch.step()
        except Exception as error:
            print(last_line(error), file=sys.stderr)
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
        folder, properties, repeatable, lookup = arguments
        options = json.loads(properties), json.loads(repeatable), json.loads(lookup)
        return serve(folder, *options, sys.stdin, replies)
    except BrokenPipeError:  # nobody reads any more
        return 0


if __name__ == "__main__":
    code = main(sys.argv[1:])
    sys.stderr.flush()
    os._exit(code)  # taking native threads down in order takes seconds, and nothing is left to save
