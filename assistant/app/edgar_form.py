"""Fetch from EDGAR, in the Library tab: its fields, and when it asks who asks."""

from __future__ import annotations

from typing import Any, NamedTuple

import gradio as gr

from assistant.edgar_identity import known_identity
from index.errors import FetchError

FORMS = ["10-K", "10-Q", "8-K", "20-F", "40-F", "10-K/A"]


class EdgarForm(NamedTuple):
    """The parts of the form; `fields` are what `Desk.fetch` takes, in its order."""

    fields: list[Any]
    identity: Any
    button: Any
    outcomes: Any


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


def identity_asked(failed: bool = False) -> Any:
    """The field for the identity: shown where there is none, or something `failed` with it."""
    try:
        missing = known_identity() is None
    except FetchError:
        missing = True
    return gr.update(visible=missing or failed)
