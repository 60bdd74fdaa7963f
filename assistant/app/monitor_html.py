"""What the Monitor tab says, as HTML. Questions and answers stay text."""

from __future__ import annotations

import time
from collections.abc import Sequence

from assistant.app.feedback import OPINIONS
from assistant.app.markup import escape, table_html
from assistant.app.monitor import ENDINGS, Again, Ending, Seconds, Span, Summary
from eval.intervals import wilson
from eval.report import percent

_WORDS: dict[Ending, str] = {
    "figures": "From figures",
    "model": "By the model",
    "refused": "Not in the filings",
    "stopped": "Stopped",
    "failed": "Failed",
}
_WIDTH, _HEIGHT, _LEFT, _TOP, _BOTTOM = 720, 130, 44, 8, 22
_MOST_LABELS = 8


def summary_html(summary: Summary) -> str:
    """Counts, then pictures over time, each also as a table."""
    whole = summary.whole
    asked = sum(whole.endings.values())
    if not asked:
        return '<div class="tq-quiet tq-blank">Nobody has asked anything in this time.</div>'
    tiles = [
        ("Questions", f"{asked:,}", ""),
        *((_WORDS[e], f"{n:,}", _share(n, asked)) for e, n in whole.endings.items()),
        ("Numbers to check", f"{summary.doubted:,}", _share(summary.doubted, asked)),
        ("First words", _median(whole.first), _tail(whole.first)),
        ("Whole answer", _median(whole.total), _tail(whole.total)),
    ]
    cards = "".join(
        f'<div class="tq-tile"><dt>{escape(name)}</dt><dd><strong>{escape(value)}</strong> '
        f"<span>{escape(more)}</span></dd></div>"
        for name, value, more in tiles
    )
    return (
        f'<dl class="tq-tiles">{cards}</dl>{_endings_plot(summary.spans)}'
        f"{_seconds_plot(summary.spans)}{_table(summary.spans)}"
    )


def opinions_html(opinions: dict[str, int]) -> str:
    """What readers said of answers, and what became of it."""
    if not opinions:
        said = "Nobody has judged an answer in this time: the buttons below an answer do."
        return f'<div class="tq-quiet">{said}</div>'
    rows = [
        [escape(words), f"{opinions[opinion]:,}"]
        for opinion, words in OPINIONS.items()
        if opinion in opinions
    ]
    return table_html("tq-scores", "What readers said of answers", ("Opinion", "Answers"), rows)


def again_html(summary: Summary, share: float, waiting: int, problem: str | None) -> str:
    """How far second answers differ, and what keeps them from being asked."""
    lines = [f"{share:.0%} of the answers written by the main model are asked again when idle."]
    if summary.again:
        rate = wilson(summary.differing, summary.again)
        lines.append(
            f"{summary.differing} of {summary.again} differ by more than allowed "
            f"({percent(rate.value)}, 95% interval {percent(rate.ci_low)} to "
            f"{percent(rate.ci_high)})."
        )
    if waiting:
        lines.append(f"{waiting} wait for an idle moment.")
    told = "".join(f'<div class="tq-quiet">{escape(line)}</div>' for line in lines)
    trouble = f'<div class="tq-error">{escape(problem)}</div>' if problem else ""
    return told + trouble


def told_html(told: Sequence[Again]) -> str:
    """The answers that differ most, side by side."""
    heads = ("When", "Question", "Main model", "Second model", "Difference")
    rows = [
        [
            escape(_when(each.at)),
            escape(each.question),
            escape(each.answer),
            escape(each.other_answer),
            f"{each.difference:.0%} {escape(_sides(each.verdict))}",
        ]
        for each in told
    ]
    return table_html("tq-scores tq-told", "Answers that differ", heads, rows) if rows else ""


def _sides(verdict: str) -> str:
    return verdict.replace("left answer", "main model").replace("right answer", "second model")


def _endings_plot(spans: Sequence[Span]) -> str:
    highest = max(sum(span.endings.values()) for span in spans) or 1
    bars = []
    for n, span in enumerate(spans):
        left, width = _place(n, len(spans))
        floor = float(_TOP + _HEIGHT)
        for ending in ENDINGS:
            tall = span.endings[ending] / highest * _HEIGHT
            floor -= tall
            if tall:
                bars.append(
                    f'<rect x="{left:.1f}" y="{floor:.1f}" width="{width:.1f}" '
                    f'height="{tall:.1f}" class="tq-end-{ending}"/>'
                )
    keys = "".join(
        f'<span><i class="tq-end-{ending}"></i>{escape(_WORDS[ending])}</span>'
        for ending in ENDINGS
    )
    return _plot("Questions and how they ended", spans, highest, "", "".join(bars), keys)


def _seconds_plot(spans: Sequence[Span]) -> str:
    highest = max((span.total.p95 or 0.0 for span in spans), default=0.0) or 1.0
    marks = []
    for n, span in enumerate(spans):
        if span.total.p50 is None or span.total.p95 is None:
            continue
        left, width = _place(n, len(spans))
        low, high = (_TOP + _HEIGHT * (1 - s / highest) for s in (span.total.p50, span.total.p95))
        middle = left + width / 2
        marks.append(
            f'<line x1="{middle:.1f}" x2="{middle:.1f}" y1="{low:.1f}" y2="{high:.1f}" '
            f'class="tq-reach"/><circle cx="{middle:.1f}" cy="{low:.1f}" r="4" class="tq-p50"/>'
            f'<circle cx="{middle:.1f}" cy="{high:.1f}" r="3" class="tq-p95"/>'
        )
    keys = '<span><i class="tq-p50"></i>median</span><span><i class="tq-p95"></i>95%</span>'
    return _plot("Seconds to the whole answer", spans, highest, " s", "".join(marks), keys)


def _plot(
    name: str, spans: Sequence[Span], highest: float, unit: str, inside: str, keys: str
) -> str:
    every = -(-len(spans) // _MOST_LABELS)
    labels = []
    for n in range(0, len(spans), every):
        left, width = _place(n, len(spans))
        labels.append(
            f'<text x="{left + width / 2:.1f}" y="{_TOP + _HEIGHT + 16}" text-anchor="middle">'
            f"{escape(_moment(spans, n))}</text>"
        )
    floor = _TOP + _HEIGHT
    top = f"{highest:,.0f}{unit}" if highest >= 10 or not unit else f"{highest:.1f}{unit}"
    return (
        f'<div class="tq-title">{escape(name)}</div><div class="tq-keys">{keys}</div>'
        f'<div class="tq-plot" tabindex="0" role="region" aria-label="{escape(name)}">'
        f'<svg viewBox="0 0 {_WIDTH} {floor + _BOTTOM}" role="img" '
        f'aria-label="{escape(name)}, highest {escape(top)}; the table below has the numbers">'
        f'<line x1="{_LEFT}" x2="{_WIDTH}" y1="{floor}" y2="{floor}" class="tq-zero"/>'
        f'<line x1="{_LEFT}" x2="{_WIDTH}" y1="{_TOP}" y2="{_TOP}" class="tq-zero"/>'
        f'<text x="{_LEFT - 6}" y="{_TOP + 4}" text-anchor="end">{escape(top)}</text>'
        f'<text x="{_LEFT - 6}" y="{floor + 4}" text-anchor="end">0</text>'
        f"{inside}{''.join(labels)}</svg></div>"
    )


def _table(spans: Sequence[Span]) -> str:
    heads = ("From", *(_WORDS[e] for e in ENDINGS), "First words", "", "Whole answer", "")
    rows = [
        [
            escape(_moment(spans, n)),
            *(f"{span.endings[e]:,}" for e in ENDINGS),
            *map(escape, (_median(span.first), _tail(span.first))),
            *map(escape, (_median(span.total), _tail(span.total))),
        ]
        for n, span in enumerate(spans)
        if sum(span.endings.values())
    ]
    table = table_html("tq-scores", "Questions over time", heads, rows)
    return f'<details class="tq-details"><summary>As a table</summary>{table}</details>'


def _place(n: int, count: int) -> tuple[float, float]:
    """Left edge and width of the bar of span `n`."""
    step = (_WIDTH - _LEFT) / count
    return _LEFT + n * step + step * 0.1, step * 0.8


def _moment(spans: Sequence[Span], n: int) -> str:
    """When span `n` begins, in the server's time."""
    width = spans[1].at - spans[0].at if len(spans) > 1 else 0.0
    return time.strftime("%H:%M" if width < 86_400 else "%b %d", time.localtime(spans[n].at))


def _when(at: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(at))


def _median(seconds: Seconds) -> str:
    return "–" if seconds.p50 is None else f"{seconds.p50:.1f} s"


def _tail(seconds: Seconds) -> str:
    return "" if seconds.p95 is None else f"95% within {seconds.p95:.1f} s, n = {seconds.n:,}"


def _share(n: int, whole: int) -> str:
    return f"{n / whole:.0%}"
