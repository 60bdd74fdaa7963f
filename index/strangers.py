"""QUESTION -> NAMES THAT BELONG TO NO FILER, and the part each plays in the question.

A question about a company that is not in the store must not be answered from another's filing; but
a filing also speaks of suppliers, products, laws and rivals. So each name carries how it is used:
as the owner of a figure ("Acme's revenue", "net income of Acme"), beside a filer ("Acme and …"), or
as a topic ("the lawsuit about Acme").
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from index.names import DETERMINERS, LEGAL, Filer, Word, everyday, is_cased, plain_name
from index.vocabulary import PLACES, TRADE

FIGURE = re.compile(
    r"\b(revenues?|sales|turnover|top ?line|bottom ?line|income|profits?|profitable|loss(es)?"
    r"|earnings?|earn(ed|s)?|eps|ebit(da)?r?|margins?|assets|liabilit(y|ies)|equity|debts?|leverage"
    r"|cash ?flows?|cash|capex|capital expenditures?|capital spending|dividends?|inventor(y|ies)"
    r"|receivables?|payables?|expenses?|costs?|cogs|tax(es)?|r&d|research and development|sg&a"
    r"|backlog|headcount|employees|market cap\w*|ratios?|return on|roa|roe|roic|growth|goodwill"
    r"|working capital|depreciation|amortization|impairments?|shares outstanding|buybacks?|gm"
    r"|fcf|borrowings|net worth|stores|backlogs)\b",
    re.I,
)
_FIGURE_KEYS = frozenset("capital research market working free total net gross operating".split())
_JOINS = frozenset("and or vs versus than with to against & from".split())
_FIRST_JOINS = frozenset("and or vs versus against & compared".split())
_VERBS = frozenset("did does do is are was were has have had will can".split())
_ACTS_ON = re.compile(
    r"^(affect|impact|hurt|reduc|influenc|help|harm|driv|drove|caus|contribut|weigh|lower|rais|boost"
    r"|disrupt)"
)
_CONNECTS = frozenset("of for and or by at from did does do is are was were has have had".split())


@dataclass(frozen=True)
class Stranger:
    """A name in the question that no filer bears.

    `owns`: it is said to own a figure. `beside`: it is set beside a filer. `written`: it is
    written as a name; otherwise only the filings can tell whether it is one. `goes_on`
    is the rest of a name that begins as a filer's does ("Controls" of "Johnson Controls" beside
    Johnson & Johnson): the filings tell whether that is a part of the filer. `after_whole`: it
    follows the filer's whole name ("Apple Hospitality" beside Apple).
    """

    name: str
    owns: bool
    beside: bool
    written: bool
    goes_on: str = ""
    after_whole: bool = False


def strangers(
    question: str, words: Sequence[Word], taken: set[int], known: Sequence[Filer]
) -> tuple[Stranger, ...]:
    """The names in `words`, but for the places `taken` by filers' names."""
    parts = [set(plain_name(f.name).split()) for f in known]
    found = list(_going_on(question, words, taken, known))
    for start, end in _runs(question, words, taken):
        keys = [w.key for w in words[start:end]]
        if any(set(keys) <= part for part in parts):
            continue
        if not _acts(words, start, end):
            found.append(_stranger(question, words, start, end, taken, written=True))
    for n in _unwritten(words, taken):
        if not any(words[n].key in part for part in parts):
            one = _stranger(question, words, n, n + 1, taken, written=False)
            if one.owns or one.beside:
                found.append(one)
    return tuple(found)


def _going_on(
    question: str, words: Sequence[Word], taken: set[int], known: Sequence[Filer]
) -> Iterator[Stranger]:
    """Names that begin like a filer's, without being it, and go on in another way."""
    names = [plain_name(str(d.company)).split() for f in known for d in f.documents]
    whole = {" ".join(name) for name in names}
    symbols = {t.lower() for f in known for t in f.tickers}
    for start in sorted(n for n in taken if n - 1 not in taken):
        end = start + 1
        while end in taken:
            end += 1
        said = [word.key for word in words[start:end]]
        begins = any(name[: len(said)] == said for name in names)
        if (
            not begins
            or " ".join(said) in symbols
            or words[end - 1].owns
            or end == len(words)
            or not is_cased(words)
        ):
            continue
        if words[end].key in TRADE | PLACES | LEGAL or not words[end].named:
            continue
        last = end
        while last < len(words) and _goes_on(question, words, last, taken):
            last += 1
            if words[last - 1].owns:
                break
        if last > end:
            name, rest = (
                re.sub(r"['’]s?$", "", question[words[n].start : words[last - 1].end])
                for n in (start, end)
            )
            yield Stranger(name, True, True, True, rest, " ".join(said) in whole)


def _runs(question: str, words: Sequence[Word], taken: set[int]) -> Iterator[tuple[int, int]]:
    """Stretches of capitalised words where a question names what it is about."""
    n = 0
    while n < len(words):
        if not words[n].named or n in taken or words[n].key[0].isdigit():
            n += 1
            continue
        end = n + 1
        while (
            end < len(words) and not words[end - 1].owns and _goes_on(question, words, end, taken)
        ):
            end += 1
        while end > n and words[end - 1].key in ("of", "&"):
            end -= 1
        start, stop = n, end
        while start < stop and words[start].key in TRADE | {"&"}:
            start += 1
        while stop > start and words[stop - 1].key in TRADE | {"&"} and words[stop - 2].key != "of":
            stop -= 1
        if start < stop and _is_name(words, start, stop):
            yield start, stop
        n = max(end, n + 1)


def _goes_on(question: str, words: Sequence[Word], n: int, taken: set[int]) -> bool:
    word = words[n]
    gap = question[words[n - 1].end : word.start]
    if n in taken or gap.strip(" -"):
        return False
    if words[n - 1].written.endswith(".") and len(words[n - 1].key) > 3:
        return False  # a sentence ended; "St." and "J." did not
    if word.key in ("of", "&"):
        return n + 1 < len(words) and n + 1 not in taken and words[n + 1].named
    return word.named


def _is_name(words: Sequence[Word], start: int, end: int) -> bool:
    said = words[start:end]
    if all(w.key in TRADE | PLACES | LEGAL or any(map(str.isdigit, w.key)) for w in said):
        return False
    before = words[start - 1] if start else None
    if end - start == 1 and start == 0 and not said[0].owns:
        return False  # any first word has a capital: see _unwritten
    if before is not None and (before.key in DETERMINERS or before.owns) and not said[-1].owns:
        return False  # "the Aurora segment", "Acme's Aurora": a part of someone
    return (
        said[-1].owns
        or before is None
        or before.key in _CONNECTS | _JOINS
        or _figure_at(words, end, 2)
        or before.key in ("compare", "report")
    )


def _unwritten(words: Sequence[Word], taken: set[int]) -> Iterator[int]:
    """Places of words that may be names though their writing does not tell: the question's first
    word before a figure, and small words where names stand."""
    for n, word in enumerate(words):
        first = n == 0 and not word.owns
        if n in taken or everyday(word.key) or len(word.key) < 3 or any(map(str.isdigit, word.key)):
            continue
        if word.named and not first:
            continue
        before = words[n - 1].key if n else None
        if before in DETERMINERS or (n and words[n - 1].owns):
            continue
        joined = n + 1 < len(words) and words[n + 1].key in _FIRST_JOINS
        if (first and joined) or (_figure_at(words, n + 1, 4) and (first or word.owns)):
            yield n
        elif before in {"of", "for", *_JOINS}:
            after = words[n + 1].key if n + 1 < len(words) else None
            if (
                after is None
                or after in {"in", "for", "during", "fiscal", "and"}
                or after.isdigit()
            ):
                yield n


def _stranger(
    question: str, words: Sequence[Word], start: int, end: int, taken: set[int], written: bool
) -> Stranger:
    name = " ".join(question[words[start].start : words[end - 1].end].split())
    name = re.sub(r"['’]s?$|[.?]+$", "", name)
    return Stranger(
        name,
        owns=_owns(question, words, start, end),
        beside=_beside(question, words, start, end, taken),
        written=written,
    )


def _acts(words: Sequence[Word], start: int, end: int) -> bool:
    """Whether the name acts on a figure instead of owning it: "did the storm reduce sales"."""
    asked = start > 0 and words[start - 1].key in _VERBS
    return asked and end < len(words) and _ACTS_ON.match(words[end].key) is not None


def _owns(question: str, words: Sequence[Word], start: int, end: int) -> bool:
    before = words[start - 1].key if start else None
    if words[end - 1].owns:
        return _figure_at(words, end, 6)
    if before in ("of", "for"):
        return bool(FIGURE.search(question[: words[start].start]))
    if before in _VERBS:
        return bool(FIGURE.search(question))
    return _figure_at(words, end, 3) and (before is None or before not in ("from", "by", "to"))


def _figure_at(words: Sequence[Word], start: int, within: int) -> bool:
    """Whether a figure is named within so many words, with nothing but its adjectives between."""
    for word in words[start : start + within]:
        if FIGURE.fullmatch(word.key) or word.key in _FIGURE_KEYS:
            return True
        if not (word.key in TRADE or word.key[0].isdigit() or everyday(word.key)):
            return False
    return False


def _beside(question: str, words: Sequence[Word], start: int, end: int, taken: set[int]) -> bool:
    """Whether a filer's name and this one are joined: "A and B", "A's margin with B's"."""
    before = max((n for n in taken if n < start), default=None)
    if before is not None and words[start - 1].key in _JOINS | {"for", "of"}:
        between = words[before + 1 : start]
        if len(between) <= 8 and not any(w.named and w.key not in TRADE for w in between):
            return any(w.key in _JOINS for w in between)
    after = min((n for n in taken if n >= end), default=None)
    if after is not None and after - end <= 6:
        between = words[end:after]
        joined = {w.key for w in between} & (_JOINS - {"to", "from"})
        plain = not any(w.named and w.key not in TRADE for w in between)
        listed = question[words[end - 1].end :].lstrip().startswith(",")
        return plain and (bool(joined) or (listed and after == end))
    return False
