"""The cited pages as images, one at a time, with the quotes marked."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import gradio as gr

from assistant.answer import Citation
from assistant.app.problems import one_line
from assistant.app.session import Desk, reader_of
from assistant.app.show import alt_text, caption_html
from index.readers import EVERYBODY

Shown = tuple[tuple[Citation, ...], int]  # the citations, and which of them is on view


_ZOOMS = (("Larger", "larger", 1), ("Smaller", "smaller", -1))
_SIZES = (1, 1.5, 2, 3)  # of the column's width


def _zoomed(page: str, step: int) -> str:
    """JavaScript that shows the page in the next size, its middle still in the middle."""
    return f"""() => {{
      const box = document.getElementById('{page}');
      const sizes = {list(_SIZES)};
      const now = sizes.indexOf(Number(box.style.getPropertyValue('--tq-zoom') || 1));
      const next = sizes[Math.min(Math.max(now + {step}, 0), sizes.length - 1)];
      const pane = box.querySelector('.image-frame');
      const middle = (pane.scrollLeft + pane.clientWidth / 2) / pane.scrollWidth;
      const centre = (pane.scrollTop + pane.clientHeight / 2) / pane.scrollHeight;
      box.style.setProperty('--tq-zoom', next);
      pane.tabIndex = next > 1 ? 0 : -1; // what scrolls is reached by keyboard
      pane.style.overflow = next > 1 ? 'auto' : 'visible';
      pane.style.maxHeight = next > 1 ? '80vh' : 'none';
      pane.scrollLeft = middle * pane.scrollWidth - pane.clientWidth / 2;
      pane.scrollTop = centre * pane.scrollHeight - pane.clientHeight / 2;
    }}"""


class Viewer:
    """A caption, "previous" and "next", larger and smaller, and the page. Made inside `gr.Blocks`.
    `waiting` is said while there is no page."""

    def __init__(
        self, desk: Desk, name: str, waiting: str = "The cited page appears here."
    ) -> None:
        self._desk = desk
        self._waiting = waiting
        self._shown = gr.State(((), 0))
        with gr.Row(elem_classes="tq-viewer-head"):
            self._caption = gr.HTML(caption_html((), 0, None, waiting))
            self._back = gr.Button("‹ Previous", size="sm", visible=False, min_width=90, scale=0)
            self._next = gr.Button("Next ›", size="sm", visible=False, min_width=90, scale=0)
        with gr.Row(elem_classes="tq-zoom", visible=False) as self._zoom:
            for label, name_, step in _ZOOMS:
                button = gr.Button(
                    label, size="sm", min_width=90, scale=0, elem_id=f"{name}-{name_}"
                )
                button.click(None, js=_zoomed(f"{name}-page", step))
        self._image = gr.Image(
            label="Cited page",
            show_label=False,
            format="png",
            interactive=False,
            buttons=["fullscreen", "download"],
            elem_id=f"{name}-page",
            elem_classes="tq-page",
            visible=False,
        )
        controls = [self._back, self._next, self._zoom]
        self.outputs = [self._shown, self._caption, *controls, self._image]
        for button, turn in ((self._back, self._before), (self._next, self._after)):
            button.click(
                turn,
                self._shown,
                self.outputs,
                show_progress="hidden",
                api_visibility="private",
            )

    def _before(self, shown: Shown, request: gr.Request) -> list[Any]:
        return self.show(shown[0], shown[1] - 1, reader_of(request.username))

    def _after(self, shown: Shown, request: gr.Request) -> list[Any]:
        return self.show(shown[0], shown[1] + 1, reader_of(request.username))

    def show(
        self, citations: Sequence[Citation], index: int = 0, reader: str = EVERYBODY
    ) -> list[Any]:
        """Values for `outputs`: the page of `citations[index]`, its quotes marked, if `reader` may
        see it."""
        citations = tuple(citations)
        if not citations:
            hidden = gr.update(visible=False)
            image = gr.update(value=None, visible=False)
            caption = caption_html((), 0, None, self._waiting)
            return [((), 0), caption, hidden, hidden, hidden, image]
        index %= len(citations)
        several = gr.update(visible=len(citations) > 1)
        problem = None
        try:
            image = gr.update(
                value=str(self._file(citations, citations[index], reader)),
                alt_text=alt_text(citations[index]),
                visible=True,
            )
        except Exception as error:
            problem, image = one_line(error), gr.update(value=None, visible=False)
        caption = caption_html(citations, index, problem)
        there = gr.update(visible=problem is None)
        return [(citations, index), caption, several, several, there, image]

    def _file(self, citations: tuple[Citation, ...], here: Citation, reader: str) -> Path:
        """The page as a file in the app's own cache folder."""
        same = [c.quote for c in citations if (c.doc_id, c.page) == (here.doc_id, here.page)]
        quotes = [here.quote, *(quote for quote in same if quote != here.quote)]
        png = self._desk.of(reader).page_image(here.doc_id, here.page, quotes)
        folder = Path(self._image.GRADIO_CACHE) / "pages"
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / f"{hashlib.sha256(png).hexdigest()[:32]}.png"
        if not file.is_file():
            file.write_bytes(png)
        return file
