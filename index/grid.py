"""PAGE -> TABLES: rows of words with their places -> labels, columns and cells.

A table begins with a header that names periods and holds as long as rows follow whose amounts
stand under it. Columns are found from where the amounts stand, not from spaces in a line of text,
so that an empty cell does not shift its neighbours. The same rules read lines of text without
places (HTML, plain text): there amounts are taken by their order, and rows with an empty cell are
left out, because nothing says which one is empty.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from index.facts import Box
from index.glyphs import COLUMN_GAP, WORD_GAP, Glyph
from index.tables import CELL_GAP

_LETTER = re.compile(r"[A-Za-z]")
_CURRENCY = re.compile(r"(?:US|C|A|HK|R)?[$€£¥]|[$€£¥]")
_OPENS = re.compile(r"(?:US|C|A|HK|R)?[$€£¥]?\(?|\([$€£¥]?")
_AMOUNT = re.compile(
    r"\(?-?[$€£¥]?\(?-?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d+)?%?\)?%?(?:\*{1,2}|\(\d\)|\([a-z]\))?"
)
_DASH = re.compile(r"\$?[—–-]{1,3}%?")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_MONTH_WORD = re.compile(_MONTH, re.I)
_HEADER_WORDS = re.compile(
    rf"\b{_MONTH}(?:\s+\d{{1,2}}\b|$|\s)|\b(?:months?|weeks?|years?|quarters?|periods?)\s+end(?:ed|ing)\b"
    r"|\bas (?:of|at)\b|\bfiscal\b|\bunaudited\b|\bmillions?\b|\bthousands\b|\bexcept\b|\bper\b"
    r"|\bchange|\bquarter\b|\bmonths\b|\bweeks\b|\byears?\b|\bended\b",
    re.I,
)
_ENDED_ON = re.compile(rf"\bend(?:ed|ing)\s+{_MONTH}\s+\d{{1,2}},?$", re.I)
_ENDS_IN_FIGURE = re.compile(r"(?:\d|[—–])\s?\)?%?\s*$")
_SEE_NOTES = re.compile(r"\W*(?:see|the accompanying|accompanying)\b.{0,60}\bnotes\b", re.I)
_MAX_HEADER_ROWS = 6
_LONG_SENTENCE = 16  # words without an amount: text, not a row
_MIN_ROWS = 2
_WIDE = 4.0
_LONGEST_LABEL = 5  # lines
_UNEVEN = 0.5  # of columns' distance: heads and amounts are set left, right or centred
_CHANGE = re.compile(r"\b(?:change|variance|increase|decrease)s?\b|%", re.I)


class Word(NamedTuple):
    """Text without spaces and where it stands along its row; `box` on the page, if it has one."""

    text: str
    x0: float
    x1: float
    box: Box | None = None


@dataclass(frozen=True)
class TableRow:
    """`cells` maps a column's number to the amount in it as printed, and its box."""

    label: str
    section: str
    cells: dict[int, tuple[str, Box | None]]


@dataclass
class Table:
    """`heads` has one entry a column: the header's pieces above it, top to bottom. `above` is the
    text of the lines before the first row (titles, units)."""

    heads: list[list[str]]
    above: list[str]
    rows: list[TableRow] = field(default_factory=list)


Line = list[Word]


def may_hold_tables(lines: Sequence[str]) -> bool:
    """Whether a page of these lines is worth the look: some end in figures, and a year is named."""
    rows = sum(bool(_ENDS_IN_FIGURE.search(line)) for line in lines)
    return rows >= _MIN_ROWS and any(_YEAR.search(line) for line in lines)


def lines_of_glyphs(rows: Sequence[list[Glyph]]) -> list[Line]:
    """Printed rows of words; a "$", "(" or "%" set apart belongs to the figure beside it."""
    return [line for row in rows if (line := _joined(list(_words(row))))]


def lines_of_text(lines: Sequence[str]) -> list[Line]:
    """Lines of text as rows of words, placed by their order only."""
    found = []
    for line in lines:
        words = [Word(m[0], m.start(), m.end()) for m in re.finditer(r"\S+", line)]
        if words:
            found.append(_joined(words))
    return found


def tables(lines: Sequence[Line], placed: bool) -> list[Table]:
    """The tables of a page whose columns are headed by periods. `placed`: words carry places."""
    found = []
    starts = _headers(lines)
    for n, (first, last) in enumerate(starts):
        end = starts[n + 1][0] if n + 1 < len(starts) else len(lines)
        body = _body(lines, last + 1, end)
        table = _table(lines, first, last, body, placed)
        if table and len(table.rows) >= _MIN_ROWS:
            found.append(table)
    return found


def is_amount(text: str) -> bool:
    """Whether a word is a figure as tables print them; a dash is one."""
    if _DASH.fullmatch(text):
        return True
    return any(map(str.isdigit, text)) and _AMOUNT.fullmatch(text) is not None


def text_of(line: Sequence[Word]) -> str:
    """The words with spaces between."""
    return " ".join(word.text for word in line)


def split_row(line: str) -> tuple[str, list[str]]:
    """A line of a page's text as a row: its label, and the amounts at its end. Where cells are set
    apart, the first one is the label, also where it ends in a figure."""
    first, gap, rest = line.strip().partition(CELL_GAP)
    if not (gap and _LETTER.search(first)):
        first, rest = "", line
    words = _joined([Word(m[0], m.start(), m.end()) for m in re.finditer(r"\S+", rest)])
    amounts = trailing(words)
    label = f"{first} {text_of(words[: len(words) - len(amounts)])}"
    return label.strip(" .:|"), [word.text for word in amounts]


# -- words ---------------------------------------------------------------------------------------


def _words(row: list[Glyph]) -> Iterator[Word]:
    run: list[Glyph] = []
    for glyph in row:
        blank = glyph.text.isspace()
        gap = glyph.x0 - run[-1].x1 if run else 0.0
        if run and (blank or glyph.begins or gap > WORD_GAP * max(glyph.height, 1e-3)):
            yield _word(run)
            run = []
        if not blank and glyph.text:
            run.append(glyph)
    if run:
        yield _word(run)


def _word(run: list[Glyph]) -> Word:
    boxes = [glyph.box for glyph in run]
    box = (
        min(b[0] for b in boxes),
        min(b[1] for b in boxes),
        max(b[2] for b in boxes),
        max(b[3] for b in boxes),
    )
    return Word("".join(g.text for g in run), run[0].x0, max(g.x1 for g in run), box)


def _joined(words: list[Word]) -> Line:
    """Currency signs and brackets set apart, joined with their figure; dot leaders dropped."""
    kept: Line = []
    for word in words:
        if re.fullmatch(r"[.…·_]+", word.text) or (word.text == "|" and len(words) > 1):
            continue
        before = kept[-1].text if kept else ""
        opens = _OPENS.fullmatch(before) and before
        closes = re.fullmatch(r"[)%]{1,2}", word.text) and re.search(r"[\d—–-]\)?$", before)
        if (opens and re.match(r"[\d.(—–$-]", word.text)) or closes:
            kept[-1] = _merged(kept[-1], word)
        else:
            kept.append(word)
    return kept


def _merged(a: Word, b: Word) -> Word:
    box = None
    if a.box and b.box:
        box = (
            min(a.box[0], b.box[0]),
            min(a.box[1], b.box[1]),
            max(a.box[2], b.box[2]),
            max(a.box[3], b.box[3]),
        )
    # A currency sign may stand at the column's far left edge: the figure's own place counts.
    start = b.x0 if _CURRENCY.fullmatch(a.text) else a.x0
    return Word(a.text + b.text, start, max(a.x1, b.x1), box)


def trailing(line: Line) -> list[Word]:
    """The amounts at the line's end, with no word between or after them."""
    run: list[Word] = []
    for word in reversed(line):
        if not is_amount(word.text):
            break
        run.append(word)
    return run[::-1]


# -- headers -------------------------------------------------------------------------------------


def _headers(lines: Sequence[Line]) -> list[tuple[int, int]]:
    """First and last line of each header: lines that name years, and their neighbours."""
    found: list[tuple[int, int]] = []
    n = 0
    while n < len(lines):
        if not _names_periods(lines[n]):
            n += 1
            continue
        last = n
        for m in range(n + 1, min(n + 4, len(lines))):
            if _names_periods(lines[m]):
                last = m
            elif not _is_header_like(lines[m]):
                break
        first = n
        while first > 0 and n - first < _MAX_HEADER_ROWS and _is_header_like(lines[first - 1]):
            first -= 1
        if found and first <= found[-1][1]:
            first = found[-1][1] + 1
        found.append((first, last))
        n = last + 1
    return found


def _names_periods(line: Line) -> bool:
    """Whether a line names one or more years and holds no other figures but days."""
    text = text_of(line)
    if not _YEAR.search(text) or len(line) > 40 or len(text) > 220:
        return False
    if re.search(r"[a-z]{3,}\.$", text.strip()) or text.rstrip().endswith(";"):
        return False
    # Labels that name a day: "… shares issued at June 30, 2024 and", "June 30, 2023 — —"
    if _DASH.fullmatch(line[-1].text) or re.search(r"\b(?:stock|shares?)\b.* and$", text, re.I):
        return False
    rest = _YEAR.sub(" ", text)
    for figure in re.findall(r"\d[\d,.]*", rest):
        if not re.fullmatch(r"\d{1,2}[,.]?", figure):
            return False
    words = re.findall(r"[A-Za-z]{2,}", rest)
    known = _HEADER_WORDS.findall(rest)
    # "2019", "December 31, 2019 and 2018", "Fiscal Years Ended": not a sentence about 2019.
    return len(words) <= 3 + 6 * len(known)


def _is_header_like(line: Line) -> bool:
    text = text_of(line)
    if any(is_amount(w.text) and not re.fullmatch(r"\d{1,2},?", w.text) for w in line):
        return bool(_names_periods(line))
    return len(line) <= 14 and not text.rstrip().endswith((".", ";"))


# -- body ----------------------------------------------------------------------------------------


def _body(lines: Sequence[Line], start: int, end: int) -> list[Line]:
    """The lines that belong to the table: until text runs on for two lines."""
    body: list[Line] = []
    prose = 0
    for n, line in enumerate(lines[start:end], start):
        if _SEE_NOTES.match(text_of(line)) and not any(map(_is_row, lines[n:end])):
            return body  # a statement's last line; below is the page's number
        is_prose = not trailing(line) and (
            len(line) >= _LONG_SENTENCE or (prose > 0 and len(line) > 5)
        )
        prose = prose + 1 if is_prose else 0
        if prose >= 2 and not _wraps(body, lines[n - 1 : end]):
            return body[:-1]
        body.append(line)
    return body


def _is_row(line: Line) -> bool:
    return bool(trailing(line)) and _LETTER.search(text_of(line)) is not None


def _wraps(body: Sequence[Line], following: Sequence[Line]) -> bool:
    """Whether what runs on is the long label of a row: soon, and before a sentence ends, amounts
    follow, as many as most rows have."""
    counts = Counter(len(run) for line in body if (run := trailing(line)))
    usual = counts.most_common(1)[0][0] if counts else 0
    for line in following[:_LONGEST_LABEL]:
        if run := trailing(line):
            return len(run) == usual
        if text_of(line).rstrip().endswith((".", ";", ":")):
            return False
    return False


def _table(
    lines: Sequence[Line], first: int, last: int, body: list[Line], placed: bool
) -> Table | None:
    if not placed:
        body = _evenly(body)
    columns = _columns(body)
    if not columns:
        return None
    header = [*lines[first : last + 1]]
    heads = _heads(header, columns, placed)
    above = [text_of(line) for line in lines[max(0, first - 6) : last + 1]]
    table = Table(heads, above)
    label_end = columns[0][0]
    section, before, pending, is_heading = "", "", "", False
    for line in body:
        cells = _cells(line, columns)
        taken = {id(word) for words in cells.values() for word in words}
        words = [w for w in line if id(w) not in taken and (w.x0 < label_end or not placed)]
        label = text_of(words).strip(" .:|")
        if not cells:
            if not _LETTER.search(label):
                continue
            if (
                table.rows
                and not pending
                and _continues(label)
                and not words[-1].text.endswith(":")
            ):
                row = table.rows[-1]
                table.rows[-1] = TableRow(f"{row.label} {label}", row.section, row.cells)
            else:
                wraps = _continues(label) or (_unfinished(pending) and not is_heading)
                if pending and wraps:
                    pending = f"{pending} {label}"
                else:
                    before, pending = section, label
                section, is_heading = pending, words[-1].text.endswith(":")
            continue
        wraps = _continues(label) or (_unfinished(pending) and not is_heading)
        if pending and (wraps or not _LETTER.search(label)):
            if _continues(label) and not is_heading:  # the row's own label, no heading
                section = before
            label = f"{pending} {label}".strip()
        pending = ""
        if all(len(words) == 1 for words in cells.values()):
            shown = {n: (words[0].text, words[0].box) for n, words in cells.items()}
            table.rows.append(TableRow(label, section, shown))
        if not table.rows:
            table.above.append(text_of(line))
    return table


def _continues(label: str) -> bool:
    return bool(re.match(r"[a-z(&]", label))


def _unfinished(label: str) -> bool:
    return bool(
        re.search(r"(?:[,;–—-]|\b(?:and|or|of|to|at|in|on|by|for|from|the|with))$", label, re.I)
    )


def _evenly(body: list[Line]) -> list[Line]:
    """Lines of text: amounts placed by their order, where there are as many as in most rows."""
    counts = Counter(len(run) for line in body if (run := trailing(line)))
    if not counts:
        return []
    usual = counts.most_common(1)[0][0]
    placed = []
    for line in body:
        run = trailing(line)
        if not run:
            placed.append([w._replace(x0=-1.0, x1=-1.0) for w in line])
        elif len(run) == usual:
            before = [w._replace(x0=-1.0, x1=-1.0) for w in line[: -len(run)]]
            amounts = [w._replace(x0=100.0 * n, x1=100.0 * n + 60) for n, w in enumerate(run)]
            placed.append([*before, *amounts])
    return placed


def _columns(body: list[Line]) -> list[tuple[float, float]]:
    """Where columns stand: stretches covered by the trailing amounts of the rows."""
    spans = sorted((w.x0, w.x1) for line in body for w in trailing(line))
    if not spans:
        return []
    # One that spans several columns is no figure of one of them.
    widest = _WIDE * median(x1 - x0 for x0, x1 in spans)
    spans = [(x0, x1) for x0, x1 in spans if x1 - x0 <= widest]
    columns: list[list[float]] = []
    counts: list[int] = []
    for x0, x1 in spans:
        if columns and x0 < columns[-1][1]:
            columns[-1][1] = max(columns[-1][1], x1)
            counts[-1] += 1
        else:
            columns.append([x0, x1])
            counts.append(1)
    most = max(counts)
    return [
        (column[0], column[1])
        for column, count in zip(columns, counts, strict=True)
        if count >= max(2, 0.15 * most)
    ]


def _cells(line: Line, columns: Sequence[tuple[float, float]]) -> dict[int, list[Word]]:
    cells: dict[int, list[Word]] = {}
    for word in trailing(line):
        for n, (left, right) in enumerate(columns):
            if word.x0 < right and word.x1 > left:
                cells.setdefault(n, []).append(word)
                break
    return cells


# -- columns' heads ------------------------------------------------------------------------------


def _heads(
    header: Sequence[Line], columns: Sequence[tuple[float, float]], placed: bool
) -> list[list[str]]:
    heads: list[list[str]] = [[] for _ in columns]
    for line in header:
        pieces = _pieces(line)
        if not pieces:
            continue
        owners = _owners(pieces, columns, placed)
        for n, piece in enumerate(owners):
            if piece is not None:
                heads[n].append(pieces[piece][0])
    return heads


def _pieces(line: Line) -> list[tuple[str, float, float]]:
    """A header line's parts: words with a column's gap between, or a year each."""
    parts: list[list[Word]] = []
    months = sum(bool(_MONTH_WORD.fullmatch(word.text)) for word in line)
    years = len(_YEAR.findall(text_of(line)))
    listed = re.search(r"\d\d\d\d,?\s+(?:and|to|through|&)\s", text_of(line))
    for word in line:
        height = word.box[3] - word.box[1] if word.box else 1.0
        wide = parts and word.x0 - parts[-1][-1].x1 > COLUMN_GAP * max(height, 1e-3)
        full = parts and years > 1 and not listed and _YEAR.search(parts[-1][-1].text)
        # "June 30, December 31," over a line of years; "Three Months Ended June 30, Six Months
        # Ended June 30,": one begins where the day before it ends
        before = text_of(parts[-1]) if parts else ""
        month = months > 1 and _MONTH_WORD.fullmatch(word.text)
        begins = month and not re.search(r"\bend(?:ed|ing)$", before, re.I)
        follows = _ENDED_ON.search(before) and _LETTER.match(word.text)
        stacked = not years and bool(begins or follows)
        if not parts or wide or full or stacked:
            parts.append([word])
        else:
            parts[-1].append(word)
    return [(text_of(part), part[0].x0, part[-1].x1) for part in parts]


def _owners(
    pieces: Sequence[tuple[str, float, float]],
    columns: Sequence[tuple[float, float]],
    placed: bool,
) -> list[int | None]:
    """For every column the piece that stands over it."""
    count, total = len(pieces), len(columns)
    dated = [n for n, piece in enumerate(pieces) if _YEAR.search(piece[0])]
    if not placed:
        if dated and any(_CHANGE.search(piece[0]) for piece in pieces) and count != total:
            return [None] * total  # an amount may be the change
        if len(dated) == total:
            return list(dated)
        if count == 1:
            return [0] * total
        return [n * count // total for n in range(total)] if total % count == 0 else [None] * total
    if count == 1 and not dated:
        return [0] * total
    centres = [(left + right) / 2 for left, right in columns]
    if len(dated) == total and _side_by_side([pieces[n] for n in dated], centres):
        return list(dated)
    step = min((b - a for a, b in pairwise(centres)), default=1e9)
    owners: list[int | None] = []
    for (left, right), centre in zip(columns, centres, strict=True):
        best, distance = None, 1e9
        for n, (_, x0, x1) in enumerate(pieces):
            gap = 0.0 if x0 < right and x1 > left else min(abs(x0 - centre), abs(x1 - centre))
            if gap < distance:
                best, distance = n, gap
        spans = count < total and not dated
        owners.append(best if spans or distance <= 0.5 * step else None)
    return owners


def _side_by_side(dated: Sequence[tuple[str, float, float]], centres: Sequence[float]) -> bool:
    """Whether heads stand as far apart as the columns: no column of theirs is left out."""
    own = [(x0 + x1) / 2 for _, x0, x1 in dated]
    apart = [
        (b - a, d - c) for (a, b), (c, d) in zip(pairwise(own), pairwise(centres), strict=True)
    ]
    return all(abs(heads - columns) <= _UNEVEN * min(heads, columns) for heads, columns in apart)
