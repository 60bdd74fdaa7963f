"""QUOTES -> BOXES: where on a PDF page the quoted lines stand.

Only letters and digits are compared, so spacing, hyphens, brackets and line ends may differ between
the quote and the page. A line that is not found whole is looked for by its longest run of words.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from index.glyphs import Glyph, rows_of
from index.text import tidy

Box = tuple[float, float, float, float]

_SHORTEST = 4  # letters and digits; a shorter run would mark something anywhere on the page
_MAX_WORDS = 60


def quote_boxes(glyphs: Sequence[Glyph], quotes: Sequence[str]) -> list[Box]:
    """Boxes (left, bottom, right, top), one per printed row of each quoted line that is found."""
    rows = rows_of(list(glyphs))
    row_of = {id(glyph): n for n, row in enumerate(rows) for glyph in row}
    orders = [list(glyphs), [glyph for row in rows for glyph in row]]
    pages = [_squeeze_glyphs(order) for order in orders]
    boxes: list[Box] = []
    for quote in quotes:
        for line in filter(None, (line.strip() for line in quote.splitlines())):
            boxes += _line_boxes(line, pages, row_of)
    return boxes


def _line_boxes(
    line: str, pages: Sequence[tuple[str, list[Glyph]]], row_of: dict[int, int]
) -> list[Box]:
    for part in _runs(line):
        wanted = squeeze(part)
        for text, owners in pages:
            start = _best_start(text, owners, wanted, row_of)
            if start is not None:
                return _boxes(owners[start : start + len(wanted)], row_of)
    return []


def squeeze(text: str) -> str:
    """The letters and digits of `text`, case folded."""
    return "".join(c for c in tidy(text).casefold() if c.isalnum())


def _squeeze_glyphs(glyphs: Sequence[Glyph]) -> tuple[str, list[Glyph]]:
    """Letters and digits of the page, and the glyph that each of them comes from."""
    text: list[str] = []
    owners: list[Glyph] = []
    for glyph in glyphs:
        kept = squeeze(glyph.text)
        text.append(kept)
        owners += [glyph] * len(kept)
    return "".join(text), owners


def _runs(line: str) -> Iterator[str]:
    """`line`, then ever shorter runs of its words; none too short to tell a place by."""
    words = line.split()[:_MAX_WORDS]
    if len(squeeze(line)) >= 2:
        yield line
    for size in range(len(words) - 1, 0, -1):
        for start in range(len(words) - size + 1):
            part = " ".join(words[start : start + size])
            if len(squeeze(part)) >= _SHORTEST:
                yield part


def _best_start(
    text: str, owners: Sequence[Glyph], wanted: str, row_of: dict[int, int]
) -> int | None:
    """Where `wanted` starts: best as whole printed rows, else from a row's start, else anywhere."""
    best: tuple[int, int] | None = None
    start = text.find(wanted)
    while start >= 0 and wanted:
        end = start + len(wanted)
        begins = start == 0 or row_of[id(owners[start])] != row_of[id(owners[start - 1])]
        ends = end == len(text) or row_of[id(owners[end])] != row_of[id(owners[end - 1])]
        points = 2 * begins + ends
        if best is None or points > best[0]:
            best = (points, start)
        start = text.find(wanted, start + 1)
    return best[1] if best else None


def _boxes(glyphs: Sequence[Glyph], row_of: dict[int, int]) -> list[Box]:
    rows: dict[int, list[Box]] = {}
    for glyph in glyphs:
        rows.setdefault(row_of[id(glyph)], []).append(glyph.box)
    return [
        (
            min(box[0] for box in boxes),
            min(box[1] for box in boxes),
            max(box[2] for box in boxes),
            max(box[3] for box in boxes),
        )
        for boxes in rows.values()
    ]
