"""PAGES -> SECTIONS: which part of the filing each page belongs to.

Goes by the items of Forms 10-K and 10-Q (17 CFR 249.310, 249.308a; Regulation S-K, Items 105 and
303) and by the headings that annual reports give the same parts.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from index.statements import statement_of

Section = Literal["statements", "management's discussion", "risk factors", "notes", "other"]
SECTIONS: tuple[Section, ...] = (
    "statements",
    "management's discussion",
    "risk factors",
    "notes",
    "other",
)
_PATTERNS: tuple[tuple[str, Section], ...] = (
    (r"item\s*1a\b|(?:summary of |our )?risk\s*factors\b", "risk factors"),
    (
        r"item\s*7(?!\d|\s*a\b)"
        r"|(?:item\s*2\W*)?(?:management[’']?s\s*discussion|operating and financial review)",
        "management's discussion",
    ),
    (r"notes\s*to\s*(?:the\s*)?(?:[a-z]+\s*){0,3}(?:financial\s*statements|accounts)", "notes"),
    (r"item\s*(?!8\b)\d{1,2}[a-c]?\b", "other"),  # Item 8 heads statements and notes alike
    (r"report of independent registered|part\s*i[iv]?\b\W*other information", "other"),
)
_HEADINGS = [(re.compile(pattern, re.I), section) for pattern, section in _PATTERNS]
_CONTENTS = 4  # items named on one page: it is a table of contents
_ITEM = re.compile(r"^\W*item\s*\d{1,2}[a-c]?\b", re.I | re.M)
_LONGEST_HEADING = 110


def sections_of(pages: Sequence[str]) -> list[Section]:
    """The section of each page, in order; where several share a page, the one that begins first on
    it, unless it is the tail of the one before."""
    found: list[Section] = []
    current: Section = "other"
    for text in pages:
        if len(_ITEM.findall(text)) >= _CONTENTS:
            found.append("other")
            continue
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        headed = [(n, section) for n, line in enumerate(lines) if (section := section_headed(line))]
        here = current
        if headed and headed[0][0] <= len(lines) // 2:
            here = headed[0][1]
        if headed:
            current = headed[-1][1]
        found.append("statements" if statement_of(text) else here)
    return found


def section_headed(line: str) -> Section | None:
    """The section a line opens, where it is a heading and not a sentence that refers to one."""
    plain = line.lstrip(" \t*•#|—–-")
    ends = r"[;,]$" if _ITEM.match(plain) else r"[.;,]$"  # items are often printed with a full stop
    if len(line) > _LONGEST_HEADING or re.search(ends + r"|[“”\"]|\bsee\b", line):
        return None
    return next((section for pattern, section in _HEADINGS if pattern.match(plain)), None)
