"""The code whose change makes finished answers stale."""

from __future__ import annotations

from pathlib import Path

import assistant
from eval.answering_code import answering_code, answering_files

ROOT = Path(assistant.__file__).parent.parent


def test_what_answers_is_followed_through_its_imports() -> None:
    names = {str(path.relative_to(ROOT)) for path in answering_files()}
    assert {"assistant/assistant.py", "assistant/ground.py", "assistant/prompt.py"} <= names
    assert "assistant/comparisons.py" in names, "of ground.py"
    assert "assistant/figures/formula.py" in names, "of arithmetic.py, which ground.py imports"
    assert "assistant/openvino_worker.py" in names, "which no file imports"
    assert {"index/items.toml", "index/metrics.toml", "index/concepts.toml"} <= names


def test_what_finds_the_evidence_or_shows_the_answer_is_none_of_it() -> None:
    names = {str(path.relative_to(ROOT)) for path in answering_files()}
    assert not {"assistant/evidence.py", "index/store.py", "assistant/cli.py"} & names
    assert not any(name.startswith(("assistant/app/", "eval/")) for name in names)


def test_the_fingerprint_is_the_same_again() -> None:
    first = answering_code()
    answering_code.cache_clear()
    assert answering_code() == first
