"""What programs may ask of the page, over its API and as MCP tools, and what they may not."""

from __future__ import annotations

import asyncio
import base64
import json
import re
import threading
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import anyio
import gradio as gr
import httpx2
import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError, AuthenticationError
from mcp import Client as McpClient
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError

from assistant.app.api import Calls
from assistant.app.auth import hash_password
from assistant.app.serve import Running, start
from assistant.app.session import Desk, reader_of
from assistant.app.tools import PATH, tool_of
from index.embed import Embedder
from index.store import Store
from tests.assistant.conftest import ASIDE
from tests.index.test_store import write_filing

README = Path(__file__).resolve().parents[2] / "README.md"
CALLS = ["ask", "search", "filings", "compare"]
ASKED = "What was total revenue in fiscal 2024?"
LONG = "Describe the net income at length, please"
HOSTILE = [
    ("ask", {"question": ""}, "question is empty"),
    ("ask", {"question": " \0\0 "}, "question is empty"),
    ("ask", {"question": "x" * 2001}, "2,001 characters; at most 2,000"),
    ("ask", {"question": ["What was revenue?"]}, "question must be text"),
    ("ask", {"question": {"path": "/etc/passwd"}}, "question must be text"),
    ("ask", {"question": "revenue?", "model": "/etc/passwd"}, "no model '/etc/passwd'; there is"),
    ("ask", {"question": "revenue?", "model": None}, "there is no model"),
    ("compare", {"question": ""}, "question is empty"),
    ("search", {"query": " "}, "query is empty"),
    ("search", {"query": "x" * 50_000}, "at most 2,000"),
    ("search", {"query": "revenue", "limit": -1}, "limit must be a whole number from 1 to 100"),
    ("search", {"query": "revenue", "limit": 10**9}, "limit must be"),
    ("search", {"query": "revenue", "limit": "10"}, "limit must be"),
    ("search", {"query": "revenue", "year": 2.5}, "year must be"),
    ("search", {"query": "revenue", "year": True}, "year must be"),
    ("search", {"query": "revenue", "form": "K" * 201}, "form has 201 characters"),
]
HARMLESS = [
    ("search", {"query": "revenue'; DROP TABLE documents; --"}),
    ("search", {"query": '"revenue* NEAR/0 ('}),
    ("search", {"query": "net\0income"}),
    ("search", {"query": "revenue", "company": "../../etc/passwd", "form": "/dev/null"}),
    ("ask", {"question": "../../../../etc/passwd"}),
    ("ask", {"question": "<script>alert(1)</script> file:///etc/passwd total revenue?"}),
]


class Page:
    """A running page with slow engines, and what they have said."""

    def __init__(self, running: Running, engines: dict[str, Any]) -> None:
        self.running, self.engines = running, engines
        self.address = running.address
        self.mcp = f"{running.address.rstrip('/')}{PATH}"

    def is_busy(self) -> bool:
        return any(engine.at_once for engine in self.engines.values())


Serve = Callable[..., Page]


@pytest.fixture
def serve(store: Store, tmp_path: Path, echo: Any) -> Iterator[Serve]:
    """Starts pages: serve(compare_with, auth)."""
    running: list[Running] = []

    def begin(compare_with: str | None = "odd", auth: Path | None = None) -> Page:
        engines = {
            name: echo(name, pause_s=0.01, aside=ASIDE if name == "odd" else "")
            for name in ("small", "odd")
        }
        page = start(
            tmp_path / "store",
            "small",
            compare_with,
            tmp_path,
            port=0,
            auth=auth,
            load_engine=lambda name, models: engines[name],
            open_store=lambda path: store,
        )
        running.append(page)
        return Page(page, engines)

    yield begin
    for page in running:
        page.close()


@pytest.fixture
def page(serve: Serve) -> Page:
    return serve()


@pytest.fixture
def users(tmp_path: Path) -> Path:
    file = tmp_path / "users"
    file.write_text(f"ada:{hash_password('correct horse')}\n", encoding="utf-8")
    return file


def client(page: Page, **settings: Any) -> Client:
    return Client(page.address, verbose=False, download_files=False, **settings)


@asynccontextmanager
async def tools(page: Page, mode: str = "auto", **headers: str) -> AsyncIterator[McpClient]:
    async with httpx2.AsyncClient(headers=headers, timeout=30) as http:
        transport = streamable_http_client(page.mcp, http_client=http)
        async with McpClient(transport, mode=mode) as opened:
            yield opened


def call(page: Page, name: str, mode: str = "auto", **arguments: Any) -> Any:
    """What an MCP client gets: the result, or the one line of an error as ValueError."""

    async def ask() -> Any:
        async with tools(page, mode) as opened:
            return await opened.call_tool(name, arguments)

    result = asyncio.run(ask())
    text = result.content[0].text
    if result.is_error:
        raise ValueError(text)
    shown = result.structured_content
    value = shown["result"] if set(shown) == {"result"} else shown
    assert json.loads(text) == value
    return value


def until(happens: Callable[[], Any], seconds: float = 10.0) -> bool:
    end = time.monotonic() + seconds
    while not happens() and time.monotonic() < end:
        time.sleep(0.02)
    return bool(happens())


def status(page: Page, place: str, body: object = None, **headers: str) -> int:
    request = urllib.request.Request(
        f"{page.address.rstrip('/')}{place}",
        None if body is None else json.dumps(body).encode(),
        {
            "content-type": "application/json",
            "accept": "application/json, text/event-stream",
            **headers,
        },
    )
    try:
        with urllib.request.urlopen(request, timeout=20) as response:
            return int(response.status)
    except urllib.error.HTTPError as error:
        return error.code


HELLO = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "test", "version": "1"},
    },
}


# -- what there is ---------------------------------------------------------------------------


def test_four_calls_and_nothing_else(page: Page) -> None:
    with urllib.request.urlopen(f"{page.address}gradio_api/info", timeout=20) as response:
        info = json.load(response)
    assert list(info["named_endpoints"]) == [f"/{name}" for name in CALLS]
    assert info["unnamed_endpoints"] == {}
    assert "Returns:" in info["named_endpoints"]["/ask"]["description"]
    with urllib.request.urlopen(f"{page.address}config", timeout=20) as response:
        known = json.load(response)["dependencies"]
    shown = [d["api_name"] for d in known if d["api_visibility"] != "private"]
    assert shown == CALLS


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_four_tools_and_nothing_else(page: Page, mode: str) -> None:
    async def look() -> None:
        async with tools(page, mode) as opened:
            listed = (await opened.list_tools()).tools
            assert [tool.name for tool in listed] == CALLS
            for tool in listed:
                assert tool.description and "Returns:" in tool.description
                assert all(each["description"] for each in tool.input_schema["properties"].values())
                assert tool.annotations and tool.annotations.read_only_hint
            can = opened.server_capabilities
            assert can.resources is None and can.prompts is None and can.completions is None
            for ask in (opened.list_resources, opened.list_prompts):
                with pytest.raises(MCPError):
                    await ask()

    asyncio.run(look())


def test_the_schema_of_a_tool(desk: Desk) -> None:
    schema = tool_of(Calls(desk).search).input_schema
    assert schema["required"] == ["query"]
    assert schema["properties"]["limit"] == {
        "type": "integer",
        "description": "The most passages to return, 1 to 100.",
        "default": 10,
    }
    desk.close()


def test_gradios_own_mcp_routes_are_closed(page: Page) -> None:
    for place in ("/gradio_api/mcp/sse", "/gradio_api/mcp/schema", "/gradio_api/mcp/messages/"):
        assert status(page, place) == 404


# -- what they answer ------------------------------------------------------------------------


def test_ask_is_the_public_answer(page: Page) -> None:
    answer = client(page).predict(ASKED, api_name="/ask")
    assert "1,284" in answer["answer"] and answer["refused"] is False
    (cited,) = answer["citations"][:1]
    assert (cited["doc"], cited["page"]) == ("LARKSPUR_2024_10K", 2)
    assert {"value", "unit", "facts", "calculation", "model", "timings_s", "supported"} <= set(
        answer
    )
    called = call(page, "ask", question=ASKED)
    assert {**called, "timings_s": 0} == {**answer, "timings_s": 0}
    assert call(page, "ask", question=LONG.split(" at")[0], model="other")["model"] == {
        "name": "odd",
        "scheme": "int4",
    }


def test_progress_is_told_on_the_way(page: Page) -> None:
    job = client(page).submit("Describe the net income", api_name="/ask")
    steps = list(job)
    assert {"question", "phase", "text"} == set(steps[0])
    assert steps[-1]["answer"] == job.result()["answer"]


def test_search_and_filings(page: Page) -> None:
    asked = client(page)
    hits = asked.predict("total revenue", limit=1, api_name="/search")
    assert [(hit["doc"], hit["page"]) for hit in hits] == [("LARKSPUR_2024_10K", 2)]
    assert hits == call(page, "search", query="total revenue", limit=1)
    assert asked.predict("revenue", year=1999, api_name="/search") == []
    assert asked.predict("revenue", company="Larkspur", form="10-K", api_name="/search")
    (filing,) = asked.predict(api_name="/filings")
    assert filing["name"] == "LARKSPUR_2024_10K" and filing["fiscal_year"] == 2024
    assert call(page, "filings") == [filing]


def test_compare(page: Page) -> None:
    both = client(page).predict("Describe the net income", api_name="/compare")
    assert both["left"]["model"]["name"] == "small" and both["right"]["model"]["name"] == "odd"
    assert both["agree"] is False and "1,284" in both["verdict"]
    assert call(page, "compare", question="Describe the net income")["verdict"] == both["verdict"]


def test_there_is_nothing_to_compare_with(serve: Serve) -> None:
    page = serve(compare_with=None)
    with pytest.raises(AppError, match="only one model"):
        client(page).predict(ASKED, api_name="/compare")
    with pytest.raises(ValueError, match="only one model"):
        call(page, "compare", question=ASKED)


# -- what they refuse ------------------------------------------------------------------------


def test_hostile_input_is_one_line(page: Page) -> None:
    asked = client(page)

    async def as_tools() -> list[str]:
        async with tools(page) as opened:
            results = [await opened.call_tool(name, given) for name, given, _ in HOSTILE]
        assert all(result.is_error for result in results)
        return [result.content[0].text for result in results]  # type: ignore[union-attr]

    for (name, given, told), text in zip(HOSTILE, asyncio.run(as_tools()), strict=True):
        with pytest.raises(AppError) as refused:
            asked.predict(**given, api_name=f"/{name}")
        assert told in str(refused.value) and told in text
        assert "\n" not in text and len(text) < 200
    for name, given in HARMLESS:
        assert isinstance(asked.predict(**given, api_name=f"/{name}"), list | dict)
    assert "1,284" in asked.predict(ASKED, api_name="/ask")["answer"]


def test_tools_that_are_not_there(page: Page) -> None:
    with pytest.raises(ValueError, match="no tool 'upload'"):
        call(page, "upload", path="/etc/passwd")
    for given in ({}, {"question": ASKED, "stop": None}):
        with pytest.raises(ValueError, match="argument"):
            call(page, "ask", mode="legacy", **given)
    assert status(page, PATH, {"pad": "x" * 100_000}) == 413


def test_broken_models_are_one_line(page: Page) -> None:
    asked = "Why did net income break down?"
    for break_down in (
        lambda: client(page).predict(asked, api_name="/ask"),
        lambda: client(page).predict(asked, api_name="/compare"),
        lambda: call(page, "ask", question=asked),
    ):
        with pytest.raises((AppError, ValueError), match="something inside Tenq failed"):
            break_down()


def test_no_place_on_this_machine_is_named(
    store: Store, tmp_path: Path, echo: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from assistant.app.models import Model
    from assistant.errors import EngineError

    folder = tmp_path / "my models" / "qwen" / "int4"
    folder.mkdir(parents=True)

    def fails(name: str, models: Path) -> Any:
        raise EngineError(f"{name} is damaged: see {tmp_path}/logs/x.log or http://h:1/v1/docs")

    good = Model(str(folder), tmp_path, lambda name, models: echo(name))
    calls = Calls(Desk(store, {"main": good, "other": Model(str(folder), tmp_path, fails)}))
    *_, answer = calls.ask("Describe the net income")
    assert answer["model"]["name"] == "qwen/int4"
    with pytest.raises(gr.Error) as failed:
        list(calls.ask("Describe the net income", "other"))
    told = str(failed.value.message)
    assert "int4" in told and "http://h:1/v1/docs" in told
    monkeypatch.setattr(
        "assistant.app.api.search", lambda *_: store.page_text("nowhere", 1)
    )  # its message names the store's folder
    with pytest.raises(gr.Error) as missing:
        calls.search("revenue")
    shown = json.dumps([told, str(missing.value.message), answer, calls.filings()])
    for part in (str(tmp_path), "/tmp", "my models", "pytest-of"):
        assert part not in shown


# -- turns -----------------------------------------------------------------------------------


def test_several_calls_of_one_client_take_turns(page: Page) -> None:
    asked = client(page)
    jobs = [asked.submit(f"Describe the net income {n}", api_name="/ask") for n in range(4)]
    found = asked.predict("revenue", api_name="/search")  # does not wait for them
    assert found
    assert all("142" in job.result(timeout=60)["answer"] for job in jobs)
    assert page.engines["small"].most_at_once == 1


def test_a_cancelled_job_frees_the_model(page: Page) -> None:
    engine = page.engines["small"]
    for name in ("ask", "compare"):
        job = client(page).submit(LONG, api_name=f"/{name}")
        assert until(lambda: engine.at_once)
        job.cancel()
        assert until(lambda: not page.is_busy(), 5)
        said = engine.words_said
        time.sleep(0.3)
        assert engine.words_said == said < 1000
    assert client(page).predict("Describe the net income", api_name="/ask")["answer"]


def test_a_waiting_job_can_be_cancelled(page: Page) -> None:
    first, second = (client(page).submit(LONG, api_name="/ask") for _ in range(2))
    assert until(lambda: first.outputs() and second.outputs() and page.is_busy())
    second.cancel()
    first.cancel()
    assert until(lambda: not page.is_busy(), 5)
    assert client(page).predict("Describe the net income", api_name="/ask")["answer"]


def test_a_caller_who_hangs_up_frees_the_model(page: Page) -> None:
    body = json.dumps({"data": [LONG, "main"]}).encode()
    made = urllib.request.Request(
        f"{page.address}gradio_api/call/ask", body, {"content-type": "application/json"}
    )
    with urllib.request.urlopen(made, timeout=20) as response:
        event = json.load(response)["event_id"]
    heard = urllib.request.urlopen(f"{page.address}gradio_api/call/ask/{event}", timeout=20)
    assert until(page.is_busy)
    heard.close()
    assert until(lambda: not page.is_busy(), 10)


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_a_cancelled_tool_frees_the_model(page: Page, mode: str) -> None:
    async def ask_and_give_up() -> None:
        async with tools(page, mode) as opened:
            with anyio.move_on_after(20) as patience:
                async with anyio.create_task_group() as group:
                    group.start_soon(opened.call_tool, "ask", {"question": LONG})
                    while not page.is_busy():
                        await anyio.sleep(0.02)
                    group.cancel_scope.cancel()
            assert not patience.cancelled_caught
            free = await anyio.to_thread.run_sync(lambda: until(lambda: not page.is_busy(), 5))
            assert free

    asyncio.run(ask_and_give_up())
    assert page.engines["small"].words_said < 1000


def test_an_mcp_caller_who_hangs_up_frees_the_model(page: Page) -> None:
    """As a client of 2025 does that is killed: no word of it but the closed connection."""
    with httpx2.Client(timeout=20) as http:
        accept = {"accept": "application/json, text/event-stream"}
        hello = http.post(page.mcp, json=HELLO, headers=accept)
        session = {**accept, "mcp-session-id": hello.headers["mcp-session-id"]}
        http.post(
            page.mcp,
            json={"jsonrpc": "2.0", "method": "notifications/initialized"},
            headers=session,
        )
        asked = {"name": "ask", "arguments": {"question": LONG}}
        body = {"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": asked}
        with http.stream("POST", page.mcp, json=body, headers=session):
            assert until(page.is_busy)
    assert until(lambda: not page.is_busy(), 5)


def test_nothing_blocks_the_page(page: Page) -> None:
    jobs = [client(page).submit(LONG, api_name="/ask") for _ in range(3)]
    caller = threading.Thread(target=lambda: call(page, "filings"))
    assert until(page.is_busy)
    caller.start()
    began = time.monotonic()
    assert status(page, "/config") == 200
    caller.join(10)
    assert not caller.is_alive() and time.monotonic() - began < 10
    for job in jobs:
        job.cancel()


def test_the_page_closes_while_clients_listen(serve: Serve) -> None:
    page = serve()

    async def stay() -> float:
        async with tools(page, "legacy") as opened:
            await opened.list_tools()
            began = time.monotonic()
            await asyncio.to_thread(page.running.page.close, False)
            return time.monotonic() - began

    try:
        took = asyncio.run(stay())
    except Exception:  # the client's goodbye finds nobody
        took = 0.0
    assert took < 15


# -- who may ---------------------------------------------------------------------------------


def test_strangers_may_not_ask(serve: Serve, users: Path) -> None:
    page = serve(auth=users)
    for place, body in (
        ("/gradio_api/info", None),
        ("/gradio_api/call/ask", {"data": [ASKED]}),
        ("/gradio_api/call/v2/ask", {"question": ASKED}),
        ("/gradio_api/run/ask", {"data": [ASKED]}),
        ("/gradio_api/queue/join", {"data": [ASKED], "fn_index": 0, "session_hash": "x"}),
        (PATH, HELLO),
        (f"{PATH}/", HELLO),
    ):
        assert status(page, place, body) == 401, place
    wrong = base64.b64encode(b"ada:wrong horse").decode()
    for sent in (f"Basic {wrong}", "Basic ada:correct", "Basic é", "Bearer x", "Basic YWRh"):
        assert status(page, PATH, HELLO, authorization=sent) == 401
    with pytest.raises((AuthenticationError, ValueError)):
        client(page)
    with pytest.raises(ValueError, match="Could not login"):
        client(page, auth=("ada", "wrong horse"))


def test_users_may_ask(serve: Serve, users: Path) -> None:
    page = serve(auth=users)
    asked = client(page, auth=("ada", "correct horse"))
    assert "1,284" in asked.predict(ASKED, api_name="/ask")["answer"]
    known = base64.b64encode(b"ada:correct horse").decode()

    async def ask() -> None:
        async with tools(page, authorization=f"Basic {known}") as opened:
            assert [tool.name for tool in (await opened.list_tools()).tools] == CALLS
            result = await opened.call_tool("ask", {"question": ASKED})
            assert "1,284" in result.content[0].text  # type: ignore[union-attr]

    asyncio.run(ask())
    # A browser that keeps the password sends it along from anywhere.
    basic = f"Basic {known}"
    assert status(page, PATH, HELLO, authorization=basic) == 200
    assert status(page, PATH, HELLO, authorization=basic, origin="https://evil.example") == 403


def test_a_readers_own_filing_is_told_to_them_alone(
    serve: Serve, users: Path, tmp_path: Path
) -> None:
    users.write_text(f"{users.read_text()}bob:{hash_password('wrong horse')}\n", encoding="utf-8")
    page = serve(auth=users)
    file = write_filing(tmp_path, "Kestrel Looms Inc", 2023)
    (outcome,) = page.running.desk.of(reader_of("ada")).upload([file])
    assert outcome.status == "added"
    question = "What were Kestrel Looms' inventories in fiscal 2023?"
    for user, password, sees in (("ada", "correct horse", True), ("bob", "wrong horse", False)):
        asking = client(page, auth=(user, password))
        listed = asking.predict(api_name="/filings")
        hits = asking.predict("inventories", api_name="/search")
        answer = asking.predict(question, api_name="/ask")
        compared = asking.predict(question, api_name="/compare")
        basic = base64.b64encode(f"{user}:{password}".encode()).decode()
        told = asyncio.run(as_tools(page, f"Basic {basic}", question))
        for shown in (listed, hits, told["filings"], told["search"]):
            assert ("Kestrel Looms Inc" in {each["company"] for each in shown}) is sees, user
        assert [each["private"] for each in listed].count(True) == sees
        refused = (answer, compared["left"], told["ask"])
        assert [each["refused"] for each in refused] == [not sees] * 3, user
        assert ("kestrel" in json.dumps([each["citations"] for each in refused]).lower()) is sees
        posing = {"request": {"username": "ada"}}
        told = asyncio.run(as_tools(page, f"Basic {basic}", question, **posing))
        assert all("'request'" in problem for problem in told.values())


async def as_tools(page: Page, authorization: str, question: str, **more: Any) -> dict[str, Any]:
    given: dict[str, dict[str, Any]] = {
        "filings": {},
        "search": {"query": "inventories"},
        "ask": {"question": question},
    }
    found = {}
    async with tools(page, authorization=authorization) as opened:
        for name, arguments in given.items():
            result = await opened.call_tool(name, arguments | more)
            shown: Any = result.structured_content or result.content[0].text
            found[name] = shown["result"] if set(shown) == {"result"} else shown
    return found


def test_other_sites_may_not_ask(page: Page) -> None:
    own = page.address.rstrip("/")
    port = own.rpartition(":")[2]
    for place, body in ((PATH, HELLO), ("/gradio_api/call/filings", {"data": []})):
        assert status(page, place, body) == 200
        assert status(page, place, body, origin=own) == 200
        for origin in ("https://evil.example", f"http://evil.example:{port}", "null", "http://[x"):
            assert status(page, place, body, origin=origin) == 403, origin
        for host in ("evil.example", f"evil.example:{port}", f"localhost.evil.example:{port}", "["):
            assert status(page, place, body, host=host) == 403, host
        rebound = f"evil.example:{port}"
        assert status(page, place, body, host=rebound, origin=f"http://{rebound}") == 403
        assert status(page, place, body, host=f"localhost:{port}") == 200
    assert status(page, "/", host="evil.example") == 403


# -- README ----------------------------------------------------------------------------------


def test_the_readmes_examples(
    sample_store: Store,
    embedder_folder: Path,
    tmp_path: Path,
    echo: Any,
    capsys: pytest.CaptureFixture[str],
) -> None:
    section = README.read_text(encoding="utf-8").partition("## From programs")[2].split("\n## ")[0]
    (code,) = re.findall(r"```python\n(.*?)```", section, re.S)
    (config,) = re.findall(r"```json\n(.*?)```", section, re.S)
    (named,) = json.loads(config)["mcpServers"].values()
    assert named["url"].endswith(f":7860{PATH}")
    with closing(Store.open(sample_store.path, Embedder(embedder_folder), create=False)) as store:
        page = start(
            tmp_path / "store",
            "small",
            None,
            tmp_path,
            port=0,
            load_engine=lambda name, models: echo(name),
            open_store=lambda path: store,
        )
        try:
            exec(code.replace("http://127.0.0.1:7860", page.address), {})
        finally:
            page.close()
    names, answer = capsys.readouterr().out.strip().splitlines()[-2:]
    assert "QUORVANE" in names.upper()
    assert re.search(r"\d", answer) and "QUORVANE" in answer.upper()
