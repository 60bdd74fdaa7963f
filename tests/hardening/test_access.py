"""Strangers, and readers after what is another's, at every door of the page."""

from __future__ import annotations

import base64
import itertools
import json
import random
import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import pytest

from assistant.app.auth import MOST_FAILURES
from assistant.app.serve import Running
from tests.hardening.conftest import Tally
from tests.hardening.served import (
    REVENUE,
    Answered,
    functions,
    posted,
    sent,
    served,
    signed_in,
)

pytestmark = pytest.mark.hardening
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "FOO")
# What may be had without signing in: the page that asks for it, and what that is made of.
OPEN = {
    *("/", "/login", "/login/", "/theme.css", "/gradio_api/theme.css", "/favicon.ico"),
    *("/robots.txt", "/manifest.json", "/gradio_api/startup-events"),
    *("/svelte/x", "/static/x", "/assets/x"),
}
MCP = {"/gradio_api/mcp", "/gradio_api/mcp/"}
SECRET = re.compile(r"larkspur|1,284|142|store\.sqlite|tq-|root:", re.I)
Strangers = Callable[[str], list[tuple[str, str]]]


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory, embedder_folder: Path) -> Iterator[Running]:
    """A page that asks for a password."""
    with served(tmp_path_factory.mktemp("closed"), embedder_folder, True) as page:
        yield page


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory, embedder_folder: Path) -> Iterator[Running]:
    """A page on this machine without passwords."""
    with served(tmp_path_factory.mktemp("open"), embedder_folder) as page:
        yield page


def every_path(page: Running) -> list[str]:
    """Every route that the server has, its parameters filled in."""
    filled = {"api_name": "ask", "path_or_url": "/etc/passwd", "url_path": "http://127.0.0.1/"}
    paths, waiting = set(), list(page.page.app.routes)
    while waiting:
        route: Any = waiting.pop()
        if hasattr(route, "original_router"):
            waiting += route.original_router.routes
        else:
            path = re.sub(r"{(\w+)(?::\w+)?}", lambda name: filled.get(name[1], "x"), route.path)
            paths.add(path)
    return sorted(paths)


def tricks(path: str) -> list[str]:
    """Other ways to write a path."""
    inner = path.lstrip("/")
    return [
        path,
        f"{path}/" if not path.endswith("/") else path[:-1] or "/",
        f"//{inner}",
        f"/./{inner}",
        f"/x/..{path}",
        f"/%2e%2e{path}",
        f"/assets/..{path}",
        f"/static/%2e%2e/{inner}",
        f"/assets/..%2f{inner}",
        path.upper(),
        path.replace("/", "%2f"),
        f"{path}?x=1",
        f"{path}%00",
        f"{path};x",
        f"{path}.css",
        f"{path}%20",
        f"\\{inner}",
        f"{path}#/assets/x",
        f"/assets/x?/{inner}",
        f"http://127.0.0.1/{inner}",
    ]


def strange(page: Running) -> list[dict[str, str]]:
    """Credentials that are none."""
    name = f"access-token-{page.page.app.cookie_id}"
    wrong = base64.b64encode(b"ada:wrong").decode()
    return [
        {},
        {"cookie": f"{name}=x"},
        {"cookie": f"{name}=; access-token-unsecure-{page.page.app.cookie_id}=None"},
        {"cookie": "access-token-=ada; user=ada", "x_forwarded_user": "ada"},
        {"authorization": f"Basic {wrong}"},
        {"authorization": "Bearer x", "x_forwarded_for": "127.0.0.1", "x_original_url": "/"},
    ]


def test_strangers_get_nothing(
    closed: Running, tally: Callable[[str], Tally], tries: Callable[[int], int]
) -> None:
    paths = every_path(closed)
    assert len(paths) > 70 and {"/config", "/gradio_api/queue/join"} <= set(paths)
    chance, counts = random.Random(1), tally("access: routes tried by strangers")
    whole = [
        (method, place, who)
        for path, method in itertools.product(paths, METHODS)
        for place in tricks(path)
        for who in strange(closed)
        # Each hashes a password: the doors that do are tried by themselves.
        if "authorization" not in who or path.rstrip("/") not in MCP
    ]
    plain = [(method, path, {}) for path in paths for method in ("GET", "POST")]
    tried = plain + chance.sample(whole, min(len(whole), tries(20_000)))
    for method, place, who in tried:
        got = sent(closed, method, place, b"{}" if method == "POST" else None, **who)
        bare = unquote(place.partition("?")[0].partition("#")[0])
        is_open = bare in OPEN or bare.startswith(("/assets/", "/static/", "/svelte/"))
        if not is_open:
            assert got.status in (400, 401, 404, 405), (method, place, who, got)
        assert not SECRET.search(got.body) or (got.status == 200 and is_open), (place, got.body)
        assert "larkspur" not in got.body.lower(), (method, place, who)
        counts.add("let in" if not is_open and got.status < 400 else "requests")
    counts.add("routes", len(paths))


def test_what_is_open_is_the_sign_in_alone(closed: Running) -> None:
    answered = {
        path
        for path in every_path(closed)
        if sent(closed, "GET", path).status not in (401, 404) and path not in OPEN | MCP
    }
    assert answered == set()
    page = sent(closed, "GET", "/").body
    assert "auth_required" in page and "tq-" not in page and "Library" not in page


def test_no_socket_is_opened(closed: Running, opened: Running) -> None:
    shake = {"connection": "Upgrade", "upgrade": "websocket", "sec_websocket_version": "13"}
    key = {"sec_websocket_key": base64.b64encode(bytes(16)).decode()}
    for page in (closed, opened):
        for path in ("/", "/queue/join", "/gradio_api/queue/join", "/gradio_api/mcp"):
            assert sent(page, "GET", path, **shake, **key).status != 101


def test_guessing_is_shut_out_even_in_parallel(
    tmp_path: Path,
    embedder_folder: Path,
    tally: Callable[[str], Tally],
    tries: Callable[[int], int],
) -> None:
    guesses = max(24, tries(200))
    with served(tmp_path, embedder_folder, True) as page:
        before = signed_in(page, "ada")
        let_in: list[str] = []

        def guess(n: int) -> None:
            let_in.append(signed_in(page, "ada", f"guess {n}"))

        threads = [threading.Thread(target=guess, args=(n,)) for n in range(guesses)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(120)
        assert len(let_in) == guesses and not any(let_in)
        assert signed_in(page, "ada") == ""  # not even the right one now
        basic = base64.b64encode(b"ada:correct horse").decode()
        hello = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
        refused = posted(page, "/gradio_api/mcp", hello, authorization=f"Basic {basic}")
        assert refused.status == 401
        assert sent(page, "GET", "/config", cookie=before).status == 200  # who is in stays in
        assert signed_in(page, "bob")  # nobody else is shut out
    tally("access: sign-in").add("guesses, none let in", guesses)
    assert MOST_FAILURES <= 10


# -- what is another's -----------------------------------------------------------------------


def test_a_session_is_its_readers_alone(closed: Running) -> None:
    ada, bob = signed_in(closed, "ada"), signed_in(closed, "bob")
    asked = {"data": [REVENUE, "main"], "fn_index": _ask_of(closed), "session_hash": "adas"}
    assert posted(closed, "/gradio_api/queue/join", asked, cookie=ada).status == 200
    for got in (
        sent(closed, "GET", "/gradio_api/queue/data?session_hash=adas", cookie=bob),
        sent(closed, "GET", "/gradio_api/heartbeat/adas", cookie=bob),
        posted(closed, "/gradio_api/queue/join", asked, cookie=bob),
        posted(closed, "/gradio_api/run/predict", asked, cookie=bob),
        posted(closed, "/gradio_api/call/ask", asked, cookie=bob),
        posted(closed, "/gradio_api/cancel", {**asked, "event_id": "x"}, cookie=bob),
    ):
        assert got.status == 403, got
    assert sent(closed, "GET", "/gradio_api/queue/data?session_hash=adas", cookie=ada).status == 200


def test_who_signs_out_is_out(closed: Running) -> None:
    ada = signed_in(closed, "ada")
    assert sent(closed, "GET", "/config", cookie=ada).status == 200
    assert sent(closed, "GET", "/logout", cookie=ada).status < 400
    assert sent(closed, "GET", "/config", cookie=ada).status == 401


def test_no_function_runs_past_the_queue(opened: Running) -> None:
    for function in functions(opened):
        if function["queue"] is False:
            continue
        told = {"data": [None] * len(function["inputs"]), "fn_index": function["id"]}
        got = posted(opened, "/gradio_api/run/predict", {**told, "session_hash": "x"})
        assert got.status == 404, (function["api_name"], got)


def test_conversations_of_another_are_not_there(
    tmp_path: Path, tally: Callable[[str], Tally], tries: Callable[[int], int]
) -> None:
    from assistant.app.conversations import Conversations
    from assistant.app.reply import Reply
    from assistant.errors import AssistantError

    kept, chance = Conversations(tmp_path / "kept.sqlite"), random.Random(2)
    number = kept.save("user:ada", None, [Reply("secret plan", "small")])
    readers = ["user:bob", "user:Ada", "user:ada ", "user:", "local", "", "%", "user:ada' OR '1"]
    ids = [number, number[:-1], f"{number}%", "%", "", "' OR 1=1 --", "../kept", number.upper()]
    for _ in range(tries(2000)):
        reader, guessed = chance.choice(readers), chance.choice(ids)
        with pytest.raises(AssistantError):
            kept.replies(reader, guessed)
        kept.rename(reader, guessed, "mine")
        kept.delete(reader, guessed)
        words = chance.choice(["", "secret", "%", "_", "\\", "' OR 1=1 --"])
        assert [each for each in kept.listed(reader, words) if each.id == number] == []
        if guessed == number:
            kept.save(reader, number, [Reply("overwritten", "small")])
        tally("access: conversations").add("attempts by others, none through")
    assert [each.title for each in kept.listed("user:ada")] == ["secret plan"]
    assert kept.replies("user:ada", number)[0].question == "secret plan"


def test_files_of_this_machine_and_of_others_are_not_served(
    closed: Running, tally: Callable[[str], Tally], tries: Callable[[int], int]
) -> None:
    ada, chance = signed_in(closed, "ada"), random.Random(3)
    root, store = closed.folder, closed.desk.store.path
    secrets = [
        *("/etc/passwd", str(store / "store.sqlite"), str(store), str(root), f"{root}/"),
        f"{store}.conversations.sqlite",
        str(store.parent / "users"),
        str(Path(__file__)),
        "C:\\Windows\\win.ini",
    ]
    ups = ["", "../" * 12, "..\\" * 12, "....//" * 8, "%2e%2e/" * 12, "..%2f" * 12]
    begins = ["", f"{root}/", f"{root}/exports/", "/", "//", "file://", "/proc/self/root/", "~/"]
    for n in range(tries(5000)):
        secret = secrets[n % len(secrets)]
        place = f"{chance.choice(begins)}{chance.choice(ups)}{secret}"
        place = chance.choice([place, quote(place), quote(quote(place)), quote(place, safe="")])
        route = chance.choice(["file=", "file/", "file%3D", "proxy=", "FILE="])
        got = sent(closed, "GET", f"/gradio_api/{route}{place.replace(' ', '+')}", cookie=ada)
        assert got.status >= 400 and len(got.body) < 1000, (route, place, got)
        assert "root:" not in got.body and "SQLite format" not in got.body
        tally("access: files").add("paths tried, none served")


def test_an_upload_cannot_leave_its_folder(opened: Running, tally: Callable[[str], Tally]) -> None:
    names = ["../../x.txt", "/etc/x.txt", "..\\x.txt", "a/../../x.txt", ".htaccess", "x\0.txt"]
    names += ["x" * 300 + ".txt", "%2e%2e%2fx.txt", "…/x.txt", "CON.txt", "x.html"]
    for name in names:
        got = _upload(opened, name, b"<script>alert(1)</script> $ 5")
        if got.status != 200:
            assert got.status in (400, 500), got
            continue
        (kept,) = json.loads(got.body)
        assert opened.folder.resolve() in Path(kept).resolve().parents, kept
        seen = sent(opened, "GET", f"/gradio_api/file={quote(kept)}")
        if seen.status == 200:
            assert not seen.headers["content-type"].startswith(("text/html", "image/svg")), seen
        tally("access: files").add("hostile upload names")


# -- sizes, headers, other sites ---------------------------------------------------------------


def test_what_is_too_large_is_not_read(opened: Running) -> None:
    for path, length in (
        ("/gradio_api/queue/join", 5 * 2**20),
        ("/gradio_api/call/ask", 2**40),
        ("/login", 5 * 2**20),
        ("/gradio_api/upload", 2**31),
        ("/gradio_api/mcp", 2**20),
    ):
        got = sent(opened, "POST", path, content_length=str(length), content_type="text/plain")
        assert got.status in (413, 415), (path, got.status)
    told = {"data": ["x" * (5 * 2**20)], "fn_index": 0, "session_hash": "x"}
    assert posted(opened, "/gradio_api/queue/join", told).status == 413
    deep = b'{"data": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    got = sent(opened, "POST", "/gradio_api/call/ask", deep, content_type="application/json")
    assert got.status == 400
    assert sent(opened, "GET", "/").status == 200


def test_a_long_body_without_a_length_is_cut_off(opened: Running) -> None:
    import socket
    from urllib.parse import urlsplit

    place = urlsplit(opened.address)
    head = (
        b"POST /gradio_api/call/ask HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n"
    )
    with socket.create_connection((place.hostname, place.port or 80), 20) as line:
        line.sendall(head + b"Content-Type: application/json\r\n\r\n")
        chunk = b"10000\r\n" + b" " * 65536 + b"\r\n"
        try:
            for _ in range(200):  # 12.5 MB
                line.sendall(chunk)
        except OSError:
            return  # hung up on us
        assert b" 413 " in line.recv(4096)


def test_every_answer_carries_the_headers(closed: Running, opened: Running) -> None:
    for page in (closed, opened):
        for path in every_path(page):
            got = sent(page, "GET", path)
            policy = got.headers["content-security-policy"]
            assert "default-src 'self'" in policy and "object-src 'none'" in policy
            assert "frame-ancestors 'self'" in policy and "http" not in policy and "*" not in policy
            assert got.headers["x-content-type-options"] == "nosniff"
            assert got.headers["referrer-policy"] == "no-referrer"
            assert got.headers["x-frame-options"] == "SAMEORIGIN"
            assert got.headers["cross-origin-resource-policy"] == "same-origin"


def test_other_sites_reach_nothing(
    closed: Running,
    opened: Running,
    tally: Callable[[str], Tally],
    tries: Callable[[int], int],
) -> None:
    cookie, chance = signed_in(closed, "ada"), random.Random(4)
    for page in (closed, opened):
        port = page.address.rstrip("/").rpartition(":")[2]
        host = f"127.0.0.1:{port}"
        names = [
            f"evil.test:{port}",
            "evil.test",
            "null",
            f"127.0.0.1.evil.test:{port}",
            "127.0.0.1",
        ]
        names += [
            f"127.0.0.1:{port}@evil.test",
            f"evil.test#{host}",
            f"evil{host}",
            "[",
            f"{host}0",
        ]
        paths = every_path(page)
        for _ in range(tries(2000)):
            name = chance.choice(names)
            origin = name if name == "null" else f"{chance.choice(['http', 'https'])}://{name}"
            given = {"cookie": cookie, "origin": origin, "x_forwarded_host": name}
            method, path = chance.choice(("GET", "POST")), chance.choice(paths)
            got = sent(page, method, path, b"{}" if method == "POST" else None, **given)
            assert got.status == 403, (method, path, origin, got.status)
            tally("access: other sites").add("requests with a strange Origin, none answered")
        for name in names if page is opened else ():
            if name not in ("127.0.0.1", f"{host}0"):
                assert sent(page, "GET", "/", host=name).status in (400, 403), name


def _ask_of(page: Running) -> int:
    return next(f["id"] for f in functions(page) if f["api_name"] == "ask")


def _upload(page: Running, name: str, content: bytes) -> Answered:
    told = f'--x\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n\r\n'
    body = told.encode() + content + b"\r\n--x--\r\n"
    kind: Any = "multipart/form-data; boundary=x"
    return sent(page, "POST", "/gradio_api/upload", body, content_type=kind)
