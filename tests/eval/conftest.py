"""Small real pieces for evaluating without a large model: engines that follow the Protocol and
answer by reading the prompt, a model folder with a fingerprint, questions."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from assistant.engine import Engine, Messages, Usage
from eval.questions import Question
from tests.one_by_one import OneByOne


class RowReader(OneByOne):
    """Finds the evidence row that shares most words with the question and repeats it; `skips`
    words make it refuse. Counts what it was asked."""

    scheme = "rule"
    parallel = 1

    def __init__(self, name: str, skips: tuple[str, ...] = ()) -> None:
        self.name = name
        self.usage: Usage | None = None
        self.asked: list[str] = []
        self._skips = skips

    def stream(
        self, messages: Messages, max_new_tokens: int, stop: threading.Event | None = None
    ) -> Iterator[str]:
        start = time.perf_counter()
        prompt = messages[-1]["content"]
        evidence, _, asked = prompt.rpartition("Question: ")
        question = asked.partition("\n")[0]
        self.asked.append(question)
        words = set(re.findall(r"[a-z]{4,}", question.lower()))
        lines = [line for line in evidence.splitlines() if re.search(r"\d", line)]
        best = max(
            lines,
            default="",
            key=lambda line: len(words & set(re.findall(r"[a-z]{4,}", line.lower()))),
        )
        refuses = any(word in question for word in self._skips)
        text = "NOT IN THE FILINGS" if refuses else best
        yield from re.findall(r"\S+\s*", text)[:max_new_tokens]
        spent = time.perf_counter() - start
        tokens = sum(self.count_tokens(message["content"]) for message in messages)
        self.usage = Usage(tokens, min(self.count_tokens(text), max_new_tokens), spent / 2, spent)

    def count_tokens(self, text: str) -> int:
        return len(re.findall(r"\w+|[^\w\s]", text))


Readers = Callable[..., tuple[dict[str, RowReader], Callable[[str, Path, str | None], Engine]]]


@pytest.fixture
def readers() -> Readers:
    """readers(name=skips, ...) -> the engines loaded so far and a `load` that makes them."""

    def make(
        **skips: tuple[str, ...],
    ) -> tuple[dict[str, RowReader], Callable[[str, Path, str | None], Engine]]:
        loaded: dict[str, RowReader] = {}

        def load(model: str, models_dir: Path, dtype: str | None) -> Engine:
            name = Path(model).name
            loaded[name] = RowReader(name, skips.get(name, ()))
            return loaded[name]

        return loaded, load

    return make


@pytest.fixture
def model_folder(tmp_path: Path) -> Callable[..., str]:
    """A folder that reads as a full checkpoint; another `weights` gives another fingerprint."""

    def make(name: str, weights: bytes = b"weights") -> str:
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        for file in ("config.json", "tokenizer.json"):
            (folder / file).write_text("{}")
        (folder / "model.safetensors").write_bytes(weights)
        return str(folder)

    return make


_PAGE = """Larkmoor Tools, consolidated statement of income, in millions
Revenue from customers 812
Wages and salaries 301
Depreciation of machinery 44
Profit before taxation 97"""


@pytest.fixture
def questions() -> list[Question]:
    """Four with the page that answers them, one that no filing answers."""
    asked = {
        "revenue": ("What was Larkmoor's revenue from customers, in USD millions?", "$812"),
        "wages": ("What were the wages and salaries of Larkmoor, in USD millions?", "$301"),
        "depreciation": ("What was depreciation of machinery at Larkmoor in USD millions?", "$44"),
        "profit": ("What was Larkmoor's profit before taxation in USD millions?", "$97"),
    }
    return [
        Question(id, text, gold, "LARKMOOR_2023", (3,), "lookup", gold_pages=((3, _PAGE),))
        for id, (text, gold) in asked.items()
    ]
