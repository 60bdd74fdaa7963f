"""The Compare tab: one question, the same evidence, two models side by side."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gradio as gr

from assistant.answer import Citation
from assistant.app.ask_tab import SCRIPT
from assistant.app.markup import escape
from assistant.app.reply import Comparison, Reply
from assistant.app.session import MAX_QUESTION_CHARACTERS, SIDES, Desk
from assistant.app.show import column_html, verdict_html
from assistant.app.viewer import Viewer

_NOTE = (
    "Both models get the same passages, one after the other, so that each has the machine to "
    "itself. Seconds are of this one run; a question asked before is faster, because what the "
    "model has read is kept. Memory is resident: weights plus what this answer took."
)


def add_compare_tab(desk: Desk, limits: dict[str, Any]) -> None:
    """Build the tab; `limits` are the model's concurrency settings."""
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
    verdict = gr.HTML("", elem_id="verdict")
    latest = gr.State(None)
    with gr.Row(elem_classes="tq-split", equal_height=True):
        left, right = (
            gr.HTML(
                column_html(Reply("", desk.models[name].label), side),
                elem_id=f"compare-{name}",
                min_width=300,
                js_on_load=SCRIPT,
                apply_default_css=False,
            )
            for side, name in enumerate(SIDES)
        )
    note = " ".join(filter(None, (_NOTE, desk.rebuilt_note())))
    gr.HTML(f'<div class="tq-note">{escape(note)}</div>')
    viewer = Viewer(desk, "compare")
    outputs = [verdict, left, right, run, stop, latest, *viewer.outputs]

    def compare(text: str, request: gr.Request) -> Iterator[tuple[Any, ...]]:
        event = desk.begin(f"{request.session_hash}/compare") if text.strip() else None
        if event is None:
            gr.Info("Type a question first." if not text.strip() else "A comparison is running.")
            yield tuple(gr.skip() for _ in outputs)
            return
        so_far: Comparison | None = None
        for so_far in desk.compare(text, event):
            yield (
                verdict_html(so_far),
                column_html(so_far.left, 0),
                column_html(so_far.right, 1),
                gr.update(visible=False),
                gr.update(visible=True),
                *(gr.skip() for _ in outputs[5:]),
            )
        buttons = (gr.update(visible=True), gr.update(visible=False))
        yield *(gr.skip() for _ in outputs[:3]), *buttons, so_far, *viewer.show(_cited(so_far))

    def halt(request: gr.Request) -> None:
        desk.stop(f"{request.session_hash}/compare")

    def look(comparison: Comparison | None, clicked: gr.EventData) -> list[Any]:
        side, _, index = str(clicked.cite).partition("/")
        reply = comparison and (comparison.left, comparison.right)[side == "1"]
        if not reply or not reply.answer or not index.isdigit():
            return [gr.skip() for _ in viewer.outputs]
        chosen = reply.answer.citations[int(index) % len(reply.answer.citations)]
        cited = _cited(comparison)
        return viewer.show(cited, cited.index(chosen))

    hidden: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
    gr.on([question.submit, run.click], compare, question, outputs, **hidden, **limits)
    for column in (left, right):
        column.select(look, latest, viewer.outputs, **hidden)
    stop.click(halt, queue=False, **hidden)


def _cited(comparison: Comparison | None) -> tuple[Citation, ...]:
    """What either answer cites, each once."""
    replies = (comparison.left, comparison.right) if comparison else ()
    answers = [reply.answer for reply in replies if reply.answer]
    return tuple(dict.fromkeys(c for answer in answers for c in answer.citations))
