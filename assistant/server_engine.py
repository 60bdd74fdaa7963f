"""A model behind an address: any server that speaks the OpenAI protocol (vLLM, llama.cpp).

What is asked goes to that server, evidence and all. Its greedy decoding is its own: most servers
repeat themselves, none promises it.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import math
import queue
import threading
import time
import weakref
from collections.abc import Coroutine, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeVar

from assistant.engine import AT_ONCE, CountsUsage, Messages, Usage
from assistant.errors import EngineError
from assistant.server_address import api_key, read_address
from assistant.server_problems import (
    broke_off,
    check_status,
    explained,
    failed_within,
    odd_answer,
)

SERVER = "server"  # the scheme: how many bits it runs at, only the server knows
CONNECT_S = 10.0
SILENCE_S = 120.0  # without a byte, after which a server is given up
_CHARACTERS_PER_TOKEN = 3  # cautious: English has about four, tables of numbers down to two
_POLL_S = 0.05

_T = TypeVar("_T")


class ServerEngine(CountsUsage):
    """An Engine that asks a server; several at once, which servers batch.

    Tokens are counted by the server's own /tokenize where it has one, else estimated at three
    characters each. `memory_mb` is 0: the model takes none here.
    """

    scheme = SERVER
    parallel = AT_ONCE
    memory_mb = 0.0

    def __init__(self, model: str) -> None:
        """EngineError where nobody answers there, or the model is not served."""
        super().__init__()
        self._address = read_address(model)
        self._client = _client(self._address.url)
        # Connections belong to an event loop; it runs in a thread, and what waits can be cancelled.
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        weakref.finalize(self, self._loop.call_soon_threadsafe, self._loop.stop)
        self._served = self._await(self._served_name())
        self.name = f"{self._address.url}#{self._served}"
        self._tokenize = self._await(self._find_tokenize())

    def generate(self, batch: Sequence[Messages], max_new_tokens: int) -> list[tuple[str, Usage]]:
        """The texts that follow these prompts, as many asked at once as the server is given."""

        def one(messages: Messages) -> tuple[str, Usage]:
            text = "".join(self.stream(messages, max_new_tokens))
            return text, self.usage or Usage(0, 0, 0.0, 0.0)

        with ThreadPoolExecutor(self.parallel) as pool:
            return list(pool.map(one, batch))

    def stream(
        self, messages: Messages, max_new_tokens: int, stop: threading.Event | None = None
    ) -> Iterator[str]:
        """Yield the answer's text as it comes; the connection is closed where it ends early."""
        body = {
            "model": self._served,
            "messages": messages,
            "max_tokens": max_new_tokens,
            "temperature": 0,
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        start = time.perf_counter()
        first: float | None = None
        said: list[str] = []
        arrived: queue.SimpleQueue[str | _End] = queue.SimpleQueue()
        answering = self._start(self._answer(body, arrived))
        try:
            while stop is None or not stop.is_set():
                try:
                    piece = arrived.get(timeout=_POLL_S)
                except queue.Empty:
                    continue
                if isinstance(piece, _End):
                    break
                first = first or time.perf_counter() - start
                said.append(piece)
                yield piece
            else:
                piece = _End()
        finally:
            answering.cancel()  # nothing, where it is over
        if piece.error:
            raise piece.error
        total = time.perf_counter() - start
        prompt = piece.usage.get("prompt_tokens")
        if prompt is None:  # stopped, or a server that does not count
            prompt = _estimate("".join(message["content"] for message in messages))
        completion = piece.usage.get("completion_tokens", len(said))
        self._keep(Usage(prompt, completion, first or total, total))

    def count_tokens(self, text: str) -> int:
        """How many tokens `text` is, or cautiously may be."""
        if self._tokenize is None or not text:
            return _estimate(text)
        count = self._await(self._count(text, self._tokenize))
        return _estimate(text) if count is None else count

    # -- on the event loop -------------------------------------------------------------------

    async def _served_name(self) -> str:
        """The name to ask for: the one in the address, if the server has it, else its first."""
        response = await self._client.get(f"{self._address.url}/models")
        wanted = self._address.model
        if response.status_code == 404 and wanted:
            return wanted  # a server without a list of models
        check_status(response, self._address.url, "/models")
        try:
            names = [str(entry["id"]) for entry in response.json()["data"]]
        except (ValueError, KeyError, TypeError) as error:
            raise odd_answer(self._address.url, response.text) from error
        if wanted is None and not names:
            raise EngineError(f"the server at {self._address.url} serves no model; start one there")
        if wanted and names and wanted not in names:
            raise EngineError(
                f"the server at {self._address.url} does not serve {wanted!r}; it serves "
                f"{', '.join(names[:5])}: write {self._address.url}#{names[0]}"
            )
        return wanted or names[0]

    async def _find_tokenize(self) -> str | None:
        """What the server's /tokenize calls the text; None where it has no such endpoint."""
        import httpx

        for key in ("prompt", "content"):  # vLLM, llama.cpp
            with contextlib.suppress(httpx.HTTPError):
                if await self._count("one two", key):
                    return key
        return None

    async def _count(self, text: str, key: str) -> int | None:
        body = {"model": self._served, key: text, "add_special_tokens": False}
        response = await self._client.post(f"{self._address.root}/tokenize", json=body)
        try:
            found = response.json() if response.is_success else {}
            return int(found["count"] if "count" in found else len(found["tokens"]))
        except (ValueError, KeyError, TypeError):
            return None

    async def _answer(self, body: dict[str, Any], out: queue.SimpleQueue[str | _End]) -> None:
        """Put the answer's pieces and, whatever happens, an _End."""
        end = _End()
        try:
            url = f"{self._address.url}/chat/completions"
            async with self._client.stream("POST", url, json=body) as response:
                if not response.is_success:
                    await response.aread()
                    check_status(response, self._address.url, "/chat/completions")
                async for line in response.aiter_lines():
                    # Read on after the end: leaving an async iterator half-way leaks it. The
                    # reader has left by then, and cancels what is still open.
                    if not end.closed and (piece := self._read(line, end)):
                        out.put(piece)
                    elif end.closed:
                        out.put(end)
            if not end.finished:
                raise broke_off(self._address.url)
        except Exception as error:
            if not end.closed:
                end.error = explained(error, self._address.url, SILENCE_S)
        finally:
            out.put(end)

    def _read(self, line: str, end: _End) -> str | None:
        """One line of server-sent events -> text; what else it says goes to `end`."""
        data = line.removeprefix("data:").strip()
        if not data or line.startswith((":", "event:", "id:", "retry:")):
            return None  # a pause, a comment to keep the line open
        if data == "[DONE]":
            end.finished = end.closed = True
            return None
        try:
            event = json.loads(data)
            if event.get("error"):
                raise failed_within(self._address.url, event)
            end.usage = event.get("usage") or end.usage
            text = ""
            for choice in event["choices"]:
                end.finished = end.finished or bool(choice.get("finish_reason"))
                text += choice["delta"].get("content") or ""
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise odd_answer(self._address.url, data) from error
        return text

    # -- between the threads -----------------------------------------------------------------

    def _start(self, work: Coroutine[Any, Any, _T]) -> Future[_T]:
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def _await(self, work: Coroutine[Any, Any, _T]) -> _T:
        try:
            return self._start(work).result()
        except Exception as error:
            raise explained(error, self._address.url, SILENCE_S) from error


@dataclass
class _End:
    """The end of an answer: what the server counted, or why there is no more."""

    usage: dict[str, Any] = field(default_factory=dict)
    finished: bool = False  # the server says why the text ends
    closed: bool = False  # and that nothing follows
    error: EngineError | None = None


def _client(url: str) -> Any:
    import httpx

    key = api_key()
    return httpx.AsyncClient(
        headers={"Authorization": f"Bearer {key}"} if key else {},
        timeout=httpx.Timeout(SILENCE_S, connect=CONNECT_S, pool=None),
        follow_redirects=False,  # a key is for the server that was named, and for no other
        # A proxy of the environment leads outwards; this machine is not there.
        trust_env=httpx.URL(url).host not in ("localhost", "127.0.0.1", "::1"),
    )


def _estimate(text: str) -> int:
    return math.ceil(len(text) / _CHARACTERS_PER_TOKEN)
