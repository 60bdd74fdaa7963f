"""PLACES OF WORDS -> HEADS OF COLUMNS, kept apart in a page's lines.

A PDF's text has one blank between all words: "Pumps Valves and fittings Total". Where the places
show which column each head stands over, two blanks part them, as in HTML; heads that are broken on
several lines, or stand over several columns each, are put together on one. Where a head may stand
over another column, too, or one is missing, the lines stay as they are: no head is better than a
wrong one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from index.columns import may_head
from index.glyphs import COLUMN_GAP
from index.grid import Line, Word, text_of, trailing
from index.highlight import squeeze
from index.tables import CELL_GAP

_YEAR = re.compile(r"(?:19|20)\d\d")
_YEAR_OR_DAY = re.compile(rf"{_YEAR.pattern}|\d{{1,2}},?")
_LETTER = re.compile(r"[A-Za-z]")
_FOOTNOTE = re.compile(r"\(\w{1,2}\)")
_TIME = re.compile(
    r"\b(?:fiscal|months?|weeks?|quarters?|years?|periods?|ended|ending|as of|as at"
    r"|jan\w*|feb\w*|mar(?:ch)?|apr\w*|may|june?|july?|aug\w*|sept?\w*|oct\w*|nov\w*|dec\w*)\b",
    re.I,
)
_IN_UNITS = re.compile(r"\(.*\)|(?:dollars |amounts )?in (?:millions|thousands|billions)", re.I)
_UNIT = re.compile(r"\(.*\)|.*\b(?:millions|thousands|billions)\b.*|.*(?:19|20)\d\d", re.I)
_MOST_LINES = 7  # from the first row up to the topmost head
_MOST_ROWS = 40
_MIN_ROWS = 2
_MIN_COLUMNS = 2
_LONG = 14  # words in one piece: a sentence
_TIGHT = 1.5  # of a line's height: the distance of lines of one broken head
_OFF = 0.25  # of the columns' distance: a head's middle stands so near its columns'

Span = tuple[float, float]


class _Piece(NamedTuple):
    text: str
    x0: float
    x1: float


class _Level(NamedTuple):
    """One line of heads: the text over each column (None where there is none), what stands over the
    labels, and the columns as wide as they are with their heads, with their middles."""

    over: list[str | None]
    label: str
    spans: list[Span]
    middles: list[float]


def with_heads_apart(lines: Sequence[str], placed: Sequence[Line]) -> list[str]:
    """The `lines` of a page's text, with the heads of its tables kept apart; `placed` are the same
    lines as words with their places."""
    found = list(lines)
    for top, row, heads in _tables(placed):
        block = "".join(sorted(_letters(" ".join(map(text_of, placed[top:row])))))
        below = _letters(text_of(placed[row]))
        for n, line in enumerate(found):
            letters = _letters(line)
            if not letters.endswith(below):
                continue
            # PDFium may have put the row behind its heads, on one line.
            before = letters.removesuffix(below)
            start = _above(found, n, before, block)
            if start is not None:
                found[start : n + bool(before)] = [
                    *heads,
                    *([text_of(placed[row])] if before else []),
                ]
                break
    return found


def _letters(text: str) -> str:
    """Letters and digits, but marks of footnotes, which PDFium may have put on another line."""
    return squeeze(_FOOTNOTE.sub("", text))


def _above(lines: Sequence[str], end: int, letters: str, block: str) -> int | None:
    """Where those lines begin that end before `end` and, with the `letters` behind them, are made
    of those of `block`."""
    start = end
    while len(letters) < len(block) and start > 0:
        start -= 1
        letters += _letters(lines[start])
    return start if "".join(sorted(letters)) == block else None


def _tables(placed: Sequence[Line]) -> Iterator[tuple[int, int, list[str]]]:
    """The line of the topmost head, the first row below, and what the lines between become."""
    is_row = [_is_row(line) for line in placed]
    for n in range(1, len(placed)):
        if not is_row[n] or is_row[n - 1]:
            continue
        columns = _columns(placed[n : n + _MOST_ROWS])
        if len(columns) < _MIN_COLUMNS:
            continue
        found = _heads(placed, is_row, n, columns)
        if found:
            yield found[0], n, found[1]


def _is_row(line: Line) -> bool:
    """Whether a line ends in amounts: no years, no days of months, no "Level 3"."""
    run = [word.text for word in trailing(line)]
    days = len(run) == 1 or _TIME.search(text_of(line))
    no_amounts = _YEAR_OR_DAY if days else _YEAR
    return bool(run) and not all(no_amounts.fullmatch(text.strip("()")) for text in run)


def _columns(body: Sequence[Line]) -> list[Span]:
    """Where the amounts of the fullest rows stand, none where these are not sure to be columns."""
    rows: list[list[Word]] = []
    for line in body:
        run = trailing(line) if _is_row(line) else []
        if not run and (_YEAR.search(text_of(line)) or len(line) > _LONG):
            break  # another table, or text
        if run and _LETTER.search(text_of(line)):
            rows.append(run)
    most = max(map(len, rows), default=0)
    full = [row for row in rows if len(row) == most]
    if len(full) < _MIN_ROWS:
        return []
    spans = [
        (min(word.x0 for word in column), max(word.x1 for word in column))
        for column in zip(*full, strict=True)
    ]
    return spans if all(a[1] < b[0] for a, b in pairwise(spans)) else []


def _heads(
    placed: Sequence[Line], is_row: Sequence[bool], row: int, columns: Sequence[Span]
) -> tuple[int, list[str]] | None:
    """The topmost line of heads, and what it and those down to the row become."""
    bottom = row - 1
    while bottom >= 0 and _is_heading(placed[bottom], is_row[bottom], columns):
        bottom -= 1
    if bottom < 0 or row - bottom > _MOST_LINES or is_row[bottom]:
        return None
    spans, last = columns, bottom
    years = _YEAR.findall(text_of(placed[bottom]))
    if len(years) > 1:
        groups = _groups(placed[bottom], years, columns)
        if not groups:
            return None
        spans, last = groups, bottom - 1
        if last >= 0 and not is_row[last] and _is_of_time(placed[last]):
            last -= 1
    levels, top = _levels(placed, is_row, last, spans)
    heads = [_one([level.over[n] for level in levels]) for n in range(len(spans))]
    names = {head.lower() for head in heads}
    if not all(may_head(_FOOTNOTE.sub("", head)) for head in heads) or len(names) < len(heads):
        return None
    label = _one([level.label for level in levels])
    whole = CELL_GAP.join(heads)
    told = [f"{label}{CELL_GAP}{whole}"] if _UNIT.fullmatch(label) else [label, whole]
    return top, [*filter(None, told), *map(text_of, placed[last + 1 : row])]


def _is_heading(line: Line, is_row: bool, columns: Sequence[Span]) -> bool:
    """Whether a line stands over the labels only."""
    return not is_row and line[-1].x1 < columns[0][0]


def _groups(line: Line, years: Sequence[str], columns: Sequence[Span]) -> list[Span]:
    """Where columns of the same years stand that a line of years has several times, in the same
    order; none where they are not all there."""
    once = tuple(dict.fromkeys(years))
    size = len(once)
    if once * (len(years) // size) != tuple(years) or len(years) in (size, 0):
        return []
    words = [word for word in line if _YEAR.search(word.text)]
    if len(words) != len(columns) or len(years) != len(columns):
        return []
    fits = all(
        w.x0 < right and w.x1 > left for w, (left, right) in zip(words, columns, strict=True)
    )
    return [
        (min(columns[n][0], words[n].x0), max(columns[n + size - 1][1], words[n + size - 1].x1))
        for n in range(0, len(columns), size)
        if fits
    ]


def _is_of_time(line: Line) -> bool:
    """ "December 31, December 31,", "Year ended December 31, 2024" """
    return not _LETTER.search(_TIME.sub("", text_of(line)))


def _levels(
    placed: Sequence[Line], is_row: Sequence[bool], last: int, columns: Sequence[Span]
) -> tuple[list[_Level], int]:
    """The lines of heads that end with the line `last`, top to bottom, and the topmost one's
    number; no lines where one in between cannot be read."""
    levels: list[_Level] = []
    spans, middles = list(columns), [(left + right) / 2 for left, right in columns]
    n = last
    while n >= 0 and last - n < _MOST_LINES:
        whole = bool(levels) and _are_told_apart(levels)
        tight = bool(levels) and _distance(placed[n], placed[n + 1]) < _TIGHT
        of_all = is_row[n] or _is_of_all(placed[n], spans)
        if whole and (of_all or not tight):
            break
        level = None if of_all else _level(placed[n], spans, middles)
        if level is None:
            return [], n
        levels.insert(0, level)
        spans, middles = level.spans, level.middles
        n -= 1
    return levels, n + 1


def _are_told_apart(levels: Sequence[_Level]) -> bool:
    heads = [tuple(level.over[n] for level in levels) for n in range(len(levels[0].over))]
    return all(any(head) for head in heads) and len(set(heads)) == len(heads)


def _level(line: Line, spans: Sequence[Span], middles: Sequence[float]) -> _Level | None:
    """The heads that a line has over the columns; None where one may be over others, too."""
    pieces = _pieces(line)
    first = pieces[0]
    label = first.text if not _under(first, spans) and first.x1 < spans[0][0] else ""
    heads = pieces[1:] if label else pieces
    own = [range(n, n + 1) for n in range(len(spans))]
    if [_under(head, spans) for head in heads] != [list(alone) for alone in own]:
        own = [_own(head, _under(head, spans), middles) for head in heads]
    over: list[str | None] = [None] * len(spans)
    wider, centred = list(spans), list(middles)
    for head, places in zip(heads, own, strict=True):
        if not places or any(over[n] for n in places) or not may_head(_FOOTNOTE.sub("", head.text)):
            return None
        for n in places:
            over[n] = head.text
        if len(places) == 1:
            n = places[0]
            wider[n] = (min(spans[n][0], head.x0), max(spans[n][1], head.x1))
            centred[n] = (head.x0 + head.x1) / 2
    return _Level(over, label, wider, centred) if heads and not _may_be_wider(over) else None


def _own(head: _Piece, under: Sequence[int], middles: Sequence[float]) -> range:
    """The columns whose middle a head stands over, the fewest; none where that is not sure."""
    step = min(b - a for a, b in pairwise(middles))
    middle = (head.x0 + head.x1) / 2
    for count in range(1, len(middles)):
        for first in range(len(middles) - count + 1):
            own = range(first, first + count)
            off = abs(middle - (middles[first] + middles[own[-1]]) / 2)
            if set(under) <= set(own) and off <= _OFF * step:
                return own
    return range(0)


def _under(piece: _Piece, spans: Sequence[Span]) -> list[int]:
    return [n for n, (left, right) in enumerate(spans) if piece.x0 < right and piece.x1 > left]


def _may_be_wider(over: Sequence[str | None]) -> bool:
    """Whether a head has free columns on both sides: it may be one over all three."""
    runs: list[list[int]] = []
    for n, text in enumerate(over):
        if text and runs and runs[-1][-1] == n - 1 and over[n - 1] == text:
            runs[-1].append(n)
        elif text:
            runs.append([n])
    inner = [run for run in runs if run[0] > 0 and run[-1] < len(over) - 1]
    return any(not over[run[0] - 1] and not over[run[-1] + 1] for run in inner)


def _is_of_all(line: Line, spans: Sequence[Span]) -> bool:
    """Whether a line tells no columns apart: a title, a unit, the time that all are of."""
    piece, *others = _pieces(line)
    told = len(_under(piece, spans)) in (0, len(spans)) or _is_of_time(line)
    return not others and (told or _IN_UNITS.fullmatch(piece.text) is not None)


def _pieces(line: Line) -> list[_Piece]:
    """Words with a column's gap between them."""
    parts: list[list[Word]] = []
    for word in line:
        if parts and word.x0 - parts[-1][-1].x1 <= COLUMN_GAP * _height(word):
            parts[-1].append(word)
        else:
            parts.append([word])
    return [_Piece(text_of(part), part[0].x0, part[-1].x1) for part in parts]


def _height(word: Word) -> float:
    return word.box[3] - word.box[1] if word.box else 1.0


def _distance(upper: Line, lower: Line) -> float:
    """Of two lines, in heights of the lower one; they are far apart on sheets turned."""
    above, below = upper[0].box, lower[0].box
    if not (above and below):
        return 0.0
    return (above[1] - below[1]) / max(below[3] - below[1], 1e-3)


def _one(parts: Sequence[str | None]) -> str:
    """A head's lines as one: a word parted by a hyphen is one again."""
    joined = " ".join(filter(None, parts))
    return re.sub(r"(?<=[a-z])- (?=[a-z])", "-", joined)
