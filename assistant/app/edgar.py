"""Filings from EDGAR in the Library tab: the form for it, and what it does, without any web."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import gradio as gr

from assistant.edgar_identity import (
    WHY,
    edgar_folder,
    filings_folder,
    keep_identity,
    known_identity,
)
from index.edgar import Edgar
from index.errors import FetchError
from index.fetch import Fetched, fetch
from index.store import Progress, Store

FORMS = ["10-K", "10-Q", "8-K", "20-F", "40-F", "10-K/A"]
_MAX_YEARS = 50


class EdgarForm(NamedTuple):
    """The parts of the form; `fields` are what `Desk.fetch` takes, in its order."""

    fields: list[Any]
    identity: Any
    button: Any
    outcomes: Any


def brought(
    store: Store,
    companies: str,
    form: str,
    years: float | None,
    identity: str,
    tell: Progress | None = None,
) -> Iterator[Fetched]:
    """`index.fetch.fetch` for what a reader has typed. An identity typed is kept for the next time,
    once it was of use.

    Raises FetchError, UnreachableError, StoreError, each with one line.
    """
    wanted = [word for word in re.split(r"[\s,;]+", companies) if word]
    if not wanted:
        raise FetchError("name a company by its ticker, such as LRKS, or by its CIK")
    if not years or not 1 <= years <= _MAX_YEARS:
        raise FetchError(f"years: give a number from 1 to {_MAX_YEARS}")
    who = known_identity(identity)
    if who is None:
        raise FetchError(WHY)
    edgar = Edgar(who, edgar_folder())
    kept = not identity.strip()
    for each in fetch(edgar, store, wanted, form.strip(), int(years), filings_folder(), tell):
        if not kept:
            keep_identity(who)
            kept = True
        yield each


def add_edgar_form() -> EdgarForm:
    """Build the form; who asks EDGAR is a field of it where that is not known yet."""
    with gr.Accordion("Fetch from EDGAR", open=False, elem_id="edgar"):
        with gr.Row():
            ticker = gr.Textbox(label="Ticker or CIK", max_lines=1, min_width=120)
            form = gr.Dropdown(
                FORMS, value="10-K", label="Form", allow_custom_value=True, min_width=90
            )
            years = gr.Number(3, label="Years", precision=0, minimum=1, min_width=80)
        identity = gr.Textbox(
            label="Your name and e-mail address, which EDGAR asks for",
            max_lines=1,
            visible=False,
            elem_id="edgar-identity",
        )
        button = gr.Button("Fetch", size="sm", elem_id="fetch")
        outcomes = gr.HTML("", elem_id="fetched")
    return EdgarForm([ticker, form, years, identity], identity, button, outcomes)


def identity_asked() -> Any:
    """The field for the identity: shown where there is none, or none that EDGAR would take."""
    try:
        missing = known_identity() is None
    except FetchError:
        missing = True
    return gr.update(visible=missing)
