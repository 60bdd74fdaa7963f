"""The Ask tab: a conversation that streams, with the cited page beside it.

The conversation is HTML of our own rather than `gr.Chatbot`: every citation is a button, and a
screen reader hears words, not markup.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gradio as gr

from assistant.app.export import TAKEN_AWAY, files_of
from assistant.app.feedback import ASKED_BACK, OPINIONS, Feedback
from assistant.app.history import History
from assistant.app.problems import one_line
from assistant.app.reply import Reply
from assistant.app.scripts import script
from assistant.app.session import MAX_QUESTION_CHARACTERS, Desk, reader_of
from assistant.app.show import thread_html, turn_html
from assistant.app.viewer import Viewer

_MOST_TURNS = 30
_FOCUS = "() => document.querySelector('#question textarea').focus()"
_BUSY = "One question at a time: wait for the answer, or stop it."


def add_ask_tab(desk: Desk, page: gr.Blocks, limits: dict[str, Any], feedback: Feedback) -> None:
    """Build the tab inside `page`; `limits` are the model's concurrency settings."""
    turns = gr.State([])
    doubted = gr.State(None)  # the turn whose right answer is asked for
    with gr.Row(elem_classes="tq-split"):
        with gr.Column(scale=6, min_width=300):
            with gr.Column(elem_classes="tq-thread", elem_id="thread"):
                past, now = (
                    gr.HTML(elem_id=part, js_on_load=script("thread.js"), apply_default_css=False)
                    for part in ("past", "now")
                )
            with gr.Row(
                elem_classes="tq-options", visible=False, elem_id="correction"
            ) as correcting:
                right = gr.Textbox(
                    label="What is right, if you know it (the answer becomes an evaluation's)",
                    max_lines=3,
                    max_length=MAX_QUESTION_CHARACTERS,
                    elem_id="right-answer",
                    scale=6,
                    min_width=200,
                )
                mend = gr.Button("Save", size="sm", elem_id="mend-answer", min_width=80, scale=0)
                leave = gr.Button("Skip", size="sm", min_width=80, scale=0)
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
                    show_label=False,
                    container=False,
                    elem_id="which",
                    visible=len(desk.models) > 1,
                    scale=6,
                )
                clear = gr.Button(
                    "New conversation", size="sm", variant="secondary", min_width=140, scale=0
                )
            with gr.Row(elem_classes="tq-options", visible=False) as taking:
                files = [
                    gr.DownloadButton(label, size="sm", min_width=90, elem_id=f"take-{ending}")
                    for label, ending in TAKEN_AWAY
                ]
            history = History(desk.conversations, turns) if desk.conversations else None
        with gr.Column(scale=5, min_width=300, elem_classes="tq-evidence"):
            viewer = Viewer(desk, "ask")
    outputs = [past, now, turns, question, ask, stop, *viewer.outputs]
    nothing = [gr.skip() for _ in outputs]

    def answer(
        text: str, name: Any, known: list[Reply], request: gr.Request
    ) -> Iterator[list[Any]]:
        event = desk.begin(f"{request.session_hash}/ask") if text.strip() else None
        if event is None:
            gr.Info(_BUSY if text.strip() else "Type a question first.")
            yield nothing
            return
        reader = reader_of(request.username)
        known = known[-_MOST_TURNS:]
        yield [thread_html(known, ()) if known else "", *nothing[1:]]
        before = next((reply.asked for reply in reversed(known) if reply.answer), None)
        for reply in desk.of(reader).ask(text, name, event, before):
            if reply.phase is not None:
                buttons = [gr.update(visible=False), gr.update(visible=True)]
                growing = turn_html(reply, len(known))
                yield [gr.skip(), growing, gr.skip(), "", *buttons, *nothing[6:]]
                continue
            known = [*known, reply]
            buttons = [gr.update(visible=True), gr.update(visible=False)]
            cited = nothing[6:]
            if reply.answer:
                cited = viewer.show(reply.answer.citations, reader=reader)
            thread = thread_html(known, desk.of(reader).next_questions(reply))
            yield [thread, "", known, gr.skip(), *buttons, *cited]

    def mine(request: gr.Request) -> Desk:
        return desk.of(reader_of(request.username))

    def halt(request: gr.Request) -> None:
        desk.stop(f"{request.session_hash}/ask")

    def look(known: list[Reply], clicked: gr.EventData, request: gr.Request) -> list[Any]:
        turn, _, index = str(clicked.cite).partition("/")
        reply = _turn(known, turn)
        if reply is None or reply.answer is None or not index.isdigit():
            return nothing[6:]
        return viewer.show(reply.answer.citations, int(index), reader_of(request.username))

    def edit(known: list[Reply], clicked: gr.EventData) -> Any:
        reply = _turn(known, str(clicked.turn))
        return reply.asked if reply else gr.skip()

    def judge(known: list[Reply], clicked: gr.EventData, request: gr.Request) -> list[Any]:
        turn, _, opinion = str(clicked.judge).partition("/")
        if _turn(known, turn) is None or opinion not in OPINIONS:
            return [gr.skip() for _ in judging]
        return told(known, int(turn), opinion, "", request)

    def correct(known: list[Reply], turn: int | None, text: str, request: gr.Request) -> list[Any]:
        if turn is None or turn >= len(known) or not known[turn].judged:
            return [gr.skip() for _ in judging]
        return told(known, turn, known[turn].judged[0], text, request)

    def told(
        known: list[Reply], turn: int, opinion: Any, text: str, request: gr.Request
    ) -> list[Any]:
        try:
            known = feedback.judge(known, turn, opinion, text)
        except Exception as error:
            gr.Warning(one_line(error))
            return [gr.skip() for _ in judging]
        asks = not text.strip() and opinion == ASKED_BACK
        thread = thread_html(known, mine(request).next_questions(known[-1]))
        return [thread, known, turn if asks else None, gr.update(visible=asks), ""]

    def begin_anew(request: gr.Request) -> list[Any]:
        halt(request)
        return [thread_html((), mine(request).samples()), "", [], *nothing[3:6], *viewer.show(())]

    def restore(known: list[Reply], request: gr.Request) -> list[Any]:
        halt(request)
        if not known:
            return nothing
        last = next((reply.answer for reply in reversed(known) if reply.answer), None)
        thread = thread_html(known, mine(request).next_questions(known[-1]))
        cited = viewer.show(last.citations if last else (), 0, reader_of(request.username))
        return [thread, "", *nothing[2:6], *cited]

    def take_away(known: list[Reply]) -> list[Any]:
        made = files_of(known, Path(files[0].GRADIO_CACHE) / "exports")
        if not made:
            return [gr.update(visible=False), *(gr.skip() for _ in files)]
        return [gr.update(visible=True), *(gr.update(value=str(file)) for file in made)]

    def take(clicked: gr.EventData) -> str:
        return str(clicked.sample)[:MAX_QUESTION_CHARACTERS]

    def greet(known: list[Reply], request: gr.Request) -> Any:
        return gr.skip() if known else thread_html((), mine(request).samples())

    hidden: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
    asking = {"fn": answer, "inputs": [question, which, turns], "outputs": outputs}
    asked = [
        gr.on([question.submit, ask.click], **asking, **hidden, **limits),
        past.click(take, None, question, **hidden).then(**asking, **hidden, **limits),
    ]
    past.select(look, turns, viewer.outputs, **hidden)
    past.edit(edit, turns, question, **hidden).then(None, js=_FOCUS, **hidden)
    judging = [past, turns, doubted, correcting, right]
    judged = [
        past.like(judge, turns, judging, **hidden),
        gr.on([mend.click, right.submit], correct, [turns, doubted, right], judging, **hidden),
    ]
    leave.click(lambda: gr.update(visible=False), None, correcting, **hidden)
    stop.click(halt, queue=False, **hidden)
    cleared = clear.click(begin_anew, None, outputs, **hidden)
    changed = [*asked, cleared]
    if history:
        for event in [*asked, *judged]:
            history.keep_after(event)
        changed.append(history.opened().then(restore, turns, outputs, **hidden))
        cleared.then(lambda: None, None, history.number, **hidden)
    for event in changed:
        event.then(take_away, turns, [taking, *files], **hidden)
    page.load(greet, turns, past, **hidden)


def _turn(known: list[Reply], number: str) -> Reply | None:
    """The turn that the page named, if there is such a one."""
    return known[int(number)] if number.isdigit() and int(number) < len(known) else None
