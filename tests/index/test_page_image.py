from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pypdfium2
import pytest
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from index.errors import FilingError
from index.filing import Kind, Page
from index.page_image import page_image

MakePdf = Callable[..., Path]
TABLE = (
    "Acme Tools, Inc.\nConsolidated Statement of Income\n\n(in millions)  2023  2022\n"
    "Net sales  $32,681  $34,229\nCost of sales  (18,477)  (19,232)\n"
    "A label that is a great deal longer than the column for labels, so that it wraps  12  9\n"
    "Total  1  2\nThe accompanying notes are an integral part of this statement.\n55"
)


def opened(png: bytes) -> Image.Image:
    assert png.startswith(b"\x89PNG")
    return Image.open(io.BytesIO(png)).convert("RGB")


def marked_rows(image: Image.Image) -> list[tuple[int, int]]:
    """Vertical stretches of the picture that hold marker yellow."""
    rows: list[tuple[int, int]] = []
    red, green, blue = np.asarray(image).astype(int).transpose(2, 0, 1)
    yellow = (red > 200) & (green > 180) & (blue < 160)
    for y, count in enumerate(yellow.sum(axis=1)):
        if count > 20:
            if rows and rows[-1][1] >= y - 2:
                rows[-1] = (rows[-1][0], y)
            else:
                rows.append((y, y))
    return rows


def test_quotes_are_marked_on_a_pdf_page(make_pdf: MakePdf) -> None:
    path = make_pdf([["cover"], ["Assets", "Cash $ 1,234", "Total assets $ 5,678", "Cash flows"]])
    page = Page(2, "Assets\nCash $ 1,234\nTotal assets $ 5,678\nCash flows")
    plain = opened(page_image(path, "pdf", page))
    assert plain.width == 1000
    assert marked_rows(plain) == []
    rows = marked_rows(opened(page_image(path, "pdf", page, ["Total  assets $5,678"])))
    assert len(rows) == 1
    scale = 1000 / 612
    middle = (rows[0][0] + rows[0][1]) / 2
    assert abs(middle - (792 - 712 - 4) * scale) < 6, "the third line stands 712 points up"
    two = page_image(path, "pdf", page, ["Cash $ 1,234", "Total assets $ 5,678"], width_px=500)
    assert opened(two).width == 500
    assert marked_rows(opened(two))


def test_the_row_meant_is_marked_not_one_that_contains_it(make_pdf: MakePdf) -> None:
    lines = [
        "Subtotal net income 12",
        "words",
        "more words",
        "net income 12",
        "net income 12 and on",
    ]
    path = make_pdf([lines])
    rows = marked_rows(opened(page_image(path, "pdf", Page(1, ""), ["Net income 12"])))
    assert len(rows) == 1
    assert abs((rows[0][0] + rows[0][1]) / 2 - (792 - 698 - 4) * 1000 / 612) < 6


def test_part_of_a_quote_and_unknown_quotes(make_pdf: MakePdf) -> None:
    path = make_pdf([["The company sold its tools business in May", "Other"]])
    page = Page(1, "")
    near = page_image(path, "pdf", page, ["Then the company sold its tools business in June"])
    assert len(marked_rows(opened(near))) == 1
    for quote in ("nothing of the kind", "", "  ", "—", "\ud800", "a" * 5000):
        assert marked_rows(opened(page_image(path, "pdf", page, [quote]))) == []


def test_a_row_set_cell_by_cell_is_marked_whole(make_pdf: MakePdf) -> None:
    pieces = [(60.0, 700.0 - 20 * n, f"Label {n}") for n in range(8)]
    pieces += [(400.0, 700.0 - 20 * n, f"{n},111") for n in range(8)]
    path = make_pdf([pieces])
    image = opened(page_image(path, "pdf", Page(1, ""), ["Label 3  3,111"]))
    rows = marked_rows(image)
    assert len(rows) == 1
    y = sum(rows[0]) // 2
    assert image.getpixel((int(250 * 1000 / 612), y)) == (255, 236, 110), "between the cells too"


def test_turned_pages_are_marked_in_place(tmp_path: Path) -> None:
    path = tmp_path / "turned.pdf"
    canvas = Canvas(str(path), pagesize=(400, 800))
    canvas.drawString(50, 700, "Total assets 5,678")
    canvas.showPage()
    canvas.save()
    upright = pypdfium2.PdfDocument(path.read_bytes())
    upright[0].set_rotation(90)
    upright.save(path)
    upright.close()
    image = opened(page_image(path, "pdf", Page(1, ""), ["Total assets 5,678"], width_px=800))
    assert image.width > image.height
    box = Image.eval(image.getchannel("B"), lambda b: 255 if b < 160 else 0).getbbox()
    assert box is not None
    assert box[3] - box[1] > box[2] - box[0], "the line runs down the turned page"


@pytest.mark.parametrize("kind", ["html", "text"])
def test_text_is_set_as_a_page_with_quotes(tmp_path: Path, kind: Kind) -> None:
    path = tmp_path / "acme.htm"
    quotes = ["Net sales  $32,681  $34,229", "Total  1  2"]
    image = opened(page_image(path, kind, Page(3, TABLE), quotes))
    assert image.width == 1000
    rows = marked_rows(image)
    assert len(rows) == 2


def test_wild_text_is_set_too(tmp_path: Path) -> None:
    wild = "Ελλάδα Żółć ☒ 漢字 😀 \ud800 مرحبا\n" + "x" * 3000 + "\n" + "  ".join(["word"] * 40)
    opened(page_image(tmp_path / "w.txt", "text", Page(1, wild), ["Ελλάδα"]))
    opened(page_image(tmp_path / "w.txt", "text", Page(1, ""), ["x"]))
    tall = opened(page_image(tmp_path / "w.txt", "text", Page(1, "line\n" * 20_000)))
    assert tall.width * tall.height < 31_000_000


def test_failures(make_pdf: MakePdf, tmp_path: Path) -> None:
    path = make_pdf([["one page"]])
    with pytest.raises(FilingError, match="no page 2"):
        page_image(path, "pdf", Page(2, ""))
    with pytest.raises(FilingError, match="no such file"):
        page_image(tmp_path / "gone.pdf", "pdf", Page(1, ""))
    assert opened(page_image(path, "pdf", Page(1, ""), width_px=-5)).width == 100
    assert opened(page_image(path, "pdf", Page(1, ""), width_px=10**9)).width == 4000
