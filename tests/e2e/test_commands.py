"""The commands as a user gives them, with the default model: set up, ask, compare, measure."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def home() -> Path:
    """A TENQ_HOME with the default model, made once; .ci/run names a fresh one."""
    root = Path(__file__).resolve().parent.parent.parent
    return Path(os.environ.get("TENQ_HOME", root / ".e2e-home"))


def tenq(home: Path, *arguments: str, code: int = 0) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "assistant.cli", *arguments],
        capture_output=True,
        text=True,
        env={**os.environ, "TENQ_HOME": str(home), "HF_HUB_OFFLINE": "1"},
    )
    assert done.returncode == code, done.stderr[-2000:]
    assert "Traceback" not in done.stderr
    return done


@pytest.fixture(scope="module", autouse=True)
def ready(home: Path) -> None:
    tenq(home, "setup")


def test_second_setup_is_quick(home: Path) -> None:
    start = time.monotonic()
    tenq(home, "setup")
    assert time.monotonic() - start < 20


def test_store_holds_the_samples(home: Path) -> None:
    listed = json.loads(tenq(home, "index", "list", "--json").stdout)
    assert {(d["form"], d["fiscal_year"]) for d in listed} == {("10-K", 2023), ("10-K", 2024)}
    assert len(listed) == 4


def test_figure_is_looked_up_without_a_model(home: Path) -> None:
    question = "What were Quorvane's total inventories at the end of fiscal 2024?"
    answer = json.loads(tenq(home, "ask", question, "--json").stdout)
    assert answer["model"]["scheme"] == "calculated"
    assert answer["value"] == 233_000_000
    assert (answer["unit"], answer["facts"][0]["shown"]) == ("USD", "233")
    assert "233" in answer["citations"][0]["quote"]


def test_question_is_answered_with_citation(home: Path) -> None:
    question = "How large was Quorvane's order backlog at the end of 2024?"
    answer = json.loads(tenq(home, "ask", question, "--json").stdout)
    assert not answer["refused"]
    assert answer["model"]["scheme"] == "int4"
    assert answer["citations"][0]["doc"].startswith("QUORVANE")
    listed = json.loads(tenq(home, "search", "Quorvane order backlog", "--json").stdout)
    assert any(answer["citations"][0]["quote"] in hit["text"] for hit in listed)
    assert answer["timings_s"]["total"] > answer["timings_s"]["first_token"] > 0


def test_company_not_in_the_store_is_refused(home: Path) -> None:
    answer = json.loads(tenq(home, "ask", "What was Zephyrine's revenue in 2024?", "--json").stdout)
    assert answer["refused"]
    assert answer["answer"].startswith("Not in the filings.")


def test_compare_shows_both_models(home: Path) -> None:
    out = tenq(home, "compare", "What was Quorvane's net income in fiscal 2024?").stdout
    assert "(int4)" in out
    assert "(full-bf16)" in out
    assert out.count("MB peak memory") == 2
    assert "sources:" in out or "closest passages:" in out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["ask", " "], "the question is empty"),
        (["ask", "x", "--model", "no-such"], "no model 'no-such'"),
        (["index", "add", "/no/such/file.pdf"], "/no/such/file.pdf"),
        (["index", "remove", "999"], "no document 999"),
        (["quantize", "smollm2-135m", "--scheme", "int3"], "no scheme 'int3'"),
        (["models", "pull", "nothing"], "nothing"),
    ],
)
def test_mistakes_are_one_line(home: Path, arguments: list[str], said: str) -> None:
    done = tenq(home, *arguments, code=2)
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("tenq: ")]
    assert said in line
