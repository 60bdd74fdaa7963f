"""TABLE CELLS -> LINES: one line per row, as a reader sees it.

Filings set "$", brackets and "%" in cells of their own and pad with empty ones; layout tables hold
whole paragraphs, and old tables hold a column of figures in one cell.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import zip_longest

from index.xbrl import MARKS

CELL_GAP = "  "
_LONG_CELL = 200
_OPENS = re.compile(r"[$€£¥(]+|[$€£¥]\s?\(|(?:US|C|A|HK)\$|R\$|EUR|USD|GBP")
_CLOSES = re.compile(r"[)%]+(?:\s?%|\s?pts?\.?|\s?bps)?(?:\s?\(?\d\)?)?|\)\s?%|\*+|bps|pts?\.?|x")
_AMOUNT = re.compile(
    rf"[$€£¥]?\s?\(?[$€£¥]?\s?[{MARKS}]?[\d,.]*\d[\d,.]*\s?\)?\s?%?|[{MARKS}]?[—–-]+"
)
_ENDS_IN_FIGURE = re.compile(r"[\d—–-]\)?$")


def row_lines(cells: Sequence[Sequence[str]]) -> list[str]:
    """Lines of one table row; each cell is a list of its own lines. Empty cells are dropped."""
    filled = [lines for cell in cells if (lines := [line for line in cell if line])]
    if not filled:
        return []
    if len(filled) == 1:
        return filled[0]
    if _is_stack(filled):
        columns = zip_longest(*filled, fillvalue="")
        return [CELL_GAP.join(merge([cell for cell in line if cell])) for line in columns]
    if max(sum(map(len, lines)) for lines in filled) > _LONG_CELL and any(
        len(lines) > 1 for lines in filled
    ):
        return _beside(filled)
    return [CELL_GAP.join(merge([" ".join(lines) for lines in filled]))]


def merge(cells: Sequence[str]) -> list[str]:
    """Join "$", "(", ")" and "%" cells with the figure they belong to."""
    merged: list[str] = []
    opened = False
    for cell in cells:
        closes = _CLOSES.fullmatch(cell) and merged and _ENDS_IN_FIGURE.search(merged[-1])
        if opened or closes:
            merged[-1] += cell
        else:
            merged.append(cell)
        opened = bool(_OPENS.fullmatch(cell)) or (opened and bool(_OPENS.fullmatch(merged[-1])))
    return merged


def _is_stack(cells: Sequence[Sequence[str]]) -> bool:
    """Whether each cell holds several rows' entries, one under the other."""
    heights = {len(lines) for lines in cells}
    return (
        len(heights) == 1
        and heights != {1}
        and any(all(_AMOUNT.fullmatch(line) for line in lines) for lines in cells)
    )


def _beside(cells: Sequence[Sequence[str]]) -> list[str]:
    """Cells of a layout table one after the other; a short mark leads the paragraph beside it."""
    lines: list[str] = []
    lead = ""
    for cell in cells:
        first = f"{lead} {cell[0]}" if lead else cell[0]
        if len(cell) == 1 and len(first) < 40 and cell is not cells[-1]:
            lead = first
            continue
        lines += [first, *cell[1:]]
        lead = ""
    return lines
