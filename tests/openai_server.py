"""A small real HTTP server that speaks the OpenAI protocol, well or badly, for tests."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

WORDS = ["Net ", "sales ", "were ", "$812 ", "million ", "(€)."]


class OpenAIServer:
    """Answers every question with `words`, `pause_s` apart. `mode` says what it does wrong;
    `tokenize` is "vllm", "llama.cpp" or None."""

    def __init__(self) -> None:
        self.mode = ""
        self.closed = False
        self.tokenize: str | None = None
        self.models = ["tiny-chat", "other-chat"]
        self.words = WORDS
        self.pause_s = 0.0
        self.key: str | None = None
        self.bodies: list[dict[str, Any]] = []  # of the chat requests
        self.elsewhere: list[str] = []  # paths that nothing should ask for
        self.cut_short = threading.Event()  # a client went away
        self.at_once = self.most_at_once = 0
        self._lock = threading.Lock()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._http.daemon_threads = True
        self.root = f"http://127.0.0.1:{self._http.server_address[1]}"
        self.url = f"{self.root}/v1"
        threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        self.closed = True
        self._http.shutdown()
        self._http.server_close()

    @contextmanager
    def counted(self) -> Iterator[None]:
        with self._lock:
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            yield
        finally:
            with self._lock:
                self.at_once -= 1

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(_Handler):
            owner = server

        return Handler


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    owner: OpenAIServer

    def log_message(self, *_: Any) -> None:
        pass

    def do_GET(self) -> None:
        if self._refused():
            return
        if self.owner.mode == "html":
            self._send(200, "<!DOCTYPE html><html>Welcome</html>", "text/html")
        elif self.owner.mode == "redirect":
            self._send(302, "", "text/plain", {"Location": f"{self.owner.root}/elsewhere"})
        elif self.path == "/v1/models":
            self._json(200, {"data": [{"id": name} for name in self.owner.models]})
        else:
            self.owner.elsewhere.append(self.path)
            self._json(404, {"error": {"message": "no such page"}})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self._refused():
            return
        if self.path == "/tokenize":
            self._tokens(body)
        elif self.path == "/v1/chat/completions":
            self.owner.bodies.append(body)
            with self.owner.counted():
                self._chat(body)
        else:
            self.owner.elsewhere.append(self.path)
            self._json(404, {"error": {"message": "no such page"}})

    def _refused(self) -> bool:
        if self.owner.closed:  # a connection kept alive: hang up
            self.close_connection = True
            return True
        key = self.owner.key
        if key is None or self.headers.get("Authorization") == f"Bearer {key}":
            return False
        said = self.headers.get("Authorization", "")
        self._json(401, {"error": {"message": f"Incorrect API key provided: {said}"}})
        return True

    def _tokens(self, body: dict[str, Any]) -> None:
        if self.owner.tokenize == "vllm" and "prompt" in body:
            self._json(200, {"count": len(body["prompt"].split()), "tokens": []})
        elif self.owner.tokenize == "llama.cpp":
            self._json(200, {"tokens": body.get("content", "").split()})
        else:
            self._json(404, {"error": "not found"})

    def _chat(self, body: dict[str, Any]) -> None:
        mode = self.owner.mode
        if mode == "500":
            self._json(500, {"error": {"message": "CUDA out\nof memory"}})
            return
        if mode == "404":
            self._json(404, {"error": {"message": f"The model `{body['model']}` does not exist"}})
            return
        if mode == "not a stream":
            self._json(200, {"choices": [{"message": {"content": "all at once"}}]})
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        try:
            self._events(body, mode)
        except OSError:
            self.owner.cut_short.set()
        self.close_connection = True

    def _events(self, body: dict[str, Any], mode: str) -> None:
        self._line(": ready\n")
        self._event({"choices": [{"delta": {"role": "assistant", "content": None}}]})
        said = self.owner.words[: body["max_tokens"]]
        for n, word in enumerate(said):
            time.sleep(self.owner.pause_s)
            if mode == "dies" and n == 2:
                return
            if mode == "garbage" and n == 2:
                self._line("data: {oh dear\n")
            if mode == "error" and n == 2:
                self._event({"error": {"message": "the engine died"}})
                return
            if mode == "silent" and n == 2:
                time.sleep(3)
            self._event({"choices": [{"delta": {"content": word}, "finish_reason": None}]})
        self._event({"choices": [{"delta": {}, "finish_reason": "stop"}]})
        if mode != "no usage":
            usage = {"prompt_tokens": 31, "completion_tokens": len(said)}
            self._event({"choices": [], "usage": usage})
        self._line("data: [DONE]\n")

    def _event(self, event: dict[str, Any]) -> None:
        self._line(f"data: {json.dumps(event, ensure_ascii=False)}\n")

    def _line(self, line: str) -> None:
        self.wfile.write(f"{line}\n".encode())
        self.wfile.flush()

    def _json(self, code: int, body: dict[str, Any]) -> None:
        self._send(code, json.dumps(body), "application/json")

    def _send(self, code: int, text: str, kind: str, headers: dict[str, str] | None = None) -> None:
        data = text.encode()
        self.send_response(code)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)
