from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from eval.commands import app
from eval.errors import EvaluationError

ROOT = Path(__file__).resolve().parents[2]


def labelled(tmp_path: Path) -> Path:
    file = tmp_path / "labelled.jsonl"
    rows = [
        {"gold_answer": "$5 million", "model_answer": "$5 million", "label": "Correct Answer"},
        {"gold_answer": "$5 million", "model_answer": "$7 million", "label": "Incorrect Answer"},
        {"gold_answer": "$5 million", "model_answer": "I'm sorry, no.", "label": "Refusal"},
    ]
    lines = [json.dumps({"question": "How much was revenue?", **row}) for row in rows]
    file.write_text("\n".join(lines))
    return file


def test_results_go_to_stdout_and_files(tmp_path: Path) -> None:
    out, tables = tmp_path / "new" / "r.json", tmp_path / "r.md"
    arguments = ["grader-agreement", str(labelled(tmp_path))]
    result = CliRunner().invoke(app, [*arguments, "--json", str(out), "--markdown", str(tables)])
    assert result.exit_code == 0
    assert json.loads(out.read_text())["overall"] == {"n": 3, "agreement": 1.0, "kappa": 1.0}
    assert "| all | 3 | 100.0% | 1.000 |" in result.stdout
    assert tables.read_text() == result.stdout


def test_help_needs_nothing_heavy() -> None:
    code = (
        "import sys; from eval.run_commands import app; "
        "print([m for m in ('torch', 'openvino', 'faiss', 'numpy', 'scipy', 'transformers')"
        " if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["retrieval", "--questions", "none.jsonl"], "cannot read none.jsonl"),
        (["answers", "--questions", "none.jsonl"], "cannot read none.jsonl"),
        (["answers", "--questions", "q", "--min-recovery", "1"], "needs --compare-with"),
        (["speed", "--models", "x"], "write NAME=FOLDER"),
        (["speed", "--models", "a=x", "a=y"], "a name of its own"),
        (["grader-agreement", "none.jsonl"], "cannot read none.jsonl"),
    ],
)
def test_mistakes_are_one_line(
    arguments: list[str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(app, arguments)
    assert isinstance(result.exception, EvaluationError)
    assert message in str(result.exception) and "\n" not in str(result.exception)


def test_an_unwritable_result_is_found_before_the_work(tmp_path: Path) -> None:
    result = CliRunner().invoke(
        app, ["grader-agreement", str(labelled(tmp_path)), "--json", str(tmp_path)]
    )
    assert isinstance(result.exception, EvaluationError)
    assert "is a folder" in str(result.exception)


def test_a_threshold_not_met_exits_1(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, embedder_folder: Path
) -> None:
    monkeypatch.setenv("TENQ_HOME", str(embedder_folder.parents[2]))
    file = tmp_path / "LARKMOOR_2023.txt"
    file.write_text("Larkmoor Tools plc annual report 2023\n\fRevenue from customers 812\n")
    from index.embed import Embedder
    from index.store import Store

    with Store.open(tmp_path / "store", Embedder(embedder_folder)) as store:
        store.add(file)
    questions = tmp_path / "q.jsonl"
    record = {"id": "q", "question": "Revenue?", "answer": "1", "doc": file.stem, "pages": [99]}
    questions.write_text(json.dumps(record))
    arguments = ["retrieval", "--questions", str(questions), "--store", str(tmp_path / "store")]
    result = CliRunner().invoke(app, [*arguments, "--min-page-hit", "0.5"])
    assert result.exit_code == 1
    assert "page_hit@5 is 0.000, below 0.5" in result.stderr
    assert "| page_hit@5 | 0.0% |" in result.stdout
    assert CliRunner().invoke(app, [*arguments, "--min-page-hit", "0"]).exit_code == 0
