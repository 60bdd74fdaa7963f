"""The commands as a user gives them: a tiny model against itself, and every mistake as one line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from assistant.cli import main
from tests.eval.test_run import write_plan, write_questions

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def tenq(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., int]:
    """tenq("eval", "gate", ...) -> the exit code."""
    monkeypatch.setenv("TENQ_HOME", str(tmp_path / "home"))

    def run(*arguments: object) -> int:
        with pytest.raises(SystemExit) as ended:
            monkeypatch.setattr("sys.argv", ["tenq", *map(str, arguments)])
            main()
        return int(ended.value.code or 0)

    return run


def test_from_a_plan_to_a_verdict(
    tenq: Callable[..., int], tiny_llm: Path, tmp_path: Path, capsys: Capture
) -> None:
    write_questions(tmp_path, 4)
    plan = write_plan(tmp_path, f"{tiny_llm}@fp32", str(tiny_llm))
    out = tmp_path / "run"
    assert tenq("eval", "run", plan, "--out", out) == 0
    assert "4 of 4" in capsys.readouterr().out
    assert tenq("eval", "report", out) == 0
    page = (out / "report.html").read_text()
    assert "lookups" in page and "<script" not in page and "http://" not in page
    summary = json.loads((out / "report.json").read_text())
    assert summary["finished"] and summary["gate"]["outcome"] == "undecided"
    assert (out / "report.md").read_text().startswith("# ")
    capsys.readouterr()
    # Random weights have nothing right: nothing can be kept of that, and the gate says so.
    assert tenq("eval", "gate", out, "--min-recovery", 0.9, "--json", tmp_path / "g.json") == 1
    told = capsys.readouterr().out
    assert told.startswith("UNDECIDED") and "none of these questions right" in told
    assert json.loads((tmp_path / "g.json").read_text())["outcome"] == "undecided"
    assert tenq("eval", "diff", out, out) == 0
    assert "| 4 |" in capsys.readouterr().out


def test_fidelity_and_speed_are_measured_once(
    tenq: Callable[..., int], tiny_llm: Path, tmp_path: Path
) -> None:
    write_questions(tmp_path, 2)
    text = " ".join(f"The balance of account {n} is {n * 37 % 101} thousand." for n in range(200))
    (tmp_path / "texts.jsonl").write_text(json.dumps({"text": text}))
    plan = write_plan(tmp_path, f"{tiny_llm}@fp32", str(tiny_llm))
    with plan.open("a") as file:
        file.write('[fidelity]\ntexts = "texts.jsonl"\nwindows = 2\nwindow_tokens = 64\n')
        file.write("[speed]\nruns = 1\nprompt_tokens = 128\nnew_tokens = 2\n")
    out = tmp_path / "run"
    assert tenq("eval", "run", plan, "--out", out) == 0
    measured = [(out / name).read_bytes() for name in ("fidelity.json", "speed.json")]
    assert tenq("eval", "run", plan, "--out", out) == 0
    assert measured == [(out / name).read_bytes() for name in ("fidelity.json", "speed.json")]
    assert tenq("eval", "report", out) == 0
    summary = json.loads((out / "report.json").read_text())
    assert [each["floor"] for each in summary["fidelity"]] == [False, True]
    assert summary["fidelity"][0]["kld"]["mean"] >= 0
    assert {each["seconds_from"] for each in summary["pareto"]} == {"speed"}


def test_mistakes_are_one_line(
    tenq: Callable[..., int], model_folder: Callable[..., str], tmp_path: Path, capsys: Capture
) -> None:
    (tmp_path / "file").write_text("")
    write_questions(tmp_path, 2)
    plan = write_plan(tmp_path, model_folder("full"))
    made = tmp_path / "made.toml"
    made.write_text('[[models]]\nfull = "a"\n[[questions]]\nname = "q"\nmake = 5')
    for arguments, said in (
        (("report", tmp_path / "nowhere"), "tenq eval run PLAN.toml"),
        (("gate", tmp_path), "holds no evaluation run"),
        (("diff", tmp_path, tmp_path), "holds no evaluation run"),
        (("run", tmp_path / "no.toml"), "cannot read"),
        (("run", plan, "--out", tmp_path / "file"), "is a file"),
        (("run", made), "store"),
    ):
        assert tenq("eval", *arguments) == 2
        error = capsys.readouterr().err.strip()
        assert said in error and "Traceback" not in error and "\n" not in error
