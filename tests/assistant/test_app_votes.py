"""Votes on comparisons become data; what two answers differ in is marked."""

from __future__ import annotations

import json
import re
import threading
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.answer import Answer, Citation
from assistant.app.differences import marked
from assistant.app.reply import Comparison, Reply
from assistant.app.votes import Choice, vote
from assistant.errors import AssistantError
from eval.questions import read_questions


def answer(text: str, refused: bool = False, page: int = 2) -> Answer:
    cited = (Citation("DOC", page, "Total revenue 1,284", "Larkspur", "10-K", 2024, 1),)
    return Answer(text, text, refused, cited, {"name": "m", "scheme": "int4"}, {"total": 1.0}, 1, 1)


def comparison(left: Answer | None, right: Answer | None) -> Comparison:
    sides = (Reply("q?", "a", answer=left), Reply("q?", "b", answer=right))
    return Comparison("q?", *sides, agree=False, verdict="only the left answer: 5; right: 6.")


BOTH = comparison(answer("It was $5 million."), answer("Not in the filings.", refused=True))


def test_a_vote_is_kept_and_becomes_a_question(tmp_path: Path) -> None:
    for choice in get_args(Choice):
        said = vote(BOTH, choice, True, tmp_path)
        assert ("question for evaluations" in said) == (choice != "neither")
    votes = [json.loads(line) for line in (tmp_path / "votes.jsonl").read_text().splitlines()]
    assert [each["choice"] for each in votes] == list(get_args(Choice))
    assert votes[0]["left"]["answer"] == "It was $5 million." and votes[0]["blind"]
    left, right, both = read_questions(tmp_path / "votes.questions.jsonl")
    assert (left.answer, left.doc, left.pages) == ("It was $5 million.", "DOC", (2,))
    assert both.answer == left.answer and not right.answerable


def test_votes_at_once_are_all_kept(tmp_path: Path) -> None:
    threads = [
        threading.Thread(target=vote, args=(BOTH, "left", False, tmp_path)) for _ in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(read_questions(tmp_path / "votes.questions.jsonl")) == 20


def test_what_cannot_be_kept_is_said(tmp_path: Path) -> None:
    with pytest.raises(AssistantError, match="both models must have answered"):
        vote(comparison(answer("5"), None), "left", False, tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(AssistantError, match="cannot be kept"):
        vote(BOTH, "left", False, tmp_path / "file")


def test_sides_change_with_what_is_said_of_them() -> None:
    swapped = BOTH.swapped()
    assert swapped.left == BOTH.right and swapped.verdict == "only the right answer: 5; left: 6."
    assert swapped.swapped() == BOTH


def test_words_and_numbers_that_differ_are_marked() -> None:
    html = marked("Revenue was $1,284 million in 2024.", "revenue was $1,107 million, in 2024")
    assert re.findall(r"<mark[^>]*>(.*?)</mark>", html) == ["&#36;1,284"]
    assert "<mark" not in marked("The same.", "the same")
    assert marked("", "x") == ""


@given(st.text(), st.text())
def test_no_text_becomes_markup(one: str, other: str) -> None:
    html = marked(f"<b>{one}", other)
    assert set(re.findall(r"<\s*/?\s*([a-z]+)", html)) <= {"mark", "br"}
