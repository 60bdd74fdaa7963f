"""A READER'S OPINION OF AN ANSWER -> data for evaluations and for calibration.

Every opinion is kept with its answer (`feedback.jsonl`). Two files are made anew from all of them:
where the right answer is known, because the reader called the answer right, said that it should
have been refused, or typed what is right, `feedback.questions.jsonl` has the question
(`eval.questions`); where it is not, `feedback.calibration.jsonl` has the prompt as the model read
it, for `tenq quantize --calibration`. No question is in both: what a model is measured on it must
not have been calibrated on. Nothing says whose opinion it was.
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from assistant.answer import Answer, Citation
from assistant.app.judged import as_line, as_question, writing
from assistant.app.markup import escape
from assistant.app.reply import Reply
from assistant.errors import AssistantError
from assistant.prompt import messages
from eval.records import append_lines

Opinion = Literal["right", "wrong-number", "wrong-page", "should-refuse", "should-answer"]
OPINIONS: dict[Opinion, str] = {
    "right": "Right",
    "wrong-number": "Wrong number",
    "wrong-page": "Wrong page",
    "should-refuse": "Should have refused",
    "should-answer": "It is in the filings",
}
ASKED_BACK: Opinion = "wrong-number"  # what is right is asked of who says this
ALL = "feedback.jsonl"
QUESTIONS = "feedback.questions.jsonl"
CALIBRATION = "feedback.calibration.jsonl"


def choices(answer: Answer) -> tuple[Opinion, ...]:
    """What can be said of it."""
    if answer.refused:
        return ("right", "should-answer")
    return ("right", "wrong-number", "wrong-page", "should-refuse")


class Feedback:
    """The files in `folder`, made at the first opinion. `count` is told of each opinion: its
    number, what it is and of which model."""

    def __init__(self, folder: Path, count: Callable[[str, str, str], None] | None = None) -> None:
        self.folder = folder
        self._count = count

    def judge(
        self, replies: Sequence[Reply], turn: int, opinion: Opinion, right: str = ""
    ) -> list[Reply]:
        """The conversation with the answer of `turn` judged; another opinion of it takes the place
        of the first. AssistantError as of `give`."""
        reply = replies[turn]
        number = self.give(reply, opinion, right, next(iter(reply.judged[1:]), None))
        judged = replace(reply, judged=(opinion, number))
        return [*replies[:turn], judged, *replies[turn + 1 :]]

    def give(
        self, reply: Reply, opinion: Opinion, right: str = "", number: str | None = None
    ) -> str:
        """Keep an opinion of an answered question; `right` is what the reader says is right,
        `number` the opinion that this one takes the place of. Returns its number. AssistantError
        where the reply has no answer, the answer cannot be that, or nothing can be written."""
        answer = reply.answer
        if answer is None or opinion not in choices(answer):
            raise AssistantError("this cannot be said of what was answered")
        number = number or secrets.token_hex(8)
        record = {
            "number": number,
            "when": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "opinion": opinion,
            "right_answer": " ".join(right.split()),
            "question": reply.asked or reply.question,
            "answer": answer.to_json(),
            "prompt": messages(answer.question, answer.passages) if answer.passages else None,
        }
        with writing(self.folder):
            append_lines(self.folder / ALL, [as_line(record)])
            self._make_anew()
        if self._count:
            self._count(number, opinion, reply.model)
        return number

    def _make_anew(self) -> None:
        """The two files made of all opinions, the last of each number."""
        records = {record["number"]: record for record in self._read()}
        known, unknown = [], []
        for record in records.values():
            question = _question(record)
            if question:
                known.append(question)
            elif record["prompt"]:
                unknown.append(record)
        asked = {_plain(question["question"]) for question in known}
        prompts = {
            _plain(record["question"]): {"messages": record["prompt"]}
            for record in unknown
            if _plain(record["question"]) not in asked
        }
        _write(self.folder / QUESTIONS, known)
        _write(self.folder / CALIBRATION, list(prompts.values()))

    def _read(self) -> list[dict[str, Any]]:
        """Every opinion; a line that a kill cut short is left out."""
        records = []
        for line in (self.folder / ALL).read_text(encoding="utf-8").split("\n"):
            try:
                record = json.loads(line)
                records.append(record | {"number": record["number"], "prompt": record["prompt"]})
            except (ValueError, TypeError, KeyError):
                continue
        return records


def opinions_html(reply: Reply, turn: int) -> str:
    """A button for each thing that can be said of the answer; in turn 3 one carries "3/right"."""
    if reply.answer is None:
        return ""
    said = next(iter(reply.judged), None)
    buttons = "".join(
        f'<button type="button" class="tq-chip" data-judge="{turn}/{opinion}" '
        f'aria-pressed="{"true" if opinion == said else "false"}">{escape(OPINIONS[opinion])}'
        "</button>"
        for opinion in choices(reply.answer)
    )
    thanks = '<span class="tq-quiet" role="status">Noted, thank you.</span>' if said else ""
    return (
        '<div class="tq-opinions" role="group" aria-label="Was this answer right?">'
        f"{buttons}{thanks}</div>"
    )


def _question(record: dict[str, Any]) -> dict[str, Any] | None:
    """For an evaluation; None where nobody said what is right, or where it stands."""
    told, opinion, right = record["answer"], record["opinion"], record["right_answer"]
    cited = tuple(Citation(**each, doc_id=0) for each in told["citations"])
    refused = opinion == "should-refuse" or (told["refused"] and opinion == "right")
    text = right or told["answer"]
    # Where the page was wrong, nobody said which one is right.
    stated = cited and not told["refused"] and opinion != "wrong-page"
    stated = stated and (right or opinion == "right")
    if not (refused or stated):
        return None
    answer = Answer("", text, refused, cited, {}, {}, 0, 0)
    question = as_question(record["question"], answer, "feedback")
    question["id"] = f"feedback-{record['number']}"
    return question


def _plain(question: str) -> str:
    return " ".join(question.lower().split())


def _write(path: Path, records: Sequence[dict[str, Any]]) -> None:
    """The whole file, or as it was."""
    half = path.with_suffix(".half")
    half.write_text("".join(f"{as_line(record)}\n" for record in records), encoding="utf-8")
    half.replace(path)
