"""A model behind an OpenAI-compatible server (vLLM, llama.cpp, OpenVINO Model Server), by address.

MODEL is `http://host:port/v1`, or that with `#name` where the server holds several models. A key,
where the server wants one, comes from the environment (TENQ_API_KEY), so that it stands in no
history and no process list.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from assistant.engine import Messages, Usage
from assistant.errors import EngineError

_TIMEOUT = httpx.Timeout(120.0, connect=10.0)  # seconds; a long prompt may take its time
_CHARACTERS_A_TOKEN = 3  # fewer than English has: a guess that does not overfill the prompt
_KEY = "TENQ_API_KEY"


class ServerEngine:
    """See the module. Raises EngineError where the server cannot be reached or holds no model."""

    scheme = "server"

    def __init__(self, address: str) -> None:
        self.name = address
        self._base, _, model = address.partition("#")
        key = os.environ.get(_KEY)
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._client = httpx.Client(headers=headers, timeout=_TIMEOUT, follow_redirects=False)
        self.usage: Usage | None = None
        self._counts = True  # whether the server counts tokens
        self._model = model or self._first_model()

    def stream(
        self, messages: Messages, max_new_tokens: int, stop: threading.Event | None = None
    ) -> Iterator[str]:
        """Yield the answer's text as it arrives; leaving early closes the connection."""
        body = {
            "model": self._model,
            "messages": messages,
            "max_tokens": max_new_tokens,
            "temperature": 0,
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        began = time.perf_counter()
        first: float | None = None
        pieces, counted = 0, None
        url = f"{self._base.rstrip('/')}/chat/completions"
        with self._said_plainly(), self._client.stream("POST", url, json=body) as response:
            self._check(response)
            for event in _events(response):
                counted = event.get("usage") or counted
                for piece in _texts(event):
                    first = first or time.perf_counter() - began
                    pieces += 1
                    yield piece
                if stop is not None and stop.is_set():
                    break
        spent = time.perf_counter() - began
        counted = counted or {}
        self.usage = Usage(
            int(counted.get("prompt_tokens") or 0),
            int(counted.get("completion_tokens") or pieces),
            first or spent,
            spent,
        )

    def count_tokens(self, text: str) -> int:
        """How many tokens `text` is, as the server counts; a guess from above where it does not."""
        if self._counts:
            # Not under /v1; vLLM reads "prompt", llama.cpp "content".
            url = f"{self._base.rstrip('/').removesuffix('/v1')}/tokenize"
            body = {"model": self._model, "prompt": text, "content": text}
            try:
                known = self._client.post(url, json={**body, "add_special_tokens": False}).json()
                return int(known["count"] if "count" in known else len(known["tokens"]))
            except (httpx.HTTPError, ValueError, KeyError, TypeError):
                self._counts = False
        return -(-len(text) // _CHARACTERS_A_TOKEN)

    def _first_model(self) -> str:
        with self._said_plainly():
            response = self._client.get(f"{self._base.rstrip('/')}/models")
            self._check(response)
            try:
                return str(response.json()["data"][0]["id"])
            except (ValueError, KeyError, IndexError, TypeError) as error:
                raise EngineError(
                    f"{self._base} lists no models; is it an OpenAI-compatible server, and does "
                    "the address end in /v1?"
                ) from error

    def _check(self, response: httpx.Response) -> None:
        """EngineError in one line where the server refused."""
        if response.status_code == httpx.codes.OK:
            return
        response.read()
        if response.status_code in (401, 403):
            raise EngineError(f"{self._base} wants a key: set it in the environment as {_KEY}")
        said = _message(response)
        mend = "is the address right, does it end in /v1, and is the model's name after #?"
        raise EngineError(f"{self._base} answered {response.status_code} ({said}); {mend}")

    @contextmanager
    def _said_plainly(self) -> Iterator[None]:
        try:
            yield
        except httpx.TimeoutException as error:
            raise EngineError(f"{self._base} does not answer; is it busy or stopped?") from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise EngineError(
                f"{self._base} cannot be reached or broke off ({error}); is the server running "
                "there?"
            ) from error


def _events(response: httpx.Response) -> Iterator[dict[str, Any]]:
    """The server-sent events of the response. EngineError on what is none."""
    for line in response.iter_lines():
        if not line.startswith("data:"):
            continue
        data = line.removeprefix("data:").strip()
        if data == "[DONE]":
            return
        try:
            event = json.loads(data)
        except ValueError as error:
            raise EngineError(f"the server sent what is not JSON: {data[:80]!r}") from error
        if not isinstance(event, dict) or "error" in event:
            raise EngineError(f"the server failed while answering: {str(event)[:200]}")
        yield event


def _texts(event: dict[str, Any]) -> list[str]:
    """The pieces of text in an event."""
    try:
        found = [choice["delta"].get("content") for choice in event.get("choices") or []]
    except (KeyError, TypeError, AttributeError) as error:
        raise EngineError(f"the server's answer cannot be read: {str(event)[:120]}") from error
    return [piece for piece in found if isinstance(piece, str) and piece]


def _message(response: httpx.Response) -> str:
    """What the server says went wrong, in one short line."""
    try:
        known = response.json()
        error = known.get("error", known) if isinstance(known, dict) else known
        text = error.get("message", error) if isinstance(error, dict) else error
    except ValueError:
        text = response.text
    return " ".join(str(text).split())[:160] or "no message"
