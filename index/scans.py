"""SCANNED PAGE -> TEXT AND TABLES: what OCR read of an image, as if it had been printed.

A page as OCR read it is kept with its filing, so that the filing is read the same again (corrected,
mended, built anew) in no time and without OCR. An amount that OCR was unsure of stays in the page's
text but states no figure.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import NamedTuple

from index.glyphs import Glyph, row_text, rows_of
from index.grid import Table, is_amount, lines_of_glyphs, may_hold_tables
from index.grid import tables as tables_of

# Of 6,918 amounts on statements, those read with less were wrong 3 times in 4.
SURE = 0.50


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
    lines = [row_text(row) for row in rows_of([word.glyph for word in scan.words])]
    if not may_hold_tables(lines):
        return "\n".join(lines), []
    sure = rows_of([word.glyph for word in scan.words if not word.is_doubtful])
    rows = [_without_bare_signs(row) for row in sure]
    return "\n".join(lines), tables_of(lines_of_glyphs(rows), placed=True)


def _without_bare_signs(row: list[Glyph]) -> list[Glyph]:
    """Without currency signs that no amount follows: what was there was not read."""
    bare = [_is_sign(a) and (b is None or _is_sign(b)) for a, b in zip_longest(row, row[1:])]
    return [glyph for glyph, without in zip(row, bare, strict=True) if not without]


def _is_sign(glyph: Glyph) -> bool:
    return glyph.text in ("$", "€", "£", "¥")


def recognise_known(scans: Mapping[int, Scan], rest: Recognise | None = None) -> Recognise:
    """Reads again what was read before, and `rest` the others, if given."""

    def read(path: Path, pages: Sequence[int]) -> dict[int, Scan]:
        known = {page: scans[page] for page in pages if page in scans}
        left = [page for page in pages if page not in known]
        return known | (rest(path, left) if rest and left else {})

    return read
