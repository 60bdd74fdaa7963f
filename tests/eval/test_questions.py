from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.errors import EvaluationError
from eval.questions import read_questions

_GOOD = {"id": "a", "question": "How much?", "answer": 12.5, "doc": "X_2020", "pages": [3, 4]}


def write(tmp_path: Path, *records: object) -> Path:
    file = tmp_path / "questions.jsonl"
    file.write_text("\n".join(json.dumps(record) for record in records) + "\n", encoding="utf-8")
    return file


def test_reads_what_is_there(tmp_path: Path) -> None:
    more = {"type": "lookup", "value": -3, "unit": "%", "docs": ["Y"], "key_points": ["p"]}
    pages = {"gold_pages_text": [{"page": 3, "text": "t"}], "evidence": [{"doc": "Z", "page": 9}]}
    unanswerable = {"id": "b", "question": "Tomorrow?", "doc": None}
    first, second = read_questions(write(tmp_path, {**_GOOD, **more, **pages}, unanswerable))
    assert (first.answer, first.pages, first.value, first.unit) == ("12.5", (3, 4), -3, "%")
    assert first.right_docs == {"X_2020", "Y"}
    assert first.right_pages == {("X_2020", 3), ("X_2020", 4), ("Z", 9)}
    assert first.answerable and not second.answerable
    assert second.right_pages == frozenset()


def test_the_hash_follows_the_content(tmp_path: Path) -> None:
    (one,) = read_questions(write(tmp_path, _GOOD))
    (same,) = read_questions(write(tmp_path, dict(reversed(_GOOD.items()))))
    (other,) = read_questions(write(tmp_path, {**_GOOD, "answer": "13"}))
    assert one.sha256 == same.sha256 != other.sha256


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"id": None}, r'line 2, field "id"'),
        ({"question": "  "}, r'line 2, field "question"'),
        ({"answer": None}, r'line 2, field "answer"'),
        ({"doc": 5.5, "pages": "3"}, r'line 2, field "pages"'),
        ({"pages": [0]}, r'line 2, field "pages": page numbers start at 1'),
        ({"pages": [float("nan")]}, r'line 2, field "pages"'),
        ({"pages": [float("inf")]}, r'line 2, field "pages"'),
        ({"value": float("-inf")}, r'line 2, field "value"'),
        ({"pages": []}, r'line 2, field "pages": name at least one page'),
        ({"value": "12"}, r'line 2, field "value"'),
        ({"fiscal_year": "2020"}, r'line 2, field "fiscal_year"'),
        ({"key_points": "one"}, r'line 2, field "key_points"'),
        ({"gold_pages_text": [{"page": "3"}]}, r'line 2, field "gold_pages_text"'),
        ({"evidence": [3]}, r'line 2, field "evidence"'),
        ({"has_pdf": 1}, r'line 2, field "has_pdf"'),
    ],
)
def test_a_bad_field_is_named(tmp_path: Path, change: dict[str, object], message: str) -> None:
    file = write(tmp_path, {**_GOOD, "id": "z"}, {**_GOOD, **change})
    with pytest.raises(EvaluationError, match=message) as raised:
        read_questions(file)
    assert str(file) in str(raised.value) and "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "holds no questions"),
        (b"{", "line 1: not JSON"),
        (b"\n[1]\n", "line 2: not a JSON object"),
        (b"\xff\xfe", "not UTF-8"),
        (json.dumps({k: v for k, v in _GOOD.items() if k != "doc"}).encode(), '"doc": missing'),
        (2 * (json.dumps(_GOOD).encode() + b"\n"), "stands twice"),
    ],
)
def test_a_bad_file_is_one_line(tmp_path: Path, content: bytes, message: str) -> None:
    file = tmp_path / "q.jsonl"
    file.write_bytes(content)
    with pytest.raises(EvaluationError, match=message):
        read_questions(file)


def test_a_missing_file_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(EvaluationError, match="cannot read"):
        read_questions(tmp_path / "none.jsonl")


@given(st.binary(max_size=200))
def test_any_bytes_are_questions_or_an_error(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    file = tmp_path_factory.mktemp("wild") / "q.jsonl"
    file.write_bytes(content)
    with pytest.raises(EvaluationError):
        read_questions(file)


def test_reads_the_real_question_file_as_it_is(shared: Path) -> None:
    questions = read_questions(shared / "financebench" / "questions.jsonl")
    assert len(questions) == 88
    assert all(question.gold_pages and question.answerable for question in questions)
