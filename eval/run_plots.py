"""How a run's report is drawn: its pictures as SVG, and its blocks as HTML and Markdown.

Colours are classes that `run_report.css` gives a value, so they follow light, dark and paper;
models differ in shape, too. The SVG is written by hand and not by matplotlib: text stays text, the
same numbers give the same bytes, and a page of twenty pictures stays small.
"""

from __future__ import annotations

import html
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from eval.report import percent, table

_WIDTH = 520  # of every picture, in its own units; a letter is about 6.6 wide
_LEFT, _RIGHT = 44, 508
_COLOURS = 8
_FIGURE = re.compile("(?:[-−–+<\\d.,%()/ ]|to|of|points)+")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
Interval = Mapping[str, float | None]
Scale = Callable[[float], float]
Row = dict[str, Any]


@dataclass
class _Svg:
    height: float
    said: str
    parts: list[str] = field(default_factory=list)

    def line(self, x1: float, y1: float, x2: float, y2: float, kind: str) -> None:
        ends = f'x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"'
        self.parts.append(f'<line class="{kind}" {ends}/>')

    def bar(self, x1: float, x2: float, y: float, height: float, kind: str) -> None:
        size = f'x="{x1:.1f}" y="{y:.1f}" width="{max(x2 - x1, 1):.1f}" height="{height:.1f}"'
        self.parts.append(f'<rect class="{kind}" {size}/>')

    def text(self, x: float, y: float, text: str, anchor: str = "start", kind: str = "") -> None:
        place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" class="{kind}"'
        self.parts.append(f"<text {place}>{escaped(text)}</text>")

    def mark(self, x: float, y: float, series: int, kind: str = "") -> None:
        self.parts.append(_mark(x, y, series, kind))

    def done(self) -> str:
        said = escaped(self.said)
        box = f'viewBox="0 0 {_WIDTH} {self.height:.0f}" role="img" aria-label="{said}"'
        return f"<svg {box}>{''.join(self.parts)}</svg>"


def clean(text: str) -> str:
    """Without control characters and halves of characters, which no file of text may hold."""
    return _CONTROL.sub("\ufffd", text)


def escaped(text: str) -> str:
    """For HTML and SVG."""
    return html.escape(clean(text))


def recovery_picture(summary: Row, limits: Sequence[float]) -> str:
    """A line for every comparison."""
    lines = [
        (
            each["model"],
            f"{place(each)}, n = {each['n']:,}",
            _colour(summary, each),
            each["recovery"],
        )
        for each in summary["comparisons"]
    ]
    return _forest(lines, limits, "Right answers kept, with 95% intervals")


def context_pictures(summary: Row, parts_of: Callable[[Row], Row]) -> list[str]:
    """Accuracy over the lengths of context, a picture for every set and evidence mode."""
    pictures = []
    for where, cells in by_place(summary["cells"]).items():
        names = list(dict.fromkeys(name for cell in cells for name in parts_of(cell)))
        lines = [
            (_colour(summary, cell), [parts_of(cell).get(name) for name in names]) for cell in cells
        ]
        if names:
            pictures.append(_by_category(names, lines, f"Accuracy: {where}"))
    return pictures


def stage_pictures(summary: Row, steps: Mapping[str, str]) -> list[str]:
    """From all questions to the right answers, a picture for every set and evidence mode."""
    answered = [cell for cell in summary["cells"] if cell["asked"]]
    pictures = []
    for where, cells in by_place(answered).items():
        bars = [
            (
                _colour(summary, cell),
                cell["asked"],
                [cell["stages"].get(step, 0) for step in steps],
            )
            for cell in cells
        ]
        most = max(cell["asked"] for cell in cells)
        pictures.append(_waterfall(list(steps.values()), bars, f"{where}, n = {most:,}"))
    return pictures


def size_picture(summary: Row, points: Sequence[Row], best: Sequence[str]) -> str:
    """Of `points` whose bytes and seconds are known; those of `best` are joined."""
    drawn = [
        (
            _colour(summary, each),
            each["model"],
            each["bytes"] / 1e6,
            each["seconds"],
            f"keeps {percent(each['recovery']['value'])}, n = {asked(summary, each):,}",
            each["model"] in best,
            each["seconds_from"] == "speed",
        )
        for each in points
    ]
    return _front(drawn, "Megabytes and seconds of the models")


def legend(summary: Row) -> str:
    """Which colour and shape is which model."""
    marks = (
        f'<span><svg viewBox="0 0 16 16" aria-hidden="true">{_mark(8, 8, n)}</svg> '
        f"{escaped(each['label'])}</span>"
        for n, each in enumerate(summary["models"])
    )
    return f'<p class="legend">{"".join(marks)}</p>'


def asked(summary: Row, each: Row) -> int:
    """How many answers its model has given."""
    return sum(cell["asked"] for cell in summary["cells"] if cell["model"] == each["model"])


def place(each: Row) -> str:
    """Which questions, with which evidence."""
    return f"{each['set']}, {each['evidence']}"


def by_place(cells: Sequence[Row]) -> dict[str, list[Row]]:
    """Cells by questions and evidence."""
    found: dict[str, list[Row]] = {}
    for cell in cells:
        found.setdefault(place(cell), []).append(cell)
    return found


def _colour(summary: Row, each: Row) -> int:
    labels = [model["label"] for model in summary["models"]]
    return labels.index(each["model"]) if each["model"] in labels else 0


def _forest(
    rows: Sequence[tuple[str, str, int, Interval]], limits: Sequence[float], said: str
) -> str:
    """(group, label, series, interval) -> one line each, along an axis in percent, with lines at
    100% and at the `limits`."""
    known = [value for *_, each in rows for value in _known(each)]
    # A ratio of few right answers can be huge; beyond 150% nobody needs to see how far.
    low = min([0.95, *limits, *known])
    high = max([min(max([1.02, *known]), 1.5), *limits])
    low, high = max(low - 0.05 * (high - low), 0.0), high + 0.05 * (high - low)
    scale = _scale(low, high, 10, _WIDTH - 10)
    groups = [group for n, (group, *_) in enumerate(rows) if n == 0 or rows[n - 1][0] != group]
    bottom = 44 + 26 * len(groups) + 42 * len(rows)
    svg = _Svg(bottom + 24, said)
    _across(svg, _ticks(low, high), scale, bottom, bottom)
    marked = [(14, 1.0, "as good as the full model", "even")]
    marked += [(31, limit, f"limit {percent(limit)}", "limit") for limit in limits]
    for y, value, name, kind in marked:
        svg.line(scale(value), y + 4, scale(value), 44, kind)
        svg.text(scale(value), y, name, "end" if scale(value) > _WIDTH / 2 else "start", kind)
    y = 44
    for n, (group, label, series, interval) in enumerate(rows):
        if n == 0 or rows[n - 1][0] != group:
            svg.text(10, y + 20, _short(group, 66), kind="strong")
            y += 26
        told = "cannot be told" if interval["value"] is None else ranged(interval)
        svg.text(10, y + 14, _short(label, 40))
        svg.text(_WIDTH - 10, y + 14, told, "end")
        # Names may be long: lines stand beside the intervals only, never behind a name.
        for tick in _ticks(low, high):
            svg.line(scale(tick), y + 20, scale(tick), y + 40, "grid")
        for _, value, _, kind in marked:
            svg.line(scale(value), y + 20, scale(value), y + 40, kind)
        y += 42
        _whisker(svg, interval, lambda v, y=y: (scale(min(max(v, low), high)), y - 12), series)
    return svg.done()


def _by_category(
    names: Sequence[str],
    series: Sequence[tuple[int, Sequence[Mapping[str, Any] | None]]],
    said: str,
) -> str:
    """Accuracy with its interval over the categories; of each series a part ({"n", "accuracy"}) for
    every category, or None."""
    top, bottom = 30, 210
    svg = _Svg(bottom + 44, said)
    svg.text(4, 14, said, kind="strong")
    scale = _scale(0, 1, bottom, top)
    for tick in (0, 0.25, 0.5, 0.75, 1):
        svg.line(_LEFT, scale(tick), _RIGHT, scale(tick), "grid")
        svg.text(_LEFT - 5, scale(tick) + 4, f"{tick:.0%}", "end", "quiet")
    step = (_RIGHT - _LEFT) / max(len(names), 1)
    gap = min(22.0, 0.8 * step / max(len(series), 1))
    for n, name in enumerate(names):
        middle = _LEFT + step * (n + 0.5)
        found = sorted({part["n"] for _, parts in series if (part := parts[n])})
        told = " to ".join(f"{count:,}" for count in dict.fromkeys((*found[:1], *found[-1:])))
        svg.text(middle, bottom + 19, name, "middle")
        svg.text(middle, bottom + 36, f"n = {told}", "middle", "quiet")
        for place, (colour, parts) in enumerate(series):
            part, x = parts[n], middle + gap * (place - (len(series) - 1) / 2)
            if part:
                _whisker(svg, part["accuracy"], lambda value, x=x: (x, scale(value)), colour)
    return svg.done()


def _waterfall(
    steps: Sequence[str], series: Sequence[tuple[int, int, Sequence[int]]], said: str
) -> str:
    """From all questions down to the right answers. A series is (colour, all, how many each step
    takes away); what is left is the last bar."""
    left, right, thick = 148, 432, 13
    names = ["all questions", *(f"− {step}" for step in steps), "= correct"]
    high = thick * len(series) + 12
    svg = _Svg(28 + high * len(names), said)
    svg.text(4, 14, said, kind="strong")
    for n, name in enumerate(names):
        y = 28.0 + n * high
        svg.line(4, y - 5, _RIGHT, y - 5, "grid")
        svg.text(4, y + 11, name)
        for place, (colour, total, taken) in enumerate(series):
            scale = _scale(0, max(total, 1), left, right)
            remaining = total - sum(taken[: max(n - 1, 0)])
            whole = n in (0, len(names) - 1)
            count = remaining if whole else taken[n - 1]
            start = 0 if whole else remaining - count
            top = y + thick * place
            kind = f"m{colour % _COLOURS} {'whole' if whole else 'taken'}"
            if count:
                svg.bar(scale(start), scale(start + count), top, thick - 2, kind)
            told = f"{count:,}" if n == 0 or not total else f"{count:,} ({percent(count / total)})"
            svg.text(scale(start + count) + 5, top + 9.5, told, kind="small halo")
    return svg.done()


def _front(points: Sequence[tuple[int, str, float, float, str, bool, bool]], said: str) -> str:
    """(series, label, megabytes, seconds, what it keeps, on the front, timed) -> a map of sizes and
    seconds; points on the front are joined, those not timed on their own are hollow."""
    top, bottom = 24, 320
    svg = _Svg(bottom + 42, said)
    across = _scale(0, 1.08 * max((p[2] for p in points), default=1) or 1, _LEFT, _RIGHT)
    up_to = 1.15 * max((p[3] for p in points), default=1) or 1
    up = _scale(0, up_to, bottom, top)
    for tick in _ticks(0, up_to):
        svg.line(_LEFT, up(tick), _RIGHT, up(tick), "grid")
        svg.text(_LEFT - 5, up(tick) + 4, f"{tick:g}", "end", "quiet")
    _across(svg, _ticks(0, 1.08 * max((p[2] for p in points), default=1)), across, top, bottom, "")
    svg.text(4, 14, "seconds an answer", kind="quiet")
    svg.text(_RIGHT, bottom + 38, "MB of weights", "end", "quiet")
    joined = sorted((p[2], p[3]) for p in points if p[5])
    for (x1, y1), (x2, y2) in pairwise(joined):
        svg.line(across(x1), up(y1), across(x2), up(y2), "front")
    last = -100.0
    for series, label, size, seconds, kept, _, timed in sorted(points, key=lambda p: (-p[3], p[2])):
        x, y = across(size), up(seconds)
        last = max(y - 4, last + 34)  # labels of points close together go below each other
        end, aside = ("end", -12) if x > _WIDTH / 2 else ("start", 12)
        svg.mark(x, y, series, "" if timed else "hollow")
        svg.text(x + aside, last, _short(label, 38), end, "halo")
        svg.text(x + aside, last + 15, kept, end, "quiet halo")
    return svg.done()


def ranged(interval: Interval, show: Callable[[float | None], str] = percent) -> str:
    """ "96.1% (94.0% to 97.5%)"; the value alone where the interval is not known."""
    value, low, high = interval["value"], interval["ci_low"], interval["ci_high"]
    if low is None or high is None:
        return show(value)
    return f"{show(value)} ({show(low)} to {show(high)})"


def _mark(x: float, y: float, series: int, kind: str = "") -> str:
    """A circle, square, diamond or triangle."""
    named = f'class="mark m{series % _COLOURS} {kind}"'
    if series % 4 == 0:
        return f'<circle {named} cx="{x:.1f}" cy="{y:.1f}" r="5"/>'
    corners = {
        1: [(-4.5, -4.5), (4.5, -4.5), (4.5, 4.5), (-4.5, 4.5)],
        2: [(0, -6.2), (6.2, 0), (0, 6.2), (-6.2, 0)],
        3: [(0, -6), (5.6, 4.4), (-5.6, 4.4)],
    }[series % 4]
    return f'<polygon {named} points="{" ".join(f"{x + a:.1f},{y + b:.1f}" for a, b in corners)}"/>'


def _whisker(
    svg: _Svg, interval: Interval, at: Callable[..., tuple[float, float]], series: int
) -> None:
    low, high, value = interval["ci_low"], interval["ci_high"], interval["value"]
    if low is not None and high is not None:
        svg.line(*at(low), *at(high), f"whisker m{series % _COLOURS}")
    if value is not None:
        svg.mark(*at(value), series)


def _across(
    svg: _Svg, ticks: Sequence[float], scale: Scale, top: float, bottom: float, unit: str = "%"
) -> None:
    """Vertical lines of the grid, with their values beneath."""
    for tick in ticks:
        svg.line(scale(tick), top, scale(tick), bottom, "grid")
        told = f"{tick:.6g}" if not unit else f"{100 * tick:.6g}{unit}"
        svg.text(scale(tick), bottom + 17, told, "middle", "quiet")


def _known(interval: Interval) -> list[float]:
    return [v for v in interval.values() if v is not None and math.isfinite(v)]


def _scale(low: float, high: float, start: float, end: float) -> Scale:
    span = (high - low) or 1.0
    return lambda value: start + (value - low) / span * (end - start)


def _ticks(low: float, high: float) -> list[float]:
    """About five round values."""
    rough = max(high - low, 1e-9) / 5
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * each for each in (1, 2, 5, 10) if power * each >= rough * 0.999)
    first, last = math.ceil(low / step), math.floor(high / step)
    return [n * step for n in range(first, last + 1)]


def _short(text: str, letters: int) -> str:
    """Cut in the middle: a model's scheme stands at the end of its name."""
    if len(text) <= letters:
        return text
    keep = letters - 1
    return f"{text[: keep - keep // 2]}…{text[-(keep // 2) :]}"


class Outcome(str):
    """A word that is shown as a badge."""


Cell = str | tuple[Outcome, str]  # a badge may be followed by text


@dataclass(frozen=True)
class Table:
    """`kind` "texts" has long ones."""

    head: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    kind: str = ""


@dataclass(frozen=True)
class Pictures:
    """Ready SVG, and one legend for all; Markdown has the tables beneath instead."""

    parts: Sequence[str]
    legend: str = ""


@dataclass(frozen=True)
class Fold:
    """Closed on a screen, open on paper."""

    title: str
    blocks: Sequence[Any]


@dataclass(frozen=True)
class Heading:
    """Of a table."""

    text: str


@dataclass(frozen=True)
class Code:
    """Text as it is."""

    text: str


@dataclass(frozen=True)
class Banner:
    """Big. The word is an outcome, or "unfinished"."""

    word: Outcome
    text: str


Block = str | list[Cell] | Table | Pictures | Fold | Heading | Code | Banner


def block_html(block: Block) -> str:
    """All text escaped."""
    if isinstance(block, str):
        return f"<p>{escaped(block)}</p>"
    if isinstance(block, list):
        return f"<ul>{''.join(f'<li>{_html_cell(each)}</li>' for each in block)}</ul>"
    if isinstance(block, Table):
        return _html_table(block)
    if isinstance(block, Pictures):
        parts = "".join(f"<figure>{part}</figure>" for part in block.parts)
        return f'{block.legend}<div class="pictures">{parts}</div>'
    if isinstance(block, Fold):
        inside = "".join(map(block_html, block.blocks))
        return f"<details><summary>{escaped(block.title)}</summary>{inside}</details>"
    if isinstance(block, Heading):
        return f"<h3>{escaped(block.text)}</h3>"
    if isinstance(block, Code):
        return f"<pre>{escaped(block.text)}</pre>"
    kind = block.word.replace(" ", "-")
    word = escaped(block.word.upper())
    return f'<div class="banner {kind}"><strong>{word}</strong><p>{escaped(block.text)}</p></div>'


def _html_table(block: Table) -> str:
    columns = [[row[n] for row in block.rows] for n in range(len(block.head))]
    figures = [sum(map(_is_figure, column)) > len(column) / 2 for column in columns]
    kinds = [' class="n"' if each and not block.kind else "" for each in figures]
    head = "".join(
        f"<th{kind}>{escaped(name)}</th>" for kind, name in zip(kinds, block.head, strict=True)
    )
    body = ""
    for row in block.rows:
        body += "<tr>"
        for kind, name, cell in zip(kinds, block.head, row, strict=True):
            # On a phone long texts stand below each other, each with its column's name.
            said = f' data-head="{escaped(name)}"' if block.kind == "texts" else ""
            body += f"<td{kind if _is_figure(cell) else ''}{said}>{_html_cell(cell)}</td>"
        body += "</tr>"
    return (
        f'<div class="scroll"><table class="{block.kind}"><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _is_figure(cell: Cell) -> bool:
    return isinstance(cell, str) and _FIGURE.fullmatch(cell) is not None


def _html_cell(cell: Cell) -> str:
    if isinstance(cell, tuple):
        return f"{_html_cell(cell[0])} {escaped(cell[1])}"
    if isinstance(cell, Outcome):
        return f'<b class="badge {escaped(cell)}">{escaped(cell.upper())}</b>'
    return escaped(cell)


def block_markdown(block: Block) -> str:
    """All text escaped; "" for pictures."""
    if isinstance(block, str):
        return plain(block)
    if isinstance(block, list):
        return "\n".join(f"- {_markdown_cell(each)}" for each in block)
    if isinstance(block, Table):
        rows = [[_markdown_cell(cell) for cell in row] for row in block.rows]
        return table([plain(name) for name in block.head], rows)
    if isinstance(block, Pictures):
        return ""
    if isinstance(block, Fold):
        return "\n\n".join([f"### {plain(block.title)}", *map(block_markdown, block.blocks)])
    if isinstance(block, Heading):
        return f"### {plain(block.text)}"
    if isinstance(block, Code):
        fence = "`" * (1 + max(map(len, ["``", *re.findall("`+", block.text)])))
        return f"{fence}\n{clean(block.text)}\n{fence}"
    return f"**{block.word.upper()}.** {plain(block.text)}"


def _markdown_cell(cell: Cell) -> str:
    if isinstance(cell, tuple):
        return f"**{cell[0].upper()}** {plain(cell[1])}"
    return f"**{cell.upper()}**" if isinstance(cell, Outcome) else plain(cell)


def plain(text: str) -> str:
    """One line in which nothing is Markdown or HTML; `table` takes care of bars."""
    line = " ".join(clean(text).split())
    line = re.sub(r"[\\`*\[\]~$]|(?<![^\W_])_|_(?![^\W_])|^#|^[-+](?=\s)", r"\\\g<0>", line)
    line = re.sub(r"^(\d+)([.)]\s)", r"\1\\\2", line)
    return line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
