"""The Monitor tab: answers, refusals, seconds and opinions over time, and second answers."""

from __future__ import annotations

import time

import gradio as gr

from assistant.app.markup import escape
from assistant.app.monitor_html import again_html, opinions_html, summary_html, told_html
from assistant.app.problems import one_line
from assistant.app.watched import Watched

# Its name, seconds, and equal parts to draw it in.
RANGES = {
    "24 hours": (86_400, 24),
    "7 days": (7 * 86_400, 7),
    "30 days": (30 * 86_400, 30),
    "1 year": (364 * 86_400, 52),
}
_OFF = (
    '<div class="tq-quiet">Start with <code>tenq serve --shadow 0.05</code> to have a twentieth of '
    "the model’s answers compared with the second model’s, when the machine is idle.</div>"
)
_DATA = (
    '<div class="tq-note">An opinion is data at once: below <code>evaluations/feedback</code> in '
    "Tenq’s folder, <code>feedback.questions.jsonl</code> holds questions whose right answer is "
    "known (<code>tenq eval answers --questions</code>), <code>feedback.calibration.jsonl</code> "
    "the prompts of others (<code>tenq quantize --calibration</code>). No question is in "
    "both.</div>"
)
_HIDDEN_TEXTS = (
    '<div class="tq-quiet">Questions and answers of others are not shown here; who runs the server '
    "finds them below <code>evaluations/disagreements</code>.</div>"
)


def add_monitor_tab(watched: Watched, tab: gr.Tab) -> None:
    """Build the inside of `tab`, read anew whenever it is opened."""
    with gr.Row(elem_classes="tq-options"):
        chosen = gr.Radio(
            list(RANGES), value="24 hours", label="Time", elem_id="monitor-range", scale=6
        )
        refresh = gr.Button("Refresh", size="sm", min_width=90, scale=0)
    answers = gr.HTML(elem_id="monitor-answers", apply_default_css=False)
    gr.HTML('<h2 class="tq-head2">What readers said</h2>', apply_default_css=False)
    opinions = gr.HTML(elem_id="monitor-opinions", apply_default_css=False)
    gr.HTML(_DATA, apply_default_css=False)
    gr.HTML('<h2 class="tq-head2">Second answers</h2>', apply_default_css=False)
    again = gr.HTML(elem_id="monitor-again", apply_default_css=False)
    gr.on(
        [tab.select, refresh.click, chosen.change],
        lambda name: shown(watched, str(name)),
        chosen,
        [answers, opinions, again],
        api_visibility="private",
        show_progress="hidden",
    )


def shown(watched: Watched, name: str, now: float | None = None) -> tuple[str, str, str]:
    """Answers, opinions and second answers of the range `name` up to now, as HTML."""
    seconds, spans = RANGES.get(name, RANGES["24 hours"])
    until = _end_of_part(now or time.time(), seconds / spans)
    shadow = watched.shadow
    try:
        allowed = shadow.allowed if shadow else 1.0
        summary = watched.monitor.summary(until - seconds, until, spans, allowed)
    except Exception as error:
        return f'<div class="tq-error">{escape(one_line(error))}</div>', "", ""
    if shadow is None:
        return summary_html(summary), opinions_html(summary.opinions), _OFF
    told = told_html(summary.told) if watched.texts else _HIDDEN_TEXTS
    second = again_html(summary, shadow.share, shadow.waiting, shadow.problem)
    return summary_html(summary), opinions_html(summary.opinions), second + told


def _end_of_part(now: float, part: float) -> float:
    """When the hour, day or week that holds `now` ends, in the server's time."""
    offset = time.localtime(now).tm_gmtoff
    return ((now + offset) // part + 1) * part - offset
