"""RUN'S SUMMARY -> REPORT for those who decide whether a quantized model may replace the full one:
one HTML file that needs nothing else, and the same as Markdown.

Sections are made once, as blocks of plain text, and each format escapes all of it when it writes:
questions, answers and names come from outside. The same summary gives the same bytes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from eval.report import _STAGES, _speed_row, _times_as_fast, number, percent, table
from eval.run_plots import by_category, escaped, forest, front, legend, ranged, waterfall

Row = dict[str, Any]
MISSING = "Not measured in this run."
_CHANGED_SHOWN = 50  # a comparison's answers; all are in the JSON
_LONGEST = 700  # letters of an answer
_STEPS = {
    "document": "document not shown",
    "page": "page not shown",
    "refusal": "refused",
    "answer": "misread",
    "hallucinated": "hallucinated",
}
_SAID = {
    "pass": "Every limit is held: a larger loss than allowed is ruled out.",
    "fail": "At least one limit is broken: the loss is larger than allowed.",
    "undecided": "No limit is shown to be broken, but not all are shown to be held: there are too "
    "few answers to tell.",
    "no verdict": "No limit was tested. " + MISSING,
}


class Outcome(str):
    """A word that is shown as a badge."""


@dataclass(frozen=True)
class Table:
    """Cells are text, or a badge followed by text. `kind` "texts" has long ones."""

    head: Sequence[str]
    rows: Sequence[Sequence[str | tuple[Outcome, str]]]
    kind: str = "figures"


@dataclass(frozen=True)
class Pictures:
    """Ready HTML of `eval.run_plots`; Markdown has the tables beneath instead."""

    parts: Sequence[str]


@dataclass(frozen=True)
class Fold:
    """Closed on a screen, open on paper."""

    title: str
    blocks: Sequence[Any]


@dataclass(frozen=True)
class Code:
    """Text as it is."""

    text: str


@dataclass(frozen=True)
class Banner:
    """Big. The word is an outcome, or "unfinished"."""

    word: Outcome
    text: str


Block = str | list[str] | Table | Pictures | Fold | Code | Banner


def report_html(summary: Row) -> str:
    """One page: no scripts, no addresses, styles and pictures inside."""
    title, sections = escaped(_title(summary)), _sections(summary)
    links = "".join(f'<a href="#s{n}">{name}</a>' for n, (name, _) in enumerate(sections, 1))
    body = "".join(
        f'<section id="s{n}"><h2>{n}. {name}</h2>{"".join(map(_html, blocks))}</section>'
        for n, (name, blocks) in enumerate(sections, 1)
    )
    head = "".join(map(_html, _head(summary)))
    style = files("eval").joinpath("run_report.css").read_text(encoding="utf-8")
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title><style>\n{style}</style></head>\n"
        f"<body><header><h1>{title}</h1>{head}</header><nav>{links}</nav>\n{body}</body></html>\n"
    )


def report_markdown(summary: Row) -> str:
    """The same words and tables."""
    parts = [f"# {_plain(_title(summary))}", *map(_markdown, _head(summary))]
    for n, (name, blocks) in enumerate(_sections(summary), 1):
        parts += [f"## {n}. {name}", *map(_markdown, blocks)]
    return "\n\n".join(part for part in parts if part)


def _html(block: Block) -> str:
    if isinstance(block, str):
        return f"<p>{escaped(block)}</p>"
    if isinstance(block, list):
        return f"<ul>{''.join(f'<li>{escaped(each)}</li>' for each in block)}</ul>"
    if isinstance(block, Table):
        return _html_table(block)
    if isinstance(block, Pictures):
        return "".join(f"<figure>{part}</figure>" for part in block.parts)
    if isinstance(block, Fold):
        inside = "".join(map(_html, block.blocks))
        return f"<details><summary>{escaped(block.title)}</summary>{inside}</details>"
    if isinstance(block, Code):
        return f"<pre>{escaped(block.text)}</pre>"
    kind = block.word.replace(" ", "-")
    word = escaped(block.word.upper())
    return f'<div class="banner {kind}"><strong>{word}</strong><p>{escaped(block.text)}</p></div>'


def _html_table(block: Table) -> str:
    def cell(content: str | tuple[Outcome, str], head: str) -> str:
        if isinstance(content, tuple):
            return f'<td data-head="{escaped(head)}">{badge(content[0])} {escaped(content[1])}</td>'
        if isinstance(content, Outcome):
            return f"<td>{badge(content)}</td>"
        named = f' data-head="{escaped(head)}"' if block.kind == "texts" else ""
        figure = ' class="n"' if re.match(r"[-−–<]?\s?\d|–$", content) and not named else ""
        return f"<td{figure}{named}>{escaped(content)}</td>"

    def badge(word: Outcome) -> str:
        return f'<b class="badge {word.replace(" ", "-")}">{escaped(word.upper())}</b>'

    head = "".join(f"<th>{escaped(name)}</th>" for name in block.head)
    rows = "".join(
        f"<tr>{''.join(cell(*each) for each in zip(row, block.head, strict=True))}</tr>"
        for row in block.rows
    )
    return (
        f'<div class="scroll"><table class="{block.kind}"><thead><tr>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )


def _markdown(block: Block) -> str:
    if isinstance(block, str):
        return _plain(block)
    if isinstance(block, list):
        return "\n".join(f"- {_plain(each)}" for each in block)
    if isinstance(block, Table):
        rows = [[_markdown_cell(cell) for cell in row] for row in block.rows]
        return table([_plain(name) for name in block.head], rows)
    if isinstance(block, Pictures):
        return ""
    if isinstance(block, Fold):
        return "\n\n".join([f"### {_plain(block.title)}", *map(_markdown, block.blocks)])
    if isinstance(block, Code):
        fence = "`" * (1 + max(map(len, re.findall("`+", block.text)), default=2))
        return f"{fence}\n{block.text}\n{fence}"
    return f"**{block.word.upper()}.** {_plain(block.text)}"


def _markdown_cell(cell: str | tuple[Outcome, str]) -> str:
    if isinstance(cell, tuple):
        return f"**{cell[0].upper()}** {_plain(cell[1])}"
    return f"**{cell.upper()}**" if isinstance(cell, Outcome) else _plain(cell)


def _plain(text: str) -> str:
    """One line in which nothing is Markdown or HTML; `table` takes care of bars."""
    line = " ".join(_TELLING.sub("\ufffd", text).split())
    line = re.sub(r"[\\`*\[\]~$]|(?<![^\W_])_|_(?![^\W_])|^(?=[-+#=>]|\d+[.)])", r"\\\g<0>", line)
    return line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
