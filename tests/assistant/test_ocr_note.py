"""An answer that stands on a scanned page says so. The printed page stands in for the OCR."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from assistant.assistant import answered_unread
from assistant.evidence import gather
from index.embed import Embedder
from index.glyphs import glyphs_of
from index.pdf import open_pdf
from index.samples import write_samples
from index.scans import Scan, ScannedWord
from index.store import Store

QUESTION = "What were Quorvane Pump's total inventories at the end of fiscal 2023?"


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    """Two pages that are images."""
    path = tmp_path / "scan.pdf"
    canvas = Canvas(str(path))
    for _ in range(2):
        canvas.drawImage(ImageReader(Image.new("L", (60, 60))), 0, 0, 600, 700)
        canvas.showPage()
    canvas.save()
    return path


def test_a_figure_of_a_scanned_page_is_to_be_checked(
    scan: Path, embedder_folder: Path, tmp_path: Path
) -> None:
    write_samples(tmp_path)
    printed = tmp_path / "filings" / "QUORVANE_2023_10K.pdf"

    def recognise(path: Path, pages: Sequence[int]) -> dict[int, Scan]:
        """The printed cover and balance sheet."""
        assert (path, list(pages)) == (scan, [1, 2])
        with open_pdf(printed) as document:
            found = {}
            for page, source in zip(pages, (1, 15), strict=True):
                glyphs = glyphs_of(document[source - 1].get_textpage())
                found[page] = Scan(tuple(ScannedWord(glyph, 1.0) for glyph in glyphs))
        return found

    with Store.open(tmp_path / "store", Embedder(embedder_folder)) as store:
        document = store.add(scan, recognise=recognise).document
        assert document.problems == ("pages 1-2 read by OCR: check amounts against the page",)
        answer = answered_unread(gather(store, QUESTION), {})
    assert answer and "243" in answer.answer
    assert answer.read_by_ocr == ("scan page 2",)
    assert answer.notes() == [
        "Read by OCR, which can misread: scan page 2. Check amounts against the page."
    ]
    assert answer.to_json()["read_by_ocr"] == ("scan page 2",)


def test_without_the_extra_one_line_says_what_to_install(
    tenq: Callable[..., tuple[int, str, str]], scan: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "rapidocr", None)
    code, _, err = tenq("index", "add", "--ocr", scan)
    assert (code, err.count("\n"), "pip install 'tenq[ocr]'" in err) == (2, 1, True)
