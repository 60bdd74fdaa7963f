"""The sample filings and questions as files: pages, tags, gold pages, the same bytes each time."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from lxml import etree

from index.errors import IndexingError
from index.samples import write_samples
from index.samples.__main__ import main
from index.samples.companies import COMPANIES
from index.samples.model import close_books
from index.samples.note_lines import NOTE_LINES
from index.samples.prose import fill
from index.samples.sheet import Sheet
from index.samples.statements import BALANCE_SHEET, INCOME_STATEMENT

IX = "{http://www.xbrl.org/2013/inlineXBRL}"
XBRLI = "{http://www.xbrl.org/2003/instance}"
XHTML = "{http://www.w3.org/1999/xhtml}"
BREAK = '<hr style="page-break-after:always"/>'
BOOKS = {company.stem: close_books(company) for company in COMPANIES}
NAMES = [f"{stem}_{year}_10K" for stem in BOOKS for year in (2023, 2024)]


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("samples")
    write_samples(folder)
    return folder


def pdf_pages(path: Path) -> list[str]:
    document = pypdfium2.PdfDocument(path)
    pages = [page.get_textpage().get_text_bounded() for page in document]
    document.close()
    return [" ".join(page.replace("\x02", "-").split()) for page in pages]


def html_pages(path: Path) -> list[str]:
    text = path.read_text(encoding="utf-8")
    text = text[text.index("</ix:header>") :]
    pages = []
    for part in text.split(BREAK):
        bare = re.sub(r"</?(?:ix|b)\b[^>]*>", "", part)
        bare = re.sub(r"<[^>]+>", " ", bare).replace("&amp;", "&").replace("&#x27;", "'")
        pages.append(" ".join(bare.split()))
    return pages


def page_texts(path: Path) -> list[str]:
    return pdf_pages(path) if path.suffix == ".pdf" else html_pages(path)


def questions(folder: Path) -> list[dict[str, Any]]:
    lines = (folder / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def test_what_is_written(samples: Path) -> None:
    assert sorted(path.name for path in (samples / "filings").iterdir()) == [
        "QUORVANE_2023_10K.pdf",
        "QUORVANE_2024_10K.pdf",
        "TANSYTHIMBLEWICK_2023_10K.html",
        "TANSYTHIMBLEWICK_2024_10K.html",
    ]
    assert len(list((samples / "all").iterdir())) == 8
    for path in (samples / "filings").iterdir():
        assert path.read_bytes() == (samples / "all" / path.name).read_bytes()


def test_bytes_are_the_same_each_time(samples: Path, tmp_path: Path) -> None:
    for path in write_samples(tmp_path):
        assert path.read_bytes() == (samples / path.relative_to(tmp_path)).read_bytes(), path.name


@pytest.mark.parametrize("name", NAMES)
def test_pdf_and_html_say_the_same_on_the_same_pages(samples: Path, name: str) -> None:
    pdf = pdf_pages(samples / "all" / f"{name}.pdf")
    html = html_pages(samples / "all" / f"{name}.html")
    assert len(pdf) == len(html) >= 25
    for number, (left, right) in enumerate(zip(pdf, html, strict=True), 1):
        for text in (left, right):
            assert "Fictional sample filing made for Tenq" in text
            assert text.endswith(f" {number}")
        figures = [sorted(re.findall(r"\d[\d,.]*\d", text)) for text in (left, right)]
        assert figures[0] == figures[1], number
    assert "NOT A REAL COMPANY" in pdf[0]
    every = " ".join(pdf)
    assert not re.search(r"[{}]|\[\[|@20", every), "a mark was left in the text"


@pytest.mark.parametrize("name", NAMES)
def test_contents_name_the_right_pages(samples: Path, name: str) -> None:
    pages = pdf_pages(samples / "all" / f"{name}.pdf")
    found = re.findall(r"(Item \d+[ABC]?)\. .*?(?<=[a-z\])]) (\d+)(?= |$)", pages[1])
    assert len(found) > 15
    for item, page in found:
        assert f"{item}." in pages[int(page) - 1], item


@pytest.mark.parametrize("name", NAMES)
def test_nothing_runs_off_the_page(samples: Path, name: str) -> None:
    document = pypdfium2.PdfDocument(samples / "all" / f"{name}.pdf")
    for page in document:
        assert page.get_size() == (612, 792)
        for item in page.get_objects():
            left, low, right, high = item.get_bounds()
            assert left > 40 and right < 572 and low > 20 and high < 760
    document.close()


@pytest.mark.parametrize("name", NAMES)
def test_every_tag_resolves_and_equals_the_accounts(samples: Path, name: str) -> None:
    root = etree.parse(samples / "all" / f"{name}.html").getroot()
    contexts = {item.get("id"): item for item in root.iter(f"{XBRLI}context")}
    units = {item.get("id") for item in root.iter(f"{XBRLI}unit")}
    stem, year = name.split("_")[0], int(name.split("_")[1])
    expected = by_concept(stem)
    checked: set[tuple[str, int]] = set()
    tags = list(root.iter(f"{IX}nonFraction"))
    assert len(tags) > 400
    for tag in tags:
        context = contexts[tag.get("contextRef")]
        assert tag.get("unitRef") in units
        value = tag_value(tag)
        if context.find(f".//{XBRLI}segment") is None and tag.get("name") in expected:
            when = fiscal_year(stem, context)
            key, factor = expected[tag.get("name")]
            assert value == BOOKS[stem](key, when) * factor, (tag.get("name"), when)
            checked.add((key, when))
    for key in ("net_sales", "net_income", "operating_income", "eps_diluted"):
        assert {(key, year), (key, year - 1), (key, year - 2)} <= checked
    for key in ("total_assets", "equity", "treasury", "inventories"):
        assert {(key, year), (key, year - 1)} <= checked
    same: dict[tuple[str, ...], Decimal] = {}
    for tag in tags:
        at = (tag.get("name"), tag.get("contextRef"), tag.get("unitRef"))
        assert same.setdefault(at, tag_value(tag)) == tag_value(tag), "one fact, two values"


def tag_value(tag: Any) -> Decimal:
    """What an ix:nonFraction says, by its format, scale and sign (Inline XBRL 1.1)."""
    zero = tag.get("format") == "ixt:fixed-zero"
    number = Decimal(0) if zero else Decimal(tag.text.replace(",", ""))
    number = number.scaleb(int(tag.get("scale")))
    return -number if tag.get("sign") == "-" else number


def by_concept(stem: str) -> dict[str, tuple[str, Decimal]]:
    """Concept -> the accounts' key, and what to multiply by to get dollars or shares."""
    sheet = Sheet(BOOKS[stem], 2024)
    found = {}
    texts = [INCOME_STATEMENT, BALANCE_SHEET, NOTE_LINES["lease_cost"][2]]
    for line in (line for text in texts for line in sheet.lines(text)):
        if line.key and line.concept:
            scaled = BOOKS[stem].kinds[line.key] in ("money", "shares")
            scale = Decimal(10) ** (BOOKS[stem].company.scale if scaled else 0)
            found[line.concept] = (line.key, scale * line.tagged)
    return found


def fiscal_year(stem: str, context: Any) -> int:
    """The fiscal year of a context; a duration must start the day after the year before."""
    ends = BOOKS[stem].company.year_ends
    instant = context.find(f".//{XBRLI}instant")
    end = date.fromisoformat((instant if instant is not None else period(context, "end")).text)
    year = next(year for year, when in ends.items() if when == end)
    if instant is None:
        start = date.fromisoformat(period(context, "start").text)
        assert start == ends[year - 1] + timedelta(days=1)
    return year


def period(context: Any, side: str) -> Any:
    return context.find(f".//{XBRLI}{side}Date")


@pytest.mark.parametrize("name", NAMES)
def test_cover_facts(samples: Path, name: str) -> None:
    root = etree.parse(samples / "all" / f"{name}.html").getroot()
    facts = {tag.get("name"): tag.text for tag in root.iter(f"{IX}nonNumeric")}
    company = BOOKS[name.split("_")[0]].company
    end = company.year_ends[int(name.split("_")[1])]
    assert facts["dei:EntityRegistrantName"] == company.name
    assert facts["dei:EntityCentralIndexKey"] == company.cik
    assert facts["dei:TradingSymbol"] == company.ticker
    assert facts["dei:DocumentType"] == "10-K"
    assert facts["dei:DocumentFiscalYearFocus"] == name.split("_")[1]
    assert facts["dei:DocumentFiscalPeriodFocus"] == "FY"
    assert facts["dei:DocumentPeriodEndDate"] == f"{end:%B} {end.day}, {end.year}"
    ids = [item.get("id") for item in root.iter() if item.get("id")]
    assert len(ids) == len(set(ids))


def test_questions_are_forty_of_five_kinds(samples: Path) -> None:
    asked = questions(samples)
    assert len({item["id"] for item in asked}) == len({item["question"] for item in asked}) == 40
    kinds = [item["type"] for item in asked]
    wanted = {"lookup": 14, "calculation": 9, "comparison": 6, "narrative": 6, "unanswerable": 5}
    assert {kind: kinds.count(kind) for kind in wanted} == wanted
    for item in asked:
        if item["type"] == "unanswerable":
            assert (item["answer"], item["doc"], item["pages"]) == ("not in the filings", None, [])
        else:
            assert item["pages"] and item["doc"] in NAMES
            assert ("value" in item) == ("unit" in item) == (item["type"] != "narrative")


def test_gold_pages_contain_the_evidence(samples: Path) -> None:
    pages = {path.stem: page_texts(path) for path in (samples / "filings").iterdir()}
    for item in questions(samples):
        for entry in item.get("evidence", []):
            text = pages[entry["doc"]][entry["page"] - 1]
            if item["type"] == "narrative":
                assert entry["quote"] in text, item["id"]
            else:
                whole = rf"(?<![\d,.]){re.escape(entry['quote'])}(?![\d,]|\.\d)"
                assert re.search(whole, text), (item["id"], entry)
        for point in item.get("key_points", []):
            assert any(point in pages[item["doc"]][page - 1] for page in item["pages"]), point
        own = {entry["page"] for entry in item.get("evidence", []) if entry["doc"] == item["doc"]}
        assert sorted(own) == item["pages"]
        if "docs" in item:
            assert set(item["docs"]) == {entry["doc"] for entry in item["evidence"]}
            assert item["doc"] in item["docs"]


def test_answers_recomputed_by_hand(samples: Path) -> None:
    """A few answers worked out from the printed quotes alone, as a reader would."""
    asked = {item["question"]: item for item in questions(samples)}

    def quoted(start: str) -> tuple[dict[str, Any], list[Decimal]]:
        item = next(item for text, item in asked.items() if text.startswith(start))
        return item, [Decimal(entry["quote"].replace(",", "")) for entry in item["evidence"]]

    item, (profit, sales, *_) = quoted("What was Quorvane's gross margin")
    assert item["value"] == float(round(100 * profit / sales, 1))
    item, (assets, owed) = quoted("What is the FY2023 current ratio")
    assert item["value"] == float(round(assets / owed, 2))
    item, (now, before) = quoted("By what percentage did net sales of Tansy")
    assert item["value"] == float(round(100 * (now / before - 1), 1))
    item, (now, before) = quoted("Did Quorvane's inventories rise")
    assert item["value"] == float(now - before)
    assert ("fell" in item["answer"]) == (now < before)
    item, (a, b, c, d) = quoted("Whose net sales grew faster")
    faster = "Quorvane" if a / b > c / d else "Tansy"
    assert item["answer"].startswith(faster)


def test_text_takes_its_numbers_from_the_accounts() -> None:
    sheet = Sheet(BOOKS["QUORVANE"], 2024)
    books = sheet.books
    text, sources = fill("Net sales {net_sales|up}; {fy@-1}: {eps_diluted@-1}.", sheet)
    now, before = books.whole("net_sales", 2024), books.whole("net_sales", 2023)
    rise = f"increased ${now - before} million, or {100 * (now - before) / before:.1f}%"
    eps = books("eps_diluted", 2023)
    assert text == f"Net sales {rise}, to ${now:,} million from ${before:,} million; 2023: ${eps}."
    assert {("net_sales", 2024), ("net_sales", 2023), ("eps_diluted", 2023)} == sources
    with pytest.raises(KeyError):
        fill("{no_such_number}", sheet)


def test_a_folder_that_cannot_be_made_is_told_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    with pytest.raises(IndexingError, match="cannot write the samples"):
        write_samples(blocked / "out")
    assert main([str(blocked / "out")]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1


def test_command_prints_paths_and_shows_progress(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path)]) == 0
    captured = capsys.readouterr()
    assert len(captured.out.splitlines()) == 13
    assert all(Path(line).is_file() for line in captured.out.splitlines())
    assert "4/4" in captured.err
