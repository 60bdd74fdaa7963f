"""The Library tab: what is in the store and inside its filings; upload, fetch, remove, correct."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gradio as gr

from assistant.app.edgar_form import add_edgar_form, identity_asked
from assistant.app.inside import documents_html
from assistant.app.inside_tab import add_inside
from assistant.app.markup import escape
from assistant.app.problems import one_line
from assistant.app.reply import Outcome
from assistant.app.scripts import script
from assistant.app.session import Desk, reader_of
from assistant.app.show import outcomes_html
from index.documents import Document

_PERIODS = ["", "FY", "Q1", "Q2", "Q3", "Q4"]
_ENDINGS = [".pdf", ".html", ".htm", ".txt", ".md"]


def add_library_tab(desk: Desk, page: gr.Blocks) -> None:
    """Build the tab inside `page`."""
    count = gr.HTML(elem_id="library-count")
    table = gr.HTML(elem_id="filings", js_on_load=script("shelf.js"), apply_default_css=False)
    add_inside(desk, table)
    with gr.Row(elem_classes="tq-split"):
        with gr.Column(min_width=300):
            files = gr.File(
                label="Add filings (PDF, HTML, text)",
                file_count="multiple",
                file_types=_ENDINGS,
                height=150,
                elem_id="upload",
            )
            own = gr.Checkbox(
                True,
                label="Only for me",
                info="Otherwise everybody who signs in can ask and read them",
                visible=False,
                elem_id="own",
            )
            outcomes = gr.HTML("", elem_id="outcomes")
            edgar = add_edgar_form()
        with gr.Column(min_width=300):
            chosen = gr.Dropdown(
                label="Remove filings", multiselect=True, elem_id="chosen", filterable=True
            )
            remove = gr.Button("Remove selected", size="sm", elem_id="remove")
            with gr.Row(visible=False) as sure:
                yes = gr.Button("Yes, remove them", variant="stop", size="sm", elem_id="yes")
                no = gr.Button("Keep them", size="sm")
            removed = gr.HTML("", elem_id="removed")
            with gr.Accordion("Correct a filing", open=False, elem_id="correct"):
                wrong = gr.Dropdown(label="Filing", elem_id="wrong", filterable=True)
                with gr.Row():
                    company = gr.Textbox(label="Company", max_lines=1)
                    form = gr.Textbox(label="Form", max_lines=1, min_width=90)
                    year = gr.Number(label="Fiscal year", precision=0, min_width=90)
                    period = gr.Dropdown(_PERIODS, label="Period", min_width=90)
                mend = gr.Button("Correct it", size="sm", elem_id="mend")
                corrected = gr.HTML("", elem_id="corrected")
    shelf = [count, table, chosen, wrong]
    identity = [company, form, year, period]

    def mine(request: gr.Request) -> Desk:
        return desk.of(reader_of(request.username))

    def listed(request: gr.Request) -> list[Any]:
        try:
            documents = mine(request).documents()
        except Exception as error:
            said = f'<div class="tq-error">{escape(one_line(error))}</div>'
            return [said, "", gr.update(), gr.update()]
        choices = [(_title(d), d.id) for d in documents]
        return [
            _count(documents),
            documents_html(documents),
            gr.update(choices=choices, value=[]),
            gr.update(choices=choices, value=None),
        ]

    tracker = gr.Progress()

    def upload(
        paths: list[str] | None, alone: bool, request: gr.Request, progress: Any = tracker
    ) -> Iterator[list[Any]]:
        done: list[Outcome] = []
        adding = mine(request) if alone else desk
        for outcome in adding.upload([Path(path) for path in paths or []], progress):
            done.append(outcome)
            yield [outcomes_html(done), gr.skip(), *listed(request)]
        yield [outcomes_html(done), None, *listed(request)]

    def bring(
        companies: str,
        form: str,
        years: float | None,
        identity: str,
        request: gr.Request,
        progress: Any = tracker,
    ) -> Iterator[list[Any]]:
        done: list[Outcome] = []
        for outcome in desk.fetch(companies, form or "", years, identity, progress):
            done.append(outcome)
            yield [outcomes_html(done), gr.skip(), *listed(request)]
        failed = any(outcome.status == "failed" for outcome in done)
        yield [outcomes_html(done), identity_asked(failed), *listed(request)]

    def ask_first(doc_ids: list[int]) -> Any:
        if not doc_ids:
            gr.Info("Choose the filings to remove first.")
        return gr.update(visible=bool(doc_ids))

    def take_out(doc_ids: list[int], request: gr.Request) -> list[Any]:
        gone = mine(request).remove([int(doc_id) for doc_id in doc_ids])
        return [outcomes_html(gone), gr.update(visible=False), *listed(request)]

    def show_identity(doc_id: int | None, request: gr.Request) -> list[Any]:
        for d in mine(request).documents():
            if d.id == doc_id:
                return [d.company or "", d.form or "", d.fiscal_year, d.fiscal_period or ""]
        return ["", "", None, ""]

    def correct(
        doc_id: int | None,
        company: str,
        form: str,
        year: float | None,
        period: str | None,
        request: gr.Request,
    ) -> list[Any]:
        if doc_id is None:
            gr.Info("Choose the filing to correct first.")
            return [gr.skip()] * (1 + len(shelf))
        outcome = mine(request).correct(int(doc_id), company, form, year, period or "")
        return [outcomes_html([outcome]), *listed(request)]

    def offer_own(request: gr.Request) -> Any:
        return gr.update(visible=bool(request.username))

    hidden: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
    files.upload(
        upload,
        [files, own],
        [outcomes, files, *shelf],
        show_progress_on=outcomes,
        api_visibility="private",
        concurrency_id="library",
        concurrency_limit=1,
    )
    edgar.button.click(
        bring,
        edgar.fields,
        [edgar.outcomes, edgar.identity, *shelf],
        show_progress_on=edgar.outcomes,
        api_visibility="private",
        concurrency_id="library",
    )
    remove.click(ask_first, chosen, sure, **hidden)
    no.click(lambda: gr.update(visible=False), None, sure, **hidden)
    yes.click(take_out, chosen, [removed, sure, *shelf], concurrency_id="library", **hidden)
    wrong.change(show_identity, wrong, identity, **hidden)
    mend.click(
        correct,
        [wrong, *identity],
        [corrected, *shelf],
        show_progress_on=corrected,
        api_visibility="private",
        concurrency_id="library",
    )
    page.load(listed, None, shelf, **hidden)
    page.load(offer_own, None, own, **hidden)
    page.load(identity_asked, None, edgar.identity, **hidden)


def _title(document: Document) -> str:
    parts = (document.company, document.form, document.fiscal_period, document.fiscal_year)
    who = " ".join(str(part) for part in parts if part)
    return f"{who} ({document.name})" if who else document.name


def _count(documents: list[Document]) -> str:
    if not documents:
        return '<div class="tq-quiet">The library is empty. Add filings below to ask them.</div>'
    pages = sum(document.pages for document in documents)
    companies = len({document.company for document in documents if document.company})
    text = f"Filings: {len(documents):,} · companies: {companies:,} · pages: {pages:,}"
    return f'<div class="tq-count">{escape(text)}</div>'
