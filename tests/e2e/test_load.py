"""Twenty readers at once at a real page on one model: all are answered, none is forgotten."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from assistant.cli import app
from tests.e2e.test_chat import REVENUE

pytestmark = pytest.mark.e2e


def test_twenty_readers_are_all_answered(serve_chat: Callable[..., Any], tmp_path: Path) -> None:
    chat = serve_chat()
    questions = tmp_path / "questions.jsonl"
    asked = [REVENUE, "Describe the capital spending that Larkspur Valve Company expects."]
    questions.write_text(
        "".join(
            json.dumps({"id": str(n), "question": q, "answer": "5", "doc": "D", "pages": [1]})
            + "\n"
            for n, q in enumerate(asked)
        )
    )
    out = tmp_path / "load.json"
    command = ["eval", "load", chat.address, "--questions", str(questions), "--seconds", "15"]
    ran = CliRunner().invoke(app, [*command, "--readers", "20", "--json", str(out)])
    assert ran.exit_code == 0, ran.output
    result = json.loads(out.read_text())
    assert result["errors"] == result["unfinished"] == 0
    assert result["answers_per_reader"]["least"] >= 1
    assert result["waited_in_line"] > 0  # each was told its place
    most, least = result["answers_per_reader"]["most"], result["answers_per_reader"]["least"]
    assert most - least <= 12  # figures are answered at once, so readers do not keep step
