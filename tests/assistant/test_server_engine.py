"""A model behind an address, against a real server that speaks the protocol, and its failures."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest

from assistant.assistant import Assistant
from assistant.engine import load_engine
from assistant.errors import EngineError
from assistant.lineage import full_model_of
from eval.errors import EvaluationError
from eval.logits import load_logits
from eval.models import find_model
from index.store import Store

MESSAGES = [{"role": "user", "content": "What was total revenue?"}]


class Server(BaseHTTPRequestHandler):
    """Answers "Total revenue was 1,284." a word at a time, or fails as its address says."""

    seen: ClassVar[list[dict[str, Any]]] = []
    keys: ClassVar[list[str | None]] = []
    protocol_version = "HTTP/1.0"

    def log_message(self, format: str, *args: object) -> None:
        """Nothing on stderr."""

    def do_GET(self) -> None:
        kind = self.path.split("/")[1]
        if kind == "page":
            self._send(200, b"<html>hello</html>")
            return
        if kind == "empty":
            self._json({"data": []})
            return
        if kind == "locked" and self.headers.get("Authorization") != "Bearer secret":
            self._json({"error": {"message": "no key"}}, 401)
            return
        self._json({"data": [{"id": "first"}, {"id": "second"}]})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        kind = self.path.split("/")[1]
        if self.path.endswith("/tokenize"):
            if kind == "uncounted":
                self._json({"error": "no such path"}, 404)
                return
            self._json({"tokens": body["content"].split()})
            return
        self.seen.append(body)
        self.keys.append(self.headers.get("Authorization"))
        if kind == "broken":
            self._json({"error": {"message": "the card\nran out of memory"}}, 500)
            return
        if kind == "moved":
            self.send_response(302)
            self.send_header("Location", "http://127.0.0.1:1/")
            self.end_headers()
            return
        self.send_response(200)
        self.end_headers()
        for n, word in enumerate("Total revenue was 1,284. [1]".split(" ")):
            if kind == "garbled" and n == 2:
                self._write("data: {oops\n\n")
                return
            if kind == "failing" and n == 2:
                self._write('data: {"error": {"message": "cancelled"}}\n\n')
                return
            self._write("data: " + json.dumps({"choices": [{"delta": {"content": f"{word} "}}]}))
            self._write("\n\n")
        if kind == "endless":
            for _ in range(100_000):
                self._write('data: {"choices": [{"delta": {"content": "more "}}]}\n\n')
        usage = {"prompt_tokens": 17, "completion_tokens": 6}
        self._write("data: " + json.dumps({"choices": [], "usage": usage}) + "\n\n")
        self._write("data: [DONE]\n\n")

    def _json(self, value: object, status: int = 200) -> None:
        self._send(status, json.dumps(value).encode())

    def _send(self, status: int, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _write(self, text: str) -> None:
        self.wfile.write(text.encode())
        self.wfile.flush()


@pytest.fixture
def address() -> Iterator[str]:
    class Quiet(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: Any, client_address: Any) -> None:
            """A reader that left: expected."""

    server = Quiet(("127.0.0.1", 0), Server)
    Server.seen.clear()
    Server.keys.clear()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_an_answer_streams_and_is_counted(address: str, tmp_path: Path) -> None:
    engine = load_engine(f"{address}/good/v1", tmp_path)
    assert engine.scheme == "server"
    pieces = list(engine.stream(MESSAGES, 30))
    assert "".join(pieces) == "Total revenue was 1,284. [1] " and len(pieces) == 5
    assert engine.usage is not None
    assert (engine.usage.prompt_tokens, engine.usage.completion_tokens) == (17, 6)
    (sent,) = Server.seen
    assert sent["model"] == "first" and sent["temperature"] == 0 and sent["max_tokens"] == 30
    assert sent["messages"] == MESSAGES


def test_a_model_is_named_after_the_hash(address: str, tmp_path: Path) -> None:
    list(load_engine(f"{address}/good/v1#second", tmp_path).stream(MESSAGES, 3))
    assert Server.seen[0]["model"] == "second"


def test_tokens_are_counted_by_the_server_or_guessed(address: str, tmp_path: Path) -> None:
    assert load_engine(f"{address}/good/v1", tmp_path).count_tokens("three words here") == 3
    engine = load_engine(f"{address}/uncounted/v1", tmp_path)
    assert engine.count_tokens("three words here") == 6
    assert engine.count_tokens("") == 0


def test_leaving_or_stopping_ends_an_endless_answer(address: str, tmp_path: Path) -> None:
    engine = load_engine(f"{address}/endless/v1", tmp_path)
    stream = engine.stream(MESSAGES, 30)
    next(stream)
    stream.close()  # type: ignore[attr-defined]
    stop = threading.Event()
    stop.set()
    assert len(list(engine.stream(MESSAGES, 30, stop))) < 5


def test_the_key_comes_from_the_environment(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(EngineError, match="TENQ_API_KEY"):
        load_engine(f"{address}/locked/v1", tmp_path)
    monkeypatch.setenv("TENQ_API_KEY", "secret")
    engine = load_engine(f"{address}/locked/v1", tmp_path)
    list(engine.stream(MESSAGES, 3))
    assert Server.keys == ["Bearer secret"]


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("page", "lists no models"),
        ("empty", "lists no models"),
        ("broken", r"answered 500 \(the card ran out of memory\)"),
        ("moved", "answered 302"),
        ("garbled", "not JSON"),
        ("failing", "failed while answering"),
    ],
)
def test_failures_are_one_line(kind: str, said: str, address: str, tmp_path: Path) -> None:
    with pytest.raises(EngineError, match=said) as caught:
        list(load_engine(f"{address}/{kind}/v1", tmp_path).stream(MESSAGES, 3))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("model", ["http://127.0.0.1:1/v1", "http://", "https://[::bad/v1"])
def test_where_no_server_is(model: str, tmp_path: Path) -> None:
    with pytest.raises(EngineError) as caught:
        load_engine(model, tmp_path)
    assert "\n" not in str(caught.value)


def test_a_server_answers_from_the_filings(address: str, store: Store) -> None:
    engine = load_engine(f"{address}/good/v1", store.path)
    assistant = Assistant(store, engine)
    question = "Why did Larkspur Valve Company's revenue change in fiscal 2024?"
    answer = assistant.ask(question)
    assert not answer.refused
    assert [citation.page for citation in answer.citations] == [2]
    assert answer.model["scheme"] == "server"


def test_a_server_can_be_evaluated_but_gives_no_probabilities(tmp_path: Path) -> None:
    one, other = (find_model(f"http://host/v1#{name}", tmp_path) for name in "ab")
    assert one.sha256 != other.sha256 and one.label == "http://host/v1#a"
    assert full_model_of("http://host/v1", tmp_path) is None
    with pytest.raises(EvaluationError, match="no probabilities"):
        load_logits(one)
    with pytest.raises(EngineError, match="server's to choose"):
        load_engine("http://host/v1@fp32", tmp_path)
