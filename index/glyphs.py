"""PDF PAGE -> GLYPHS -> ROWS: characters with their places, and printed rows rebuilt from them.

Coordinates are PDF canvas units (1/72 inch), origin at the bottom left, turned so that the page's
text runs along x: a table printed sideways on an upright sheet is read like any other.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

WORD_GAP = 0.14  # of the line's height: wider gaps part words …
COLUMN_GAP = 1.0  # … and columns
_SAME_ROW = 0.45  # centres closer than this part of the height lie on one row
_STAGGERED = 0.8  # … and so do those this close, when nothing in the one stands over the other


@dataclass(frozen=True, slots=True)
class Glyph:
    """One character. `box` is (left, bottom, right, top) on the page; `x0`, `x1`, `y` and `height`
    are along and across the reading direction. `text` may be a space; `begins` where PDFium takes
    the glyph to begin a word."""

    text: str
    box: tuple[float, float, float, float]
    x0: float
    x1: float
    y: float
    height: float
    begins: bool = False


def glyphs_of(textpage: Any) -> list[Glyph]:
    """Every character of a pypdfium2 text page that was printed, in the PDF's own order.

    Line breaks and spaces that PDFium made up are left out; the caller holds PDFIUM_LOCK.
    """
    import pypdfium2.raw as pdfium_c

    found: list[tuple[str, tuple[float, float, float, float], int, bool]] = []
    rect = pdfium_c.FS_RECTF()
    begins = True
    for n in range(textpage.count_chars()):
        code = pdfium_c.FPDFText_GetUnicode(textpage, n)
        if code in (0, 10, 13) or pdfium_c.FPDFText_IsGenerated(textpage, n) == 1:
            begins = True
            continue
        if not pdfium_c.FPDFText_GetLooseCharBox(textpage, n, rect):
            continue
        quarter = round(pdfium_c.FPDFText_GetCharAngle(textpage, n) / (math.pi / 2)) % 4
        text = "-" if code in (2, 0xFFFE) else chr(code) if code < 0x110000 else ""
        found.append((text, (rect.left, rect.bottom, rect.right, rect.top), quarter, begins))
        begins = False
    if not found:
        return []
    turn = Counter(quarter for _, _, quarter, _ in found).most_common(1)[0][0]
    return [Glyph(text, box, *_turned(box, turn), begins) for text, box, _, begins in found]


def rows_of(glyphs: list[Glyph]) -> list[list[Glyph]]:
    """Glyphs gathered into printed rows, top to bottom, each sorted from left to right."""
    rows: list[list[Glyph]] = []
    y, height = 0.0, 0.0
    for glyph in sorted(glyphs, key=lambda g: -g.y):
        if rows and abs(glyph.y - y) < _SAME_ROW * max(height, 1e-3):
            rows[-1].append(glyph)
            if glyph.height > height and not glyph.text.isspace():
                y, height = glyph.y, glyph.height
        else:
            rows.append([glyph])
            y, height = glyph.y, glyph.height
    merged: list[list[Glyph]] = []
    for row in rows:
        if merged and _interlock(merged[-1], row):
            merged[-1] += row
        else:
            merged.append(row)
    return [sorted(row, key=lambda g: (g.x0, g.x1)) for row in merged]


def row_text(row: list[Glyph]) -> str:
    """One row as text: a space between words, two between columns."""
    parts: list[str] = []
    right: float | None = None
    for glyph in row:
        if glyph.text.isspace():
            continue
        if right is not None:
            gap = (glyph.x0 - right) / max(glyph.height, 1e-3)
            parts.append("  " if gap > COLUMN_GAP else " " if gap > WORD_GAP else "")
        parts.append(glyph.text)
        right = max(glyph.x1, right or glyph.x1)
    return "".join(parts)


def _interlock(upper: list[Glyph], lower: list[Glyph]) -> bool:
    """Whether two lines are cells of one table row, set at slightly different heights."""
    first, second = _tallest(upper), _tallest(lower)
    if abs(first.y - second.y) > _STAGGERED * min(first.height, second.height):
        return False
    shown = sorted((g for g in (*upper, *lower) if not g.text.isspace()), key=lambda g: g.x0)
    return all(b.x0 > a.x1 - WORD_GAP * a.height for a, b in pairwise(shown))


def _tallest(row: list[Glyph]) -> Glyph:
    return max(row, key=lambda g: (not g.text.isspace(), g.height))


def _turned(box: tuple[float, float, float, float], turn: int) -> tuple[float, float, float, float]:
    """(x0, x1, y, height) of a box when the page is turned by `turn` quarters so text lies flat."""
    left, bottom, right, top = box
    if turn == 3:  # text climbs
        left, bottom, right, top = bottom, -right, top, -left
    elif turn == 2:  # upside down
        left, bottom, right, top = -right, -top, -left, -bottom
    elif turn == 1:  # text descends
        left, bottom, right, top = -top, left, -bottom, right
    return left, right, (bottom + top) / 2, top - bottom
