"""The Ask tab: a chat that streams, with the cited page beside it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gradio as gr

from assistant.app.reply import Reply
from assistant.app.session import MAX_QUESTION_CHARACTERS, Desk
from assistant.app.show import question_html, reply_html, source
from assistant.app.viewer import Viewer

_BUTTON_CHARACTERS = 60
_MOST_TURNS = 50


def add_ask_tab(desk: Desk, page: gr.Blocks, limits: dict[str, Any]) -> None:
    """Build the tab inside `page`; `limits` are the model's concurrency settings."""
    turns = gr.State([])
    with gr.Row(elem_classes="tq-split"):
        with gr.Column(scale=6, min_width=300):
            chat = gr.Chatbot(
                label="Conversation",
                show_label=False,
                elem_id="chat",
                height="60vh",
                min_height=320,
                latex_delimiters=[],
                buttons=[],
                feedback_options=None,
                layout="panel",
                placeholder=_PLACEHOLDER,
            )
            with gr.Row(elem_classes="tq-ask"):
                question = gr.Textbox(
                    label="Question",
                    show_label=False,
                    placeholder="Ask about the filings, then press Enter",
                    elem_id="question",
                    lines=1,
                    max_lines=5,
                    max_length=MAX_QUESTION_CHARACTERS,
                    autofocus=True,
                    container=False,
                    scale=8,
                )
                ask = gr.Button("Ask", variant="primary", elem_id="ask", min_width=88, scale=1)
                stop = gr.Button(
                    "Stop", variant="stop", elem_id="stop", min_width=88, scale=1, visible=False
                )
            with gr.Row(elem_classes="tq-options"):
                which = gr.Radio(
                    [(model.label, name) for name, model in desk.models.items()],
                    value="main",
                    label="Model",
                    elem_id="which",
                    visible=len(desk.models) > 1,
                    scale=4,
                )
                clear = gr.Button("New conversation", size="sm", min_width=150, scale=1)
        with gr.Column(scale=5, min_width=300, elem_classes="tq-evidence"):
            viewer = Viewer(desk, "ask")
    outputs = [chat, turns, question, ask, stop, *viewer.outputs]

    def answer(
        text: str, name: Any, past: list[Reply], request: gr.Request
    ) -> Iterator[tuple[Any, ...]]:
        event = desk.begin(f"{request.session_hash}/ask") if text.strip() else None
        if event is None:
            gr.Info("Type a question first." if not text.strip() else _BUSY)
            yield tuple(gr.skip() for _ in outputs)
            return
        past = past[-_MOST_TURNS:]
        before = _messages(past)
        for reply in desk.ask(text, name, event):
            running = reply.phase is not None
            shown = gr.skip(), *(gr.skip() for _ in viewer.outputs[1:])
            if reply.answer and not running:
                shown = tuple(viewer.show(reply.answer.citations))
            yield (
                [*before, *_messages([reply], len(past))],
                gr.skip() if running else [*past, reply],
                "" if running else gr.skip(),
                gr.update(visible=not running),
                gr.update(visible=running),
                *shown,
            )

    def halt(request: gr.Request) -> None:
        desk.stop(f"{request.session_hash}/ask")

    def look(past: list[Reply], chosen: gr.SelectData) -> list[Any]:
        turn, _, index = str(chosen.value).partition("/")
        reply = past[int(turn)] if turn.isdigit() and int(turn) < len(past) else None
        if reply is None or reply.answer is None or not index.isdigit():
            return [gr.skip() for _ in viewer.outputs]
        return viewer.show(reply.answer.citations, int(index))

    def begin_anew(request: gr.Request) -> tuple[Any, ...]:
        halt(request)
        return [], [], gr.skip(), gr.skip(), gr.skip(), *viewer.show(())

    hidden = {"api_visibility": "private", "show_progress": "hidden"}
    asking = {"fn": answer, "inputs": [question, which, turns], "outputs": outputs}
    gr.on([question.submit, ask.click], **asking, **hidden, **limits)
    chat.example_select(
        lambda chosen: chosen.value["text"] if chosen else "", None, question, **hidden
    ).then(**asking, **hidden, **limits)
    chat.option_select(look, turns, viewer.outputs, **hidden)
    stop.click(halt, queue=False, **hidden)
    clear.click(begin_anew, None, outputs, **hidden)
    page.load(lambda: gr.update(examples=_examples(desk)), None, chat, **hidden)


_BUSY = "One question at a time: wait for the answer, or stop it."
_PLACEHOLDER = (
    '<div class="tq-empty"><strong>Ask the filings</strong><br>'
    "Every answer names the page it stands on, or says that the filings do not state it.</div>"
)


def _examples(desk: Desk) -> list[dict[str, str]]:
    return [{"text": sample} for sample in desk.samples()]


def _messages(replies: list[Reply], first: int = 0) -> list[dict[str, Any]]:
    """The chat: a question and an answer each, with a button for every citation."""
    messages: list[dict[str, Any]] = []
    for turn, reply in enumerate(replies, first):
        messages.append({"role": "user", "content": question_html(reply.question)})
        message: dict[str, Any] = {"role": "assistant", "content": reply_html(reply)}
        if reply.answer and not reply.phase:
            message["options"] = [
                {"value": f"{turn}/{n}", "label": f"{n + 1} · {source(c)}"[:_BUTTON_CHARACTERS]}
                for n, c in enumerate(reply.answer.citations)
            ]
        messages.append(message)
    return messages
