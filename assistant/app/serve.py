"""Start the web chat: store, models in the background, and a server on this machine."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import sys
import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.app.auth import MOST_FAILURES, SHUT_OUT_S, Door, load_users
from assistant.app.conversations import Conversations
from assistant.app.models import LoadEngine, Model
from assistant.app.session import Desk, Which
from assistant.app.shadow import ALLOWED
from assistant.app.watched import Watched, watch
from assistant.engine import load_engine as load_any_engine
from assistant.errors import AssistantError
from assistant.home import home
from index.store import Store

if TYPE_CHECKING:
    import gradio as gr

OpenStore = Callable[[Path], Store]
MAX_UPLOAD = "200mb"
LOOPBACK = ("127.0.0.1", "localhost", "::1")
_THREADS = 100  # more than questions at the desk: each waits in one
_MOST_WAITING = 1000  # events in Gradio's queue
_SESSIONS = 1000  # pages that Gradio remembers, half a MB each; the longest unused goes first
_SIGN_IN = (
    f"Sign in to ask the filings. After {MOST_FAILURES} wrong passwords, wait "
    f"{SHUT_OUT_S / 60:.0f} minutes."
)
_ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" '
    'rx="7" fill="#0f766e"/><path d="M8 9h16v4h-6v12h-4V13H8z" fill="#fff"/></svg>'
)


@dataclass(frozen=True)
class Running:
    """A page that answers at `address` until `close`."""

    address: str
    desk: Desk
    watched: Watched
    page: gr.Blocks
    folder: Path

    def close(self) -> None:
        """Stop serving, end what runs, delete uploads and page images."""
        self.page.close(verbose=False)
        self.watched.close()
        self.desk.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def serve(
    store_path: Path,
    model: str,
    compare_with: str | None,
    models_dir: Path,
    host: str = "127.0.0.1",
    port: int = 7860,
    auth: Path | None = None,
    load_engine: LoadEngine = load_any_engine,
    *,
    open_store: OpenStore,
    shadow: float = 0.0,
    shadow_threshold: float = ALLOWED,
) -> None:
    """Serve until SIGINT or SIGTERM, then end the process; one line on stdout says where, once the
    page can be used.

    Models load meanwhile. `port` 0 takes a free one. `auth` is a file for `load_users`. `shadow` is
    the share of questions asked again of the second model (`assistant.app.shadow`). Raises
    AssistantError, IndexingError or QuantizationError where it cannot start.
    """
    running = start(
        store_path,
        model,
        compare_with,
        models_dir,
        host,
        port,
        auth,
        load_engine,
        open_store=open_store,
        shadow=shadow,
        shadow_threshold=shadow_threshold,
    )
    print(f"Tenq answers at {running.address} (Ctrl+C ends it)", flush=True)
    if host not in LOOPBACK and auth is None:
        print(
            "note: others on the network can use this page; --auth FILE asks for a password",
            file=sys.stderr,
        )
    ended = threading.Event()
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: ended.set())
    ended.wait()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    running.close()
    # A thread may still be loading a model. Native code that runs while the interpreter is taken
    # down aborts the process, so it ends without that.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def start(
    store_path: Path,
    model: str,
    compare_with: str | None,
    models_dir: Path,
    host: str = "127.0.0.1",
    port: int = 7860,
    auth: Path | None = None,
    load_engine: LoadEngine = load_any_engine,
    *,
    open_store: OpenStore,
    shadow: float = 0.0,
    shadow_threshold: float = ALLOWED,
) -> Running:
    """As `serve`, but returns once the page can be used."""
    check = load_users(auth) if auth else None
    port = _free_port(host, port)
    store = open_store(store_path)
    models: dict[Which, Model] = {"main": Model(model, models_dir, load_engine)}
    if compare_with and compare_with != model:
        models["other"] = Model(compare_with, models_dir, load_engine)
    # Readers elsewhere without names could not be told apart, and would see what others asked.
    keeps = auth is not None or host in LOOPBACK
    kept = store_path.with_name(f"{store_path.name}.conversations.sqlite")
    desk = Desk(store, models, conversations=Conversations(kept) if keeps else None)
    counts = store_path.with_name(f"{store_path.name}.monitor.sqlite")
    try:
        watched = watch(
            desk,
            counts,
            home() / "evaluations",
            shadow,
            shadow_threshold,
            keeps=keeps,
            texts=auth is None and host in LOOPBACK,
        )
    except AssistantError:
        desk.close()
        raise
    folder = Path(tempfile.mkdtemp(prefix="tenq-"))
    # Both are read when Gradio is imported or a page is built: uploads and page images go to a
    # folder of our own, and nothing is reported anywhere.
    os.environ["GRADIO_TEMP_DIR"] = str(folder)
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    try:
        page, address = _launch(desk, watched, host, port, check, folder)
    except BaseException:
        watched.close()
        desk.close()
        shutil.rmtree(folder, ignore_errors=True)
        raise
    desk.prepare()
    return Running(address, desk, watched, page, folder)


def _launch(
    desk: Desk,
    watched: Watched,
    host: str,
    port: int,
    check: Callable[[str, str], bool] | None,
    folder: Path,
) -> tuple[gr.Blocks, str]:
    from starlette.middleware import Middleware
    from starlette.routing import Route

    from assistant.app.api import Calls
    from assistant.app.gate import Gate, OwnPagesOnly, SafeHeaders
    from assistant.app.page import STYLES, build, theme
    from assistant.app.tools import PATH, Tools

    may_enter = Door(check).may_enter if check else None
    icon = folder / "icon.svg"
    icon.write_text(_ICON, encoding="utf-8")
    # Called past its queue, a function would run with whatever session it is given.
    page = build(desk, watched).queue(max_size=_MOST_WAITING, api_open=False)
    tools = Tools(Calls(desk), may_enter)
    names = LOOPBACK if check is None and host in LOOPBACK else None
    try:
        _, address, _ = page.launch(
            server_name=host,
            server_port=port,
            auth=may_enter,
            auth_message=_SIGN_IN,
            share=False,
            quiet=True,
            prevent_thread_lock=True,
            inbrowser=False,
            show_error=False,
            ssr_mode=False,
            pwa=False,
            mcp_server=False,
            enable_monitoring=False,
            run_history=False,
            footer_links=[],
            max_file_size=MAX_UPLOAD,
            max_threads=_THREADS,
            state_session_capacity=_SESSIONS,
            theme=theme(),
            css_paths=STYLES,
            favicon_path=icon,
            app_kwargs={
                "middleware": [
                    Middleware(SafeHeaders),
                    Middleware(OwnPagesOnly, names=names),
                    Middleware(Gate, sign_in=check is not None),
                ],
                "routes": [Route(PATH, tools), Route(f"{PATH}/", tools)],
                "lifespan": lambda app: tools.running(),
            },
        )
    except OSError as error:
        raise AssistantError(
            f"the page cannot be served at {host}:{port} ({error}); choose another --port"
        ) from error
    return page, str(address)


def _free_port(host: str, port: int) -> int:
    """`port`, or a free one for 0; AssistantError where it cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise AssistantError(
                f"the page cannot be served at {host}:{port} ({error.strerror}); is it in use? "
                "choose another --port or --host"
            ) from error
        return int(probe.getsockname()[1])
