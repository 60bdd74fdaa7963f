from __future__ import annotations

import hashlib
import json
import os
import re
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import index.read
from index.errors import FilingError
from index.read import find_filings, read_filing

MakePdf = Callable[..., Path]
COVER = [
    "UNITED STATES",
    "SECURITIES AND EXCHANGE COMMISSION",
    "FORM 10-K",
    "For the fiscal year ended June 30, 2021",
    "NORTHWIND BEARINGS, INC.",
    "(Exact name of registrant as specified in its charter)",
    "Northwind Bearings, Inc. makes bearings.",
]


def test_pdf(make_pdf: MakePdf) -> None:
    path = make_pdf([COVER, ["Second page"]], "nw.pdf")
    filing = read_filing(path)
    assert (filing.kind, filing.name, len(filing.pages)) == ("pdf", "nw", 2)
    assert filing.pages[1].number == 2
    assert filing.pages[1].text == "Second page"
    assert filing.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert filing.identity.company == "Northwind Bearings, Inc."
    assert (filing.identity.form, filing.identity.fiscal_year) == ("10-K", 2021)
    assert filing.problems == ()


@pytest.mark.parametrize(
    ("name", "text", "kind"),
    [
        ("a.htm", "<html><body><p>" + "<p>".join(COVER), "html"),
        ("a.txt", "\n".join(COVER), "text"),
        ("a.md", "\n\n".join(COVER), "text"),
        ("wrong_ending.pdf", "<html><body><p>" + "<p>".join(COVER), "html"),
        ("no_ending", "\n".join(COVER), "text"),
        ("old.txt", "<DOCUMENT>\n<TYPE>10-K\n<TEXT>\n" + "\n".join(COVER) + "\n</TEXT>", "text"),
        ("new.txt", "<DOCUMENT>\n<TYPE>10-K\n<TEXT>\n<html><p>" + "<p>".join(COVER), "html"),
    ],
)
def test_kind_by_content(tmp_path: Path, name: str, text: str, kind: str) -> None:
    path = tmp_path / name
    path.write_text(text)
    filing = read_filing(path)
    assert filing.kind == kind
    assert filing.identity.company == "Northwind Bearings, Inc."
    assert (filing.identity.form, filing.identity.fiscal_year) == ("10-K", 2021)
    assert "<" not in filing.pages[0].text


def test_pdf_under_another_ending(make_pdf: MakePdf) -> None:
    assert read_filing(make_pdf([COVER], "report.html")).kind == "pdf"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b" \n \n", "no text"),
        (b"<html><body></body></html>", "no text"),
        (b"PK\x03\x04" + b"\0" * 50, "zip"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 50, "Office"),
        (b"\x89PNG\r\n" + b"\0" * 50, "image"),
        (bytes(range(256)) * 20, "unknown type"),
        (b"%PDF-1.4 and no more", "cut short"),
        (b"<div>" * 9000 + b"x", "levels"),
    ],
)
def test_what_cannot_be_read_says_so_in_one_line(tmp_path: Path, data: bytes, words: str) -> None:
    path = tmp_path / "bad.pdf"
    path.write_bytes(data)
    with pytest.raises(FilingError) as caught:
        read_filing(path)
    message = str(caught.value)
    assert words in message
    assert str(path) in message
    assert "\n" not in message


def test_missing_folder_huge_and_forbidden(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(FilingError, match="no such file"):
        read_filing(tmp_path / "none.pdf")
    with pytest.raises(FilingError, match="not a file"):
        read_filing(tmp_path)
    with pytest.raises(FilingError):
        read_filing(Path("null\0byte.pdf"))
    file = tmp_path / "a.txt"
    file.write_text("text")
    monkeypatch.setattr(index.read, "MAX_FILE_BYTES", 3)
    with pytest.raises(FilingError, match="limit"):
        read_filing(file)
    monkeypatch.undo()
    monkeypatch.setattr(index.read, "MAX_CHARACTERS", 3)
    with pytest.raises(FilingError, match="limit of 0; split"):
        read_filing(file)
    monkeypatch.undo()
    file.chmod(0)
    if not os.access(file, os.R_OK):
        with pytest.raises(FilingError, match="permissions"):
            read_filing(file)


def test_find_filings(tmp_path: Path) -> None:
    for name in (
        "b/z.PDF",
        "b/a.htm",
        "a.txt",
        ".hidden.pdf",
        ".git/x.pdf",
        "b/x.docx",
        "notes.md",
    ):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("x")
    (tmp_path / "b" / "loop").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "broken.pdf").symlink_to(tmp_path / "gone.pdf")
    found = [path.relative_to(tmp_path).as_posix() for path in find_filings([tmp_path])]
    assert found == ["a.txt", "notes.md", "b/a.htm", "b/z.PDF"]
    named = tmp_path / "b" / "x.docx"
    assert find_filings([named, named, tmp_path / "b"])[0] == named
    assert len(find_filings([tmp_path / "a.txt", tmp_path])) == 4
    with pytest.raises(FilingError, match="no such file or folder"):
        find_filings([tmp_path / "missing"])
    assert find_filings([]) == []


@settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.sampled_from([b"", b"%PDF-1.7\n", b"<html>", b"<DOCUMENT>", b"\xff\xfe", b"\x00"]),
    st.binary(max_size=500),
    st.sampled_from([b"", b"%%EOF", b"startxref\n0\n%%EOF"]),
)
def test_random_bytes_are_read_or_refused(
    tmp_path: Path, head: bytes, data: bytes, tail: bytes
) -> None:
    path = tmp_path / "any.bin"
    path.write_bytes(head + data + tail)
    try:
        filing = read_filing(path)
    except FilingError as error:
        assert "\n" not in str(error)
    else:
        assert any(page.text for page in filing.pages)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 255)), max_size=30))
def test_spoilt_pdfs_are_read_or_refused(make_pdf: MakePdf, changes: list[tuple[int, int]]) -> None:
    path = make_pdf([COVER, COVER])
    data = bytearray(path.read_bytes())
    for place, value in changes:
        data[place % len(data)] = value
    path.write_bytes(data)
    try:
        read_filing(path)
    except FilingError as error:
        assert "\n" not in str(error)


def test_real_html_filings(shared: Path) -> None:
    folder = shared / "filings_html"
    entries = json.loads((folder / "manifest.json").read_text())
    for entry in [e for e in entries if e["bytes"] < 1_600_000]:
        identity = read_filing(folder / entry["file"]).identity
        name = identity.company or ""
        assert squeezed(name) == squeezed(entry["company"])
        assert identity.form == entry["form"]
        assert str(identity.fiscal_year) == entry["fiscal_year_focus"]
        assert identity.fiscal_period == entry["fiscal_period"]
        assert identity.cik == entry["cik"]


def test_real_pdf_filings(shared: Path) -> None:
    forms = {"10k": "10-K", "10q": "10-Q", "8k": "8-K", "Earnings": "earnings"}
    lines = (shared / "financebench" / "questions.jsonl").read_text().splitlines()
    questions = {q["doc"]: q for q in map(json.loads, lines) if q["has_pdf"]}
    for q in sorted(questions.values(), key=lambda q: q["doc"])[::12]:
        identity = read_filing(shared / "financebench" / "pdfs" / f"{q['doc']}.pdf").identity
        assert squeezed(q["company"]) in squeezed(identity.company or "")
        assert identity.form == forms[q["form"]]
        assert identity.fiscal_year == q["fiscal_year"]
        assert isinstance(identity.period_end, date)


def squeezed(text: str) -> str:
    return re.sub(r"\W", "", text).lower()


def test_defect_in_reading_is_the_file_s_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RecursionError("too deep\nby far")

    monkeypatch.setattr(index.read, "identify", fail)
    (tmp_path / "a.txt").write_text("text")
    with pytest.raises(FilingError, match=r"a\.txt: cannot be read \(too deep by far\)"):
        read_filing(tmp_path / "a.txt")


def test_pdf_whose_name_is_not_utf8(make_pdf: MakePdf, tmp_path: Path) -> None:
    odd = Path(os.fsdecode(os.fsencode(tmp_path) + b"/r\xe9sum\xe9.pdf"))
    try:
        make_pdf([COVER]).rename(odd)
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")
    assert read_filing(odd).name == "résumé"


def test_submission_of_blank_lines_is_read_in_linear_time(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("<SEC-DOCUMENT>\n" + "\n" * 100_000 + "COMPANY CONFORMED NAME:" + " " * 50_000)
    start = time.process_time()
    assert read_filing(path).pages
    assert time.process_time() - start < 2
