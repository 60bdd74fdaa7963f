"""PAGES -> OUTLINE: the Items and parts of a filing, as headed, and the pages each covers.

Goes by the order in which Forms 10-K, 10-Q and 8-K number their Items, so that running heads,
tables of contents and sentences that refer to an Item do not count; parts without a number of their
own (statements, notes; all of an annual report or a release) are those of `index.sections`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from index.sections import Section, section_headed, sections_of

_ITEM = re.compile(
    r"\W{0,4}items?\s*(\d{1,2})(\.\d\d|[a-c](?:\(t\))?)?(?!\d)"
    r"(?:(?:\s*(?:,|&|and|to|through)\s*)(?:items?\s*)?\d{1,2}[a-c]?\b)*"  # "Items 1 and 2."
    r"[\s.:—–-]*(.*)",
    re.I,
)
_PART = re.compile(r"\W{0,4}part\s*(i{1,3}|iv)\b", re.I)
# What the titles of Items end with, where they are printed on two lines.
_TITLE_END = re.compile(
    r"\b(?:data|risks?|operations|disclosure|matters|independence|governance|inspections"
    r"|schedules?|securities|proceeds|services|compensation|position|condition)$",
    re.I,
)
_IN_CONTENTS = re.compile(r"\d\s*$")  # an entry of a table of contents ends in its page
_FEW, _MANY = 4, 10  # items on one page
_LONGEST = 200
_TOP_LINES = 3
_UNNUMBERED: tuple[Section, ...] = (
    "risk factors",
    "management's discussion",
    "statements",
    "notes",
)
_NAMES = {"statements": "Primary statements", "notes": "Notes to the statements"}


class Part(NamedTuple):
    """A part of a filing from its `first` to its `last` page; `heading` is the line that opens it,
    "" where none does. `depth` is 1 for a part within the one before."""

    title: str
    first: int
    last: int
    heading: str = ""
    depth: int = 0


class _Heading(NamedTuple):
    rank: tuple[int, int, str]  # part, item, letter
    page: int
    at_top: bool
    title: str
    line: str
    is_bare: bool  # "Item 7" alone, as running heads print it; the title is the next line


def outline_of(
    pages: Sequence[str], form: str | None, statement_pages: Sequence[int]
) -> list[Part]:
    """The parts of a filing in order; `pages` are the texts of all its pages, `statement_pages`
    those with primary statements."""
    parts = items_of(pages, form)
    headed = {section_headed(part.heading) for part in parts}
    for section, first, last in _runs(sections_of(pages), statement_pages):
        if section in headed:
            continue
        within = any(part.first <= first and last <= part.last for part in parts if not part.depth)
        title = _NAMES.get(section, section.capitalize())
        parts.append(Part(title, first, last, "", int(within)))
    return sorted(parts, key=lambda part: (part.first, part.depth))


def items_of(pages: Sequence[str], form: str | None) -> list[Part]:
    """The Items of a filing in order, as headed."""
    found = _items(pages, form)
    return [_part(here, after, len(pages)) for here, after in pairwise([*found, None]) if here]


def _part(here: _Heading, after: _Heading | None, pages: int) -> Part:
    last = pages
    if after:
        last = max(here.page, after.page - 1 if after.at_top else after.page)
    return Part(here.title, here.page, last, here.line)


def _items(pages: Sequence[str], form: str | None) -> list[_Heading]:
    """The longest run of Items in rising order, each where it is first headed."""
    found = _headings(pages, parts=bool(form) and not str(form).startswith("10-K"))
    # chains[n]: length of the longest rising run that ends with found[n], and what stands before.
    # Running heads repeat an Item a thousand times: of each rank only the best so far matters.
    chains: list[tuple[int, int | None]] = []
    ends: dict[tuple[int, int, str], int] = {}
    for n, heading in enumerate(found):
        before = [m for rank, m in ends.items() if rank < heading.rank]
        best = max(before, key=lambda m: (chains[m][0], -m), default=None)
        chains.append((1 if best is None else chains[best][0] + 1, best))
        last = ends.setdefault(heading.rank, n)
        if chains[n][0] > chains[last][0]:
            ends[heading.rank] = n
    at = max(range(len(found)), key=lambda n: (chains[n][0], -n), default=None)
    run: list[_Heading] = []
    while at is not None:
        run.append(found[at])
        at = chains[at][1]
    return run[::-1]


def _headings(pages: Sequence[str], parts: bool) -> list[_Heading]:
    """Every line that may open an Item; with `parts`, Items of Part II come after those of I."""
    found = []
    part = 0
    for number, text in enumerate(pages, 1):
        lines = [" ".join(line.split()) for line in text.splitlines() if line.strip()]
        named = [line for line in lines if _ITEM.match(line)]
        listed = sum(bool(_IN_CONTENTS.search(line)) for line in named)
        if len(named) >= _MANY or (len(named) >= _FEW and 2 * listed >= len(named)):
            continue
        for n, line in enumerate(lines):
            if parts and len(line) < _LONGEST and (opened := _PART.match(line)):
                part = len(opened[1])
            item = _ITEM.match(line)
            if not item or not _is_heading(line, item[3]):
                continue
            following = lines[n + 1] if n + 1 < len(lines) else ""
            title = _title(line, item[3], following)
            if title:
                rank = (part, int(item[1]), (item[2] or "").lower())
                found.append(_Heading(rank, number, n < _TOP_LINES, title, line, not item[3]))
    titled = {heading.rank for heading in found if not heading.is_bare}
    return [h for h in found if not h.is_bare or h.rank not in titled]


def _is_heading(line: str, title: str) -> bool:
    if len(line) > _LONGEST or re.search(r"[;,]$|[“”\"]|\bsee\b|\bcontinued\b", line, re.I):
        return not title and len(line) <= _LONGEST
    return not title or bool(re.match(r"[A-Z\[(]", title))  # "Item 7 of our report": a sentence


def _title(line: str, title: str, following: str) -> str:
    """The heading with what is printed of it on the next line; "" for a number alone."""
    joined = f"{line} {following}".rstrip(" .:")
    is_text = re.match(r"[A-Z]", following) and len(following) <= _LONGEST
    if not is_text or _ITEM.match(following) or _PART.match(following):
        return line.rstrip(" .:") if title else ""
    if title and (_TITLE_END.search(line.rstrip(" .:")) or not _TITLE_END.search(joined)):
        return line.rstrip(" .:")
    same_case = line.isupper() == following.isupper()
    return joined if not title or same_case else line.rstrip(" .:")


def _runs(
    sections: Sequence[Section], statement_pages: Sequence[int]
) -> list[tuple[Section, int, int]]:
    """Section, first and last page: every stretch with primary statements, of other parts the
    longest. A page of something else may stand within."""
    found: list[tuple[Section, int, int]] = []
    for wanted in _UNNUMBERED:
        stretches: list[tuple[int, int]] = []
        for number in (n for n, section in enumerate(sections, 1) if section == wanted):
            if stretches and number <= stretches[-1][1] + 2:
                stretches[-1] = (stretches[-1][0], number)
            else:
                stretches.append((number, number))
        if wanted == "statements":
            stated = [(a, b) for a, b in stretches if any(a <= n <= b for n in statement_pages)]
            found += [(wanted, a, b) for a, b in stated]
        elif stretches:
            first, last = max(stretches, key=lambda pages: pages[1] - pages[0])
            for _, begin, end in (run for run in found if run[0] == "statements"):
                if wanted == "notes" and begin <= first <= end < last:  # these follow those
                    first = end + 1
            found.append((wanted, first, last))
    return found
