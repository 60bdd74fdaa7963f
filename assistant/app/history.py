"""Earlier conversations in the Ask tab: found by their words, opened, renamed, deleted."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any, TypeGuard, TypeVar

import gradio as gr

from assistant.app.conversations import Conversations
from assistant.app.problems import one_line
from assistant.app.reply import Reply
from assistant.app.session import reader_of

_T = TypeVar("_T")
_LOCAL = "local"  # the reader's name where nobody signs in: then the page is this machine's alone
_HIDDEN: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}


class History:
    """The components; `turns` holds the conversation shown, `number` the id it is kept under."""

    def __init__(self, kept: Conversations, turns: gr.State) -> None:
        self._kept, self._turns = kept, turns
        self.number = gr.State(None)
        with gr.Accordion("Earlier conversations", open=False, elem_id="history") as panel:
            words = gr.Textbox(
                label="Find by words", max_lines=1, max_length=200, elem_id="history-words"
            )
            self._chosen = gr.Radio([], label="Conversations", elem_id="history-list")
            title = gr.Textbox(
                label="New title", max_lines=1, max_length=80, elem_id="history-title"
            )
            with gr.Row():
                self.open = gr.Button("Open", size="sm", min_width=80, elem_id="history-open")
                rename = gr.Button("Rename", size="sm", min_width=80, elem_id="history-rename")
                delete = gr.Button(
                    "Delete", size="sm", min_width=80, variant="stop", elem_id="history-delete"
                )
        self._words = words
        panel.expand(self._list, words, self._chosen, **_HIDDEN)
        words.change(self._list, words, self._chosen, **_HIDDEN)
        renamed = rename.click(self._rename, [self._chosen, title], title, **_HIDDEN)
        deleted = delete.click(self._delete, [self._chosen, self.number], self.number, **_HIDDEN)
        for changed in (renamed, deleted):
            changed.then(self._list, words, self._chosen, **_HIDDEN)

    def keep_after(self, event: Any) -> None:
        """Keep the conversation once `event` is over."""
        kept = event.then(self._save, [self._turns, self.number], self.number, **_HIDDEN)
        kept.then(self._list_anew, self._words, self._chosen, **_HIDDEN)

    def opened(self) -> Any:
        """A click on Open; `turns` and `number` are the chosen conversation's when it is over."""
        outputs = [self._turns, self.number]
        return self.open.click(self._open, self._chosen, outputs, **_HIDDEN)

    def _list(self, words: str | None, request: gr.Request) -> Any:
        """Another list, with nothing chosen: what was chosen may not be in it."""
        listed = self._list_anew(words, request)
        return listed | {"value": None} if "choices" in listed else listed

    def _list_anew(self, words: str | None, request: gr.Request) -> Any:
        """The list after an answer; what the reader chose meanwhile stays chosen."""
        found = _tried(lambda: self._kept.listed(_reader(request), words or ""), None)
        if found is None:
            return gr.skip()
        choices = [(f"{each.title} · {_when(each.changed)}", each.id) for each in found]
        return gr.update(choices=choices, label=_count(len(found)))

    def _save(self, turns: Sequence[Reply], number: str | None, request: gr.Request) -> Any:
        if not turns:
            return number
        return _tried(lambda: self._kept.save(_reader(request), number, turns), number)

    def _open(self, chosen: str | None, request: gr.Request) -> list[Any]:
        nothing = [gr.skip(), gr.skip()]
        if not _is_chosen(chosen):
            return nothing
        return _tried(lambda: [self._kept.replies(_reader(request), chosen), chosen], nothing)

    def _rename(self, chosen: str | None, title: str | None, request: gr.Request) -> Any:
        def rename(number: str) -> str:
            self._kept.rename(_reader(request), number, title or "")
            return ""

        return _tried(lambda: rename(chosen), gr.skip()) if _is_chosen(chosen) else gr.skip()

    def _delete(self, chosen: str | None, number: str | None, request: gr.Request) -> Any:
        """The conversation shown is kept anew with its next answer, under another id."""

        def delete(doomed: str) -> str | None:
            self._kept.delete(_reader(request), doomed)
            return None if doomed == number else number

        return _tried(lambda: delete(chosen), gr.skip()) if _is_chosen(chosen) else gr.skip()


def _is_chosen(chosen: str | None) -> TypeGuard[str]:
    """Whether there is one; a reader who chose none is told to."""
    if not chosen:
        gr.Info("Choose a conversation first.")
    return bool(chosen)


def _tried(work: Callable[[], _T], otherwise: _T) -> _T:
    """What `work` gives; where it fails, `otherwise`, and the reader is told why."""
    try:
        return work()
    except Exception as error:
        gr.Warning(one_line(error))
        return otherwise


def _reader(request: gr.Request) -> str:
    return reader_of(request.username) or _LOCAL


def _when(changed: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(changed))


def _count(found: int) -> str:
    return "One conversation" if found == 1 else f"{found} conversations"
