"""Column headers of tables in a page's lines: which years they name and how far down they hold.

A header holds for the rows below it until something else begins: a line that could be the header
or the title of another table, or a sentence. Where that cannot be told, it ends: an amount without
its year is a nuisance, an amount with the wrong one is an error.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

AMOUNT = re.compile(
    r"(?<![\w.,/–-])(?:[−–-](?=[$€£(\d]))?(?:[$€£]\s?)?\(?\s?(?:[$€£]\s?)?(?:[−–-](?=\d))?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?\s?%?\s?\)?"
    r"\s?%?(?![\w/])|(?<=\s)(?:[$€£]\s?)?[—–-]+\s?%?(?=\s|$)"
)
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_MAX_HEADER = 120
_MOST_STACKED = 12
_MONTH = r"(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\.?"
_STACKABLE = re.compile(rf"(?:(?:{_MONTH})\s+\d{{1,2}},?\s*)?(?:(?:19|20)\d\d)?", re.I)
_FURTHER = re.compile(
    r"\b(?:changes?|increase|decrease|variance|percent|inc|dec|growth|vs)\b|%", re.I
)
_AGAINST = re.compile(r"\b(?:19|20)\d\d\s*(?:vs\.?|versus|over|/)\s*(?:19|20)\d\d\b", re.I)
# One column for several years, or for a change: "2026-2027", "2024-2023".
_RANGE = re.compile(r"\b(?:19|20)\d\d\s*[–—-]\s*(?:19|20)\d\d\b")
# Behind the years: an amount of a row, a page's number.
_NUMBER = re.compile(r"(?<![\w(/.,])\d{1,3}\b(?![/)])")
_MARKS = re.compile(r"[$€£%]")
# What may stand between two years of a header without being a column of its own: dates, units,
# marks of footnotes.
_WITHIN = re.compile(
    rf"\b(?:{_MONTH}|(?:years?|quarters?|(?:three|six|nine|twelve) months|weeks)"
    r"(?:[- ]end(?:ed|ing)?)?|ended|ending|fiscal|fy|cy|as of|as|at|of|and"
    r"|first|second|third|fourth|q[1-4]|[1-4]q|h[12]"
    r"|restated|(?:un)?audited|adjusted|(?:in )?(?:thousand|million|billion)s?)\b\.?"
    r"|[$€£]\s?(?:m|k|bn)?\b|[$€£]|\(?\b[a-z]\)|\d{1,2}|[^\w%]",
    re.I,
)
_CHANGE = re.compile(
    r"(?:% ?)?(?:changes?|variance|growth|increase|decrease|inc|dec)(?: ?(?:decrease|dec))?(?: ?%)?"
    r"|%",
    re.I,
)
# Years of a row's own name: "Notes due 2027 and 2029", "2013 – 2023 debt issuances:".
_NAMES_DEBT = re.compile(r"\b(?:due|matur\w+|loans?|debentures|bonds|plans?)\W*$", re.I)
_GOES_ON = re.compile(r"[a-z]{3,}")
_NOTES = re.compile(r"\bnotes?\s*$", re.I)
# What tells columns of the same years apart: "Three Months Ended Six Months Ended"
_DURATION = re.compile(
    r"\b(?P<said>(?:three|six|nine|twelve|3|6|9|12) months"
    r"|(?:13|26|39|52|53|thirteen|twenty[- ]six|thirty[- ]nine|fifty[- ](?:two|three)) weeks"
    r"|(?:(?:first|second|third|fourth) )?(?:fiscal )?quarter|(?:fiscal )?years?)\b",
    re.I,
)
_UNIT = (
    r"(?:(?:dollars|amounts|shares)\b\s*)?(?:in\s+)?(?:thousand|million|billion)s\b(?:, except.*)?"
)
_NO_HEAD = re.compile(rf"\([^()]*\)|\bfor (?:the )?|^[$€£]?\s*{_UNIT}", re.I)
_BLANKS = re.compile(r"\s{2,}")
_LONGEST_HEAD = 60
_FOOTNOTE = re.compile(r"\s*\(\w{1,2}\)$")
_NUMBERED = re.compile(r"\blevel [123]\b", re.I)
# A length that a line with one year may name: other durations are of a part of it.
_WHOLE_YEAR = re.compile(r"\b(?:fiscal )?years?\b|\b(?:twelve|12) months\b", re.I)
_FEWEST_HEADS = 2
MOST_FURTHER = 2  # a change in amount and one in percent
_FEWEST_AHEAD = 3  # years of a header with a column for several
_LINES_OF_HEADS = 2  # above the years, where durations stand
_CONTINUES = re.compile(r"[a-z(&]")  # a line that begins so goes on with the label above it
_UNFINISHED = re.compile(r"(?:[,;:–—-]|\b(?:and|or|of|to|at|in|on|by|for|from|the|with))$", re.I)
_CAPITAL_STOCK = re.compile(r"\bpar value\b|\bshares (?:authorized|issued|outstanding)\b", re.I)
_GAP = re.compile(r"\S\s{2,}\S")
# What the lines without amounts inside a primary statement begin with (Regulation S-X, Articles
# 5-02 and 5-03; ASC 230 for cash flows).
_SECTION = re.compile(
    r"(?:total |net |other |all )*(?:(?:non-?)?current|long-term|short-term|assets?|liabilit|equity"
    r"|(?:share|stock)(?:holders|owners)|property|intangible|revenues?|sales|costs?\b|expenses?"
    r"|(?:non-?)?operating|operations|income|earnings|loss|gains?|interest|provision|basic|diluted|weighted"
    r"|per (?:common )?share|common|preferred|cash|adjustments|changes? in|increase|decrease"
    r"|investing|financing|supplemental|non-?cash|dividends|comprehensive|retained|accumulated"
    r"|treasury|commitments|contingenc|redeemable|non-?controlling|attributable|less|plus|add\b"
    r"|depreciation|amortization|inventor|accounts|receivable|prepaid|goodwill|deferred|accrued"
    r"|debt|borrowings|lease|marketable|products?|services?|research|selling|marketing"
    r"|restructuring|impairment|continuing|discontinued|effect|reconciliation)"
    r"|.*\b(?:equity|activities|liabilities|assets|operations|expenses?|income \(expense\))$",
    re.I,
)
_MAX_SECTION_WORDS = 14
_LETTER = re.compile(r"[A-Za-z]")


@dataclass(frozen=True)
class Header:
    """`columns` from the first year's to the last one's: the year ("2024"), led by what tells
    it apart where the same years are there several times ("six months 2024", "Pension 2024"), None
    for one that tells a change; `further` how many other columns may follow them ("Change"), if
    any; `notes` where one with the numbers of notes goes before them; `lines` are the indices of
    its lines; `heads` what tells columns of one and the same year apart, where all are."""

    columns: tuple[str | None, ...]
    further: int
    lines: tuple[int, ...]
    notes: bool = False
    heads: tuple[str, ...] = ()

    @property
    def line(self) -> int:
        """The index of its last line."""
        return self.lines[-1]

    @property
    def years(self) -> tuple[str, ...]:
        """In the order of the columns."""
        return tuple(year for year in self.columns if year)


def head_and_year(column: str) -> tuple[str, str]:
    """What tells a header's column apart from others of its year ("" where nothing has to), and
    the year."""
    head, _, year = column.rpartition(" ")
    return head, year


def headers(lines: Sequence[str]) -> list[Header | None]:
    """For every line the header that holds for it, None for a header itself and where there is
    none; one more for what would come after the last line."""
    holding: list[Header | None] = []
    current: Header | None = None
    stacked: list[str] = []  # a header printed one column a line
    dated = _Dated()
    for n, line in enumerate(lines):
        text = line.strip()
        if text and _STACKABLE.fullmatch(text):
            stacked = [*stacked, text][-_MOST_STACKED:]
            above = lines[: n + 1 - len(stacked)]
            header = _header(" ".join(stacked), n, above)
            current = header or dated.header(" ".join(stacked), n, current) or current
            holding.append(None)
            continue
        stacked = []
        found = _header(line, n, lines[:n]) or dated.header(line, n, current)
        if found:
            current = found
            holding.append(None)
            continue
        following = lines[n + 1] if n + 1 < len(lines) else ""
        # Units and the like stand between a header and its first row.
        fresh = current is not None and current.line == n - 1
        if current and (
            _is_of_ranges(text) or (fresh and len(_heads_apart(text)) >= _FEWEST_HEADS)
        ):
            current = None  # its columns are not the years, or it goes on below
        if current and not fresh and _begins_something_else(text, following, current):
            current = None
        holding.append(current)
    return [*holding, current]


class _Dated:
    """Heads of columns that are of one year: "(in millions)  Pumps  Valves" above or below "2024",
    or "2024  Pumps  Valves"; a later year alone on a line begins rows of that year under the same
    heads."""

    def __init__(self) -> None:
        self._year: tuple[str, int] | None = None
        self._heads: tuple[tuple[str, ...], int] | None = None
        self._words_at: int | None = None  # the last line with words in several columns

    def header(self, line: str, number: int, current: Header | None) -> Header | None:
        """The header that `line` ends, if it does."""
        heads, year = _apart(line)
        above, self._words_at = self._words_at, number if _is_of_words(line) else None
        if self._words_at is not None and above == number - 1:
            self._heads = None  # heads that stand on several lines
            return None
        if len(heads) < _FEWEST_HEADS:
            if not _at_most_a_day(line):
                self._year = self._heads = None  # a row
            if year is None or not _is_one_year(line):
                return None
            self._year = (year, number)
            if current and current.heads:
                self._heads = (current.heads, current.lines[0])
            elif not self._heads or number - self._heads[1] > _LINES_OF_HEADS:
                return None
            heads, at = self._heads
            return _of_one_year(heads, year, (at, number))
        self._heads = (heads, number)
        if year:
            return _of_one_year(heads, year, (number,))
        if self._year and number - self._year[1] <= _LINES_OF_HEADS:
            return _of_one_year(heads, self._year[0], (self._year[1], number))
        return None


def _is_of_words(line: str) -> bool:
    """Whether words stand in several of its columns, and no amounts."""
    worded = sum(map(_worded, _BLANKS.split(line.strip())))
    return worded >= _FEWEST_HEADS and _at_most_a_day(line)


def _is_one_year(text: str) -> bool:
    """Whether it says a year, or a day of it, and nothing else."""
    rest = _YEAR.sub(" ", _WHOLE_YEAR.sub(" ", text))
    return _at_most_a_day(text) and not durations(rest) and not _worded(rest)


def _at_most_a_day(text: str) -> bool:
    """Whether no number stands in it but years and the day of one date."""
    others = re.findall(r"\d[\d,.]*", _YEAR.sub(" ", text))
    return len(others) <= 1 and all(re.fullmatch(r"\d{1,2},?", number) for number in others)


def _of_one_year(heads: tuple[str, ...], year: str, lines: tuple[int, ...]) -> Header:
    return Header(tuple(f"{head} {year}" for head in heads), 0, lines, heads=heads)


def _apart(line: str) -> tuple[tuple[str, ...], str | None]:
    """The heads of columns that a line keeps apart, and the one year that it names before them."""
    first, *others = _BLANKS.split(line.strip())
    years = _YEAR.findall(line)
    year = years[0] if len(years) == 1 and years[0] in first else None
    if year and _is_one_year(first):
        heads = _heads_apart("  ".join(others))
    else:
        heads, year = _heads_apart(line), year if not others else None
    names = {head.lower() for head in heads}
    return (tuple(heads) if len(names) == len(heads) else (), year)


def _header(line: str, number: int, above: Sequence[str]) -> Header | None:
    """Two or more years, each once or as often as there are heads over them, and no other numbers
    but days; between them no words but those of dates and units, and of columns that tell a
    change."""
    if _RANGE.search(line):
        return None
    line, moves = _AGAINST.subn(" change ", line)
    found = list(_YEAR.finditer(line))
    years = tuple(year[0] for year in found)
    if len(years) < 2 or len(line) > _MAX_HEADER:
        return None
    if _NAMES_DEBT.search(line[: found[0].start()]):
        return None
    told, first = _names(line, above, years, number)
    if not told:
        return None
    rest = _YEAR.sub(" ", _DURATION.sub(" ", line) if first == number else line)
    others = [n for n in re.findall(r"\d[\d,.]*", rest) if not re.fullmatch(r"\d{1,2},?", n)]
    if others or rest.rstrip().endswith("."):
        return None
    columns: list[str | None] = [told[0]]
    for (before, year), name in zip(pairwise(found), told[1:], strict=True):
        between = " ".join(_WITHIN.sub(" ", line[before.end() : year.start()]).split())
        if _CHANGE.sub("", between).strip():
            return None
        columns += [None] * len(_CHANGE.findall(between))
        columns.append(name)
    after = line[found[-1].end() :]
    if _NUMBER.search(after):
        return None
    if _GOES_ON.match(_WITHIN.sub(" ", after).strip()) and not _CHANGE.match(after.strip()):
        return None
    notes = _NOTES.search(line[: found[0].start()]) is not None
    most = max(MOST_FURTHER, MOST_FURTHER * moves, len(_MARKS.findall(after)))
    told_too = most if _FURTHER.search(after) else 0
    return Header(tuple(columns), told_too, tuple(range(first, number + 1)), notes)


def _names(
    line: str, above: Sequence[str], years: tuple[str, ...], number: int
) -> tuple[tuple[str, ...], int]:
    """What the columns are called, and the index of the line where that begins: by their years
    where each stands once; where they come in the same order several times, as often as durations
    stand before them or on a line above, or other heads apart from each other, led by these; else
    nothing."""
    once = tuple(dict.fromkeys(years))
    if once == years:
        return years, number
    groups, left = divmod(len(years), len(once))
    if left or once * groups != years:
        return (), number
    heads = [(number, line), *reversed(list(enumerate(above))[-_LINES_OF_HEADS:])]
    for n, text in heads:
        said = durations(text)
        if n == number and not said:
            continue
        plain = n == number or not _worded(_DURATION.sub(" ", text))
        if plain and (not said or len(set(said)) == 1 < groups):
            continue  # dates alone, or one duration for all
        names = said if plain else _heads_apart(text)
        if len(names) == groups == len({name.lower() for name in names}):
            return tuple(f"{name} {year}" for name in names for year in once), n
        break
    return (), number


def _heads_apart(text: str) -> list[str]:
    """Heads of columns that a line keeps apart: "Pension  Health care"."""
    cells = _BLANKS.split(text.strip())
    heads = [_FOOTNOTE.sub("", cell) for cell in cells if _NO_HEAD.sub("", cell).strip()]
    return heads if all(map(may_head, heads)) else []


def may_head(text: str) -> bool:
    """Whether words may be a column's head: a few, without numbers but levels of fair value."""
    plain = _NUMBERED.sub("", text)
    whole = not re.search(r"\d|[:;=]$|(?<![A-Z])\.$", plain)
    return bool(_LETTER.search(text)) and whole and len(text) <= _LONGEST_HEAD


def durations(text: str) -> list[str]:
    """How long that takes which stands in columns so headed: "three months", "second quarter"."""
    return [" ".join(found["said"].lower().split()) for found in _DURATION.finditer(text)]


def _worded(text: str) -> bool:
    """Whether a line of heads says more than dates and units."""
    return bool(_LETTER.search(_WITHIN.sub(" ", _NO_HEAD.sub(" ", text))))


def _amounts(text: str) -> list[re.Match[str]]:
    return [found for found in AMOUNT.finditer(text) if not _YEAR.fullmatch(found[0].strip())]


def _is_of_ranges(text: str) -> bool:
    """ "2025  2026-2027  Thereafter" """
    several = _RANGE.search(text) and len(_YEAR.findall(text)) >= _FEWEST_AHEAD
    return bool(several) and not _amounts(text)


def _begins_something_else(text: str, following: str, header: Header) -> bool:
    columns = len(header.columns)
    if header.heads and _at_most_a_day(text) and (_YEAR.search(text) or durations(text)):
        return True  # of another time
    if not text or _CONTINUES.match(text) or _CONTINUES.match(following.strip()):
        return False
    if _UNFINISHED.search(text) or _CAPITAL_STOCK.search(text):
        return False
    amounts = _amounts(text)
    if not amounts:
        if len(header.heads) > _FEWEST_HEADS and len(AMOUNT.findall(following)) == columns:
            return bool(_GAP.search(text))  # a heading within the table
        columns_named = _GAP.search(text) or len(text.split()) > _MAX_SECTION_WORDS
        return bool(columns_named) or not _SECTION.match(text)
    last = amounts[-columns:]
    between = text[last[0].end() : last[-1].start()]
    # Words among or after the amounts: "Level 1 Level 2 Level 3", a sentence.
    return bool(_LETTER.search(between) or _LETTER.search(text[last[-1].end() :]))
