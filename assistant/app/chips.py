"""What was understood of a question, and what could be asked next, as buttons."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.answer import Answer
from assistant.app.markup import escape
from assistant.app.reply import Reply
from assistant.assistant import CALCULATED
from assistant.understood import in_words


def chips_html(reply: Reply, turn: int) -> str:
    """Companies, periods, form and items, each a button that gives the question back to change it
    (`data-edit`), and what came from the question before."""
    texts = in_words(reply.understood or {})
    if not texts and not reply.taken:
        return ""
    chips = "".join(
        f'<li><button type="button" class="tq-chip" data-edit="{turn}" '
        f'title="Change this in the question">{escape(text)}</button></li>'
        for text in texts
    )
    taken = ""
    if reply.taken:
        said = f"Taken from the question before: {', '.join(reply.taken)}"
        taken = f'<div class="tq-quiet tq-taken">{escape(said)}</div>'
    listed = f'<ul class="tq-chips" aria-label="Understood as">{chips}</ul>' if chips else ""
    return listed + taken


def kind_html(answer: Answer) -> str:
    """Where the answer comes from: calculated, written by the model, or not found."""
    if answer.refused:
        return ""  # said by the answer itself
    if answer.model.get("scheme") == CALCULATED:
        said = "Calculated" if answer.calculation else "Looked up"
        return f'<span class="tq-kind tq-calculated">{said} from the filings’ own figures</span>'
    said = "Written by the model from the passages below"
    if answer.unsure:
        return f'<span class="tq-kind tq-unsure">{said}, unsure</span>'
    return f'<span class="tq-kind tq-written">{said}</span>'


def next_html(questions: Sequence[str]) -> str:
    """Suggested follow-ups; a click asks one."""
    if not questions:
        return ""
    return (
        f'<div class="tq-title">Ask next</div><div class="tq-next">{samples_html(questions)}</div>'
    )


def samples_html(questions: Sequence[str]) -> str:
    """A button for each question; a click asks it."""
    return "".join(
        f'<button type="button" class="tq-sample" data-sample="{escape(q)}">{escape(q)}</button>'
        for q in questions
    )
