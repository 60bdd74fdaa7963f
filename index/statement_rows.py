"""FACTS + PAGE -> ROWS OF A STATEMENT as printed: labels, headings between them, amounts by column.

A fact knows its period and unit, the page's lines know what is printed: brackets, dashes that were
not tagged, headings, order. Each row of facts is looked up among the lines; a line whose amounts
are as many as the columns fills them in order, another only where a fact says which is which.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import takewhile
from typing import NamedTuple

from index.facts import Fact, amount_of
from index.grid import split_row
from index.highlight import squeeze
from index.tables import CELL_GAP

_TAIL = 12  # letters of a label that must stand before its amounts
_LONGEST_HEADING = 160
_HEADINGS_ABOVE = 3
_NOTE = re.compile(r"(?:\s*\((?:\w{1,2}|notes?\s[^()]*)\))+$", re.I)  # "(1)", "(a)", "(Note 18)"
_YEAR = re.compile(r"(?:19|20)\d\d")
_ABOUT = re.compile(  # units, the head of columns, a footnote: where a second statement follows
    r"^\(?(?:(?:dollars|amounts) )?in (?:millions|thousands)\b|\bended(?: \w+ \d{1,2})?,?$"
    r"|\baccompanying notes\b|\(continued\b",
    re.I,
)
_PERIOD_WORDS = re.compile(
    r"(?:19|20)\d\d|\bmillions?\b|\bthousands\b|\bexcept\b|\bunaudited\b|\bended\b|\bmonths\b"
    r"|\bweeks\b|\bcontinued\b|\bfiscal year\b",
    re.I,
)


class Column(NamedTuple):
    """A period (`start` is None for an instant), and the part of the company it is about where
    columns differ by that."""

    start: date | None
    end: date
    about: str = ""


@dataclass(frozen=True)
class Row:
    """`amounts` has one text a column, as printed without currency signs, negative ones in
    parentheses, "" for none; it is empty for a heading. `quote` are the page's lines. `unit` and
    `scale` are None where no fact says them."""

    label: str
    page: int
    quote: str
    amounts: tuple[str, ...] = ()
    unit: str | None = None
    scale: int | None = None


class _Line(NamedTuple):
    text: str
    label: str
    amounts: list[str]


class _Placed(NamedTuple):
    """Facts of one row, and the number of its line; None where a PDF's line holds several rows."""

    facts: list[Fact]
    line: int | None


def rows_of(page: int, text: str, facts: Sequence[Fact]) -> tuple[list[Column], list[Row]]:
    """The columns and rows of a statement on `page`; `facts` are those of it, in printed order."""
    lines = [_Line(line.strip(), *split_row(line)) for line in text.splitlines() if line.strip()]
    placed = list(_placed(_grouped(facts), lines))
    columns = _columns(placed)
    if not columns:
        return [], []
    rows: list[Row] = []
    first = next((row.line for row in placed if row.line is not None), 0)
    waiting = _headings_above(lines, first)
    at = first
    for known in placed:
        for line in lines[at : known.line] if known.line is not None else ():
            if not line.amounts:
                waiting.append(line.text)
            elif not known.facts[0].box and _is_row(line, columns):
                waiting = _add(rows, _row(page, line, (), columns), waiting)
        own = lines[known.line] if known.line is not None else _line_of(known.facts)
        waiting = _add(rows, _row(page, own, known.facts, columns), waiting)
        at = at if known.line is None else known.line + 1
    return columns, rows


def _add(rows: list[Row], row: Row, waiting: Sequence[str]) -> list[str]:
    """Put the headings that wait for a row before it; no line waits any more."""
    before, heads = _wrapped(row.label, waiting)
    for head in heads:
        last = rows[-1] if rows else None
        if last and not last.amounts and head[:1].islower():  # a heading on two lines
            quote = f"{last.quote}\n{head}"
            rows[-1] = replace(last, label=f"{last.label} {head.strip(' .:|')}", quote=quote)
        elif _is_heading(head, rows):
            rows.append(Row(head.strip(" .:|"), row.page, head))
    rows.append(replace(row, quote="\n".join([*before, row.quote])))
    return []


def amount_shown(printed: str) -> str:
    """An amount as it stands in a table whose unit is said once: "$ (1,234)" is "(1,234)", "-5" is
    "(5)"."""
    bare = re.sub(r"(?:US|C|A|HK|R)?[$€£¥]\s*", "", printed)
    value = amount_of(bare)
    if value is None or value >= 0:
        return bare
    mark = "%" if "%" in bare else ""
    return f"({bare.strip('()-−%')}{mark})"


# -- facts to lines ------------------------------------------------------------------------------


def _grouped(facts: Sequence[Fact]) -> list[list[Fact]]:
    """Facts row by row: of one label and side by side, or each period once."""
    groups: list[list[Fact]] = []
    for fact in facts:
        row = groups[-1] if groups else []
        same = bool(row) and (row[-1].label, row[-1].section) == (fact.label, fact.section)
        if same and row[-1].box and fact.box:
            same = row[-1].box[1] < fact.box[3] and fact.box[1] < row[-1].box[3]
        elif same:
            same = all(_key(each) != _key(fact) for each in row)
        if same:
            row.append(fact)
        else:
            groups.append([fact])
    return groups


def _key(fact: Fact) -> tuple[object, ...]:
    return fact.start, fact.end, fact.dimensions


def _placed(groups: Sequence[list[Fact]], lines: Sequence[_Line]) -> Iterator[_Placed]:
    """Each row's line, after that of the row before. Facts of HTML and text without one are left
    out: they stand in words (a par value), or are a second name of what another states."""
    start = 0
    for facts in groups:
        label = squeeze(_NOTE.sub("", facts[0].label))[-_TAIL:]

        def is_labelled(n: int, label: str = label) -> bool:
            before = takewhile(lambda line: not line.amounts, reversed(lines[max(0, n - 3) : n]))
            return label in squeeze(" ".join(x.text for x in (*list(before)[::-1], lines[n])))

        found = _find(facts, lines, start, is_labelled)
        if found is None and facts[0].box:  # a total that was named by what it adds up
            found = _find(facts, lines, start, lambda n: not squeeze(lines[n].label))
        if found is not None or facts[0].box:
            yield _Placed(facts, found)
        start = start if found is None else found + 1


def _find(
    facts: Sequence[Fact], lines: Sequence[_Line], start: int, fits: Callable[[int], bool]
) -> int | None:
    for n in range(start, len(lines)):
        if fits(n) and _matched(facts, lines[n].amounts) is not None:
            return n
    return None


def _matched(facts: Sequence[Fact], amounts: Sequence[str]) -> list[int] | None:
    """For each fact the number of its amount, in order; None where one is missing."""
    places: list[int] = []
    for fact in facts:
        wanted = _digits(fact.shown)
        begin = places[-1] + 1 if places else 0
        at = next((n for n in range(begin, len(amounts)) if _digits(amounts[n]) == wanted), None)
        if at is None:
            return None
        places.append(at)
    return places


def _digits(amount: str) -> str:
    return re.sub(r"[^\d.,]", "", amount) or "—"


# -- columns and cells ---------------------------------------------------------------------------


def _columns(placed: Sequence[_Placed]) -> list[Column]:
    """What most of the fullest rows have. Instants within a statement of flows (cash at the
    beginning) are no columns."""
    heads = Counter(tuple(_column(fact, row.facts) for fact in row.facts) for row in placed)
    flows = {head: n for head, n in heads.items() if all(column.start for column in head)}
    if sum(flows.values()) > 0.3 * sum(heads.values()):
        heads = Counter(flows)
    often = [head for head, n in heads.most_common() if n >= 0.2 * max(heads.values())]
    return list(max(often, key=lambda head: len(tuple(head)))) if often else []


def _column(fact: Fact, row: Sequence[Fact]) -> Column:
    parts = {each.dimensions for each in row}
    about = "; ".join(part.partition("=")[2] for part in fact.dimensions)
    return Column(fact.start, fact.end, about if len(parts) > 1 else "")


def _is_row(line: _Line, columns: Sequence[Column]) -> bool:
    """Whether a line without facts is a row: a label, and an amount for every column."""
    full = len(line.amounts) == len(columns) and re.search(r"[A-Za-z]{2}", line.label)
    return bool(full) and not all(_YEAR.fullmatch(amount) for amount in line.amounts)


def _line_of(facts: Sequence[Fact]) -> _Line:
    amounts = [fact.shown for fact in facts]
    return _Line(" ".join([facts[0].label, *amounts]), facts[0].label, amounts)


def _row(page: int, line: _Line, facts: Sequence[Fact], columns: Sequence[Column]) -> Row:
    amounts = line.amounts
    cells = [""] * len(columns)
    if len(amounts) == len(columns):
        cells = amounts
    else:
        for fact, place in zip(facts, _matched(facts, amounts) or (), strict=False):
            at = _column_of(fact, facts, columns)
            if at is not None:
                cells[at] = amounts[place]
    unit, scale = (facts[0].unit, facts[0].scale) if facts else (None, None)
    label, quote = line.label, line.text
    if facts and CELL_GAP not in line.text and facts[0].label:
        label = facts[0].label
        if squeeze(line.label) not in squeeze(label):  # several printed rows came out as one line
            quote = _line_of(facts).text
    return Row(label, page, quote, tuple(map(amount_shown, cells)), unit, scale)


def _column_of(fact: Fact, row: Sequence[Fact], columns: Sequence[Column]) -> int | None:
    column = _column(fact, row)
    for n, other in enumerate(columns):
        same = other.end == column.end and (other.start == column.start or column.start is None)
        if same and other.about == column.about:
            return n
    return None


# -- headings ------------------------------------------------------------------------------------


def _headings_above(lines: Sequence[_Line], first: int) -> list[str]:
    """The headings between the head of the columns and the first row."""
    found: list[str] = []
    for line in reversed(lines[max(0, first - _HEADINGS_ABOVE - 1) : first]):
        if _PERIOD_WORDS.search(line.text) or line.amounts:
            return found[::-1]
        found.append(line.text)
    return []


def _wrapped(label: str, waiting: Sequence[str]) -> tuple[list[str], list[str]]:
    """The lines before a row: those that are the beginning of its label, and the others."""
    whole = squeeze(label)
    for n in range(len(waiting)):
        if whole.startswith(squeeze(" ".join(waiting[n:]))):
            return list(waiting[n:]), list(waiting[:n])
    return [], list(waiting)


def _is_heading(text: str, rows: Sequence[Row]) -> bool:
    """Not the end of the label above it, nor a sentence, nor words about the table."""
    bare = squeeze(text)
    above = squeeze(rows[-1].label) if rows else ""
    goes_on = len(bare) > 2 and (above.endswith(bare) or (len(bare) > _TAIL and bare in above))
    is_text = re.search(r"[A-Za-z]{2}", text) and len(text) <= _LONGEST_HEADING
    return bool(is_text) and not goes_on and not _ABOUT.search(text)
