"""PDF -> PAGES of text, one line per printed line, with PDFium.

PDFium reads nearly all statements row by row. Where a producer placed table cells or even single
letters one by one, the lines come out in fragments; those pages, and only those, are rebuilt from
the places of their characters. Pages that are images are read by OCR, where that is asked for.
"""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from index.column_heads import with_heads_apart
from index.errors import FilingError
from index.glyphs import glyphs_of, row_text, rows_of
from index.grid import Table, Word, lines_of_glyphs, may_hold_tables, split_row, text_of
from index.grid import tables as tables_of
from index.highlight import squeeze
from index.scans import Recognise, Scan, text_and_tables
from index.text import tidy_lines

# PDFium keeps state across documents and is not thread-safe: one call at a time in a process.
PDFIUM_LOCK = threading.RLock()

_TAIL_BYTES = 4096
_HYPHEN = "[\x02\ufffe]"
# Bounded, else a page that is one long word would be searched from each of its letters.
_BROKEN_WORD = re.compile(rf"(\w{{0,64}}){_HYPHEN}(?:\r?\n)?(\w{{0,64}})")
_WORD = re.compile(r"\w+(?:-\w+)*")
_AMOUNT_ALONE = re.compile(r"[$€£¥]|[$€£¥]?\s?\(?[$€£¥]?\s?\d[\d,.]*\s?\)?\s?%?|[)%—–-]")
_AMOUNT = re.compile(r"\d[\d,.]*|[—–]")
_MANY_PATHS = 100
_SAME_EDGE = 5.0  # points; columns of figures stand far wider apart


class PdfText(NamedTuple):
    """Text of each sheet ("" where there is none), one-line remarks on what is missing or to be
    checked, the tables by sheet (1-based), and what OCR read, also by sheet: nothing on blanks."""

    pages: list[str]
    problems: list[str]
    tables: dict[int, list[Table]]
    scans: dict[int, Scan]


def stand_under(path: Path, page: int, before: Sequence[str], after: Sequence[str]) -> bool:
    """Whether the rows `after`, on a page, stand in the columns of the rows `before`, on the page
    before it: a column's last digits one under the other, in two columns at least."""
    with open_pdf(path) as document:
        upper = _right_edges(document[page - 2], before)
        lower = _right_edges(document[page - 1], after)
    columns = [
        (_known(above), _known(below))
        for above, below in zip(zip(*upper, strict=True), zip(*lower, strict=True), strict=False)
    ]
    told = [above + below for above, below in columns if above and below]
    return len(told) > 1 and all(max(edges) - min(edges) <= _SAME_EDGE for edges in told)


def _known(edges: Sequence[float | None]) -> list[float]:
    return [edge for edge in edges if edge is not None]


def _right_edges(page: Any, rows: Sequence[str]) -> list[list[float | None]]:
    """Where the amounts of those `rows` end that stand on the page as they do in its text; None
    for a dash, which may stand anywhere in its column."""
    wanted = {squeeze(row): len(split_row(row)[1]) for row in rows}
    textpage = page.get_textpage()
    try:
        lines = lines_of_glyphs(rows_of(glyphs_of(textpage)))
    finally:
        textpage.close()
        page.close()
    return [
        [_right_edge(word) for word in line[-count:]]
        for line in lines
        if (count := wanted.get(squeeze(text_of(line)), 0))
    ]


def _right_edge(word: Word) -> float | None:
    """Where the last digit ends; brackets and percent signs hang over a column's edge."""
    digits = word.text.rstrip(")%")
    if not digits[-1:].isdigit():
        return None
    return word.x1 - (word.x1 - word.x0) * (len(word.text) - len(digits)) / len(word.text)


@contextmanager
def open_pdf(path: Path) -> Iterator[Any]:
    """A pypdfium2 document, closed at the end; PDFIUM_LOCK is held in between.

    Raises FilingError for a PDF that is encrypted, truncated or damaged.
    """
    import pypdfium2
    import pypdfium2.raw as pdfium_c

    with PDFIUM_LOCK:
        try:
            # PDFium takes names in UTF-8 only; other files are handed over open.
            plain = str(path).isprintable()
            document = pypdfium2.PdfDocument(path if plain else path.open("rb"), autoclose=True)
        except pypdfium2.PdfiumError as error:
            if error.err_code in (pdfium_c.FPDF_ERR_PASSWORD, pdfium_c.FPDF_ERR_SECURITY):
                raise FilingError(
                    f"{path}: the PDF is encrypted and opens only with a password; save a copy "
                    "without one and add that"
                ) from error
            raise FilingError(_damaged(path)) from error
        try:
            yield document
        finally:
            document.close()


def read_pdf(path: Path, recognise: Recognise | None = None) -> PdfText:
    """Read every page of the PDF at `path`; those that are images by `recognise`, if given.

    Raises FilingError when it is encrypted, cut short, damaged, or holds no text at all.
    """
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _TAIL_BYTES))
        tail = file.read()
    if b"%%EOF" not in tail and b"startxref" not in tail:
        raise FilingError(_damaged(path))
    raw: list[str] = []
    tables: dict[int, list[Table]] = {}
    states: dict[str, list[int]] = {}
    with open_pdf(path) as document:
        for n in range(len(document)):
            text, state, found = _read_page(document, n)
            raw.append(text)
            if found:
                tables[n + 1] = found
            states.setdefault(state, []).append(n + 1)
    unreadable, images = states.get("damaged", []), states.get("image", [])
    if not raw or len(unreadable) == len(raw):
        raise FilingError(_damaged(path))
    scans: dict[int, Scan] = {}
    if recognise:  # not while the document is open: it takes seconds a page
        scans = {page: Scan() for page in states.get("blank", [])} | recognise(path, images)
    for number, scan in scans.items():
        raw[number - 1], found = text_and_tables(scan)
        if found:
            tables[number] = found
    pages = ["\n".join(line for line in tidy_lines(text) if line) for text in _mend_hyphens(raw)]
    if not any(pages):
        raise FilingError(_without_text(path, len(pages), scans))
    problems = _scan_problems(images, scans)
    damaged = [f"{page_ranges(unreadable)} cannot be read (damaged)"] if unreadable else []
    return PdfText(pages, problems + damaged, tables, scans)


def _without_text(path: Path, count: int, scans: Mapping[int, Scan]) -> str:
    said = f"{path}: no text on any of its {count} pages"
    failed = next((scan.problem for scan in scans.values() if scan.problem), None)
    if failed:
        return f"{said}; OCR could not read them ({failed})"
    if scans:
        return f"{said}, and OCR found none; scan it again, larger or darker"
    return f"{said} (a scan?); have it read by OCR: tenq index add --ocr {path}"


def _scan_problems(images: Sequence[int], scans: Mapping[int, Scan]) -> list[str]:
    """What a reader must know of pages that are images."""
    unread = [page for page in images if page not in scans]
    told = [f"{page_ranges(unread)} without text (images); `tenq index add --ocr` reads them"]
    problems = told if unread else []
    read = [page for page in images if page in scans and scans[page].words]
    doubtful = sum(word.is_doubtful for page in read for word in scans[page].words)
    if read:
        amounts = f"{doubtful} amount{'s' * (doubtful != 1)}"
        left = f"; {amounts} too unclear to be taken for figures" if doubtful else ""
        problems.append(f"{page_ranges(read)} read by OCR: check amounts against the page{left}")
    failed: dict[str, list[int]] = {}
    for page in images:
        if page in scans and not scans[page].words:
            failed.setdefault(scans[page].problem, []).append(page)
    for reason, numbers in failed.items():
        why = f"OCR failed: {reason}" if reason else "OCR found none"
        problems.append(f"{page_ranges(numbers)} without text (images; {why})")
    return problems


def page_ranges(numbers: Sequence[int]) -> str:
    """ "page 3", "pages 3-5, 8": the page numbers, ascending, as a reader would write them."""
    ranges: list[list[int]] = []
    for number in numbers:
        if ranges and number == ranges[-1][1] + 1:
            ranges[-1][1] = number
        else:
            ranges.append([number, number])
    text = ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in ranges)
    return f"page{'s' if len(numbers) > 1 else ''} {text}"


def is_fragmented(lines: Sequence[str]) -> bool:
    """Whether table cells or letters stand alone on lines that were printed as part of a row, or
    most figures stand apart from any words, as when a table was drawn column by column."""
    alone = sum(bool(_AMOUNT_ALONE.fullmatch(line)) for line in lines)
    letters = sum(len(line) == 1 for line in lines)
    if (alone >= 5 and alone > 0.1 * len(lines)) or (letters > 20 and letters > len(lines) / 4):
        return True
    amounts = [(len(_AMOUNT.findall(line)), any(map(str.isalpha, line))) for line in lines]
    apart = sum(count for count, has_words in amounts if not has_words)
    return apart >= 8 and apart > 0.5 * sum(count for count, _ in amounts)


def _read_page(document: Any, index: int) -> tuple[str, str, list[Table]]:
    """Text of one page, its state ("text", "blank", "image" or "damaged") and its tables."""
    import pypdfium2

    try:
        page = document[index]
    except pypdfium2.PdfiumError:
        return "", "damaged", []
    try:
        textpage = page.get_textpage()
        try:
            text, tables = _page_text(textpage)
        finally:
            textpage.close()
        if text.strip():
            return text, "text", tables
        return "", "image" if _is_drawn(page) else "blank", []
    except pypdfium2.PdfiumError:
        return "", "damaged", []
    finally:
        page.close()


def _page_text(textpage: Any) -> tuple[str, list[Table]]:
    text: str = textpage.get_text_range()
    if "\r\n" in text:
        # PDFium ends lines with \r\n; a lone \n is a space that the font's table calls a newline.
        text = re.sub(r"(?<!\r)\n+", " ", text)
    lines = [line for line in tidy_lines(text) if line]
    fragmented = is_fragmented(lines)
    if not fragmented and not may_hold_tables(lines):
        return text, []
    placed = rows_of(glyphs_of(textpage))
    words = lines_of_glyphs(placed)
    if fragmented:
        rows = [row for row in tidy_lines("\n".join(map(row_text, placed))) if row]
        text = "\n".join(rows) if len(rows) < 0.9 * len(lines) else text
    # Not tidied yet: hyphens at line ends still tell where words were parted.
    printed = text.replace("\r\n", "\n").split("\n")
    return "\n".join(with_heads_apart(printed, words)), tables_of(words, placed=True)


def _is_drawn(page: Any) -> bool:
    """Whether a page without text shows something: an image, or letters drawn as outlines."""
    import pypdfium2.raw as pdfium_c

    kinds = Counter(item.type for item in page.get_objects(max_depth=3))
    paths = kinds[pdfium_c.FPDF_PAGEOBJ_PATH]
    return bool(kinds[pdfium_c.FPDF_PAGEOBJ_IMAGE]) or paths > _MANY_PATHS


def _mend_hyphens(pages: Sequence[str]) -> Iterable[str]:
    """Join words that were parted at a line end.

    The document itself decides whether the hyphen belongs there: "com-pany" is spelt without one
    elsewhere; "mark-to-market" is not, and its parts are words of their own.
    """
    if not any(re.search(_HYPHEN, page) for page in pages):
        return pages
    known = {word.lower() for page in pages for word in _WORD.findall(page)}

    def mend(found: re.Match[str]) -> str:
        left, right = found[1], found[2]
        joined, parted = left + right, f"{left}-{right}"
        if joined.lower() in known or not (left and right):
            return joined if left and right else parted
        if parted.lower() in known or right[0].isupper() or not (left + right).isalpha():
            return parted
        both_words = left.lower() in known and right.lower() in known
        return parted if both_words else joined

    return [_BROKEN_WORD.sub(mend, page) for page in pages]


def _damaged(path: Path) -> str:
    return f"{path}: the PDF is cut short or damaged; download it again"
