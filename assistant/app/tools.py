"""The calls of `api.py` as MCP tools (Model Context Protocol, streamable HTTP) at PATH of the page.

Gradio has an MCP server of its own, which is not used: in 6.31 it stands outside the page's
sign-in, takes any Host and Origin, keeps an older transport open beside it, and lets a tool run on
after its caller has gone.
"""

from __future__ import annotations

import base64
import inspect
import json
import re
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, closing
from importlib.metadata import version
from typing import Any

import anyio
import gradio as gr
from anyio.to_thread import run_sync
from mcp.server import Server, ServerRequestContext
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.types import (
    CallToolRequestParams,
    CallToolResult,
    ListToolsResult,
    PaginatedRequestParams,
    TextContent,
    Tool,
    ToolAnnotations,
)
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse

from assistant.app.api import Calls
from assistant.app.problems import one_line

PATH = "/gradio_api/mcp"  # where Gradio's would be; it leaves streams on this path uncompressed
MayEnter = Callable[[str, str], Awaitable[bool]]
_AT_ONCE = 16
_SESSIONS = 200
_LARGEST_BYTES = 64 * 1024
_LOOK_S = 0.5
_ABOUT = (
    "Financial filings indexed on this machine. `ask` gives checked answers with citations; quote "
    "the cited page, and treat an answer that is not `supported` as unchecked. `filings` lists "
    "what there is."
)
_TYPES = {"str": "string", "int": "integer"}


class Tools:
    """An ASGI application that serves `calls` as tools, and nothing else: no resources, prompts or
    files. With `may_enter`, HTTP Basic credentials are asked for with every request."""

    def __init__(self, calls: Calls, may_enter: MayEnter | None = None) -> None:
        self._calls = {call.__name__: call for call in calls.all()}
        self._may_enter = may_enter
        self._limiter = anyio.CapacityLimiter(_AT_ONCE)
        server: Server[Any] = Server(
            "tenq",
            version=version("tenq"),
            title="Tenq",
            instructions=_ABOUT,
            on_list_tools=self._list,
            on_call_tool=self._call,
        )
        self._manager = StreamableHTTPSessionManager(
            server, max_request_body_size=_LARGEST_BYTES, max_sessions=_SESSIONS
        )

    def running(self) -> AbstractAsyncContextManager[None]:
        """Tools are served inside this context, once."""
        return self._manager.run()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one HTTP request."""
        known = _credentials(Headers(scope=scope)) if self._may_enter else None
        if self._may_enter and not (known and await self._may_enter(*known)):
            refusal = PlainTextResponse(
                "sign in with HTTP Basic", 401, {"www-authenticate": 'Basic realm="Tenq"'}
            )
            await refusal(scope, receive, send)
            return
        await self._manager.handle_request(scope, receive, send)

    async def _list(
        self, context: ServerRequestContext[Any], params: PaginatedRequestParams | None
    ) -> ListToolsResult:
        return ListToolsResult(tools=[tool_of(call) for call in self._calls.values()])

    async def _call(
        self, context: ServerRequestContext[Any], params: CallToolRequestParams
    ) -> CallToolResult:
        call, given = self._calls.get(params.name), params.arguments or {}
        asking = self._asking(context.request)
        if call is None:
            return _failed(f"there is no tool {params.name[:40]!r}")
        try:
            inspect.signature(call).bind(**given, request=asking)
        except TypeError as error:
            return _failed(f"{params.name}: {error}")
        gone = threading.Event()
        try:
            async with anyio.create_task_group() as group:
                group.start_soon(_watch, context.request, gone)
                result = await run_sync(
                    _result,
                    call,
                    given | {"request": asking},
                    gone,
                    limiter=self._limiter,
                    abandon_on_cancel=True,
                )
                group.cancel_scope.cancel()
        finally:
            gone.set()  # also where the caller has cancelled: the model is free for others
        return result

    def _asking(self, request: Any) -> gr.Request:
        """Who asks, as the page's own calls are told it; nobody's name was checked without
        `may_enter`."""
        known = _credentials(request.headers) if self._may_enter and request is not None else None
        return gr.Request(username=known[0] if known else None)


def tool_of(call: Callable[..., Any]) -> Tool:
    """A call as clients are shown it: name, parameters and docstring."""
    doc = inspect.getdoc(call) or ""
    said = {
        name: " ".join(text.split())
        for name, text in re.findall(r"^    (\w+): (.*(?:\n {8}.*)*)", doc, re.M)
    }
    about, _, rest = doc.partition("\n\nArgs:\n")
    result = (rest or doc).partition("\n\nReturns:\n")[2]
    about = about.partition("\n\nReturns:\n")[0]
    properties, required = {}, []
    for name, parameter in inspect.signature(call).parameters.items():
        if name == "request":
            continue
        properties[name] = {"type": _TYPES[str(parameter.annotation)], "description": said[name]}
        if parameter.default is parameter.empty:
            required.append(name)
        else:
            properties[name]["default"] = parameter.default
    return Tool(
        name=call.__name__,
        description=f"{about}\n\nReturns: {' '.join(result.split())}",
        input_schema={
            "type": "object",
            "properties": properties,
            "required": required,
            "additionalProperties": False,
        },
        annotations=ToolAnnotations(read_only_hint=True, open_world_hint=False),
    )


def _result(
    call: Callable[..., Any], given: dict[str, Any], gone: threading.Event
) -> CallToolResult:
    """What the call gives in the end, in a thread; given up once the caller has `gone`."""
    try:
        value = call(**given)
        if isinstance(value, Iterator):
            with closing(value) as steps:  # type: ignore[type-var]
                for value in steps:  # noqa: B007 (the last one is the result)
                    if gone.is_set():
                        return _failed("cancelled")
    except gr.Error as error:
        return _failed(str(error.message))
    except Exception as error:
        return _failed(one_line(error))
    shown = json.dumps(value, ensure_ascii=False, default=str)
    return CallToolResult(
        content=[TextContent(text=shown)],
        structured_content=value if isinstance(value, dict) else {"result": value},
    )


def _failed(text: str) -> CallToolResult:
    return CallToolResult(content=[TextContent(text=text)], is_error=True)


async def _watch(request: Any, gone: threading.Event) -> None:
    """Notice that the caller hung up: older clients do that without a word."""
    while request is not None and not await request.is_disconnected():
        await anyio.sleep(_LOOK_S)
    if request is not None:
        gone.set()


def _credentials(headers: Headers) -> tuple[str, str] | None:
    """Name and password of HTTP Basic, unchecked; None without them."""
    scheme, _, word = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        user, colon, password = base64.b64decode(word, validate=True).decode().partition(":")
    except ValueError:  # not base64, or not UTF-8
        return None
    return (user, password) if colon else None
