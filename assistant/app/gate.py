"""WHO MAY ASK THE SERVER WHAT: its own pages and programs, for the paths that the page needs.

Gradio (6.31) serves more than this page uses: it fetches addresses for whoever asks, some paths
stand outside its sign-in, and a page of another site may read it where it is served over TLS. So
what is not listed here is not there, and what is listed but not open asks for the sign-in's cookie.

On a loopback address without sign-in the server is open to every program here, but to no other web
site: a page elsewhere must neither send to it (Origin) nor reach it under a name of its own that
was pointed at this machine (Host; DNS rebinding).
"""

from __future__ import annotations

import json
import re
import time
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import PlainTextResponse

from assistant.app.auth import CALLER

LARGEST_BODY = 4 * 2**20  # bytes of a question, or of whatever else a page sends
LARGEST_UPLOAD = 2**30  # bytes of all files sent together
MOST_A_MINUTE = 600  # POSTs of one reader's pages and programs; MCP's sign in by themselves
_IDLE_S = 12 * 3600.0
_MOST_SESSIONS = 10_000
_MOST_OVER = 500
_MCP = "/gradio_api/mcp"  # asks for credentials itself, with every request
_UPLOAD = "/gradio_api/upload"
# What the sign-in page is made of, and what tells Gradio that the server has started.
_OPEN = re.compile(
    r"/|/login/?|/(?:assets|static|svelte)/.+|(?:/gradio_api)?/theme\.css|/favicon\.ico"
    rf"|/robots\.txt|/manifest\.json|/gradio_api/startup-events|{_MCP}/?"
)
_KNOWN = re.compile(
    r"/config/?|/logout|/gradio_api/(?:(?:info|app_id|user|login_check|upload|reset|cancel)/?"
    r"|queue/(?:join|data)|upload_progress|heartbeat/[\w-]+"
    r"|(?:run|call|call/v2)/\w+/?|(?:call|call/v2)/\w+/[\w-]+"
    r"|file=(?:/|[A-Za-z]:[/\\]).+)"  # a path, never an address
)
# A call's own session has its number for a name.
_CALL = re.compile(r"/gradio_api/call/(?:v2/)?\w+/([\w-]+)")
_SESSION = re.compile(rf"{_CALL.pattern}|/gradio_api/heartbeat/([\w-]+)")
_ODD = re.compile(r"(?:^|[/\\=])\.\.(?:[/\\]|$)|[\x00-\x1f]")
_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' "
    "'unsafe-inline'; img-src 'self' data: blob:; media-src 'self' data: blob:; font-src 'self' "
    "data:; connect-src 'self'; worker-src 'self' blob:; object-src 'none'; base-uri 'self'; "
    "form-action 'self'; frame-ancestors 'self'"
)
_HEADERS = (
    (b"content-security-policy", _POLICY.encode("ascii")),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"SAMEORIGIN"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"referrer-policy", b"no-referrer"),
)


class SafeHeaders:
    """ASGI: adds headers that keep the page from loading or sending anything elsewhere, and other
    sites from showing it."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Pass the request on and add to what is answered."""

        async def send_more(message: Any) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *_HEADERS]
            await send(message)

        await self._app(scope, receive, send_more if scope["type"] == "http" else send)


class OwnPagesOnly:
    """ASGI: refuses what another web site's page sends: a page's Origin must be the Host it sends
    to. With `names`, that must be one of these. Programs send no Origin."""

    def __init__(self, app: Any, names: tuple[str, ...] | None) -> None:
        self._app, self._names = app, names

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request, or pass it on."""
        if scope["type"] == "http" and not self._is_own(scope):
            text = "this page answers only its own address; `tenq serve --auth FILE` opens others"
            await PlainTextResponse(text, 403)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _is_own(self, scope: Any) -> bool:
        sent: dict[bytes, str] = {key: value.decode("latin-1") for key, value in scope["headers"]}
        host, origin = sent.get(b"host", ""), sent.get(b"origin")
        try:
            name = urlsplit(f"//{host}").hostname
            same = origin is None or urlsplit(origin).netloc.lower() == host.lower()
        except ValueError:  # no address at all
            return False
        return same and (self._names is None or name in self._names)


class Gate:
    """ASGI: passes on what is listed above and, with `sign_in`, comes from who has signed in to
    Gradio; a page's session belongs to who began it, and no reader posts more than so much a
    minute. Bodies are held to a size, and none makes Gradio fetch an address."""

    def __init__(self, app: Any, sign_in: bool) -> None:
        self._app, self._sign_in = app, sign_in
        self._seen: dict[str, float] = {}  # when each token was last used
        self._owners: dict[str, str] = {}  # of each session
        self._sent: dict[str, deque[float]] = {}  # when each reader sent something lately
        self._over: deque[str] = deque(maxlen=_MOST_OVER)  # calls whose callers have gone

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request, or pass it on."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
            return
        CALLER.set(scope["client"][0] if scope.get("client") else "")
        request = Request(scope, receive)
        refusal, receive = await self._looked_at(request, receive)
        try:
            await (refusal or self._app)(scope, receive, send)
        finally:
            heard = _CALL.fullmatch(scope["path"])
            if heard and not refusal:
                self._over.append(heard[1])
                _forget(scope["app"].state_holder, self._over)

    async def _looked_at(
        self, request: Request, receive: Any
    ) -> tuple[PlainTextResponse | None, Any]:
        """Why a request is refused, if it is, and where its body is to be read from now."""
        path = request.scope["path"]
        is_open = _OPEN.fullmatch(path)
        if _ODD.search(path) or not (is_open or _KNOWN.fullmatch(path)):
            return PlainTextResponse("there is no such page", 404), receive
        user = self._user(request) if self._sign_in else None
        if self._sign_in and user is None and not is_open:
            return PlainTextResponse("sign in first", 401), receive
        if user is not None and request.method == "POST" and not self._in_time(user):
            return _too_many(), receive
        if path.rstrip("/") == _MCP or request.method in ("GET", "HEAD", "OPTIONS"):
            named = _SESSION.fullmatch(path)
            told = {**request.query_params, "session": named[named.lastindex or 0] if named else ""}
        elif path.rstrip("/") == _UPLOAD:
            if _announced(request) > LARGEST_UPLOAD:
                return _too_large(LARGEST_UPLOAD), receive
            return None, _cut_off(receive, LARGEST_UPLOAD)
        else:
            body = await _whole(request, receive)
            if body is None:
                return _too_large(LARGEST_BODY), receive
            receive = _again(body, receive)
            try:
                told = _told(body)
            except ValueError as error:
                return PlainTextResponse(str(error), 400), receive
        if user is not None and not self._owns(user, told):
            return PlainTextResponse("this page was opened by somebody else", 403), receive
        return None, receive

    def _user(self, request: Request) -> str | None:
        """Who has signed in with this request's cookie and used it lately; None for nobody."""
        app, now = request.scope["app"], time.monotonic()
        for kind in ("access-token-", "access-token-unsecure-"):
            token = request.cookies.get(f"{kind}{app.cookie_id}")
            user = app.tokens.get(token)
            if token is None or user is None:
                continue
            if now - self._seen.get(token, now) > _IDLE_S:
                app.tokens.pop(token)
                self._seen.pop(token)
                continue
            self._seen[token] = now
            return str(user)
        return None

    def _in_time(self, user: str) -> bool:
        """Whether a reader has sent few enough requests in the last minute; counts this one."""
        now = time.monotonic()
        sent = self._sent.setdefault(user, deque(maxlen=MOST_A_MINUTE))
        if len(sent) == MOST_A_MINUTE and now - sent[0] < 60:
            return False
        sent.append(now)
        return True

    def _owns(self, user: str, told: dict[str, Any]) -> bool:
        """Whether the session that is named, if one is, was begun by `user`."""
        session = told.get("session") or told.get("session_hash")
        if not isinstance(session, str) or not session:
            return True
        owner = self._owners.setdefault(session[:100], user)
        if len(self._owners) > _MOST_SESSIONS:
            self._owners.pop(next(iter(self._owners)))
        return owner == user


def _forget(held: Any, sessions: Iterable[str]) -> None:
    """Let go of what Gradio holds of calls that are over: it makes a session for each, of about
    half a MB, and keeps them all; once more where a caller left before the end."""
    with held.lock:
        for session in sessions:
            held.session_data.pop(session, None)
            held.time_last_used.pop(session, None)


def _announced(request: Request) -> int:
    length = request.headers.get("content-length", "0")
    return int(length) if length.isascii() and length.isdigit() else 0


def _too_large(most: int) -> PlainTextResponse:
    return PlainTextResponse(f"too large: at most {most // 2**20:,} MB are taken", 413)


def _too_many() -> PlainTextResponse:
    text = f"too many requests: {MOST_A_MINUTE} a minute are taken of one reader; wait a minute"
    return PlainTextResponse(text, 429, {"retry-after": "60"})


async def _whole(request: Request, receive: Any) -> bytes | None:
    """The body, or None where it is larger than it may be."""
    if _announced(request) > LARGEST_BODY:
        return None
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if len(body) > LARGEST_BODY:
            return None
        if not message.get("more_body"):
            return bytes(body)


def _again(body: bytes, receive: Any) -> Any:
    """A `receive` that gives `body` once more, then what comes after it."""
    waiting = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive_again() -> Any:
        return waiting.pop() if waiting else await receive()

    return receive_again


def _cut_off(receive: Any, most: int) -> Any:
    """A `receive` that ends the connection after `most` bytes of body."""
    left = most

    async def receive_some() -> Any:
        nonlocal left
        message = await receive()
        left -= len(message.get("body", b""))
        return message if left >= 0 else {"type": "http.disconnect"}

    return receive_some


def _told(body: bytes) -> dict[str, Any]:
    """What a JSON body says, {} for any other; ValueError where it names a file by an address,
    which Gradio would fetch."""
    told: Any = None
    try:
        told = json.loads(body)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    except ValueError:
        pass  # a form, or nothing that anyone reads
    for each in _within(told):
        if str(each.get("path")).startswith(("http:", "https:")):
            raise ValueError("a file is sent, not named by an address")
    return told if isinstance(told, dict) else {}


def _within(value: Any) -> Iterator[dict[str, Any]]:
    """All dictionaries in a JSON value."""
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            yield each
            waiting.extend(each.values())
        elif isinstance(each, list):
            waiting.extend(each)
