"""The page as served: up before the model is, closed to strangers, no data to anyone."""

from __future__ import annotations

import json
import socket
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from assistant.app.auth import hash_password
from assistant.app.serve import Running, start
from assistant.errors import AssistantError
from index.store import Store


@pytest.fixture
def running(store: Store, tmp_path: Path, echo: Any) -> Iterator[tuple[Running, threading.Event]]:
    """A page whose models load only once the event is set."""
    may_load = threading.Event()

    def load(name: str, models: Path) -> Any:
        may_load.wait(20)
        return echo(name)

    page = start(
        tmp_path,
        "small",
        "odd",
        tmp_path,
        port=0,
        load_engine=load,
        open_store=lambda path: store,
    )
    yield page, may_load
    may_load.set()
    page.close()


def get(address: str) -> Any:
    return urllib.request.urlopen(address, timeout=20)


def test_the_page_is_up_while_the_model_loads(running: tuple[Running, threading.Event]) -> None:
    page, may_load = running
    with get(page.address) as response:
        body = response.read().decode()
        assert response.status == 200
        assert "default-src 'self'" in response.headers["content-security-policy"]
        assert response.headers["x-content-type-options"] == "nosniff"
    assert "fonts.googleapis" not in body
    assert page.desk.models["main"].state == "loading"
    assert page.desk.models["other"].state == "unloaded"
    may_load.set()
    assert page.desk.models["main"].wait(10)
    assert page.desk.models["main"].state == "ready"


def test_only_the_four_calls_are_an_api(running: tuple[Running, threading.Event]) -> None:
    page, _ = running
    with get(f"{page.address}gradio_api/info") as response:
        info = json.load(response)
    assert sorted(info["named_endpoints"]) == ["/ask", "/compare", "/filings", "/search"]
    assert info["unnamed_endpoints"] == {}
    with get(f"{page.address}config") as response:
        config = json.load(response)
    public = [d for d in config["dependencies"] if d["api_visibility"] != "private"]
    assert sorted(d["api_name"] for d in public) == ["ask", "compare", "filings", "search"]


def test_files_outside_are_not_served(running: tuple[Running, threading.Event]) -> None:
    page, _ = running
    for path in ("/etc/passwd", page.desk.store.path / "store.sqlite", Path(__file__)):
        with pytest.raises(urllib.error.HTTPError):
            get(f"{page.address}gradio_api/file={path}")


def test_only_uploads_can_be_indexed(
    running: tuple[Running, threading.Event], tmp_path: Path
) -> None:
    page, _ = running
    secret = tmp_path / "secret.txt"
    secret.write_text("Total revenue 5", encoding="utf-8")
    with get(f"{page.address}config") as response:
        known = json.load(response)["dependencies"]
    (upload,) = (d["id"] for d in known if d["targets"] and d["targets"][0][1] == "upload")
    forged = {
        "data": [[{"path": str(secret), "meta": {"_type": "gradio.FileData"}}]],
        "fn_index": upload,
        "session_hash": "forger",
    }
    request = urllib.request.Request(
        f"{page.address}gradio_api/queue/join",
        json.dumps(forged).encode(),
        {"content-type": "application/json"},
    )
    urllib.request.urlopen(request, timeout=20).close()
    with get(f"{page.address}gradio_api/queue/data?session_hash=forger") as events:
        finished = next(line for line in events if b"process_completed" in line)
    assert json.loads(finished.removeprefix(b"data: "))["success"] is False
    assert secret.exists()
    assert len(page.desk.documents()) == 1


def test_what_was_uploaded_goes_with_the_page(store: Store, tmp_path: Path, echo: Any) -> None:
    page = start(
        tmp_path,
        "small",
        None,
        tmp_path,
        port=0,
        load_engine=lambda name, models: echo(name),
        open_store=lambda path: store,
    )
    assert page.folder.is_dir()
    page.close()
    assert not page.folder.exists()


def test_strangers_do_not_get_in(store: Store, tmp_path: Path, echo: Any) -> None:
    users = tmp_path / "users"
    users.write_text(f"ada:{hash_password('correct horse')}\n", encoding="utf-8")
    page = start(
        tmp_path,
        "small",
        None,
        tmp_path,
        port=0,
        auth=users,
        load_engine=lambda name, models: echo(name),
        open_store=lambda path: store,
    )
    try:
        for place in ("config", "gradio_api/info"):
            with pytest.raises(urllib.error.HTTPError) as refused:
                get(f"{page.address}{place}")
            assert refused.value.code == 401

        def login(password: str) -> Any:
            form = f"username=ada&password={password.replace(' ', '+')}".encode()
            return urllib.request.urlopen(f"{page.address}login", form, timeout=20)

        with pytest.raises(urllib.error.HTTPError):
            login("wrong horse")
        assert login("correct horse").status == 200
    finally:
        page.close()


def test_a_taken_port_is_one_line(store: Store, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(AssistantError, match="choose another --port"):
            start(
                tmp_path,
                "small",
                None,
                tmp_path,
                port=taken.getsockname()[1],
                open_store=lambda path: store,
            )


def test_importing_the_app_leaves_gradio_alone() -> None:
    import subprocess
    import sys

    code = "import assistant.app, sys; print({'gradio', 'torch', 'faiss'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
