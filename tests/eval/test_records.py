from __future__ import annotations

import json
from pathlib import Path

import pytest

from eval.errors import EvaluationError
from eval.records import Records, record_key


def record(key: str) -> dict[str, object]:
    return {"key": key, "id": "q", "answer": {"answer": "5 €"}}


def test_what_was_added_is_there_again(tmp_path: Path) -> None:
    file = tmp_path / "sub" / "answers.jsonl"
    records = Records(file)
    records.add(record("a"))
    records.add(record("b"))
    again = Records(file)
    assert len(again) == 2 and again.get("a") == record("a")
    assert again.get("c") is None


@pytest.mark.parametrize("cut", [1, 10, 30])
def test_a_last_line_cut_short_is_dropped_and_the_rest_kept(tmp_path: Path, cut: int) -> None:
    file = tmp_path / "answers.jsonl"
    records = Records(file)
    records.add(record("a"))
    records.add(record("b"))
    file.write_bytes(file.read_bytes()[:-cut])
    again = Records(file)
    assert again.get("a") == record("a") and again.get("b") is None
    again.add(record("c"))
    assert [json.loads(line)["key"] for line in file.read_text().splitlines()] == ["a", "c"]


def test_the_very_first_line_may_be_cut_short(tmp_path: Path) -> None:
    file = tmp_path / "answers.jsonl"
    file.write_text('{"key": "a", "id": "q", "ans')
    assert len(Records(file)) == 0
    assert file.read_bytes() == b""


@pytest.mark.parametrize(
    "content",
    ['{"id": "q1", "question": "?"}\n', "my notes\n", "my notes", "[" * 100_000 + "\n"],
)
def test_another_file_is_refused_and_left_as_it_is(tmp_path: Path, content: str) -> None:
    file = tmp_path / "notes.jsonl"
    file.write_text(content)
    with pytest.raises(EvaluationError, match="not a file of answers"):
        Records(file)
    assert file.read_text() == content


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EvaluationError, match="cannot read"):
        Records(tmp_path)


def test_keys_differ_wherever_a_part_differs() -> None:
    keys = {record_key("a", "b"), record_key("ab"), record_key("ab", ""), record_key("a", "b", "")}
    assert len(keys) == 4
