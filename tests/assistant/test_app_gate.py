"""What passes the gate, from whom, and how large."""

from __future__ import annotations

import asyncio
import json
import threading
from types import SimpleNamespace
from typing import Any

import pytest

from assistant.app.gate import LARGEST_BODY, LARGEST_UPLOAD, Gate, OwnPagesOnly, SafeHeaders

COOKIE = {"cookie": "access-token-unsecure-7=adas"}


class Inner:
    """The application behind the gate; says what reached it."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        self.bodies.append(body)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})


class Asker:
    """Sends requests to an ASGI application, as ada by her cookie or as bob."""

    def __init__(self, app: Any) -> None:
        self.app = app
        held = SimpleNamespace(
            lock=threading.Lock(), session_data={"e1": 1, "e2": 2}, time_last_used={"e1": 0}
        )
        tokens = {"adas": "ada", "bobs": "bob"}
        self.known = SimpleNamespace(tokens=tokens, cookie_id="7", state_holder=held)

    def __call__(
        self, path: str, *parts: bytes, kind: str = "http", query: str = "", **headers: str
    ) -> int:
        told: list[dict[str, Any]] = [
            {"type": "http.request", "body": part, "more_body": n + 1 < len(parts)}
            for n, part in enumerate(parts or (b"",))
        ]
        answers: list[Any] = []
        sent = [(k.replace("_", "-").encode(), v.encode()) for k, v in headers.items()]
        scope = {
            "type": kind,
            "method": "POST" if parts else "GET",
            "path": path,
            "query_string": query.encode(),
            "headers": sent,
            "app": self.known,
            "client": ("10.0.0.1", 1),
        }

        async def receive() -> Any:
            return told.pop(0) if told else {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            answers.append(message)

        asyncio.run(self.app(scope, receive, send))
        return int(answers[0].get("status", 0))


@pytest.fixture
def inner() -> Inner:
    return Inner()


def test_only_listed_paths_are_there(inner: Inner) -> None:
    ask = Asker(Gate(inner, sign_in=False))
    for path in ("/", "/config", "/assets/a.js", "/gradio_api/file=/tmp/x", "/gradio_api/mcp"):
        assert ask(path) == 200, path
    for path in (
        *("//config", "/CONFIG", "/config/..", "/assets/../config", "/./config", "/config\0"),
        *("/gradio_api/proxy=http://x", "/gradio_api/vibe-edit", "/gradio_api/deep_link"),
        *("/gradio_api/file=http://x/", "/gradio_api/file=/tmp/../etc/passwd", "/openapi.json"),
    ):
        assert ask(path) == 404, path


def test_what_is_not_open_asks_for_the_cookie(inner: Inner) -> None:
    ask = Asker(Gate(inner, sign_in=True))
    assert ask("/") == ask("/login", b"x") == ask("/assets/a.js") == 200
    for path in ("/config", "/gradio_api/heartbeat/x", "/gradio_api/cancel", "/gradio_api/user"):
        assert ask(path) == ask(path, cookie="access-token-7=eves") == 401, path
        assert ask(path, **COOKIE) == 200, path


def test_an_unused_sign_in_ends(inner: Inner, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("assistant.app.gate.time", SimpleNamespace(monotonic=lambda: now[0]))
    ask = Asker(Gate(inner, sign_in=True))
    for hours, status in ((0, 200), (11, 200), (22, 200), (35, 401), (36, 401)):
        now[0] = hours * 3600.0
        assert ask("/config", **COOKIE) == status
    assert "adas" not in ask.known.tokens


def test_a_session_is_whose_it_was_first(inner: Inner) -> None:
    ask = Asker(Gate(inner, sign_in=True))
    bob = {"cookie": "access-token-7=bobs"}
    body = json.dumps({"session_hash": "s1", "data": []}).encode()
    assert ask("/gradio_api/queue/join", body, **COOKIE) == 200
    for path, query, told in (
        ("/gradio_api/queue/join", "", (body,)),
        ("/gradio_api/queue/data", "session_hash=s1", ()),
        ("/gradio_api/heartbeat/s1", "", ()),
    ):
        assert ask(path, *told, query=query, **bob) == 403, path
        assert ask(path, *told, query=query, **COOKIE) == 200, path


def test_nobody_sends_more_than_others_can_bear(
    inner: Inner, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [1000.0]
    monkeypatch.setattr("assistant.app.gate.time.monotonic", lambda: now[0])
    monkeypatch.setattr("assistant.app.gate.MOST_A_MINUTE", 5)
    ask = Asker(Gate(inner, sign_in=True))
    join = "/gradio_api/queue/join"
    assert [ask(join, b"{}", **COOKIE) for _ in range(7)] == [200] * 5 + [429] * 2
    assert ask("/config", **COOKIE) == 200  # looking is free
    assert ask(join, b"{}", cookie="access-token-7=bobs") == 200  # somebody else
    assert [ask("/login", b"{}") for _ in range(9)] == [200] * 9  # who is shut out elsewhere
    now[0] += 61
    assert ask(join, b"{}", **COOKIE) == 200
    free = Asker(Gate(inner, sign_in=False))
    assert [free(join, b"{}") for _ in range(9)] == [200] * 9


def test_bodies_are_held_to_a_size_and_passed_on_whole(inner: Inner) -> None:
    ask = Asker(Gate(inner, sign_in=False))
    assert ask("/gradio_api/call/ask", b'{"da', b'ta": []}') == 200
    assert inner.bodies == [b'{"data": []}']
    assert ask("/gradio_api/call/ask", b"x" * LARGEST_BODY, b"x") == 413
    assert ask("/gradio_api/call/ask", b"x", content_length=str(LARGEST_BODY + 1)) == 413
    assert ask("/gradio_api/upload", b"x", content_length=str(LARGEST_UPLOAD + 1)) == 413
    assert ask("/gradio_api/call/ask", b"[" * 200_000) == 400


def test_no_file_is_named_by_an_address(inner: Inner) -> None:
    ask = Asker(Gate(inner, sign_in=False))
    for place, status in (("http://10.0.0.1/x", 400), ("https://x", 400), ("/tmp/x", 200)):
        told = {"data": [[{"path": place, "meta": {"_type": "gradio.FileData"}}]]}
        assert ask("/gradio_api/queue/join", json.dumps(told).encode()) == status, place


def test_a_call_that_was_heard_is_forgotten(inner: Inner) -> None:
    ask = Asker(Gate(inner, sign_in=False))
    assert ask("/gradio_api/call/ask/e1") == ask("/gradio_api/call/ask", b"{}") == 200
    assert ask.known.state_holder.session_data == {"e2": 2}
    assert ask.known.state_holder.time_last_used == {}
    ask = Asker(Gate(inner, sign_in=True))
    assert ask("/gradio_api/call/ask/e2") == 401
    assert ask("/gradio_api/queue/data", query="session_hash=e2", **COOKIE) == 200
    assert ask("/gradio_api/call/ask/e2", cookie="access-token-7=bobs") == 403
    assert ask.known.state_holder.session_data == {"e1": 1, "e2": 2}  # another's is let be


def test_other_sites_are_refused(inner: Inner) -> None:
    by_name, by_any = Asker(OwnPagesOnly(inner, ("localhost",))), Asker(OwnPagesOnly(inner, None))
    own = {"host": "localhost:1", "origin": "http://localhost:1"}
    assert by_name("/", **own) == by_any("/", **own) == 200
    assert by_any("/", host="a.test") == 200 and by_name("/", host="a.test") == 403
    assert by_any("/", host="a.test", origin="https://b.test") == 403
    assert by_any("/", host="a.test", origin="null") == by_any("/", origin="http://[x") == 403


def test_sockets_are_closed_at_once(inner: Inner) -> None:
    assert Asker(Gate(inner, sign_in=False))("/", kind="websocket") == 0
    assert inner.bodies == []


def test_answers_carry_the_headers(inner: Inner) -> None:
    answers: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b""}

    async def send(message: Any) -> None:
        answers.append(message)

    asyncio.run(SafeHeaders(inner)({"type": "http"}, receive, send))
    names = {name for name, _ in answers[0]["headers"]}
    assert {b"content-security-policy", b"x-content-type-options", b"x-frame-options"} <= names
