"""Runs: asked once, resumed after any kill, summed up, gated and compared."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from eval.diff import run_diff
from eval.errors import EvaluationError
from eval.gate import overall, run_gate
from eval.questions import Question
from eval.run import batches, run_plan
from eval.run_folder import RunFolder
from eval.run_plan import GatePlan, Limits, read_limits, read_plan
from eval.run_summary import summarize

Readers = Callable[..., Any]
ModelFolder = Callable[..., str]
ROOT = Path(__file__).resolve().parents[2]
_PAGE = "Larkmoor Tools, statement of income, in millions\n"


def write_questions(folder: Path, count: int) -> None:
    """A set of lookups, each with a page that states its answer; every second of another kind."""
    names = [f"costs of the {chr(97 + n // 26)}{chr(97 + n % 26)}foundry" for n in range(count)]
    page = _PAGE + "\n".join(f"{name} {100 + n}" for n, name in enumerate(names))
    lines = [
        {
            "id": f"q{n}",
            "question": f"What were the {name} of Larkmoor, in USD millions?",
            "answer": f"${100 + n}",
            "doc": f"LARKMOOR_{2014 + n % 10}",
            "pages": [3],
            "type": "odd" if n % 2 else "even",
            "gold_pages_text": [{"page": 3, "text": page}],
        }
        for n, name in enumerate(names)
    ]
    (folder / "questions.jsonl").write_text("\n".join(map(json.dumps, lines)))


def write_plan(folder: Path, full: str, *others: str, more: str = "") -> Path:
    plan = folder / "plan.toml"
    plan.write_text(
        f"{more}\nbatch = 3\n[[models]]\nfull = {json.dumps(full)}\nothers = {json.dumps(others)}\n"
        '[[questions]]\nname = "lookups"\nfile = "questions.jsonl"\n'
    )
    return plan


def carry_out(plan: Path, out: Path, load: Any) -> dict[str, Any]:
    read, text = read_plan(plan)
    run_plan(read, text, plan.parent, out, None, plan.parent, load)
    return summarize(RunFolder(out))


def test_every_model_answers_and_is_compared(
    readers: Readers, model_folder: ModelFolder, tmp_path: Path
) -> None:
    write_questions(tmp_path, 20)
    loaded, load = readers(small=("aafoundry", "abfoundry", "adfoundry"))
    plan = write_plan(tmp_path, model_folder("full"), model_folder("small", b"4 bits"))
    summary = carry_out(plan, tmp_path / "run", load)
    full, small = summary["cells"]
    assert (full["asked"], full["correct"], small["correct"], small["refused"]) == (20, 20, 17, 3)
    assert summary["finished"] and summary["plan"] == plan.read_text()
    assert small["by_type"]["odd"]["correct"] == 8 and small["stages"] == {"refusal": 3}
    (compared,) = summary["comparisons"]
    assert (compared["n"], compared["lost"], compared["gained"]) == (20, 3, 0)
    assert compared["recovery"]["value"] == pytest.approx(0.85)
    assert 0.6 < compared["recovery"]["ci_low"] < 0.72 < 1 < compared["recovery"]["ci_high"] < 1.1
    assert {each["id"] for each in compared["changed"]} == {"q0", "q1", "q3"}
    assert compared["by_filing"]["filings"] == 10
    assert compared["by_filing"]["recovery"]["ci_low"] < 0.85 <= 1.0  # of ten, two are known
    assert compared["power"]["smallest_loss"] is None  # so few questions show no loss for sure
    assert compared["power"]["n_for_2_percent"] > 1000
    assert [each["recovery"]["value"] for each in summary["pareto"]] == [1.0, pytest.approx(0.85)]
    lines = (tmp_path / "run" / "cells").glob("*.jsonl")
    records = [json.loads(line) for file in lines for line in file.read_text().splitlines()]
    assert len(records) == 40 and all("foundry" in str(each["prompt"]) for each in records)
    assert len(loaded["full"].asked) == 21  # one to warm up


def test_running_again_asks_only_what_changed(
    readers: Readers, model_folder: ModelFolder, tmp_path: Path
) -> None:
    write_questions(tmp_path, 10)
    plan = write_plan(tmp_path, model_folder("full"), model_folder("small", b"4 bits"))
    before = carry_out(plan, tmp_path / "run", readers()[1])
    loaded, load = readers()
    again = carry_out(plan, tmp_path / "run", load)
    assert not loaded and again == before
    model_folder("small", b"other weights")
    changed = carry_out(plan, tmp_path / "run", load)
    assert list(loaded) == ["small"] and changed["results_sha256"] == before["results_sha256"]
    text = (tmp_path / "questions.jsonl").read_text().replace('"$104"', '"$999"')
    (tmp_path / "questions.jsonl").write_text(text)
    wrong = carry_out(plan, tmp_path / "run", load)
    assert [each["correct"] for each in wrong["cells"]] == [9, 9]
    assert wrong["results_sha256"] != before["results_sha256"]


def test_the_weights_at_16_bits_stand_for_the_full_model(
    readers: Readers, model_folder: ModelFolder, tmp_path: Path
) -> None:
    """The full model itself is not asked."""
    write_questions(tmp_path, 6)
    full = model_folder("full")
    for scheme in ("bf16", "int4"):
        model_folder(f"full/{scheme}")
    plan = tmp_path / "plan.toml"
    family = f'full = {json.dumps(full)}\nschemes = ["int4", "bf16"]\nreference = "bf16"\n'
    plan.write_text(
        f'[[models]]\n{family}[[questions]]\nname = "lookups"\nfile = "questions.jsonl"\n'
    )
    loaded, load = readers()
    summary = carry_out(plan, tmp_path / "run", load)
    assert list(loaded) == ["bf16", "int4"]
    (compared,) = summary["comparisons"]
    assert (compared["model"], compared["full"]) == (f"{full}/int4", f"{full}/bf16")
    assert any(f"answers in place of {full}:" in note for note in summary["notes"])


def test_what_several_read_takes_room_once() -> None:
    def tasks(*evidence: str) -> list[Any]:
        return [SimpleNamespace(read=text) for text in evidence]

    large, other = "a" * 30_000, "b" * 30_000
    assert list(map(len, batches(tasks(large, large, large, other, other), 9))) == [3, 2]
    assert list(map(len, batches(tasks(large, large, large, "c"), 2))) == [2, 2]
    assert list(map(len, batches(tasks(large * 5, "c"), 9))) == [1, 1]
    assert list(batches([], 9)) == []


def test_killed_anywhere_the_resumed_run_comes_to_the_same(
    readers: Readers, model_folder: ModelFolder, tmp_path: Path
) -> None:
    write_questions(tmp_path, 12)
    plan = write_plan(tmp_path, model_folder("full"), model_folder("small", b"4 bits"))
    whole = carry_out(plan, tmp_path / "whole", readers(full=(), small=("abfoundry",))[1])
    command = [sys.executable, str(Path(__file__).with_name("killed_run.py")), str(plan)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    rng = random.Random(11)
    kills = 0
    for _ in range(10):
        process = subprocess.Popen(
            [*command, str(tmp_path / "killed"), "0.12"], env=environment, stdout=subprocess.PIPE
        )
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(rng.uniform(0.0, 0.5))
        kills += process.poll() is None
        process.kill()
        process.communicate()
    assert kills >= 3
    subprocess.run([*command, str(tmp_path / "killed"), "0"], env=environment, check=True)
    resumed = summarize(RunFolder(tmp_path / "killed"))
    assert resumed["finished"] and resumed["results_sha256"] == whole["results_sha256"]


def test_gate_passes_fails_or_cannot_tell(
    readers: Readers, model_folder: ModelFolder, tmp_path: Path
) -> None:
    write_questions(tmp_path, 400)
    damaged = tuple(f"{chr(97 + n // 26)}{chr(97 + n % 26)}foundry" for n in range(0, 400, 10))
    _, load = readers(damaged=damaged)
    names = [model_folder(name, name.encode()) for name in ("full", "same", "damaged")]
    plan = write_plan(tmp_path, *names)
    carry_out(plan, tmp_path / "run", load)
    folder = RunFolder(tmp_path / "run")

    def outcomes(**limits: Any) -> list[str]:
        return [each["outcome"] for each in run_gate(folder, GatePlan(**limits))["tests"]]

    assert outcomes(min_recovery=0.98) == ["pass", "fail"]
    assert outcomes(min_recovery=0.8) == ["pass", "pass"]
    assert outcomes(min_recovery=0.9) == ["pass", "undecided"]
    assert outcomes(min_recovery=0.999) == ["undecided", "fail"]
    assert outcomes(margin=0.02) == ["pass", "fail"]
    assert outcomes(margin=0.0) == ["undecided", "fail"]
    kinds = run_gate(folder, GatePlan(types={"odd": Limits(min_recovery=0.98)}))
    assert [(each["type"], each["n"], each["outcome"]) for each in kinds["tests"]] == [
        ("odd", 200, "pass"),
        ("odd", 200, "pass"),
    ]
    told = run_gate(folder, GatePlan(min_recovery=0.999))["tests"][0]
    assert "400 questions cannot tell; about" in told["reason"]
    assert told["bound_low"] < 0.999 < told["bound_high"]
    with pytest.raises(EvaluationError, match="min-recovery"):
        run_gate(folder, GatePlan())
    with pytest.raises(EvaluationError, match="no question set 'x'"):
        run_gate(folder, GatePlan(min_recovery=0.9, sets=["x"]))


def test_an_unfinished_run_decides_nothing(
    readers: Readers, model_folder: ModelFolder, tmp_path: Path
) -> None:
    write_questions(tmp_path, 8)
    plan = write_plan(tmp_path, model_folder("full"), model_folder("small", b"4 bits"))
    carry_out(plan, tmp_path / "run", readers()[1])
    cell = sorted((tmp_path / "run" / "cells").glob("*small*.jsonl"))[0]
    cell.write_text("".join(cell.read_text().splitlines(keepends=True)[:5]))
    folder = RunFolder(tmp_path / "run")
    assert not summarize(folder)["finished"]
    gate = run_gate(folder, GatePlan(min_recovery=0.1))
    assert gate["outcome"] == "undecided" and "3 answers are missing" in gate["tests"][0]["reason"]


def test_one_failure_fails_the_whole() -> None:
    assert overall(["pass", "undecided", "fail"]) == "fail"
    assert overall(["pass", "undecided"]) == "undecided"
    assert overall(["pass", "pass"]) == "pass"


def test_difference_of_two_runs(
    readers: Readers, model_folder: ModelFolder, tmp_path: Path
) -> None:
    write_questions(tmp_path, 10)
    plan = write_plan(tmp_path, model_folder("full"))
    carry_out(plan, tmp_path / "a", readers(full=("aafoundry",))[1])
    write_questions(tmp_path, 12)
    carry_out(plan, tmp_path / "b", readers(full=("abfoundry", "acfoundry"))[1])
    # A page of twelve rows is another prompt, but the ten questions are the same.
    found = run_diff(RunFolder(tmp_path / "a"), RunFolder(tmp_path / "b"))
    (cell,) = found["cells"]
    assert (cell["n"], cell["lost"], cell["gained"]) == (10, 2, 1)
    assert (cell["accuracy_before"], cell["accuracy_after"]) == (0.9, 0.8)
    assert "2 questions" in found["left_out"][0]
    other = write_plan(tmp_path, model_folder("other", b"other"))
    carry_out(other, tmp_path / "c", readers()[1])
    with pytest.raises(EvaluationError, match="in common"):
        run_diff(RunFolder(tmp_path / "a"), RunFolder(tmp_path / "c"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[models", "not a TOML file"),
        ("", "models: Field required"),
        ('[[models]]\nfull = "a"\n[[questions]]\nname = "q"', "give either file or make"),
        (
            '[[models]]\nfull = "a"\n[[questions]]\nname = "q"\nmake = 0',
            "at least 1 where there are no unanswerable ones",
        ),
        ('[[models]]\nfull = "a"\n[[questions]]\nname = "../q"\nmake = 5', "questions.0.name"),
        ('[[models]]\nfull = 3\n[[questions]]\nname = "q"\nmake = 5', "models.0.full"),
        ('typo = 1\n[[models]]\nfull = "a"\n[[questions]]\nname = "q"\nmake = 5', "typo: Extra"),
        (
            '[[models]]\nfull = "a"\nothers = ["a"]\n[[questions]]\nname = "q"\nmake = 5',
            "model 'a' stands twice",
        ),
        (
            '[[models]]\nfull = "a"\n[[questions]]\nname = "q"\nmake = 5\nevidence = ["none"]',
            "questions.0.evidence.0",
        ),
        (
            '"' + "a" * 5000 + '" = 1\n[[models]]\nfull = "a"\n[[questions]]\nname = "q"\nmake = 5',
            "aaa",
        ),
        (
            '"two\\nlines" = 1\n[[models]]\nfull = "a"\n[[questions]]\nname = "q"\nmake = 5',
            "two lines",
        ),
    ],
)
def test_mistakes_in_a_plan_are_one_line(text: str, said: str, tmp_path: Path) -> None:
    plan = tmp_path / "plan.toml"
    plan.write_text(text)
    with pytest.raises(EvaluationError) as caught:
        read_plan(plan)
    assert said in str(caught.value) and "\n" not in str(caught.value)
    assert str(plan) in str(caught.value) and len(str(caught.value)) < 800


def test_limits_by_kind_are_read_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "limits.toml"
    file.write_text('min_recovery = 0.98\n[types."income statement"]\nmargin = 0.03\n')
    assert read_limits(file).types["income statement"].margin == 0.03
    file.write_text("min_recovery = 98\n")
    with pytest.raises(EvaluationError, match="min_recovery"):
        read_limits(file)


def test_damaged_runs_are_one_line(
    readers: Readers, model_folder: ModelFolder, tmp_path: Path
) -> None:
    with pytest.raises(EvaluationError, match="tenq eval run"):
        summarize(RunFolder(tmp_path / "nowhere"))
    write_questions(tmp_path, 4)
    run = tmp_path / "run"
    carry_out(write_plan(tmp_path, model_folder("full")), run, readers()[1])
    cell = next((run / "cells").glob("*.json"))
    kept = cell.read_text()
    cell.write_text(kept[:40])
    with pytest.raises(EvaluationError, match="damaged"):
        summarize(RunFolder(run))
    cell.write_text(kept)
    whole = json.loads((run / "run.json").read_text())
    for change in ({"cells": [5]}, {"models": None}, {"sets": [{}]}, {"title": 1, "models": []}):
        (run / "run.json").write_text(json.dumps({**whole, **change}))
        with pytest.raises(EvaluationError, match="damaged") as caught:
            summarize(RunFolder(run))
        assert "\n" not in str(caught.value)
    (run / "run.json").write_text('{"format": 99}')
    with pytest.raises(EvaluationError, match="another version"):
        summarize(RunFolder(run))


def test_questions_without_evidence_are_said_before_the_work(
    readers: Readers, model_folder: ModelFolder, questions: list[Question], tmp_path: Path
) -> None:
    loaded, load = readers()
    line = {"id": "x", "question": "Why?", "answer": "so", "doc": "A_2023", "pages": [1]}
    (tmp_path / "questions.jsonl").write_text(json.dumps(line))
    with pytest.raises(EvaluationError, match="none of the questions lookups can be asked"):
        carry_out(write_plan(tmp_path, model_folder("full")), tmp_path / "run", load)
    assert not loaded
