"""What was understood of a question, and what could be asked next, as buttons."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from assistant.answer import Answer
from assistant.app.markup import escape
from assistant.app.reply import Reply
from assistant.assistant import CALCULATED

_MOST_ITEMS = 4


def chips_html(reply: Reply, turn: int) -> str:
    """Companies, periods, form and items, each a button that gives the question back to change it
    (`data-edit`), and what came from the question before."""
    texts = [*_understood(reply.understood or {})]
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


def _understood(told: dict[str, Any]) -> list[str]:
    years = told.get("fiscal_years") or []
    period = told.get("fiscal_period")
    items = list(told.get("items") or [])
    more = [f"and {len(items) - _MOST_ITEMS} more"] if len(items) > _MOST_ITEMS else []
    return [
        *(told.get("companies") or []),
        *([" ".join(filter(None, [period, "fiscal", _years(years)]))] if years else []),
        *([period] if period and not years else []),
        *([told["form"]] if told.get("form") else []),
        *items[:_MOST_ITEMS],
        *more,
    ]


def _years(years: Sequence[int]) -> str:
    """ "2023", "2021 to 2023", "2019, 2023"."""
    if len(years) > 2 and years[-1] - years[0] == len(years) - 1:
        return f"{years[0]} to {years[-1]}"
    return ", ".join(str(year) for year in years)
