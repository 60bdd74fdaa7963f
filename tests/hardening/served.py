"""A page as it is served, two readers who may sign in, and requests as a stranger writes them."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

from assistant.app.auth import hash_password
from assistant.app.serve import Running, start
from index.embed import Embedder
from index.store import Store
from tests.assistant.conftest import Echo, write_filing

PASSWORDS = {"ada": "correct horse", "bob": "battery staple"}
REVENUE = "What was Larkspur Valve's total revenue in fiscal 2024?"


class Answered(NamedTuple):
    """What came back."""

    status: int
    headers: dict[str, str]
    body: str


@contextmanager
def served(
    folder: Path, embedder_folder: Path, auth: bool = False, *filings: Path, pause_s: float = 0.0
) -> Iterator[Running]:
    """A page over a store of `filings`, one of a fictional company if none are given."""
    users = folder / "users"
    users.write_text("".join(f"{n}:{hash_password(p)}\n" for n, p in PASSWORDS.items()))
    with Store.open(folder / "store", Embedder(embedder_folder)) as store:
        for filing in filings or (write_filing(folder / "in"),):
            store.add(filing)
        page = start(
            folder / "store",
            "small",
            "odd",
            folder,
            port=0,
            auth=users if auth else None,
            load_engine=lambda name, models: Echo(name, pause_s=pause_s),
            open_store=lambda path: store,
        )
        try:
            yield page
        finally:
            page.close()


def sent(
    page: Running, method: str, path: str, body: bytes | None = None, **headers: str
) -> Answered:
    """One request, its path as it stands: nothing is made safe or encoded on the way."""
    place = urlsplit(page.address)
    line = http.client.HTTPConnection(place.hostname or "", place.port, timeout=30)
    try:
        line.putrequest(method, path, skip_host="host" in headers)
        for name, value in headers.items():
            line.putheader(name.replace("_", "-"), value)
        if body is not None:
            line.putheader("content-length", str(len(body)))
        line.endheaders(body)
        got = line.getresponse()
        stream = "event-stream" in (got.getheader("content-type") or "")
        text = "" if stream else got.read().decode("utf-8", "replace")
        return Answered(got.status, {k.lower(): v for k, v in got.getheaders()}, text)
    finally:
        line.close()


def posted(page: Running, path: str, told: object, **headers: str) -> Answered:
    """`told` as JSON."""
    return sent(page, "POST", path, json.dumps(told).encode(), content_type=JSON, **headers)


def signed_in(page: Running, user: str, password: str | None = None) -> str:
    """The cookies of a reader; "" where they are not let in."""
    form = urlencode({"username": user, "password": password or PASSWORDS[user]}).encode()
    got = sent(page, "POST", "/login", form, content_type="application/x-www-form-urlencoded")
    return cookie_of(got) if got.status == 200 else ""


def cookie_of(got: Answered) -> str:
    """The last cookie that was set, as a browser sends it back."""
    return got.headers.get("set-cookie", "").partition(";")[0]


def functions(page: Running) -> list[dict[str, Any]]:
    """What the page's own code may call, from its configuration."""
    return list(page.page.config["dependencies"])


JSON = "application/json"
