"""FILE -> FILING: tell the kind by content, read the pages, find out who filed what.

Everything that can be wrong with a file becomes a FilingError of one line: what, where, how to
mend it. What is merely incomplete (pages without text) is remarked in `Filing.problems`.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from index.continued import StandUnder, continued
from index.errors import FilingError, IndexingError
from index.facts import Fact, dated
from index.filing import Correction, Filing, Identity, Kind, Page
from index.grid import Table, lines_of_text, may_hold_tables
from index.grid import tables as tables_of
from index.html import read_html
from index.identity import FROM_ITS_NAME, identify
from index.pdf import read_pdf, stand_under
from index.printed import printed_facts, tagged_in_statements
from index.scans import Recognise, Scan
from index.text import decode, is_submission, read_text, unwrap

MAX_FILE_BYTES = 1_000_000_000
MAX_CHARACTERS = 100_000_000  # of one document that is not a PDF: minutes of reading
ENDINGS = frozenset({".pdf", ".htm", ".html", ".xhtml", ".txt", ".md"})

_SNIFF_BYTES = 4096
_PDF_MARK = b"%PDF-"
_HTML_TAG = re.compile(r"<(?:!doctype\s+html|html|head|body|div|table|p|font|ix:)\b", re.I)
_KNOWN_BINARIES = {
    b"PK\x03\x04": "a zip archive or Office document",
    b"\xd0\xcf\x11\xe0": "an old Office document",
    b"\x1f\x8b": "a gzip archive",
    b"\x89PNG": "an image",
    b"\xff\xd8\xff": "an image",
    b"GIF8": "an image",
    b"II*\x00": "an image",
    b"MM\x00*": "an image",
}


def read_filing(
    path: Path,
    name: str | None = None,
    corrected: Callable[[str], Correction] | None = None,
    recognise: Recognise | None = None,
) -> Filing:
    """Read the filing at `path`: PDF, HTML (iXBRL too), text or Markdown, whatever its ending.

    `name` is what it is called, if not as its file; `corrected` gives what a person has corrected
    of the content with this SHA-256; what it raises of our own is raised on. Pages of a PDF that
    are images are read by `recognise` (`index.ocr.Ocr`), if given.

    Raises FilingError, with one line to show, when the file is missing, unreadable, empty, larger
    than MAX_FILE_BYTES, of another type, encrypted, damaged, or without any text.
    """
    try:
        return _read(path, name, corrected or (lambda sha256: Correction()), recognise)
    except IndexingError:
        raise
    except Exception as error:  # wild input finds new ways: one file must not stop a folder
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise FilingError(
            f"{path}: cannot be read ({reason}); open it, save or print it as PDF and add that"
        ) from error


def _read(
    path: Path,
    name: str | None,
    corrected: Callable[[str], Correction],
    recognise: Recognise | None,
) -> Filing:
    kind, sha256 = inspect(path)
    problems: list[str] = []
    cover: dict[str, str] = {}
    tagged: list[Fact] = []
    tables: dict[int, list[Table]] | None = None
    scans: dict[int, Scan] = {}
    if kind == "pdf":
        texts, problems, tables, scans = read_pdf(path, recognise)
    else:
        kind, texts, cover, tagged = _read_markup(path)
    pages = tuple(Page(number, text) for number, text in enumerate(texts, 1))
    if not any(page.text for page in pages):
        raise FilingError(f"{path}: no text in this file; check that it was downloaded whole")
    name = name or decode(os.fsencode(path.stem))  # a file's name is bytes, not always UTF-8
    identity = corrected(sha256).of(identify(pages, cover, name))
    if identity.guessed:
        guessed = ", ".join(identity.guessed).replace("_", " ")
        problems.append(f"{guessed} {FROM_ITS_NAME}")
    facts = tagged_in_statements(tagged, texts) or _printed(texts, tables, identity)
    dated_facts = tuple(dated(facts, identity))
    # A text without places has its columns in order only.
    places: StandUnder = partial(stand_under, path) if kind == "pdf" else lambda *_: True
    carried = continued(texts, places)
    told = tuple(problems)
    return Filing(path, name, kind, sha256, pages, identity, told, dated_facts, scans, carried)


def _printed(
    texts: Sequence[str], tables: dict[int, list[Table]] | None, identity: Identity
) -> list[Fact]:
    """The facts of tables without tags; those of a text without places are read line by line."""
    if tables is None:
        lines = {number: text.splitlines() for number, text in enumerate(texts, 1)}
        tables = {
            number: tables_of(lines_of_text(page), placed=False)
            for number, page in lines.items()
            if may_hold_tables(page)
        }
    return printed_facts({n: (texts[n - 1], found) for n, found in tables.items()}, identity)


def find_filings(paths: Iterable[Path]) -> list[Path]:
    """The files to read: those named, and those with a filing's ending in the folders named.

    Folders are searched all the way down, in sorted order; hidden files and folders are passed
    over, links to folders followed once. Raises FilingError for a path that does not exist.
    """
    found: dict[Path, None] = {}
    for path in paths:
        try:
            if path.is_dir():
                found.update(dict.fromkeys(_walk(path)))
            elif path.exists():
                found[path] = None
            else:
                raise FilingError(f"{path}: no such file or folder; check the spelling")
        except OSError as error:
            raise FilingError(
                f"{path}: cannot be read ({error.strerror}); check the path"
            ) from error
    return list(found)


def _walk(folder: Path) -> Iterator[Path]:
    seen: set[Path] = set()
    for root, folders, files in os.walk(folder, followlinks=True):
        real = Path(root).resolve()
        if real in seen:
            folders.clear()
            continue
        seen.add(real)
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            path = Path(root, name)
            if path.suffix.lower() in ENDINGS and not name.startswith(".") and path.is_file():
                yield path


def inspect(path: Path) -> tuple[Kind, str]:
    """Kind and SHA-256 of the file, after everything that can be checked without parsing it.

    Raises FilingError.
    """
    try:
        if not path.exists():
            raise FilingError(f"{path}: no such file; check the spelling")
        if not path.is_file():
            raise FilingError(f"{path}: not a file; give the files in it, or add the folder")
        size = path.stat().st_size
        if size == 0:
            raise FilingError(f"{path}: the file is empty; download it again")
        if size > MAX_FILE_BYTES:
            raise FilingError(
                f"{path}: {size / 1e9:.1f} GB is more than the limit of "
                f"{MAX_FILE_BYTES / 1e9:.0f} GB; split it into filings"
            )
        with path.open("rb") as file:
            head = file.read(_SNIFF_BYTES)
            file.seek(0)
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        reason = error.strerror or error
        raise FilingError(f"{path}: cannot be read ({reason}); check its permissions") from error
    except ValueError as error:  # a null character in the path
        raise FilingError(f"{str(path)!r}: not a usable path ({error})") from error
    return _kind_of(path, head), sha256


def _kind_of(path: Path, head: bytes) -> Kind:
    if _PDF_MARK in head[:1024]:
        return "pdf"
    for mark, what in _KNOWN_BINARIES.items():
        if head.startswith(mark):
            raise FilingError(f"{path}: this is {what}, not a filing; convert it to PDF or HTML")
    wide = head.startswith((b"\xff\xfe", b"\xfe\xff"))
    odd = sum(byte < 9 or 13 < byte < 32 for byte in head)
    if not wide and (b"\x00" in head or odd > 0.05 * len(head)):
        raise FilingError(f"{path}: unknown type of file; give a PDF, HTML, text or Markdown file")
    return "html" if _HTML_TAG.search(decode(head)) else "text"


def _read_markup(path: Path) -> tuple[Kind, list[str], dict[str, str], list[Fact]]:
    """Kind, pages, cover facts and tagged numbers of a file that is not a PDF, out of its EDGAR
    wrapper if any."""
    try:
        text = decode(path.read_bytes())
    except OSError as error:
        raise FilingError(f"{path}: cannot be read ({error.strerror}); try again") from error
    documents, facts = unwrap(text) if is_submission(text) else ([text], {})
    kind: Kind = "text"
    pages: list[str] = []
    tagged: list[Fact] = []
    for document in documents:
        if len(document) > MAX_CHARACTERS:
            raise FilingError(
                f"{path}: a text of {len(document) / 1e6:,.0f} million letters is more than the "
                f"limit of {MAX_CHARACTERS / 1e6:.0f}; split it into filings"
            )
        if _HTML_TAG.search(document[:_SNIFF_BYTES]) and path.suffix.lower() != ".md":
            kind = "html"
            try:
                part, dei, numbers = read_html(document)
            except FilingError as error:
                raise FilingError(f"{path}: {error}") from error
            tagged += [replace(fact, page=fact.page + len(pages)) for fact in numbers]
            pages += part
            facts = {**facts, **dei}
        else:
            pages += read_text(document)
    return kind, pages, facts, tagged
