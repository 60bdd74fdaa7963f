"""Many readers at once: what each waited, and what went wrong, is counted."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from eval.errors import EvaluationError
from eval.load import Ask, load_of, run_load
from eval.report import load_markdown

ANSWER = {"answer": "5", "refused": False, "completion_tokens": 3, "model": {"scheme": "int4"}}
CALCULATED = ANSWER | {"completion_tokens": 0, "model": {"scheme": "calculated"}}


def reader(
    first_s: float, then_s: float, answer: dict[str, Any] | None = None, line: bool = False
) -> Ask:
    def ask(question: str) -> Iterator[Any]:
        yield {"question": question, "phase": "Looking in the filings…", "text": ""}
        if line:
            yield {"question": question, "phase": "Waiting: 2 questions before yours…", "text": ""}
        time.sleep(first_s)
        yield {"question": question, "phase": "Answering…", "text": "5"}
        time.sleep(then_s)
        yield answer or ANSWER

    return ask


def test_waits_are_the_readers_own() -> None:
    askers = [reader(0.05, 0.1, line=True) for _ in range(4)]
    result = load_of(askers, ["a?", "b?"], 0.6)
    assert result["errors"] == 0 and result["unfinished"] == 0
    assert result["answers"] == result["by_model"] == result["waited_in_line"] >= 12
    assert 0.05 <= result["all"]["first_s"]["p50"] <= 0.12
    assert 0.15 <= result["all"]["total_s"]["p50"] <= 0.3
    assert result["answers_per_reader"]["least"] >= 3
    assert "4 readers" in load_markdown(result)


def test_what_was_calculated_is_not_the_models() -> None:
    result = load_of([reader(0.0, 0.01, CALCULATED), reader(0.0, 0.01)], ["a?"], 0.3)
    assert 0 < result["by_model"] < result["answers"]
    assert result["model"]["n"] == result["by_model"]


def test_errors_are_counted_by_what_was_said_and_cost_no_other_reader() -> None:
    def broken(question: str) -> Iterator[Any]:
        time.sleep(0.02)
        raise ConnectionError("the server\nis gone")
        yield

    def silent(question: str) -> Iterator[Any]:
        time.sleep(0.02)
        yield {"question": question, "phase": "Looking…", "text": ""}

    result = load_of([broken, silent, reader(0.0, 0.02)], ["a?"], 0.3)
    assert set(result["error_kinds"]) == {"the server is gone", "no answer came"}
    assert result["errors"] == sum(result["error_kinds"].values()) >= 4
    assert result["answers"] > 0 and result["answers_per_reader"]["least"] == 0
    assert "the server is gone" in load_markdown(result)


def test_every_reader_asks_every_question_in_an_order_of_its_own() -> None:
    asked: dict[int, list[str]] = {}

    def listener(n: int) -> Ask:
        def ask(question: str) -> Iterator[Any]:
            asked.setdefault(n, []).append(question)
            time.sleep(0.005)
            yield ANSWER

        return ask

    questions = [f"{n}?" for n in range(8)]
    load_of([listener(0), listener(1)], questions, 0.5)
    assert sorted(asked[0][:8]) == sorted(asked[1][:8]) == questions
    assert asked[0][:8] != asked[1][:8]


@pytest.mark.parametrize(
    ("run", "said"),
    [
        (lambda: load_of([reader(0, 0)], [], 0.1), "no questions"),
        (lambda: run_load("http://127.0.0.1:9", ["a?"], 1, 0.1), "no chat answers at"),
    ],
)
def test_what_cannot_be_measured_is_said(run: Callable[[], Any], said: str) -> None:
    with pytest.raises(EvaluationError, match=said):
        run()
    assert threading.active_count() < 50
