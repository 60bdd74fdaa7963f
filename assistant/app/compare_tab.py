"""The Compare tab: one question, the same evidence, two models side by side."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gradio as gr

from assistant.app.reply import Comparison, Reply
from assistant.app.session import MAX_QUESTION_CHARACTERS, Desk
from assistant.app.show import column_html, escape, verdict_html
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
        )
        run = gr.Button("Compare", variant="primary", elem_id="compare", min_width=100, scale=1)
        stop = gr.Button(
            "Stop", variant="stop", elem_id="compare-stop", min_width=100, scale=1, visible=False
        )
    verdict = gr.HTML("", elem_id="verdict")
    with gr.Row(elem_classes="tq-split"):
        left, right = (
            gr.HTML(column_html(Reply("", desk.models[name].label)), elem_id=f"compare-{name}")
            for name in ("main", "other")
        )
    note = " ".join(filter(None, (_NOTE, desk.rebuilt_note())))
    gr.HTML(f'<div class="tq-note">{escape(note)}</div>')
    viewer = Viewer(desk, "compare")
    outputs = [verdict, left, right, run, stop, *viewer.outputs]

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
                column_html(so_far.left),
                column_html(so_far.right),
                gr.update(visible=False),
                gr.update(visible=True),
                *(gr.skip() for _ in viewer.outputs),
            )
        unchanged = (gr.skip(), gr.skip(), gr.skip())
        cited = _cited(so_far) if so_far else ()
        yield *unchanged, gr.update(visible=True), gr.update(visible=False), *viewer.show(cited)

    def halt(request: gr.Request) -> None:
        desk.stop(f"{request.session_hash}/compare")

    hidden = {"api_visibility": "private", "show_progress": "hidden"}
    gr.on([question.submit, run.click], compare, question, outputs, **hidden, **limits)
    stop.click(halt, queue=False, **hidden)


def _cited(comparison: Comparison) -> tuple[Any, ...]:
    """What either answer cites, each once."""
    answers = [reply.answer for reply in (comparison.left, comparison.right) if reply.answer]
    return tuple(dict.fromkeys(c for answer in answers for c in answer.citations))
