"""The web chat in this process with two engines that repeat a line of their evidence, word by word,
and a headless Chromium to use it with."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from assistant.engine import Messages, Usage
from quantize.checkpoint import Manifest
from tests.assistant.conftest import ASIDE
from tests.one_by_one import OneByOne

CHROMIUM = Path("/usr/bin/chromium")
HOSTILE = (
    '<img src=x onerror="window.pwned=1"> ![p](https://evil.test/p.png) [l](https://evil.test)'
)


class Echo(OneByOne):
    """Says the evidence line with a number that is most like the question."""

    parallel = 1

    def __init__(self, name: str, scheme: str, pause_s: float, aside: str = "") -> None:
        self.name, self.scheme, self.pause_s, self.aside = name, scheme, pause_s, aside
        self.usage: Usage | None = None
        self.words_said = 0

    def count_tokens(self, text: str) -> int:
        return len(text.split())

    def stream(
        self, messages: Messages, max_new_tokens: int, stop: threading.Event | None = None
    ) -> Iterator[str]:
        began = time.perf_counter()
        evidence, _, question = messages[-1]["content"].rpartition("Question:")
        asked = set(re.findall(r"[a-z]{5,}", question.lower())) - {"larkspur", "valve", "fiscal"}
        lines = [line for line in evidence.splitlines() if re.search(r"^[^[].*\d", line)]

        def alike(line: str) -> int:
            return len(asked & set(re.findall(r"[a-z]{5,}", line.lower())))

        best = max(lines or ["nothing"], key=alike)
        words = f"{best} {self.aside}".split()
        if "long story" in question:
            words *= 200
        said = 0
        for word in words:
            if stop is not None and stop.is_set():
                break
            time.sleep(self.pause_s)
            said += 1
            self.words_said += 1
            yield f"{word} "
        self.usage = Usage(
            self.count_tokens(evidence), said, self.pause_s, time.perf_counter() - began
        )


PAGES = (
    """Larkspur Valve Company
FORM 10-K
Annual report for the fiscal year ended December 31, 2024
Commission file number 000-00000""",
    """Larkspur Valve Company
CONSOLIDATED STATEMENTS OF OPERATIONS
(in millions of dollars)
Year ended December 31, 2024 2023 2022
Total revenue $ 1,284 $ 1,107 $ 989
Cost of revenue 803 712 640
Operating income 201 164 138
Net income $ 142 $ 119 $ 97""",
    """Larkspur Valve Company
Liquidity and capital resources
We expect capital spending of $5 million to $6 million a year for the pump plant.
Hostile line 17 """
    + HOSTILE
    + """
Risk 99 of template text ${alert(1)} {{value}} and maths $x^2$ is low.""",
)


@pytest.fixture(scope="session")
def larkspur(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A three-page annual report of a company that does not exist, as PDF."""
    from reportlab.lib.pagesizes import letter
    from reportlab.pdfgen.canvas import Canvas

    path = tmp_path_factory.mktemp("filings") / "LARKSPUR_2024_10K.pdf"
    canvas = Canvas(str(path), pagesize=letter)
    for page in PAGES:
        for n, line in enumerate(page.splitlines()):
            canvas.setFont("Helvetica", 9)
            canvas.drawString(60, 720 - 18 * n, line)
        canvas.showPage()
    canvas.save()
    return path


@pytest.fixture(scope="session")
def serve_chat(
    tmp_path_factory: pytest.TempPathFactory, larkspur: Path, embedder_folder: Path
) -> Iterator[Callable[..., Any]]:
    """Start a page over a store with one filing; several may run at once. Each has a TENQ_HOME of
    its own, and in it what identifies two models, but no weights."""
    from assistant.app.serve import start
    from index.embed import Embedder
    from index.store import Store

    pages = []

    def open_store(path: Path) -> Store:
        store = Store.open(path, Embedder(embedder_folder))
        store.add(larkspur)
        return store

    def load_engine(name: str, models_dir: Path) -> Echo:
        if name == "small-int4":
            return Echo(name, "int4", 0.08)
        return Echo(name, "full-bf16", 0.01, aside=ASIDE if "odd" in name else "")

    def run(**options: Any) -> Any:
        folder = tmp_path_factory.mktemp("chat")
        small, odd = (folder / "models" / name for name in ("small-int4", "small-odd"))
        for model in (small, odd):
            model.mkdir(parents=True)
        source = {"sha256": "0" * 64}
        Manifest("small", source, "int4", "openvino", {}, {}, [], 2, 1, None, 0.0, {}).write(small)
        for file in ("config.json", "tokenizer.json", "model.safetensors"):
            (odd / file).write_text("{}")
        options = {
            "model": "small-int4",
            "compare_with": str(odd),
            "load_engine": load_engine,
            **options,
        }
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("TENQ_HOME", str(folder))
            page = start(
                folder / "store",
                models_dir=folder / "models",
                port=0,
                open_store=open_store,
                **options,
            )
        pages.append(page)
        return page

    yield run
    for page in pages:
        page.close()


@pytest.fixture(scope="session")
def chat(serve_chat: Callable[..., Any]) -> Any:
    return serve_chat()


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Headless Chromium that makes no requests of its own."""
    if not CHROMIUM.is_file():
        pytest.skip(f"no Chromium at {CHROMIUM}: apt-get install chromium")
    playwright = pytest.importorskip("playwright.sync_api", reason="pip install playwright")
    with playwright.sync_playwright() as running:
        chromium = running.chromium.launch(
            executable_path=str(CHROMIUM),
            args=[
                "--no-sandbox",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--no-first-run",
            ],
        )
        yield chromium
        chromium.close()
