"""PAGES -> TABLES THAT GO ON OVER A PAGE, and the heads that their later pages lack.

A wrong head over an amount is worse than none: a page goes on with a table only where the page
before ends with its rows, this one begins with rows of as many amounts, and nothing stands between
but running heads and page numbers. A page that states heads of its own, or any line that could be
another table's title, begins anew.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from itertools import zip_longest
from typing import NamedTuple

from index.columns import MOST_FURTHER, Header, headers
from index.filing import Carried
from index.grid import split_row
from index.heads import heads_after

_EDGE_LINES = 4  # of a page, that may be running heads or feet
_FEW_PAGES = 3
_NEAR = 2  # pages: a running head is repeated so close by
_MIN_ROWS = 2
_MIN_COLUMNS = 2
_MOST_LOOKED_AT = 12  # rows
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_PAGE_NUMBER = re.compile(
    r"\W*(?:page\s*)?(?:[a-z]{1,2}\s?-\s?)?(?:\d{1,3}|[ivx]{1,5})(?: of \d{1,3})?\W*", re.I
)
_CONTINUED = re.compile(r"\W*\b(?:continued|cont['’]?d)\b\W*", re.I)
_NAMES_REPORT = re.compile(r"\b(?:10-[KQ]|annual|reports?)\b", re.I)
_ABOUT_COLUMNS = re.compile(
    r"\b(?:millions?|thousands?|billions?|dollars|shares?|ended|months?|weeks?|quarters?|years?|fiscal"
    r"|jan\w*|feb\w*|mar(?:ch)?|apr\w*|may|june?|july?|aug\w*|sept?\w*|oct\w*|nov\w*|dec\w*)\b",
    re.I,
)
_LONGEST_LABEL = 90
_MOST_HEADS = 6  # lines
_SENTENCE = 6  # words; less with a colon is a heading
_HEADING = re.compile(r"[A-Z][^\d.;]{2,40}:")


# Of a page: whether its first rows stand in the columns of the last ones of the page before.
StandUnder = Callable[[int, Sequence[str], Sequence[str]], bool]


def continued(texts: Sequence[str], stand_under: StandUnder) -> dict[int, Carried]:
    """Page number -> what the page lacks that goes on with the table of the one before."""
    pages = [[line.strip() for line in text.splitlines() if line.strip()] for text in texts]
    tops = _repeated([page[:_EDGE_LINES] for page in pages])
    feet = _repeated([page[: -_EDGE_LINES - 1 : -1] for page in pages])
    found: dict[int, Carried] = {}
    for n in range(1, len(pages)):
        known = found.get(n)  # the page before goes on with a table itself
        heads, below = known or ((), tops[n - 1])
        begun = [*heads, *pages[n - 1][below : len(pages[n - 1]) - feet[n - 1]]]
        goes_on = _goes_on(begun, pages[n], tops[n])
        if goes_on and stand_under(n + 1, goes_on.before, goes_on.after):
            found[n + 1] = goes_on.carried
    return found


class _GoesOn(NamedTuple):
    """With the rows that must stand under each other."""

    carried: Carried
    before: list[str]
    after: list[str]


def _goes_on(before: Sequence[str], page: Sequence[str], below: int) -> _GoesOn | None:
    if not before or not _is_row(before[-1]):
        return None
    header = headers(before)[-1]
    body = before[header.line + 1 :] if header else before
    rows = [line for line in body[-_MOST_LOOKED_AT:] if _is_row(line)]
    columns = len(header.columns) if header and not header.further else _usual(rows)
    heads = _years_over(before, header, columns) if header else _words_over(before, columns)
    if columns < _MIN_COLUMNS or not heads:
        return None
    while below < len(page) and _CONTINUED.search(page[below]) and _names(page[below], heads):
        below += 1
    begins = _rows(page[below:])
    ends, starts = ([row for row in each if _amounts(row) == columns] for each in (rows, begins))
    if not ends or len(starts) < _MIN_ROWS or _usual(begins) != columns:
        return None
    return _GoesOn(Carried(tuple(heads), below), ends, starts)


def _years_over(lines: Sequence[str], header: Header, columns: int) -> list[str]:
    """The heads of a table whose columns are years, where these are the columns there are."""
    further = range(1, MOST_FURTHER + 1) if header.further else range(1)
    return heads_after(lines) if columns - len(header.columns) in further else []


def _words_over(lines: Sequence[str], columns: int) -> list[str]:
    """The lines over a table of nothing but full rows, down from the sentence that announces it or
    from the top of the page; none where that cannot be told."""
    end = len(lines)
    while end and _is_row(lines[end - 1]) and _amounts(lines[end - 1]) == columns:
        end -= 1
    start = end
    while start and end - start < _MOST_HEADS and _may_head(lines[start - 1]):
        start -= 1
    sentence = lines[start - 1] if start else ""
    whole = not start or (sentence[-1] in ".:" and len(sentence.split()) >= _SENTENCE)
    enough = sum(len(line.split()) for line in lines[start:end]) >= columns
    return list(lines[start:end]) if whole and enough else []


def _may_head(line: str) -> bool:
    return len(line) <= _LONGEST_LABEL and not _is_row(line) and not re.search(r"[.:;]$", line)


def _rows(lines: Sequence[str]) -> list[str]:
    """The rows that the lines begin with; a label may stand on two lines, and a heading with a
    colon above its rows."""
    found: list[str] = []
    waiting = 0
    for line, following in zip_longest(lines, lines[1:], fillvalue=""):
        if _is_row(line):
            found.append(line)
            waiting = 0
            continue
        waiting += 1
        wraps = len(line) <= _LONGEST_LABEL and re.match(r"[a-z]", following)
        if len(found) >= _MOST_LOOKED_AT or waiting > 1 or not (wraps or _HEADING.fullmatch(line)):
            break
    return found


def _is_row(line: str) -> bool:
    label, amounts = split_row(line)
    years = all(_YEAR.fullmatch(amount) for amount in amounts)
    return bool(amounts) and not years and re.search(r"[A-Za-z]{2}", label) is not None


def _usual(rows: Sequence[str]) -> int:
    """How many amounts most rows have: a label may end in a figure, and a cell be empty."""
    return Counter(map(_amounts, rows)).most_common(1)[0][0] if rows else 0


def _amounts(line: str) -> int:
    return len(split_row(line)[1])


def _names(line: str, heads: Sequence[str]) -> bool:
    """Whether a title, without that it is continued, is the one among `heads`."""
    return _key(_CONTINUED.sub(" ", line)) in {_key(head) for head in heads}


def _key(line: str) -> str:
    return re.sub(r"\d+", "#", re.sub(r"\W", "", line)).lower()


def _repeated(edges: Sequence[Sequence[str]]) -> list[int]:
    """For each page how many lines of its edge, from outside in, are page numbers or stand on
    other pages near by too; none that could head columns."""
    at: dict[str, set[int]] = defaultdict(set)
    for number, lines in enumerate(edges):
        for line in lines:
            at[_key(line)].add(number)

    def is_repeated(line: str, number: int) -> bool:
        if _PAGE_NUMBER.fullmatch(line):
            return True
        pages = at[_key(line)]
        near = any(0 < abs(page - number) <= _NEAR for page in pages)
        return near and len(pages) >= _FEW_PAGES and not _may_head_columns(line)

    found = []
    for number, lines in enumerate(edges):
        kept = (n for n, line in enumerate(lines) if not is_repeated(line, number))
        found.append(next(kept, len(lines)))
    return found


def _may_head_columns(line: str) -> bool:
    """Whether a line that stands on many pages may all the same say what is in columns."""
    dated = _YEAR.search(line) and not _NAMES_REPORT.search(line)
    return bool(dated or _ABOUT_COLUMNS.search(line)) or _amounts(line) > 1
