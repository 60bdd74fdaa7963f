"""The page: header with the models' states, and the tabs. Nothing on it comes from elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr

from assistant.app.api import add_api
from assistant.app.ask_tab import add_ask_tab
from assistant.app.compare_tab import add_compare_tab
from assistant.app.library_tab import add_library_tab
from assistant.app.monitor_tab import add_monitor_tab
from assistant.app.quality_tab import add_quality_tab
from assistant.app.session import Desk
from assistant.app.show import status_html
from assistant.app.watched import Watched

STYLES = [
    Path(__file__).with_name(f"{name}.css")
    for name in ("style", "answers", "quality", "monitor", "inside")
]
_SANS = (
    "system-ui",
    "-apple-system",
    "Segoe UI",
    "Roboto",
    "Helvetica Neue",
    "Arial",
    "sans-serif",
)
_MONO = ("ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "monospace")
_AT_ONCE = 64  # questions that may be at the desk, which tells each its place in line
_POLL_S = 2.0
_CACHE_S = 3600


def build(desk: Desk, watched: Watched) -> gr.Blocks:
    """The application; `theme()` and `STYLES` are given to its `launch`."""
    limits = {"concurrency_id": "model", "concurrency_limit": _AT_ONCE}
    with gr.Blocks(
        title="Tenq",
        analytics_enabled=False,
        delete_cache=(_CACHE_S, _CACHE_S),
        fill_width=True,
    ) as page:
        add_api(desk, limits)  # before the tabs, whose functions would take its names
        with gr.Row(elem_classes="tq-head"):
            gr.HTML(_TITLE)
            status = gr.HTML(_status(desk), elem_id="status")
        with gr.Tab("Ask", id="ask"):
            add_ask_tab(desk, page, limits, watched.feedback)
        with gr.Tab("Compare", id="compare"):
            add_compare_tab(desk, limits, watched.folder / "votes")
        with gr.Tab("Library", id="library"):
            add_library_tab(desk, page)
        with gr.Tab("Quality", id="quality") as quality:
            add_quality_tab(desk, quality)
        with gr.Tab("Monitor", id="monitor") as monitor:
            add_monitor_tab(watched, monitor)
        timer = gr.Timer(_POLL_S)

        def gone(request: gr.Request) -> None:
            for tab in ("ask", "compare"):
                desk.stop(f"{request.session_hash}/{tab}")

        timer.tick(
            lambda: _status(desk),
            None,
            status,
            queue=False,
            show_progress="hidden",
            api_visibility="private",
        )
        page.unload(gone)
    return page


def theme() -> Any:
    """A calm look, light and dark, of fonts that are on the reader's machine."""
    return gr.themes.Base(
        primary_hue=gr.themes.colors.teal,
        secondary_hue=gr.themes.colors.slate,
        neutral_hue=gr.themes.colors.slate,
        radius_size=gr.themes.sizes.radius_md,
        text_size=gr.themes.sizes.text_md,
        font=[gr.themes.Font(name) for name in _SANS],
        font_mono=[gr.themes.Font(name) for name in _MONO],
    ).set(
        button_primary_background_fill="*primary_700",
        button_primary_background_fill_hover="*primary_800",
        button_primary_background_fill_dark="*primary_700",
        button_primary_background_fill_hover_dark="*primary_600",
        button_primary_text_color="white",
        body_background_fill="*neutral_50",
        body_text_color_subdued="*neutral_600",
        body_text_color_subdued_dark="*neutral_300",
        input_placeholder_color="*neutral_500",
        input_placeholder_color_dark="*neutral_300",
        color_accent="*primary_700",
        checkbox_background_color_selected="*primary_700",
        checkbox_border_color_selected="*primary_700",
        input_background_fill="white",
        input_border_width="1px",
        block_background_fill="white",
        block_shadow="none",
    )


_TITLE = (
    '<div class="tq-brand"><span class="tq-name">Tenq</span>'
    '<span class="tq-tagline">Cited answers from your filings, on this machine</span></div>'
)


def _status(desk: Desk) -> str:
    return status_html([(model.state, model.status) for model in desk.models.values()])
