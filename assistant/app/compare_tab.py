"""The Compare tab: one question, the same evidence, two models side by side."""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr

from assistant.answer import Citation
from assistant.app.markup import escape
from assistant.app.problems import one_line
from assistant.app.reply import Comparison, Reply
from assistant.app.scripts import script
from assistant.app.session import MAX_QUESTION_CHARACTERS, SIDES, Desk, reader_of
from assistant.app.show import column_html, verdict_html
from assistant.app.viewer import Viewer
from assistant.app.votes import CHOICES, Choice, vote

_NOTE = (
    "Both models get the same passages, one after the other, so that each has the machine to "
    "itself. Seconds are of this one run; a question asked before is faster, because what the "
    "model has read is kept. Memory is resident: weights plus what this answer took."
)


def add_compare_tab(desk: Desk, limits: dict[str, Any], votes: Path) -> None:
    """Build the tab; `limits` are the model's concurrency settings, votes go into the folder
    `votes`."""
    if "other" not in desk.models:
        gr.HTML(
            '<div class="tq-quiet">Start with --compare-with MODEL to compare two models.</div>'
        )
        return
    with gr.Row(elem_classes="tq-ask"):
        question = gr.Textbox(
            label="Question",
            show_label=False,
            placeholder="One question for both models, then press Enter",
            elem_id="compare-question",
            lines=1,
            max_lines=5,
            max_length=MAX_QUESTION_CHARACTERS,
            container=False,
            scale=8,
            min_width=220,
        )
        run = gr.Button("Compare", variant="primary", elem_id="compare", min_width=100, scale=1)
        stop = gr.Button(
            "Stop", variant="stop", elem_id="compare-stop", min_width=100, scale=1, visible=False
        )
    blind = gr.Checkbox(
        label="Blind: sides by chance, which model is which is told after the vote",
        elem_id="blind",
        container=False,
    )
    verdict = gr.HTML("", elem_id="verdict")
    latest = gr.State(None)
    with gr.Row(elem_classes="tq-split", equal_height=True):
        left, right = (
            gr.HTML(
                column_html(Reply("", desk.models[name].label), side),
                elem_id=f"compare-{name}",
                min_width=300,
                js_on_load=script("thread.js"),
                apply_default_css=False,
            )
            for side, name in enumerate(SIDES)
        )
    with gr.Row(elem_classes="tq-options", visible=False, elem_id="votes") as voting:
        buttons = [
            (gr.Button(label, size="sm", min_width=110, elem_id=f"vote-{choice}"), choice)
            for label, choice in CHOICES
        ]
    thanks = gr.HTML("", elem_id="voted")
    note = " ".join(filter(None, (_NOTE, desk.rebuilt_note())))
    gr.HTML(f'<div class="tq-note">{escape(note)}</div>')
    viewer = Viewer(desk, "compare")
    outputs = [verdict, left, right, run, stop, latest, voting, thanks, *viewer.outputs]

    def compare(text: str, hide: bool, request: gr.Request) -> Iterator[tuple[Any, ...]]:
        event = desk.begin(f"{request.session_hash}/compare") if text.strip() else None
        if event is None:
            gr.Info("Type a question first." if not text.strip() else "A comparison is running.")
            yield tuple(gr.skip() for _ in outputs)
            return
        reader = reader_of(request.username)
        swapped = hide and random.random() < 0.5
        so_far: Comparison | None = None
        for so_far in desk.of(reader).compare(text, event):
            so_far = so_far.swapped() if swapped else so_far
            yield (
                *_columns(so_far, hide),
                gr.update(visible=False),
                gr.update(visible=True),
                gr.skip(),
                gr.update(visible=False),
                "",
                *(gr.skip() for _ in viewer.outputs),
            )
        both = bool(so_far and so_far.left.answer and so_far.right.answer)
        yield (
            *(gr.skip() for _ in outputs[:3]),
            gr.update(visible=True),
            gr.update(visible=False),
            so_far,
            gr.update(visible=both),
            gr.skip(),
            *viewer.show(_cited(so_far), reader=reader),
        )

    def cast(choice: Choice, comparison: Comparison | None, hide: bool) -> list[Any]:
        if comparison is None:
            return [gr.skip() for _ in range(5)]
        try:
            said = vote(comparison, choice, hide, votes)
        except Exception as error:
            said = one_line(error)
        told = f'<div class="tq-quiet" role="status">{escape(said)}</div>'
        return [*_columns(comparison, False), gr.update(visible=False), told]

    def halt(request: gr.Request) -> None:
        desk.stop(f"{request.session_hash}/compare")

    def look(
        comparison: Comparison | None, clicked: gr.EventData, request: gr.Request
    ) -> list[Any]:
        side, _, index = str(clicked.cite).partition("/")
        reply = comparison and (comparison.left, comparison.right)[side == "1"]
        if not reply or not reply.answer or not index.isdigit():
            return [gr.skip() for _ in viewer.outputs]
        chosen = reply.answer.citations[int(index) % len(reply.answer.citations)]
        cited = _cited(comparison)
        return viewer.show(cited, cited.index(chosen), reader_of(request.username))

    hidden: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
    asked = [question, blind]
    gr.on([question.submit, run.click], compare, asked, outputs, **hidden, **limits)
    for button, choice in buttons:
        shown = [verdict, left, right, voting, thanks]
        button.click(partial(cast, choice), [latest, blind], shown, **hidden)
    for column in (left, right):
        column.select(look, latest, viewer.outputs, **hidden)
    stop.click(halt, queue=False, **hidden)


def _columns(comparison: Comparison, hide: bool) -> tuple[str, str, str]:
    """The verdict and both sides, with what they differ in marked once both are there."""
    left, right = comparison.left, comparison.right
    names = ("Answer A", "Answer B") if hide else (None, None)
    return (
        verdict_html(comparison),
        column_html(left, 0, right.answer, names[0]),
        column_html(right, 1, left.answer, names[1]),
    )


def _cited(comparison: Comparison | None) -> tuple[Citation, ...]:
    """What either answer cites, each once."""
    replies = (comparison.left, comparison.right) if comparison else ()
    answers = [reply.answer for reply in replies if reply.answer]
    return tuple(dict.fromkeys(c for answer in answers for c in answer.citations))
