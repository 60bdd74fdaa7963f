"""A store with a small filing and an engine that speaks from its evidence, for the app's tests."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from assistant.app.models import Model
from assistant.app.session import Desk
from assistant.cli import main
from assistant.engine import Messages, Usage
from index.embed import Embedder
from index.store import Store
from quantize.packaged import DEFAULT_EMBEDDER

TEXT = """Larkspur Valve Company
FORM 10-K
ANNUAL REPORT for the fiscal year ended December 31, {year}
(Exact name of registrant as specified in its charter) Larkspur Valve Company
\f
CONSOLIDATED STATEMENTS OF OPERATIONS
(in millions of dollars)
Year ended December 31, {year}
Total revenue {revenue}
Net income 142
"""
ASIDE = "It was 142 or 1,284 too. It was 777."


class Echo:
    """Says the evidence line with a number that is most like the question, word by word."""

    parallel = 1

    def __init__(self, name: str, scheme: str = "int4", aside: str = "", pause_s: float = 0.0):
        self.name, self.scheme, self.aside, self.pause_s = name, scheme, aside, pause_s
        self.usage: Usage | None = None
        self.words_said = 0
        self.at_once = 0
        self.most_at_once = 0

    def count_tokens(self, text: str) -> int:
        return len(text.split())

    def stream(
        self, messages: Messages, max_new_tokens: int, stop: threading.Event | None = None
    ) -> Iterator[str]:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            began = time.perf_counter()
            evidence, _, question = messages[-1]["content"].rpartition("Question:")
            if "break down" in question:
                raise RuntimeError("out of ink")
            words = f"{self._line(evidence, question)} {self.aside}".split()
            said = 0
            for word in words * (500 if "at length" in question else 1):
                if stop is not None and stop.is_set():
                    break
                time.sleep(self.pause_s)
                said, self.words_said = said + 1, self.words_said + 1
                yield f"{word} "
            took = time.perf_counter() - began
            self.usage = Usage(self.count_tokens(evidence), said, took / 2, took)
        finally:
            self.at_once -= 1

    def _line(self, evidence: str, question: str) -> str:
        asked = set(re.findall(r"[a-z]+", question.lower()))

        def alike(line: str) -> float:
            words = set(re.findall(r"[a-z]+", line.lower()))
            return len(asked & words) / max(len(words), 1)

        lines = [line for line in evidence.splitlines() if re.search(r"^[^[].*\d", line)]
        return max(lines or ["nothing"], key=alike)


def write_filing(folder: Path, year: int = 2024, revenue: str = "1,284") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"LARKSPUR_{year}_10K.txt"
    path.write_text(TEXT.format(year=year, revenue=revenue), encoding="utf-8")
    return path


@pytest.fixture
def filing() -> Callable[..., Path]:
    """Writes a fictional annual report: filing(folder, year, revenue)."""
    return write_filing


@pytest.fixture(scope="session")
def embedder(embedder_folder: Path) -> Embedder:
    return Embedder(embedder_folder)


@pytest.fixture
def store(tmp_path: Path, embedder: Embedder) -> Iterator[Store]:
    with Store.open(tmp_path / "store", embedder) as opened:
        opened.add(write_filing(tmp_path / "in"))
        yield opened


@pytest.fixture
def echo() -> type[Echo]:
    return Echo


@pytest.fixture
def desk(store: Store, tmp_path: Path) -> Desk:
    """A desk with a model that is right and one that adds what stands elsewhere, or nowhere."""
    engines = {"small": Echo("small"), "odd": Echo("odd", "full-bf16", ASIDE)}

    def load(name: str, models_dir: Path) -> Echo:
        return engines[name]

    return Desk(
        store,
        {"main": Model("small", tmp_path, load), "other": Model("odd", tmp_path, load)},
    )


@pytest.fixture
def tenq(
    tmp_path: Path,
    embedder_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Callable[..., tuple[int, str, str]]:
    """Runs `tenq ARGUMENTS`; returns exit code, stdout, stderr. TENQ_HOME is tmp_path/home."""
    models = tmp_path / "home" / "models" / DEFAULT_EMBEDDER
    models.mkdir(parents=True)
    (models / "source").symlink_to(embedder_folder, target_is_directory=True)
    monkeypatch.setenv("TENQ_HOME", str(tmp_path / "home"))

    def run(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["tenq", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return run
