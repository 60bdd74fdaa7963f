"""PASSAGES -> THE ROW THAT A QUESTION NAMES, among those whose columns are known.

A row is taken only where the words fit both ways: all that the question leaves for a name stands in
the row's label or in the headings above it, and the label says nothing that the question does not.
Where two such rows state different amounts, none is taken.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from assistant.answer import Passage
from assistant.numbers import numbers
from assistant.rows import Row, rows_of
from index.names import LEGAL, plain_name

# Words of questions that name nothing, and those by which one row's names differ.
_SAY_NOTHING = (
    frozenset(
        """a according all also amount an and annual are as at average be been being between both
        by calculate can company company's companies compared compute date did do does during
        each end ended ending ends fiscal figure find following for from fy give given had has
        have how i in is it its many me much number of on or over per period please report
        reported respective respectively s said show shown stated table tell that the their them
        there these they this those to under up us usd value versus vs was were what we when
        which while with within would year years you january february march april may june july
        august september october november december jan feb mar apr jun jul aug sep sept oct nov
        dec
        """.split()
    )
    - {"average", "number", "annual", "per"}
    | LEGAL
)
_NEED_NOT_BE_SAID = frozenset(
    "total net expense amount note consolidated number annual per".split()
)
_NEED_NOT_BE_PRINTED = frozenset("total consolidated amount number reported".split())
_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9'.]*[A-Za-z0-9]|[A-Za-z0-9]")
_NOT_NAMING = re.compile(r"(?:19|20)\d\d|fy\d\d|\d{1,2}(?:st|nd|rd|th)?|\d(?:\.\d)?", re.I)
_YEAR = re.compile(r"(?:19|20)\d\d")
_GOES_ON = re.compile(r"\b(?:and|or|of|to|at|in|on|by|for|from|the|with|attributable)$", re.I)
_NIL = re.compile(r"[$€£]?[—–-]+%?")
_IN_BRACKETS = re.compile(r"\([^()]*\)")
_MARK = re.compile(r"\((?:\d{1,2}|[a-z*†])\)|[*†‡]")
_LONGEST_HEADING = 14  # words
_HEADER_LINES = 3
_MOST_OF_HEADING = 3  # words that a row's name may take from there
_TITLE_LINES = 5  # above the header's last
# Columns for a part of a year, and tables of what was not as stated.
_PART_OF_YEAR = re.compile(
    r"\b(?:three|six|nine|3|6|9)[- ]months?\b|\bquarters?\b|\bq[1-4]\b|\b(?:13|26|39)[- ]weeks?\b",
    re.I,
)
_NOT_AS_STATED = re.compile(r"\bpro[- ]forma\b|\bnon-?gaap\b|\bconstant[- ]currency\b", re.I)
# A year that ends so early may be named by the year before.
_EARLY = re.compile(
    r"\b(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?)\.?\s+\d{1,2}\b", re.I
)
_WHOLE_YEAR_FORMS = ("10-K", "20-F", "40-F", "ARS")


@dataclass(frozen=True)
class PrintedRow:
    """A row of a passage: label, amounts by fiscal year as (value, as printed), its line, the lines
    under the same column headers, the heading within the table that it stands under, and the words
    that name it: of the label (but for the company's own name), those of it in brackets, of that
    heading, of the table's title."""

    passage: Passage
    label: str
    line: str
    cells: dict[int, tuple[Decimal, str]]
    table: str
    section: str
    words: frozenset[str]
    in_brackets: frozenset[str]
    heading: frozenset[str]
    title: frozenset[str]


def printed_rows(passages: Iterable[Passage], question: str) -> list[PrintedRow]:
    """The rows of whole years in `passages`, but those of tables that are not of what was stated,
    where the question does not ask for them."""
    return [
        row
        for passage in passages
        if passage.form is None or passage.form.startswith(_WHOLE_YEAR_FORMS)
        for row in _rows(passage, question)
    ]


def named(
    rows: Sequence[PrintedRow], name: str, years: Collection[int], beside: PrintedRow | None = None
) -> PrintedRow | None:
    """The row called `name` that has an amount for each of `years`; None where there is none, or
    several that differ. With `beside` only rows of the same passage count."""
    asked = naming_words(name)
    fitting: list[tuple[tuple[int, ...], PrintedRow]] = []
    for row in rows:
        if not set(years) <= row.cells.keys() or (beside and row.passage != beside.passage):
            continue
        unsaid = row.words - asked - row.in_brackets
        unprinted = asked - row.words - _NEED_NOT_BE_PRINTED
        both = (row.words & asked) - _NEED_NOT_BE_SAID
        in_heading = unprinted <= row.heading and len(unprinted) <= _MOST_OF_HEADING
        in_title = unprinted <= row.title and len(unprinted) <= len(both)
        if not both or unsaid - _NEED_NOT_BE_SAID or not (in_heading or in_title):
            continue
        by_title = not in_heading
        by_heading = len(row.heading - asked) if unprinted and not by_title else 0
        apart = len(unsaid) + len(asked - row.words)
        fitting.append(((apart, by_title, by_heading), row))
    if not fitting:
        return None
    best = min(fit for fit, _ in fitting)
    likeliest = [row for fit, row in fitting if fit == best]
    stated = {tuple(abs(row.cells[year][0]) for year in sorted(years)) for row in likeliest}
    return likeliest[0] if len(stated) == 1 else None


def _rows(passage: Passage, question: str) -> Iterable[PrintedRow]:
    lines = passage.text.splitlines()
    read = rows_of(lines)
    tables: dict[int, str] = defaultdict(str)
    for line, row in zip(lines, read, strict=True):
        if row:
            tables[row.header] += f"{line}\n"
    headings: list[tuple[int, str]] = []
    for number, (line, row) in enumerate(zip(lines, read, strict=True)):
        if row is None:
            if _is_heading(line):
                headings.append((number, line))
            continue
        head = " ".join(lines[max(0, row.header - _HEADER_LINES) : row.header + 2])
        titles = [text for n, text in headings if row.header - _TITLE_LINES <= n <= row.header]
        within = [text for n, text in headings if n > row.header][-1:]
        told = " ".join([head, *titles, *within, row.label])
        if _PART_OF_YEAR.search(head) or _differs(_NOT_AS_STATED, told, question):
            continue
        cells = {int(year): amount for year, cell in row.cells if (amount := _amount(cell))}
        later = _years_later(cells, passage, head)
        label = _MARK.sub("", _begun(lines, read, number) + row.label).strip(" .:")
        if later is None or any(year not in question for year in _YEAR.findall(label)):
            continue
        bare = naming_words(_IN_BRACKETS.sub(" ", label))
        own = naming_words(plain_name(passage.company or ""))
        yield PrintedRow(
            passage,
            label,
            line,
            {year - later: amount for year, amount in cells.items()},
            tables[row.header],
            " ".join(within),
            naming_words(label) - own,
            naming_words(label) - bare,
            naming_words(" ".join(within)),
            naming_words(" ".join(titles)),
        )


def _begun(lines: Sequence[str], read: Sequence[Row | None], number: int) -> str:
    """What a row's label begins with on the line above, where it begins there."""
    above = lines[number - 1].strip() if number and read[number - 1] is None else ""
    goes_on = _GOES_ON.search(above) or re.match(r"[a-z(]", lines[number].strip())
    return f"{above} " if goes_on and _is_heading(above) and above[-1] != ":" else ""


def _is_heading(line: str) -> bool:
    return (
        bool(re.search("[A-Za-z]", line))
        and not re.search(r"\d", line)
        and len(line.split()) <= _LONGEST_HEADING
        and not line.rstrip().endswith(".")
    )


def _differs(pattern: re.Pattern[str], told: str, question: str) -> bool:
    return bool(pattern.search(told)) and not pattern.search(question)


def _years_later(cells: Collection[int], passage: Passage, head: str) -> int | None:
    """By how many years the columns' dates are later than the fiscal years they end; None where
    that cannot be told."""
    newest = max(cells, default=None)
    if newest is None:
        return None
    if passage.fiscal_year is None or not _EARLY.search(head):
        return 0
    later = newest - passage.fiscal_year
    return later if later in (0, 1) else None


def _amount(cell: str) -> tuple[Decimal, str] | None:
    if _NIL.fullmatch(cell):
        return Decimal(0), cell
    found = numbers(cell)
    return (found[0].value, cell) if len(found) == 1 else None


def naming_words(text: str) -> frozenset[str]:
    """The words that name something, bare of endings."""
    found = (_stem(word) for word in _WORD.findall(text.replace("’", "'").lower()))
    return frozenset(w for w in found if w not in _SAY_NOTHING and not _NOT_NAMING.fullmatch(w))


def _stem(word: str) -> str:
    word = word.removesuffix("'s").strip("'.")
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith(("sses", "xes", "ches", "shes")):
        return word[:-2]
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word
