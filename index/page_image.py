"""PAGE + QUOTES -> PNG: the page as printed, the quoted lines marked like with a felt pen.

PDF pages are rendered by PDFium. HTML and text pages have no sheet of their own: their text is set
on one, table rows in columns, and rendered the same way. No browser, nothing fetched.
"""

from __future__ import annotations

import io
import math
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from index.errors import FilingError
from index.filing import Kind, Page
from index.glyphs import Glyph, glyphs_of
from index.highlight import quote_boxes
from index.pdf import open_pdf
from index.typeset import typeset_page

_MARKER = (255, 236, 110)
_MAX_PIXELS = 30_000_000
_MIN_WIDTH_PX, _MAX_WIDTH_PX = 100, 4000
_MARGIN = 1.0  # canvas units around a marked row


def page_image(
    path: Path,
    kind: Kind,
    page: Page,
    quotes: Sequence[str] = (),
    width_px: int = 1000,
    title: str | None = None,
    scanned: Sequence[Glyph] = (),
) -> bytes:
    """`page` of the filing at `path` as a PNG about `width_px` wide.

    `quotes` are lines of the page's text; those found are marked, those not found are passed over.
    `title` heads a typeset (HTML or text) page instead of the file's name. `scanned` is what OCR
    read of a page that has no text of its own.
    Raises FilingError when the file is gone or cannot be read, or has no such page.
    """
    if kind == "pdf":
        if not path.is_file():
            raise FilingError(f"{path}: no such file; add the filing again")
        return _render(path, page.number, quotes, width_px, scanned)
    with tempfile.TemporaryDirectory() as folder:
        sheet = Path(folder, "page.pdf")
        sheet.write_bytes(typeset_page(f"{title or path.stem} · page {page.number}", page.text))
        return _render(sheet, 1, quotes, width_px)


def _render(
    path: Path,
    number: int,
    quotes: Sequence[str],
    width_px: int,
    scanned: Sequence[Glyph] = (),
) -> bytes:
    import pypdfium2

    with open_pdf(path) as document:
        if not 1 <= number <= len(document):
            raise FilingError(f"{path}: no page {number}, the last is {len(document)}")
        try:
            page = document[number - 1]
            width = min(max(width_px, _MIN_WIDTH_PX), _MAX_WIDTH_PX)
            image = _marked(page, quotes, width, scanned)
            page.close()
        except pypdfium2.PdfiumError as error:
            raise FilingError(f"{path}: page {number} cannot be shown (damaged)") from error
    out = io.BytesIO()
    image.save(out, format="PNG", compress_level=3)
    return out.getvalue()


def _marked(page: Any, quotes: Sequence[str], width_px: int, scanned: Sequence[Glyph]) -> Any:
    """The page as a PIL image, quotes multiplied with the marker's colour: black stays black."""
    from PIL import Image, ImageChops

    width, height = page.get_size()
    scale = min(width_px / width, math.sqrt(_MAX_PIXELS / (width * height)))
    bitmap = page.render(scale=scale)
    image = bitmap.to_pil().convert("RGB")
    if quotes:
        textpage = page.get_textpage()
        boxes = quote_boxes(scanned or glyphs_of(textpage), quotes)
        textpage.close()
        place = bitmap.get_posconv(page)
        for left, bottom, right, top in boxes:
            corners = [
                place.to_bitmap(left - _MARGIN, bottom - _MARGIN),
                place.to_bitmap(right + _MARGIN, top + _MARGIN),
            ]
            (x0, x1), (y0, y1) = (sorted(axis) for axis in zip(*corners, strict=True))
            area = (max(0, x0), max(0, y0), min(image.width, x1), min(image.height, y1))
            if area[0] < area[2] and area[1] < area[3]:
                part = image.crop(area)
                ink = Image.new("RGB", part.size, _MARKER)
                image.paste(ImageChops.multiply(part, ink), area)
    bitmap.close()
    return image
