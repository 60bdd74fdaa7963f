"""Replies as HTML for the page. Whatever a filing, a model or a reader wrote goes through `escape`
and stays text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from assistant.answer import Answer, Citation
from assistant.app.chips import chips_html, kind_html, next_html, samples_html
from assistant.app.differences import marked
from assistant.app.export import markdown
from assistant.app.feedback import opinions_html
from assistant.app.markup import attribute, escape, source
from assistant.app.reply import Comparison, Outcome, Reply
from assistant.app.trend import trend_html

_REFUSED = "Not in the filings"
_WELCOME = (
    '<div class="tq-welcome">Ask the filings</div><div class="tq-quiet">Every answer names the '
    "page it stands on, or says that the filings do not state it.</div>"
)


def turn_html(reply: Reply, number: int) -> str:
    """A question and its answer with warnings, citations and figures, as far as it has come. The
    button of citation 2 of turn 3 carries "3/2", counted from 0."""
    parts = [_phase(reply), _text(reply), _end(reply)]
    if reply.answer and not reply.phase:
        answer = reply.answer
        steps = (answer.calculation or {}).get("steps", ())
        parts = [kind_html(answer), *parts, trend_html(steps), _worked(answer, number)]
        parts += [_citations(answer, number), _figures(reply, answer), _copy(reply)]
        parts.append(opinions_html(reply, number))
    refused = " tq-refused" if reply.answer and reply.answer.refused else ""
    asked = f'<div class="tq-question" role="heading" aria-level="2">{escape(reply.question)}</div>'
    return (
        f'<div class="tq-turn">{asked}{chips_html(reply, number)}'
        f'<div class="tq-reply{refused}">{"".join(parts)}</div></div>'
    )


def thread_html(replies: Sequence[Reply], samples: Sequence[str]) -> str:
    """The conversation with `samples` to ask next; where there is none yet, to begin with."""
    if replies:
        turns = "".join(turn_html(reply, number) for number, reply in enumerate(replies))
        return f'<div role="log" aria-label="Conversation">{turns}</div>{next_html(samples)}'
    hint = "" if samples else '<div class="tq-quiet">Add filings in the Library first.</div>'
    asked = f"{samples_html(samples)}{hint}"
    return f'<div class="tq-empty">{_WELCOME}<div class="tq-samples">{asked}</div></div>'


def column_html(
    reply: Reply, side: int, other: Answer | None = None, name: str | None = None
) -> str:
    """One side of a comparison: 0 left, 1 right. What the `other` answer does not say is marked;
    under another `name` than the model's, nothing tells which model it is."""
    head = f'<div class="tq-column-head">{escape(name or reply.model)}</div>'
    if reply.phase is None and not (reply.answer or reply.stopped or reply.error):
        return f'<div class="tq-card">{head}<div class="tq-quiet">No answer yet.</div></div>'
    parts = [_phase(reply), _text(reply, other), _end(reply)]
    if reply.answer and not reply.phase:
        measures = "" if name else _measures(reply, reply.answer)
        parts += [measures, _citations(reply.answer, side)]
    refused = " tq-refused" if reply.answer and reply.answer.refused else ""
    return f'<div class="tq-card{refused}">{head}{"".join(parts)}</div>'


def verdict_html(comparison: Comparison) -> str:
    """Whether the numbers agree."""
    if not comparison.verdict:
        return ""
    kind = {True: "good", False: "bad", None: "quiet"}[comparison.agree]
    return f'<div class="tq-verdict tq-{kind}" role="status">{escape(comparison.verdict)}</div>'


def outcomes_html(outcomes: Iterable[Outcome]) -> str:
    """One line for each file."""
    lines = [
        f'<li><span class="tq-status tq-{outcome.status}">{outcome.status}</span> '
        f"<strong>{escape(outcome.name)}</strong> {escape(outcome.text)}</li>"
        for outcome in outcomes
    ]
    return f'<ul class="tq-outcomes" role="status">{"".join(lines)}</ul>' if lines else ""


def status_html(lines: Sequence[tuple[str, str]]) -> str:
    """The models' states: (state, line) each."""
    spans = [f'<span class="tq-dot tq-{state}">{escape(line)}</span>' for state, line in lines]
    return f'<div class="tq-models" role="status">{"".join(spans)}</div>'


def caption_html(
    citations: Sequence[Citation],
    index: int,
    problem: str | None = None,
    waiting: str = "The cited page appears here.",
) -> str:
    """What the page viewer shows; `waiting` while there is no page."""
    if not citations:
        return f'<div class="tq-quiet tq-blank">{escape(waiting)}</div>'
    citation = citations[index]
    trouble = f'<div class="tq-error">{escape(problem)}</div>' if problem else ""
    return (
        f'<div class="tq-caption"><span class="tq-number">{index + 1}</span> of {len(citations)} '
        f"<strong>{escape(source(citation))}</strong> "
        f'<span class="tq-doc">{escape(citation.doc)}</span></div>{trouble}'
    )


def alt_text(citation: Citation) -> str:
    """What the page image is, for readers who do not see it."""
    return source(citation) + (f"; marked: {citation.quote}" if citation.quote else "")


def _phase(reply: Reply) -> str:
    if reply.phase is None:
        return ""
    return f'<div class="tq-phase" role="status"><i class="tq-spin"></i>{escape(reply.phase)}</div>'


def _text(reply: Reply, other: Answer | None = None) -> str:
    answer = reply.answer
    if answer is None or reply.phase:
        return f'<div class="tq-text">{escape(reply.text)}</div>' if reply.text else ""
    if answer.refused:
        reason = answer.answer.removeprefix(_REFUSED).lstrip(". ")
        return f'<div class="tq-flag">{_REFUSED}</div><div class="tq-text">{escape(reason)}</div>'
    if other and not other.refused:
        return f'<div class="tq-text">{marked(answer.answer, other.answer)}</div>'
    return f'<div class="tq-text">{_doubted(answer)}</div>'


def _doubted(answer: Answer) -> str:
    """The answer's text with the unsupported numbers marked."""
    doubtful = sorted(filter(None, answer.unsupported_numbers), key=len, reverse=True)
    if not doubtful:
        return escape(answer.answer)
    pattern = "|".join(re.escape(number) for number in doubtful)
    pieces = re.split(rf"((?<![\d.,])(?:{pattern})(?![\d]))", answer.answer)
    return "".join(
        f'<mark class="tq-doubt">{escape(piece)}</mark>' if n % 2 else escape(piece)
        for n, piece in enumerate(pieces)
    )


def _end(reply: Reply) -> str:
    if reply.phase is not None:
        return ""
    if reply.error:
        return f'<div class="tq-error" role="alert">{escape(reply.error)}</div>'
    if reply.stopped:
        return '<div class="tq-quiet">Stopped. What came so far was not checked.</div>'
    return "".join(
        f'<div class="tq-warning" role="alert">{escape(note)}</div>'
        for note in (reply.answer.notes() if reply.answer else ())
    )


def _worked(answer: Answer, turn: int) -> str:
    """The calculation as a small table, each input a link to its row; then the steps."""
    if not answer.calculation:
        return ""
    rows = "".join(
        f"<tr><td>{escape(fact['name'])}</td><td>{escape(fact['period'])}</td>"
        f'<td class="tq-amount">{escape(fact["shown"])}</td>'
        f'<td><button type="button" class="tq-cell" data-cite="{turn}/{fact["citation"]}" '
        f'title="Show this row">page {fact["page"]}</button></td></tr>'
        for fact in answer.facts
    )
    steps = "".join(
        f"<li>{escape(step['company'])}, {escape(step['period'])}: {escape(step['line'])} = "
        f"<strong>{escape(step['shown'])}</strong></li>"
        for step in answer.calculation["steps"]
        if step["line"]
    )
    return (
        '<div class="tq-title">Calculated from these figures</div><table class="tq-working">'
        "<thead><tr><th>Item</th><th>Period</th><th>As printed</th><th>Where</th></tr></thead>"
        f'<tbody>{rows}</tbody></table><ul class="tq-steps">{steps}</ul>'
    )


def _citations(answer: Answer, turn: int) -> str:
    if not answer.citations:
        return ""
    title = "Closest evidence" if answer.refused else "Sources"
    items = [
        f'<li><button type="button" class="tq-cite" data-cite="{turn}/{n}" title="Show this page">'
        f'<span class="tq-number">{n + 1}</span><span class="tq-source">{escape(source(c))}</span> '
        f'<span class="tq-doc">{escape(c.doc)}</span>'
        f'<span class="tq-quote">{escape(c.quote)}</span></button></li>'
        for n, c in enumerate(answer.citations)
    ]
    return f'<div class="tq-title">{title}</div><ol class="tq-sources">{"".join(items)}</ol>'


def _figures(reply: Reply, answer: Answer) -> str:
    rate = reply.tokens_per_s
    figures = [
        answer.model.get("name", ""),
        answer.model.get("scheme", ""),
        f"{answer.timings_s['total']:.1f} s",
        f"{rate:.1f} tokens/s" if rate else "",
    ]
    spans = [f"<span>{escape(figure)}</span>" for figure in figures if figure]
    return f'<div class="tq-figures">{"".join(spans)}</div>'


def _copy(reply: Reply) -> str:
    told = attribute(markdown([reply]))
    return (
        f'<button type="button" class="tq-chip tq-copy" data-copy="{told}" aria-live="polite" '
        'title="The answer with its sources, as Markdown">Copy</button>'
    )


def _measures(reply: Reply, answer: Answer) -> str:
    rate, t = reply.tokens_per_s, answer.timings_s
    rows = [
        ("Scheme", answer.model.get("scheme", "")),
        ("Retrieval", f"{t['retrieve']:.2f} s"),
        ("First token", f"{t['first_token']:.2f} s"),
        ("Total", f"{t['total']:.2f} s"),
        ("Speed", f"{rate:.1f} tokens/s" if rate else "too few tokens"),
        ("Tokens", f"{answer.prompt_tokens:,} read, {answer.completion_tokens:,} written"),
        ("Memory", f"{reply.memory_mb:,.0f} MB" if reply.memory_mb >= 1 else "not measured"),
    ]
    cells = [f"<tr><th scope='row'>{k}</th><td>{escape(v)}</td></tr>" for k, v in rows]
    return f'<table class="tq-measures"><tbody>{"".join(cells)}</tbody></table>'
