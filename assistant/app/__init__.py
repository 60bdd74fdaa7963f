"""The web chat: ask, compare two models, keep the library. `serve` starts it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant.app.serve import serve

if TYPE_CHECKING:
    import gradio as gr

    from assistant.app.session import Desk

__all__ = ["build", "serve"]


def build(state: Desk) -> gr.Blocks:
    """The application over a desk, not yet served; Gradio is imported here."""
    from assistant.app.page import build as build_page

    return build_page(state)
