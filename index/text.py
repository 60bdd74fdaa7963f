"""BYTES -> TEXT -> PAGES: encodings, tidy lines, page breaks, and EDGAR's full submission files.

A page here is what lies between two form feeds or `<PAGE>` marks. A text that has none is cut into
stretches of about STRETCH_CHARACTERS at blank lines, else at line ends, so that a citation still
points to something a person can find.
"""

from __future__ import annotations

import codecs
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import NamedTuple

STRETCH_CHARACTERS = 3500
_OVERLONG = 4 * STRETCH_CHARACTERS  # a "page" longer than this holds lost page breaks: cut it
_LONGEST_LINE = 2000

_SPACES = dict.fromkeys(map(ord, "\t\v\f\xa0\u1680\u2028\u2029\u202f\u205f\u3000"), " ")
_SPACES |= dict.fromkeys(range(0x2000, 0x200B), " ")
_NOTHING: dict[int, str | None] = dict.fromkeys(
    [0xAD, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, 0xFFFE, 0xFFFF, *range(0x202A, 0x202F)]
    + [*range(0x2066, 0x206A), *range(0xE0000, 0xE0080)]
    + [code for code in (*range(0x20), *range(0x7F, 0xA0)) if code not in (9, 10, 11, 12)]
    + [*range(0xD800, 0xE000)]
)
# Symbol fonts put bullets and check boxes into the private use area; the rest of it says nothing.
_PRIVATE: dict[int, str | None] = dict.fromkeys(range(0xE000, 0xF900))
_PRIVATE |= {0xF0B7: "•", 0xF0A7: "•", 0xF078: "☒", 0xF052: "☒", 0xF0FE: "☒"}
_PRIVATE |= {0xF0A3: "☐", 0xF06F: "☐", 0xF0A8: "☐"}
_LIGATURES = {0xFB00: "ff", 0xFB01: "fi", 0xFB02: "fl", 0xFB03: "ffi", 0xFB04: "ffl"}
_LIGATURES |= {0xFB05: "st", 0xFB06: "st"}
_TIDY: dict[int, str | None] = {**_NOTHING, **_PRIVATE, **_SPACES, **_LIGATURES}

_DECLARED = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([\w.:-]+)""", re.I)
_PAGE_MARK = re.compile(r"\f|^[ \t]*<PAGE>[^\n]*$", re.I | re.M)
_TEXT_TABLE_MARKS = re.compile(r"^[ \t]*</?(?:TABLE|CAPTION|S|C|FN|TEXT)>.*$", re.I | re.M)
_RUN_OF_SPACES = re.compile(r" {3,}")
_DOT_LEADERS = re.compile(r"(?:\s?\.){5,}")
_DOCUMENT = re.compile(r"<DOCUMENT>(.*?)(?=<DOCUMENT>|</SEC-DOCUMENT>|\Z)", re.S)
_HEADER_FACTS = {
    "dei:EntityRegistrantName": re.compile(r"^[ \t]*COMPANY CONFORMED NAME:([^\n]+)", re.M),
    "dei:EntityCentralIndexKey": re.compile(r"^[ \t]*CENTRAL INDEX KEY:[ \t]*(\d+)", re.M),
    "dei:DocumentType": re.compile(r"^[ \t]*CONFORMED SUBMISSION TYPE:[ \t]*(\S+)", re.M),
    "dei:DocumentPeriodEndDate": re.compile(
        r"^[ \t]*CONFORMED PERIOD OF REPORT:[ \t]*(\d{8})", re.M
    ),
}


class Submission(NamedTuple):
    """What an EDGAR wrapper holds: the main document's text, its annual-report exhibits
    (EX-13, where old filings keep their statements), and facts from the SEC header."""

    documents: list[str]
    facts: dict[str, str]


def decode(data: bytes) -> str:
    """Text of a file: byte-order mark, then UTF-8, then a declared charset, then Windows-1252."""
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if data.startswith(mark):
            return data.decode(encoding, errors="replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    declared = _DECLARED.search(data[:4096])
    if declared:
        try:
            return data.decode(declared[1].decode("ascii", "ignore"))
        except (LookupError, ValueError):
            pass
    return data.decode("cp1252", errors="replace")


def tidy(text: str) -> str:
    """`text` with one kind of space, no control or invisible characters, no ligatures.

    Superscripts and fractions stay as they are: folding "5,363²" (NFKC) would make a new number.
    """
    return text.translate(_TIDY)


def tidy_lines(text: str) -> list[str]:
    """The lines of `text`, tidied, ends trimmed, dot leaders cut to a space; empty ones kept.
    Longer runs of blanks, as between columns, become two spaces."""
    text = tidy(text.replace("\r\n", "\n").replace("\r", "\n"))
    lines = (_DOT_LEADERS.sub(" ", line).strip() for line in text.split("\n"))
    return [_RUN_OF_SPACES.sub("  ", line) for line in lines]


def read_text(text: str) -> list[str]:
    """Plain text or Markdown -> pages. Columns set with spaces keep two spaces between them."""
    marked = _PAGE_MARK.split(_TEXT_TABLE_MARKS.sub("", text))
    return paginate([tidy_lines(part) for part in marked if part.strip()])


def paginate(pages: Sequence[Sequence[str]]) -> list[str]:
    """Pages of lines -> pages of text. Empty pages go; a single page, or one that is far too long
    to be one, is cut into even stretches of about STRETCH_CHARACTERS."""
    result: list[str] = []
    limit = STRETCH_CHARACTERS * 1.5 if len(pages) == 1 else _OVERLONG
    for page in pages:
        lines = _single_blanks(page)
        if sum(map(len, lines)) > limit:
            result.extend(_stretches(lines))
        elif lines:
            result.append("\n".join(lines))
    return [text for text in result if text.strip()]


def is_submission(text: str) -> bool:
    """Whether `text` is wrapped as EDGAR sends it: a full submission or one of its documents."""
    head = text[:4096]
    return "<SEC-DOCUMENT>" in head or "<IMS-DOCUMENT>" in head or "<DOCUMENT>" in head


def unwrap(text: str) -> Submission:
    """Take the main document (and EX-13 exhibits) out of an EDGAR wrapper.

    Other exhibits, graphics and data files are left aside. Facts are keyed as iXBRL names them.
    """
    header = text[: text.find("<DOCUMENT>")]
    facts = {
        name: found[1].strip()
        for name, wording in _HEADER_FACTS.items()
        if (found := wording.search(header))
    }
    documents = []
    for n, found in enumerate(_DOCUMENT.finditer(text)):
        body = found[1]
        kind = re.search(r"<TYPE>\s*([^\s<]+)", body[:1000])
        if n == 0 and kind:
            facts.setdefault("dei:DocumentType", kind[1])
        if n == 0 or (kind and kind[1].upper().startswith("EX-13")):
            start = re.search(r"<TEXT>", body[:4096])
            documents.append(body[start.end() if start else 0 :].replace("</TEXT>", ""))
    return Submission([d.replace("</DOCUMENT>", "") for d in documents] or [text], facts)


def _single_blanks(lines: Iterable[str]) -> list[str]:
    """`lines` without outer blank lines, inner runs of them cut to one, endless lines wrapped."""
    kept: list[str] = []
    for line in lines:
        if line or (kept and kept[-1]):
            kept.extend(_wrap(line))
    while kept and not kept[-1]:
        kept.pop()
    return kept


def _wrap(line: str) -> list[str]:
    parts = []
    while len(line) > _LONGEST_LINE:
        cut = line.rfind(" ", _LONGEST_LINE // 2, _LONGEST_LINE)
        cut = cut if cut > 0 else _LONGEST_LINE
        parts.append(line[:cut].rstrip())
        line = line[cut:].lstrip()
    return [*parts, line]


def _around(ends: Sequence[int], start: int, goal: float) -> range:
    """The lines from `start` on that end near the `goal`, else the two on either side of it."""
    low = bisect_right(ends, goal - STRETCH_CHARACTERS / 6, lo=start)
    high = bisect_left(ends, goal + STRETCH_CHARACTERS / 6, lo=start)
    if low < high:
        return range(low, high)
    return range(max(start, low - 1), min(len(ends), low + 1))


def _stretches(lines: Sequence[str]) -> list[str]:
    """Cut `lines` into even stretches, at a blank line where one is near, else at a line end."""
    ends = list(accumulate(len(line) + 1 for line in lines))
    count = max(1, round(ends[-1] / STRETCH_CHARACTERS))
    stretches, start = [], 0
    for n in range(1, count + 1):
        goal = ends[-1] * n / count
        near = _around(ends, start, goal)
        blank = [i for i in near if not lines[i]] or near
        last = min(blank, key=lambda i: abs(ends[i] - goal), default=-1)
        stop = len(lines) if n == count else last + 1
        if stop > start:
            stretches.append("\n".join(lines[start:stop]).strip())
            start = stop
    return stretches
