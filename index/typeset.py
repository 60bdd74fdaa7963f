"""PAGE TEXT -> ONE-SHEET PDF: prose wrapped, table rows in columns, as tall as need be."""

from __future__ import annotations

import importlib.util
import io
import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from index.tables import CELL_GAP

_WIDTH = 612.0  # US letter, in points
_MARGIN = 40.0
_SIZES = (9.0, 8.0, 7.0, 6.0)
_GAP = 14.0
_MIN_COLUMN = 62.0
_MIN_LABEL = 60.0
_MAX_LABEL = 0.62  # of the sheet's width
_MAX_LINES = 1000  # a PDF sheet is at most 14,400 points tall
_GREY = (0.42, 0.42, 0.42)
_CELLS = re.compile(rf"{CELL_GAP}+")
_FIGURE = re.compile(
    r"[(]?[$€£¥]?\s?[(]?[\d.,]+[)]?\s?%?[)]?(?:\s?\(\d\))?|[—–-]+|n/?[am]"
    r"|(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\.?\s[\d, ]+",
    re.I,
)

# One printed line: pieces of text, each with its place and whether it ends there (right aligned).
Line = list[tuple[float, str, bool]]
Columns = dict[int, list[float]]


def typeset_page(title: str, text: str) -> bytes:
    """A PDF of one sheet with `title` on top and `text` below, one printed line per line of it."""
    from reportlab.pdfgen.canvas import Canvas

    font = _font()
    lines = text.splitlines()
    blocks = _blocks(lines)
    size = next((s for s in _SIZES if _fits(blocks, font, s)), _SIZES[-1])
    columns = _columns(blocks, font, size)
    printed = [line for block in blocks for line in _set_block(block, columns, font, size)]
    if len(printed) > _MAX_LINES:
        printed = [*printed[:_MAX_LINES], [(_MARGIN, "…", False)]]
    leading = size * 1.4
    height = 2 * _MARGIN + 2 * leading + max(12, len(printed)) * leading
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(_WIDTH, height), pageCompression=1)
    canvas.setTitle(title)
    y = height - _MARGIN
    canvas.setFillColorRGB(*_GREY)
    canvas.setFont(font, size)
    canvas.drawString(_MARGIN, y, _shown(title, font))
    canvas.line(_MARGIN, y - leading / 2, _WIDTH - _MARGIN, y - leading / 2)
    canvas.setFillColorRGB(0, 0, 0)
    y -= 2 * leading
    for line in printed:
        for x, piece, ends_here in line:
            draw = canvas.drawRightString if ends_here else canvas.drawString
            draw(x, y, _shown(piece, font))
        y -= leading
    canvas.save()
    return out.getvalue()


@lru_cache(maxsize=1)
def _font() -> str:
    """DejaVu Sans, which matplotlib carries and which knows most scripts; else Helvetica."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFError, TTFont

    spec = importlib.util.find_spec("matplotlib")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        file = Path(folder, "mpl-data", "fonts", "ttf", "DejaVuSans.ttf")
        try:
            pdfmetrics.registerFont(TTFont("DejaVuSans", str(file)))
        except (TTFError, OSError):
            continue
        return "DejaVuSans"
    return "Helvetica"


def _shown(text: str, font: str) -> str:
    """`text` with what the font cannot show replaced."""
    if font == "Helvetica":
        return text.encode("cp1252", "replace").decode("cp1252")
    return "".join(c if ord(c) < 0x10000 else "\ufffd" for c in text)


def _width(text: str, font: str, size: float) -> float:
    from reportlab.pdfbase.pdfmetrics import stringWidth

    return float(stringWidth(_shown(text, font), font, size))


def _blocks(lines: Sequence[str]) -> list[list[list[str]]]:
    """Lines as cells, consecutive table rows (two cells or more) gathered into one block."""
    blocks: list[list[list[str]]] = []
    for line in lines:
        cells = _CELLS.split(line.strip())
        if blocks and len(cells) > 1 and len(blocks[-1][0]) > 1:
            blocks[-1].append(cells)
        else:
            blocks.append([cells])
    return blocks


def _columns(blocks: Sequence[Sequence[Sequence[str]]], font: str, size: float) -> Columns:
    """Widths of the columns right of the labels, the outermost first, for each number of columns:
    tables of one page that have as many columns share them."""
    widths: Columns = {}
    for block in blocks:
        shared = widths.setdefault(_count(block), [_MIN_COLUMN] * _count(block))
        for cells in block:
            for n, cell in enumerate(reversed(_figures(cells))):
                shared[n] = max(shared[n], _width(cell, font, size) + _GAP)
    return widths


def _count(block: Sequence[Sequence[str]]) -> int:
    return max(len(_figures(cells)) for cells in block)


def _figures(cells: Sequence[str]) -> list[str]:
    """The cells right of a row's label; all of them where a row has none (years over columns)."""
    return list(cells if len(cells) > 1 and _FIGURE.fullmatch(cells[0]) else cells[1:])


def _fits(blocks: Sequence[Sequence[Sequence[str]]], font: str, size: float) -> bool:
    room = (_WIDTH - 2 * _MARGIN) * (1 - _MAX_LABEL / 2)
    return all(sum(widths) <= room for widths in _columns(blocks, font, size).values())


def _set_block(
    block: Sequence[Sequence[str]], columns: Columns, font: str, size: float
) -> list[Line]:
    widths = columns[_count(block)]
    if _WIDTH - 2 * _MARGIN - sum(widths) < _MIN_LABEL:  # columns of words: set as running text
        return [
            line for cells in block for line in _wrapped((CELL_GAP * 2).join(cells), font, size)
        ]
    printed: list[Line] = []
    for cells in block:
        figures = _figures(cells)
        label = cells[0] if len(figures) < len(cells) else ""
        room = _WIDTH - 2 * _MARGIN - sum(widths[: len(figures)]) - (_GAP if figures else 0)
        lines = _wrapped(label, font, size, room) if label or not figures else [[]]
        right = _WIDTH - _MARGIN
        ends: list[tuple[float, str, bool]] = []
        for figure, width in zip(reversed(figures), widths, strict=False):
            ends.append((right, figure, True))
            right -= width
        lines[-1] = [*lines[-1], *reversed(ends)]
        printed += lines
    return printed


def _wrapped(text: str, font: str, size: float, room: float = _WIDTH - 2 * _MARGIN) -> list[Line]:
    from reportlab.lib.utils import simpleSplit

    lines: Any = simpleSplit(_shown(text, font), font, size, room) or [""]
    return [[(_MARGIN, line, False)] for line in lines]
