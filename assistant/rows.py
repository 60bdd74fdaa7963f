"""Table rows as a small model can read them: every amount beside its own column's period.

"Net sales 3,240 3,015 2,877" under "2024 2023 2022" becomes
"Net sales: 2024 = 3,240; 2023 = 3,015; 2022 = 2,877". Small models read the right row and take
the wrong column; naming the column at each amount is exact and needs no model. Rows whose amounts
do not match the header one to one are left as printed.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from index.columns import AMOUNT, MOST_FURTHER, Header, head_and_year, headers

_LETTER = re.compile(r"[A-Za-z]")
_MARK = re.compile(r"\(\d{1,2}\)")
_MARK_OR_NUMBER = re.compile(r"\(?\d{1,2}\)?")
_LARGE = re.compile(r"\d{3}")
_DATED = re.compile(r"\b(?:19|20)\d\d\b|\b(?:beginning|end) of\b", re.I)
# Numbers of a label, where what follows is no whole row: "Notes due 2029", "Balance at June 30".
_YEAR = re.compile(r"(?:19|20)\d\d")
_NUMBERED = re.compile(
    r"\b(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?|level|tier|tranche|topic|phase"
    r"|stage|note|no)\W*$",
    re.I,
)
_GOES_ON = re.compile(r"\b(?:and|or|of|to|than)\W*$", re.I)  # "net of tax of $1, $11 and $4"
_Run = Sequence[re.Match[str]]  # the amounts of a row
_FEWEST_YEARS = 2
_FEW = 0.25  # of a table's usual rows: fewer have a number of their labels among their amounts
_LONGEST_REPEATED = 24  # characters; a prompt has room for few
_MOST_ADDED = 150  # to a line


@dataclass(frozen=True)
class Row:
    """A row whose every amount has its column's year: (year, amount as printed, without blanks), in
    tables that have the same years several times led by what tells these apart: "six months 2024",
    "Pension 2024"; `header` is the index of the line that ends its column headers, `heads` those
    of all their lines, which may stand further up for rows of a second year."""

    label: str
    cells: tuple[tuple[str, str], ...]
    header: int
    heads: tuple[int, ...]

    @property
    def of_years(self) -> bool:
        """Whether years alone tell its columns apart."""
        return all(column.isdigit() for column, _ in self.cells)

    def __str__(self) -> str:
        """Every amount with its column; a long head is said once, before its first year."""
        told, last = [], ""
        for column, cell in self.cells:
            head, year = head_and_year(column)
            again = head == last and len(head) > _LONGEST_REPEATED
            told.append(f"{year if again else column} = {cell}")
            last = head
        return f"{self.label}: " + "; ".join(told)


def labelled(text: str) -> str:
    """`text` with each table row's amounts labelled by the years of the header that holds there.
    Rows whose columns only more than their years tell apart are left as printed, below their heads:
    a prompt has no room for all of them (`told_apart`)."""
    lines = text.splitlines()
    pairs = zip(lines, rows_of(lines), strict=True)
    return "\n".join(str(row) if row and row.of_years else line for line, row in pairs)


def told_apart(text: str) -> list[str]:
    """The table rows of `text`, every amount labelled by all that tells its column apart."""
    lines = text.splitlines()
    pairs = ((line, str(row)) for line, row in zip(lines, rows_of(lines), strict=True) if row)
    return [row for line, row in pairs if len(row) - len(line) <= _MOST_ADDED]


def rows_of(lines: Sequence[str]) -> list[Row | None]:
    """For every line the row it is; None where it is none, or its columns are in doubt."""
    read = [
        (line, header, *(_run(line, header) if header else ("", [])))
        for line, header in zip(lines, headers(lines), strict=False)
    ]
    tables: dict[tuple[int, ...], list[_Run]] = defaultdict(list)
    for _, header, _, run in read:
        if header and run:
            tables[header.lines].append(run)
    return [
        _row(line, header, label, run)
        if header and run and _is_full(run, header, tables[header.lines])
        else None
        for line, header, label, run in read
    ]


def _run(line: str, header: Header) -> tuple[str, _Run]:
    """A row's label and amounts, without a footnote's mark or a note's number between them."""
    run = _trailing_amounts(line)
    if not run or _is_of_label(line, run):
        return "", []
    label = line[: run[0].start()].strip(" .:$|")
    a_mark = _MARK_OR_NUMBER if header.notes else _MARK
    marked = len(run) > len(header.columns) and a_mark.fullmatch(run[0][0].strip())
    return label, run[1:] if marked else run


def _is_full(run: _Run, header: Header, table: Sequence[_Run]) -> bool:
    """Whether none of the columns is empty in a row, by the other rows of its `table` or by the
    changes that it states."""
    columns = len(header.columns)
    counts = Counter(map(len, table))
    if not header.further:
        # Most rows have fewer: one of the heads is over the labels. More: there are columns that
        # no head names, and a row with fewer may lack any of them.
        usual = max(counts, key=lambda count: (counts[count], count))
        return len(run) == columns and (usual == columns or not (header.heads or usual > columns))
    fitting = {n: counts[n] for n in counts if columns < n <= columns + header.further}
    few = _FEW * max(fitting.values(), default=0)
    fullest = max((n for n, rows in fitting.items() if rows >= few), default=0)
    if len(run) == fullest and any(_states_change(r, header) for r in table if len(r) == fullest):
        return True
    fits = columns < len(run) <= columns + max(MOST_FURTHER, header.further)
    # Of more years a change may be another one's by chance.
    two = len(header.years) == _FEWEST_YEARS
    return len(run) == columns + header.further or (fits and two and _states_change(run, header))


def _states_change(run: _Run, header: Header) -> bool:
    """Whether one of a row's other amounts is what a year's is more or less than the next one's,
    in amount or percent: these years are where they are taken for."""
    columns = (*header.columns, *[None] * len(run))
    amounts = [_number(amount[0]) for amount in run]
    of_years = [amount for amount, year in zip(amounts, columns, strict=False) if year]
    others = [amount for amount, year in zip(amounts, columns, strict=False) if not year and amount]
    return any(_is_change(new, old, other) for new, old in pairwise(of_years) for other in others)


def _is_change(new: Decimal, old: Decimal, stated: Decimal) -> bool:
    digit = Decimal(1).scaleb(int(stated.as_tuple().exponent))
    changes = (new - old, 100 * (new - old) / abs(old) if old else Decimal(0))
    return any(abs(abs(change) - abs(stated)) <= digit for change in changes)


def _number(amount: str) -> Decimal:
    """An amount's digits and sign, whatever it is of; a dash is none."""
    digits = re.sub(r"[^\d.]", "", amount)
    negative = re.match(r"[^\d]*[(−–-]", amount)
    return Decimal(f"-{digits}" if negative else digits) if digits else Decimal(0)


def _row(line: str, header: Header, label: str, run: _Run) -> Row | None:
    if line.rstrip().endswith(":"):
        return None  # what comes below "at December 31, 2024:"
    columns = len(header.columns)
    amounts = run[:columns]
    a_mark = _MARK_OR_NUMBER if header.notes else _MARK
    if a_mark.fullmatch(amounts[0][0].strip()) and any(_LARGE.search(a[0]) for a in amounts[1:]):
        return None  # the first may be a footnote's mark, and a cell empty
    cells = tuple(
        (year, re.sub(r"\s+", "", amount[0]))
        for year, amount in zip(header.columns, amounts, strict=True)
        if year
    )
    if header.heads and _DATED.search(label):
        return None  # "Balance at January 1, 2024" is of that day, under whatever year
    in_percent = {"%" in cell for _, cell in cells if re.search(r"\d", cell)}
    if not _LETTER.search(label) or len(in_percent) > 1:
        return None
    return Row(label, cells, header.line, header.lines)


def _trailing_amounts(line: str) -> list[re.Match[str]]:
    """The amounts at the line's end with no word between or after them; what closes a bracket of
    the label ("(see note 18)") is none."""
    found = [a for a in AMOUNT.finditer(line) if ")" not in a[0] or "(" in a[0]]
    if not found or _LETTER.search(line[found[-1].end() :]):
        return []
    first = len(found) - 1
    for n, (a, b) in reversed(list(enumerate(pairwise(found)))):
        if _LETTER.search(line[a.end() : b.start()]):
            break
        first = n
    return found[first:]


def _is_of_label(line: str, run: _Run) -> bool:
    """Whether the first of these amounts may be a number of the row's label: a year, a day, what
    stands one blank behind it where cells are kept apart by two."""
    first = run[0]
    if _GOES_ON.search(line[: first.start()]):
        return True
    if not first[0].strip().isdigit():
        return False
    if _YEAR.fullmatch(first[0].strip()) or _NUMBERED.search(line[: first.start()]):
        return True
    before = [line[: amount.start() + 1].rstrip("$€£(-–−—0123456789") for amount in run]
    behind, *between = (text.endswith("  ") for text in before)
    return bool(between) and all(between) and not behind
