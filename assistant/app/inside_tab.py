"""What is inside a filing, in the Library tab: its sections and statements with the page beside."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr

from assistant.app.inside import inside_html, pages_of, statement_files
from assistant.app.markup import escape
from assistant.app.problems import one_line
from assistant.app.scripts import script
from assistant.app.session import Desk, reader_of
from assistant.app.viewer import Viewer
from index.contents import Contents, contents_of

_WAITING = "Choose a section, a statement or a row: its page appears here."
_TAKEN_AWAY = (("Statements, CSV", "csv"), ("Statements, XLSX", "xlsx"))
# On a phone the page stands below what was clicked.
_SHOW_PAGE = (
    "() => window.innerWidth <= 700"
    " && document.querySelector('#inside-panel .tq-caption')?.scrollIntoView()"
)
_GO_THERE = "() => document.querySelector('#inside h2')?.focus()"


def add_inside(desk: Desk, shelf: gr.HTML) -> None:
    """Build it below `shelf`, the table of filings, whose buttons open one."""
    opened = gr.State(None)
    with gr.Row(visible=False, elem_classes="tq-split", elem_id="inside-panel") as panel:
        with gr.Column(scale=6, min_width=300):
            html = gr.HTML(
                elem_id="inside", js_on_load=script("inside.js"), apply_default_css=False
            )
            with gr.Row(elem_classes="tq-options", visible=False) as taking:
                files = [
                    gr.DownloadButton(label, size="sm", min_width=90, elem_id=f"inside-{ending}")
                    for label, ending in _TAKEN_AWAY
                ]
        with gr.Column(scale=5, min_width=300, elem_classes="tq-evidence"):
            viewer = Viewer(desk, "inside", _WAITING)

    def look_inside(clicked: gr.EventData, request: gr.Request) -> list[Any]:
        try:
            store = desk.of(reader_of(request.username)).store
            contents = contents_of(store, int(str(clicked.filing)))
        except Exception as error:
            said = f'<div class="tq-error" role="alert">{escape(one_line(error))}</div>'
            return [None, said, gr.update(visible=True), *viewer.show(())]
        return [contents, inside_html(contents), gr.update(visible=True), *viewer.show(())]

    def take_away(contents: Contents | None) -> list[Any]:
        made = statement_files(contents, Path(html.GRADIO_CACHE) / "exports") if contents else []
        if not made:
            return [gr.update(visible=False), *(gr.skip() for _ in files)]
        return [gr.update(visible=True), *(gr.update(value=str(file)) for file in made)]

    def show_page(
        contents: Contents | None, clicked: gr.EventData, request: gr.Request
    ) -> list[Any]:
        citations, index = pages_of(contents, str(clicked.place)) if contents else ([], 0)
        if not citations:
            return [gr.skip() for _ in viewer.outputs]
        return viewer.show(citations, index, reader_of(request.username))

    hidden: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
    looked = shelf.select(look_inside, None, [opened, html, panel, *viewer.outputs], **hidden)
    looked.then(None, js=_GO_THERE, **hidden)
    looked.then(take_away, opened, [taking, *files], **hidden)
    shown = html.select(show_page, opened, viewer.outputs, **hidden)
    shown.then(None, js=_SHOW_PAGE, **hidden)
