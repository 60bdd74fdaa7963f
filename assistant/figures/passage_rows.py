"""PASSAGES -> THE ROW THAT A QUESTION NAMES, among those whose columns are known.

A row is taken only where the words fit both ways: all that the question leaves for a name stands in
the row's label or in the headings above it, and the label says nothing that the question does not.
Where two such rows state different amounts, none is taken.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

from assistant.answer import Passage
from assistant.figures.row_parts import Part
from assistant.rows import Row, rows_of
from index.columns import durations, head_and_year
from index.documents import is_annual
from index.facts import amount_of
from index.names import LEGAL, plain_name
from index.wording import UNITED_STATES

_Column = TypeVar("_Column", int, str)
_FEWEST = 2  # parts of a total
_LONGEST_HEADING = 14  # words
_HEADER_LINES = 5  # above the header's first
_MOST_OF_HEADING = 3  # words that a row's name may take from there
# Words of questions that name no row; words that a label has and a question may leave out, and the
# other way round.
_SAY_NOTHING = (
    frozenset(
        """a according all also amount an and are as at be been being between both by calculate can
        company company's companies compared compute date did do does during each end ended ending
        ends fiscal figure find following for from fy give given had has have how i in is it its
        many me much of on or please report reported respective respectively s said show shown
        stated table tell that the their them there these they this those to under up us usd value
        versus vs was were what we when which while with within would year years
        you filing""".split()
    )
    | LEGAL
)
_NEED_NOT_BE_SAID = frozenset(
    "total net expense amount note consolidated number annual per period".split()
)
_NEED_NOT_BE_PRINTED = frozenset("total consolidated amount reported over period".split())
_COSTS, _GAINS = frozenset(("expense",)), frozenset(("income", "gain", "profit"))
# Words in brackets that only tell the sign or scale of an amount, or where more is said.
_TELLS_A_SIGN = frozenset(
    """loss benefit income expense gain decrease increase deficit liability asset credit used net
    provision cost charge refer see note in year including thousand million billion""".split()
)
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_DATE = re.compile(
    rf"\b({_MONTH})\b\.?\s+(?:\d{{1,2}}(?:st|nd|rd|th)?\b|(?=(?:19|20)\d\d))"
    rf"|\b\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?({_MONTH})\b",
    re.I,
)
_LATE = re.compile(r"\b(?:oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?\s+\d{1,2}\b", re.I)
# A year that ends so early may be named by the year before.
_EARLY = re.compile(
    r"\b(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?)\.?\s+\d{1,2}\b", re.I
)
_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9'.]*[A-Za-z0-9]|[A-Za-z0-9]")
_NOT_NAMING = re.compile(r"(?:19|20)\d\d|fy\d\d", re.I)
# Small words that name where they stand so.
_NAMING = (
    (re.compile(r"\b(?:10|20|40|8)-?[kqf]\b", re.I), " "),
    (re.compile(UNITED_STATES), " unitedstates "),
    (re.compile(r"\bIT\b"), " informationtechnology "),
    (re.compile(r"\bdue (to|from)\b", re.I), r" due due\1 "),
    (re.compile(r"\b(over|under|above|below) (?=\d)", re.I), r" number\1 "),
)
_YEAR = re.compile(r"(?:19|20)\d\d")
_GOES_ON = re.compile(
    r"\b(?:and|or|of|to|at|in|on|by|for|from|the|with|attributable|including|than)$", re.I
)
_IN_BRACKETS = re.compile(r"\([^()]*\)")
_MARK = re.compile(r"\((?:\d{1,2}|[a-z*†])\)|[*†‡]")
# Columns for a part of a year, and tables of what is not the company's own, or not as stated.
_PART_OF_YEAR = re.compile(
    r"\b(?:three|six|nine|3|6|9)[- ]months?\b|\bquarter(?:s|ly)?\b|\bq[1-4]\b"
    r"|\b(?:13|26|39|thirteen|twenty[- ]six|thirty[- ]nine)[- ]weeks?\b",
    re.I,
)
_NOT_AS_STATED = re.compile(
    r"\bpro[- ]forma\b|\bnon-?gaap\b|\bconstant[- ]currency\b|\bdiscontinued\b|\bunconsolidated\b"
    r"|\bparent (?:company|only)\b|\bregistrant only\b|\b(?:previously|originally) reported\b"
    r"|\breclassifi(?:ed|cations?)\b|\bequity[- ](?:method )?invest(?:ments|ees?)\b"
    r"|\binvestees?\b|\bhedged (?:items?|assets?)\b|\bobtained in exchange\b"
    r"|\bsummar(?:y of|ized) (?:unaudited )?financial information\b",
    re.I,
)


@dataclass(frozen=True)
class PrintedRow:
    """A row of a passage: label, amounts by fiscal year as (value, as printed), its line, the lines
    under the same column headers, those above the table that say what it is of, the last heading
    within the table, and the words that name it: of the label (but for the company's own name),
    those of it in brackets, of that heading where it stands under it, of the table's title; `scale`
    is the power of ten that its amounts are in, where that is known from elsewhere; `part` the part
    of each year that they are of, where not of the whole; `head` what heads its columns besides
    years."""

    passage: Passage
    label: str
    line: str
    cells: dict[int, tuple[Decimal, str]]
    table: str
    about: tuple[str, ...]
    section: str
    words: frozenset[str]
    in_brackets: frozenset[str]
    heading: frozenset[str]
    title: frozenset[str]
    scale: int | None = None
    part: Part | None = None
    head: str = ""


def printed_rows(
    passages: Iterable[Passage], question: str, part: Part | None = None
) -> list[PrintedRow]:
    """The rows of whole years in `passages`, or of a part of a year, but those of tables that are
    not of what was stated, where the question does not ask for them, and of other days than it
    names."""
    return [
        row
        for passage in passages
        if part or passage.form is None or is_annual(passage.form)
        for row in _rows(passage, question, part)
    ]


def months_named(text: str) -> frozenset[str]:
    """The months of the dates in `text`, as their first three letters."""
    return frozenset((one or two)[:3].lower() for one, two in _DATE.findall(text))


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
        unsaid = {
            word
            for word in row.words - asked
            if word not in row.in_brackets or not (word in _TELLS_A_SIGN or word[0].isdigit())
        }
        unprinted = asked - row.words - _NEED_NOT_BE_PRINTED
        if unsaid & _COSTS and unprinted & _GAINS:
            continue  # "operating expenses" in the statements of income are no operating income
        both = (row.words & asked) - _NEED_NOT_BE_SAID
        in_heading = unprinted <= row.heading and len(unprinted) <= _MOST_OF_HEADING
        if unprinted and asked - _NEED_NOT_BE_PRINTED <= row.heading:
            continue  # the heading itself is meant, whatever the row
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


def _rows(passage: Passage, question: str, part: Part | None) -> Iterable[PrintedRow]:
    lines = passage.text.splitlines()
    read = rows_of(lines)
    tables: dict[int, str] = defaultdict(str)
    for line, row in zip(lines, read, strict=True):
        if row:
            tables[row.header] += f"{line}\n"
    headings: list[tuple[int, str]] = []
    above: list[tuple[int, dict[str, tuple[Decimal, str]]]] = []
    ended = -1  # the last total: what stands under it is under no heading above it
    for number, (line, row) in enumerate(zip(lines, read, strict=True)):
        if row is None:
            if _is_heading(line):
                headings.append((number, line))
            continue
        first = row.heads[0]
        over_it = {*range(max(0, first - _HEADER_LINES), first), *row.heads, row.header + 1}
        about = [lines[n] for n in sorted(over_it) if n < len(lines)]
        head = " ".join(about)
        titles = [text for n, text in headings if n in over_it and n <= row.header]
        within = [text for n, text in headings if n > row.header][-1:]
        told = " ".join([head, *titles, *within, row.label])
        printed = {column: amount for column, cell in row.cells if (amount := _amount(cell))}
        over = next((n for n, _ in reversed(headings) if n > row.header), -1)
        total = row.label.lower().startswith("total")
        count = fewest_parts([each for n, each in above if n > row.header], printed)
        summed = count and above[-count][0] < over  # of more than what the heading is over
        under = [] if over < ended or summed or (total and not count) else within
        if total or count:
            ended = number
            del above[len(above) - count :]
        above.append((number, printed))
        if (
            (part is None and _PART_OF_YEAR.search(" ".join([head, *titles])))
            or _differs(_NOT_AS_STATED, told, question)
            or not _of_those_days(question, head, passage)
        ):
            continue
        begun = _begun(lines, read, number)
        if begun is None:
            continue
        label = _MARK.sub("", begun + row.label).strip(" .:")
        if label[-1:] in "-–—−" or any(year not in question for year in _YEAR.findall(label)):
            continue
        bare = _without_company(_IN_BRACKETS.sub(" ", label), passage)
        for group, columns in _groups(row, part, head):
            cells = {int(year): amount for year, cell in columns if (amount := _amount(cell))}
            later = part.by_fiscal_year(cells) if part else _years_later(cells, passage, head)
            if later is None or _differs(_NOT_AS_STATED, group, question):
                continue
            yield PrintedRow(
                passage,
                label,
                line,
                {year - later: amount for year, amount in cells.items()},
                tables[row.header],
                tuple(about),
                " ".join(within),
                naming_words(_without_company(label, passage)),
                naming_words(label) - naming_words(bare),
                naming_words(" ".join([*under, group])),
                naming_words(" ".join(titles)),
                part=part,
                head=group,
            )


def _groups(row: Row, part: Part | None, head: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """The row's amounts by year, those under each of several heads by themselves, with that head.
    None where durations tell the columns apart and no part of a year is asked."""
    if part:
        return [("", part.own(row.cells, head, months_named(head)))]
    groups: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for column, cell in row.cells:
        group, year = head_and_year(column)
        groups[group].append((year, cell))
    return [] if any(map(durations, groups)) else list(groups.items())


def fewest_parts(
    above: Sequence[Mapping[_Column, tuple[Decimal, str]]],
    total: Mapping[_Column, tuple[Decimal, str]],
) -> int:
    """How many rows right above come to the total in each of its years, the fewest; 0 where none
    do."""
    sums = dict.fromkeys(total, Decimal(0))
    for count, cells in enumerate(reversed(above), 1):
        if cells.keys() != total.keys() or not total:
            return 0
        for year, (value, _) in cells.items():
            sums[year] += value
        if count >= _FEWEST and all(sums[year] == total[year][0] for year in total):
            return count
    return 0


def _without_company(label: str, passage: Passage) -> str:
    """The label without the company's own name, as questions are."""
    name = plain_name(passage.company or "")
    pattern = r"\W+".join("(?:&|and)" if w == "&" else re.escape(w) for w in name.split())
    return re.sub(rf"\b{pattern}\b", " ", label, flags=re.I) if name else label


def _begun(lines: Sequence[str], read: Sequence[Row | None], number: int) -> str | None:
    """What a row's label begins with on the line above ("" where it does not); None where it seems
    to begin on a line that cannot be read so."""
    above = lines[number - 1].strip() if number and read[number - 1] is None else ""
    if not _GOES_ON.search(above) and not re.match(r"[a-z]", lines[number].strip()):
        return ""
    whole = above and above[-1] not in ":." and len(above.split()) <= _LONGEST_HEADING
    return f"{above} " if whole and not re.search(r"\d[\d,.)]*$", above) else None


def _of_those_days(question: str, head: str, passage: Passage) -> bool:
    """Whether columns under `head` can be of the days that `question` names. Heads without a month
    are of the fiscal year's end, which for passages of a store has been looked at, else that of the
    calendar."""
    asked, named_there = months_named(question), months_named(head)
    if not asked:
        return True
    if named_there:
        return asked <= named_there
    return passage.fiscal_year is not None or asked == {"dec"}


def _is_heading(line: str) -> bool:
    return (
        bool(re.search("[A-Za-z]", line))
        and not re.search(r"\d", _IN_BRACKETS.sub(" ", line))
        and len(line.split()) <= _LONGEST_HEADING
        and not line.rstrip().endswith(".")
    )


def _differs(pattern: re.Pattern[str], told: str, question: str) -> bool:
    return bool(pattern.search(told)) and not pattern.search(question)


def _years_later(cells: Collection[int], passage: Passage, head: str) -> int | None:
    """By how many years the columns' dates are later than the fiscal years they end; None where
    that cannot be told, or they are yet to come."""
    newest = max(cells, default=None)
    if newest is None:
        return None
    if passage.fiscal_year is None:
        return 0
    later = newest - passage.fiscal_year
    if _EARLY.search(head):
        return later if later in (0, 1) and not (later and _LATE.search(head)) else None
    return 0 if later <= 0 else None


def _amount(cell: str) -> tuple[Decimal, str] | None:
    """As printed: 4.2 where that is percent."""
    signed = re.sub(r"^[–](?=[$€£\d])", "-", cell)
    value = amount_of(signed)
    if value is None or signed.count("(") != signed.count(")"):
        return None
    return value.scaleb(2) if "%" in cell else value, cell


def naming_words(text: str) -> frozenset[str]:
    """The words that name something, bare of endings; numbers are among them, but for dates."""
    for pattern, named_so in _NAMING:
        text = pattern.sub(named_so, text)
    plain = _DATE.sub(" ", text).replace("’", "'").lower()
    found = (_stem(word) for word in _WORD.findall(plain))
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
