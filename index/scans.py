"""SCANNED PAGE -> TEXT AND TABLES: what OCR read of an image, as if it had been printed.

A page as OCR read it is kept with its filing, so that the filing is read the same again (corrected,
mended, built anew) in no time and without OCR. An amount that OCR was unsure of stays in the page's
text but states no figure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from pathlib import Path
from typing import NamedTuple

from index.glyphs import COLUMN_GAP, Glyph, row_text, rows_of
from index.grid import Table, is_amount, lines_of_glyphs, may_hold_tables
from index.grid import tables as tables_of

# Confidence tells little: of 1,522 amounts on 20 statements drawn as images no digit was read
# wrongly, whether it was 0.5 or 1. Below this there was but one.
SURE = 0.50

_SIGNS = ("$", "€", "£", "¥")
# Thousands parted by a point. As printed, 92 of those stand beside 15,324 with commas in 24 real
# filings, all but one in text: sums in billions, rates, numbers of rules.
_DECIMALS = re.compile(r"\d\.\d{1,2}\)?$")
_POINTED = re.compile(r"[(\-$€£¥]*[1-9]\d{0,2}(?:[.,]\d{3})+\)?")


class ScannedWord(NamedTuple):
    """A word and its place on the page; `confidence` is that of its least sure letter, 0 to 1."""

    glyph: Glyph
    confidence: float

    @property
    def is_doubtful(self) -> bool:
        """Whether it is an amount that is better not taken for a figure."""
        return self.confidence < SURE and is_amount(self.glyph.text)


@dataclass(frozen=True)
class Scan:
    """A page as OCR read it; no `words` where it found none. `problem` says why it could not."""

    words: tuple[ScannedWord, ...] = ()
    problem: str = ""


# Reads pages (1-based) of the PDF at a path; those that it does not know are left out.
Recognise = Callable[[Path, Sequence[int]], dict[int, Scan]]


def text_and_tables(scan: Scan) -> tuple[str, list[Table]]:
    """The page's text, a line for each printed row, and its tables."""
    rows = [_mended(row) for row in rows_of([word.glyph for word in scan.words])]
    lines = [row_text(row) for row in rows]
    if not may_hold_tables(lines):
        return "\n".join(lines), []
    sure = [_mended(row) for row in rows_of([w.glyph for w in scan.words if not w.is_doubtful])]
    cells = lines_of_glyphs([_without_bare_signs(row) for row in sure])
    return "\n".join(lines), tables_of(cells, placed=True)


def _mended(row: list[Glyph]) -> list[Glyph]:
    """With the commas of amounts in cells that OCR took for points, as on pale or coarse scans:
    "384.721" is 384,721. In text ("$1.253 billion"), before "%" and beside amounts with decimals
    (3.075 and 3.59 a share) it stays as it is."""
    if any(_DECIMALS.search(glyph.text) for glyph in row):
        return row
    return [
        replace(glyph, text=glyph.text.replace(".", ","))
        if _POINTED.fullmatch(glyph.text) and _is_cell(row, n)
        else glyph
        for n, glyph in enumerate(row)
    ]


def _is_cell(row: list[Glyph], n: int) -> bool:
    """Whether the amount in this place stands in a cell of its own, not among words."""
    glyph, before = row[n], row[n - 1] if n else None
    after = row[n + 1].text if n + 1 < len(row) else "$"
    apart = before is None or glyph.x0 - before.x1 > COLUMN_GAP * glyph.height
    follows = before is not None and (_is_sign(before) or is_amount(before.text))
    return (apart or follows) and (after in _SIGNS or is_amount(after))


def _without_bare_signs(row: list[Glyph]) -> list[Glyph]:
    """Without currency signs that no amount follows: what was there was not read."""
    bare = [_is_sign(a) and (b is None or _is_sign(b)) for a, b in zip_longest(row, row[1:])]
    return [glyph for glyph, without in zip(row, bare, strict=True) if not without]


def _is_sign(glyph: Glyph) -> bool:
    return glyph.text in _SIGNS


def recognise_known(scans: Mapping[int, Scan], rest: Recognise | None = None) -> Recognise:
    """Reads again what was read before, and `rest` the others, if given."""

    def read(path: Path, pages: Sequence[int]) -> dict[int, Scan]:
        known = {page: scans[page] for page in pages if page in scans}
        left = [page for page in pages if page not in known]
        return known | (rest(path, left) if rest and left else {})

    return read
