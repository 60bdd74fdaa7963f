"""Readers' opinions become data for evaluations and calibration, and no question for both."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import AutoTokenizer

from assistant.answer import Answer, Citation, Passage
from assistant.app.conversations import Conversations
from assistant.app.feedback import ALL, CALIBRATION, OPINIONS, QUESTIONS, Feedback, choices
from assistant.app.reply import Reply
from assistant.app.show import thread_html
from assistant.calibration import calibration_prompts
from assistant.errors import AssistantError
from eval.questions import Question, read_questions

CITED = Citation("LARKSPUR_10K", 2, "Total revenue 1,284", "Larkspur", "10-K", 2024, 1)
PASSAGE = Passage(1, 1, CITED.doc, 2, "Total revenue 1,284", "Larkspur", "10-K", 2024, 1.0)


def reply(question: str = "What was revenue?", refused: bool = False) -> Reply:
    text = "Not in the filings. They end in 2024." if refused else "Revenue was $1,284 million."
    answer = Answer(
        question, text, refused, (CITED,), {}, {"total": 1.0}, 1, 1, passages=(PASSAGE,)
    )
    return Reply(question, "small", answer=answer, asked=question)


def questions(folder: Path) -> list[Question]:
    path = folder / QUESTIONS
    return read_questions(path) if path.stat().st_size else []


def prompts(folder: Path) -> list[Any]:
    return [
        json.loads(line)["messages"] for line in (folder / CALIBRATION).read_text().split("\n")[:-1]
    ]


def test_what_was_right_is_a_question_with_its_page(tmp_path: Path) -> None:
    Feedback(tmp_path).give(reply(), "right")
    (question,) = questions(tmp_path)
    assert (question.answer, question.doc, question.pages) == (
        "Revenue was $1,284 million.",
        "LARKSPUR_10K",
        (2,),
    )
    assert prompts(tmp_path) == []


def test_what_should_have_been_refused_is_a_question_without_an_answer(tmp_path: Path) -> None:
    Feedback(tmp_path).give(reply(), "should-refuse")
    Feedback(tmp_path).give(reply("What is the CEO's shoe size?", refused=True), "right")
    assert [question.answerable for question in questions(tmp_path)] == [False, False]


def test_what_was_wrong_is_a_calibration_prompt_until_it_is_known_what_is_right(
    tmp_path: Path, tiny_llm: Path
) -> None:
    feedback = Feedback(tmp_path)
    (judged,) = feedback.judge([reply()], 0, "wrong-number")
    assert questions(tmp_path) == []
    (prompt,) = prompts(tmp_path)
    assert "Total revenue 1,284" in prompt[-1]["content"]
    assert "What was revenue?" in prompt[-1]["content"]
    made = calibration_prompts(tmp_path / CALIBRATION, AutoTokenizer.from_pretrained(tiny_llm), 5)
    assert len(made.texts) == 1 and "Total revenue 1,284" in made.texts[0]

    (mended,) = feedback.judge([judged], 0, "wrong-number", "It was  $1,300 million")
    assert mended.judged == judged.judged
    (question,) = questions(tmp_path)
    assert question.answer == "It was $1,300 million"
    assert question.doc == "LARKSPUR_10K"
    assert prompts(tmp_path) == []
    assert len((tmp_path / ALL).read_text().splitlines()) == 2


def test_another_opinion_takes_the_place_of_the_first(tmp_path: Path) -> None:
    counted: list[tuple[str, str, str]] = []
    feedback = Feedback(tmp_path, lambda *told: counted.append(told))
    judged = feedback.judge([reply("A?"), reply("B?")], 1, "right")
    judged = feedback.judge(judged, 1, "wrong-page")
    assert judged[0].judged == () and judged[1].judged[0] == "wrong-page"
    assert questions(tmp_path) == [] and len(prompts(tmp_path)) == 1
    assert {number for number, _, _ in counted} == {judged[1].judged[1]}


def test_an_opinion_is_of_an_answer_and_fits_it(tmp_path: Path) -> None:
    feedback = Feedback(tmp_path)
    for wrong in (replace(reply(), answer=None), reply(refused=True)):
        with pytest.raises(AssistantError, match="cannot be said"):
            feedback.give(wrong, "wrong-number")
    assert not (tmp_path / ALL).exists()


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(AssistantError, match="cannot be kept in"):
        Feedback(tmp_path / "taken").give(reply(), "right")


def test_a_line_cut_short_costs_nothing_else(tmp_path: Path) -> None:
    feedback = Feedback(tmp_path)
    feedback.give(reply("A?"), "right")
    with (tmp_path / ALL).open("a") as stream:
        stream.write('{"number": "x", "opin\n')
    feedback.give(reply("B?"), "right")
    assert [question.question for question in questions(tmp_path)] == ["A?", "B?"]


def test_opinions_at_once_are_all_kept(tmp_path: Path) -> None:
    feedback = Feedback(tmp_path)
    threads = [
        threading.Thread(target=feedback.give, args=(reply(f"{n}?"), "right")) for n in range(12)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(questions(tmp_path)) == 12


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from("abc"), st.booleans(), st.integers(0, 3), st.text(max_size=9)),
        min_size=1,
        max_size=8,
    )
)
def test_no_question_is_for_both(
    tmp_path_factory: pytest.TempPathFactory, said: list[tuple[str, bool, int, str]]
) -> None:
    folder = tmp_path_factory.mktemp("feedback")
    feedback = Feedback(folder)
    for name, refused, which, right in said:
        asked = reply(f"{name}?", refused)
        assert asked.answer
        offered = choices(asked.answer)
        feedback.give(asked, offered[which % len(offered)], right)
    measured = {question.question for question in questions(folder)}
    calibrated = {prompt[-1]["content"].split("Question: ")[1][:2] for prompt in prompts(folder)}
    assert not measured & calibrated
    assert measured | calibrated == {f"{name}?" for name, *_ in said}


def test_the_buttons_say_what_was_chosen_and_are_kept_with_the_conversation(
    tmp_path: Path,
) -> None:
    judged = Feedback(tmp_path).judge([reply()], 0, "right")
    page = thread_html(judged, ())
    assert page.count("data-judge") == 4
    assert 'data-judge="0/right" aria-pressed="true"' in page and "Noted" in page
    assert OPINIONS["should-answer"] not in page
    assert OPINIONS["should-answer"] in thread_html([reply(refused=True)], ())
    kept = Conversations(tmp_path / "kept.sqlite")
    number = kept.save("me", None, judged)
    assert kept.replies("me", number)[0].judged == judged[0].judged
