"""Scanned pages, by the real models: a page of a sample filing drawn as an image."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from index.corrections import correct
from index.embed import Embedder
from index.errors import FilingError
from index.facts import Fact
from index.filing import Correction
from index.glyphs import Glyph
from index.ocr import Ocr
from index.pdf import open_pdf, read_pdf
from index.read import read_filing
from index.rebuild import rebuild
from index.samples import write_samples
from index.scans import SURE, Scan, ScannedWord, recognise_known, text_and_tables
from index.store import Store

pytest.importorskip("rapidocr", reason="the extra ocr is not installed: pip install 'tenq[ocr]'")

COVER, BALANCE = 1, 15  # pages of the sample, 1-based
CASH = "Cash and cash equivalents"


def draw(canvas: Canvas, image: Image.Image) -> None:
    """One page, all of it an image."""
    jpeg = io.BytesIO()
    image.convert("L").save(jpeg, "JPEG", quality=80)
    width, height = (side * 72 / 150 for side in image.size)
    canvas.setPageSize((width, height))
    canvas.drawImage(ImageReader(jpeg), 0, 0, width, height)
    canvas.showPage()


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sample filing as printed."""
    folder = tmp_path_factory.mktemp("sample")
    write_samples(folder)
    return folder / "filings" / "QUORVANE_2023_10K.pdf"


@pytest.fixture(scope="module")
def images(sample: Path) -> dict[int, Image.Image]:
    """Its cover and balance sheet at 150 dpi."""
    with open_pdf(sample) as document:
        return {n: document[n - 1].render(scale=150 / 72).to_pil() for n in (COVER, BALANCE)}


@pytest.fixture(scope="module")
def scanned(images: dict[int, Image.Image], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A mixed filing: the cover an image, a page of text, the balance sheet an image, a blank."""
    path = tmp_path_factory.mktemp("scanned") / "scanned.pdf"
    canvas = Canvas(str(path))
    draw(canvas, images[COVER])
    canvas.drawString(60, 700, "A page that was printed.")
    canvas.showPage()
    draw(canvas, images[BALANCE])
    canvas.showPage()
    canvas.save()
    return path


class Counting:
    """The OCR, and which pages it was asked for."""

    def __init__(self) -> None:
        self.asked: list[int] = []
        self.ocr = Ocr()

    def __call__(self, path: Path, pages: Sequence[int]) -> dict[int, Scan]:
        self.asked += pages
        return self.ocr(path, pages)


@pytest.fixture(scope="module")
def reader() -> Counting:
    return Counting()


@pytest.fixture(scope="module")
def scans(scanned: Path, reader: Counting) -> dict[int, Scan]:
    """What OCR read of it, once for all tests. Nothing may be fetched for it."""

    def refuse(*_: object) -> None:
        raise OSError("the network was asked")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("socket.socket.connect", refuse)
        found = reader(scanned, [1, 3])
    reader.asked.clear()
    return found


def figures(facts: Sequence[Fact]) -> Counter[tuple[str | None, str, date, Decimal, str]]:
    """Facts as they are compared: where they stand aside."""
    return Counter(
        (fact.concept, re.sub(r"\W", "", fact.label).lower(), fact.end, fact.value, fact.unit)
        for fact in facts
    )


def test_a_scanned_balance_sheet_states_what_the_printed_one_does(
    sample: Path, scanned: Path, scans: dict[int, Scan]
) -> None:
    printed = read_filing(sample)
    filing = read_filing(scanned, recognise=recognise_known(scans))
    for name in ("company", "form", "fiscal_year", "fiscal_period", "period_end", "cik"):
        assert getattr(filing.identity, name) == getattr(printed.identity, name), name
    wanted = figures([fact for fact in printed.facts if fact.page == BALANCE])
    found = figures(filing.facts)
    assert len(wanted) > 40
    assert sum((found - wanted).values()) == 0  # nothing that is not printed
    assert sum((wanted & found).values()) >= 0.95 * sum(wanted.values())
    assert {fact.statement for fact in filing.facts} == {"balance"}
    assert filing.pages[1].text == "A page that was printed."
    assert filing.problems[0].startswith("pages 1, 3 read by OCR: check amounts against the page")


def test_boxes_lie_on_the_amounts(sample: Path, scanned: Path, scans: dict[int, Scan]) -> None:
    def boxes(path: Path, page: int, scans: dict[int, Scan]) -> dict[str, tuple[float, ...]]:
        facts = read_filing(path, recognise=recognise_known(scans)).facts
        return {
            f"{fact.label} {fact.end}": fact.box for fact in facts if fact.page == page and fact.box
        }

    printed, read = boxes(sample, BALANCE, {}), boxes(scanned, 3, scans)
    both = printed.keys() & read.keys()
    assert len(both) > 30
    for name in both:
        (_, low, right, high), (_, bottom, end, top) = printed[name], read[name]
        assert abs((low + high) - (bottom + top)) / 2 < 4, name
        assert abs(right - end) < 6, name


@pytest.mark.parametrize("turn", [90, 181.2, 270])
def test_pages_may_lie_askew_or_sideways(
    images: dict[int, Image.Image],
    scans: dict[int, Scan],
    reader: Counting,
    tmp_path: Path,
    turn: float,
) -> None:
    path = tmp_path / "turned.pdf"
    canvas = Canvas(str(path))
    image = images[BALANCE].crop((80, 100, 1200, 500)).convert("L")
    draw(canvas, image.rotate(turn, expand=True, fillcolor=255))
    canvas.save()
    text, _ = text_and_tables(reader(path, [1])[1])
    lines = [" ".join(line.split()) for line in text.splitlines()]
    assert "Cash and cash equivalents $ 312 $ 205" in lines
    assert "Total current assets 827 708" in lines


def test_without_ocr_it_is_said_how(scanned: Path, tmp_path: Path) -> None:
    filing = read_filing(scanned)
    assert "pages 1, 3 without text (images); `tenq index add --ocr` reads them" in filing.problems
    canvas = Canvas(str(tmp_path / "scan.pdf"))
    draw(canvas, Image.new("L", (850, 1100), 200))
    canvas.save()
    with pytest.raises(FilingError, match=r"no text on any of its 1 pages.*tenq index add --ocr"):
        read_pdf(tmp_path / "scan.pdf")


def test_pages_with_nothing_to_read(
    tmp_path: Path, reader: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A picture, and an image too large to be drawn, beside a page that can be read."""
    path = tmp_path / "pictures.pdf"
    canvas = Canvas(str(path))
    canvas.drawString(60, 700, "Printed.")
    canvas.showPage()
    draw(canvas, Image.new("L", (85, 110), 100))
    draw(canvas, Image.new("L", (400, 300), 100))
    canvas.save()
    monkeypatch.setattr("index.ocr._MAX_PIXELS", 100_000)
    pages, problems, _, scans = read_pdf(path, reader)
    assert pages == ["Printed.", "", ""]
    assert problems == [
        "page 2 without text (images; OCR found none)",
        "page 3 without text (images; OCR failed: an image of 400 x 300 pixels is too large)",
    ]
    assert scans[3].problem


def test_an_amount_that_was_read_unclearly_states_no_figure() -> None:
    def word(text: str, x: float, y: float, confidence: float = 1.0) -> ScannedWord:
        box = (x, y, x + 5.0 * len(text), y + 10)
        return ScannedWord(Glyph(text, box, box[0], box[2], y, 10, True), confidence)

    def page(confidence: float) -> Scan:
        rows = [("Cash", "312", "205"), ("Inventories", "243", "244"), ("Goodwill", "266", "214")]
        words = [word("2023", 300, 700), word("2022", 400, 700)]
        for n, row in enumerate(rows):
            y = 680 - 20.0 * n
            words += [word(row[0], 50, y), word(row[1], 305, y), word(row[2], 405, y)]
        words[-1] = words[-1]._replace(confidence=confidence)
        return Scan(tuple(words))

    for confidence, cells in ((1.0, 2), (SURE - 0.01, 1)):
        text, (table,) = text_and_tables(page(confidence))
        assert text.splitlines()[-1].split() == ["Goodwill", "266", "214"]
        assert len(table.rows[-1].cells) == cells


def test_ocr_is_kept_with_the_filing(
    scanned: Path, scans: dict[int, Scan], reader: Counting, embedder_folder: Path, tmp_path: Path
) -> None:
    """Added without, then with OCR; corrected and built anew without reading the images again."""
    embedder = Embedder(embedder_folder)
    known = Counting.__new__(Counting)
    known.asked, known.ocr = [], recognise_known(scans)  # type: ignore[assignment]
    with Store.open(tmp_path / "store", embedder) as store:
        with pytest.raises(AssertionError):
            assert store.add(scanned).document.facts
        done = store.add(scanned, recognise=known)
        assert (done.status, known.asked) == ("replaced", [1, 3])
        assert store.add(scanned, recognise=known).status == "unchanged"
        document = correct(store, done.document.id, Correction(ticker="QVP"))
        assert known.asked == [1, 3]
        assert document.facts == done.document.facts > 0
        assert store.scanned_pages([document.id]) == {(document.id, 1), (document.id, 3)}
        assert "read by OCR" in document.problems[0]
    rebuild(tmp_path / "store", embedder)
    with Store.open(tmp_path / "store", embedder) as store:
        (again,) = store.documents()
        assert replace(again, id=document.id, added=document.added) == document
        line = next(x for x in store.page_text(again.id, 3).splitlines() if x.startswith(CASH))
        plain, marked = store.page_image(again.id, 3), store.page_image(again.id, 3, [line])
        assert changed(plain, marked)
        store.remove(again.id)
        assert not store.database.rows("SELECT 1 FROM scans")


def changed(plain: bytes, marked: bytes) -> bool:
    return Image.open(io.BytesIO(plain)).tobytes() != Image.open(io.BytesIO(marked)).tobytes()


def test_a_sign_without_its_amount_leaves_the_other_cells_in_place() -> None:
    def word(text: str, x: float, y: float) -> ScannedWord:
        box = (x, y, x + 5.0 * len(text), y + 10)
        return ScannedWord(Glyph(text, box, box[0], box[2], y, 10, True), 1.0)

    words = [word("2023", 300, 700), word("2022", 400, 700)]
    for n, (label, first, second) in enumerate(
        [("Continuing", "6.47", "4.93"), ("Discontinued", "0.01", ""), ("Total", "6.48", "4.93")]
    ):
        y = 680 - 20.0 * n
        words += [word(label, 50, y), word("$", 280, y), word(first, 300, y), word("$", 380, y)]
        words += [word(second, 400, y)] if second else []
    _, (table,) = text_and_tables(Scan(tuple(words)))
    assert [sorted(row.cells) for row in table.rows] == [[0, 1], [0], [0, 1]]
    assert {row.section for row in table.rows} == {""}


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("Total assets|$|494.255|482.117", "Total assets $ 494,255 482,117"),
        ("Deficit|(1.234.567)|12", "Deficit (1,234,567) 12"),
        ("Dividends per share|3.075|3.59", "Dividends per share 3.075 3.59"),
        ("Rate|2.875|%|3.125|%", "Rate 2.875 % 3.125 %"),
        ("sales were $1.253 billion", "sales were $1.253 billion"),
        ("Per share|0.125|0.250", "Per share 0.125 0.250"),
    ],
)
def test_commas_read_as_points_are_mended_in_cells(row: str, told: str) -> None:
    """Pale and coarse scans: a thousand times too small otherwise."""
    words = []
    for n, cell in enumerate(row.split("|")):
        x = 50.0 + 150 * n
        for text in cell.split():
            box = (x, 700.0, x + 5 * len(text), 710.0)
            words.append(ScannedWord(Glyph(text, box, box[0], box[2], 705, 10, True), 1.0))
            x += 5 * len(text) + 3
    text, _ = text_and_tables(Scan(tuple(words)))
    assert " ".join(text.split()) == told
