"""Awkward inputs by name, through the command as it is typed: each is read correctly, or refused in
one line that says what, where and how to mend it. No traceback, no hang, bounded memory."""

from __future__ import annotations

import contextlib
import ctypes
import os
import subprocess
import sys
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from index.errors import IndexingError
from index.read import read_filing
from index.store import Store
from tests.hardening import folders
from tests.hardening.plain_embedder import PlainEmbedder
from tests.hardening.reader import ROOT, Reader

pytestmark = pytest.mark.hardening

_DROP, _PASS_OVER = 24, (1, 2)  # PR_CAPBSET_DROP; CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
_MEMORY_MB = 3_000
_LINE = "Total assets 4,100 3,900"
# The command with an embedder that needs no model.
_COMMAND = """
import sys
import assistant.home
from tests.hardening.plain_embedder import PlainEmbedder
assistant.home.embedder_of_stores = PlainEmbedder
from assistant.cli import main
sys.exit(main())
"""


def tenq(*args: str) -> tuple[int, str]:
    """Exit code and everything printed; permissions hold for the command, also where the tests are
    run by root."""
    done = subprocess.run(
        [sys.executable, "-c", _COMMAND, *args],
        capture_output=True,
        text=True,
        timeout=120,
        cwd=ROOT,
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "OMP_NUM_THREADS": "1",
        },
        preexec_fn=_obey_permissions,
    )
    assert "Traceback" not in done.stderr, done.stderr[-2000:]
    return done.returncode, done.stdout + done.stderr


def _obey_permissions() -> None:
    """What is executed next may not pass over permissions (Linux; without effect but for root)."""
    with contextlib.suppress(OSError, AttributeError):
        libc = ctypes.CDLL(None)
        for capability in _PASS_OVER:
            libc.prctl(_DROP, capability, 0, 0, 0)


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    with Reader() as asked:
        yield asked


def pdf(path: Path, pages: int = 1, text: bool = True, password: str = "") -> bytes:
    """With a line of text, or an image alone, on every page."""
    from PIL import Image
    from reportlab.lib.pdfencrypt import StandardEncryption
    from reportlab.lib.utils import ImageReader
    from reportlab.pdfgen.canvas import Canvas

    lock = StandardEncryption(password, ownerPassword="owner") if password else None
    canvas = Canvas(str(path), encrypt=lock)
    picture = ImageReader(Image.new("RGB", (40, 40), "grey"))
    for n in range(pages):
        if text:
            canvas.drawString(60, 700, f"{_LINE} on sheet {n + 1}")
        else:
            canvas.drawImage(picture, 60, 500, 200, 200)
        canvas.showPage()
    canvas.save()
    return path.read_bytes()


def html(body: str) -> bytes:
    return f"<html><body><p>{_LINE}</p>{body}</body></html>".encode()


def _wide_table() -> bytes:
    row = "<tr>" + "<td>1,234</td>" * 400 + "</tr>"
    return html(f"<table>{row * 300}</table>")


def _bomb() -> bytes:
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    return (
        f'<?xml version="1.0"?><!DOCTYPE html [<!ENTITY e0 "ha">{entities}]>'.encode()
        + html("<p>&e11;</p>")
        + b"<!-- end -->"
    )


Make = Callable[[Path], bytes]


def _pdf_bomb() -> bytes:
    """A page that is written in a hundred thousand bytes and unpacks to a hundred million."""
    packed = zlib.compress(b"0 0 m " * 16_000_000 + b"S", 9)
    head = b"%PDF-1.4\n"
    parts = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R >>",
        b"<< /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream" % (len(packed), packed),
    ]
    body = b"".join(b"%d 0 obj\n%s\nendobj\n" % (n, part) for n, part in enumerate(parts, 1))
    return head + body + b"trailer << /Root 1 0 R /Size 5 >>\nstartxref\n0\n%%EOF\n"


_READ: dict[str, Make] = {
    "2,000-page PDF": lambda p: pdf(p, pages=2000),
    "PDF called .html": pdf,
    "HTML called .pdf": lambda p: html(""),
    "text without an ending": lambda p: f"{_LINE}\n".encode(),
    "HTML nested 1,500 deep": lambda p: html("<div>" * 1500 + "deep"),
    "unclosed font tags by the thousand": lambda p: html("<font>" * 9000 + "x"),
    "table of 120,000 cells": lambda p: _wide_table(),
    "table in table in table": lambda p: html("<table><tr><td>" * 300 + "x"),
    "entity bomb": lambda p: _bomb(),
    "a line of two million letters": lambda p: f"{_LINE}\n".encode() + b"a" * 2_000_000,
    "a hundred thousand lines": lambda p: f"{_LINE}\n".encode() * 100_000,
    "UTF-16 with a mark": lambda p: _LINE.encode("utf-16"),
    "right-to-left": lambda p: html('<p dir="rtl">\u202eإجمالي الأصول 4,100</p>'),
    "lone surrogates": lambda p: html(
        "&#xD800;&#xDFFF; \ud800".encode("utf-8", "replace").decode()
    ),
    "hidden text beside the shown": lambda p: html('<p style="color:white">Total assets 9</p>'),
    "invisible letters": lambda p: html("").replace(b"assets", "as\u200bse\u2060ts".encode()),
    "a tag of ten megabytes": lambda p: html(f'<img src="data:{"A" * 10_000_000}">'),
    "comment never closed": lambda p: html("") + b"<!--" * 100_000,
}
_REFUSED: dict[str, tuple[Make, str]] = {
    "encrypted PDF": (lambda p: pdf(p, password="secret"), "password"),
    "image-only PDF": (lambda p: pdf(p, text=False), "OCR"),
    "truncated PDF": (lambda p: pdf(p, pages=40)[:-3000], "download it again"),
    "zero bytes": (lambda p: b"", "empty"),
    "null bytes in HTML": (lambda p: html("<p>a\0b</p>"), "unknown type"),
    "PDF that unpacks to a thousand times its size": (lambda p: _pdf_bomb(), "OCR"),
    "only null bytes": (lambda p: b"\0" * 5000, "unknown type"),
    "HTML nested 100,000 deep": (lambda p: html("<div>" * 100_000 + "x"), "levels"),
    "a Word document": (lambda p: b"PK\x03\x04" + b"\0" * 3000, "convert it"),
    "only white space": (lambda p: b" \r\n\t" * 3000, "no text"),
    "only hidden text": (
        lambda p: b'<html><body><p style="display:none">Total assets</p></body></html>',
        "no text",
    ),
}


@pytest.mark.parametrize("name", _READ)
def test_awkward_but_read(name: str, reader: Reader, tally: Any, tmp_path: Path) -> None:
    file = tmp_path / "file.htm"
    file.write_bytes(_READ[name](file))
    reply = reader.ask("filing", str(file))
    assert (reply.outcome, reply.said) == ("read", "added"), reply
    assert reply.rss_mb < _MEMORY_MB
    pages = read_filing(file).pages
    assert "Total assets 4,100 3,900" in pages[0].text
    tally("awkward files").add("read")


@pytest.mark.parametrize("name", _REFUSED)
def test_awkward_and_refused(name: str, reader: Reader, tally: Any, tmp_path: Path) -> None:
    make, words = _REFUSED[name]
    file = tmp_path / "file.pdf"
    file.write_bytes(make(file))
    reply = reader.ask("filing", str(file))
    assert reply.outcome == "refused" and not reply.wrong, reply
    assert words in reply.said and str(file) in reply.said and ";" in reply.said
    tally("awkward files").add("refused in one line")


@pytest.mark.parametrize("kind", ["text", "zeros", "PDF"])
def test_half_a_gigabyte(kind: str, reader: Reader, tally: Any, tmp_path: Path) -> None:
    """Read or refused at once, the memory within bounds."""
    size = 500_000_000
    file = tmp_path / "large"
    with file.open("wb") as stream:
        if kind == "PDF":
            stream.write(pdf(tmp_path / "small.pdf"))
        if kind == "text":
            line = f"{_LINE}\n".encode() * 40_000
            for _ in range(size // len(line)):
                stream.write(line)
        stream.truncate(size)
    reply = reader.ask("filing", str(file))
    assert not reply.wrong and reply.rss_mb < _MEMORY_MB, reply
    tally("awkward files").add("read" if reply.outcome == "read" else "refused in one line")


def test_a_command_over_a_folder_of_all_of_it(tally: Any, tmp_path: Path) -> None:
    """Links in a ring, links to nowhere, a folder that may not be read, bad files beside a good
    one: the good one is in the store, the others are named, a line each."""
    folder = tmp_path / "filings"
    (folder / "deep").mkdir(parents=True)
    (folder / "good.txt").write_text(f"{_LINE}\n")
    (folder / "deep" / "ring").symlink_to(folder, target_is_directory=True)
    (folder / "self.pdf").symlink_to(folder / "self.pdf")
    (folder / "gone.pdf").symlink_to(tmp_path / "nowhere.pdf")
    (folder / "empty.pdf").touch()
    (folder / "forbidden.pdf").write_bytes(b"%PDF-1.4")
    (folder / "forbidden.pdf").chmod(0)
    (folder / "closed").mkdir(mode=0)
    os.mkfifo(folder / "pipe.pdf")
    code, said = tenq("index", "add", str(folder), "--store", str(tmp_path / "s"))
    assert code == 1, said
    lines = [line for line in said.splitlines() if line.startswith(("added", "failed"))]
    assert [line.split()[0] for line in lines].count("added") == 1, said
    assert any("empty.pdf" in line and "download it again" in line for line in lines), said
    assert any("forbidden.pdf" in line and "permissions" in line for line in lines), said
    for named in ("self.pdf", "pipe.pdf", "closed/a.pdf"):
        code, said = tenq("index", "add", str(folder / named), "--store", str(tmp_path / "s"))
        assert code == 2, said
    code, said = tenq("index", "verify", "--store", str(tmp_path / "s"))
    assert code == 0, said
    (folder / "closed").chmod(0o700)
    tally("awkward folders").add("read")


def test_read_only_store(tally: Any, tmp_path: Path) -> None:
    """Whoever may not write it is told so in one line, whatever is asked."""
    store = folders.store(tmp_path / "store")
    for path in (store, *store.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    file = tmp_path / "more.txt"
    file.write_text(f"{_LINE}\n")
    for args in (["add", str(file)], ["list"], ["verify"], ["remove", "1"]):
        code, said = tenq("index", *args, "--store", str(store))
        assert code in (0, 2), said
        if code:
            last = said.strip().splitlines()[-1]
            assert last.startswith("tenq: ") and str(store) in last, said
            assert "permission" in last or "tenq index" in last, said
    tally("awkward folders").add("refused in one line")


@pytest.mark.parametrize("size_kb", [64, 200, 400, 800])
def test_full_disk(size_kb: int, tally: Any, tmp_path: Path) -> None:
    """A disk of a few hundred kilobytes: one line, and what is in the store stays whole."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size_kb}k", "tmpfs", str(disk)], check=False
    )
    if mounted.returncode:
        pytest.skip("no file system can be mounted here")
    try:
        added = 0
        for n in range(40):
            file = tmp_path / f"{n}.txt"
            file.write_text(f"{_LINE} of {n}\n" * 300)
            try:
                with Store.open(disk / "store", PlainEmbedder()) as store:
                    store.add(file)
                added += 1
            except IndexingError as error:
                assert "\n" not in str(error) and str(disk) in str(error)
                assert "full" in str(error) or "space" in str(error), error
                break
        else:
            raise AssertionError("the disk was never full")
        if added:
            kept = tmp_path / "kept"
            subprocess.run(["cp", "-r", str(disk / "store"), str(kept)], check=True)
            with Store.open(kept, PlainEmbedder()) as store:
                assert len(store.documents()) == added
    finally:
        subprocess.run(["umount", str(disk)], check=True)
    tally("awkward folders").add("refused in one line")
