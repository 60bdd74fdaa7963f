"""PAGES -> CHUNKS: pieces of one page that can be found and read on their own.

A chunk never crosses a page, so its citation is exact, nor the heading of an Item or part, but for
what is too short to stand alone. Where it starts inside a table it carries the lines that give the
table its meaning (title, units, column headers), also those of a table that begins on the page
before. Its header names company, form, period and section; all of it but the section is embedded
with the text, which tells identical boilerplate of different years apart.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from index.errors import FilingError, IndexingError
from index.filing import Carried, Filing, Identity, Page
from index.heads import AMOUNT, ROW, heads_after
from index.outline import Part, outline_of
from index.statements import Statement, statement_of

CHUNK_CHARACTERS = 1300
_SPACES = re.compile(r"\s+")
_SECTION = " · "
_LONGEST_SECTION = 80
_SHORT_SECTION = 200  # letters on a page


@dataclass(frozen=True)
class Chunk:
    """`text` stands on `page` word for word, one printed line a line; `context` are earlier lines
    of the page that the text needs (units, periods), or of the page that its table begins on;
    `header` says whose page it is."""

    page: int
    header: str
    context: str
    text: str
    statement: Statement | None

    def shown(self) -> str:
        """What a reader needs to see: context, then text."""
        return f"{self.context}\n{self.text}" if self.context else self.text

    def embedded(self) -> str:
        """What is embedded: amounts carry no meaning for a sentence embedder, labels do."""
        words = _SPACES.sub(" ", AMOUNT.sub(" ", f"{self.context}\n{self.text}"))
        return f"{self.header.partition(_SECTION)[0]}. {words}"


def chunk_filing(filing: Filing) -> list[Chunk]:
    """The chunks of every page, in order."""
    texts = [page.text for page in filing.pages]
    stated = sorted({fact.page for fact in filing.facts if fact.statement})
    parts = outline_of(texts, filing.identity.form, stated)
    return [
        chunk
        for page in filing.pages
        for chunk in _chunk_page(page, filing.identity, parts, filing.carried.get(page.number))
    ]


def chunks_of(filing: Filing) -> list[Chunk]:
    """chunk_filing; what it cannot take is the file's fault, not the end of a whole folder."""
    try:
        return chunk_filing(filing)
    except IndexingError:
        raise
    except Exception as error:
        raise FilingError(
            f"{filing.path}: cannot be cut into passages ({error}); save or print it as PDF and "
            "add that"
        ) from error


def header_of(identity: Identity, section: str = "") -> str:
    """ "Company 10-K fiscal year 2023 · Item 1A. Risk Factors", as far as known."""
    parts = [identity.company, identity.form]
    if identity.fiscal_period and identity.fiscal_period != "FY":
        parts.append(identity.fiscal_period)
    if identity.fiscal_year:
        parts.append(f"fiscal year {identity.fiscal_year}")
    whose = " ".join(part for part in parts if part) or "Filing"
    return f"{whose}{_SECTION}{section}" if section else whose


def section_in(header: str) -> str | None:
    """The section that a header names. Filings stored by earlier versions name none until they are
    read again."""
    return header.partition(_SECTION)[2] or None


def _sections(page: int, lines: Sequence[str], parts: Sequence[Part]) -> list[str]:
    """The section that each line of a page stands in, "" for none. Of parts that begin on the page
    a line belongs to the one headed last before it; of parts that hold each other, to the inner."""
    over = [part for part in parts if part.first <= page <= part.last]
    section = max((p for p in over if p.first < page), key=lambda p: p.depth, default=None)
    opened = {p.heading: p for p in over if p.first == page and p.heading}
    unheaded = [p for p in over if p.first == page and not p.heading]
    section = unheaded[-1] if unheaded else section
    found = []
    for line in lines:
        section = opened.get(" ".join(line.split()), section)
        found.append(section.title[:_LONGEST_SECTION] if section else "")
    return found


def _chunk_page(
    page: Page, identity: Identity, parts: Sequence[Part], carried: Carried | None
) -> list[Chunk]:
    lines = [line.rstrip() for line in page.text.splitlines() if line.strip()]
    if not lines:
        return []
    statement = statement_of(page.text)
    sections = _sections(page.number, lines, parts)
    chunks = []
    for first, last in _stretches(lines, sections):
        goes_on = carried is not None and first <= carried.below < last
        heads, begins = carried if carried and goes_on else ((), first)
        # Running heads go before the heads that the rows lack, which must stand right above them.
        context = [*lines[first:begins], *heads]
        for start, end in _spans(lines, begins, last):
            text = "\n".join(lines[start:end])
            needs = goes_on if start == begins else _is_tabular(lines[start:end])
            repeated = "\n".join(line for line in context if line not in text) if needs else ""
            header = header_of(identity, _mostly(sections[start:end], lines[start:end]))
            chunks.append(Chunk(page.number, header, repeated, text, statement))
            context = heads_after([*heads, *lines[begins:end]])
    return chunks


def _stretches(lines: Sequence[str], sections: Sequence[str]) -> list[tuple[int, int]]:
    """The lines by section; one with few letters on this page goes with the one before, the first
    with the next."""
    starts = [n for n in range(1, len(lines)) if sections[n] != sections[n - 1]]
    kept: list[int] = [0]
    for start, end in pairwise([*starts, len(lines)]):
        if min(_letters(lines[kept[-1] : start]), _letters(lines[start:end])) >= _SHORT_SECTION:
            kept.append(start)
    return list(pairwise([*kept, len(lines)]))


def _letters(lines: Sequence[str]) -> int:
    return sum(len(line) + 1 for line in lines)


def _spans(lines: Sequence[str], first: int, last: int) -> list[tuple[int, int]]:
    """Cut the lines from `first` to before `last` into spans of about CHUNK_CHARACTERS, even in
    length, whole lines each."""
    total = _letters(lines[first:last])
    count = max(1, round(total / CHUNK_CHARACTERS))
    goal = total / count
    spans, start, size = [], first, 0
    for n in range(first, last):
        size += len(lines[n]) + 1
        if size >= goal and n + 1 < last:
            spans.append((start, n + 1))
            start, size = n + 1, 0
    spans.append((start, last))
    return spans


def _mostly(sections: Sequence[str], lines: Sequence[str]) -> str:
    """The section of most of the letters, the first of them where several have as many."""
    letters = dict.fromkeys(sections, 0)
    for section, line in zip(sections, lines, strict=True):
        letters[section] += len(line)
    return max(letters, key=lambda section: letters[section])


def _is_tabular(lines: list[str]) -> bool:
    rows = sum(bool(ROW.search(line)) for line in lines)
    return rows >= 3 and rows > 0.3 * len(lines)
