from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from reportlab.pdfgen.canvas import Canvas

from index.errors import FilingError
from index.pdf import is_fragmented, page_ranges, read_pdf

MakePdf = Callable[..., Path]


def test_a_printed_line_is_a_line(make_pdf: MakePdf) -> None:
    path = make_pdf([["Consolidated Balance Sheet", "Cash $ 1,234 $ 1,111"], ["Page two"]])
    pages, problems, *_ = read_pdf(path)
    assert pages == ["Consolidated Balance Sheet\nCash $ 1,234 $ 1,111", "Page two"]
    assert problems == []


def test_rows_set_cell_by_cell_are_rebuilt(make_pdf: MakePdf) -> None:
    """Cells drawn column by column, each on its own: as some browsers print tables."""
    labels = ["Net income", "Depreciation", "Inventories", "Other net", "Total"]
    figures = [["5,363", "4,869"], ["1,488", "1,544"], ["(509)", "(387)"], ["—", "7"], ["6", "6"]]
    pieces = [(60.0, 700.0 - 14 * n, label) for n, label in enumerate(labels)]
    for column, x in enumerate((400.0, 500.0)):
        for n, row in enumerate(figures):
            pieces += [(x - 30, 700.0 - 14 * n + (n % 2), "$"), (x, 700.0 - 14 * n, row[column])]
    (page,) = read_pdf(make_pdf([pieces])).pages
    lines = [" ".join(line.split()) for line in page.splitlines()]
    assert lines[0] == "Net income $ 5,363 $ 4,869"
    assert lines[2] == "Inventories $ (509) $ (387)"
    assert len(lines) == 5


def test_a_table_printed_sideways_is_rebuilt(tmp_path: Path) -> None:
    path = tmp_path / "sideways.pdf"
    canvas = Canvas(str(path))
    canvas.rotate(90)
    for column, x in enumerate((100, 300, 400)):
        for n in range(8):
            canvas.drawString(x, -100 - 15 * n, f"Item {n}" if column == 0 else f"{column},{n}00")
    canvas.showPage()
    canvas.save()
    (page,) = read_pdf(path).pages
    rows = [" ".join(line.split()) for line in page.splitlines()]
    assert rows == [f"Item {n} 1,{n}00 2,{n}00" for n in range(8)]


@pytest.mark.parametrize(
    ("lines", "fragmented"),
    [
        (["Label 1,234 5,678"] * 30 + ["12"], False),
        (["Net income", "$", "5,363", "$", "4,869"] * 5, True),
        (list("ARTICLE SEVEN THE AGENT FORTY-EIGHT"), True),
        (["A paragraph of words"] * 10, False),
        ([], False),
    ],
)
def test_fragments_are_told_from_rows(lines: list[str], fragmented: bool) -> None:
    assert is_fragmented(lines) is fragmented


@pytest.mark.parametrize(
    ("numbers", "text"),
    [([3], "page 3"), ([3, 4, 5, 8], "pages 3-5, 8"), ([1, 3], "pages 1, 3")],
)
def test_page_ranges(numbers: list[int], text: str) -> None:
    assert page_ranges(numbers) == text


def test_words_parted_at_line_ends_are_mended(make_pdf: MakePdf) -> None:
    path = make_pdf(
        [
            ["We measure the divestiture-", "related charges of the com-", "pany each year."],
            ["The company has divestiture-related costs."],
        ]
    )
    first, _ = read_pdf(path).pages
    text = " ".join(first.split())
    assert "divestiture-related charges of the company each year" in text


def test_and_so_are_those_beside_a_table(make_pdf: MakePdf) -> None:
    table = ["December 31, 2024 2023", "Net sales 1,200 1,100", "Costs of the com-", "pany 700 650"]
    path = make_pdf([table, ["The company sells paper."]])
    assert "Costs of the company 700 650" in read_pdf(path).pages[0]


def test_encrypted(make_pdf: MakePdf) -> None:
    with pytest.raises(FilingError, match=r"encrypted.*password"):
        read_pdf(make_pdf([["secret"]], password="opensesame"))


def test_truncated_and_damaged(make_pdf: MakePdf, tmp_path: Path) -> None:
    whole = make_pdf([["line"] * 40] * 5).read_bytes()
    for n, data in enumerate((whole[: len(whole) // 2], whole[:-200], b"%PDF-1.7\n" + b"x" * 5000)):
        path = tmp_path / f"cut{n}.pdf"
        path.write_bytes(data)
        with pytest.raises(FilingError, match="cut short or damaged"):
            read_pdf(path)


def draw_image(canvas: Canvas) -> None:
    from PIL import Image
    from reportlab.lib.utils import ImageReader

    canvas.drawImage(ImageReader(Image.new("RGB", (60, 60), "navy")), 100, 400, 200, 200)


def test_scans_are_named(tmp_path: Path) -> None:
    scan, mixed = tmp_path / "scan.pdf", tmp_path / "mixed.pdf"
    for path, texts in ((scan, [""] * 3), (mixed, ["text", "", "", "text", "", "blank"])):
        canvas = Canvas(str(path))
        for text in texts:
            if not text:
                draw_image(canvas)
            elif text != "blank":
                canvas.drawString(60, 700, text)
            canvas.showPage()
        canvas.save()
    with pytest.raises(FilingError, match=r"no text on any of its 3 pages.*OCR"):
        read_pdf(scan)
    pages, problems, *_ = read_pdf(mixed)
    assert pages == ["text", "", "", "text", "", ""]
    assert len(problems) == 1
    assert problems[0].startswith("pages 2-3, 5 without text")


def test_threads_may_read_at_once(make_pdf: MakePdf) -> None:
    paths = [
        make_pdf([[f"document {n} page {p}"] for p in range(20)], f"{n}.pdf") for n in range(4)
    ]
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(read_pdf, paths * 3))
    for n, (pages, *_) in enumerate(results):
        assert pages[7] == f"document {n % 4} page 7"


def test_speed(make_pdf: MakePdf) -> None:
    path = make_pdf([[f"Row {n} label of a statement  1,234  5,678" for n in range(48)]] * 100)
    start = time.process_time()
    read_pdf(path)
    assert 100 / (time.process_time() - start) > 60, "pages/s"


def test_long_runs_of_blanks_keep_columns_apart(
    make_pdf: MakePdf, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make_pdf([["Net sales"]])
    wide = "Net sales" + "\u2003\u2009" * 30 + "1,234" + " " * 40 + "1,111 (2)"
    monkeypatch.setattr("index.pdf._page_text", lambda textpage: (wide, []))
    assert read_pdf(path).pages == ["Net sales  1,234  1,111 (2)"]
