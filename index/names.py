"""COMPANY NAMES: when two are one company's, and which filers a question names.

Identity drops legal forms only ("Inc.", "plc"), so "Liberty Holdings" is not "Liberty
International Group". In questions shorter names do too ("Acme" for "Acme Pump Corporation"), but
only distinctive ones: a word of every day or of accounting ("paper", "news", "results") never
stands for a company unless it is its whole name, written as a name. The vocabulary is English
and knows no company; a name made of rarer words than it holds is taken as distinctive.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz

from index.documents import Document
from index.vocabulary import EVERYDAY, PLACES, TRADE

LEGAL = frozenset(
    """
    inc incorporated corp corporation co company companies plc ltd limited llc llp lp nv sa ag se
    spa gmbh kgaa ab asa oyj bv
    """.split()
)
_FUZZY = 88
_SHORT = 5  # letters of initials
_Runs = dict[int, list[tuple[int, str, str]]]


@dataclass(frozen=True)
class Word:
    """A word of a question: as `written`, its `key` for comparing (lower case, no possessive), its
    place, and whether it is a possessive."""

    written: str
    key: str
    start: int
    end: int
    owns: bool

    @property
    def named(self) -> bool:
        """Written as a name is: with a capital, or with one inside ("iPhone")."""
        return any(letter.isupper() for letter in self.written)


@dataclass(frozen=True)
class Filer:
    """One company's filings, whatever it called itself over the years; `name` is its latest."""

    name: str
    documents: tuple[Document, ...]

    @property
    def tickers(self) -> set[str]:
        """The symbols its filings name."""
        return {d.ticker for d in self.documents if d.ticker}

    @property
    def aliases(self) -> set[str]:
        """Other names that its filings give it, as `plain_name`."""
        return {plain_name(name) for d in self.documents for name in d.aliases}

    @property
    def initials(self) -> set[str]:
        """Those of its names of three words or more: "iwm" of International Widget Makers Inc."""
        names = (plain_name(str(d.company)).split() for d in self.documents)
        return {"".join(part[0] for part in parts) for parts in names if len(parts) > 2}

    @property
    def guessed(self) -> bool:
        """Whether nothing but the files' names says who it is."""
        return all(
            not d.cik and not d.ticker and d.company == name_from_file(d.name)
            for d in self.documents
        )


def words_of(text: str) -> list[Word]:
    """The words of `text`, in order; hyphens part words, dots and apostrophes do not."""
    found = []
    for part in re.finditer(r"[\w&][\w&.'’]*", text):
        lower = part[0].lower()
        owns = bool(re.search(r"['’]s?$", lower))
        key = re.sub(r"\.com$", "", re.sub(r"['’]s?$", "", lower).rstrip("."))
        key = re.sub(r"[.'’_]", "", key)
        if key:
            found.append(Word(part[0], key, part.start(), part.end(), owns))
    return found


@lru_cache(maxsize=1 << 16)
def plain_name(company: str) -> str:
    """A company's name for comparing: lower case, no punctuation, no legal form at its end."""
    keys = [re.sub(r"[.'’_]", "", re.sub(r"\.com\b", "", w)) for w in _name_parts(company)]
    keys = ["&" if key == "and" else key for key in keys if key]  # one way of saying it
    whole = list(keys)
    while keys and keys[-1] in LEGAL | {"&"}:
        keys.pop()
    if len(keys) > 1 and keys[0] == "the":
        keys = keys[1:]
    return " ".join(keys if keys and keys != ["the"] else whole)


def plain_name_keep(text: str) -> str:
    """Lower case words of `text`, punctuation gone, possessives cut."""
    text = re.sub(r"['’]s\b", "", text.lower())
    return re.sub(r"\s+", " ", re.sub(r"[^\w&]+", " ", re.sub(r"['’.]", "", text))).strip()


def same_company(one: str | None, other: str | None) -> bool:
    """Whether two names are one company's: "Acme Systems Inc." and "Acme Systems, Incorporated".
    A name without letters or digits is nobody's."""
    plain = plain_name(one or "")
    return bool(plain) and plain == plain_name(other or "")


def everyday(word: str) -> bool:
    """Whether `word` (lower case) is too common to tell a company by itself."""
    if word in _VOCABULARY or len(word) < 2:
        return True
    return word.endswith("s") and word[:-1] in _VOCABULARY


def near_everyday(word: str) -> bool:
    """Whether `word` may be a slip of the pen for an everyday one ("quaterly", "toal")."""
    return everyday(word) or any(fuzz.ratio(word, known) >= 80 for known in _VOCABULARY)


def name_from_file(file_name: str) -> str | None:
    """The words before the first figure of a file's name, where they can be a name: the last
    resort when a document says nowhere whose it is."""
    spaced = re.sub(r"[_.-]+", " ", file_name)
    words = re.match(r"[A-Za-z][A-Za-z&' ]+", spaced)
    kept = [w for w in (words[0] if words else "").split() if w.lower() not in _FILE_WORDS]
    name = " ".join(kept)
    if len(name) < 2 or all(everyday(word.lower()) for word in kept):
        return None
    return name.title() if name.isupper() or name.islower() else name


def filers(documents: Iterable[Document]) -> list[Filer]:
    """The documents by company: one name, one CIK, or one ticker and first word is one filer."""
    dated = sorted(documents, key=lambda d: d.fiscal_year or 0)
    named = [d for d in dated if d.company and plain_name(d.company)]
    # Two that each have a CIK are told apart by it, whatever symbol they share.
    loose = {_symbol(d) for d in named if d.ticker and not d.cik}
    leads: dict[tuple[str, str], tuple[str, str]] = {}  # a key -> one that it is the same filer as
    for document in named:
        keys = [("name", plain_name(str(document.company)))]
        keys += [("cik", document.cik)] if document.cik else []
        keys += [_symbol(document)] if _symbol(document) in loose else []
        for key in keys:
            leads[_first(leads, key)] = _first(leads, keys[0])
    groups: dict[tuple[str, str], list[Document]] = {}
    for document in named:
        name = ("name", plain_name(str(document.company)))
        groups.setdefault(_first(leads, name), []).append(document)
    return [
        Filer(str(max(g, key=lambda d: d.fiscal_year or 0).company), tuple(g))
        for g in groups.values()
    ]


def filed_by(companies: Sequence[str], documents: Iterable[Document]) -> list[Document]:
    """The filings of the filers so named, by their latest names."""
    return [d for f in filers(documents) if f.name in companies for d in f.documents]


def named_filers(words: Sequence[Word], known: Sequence[Filer]) -> dict[str, set[int]]:
    """Filer's name -> the places of the words that name it. Where two names start at overlapping
    places the longer one counts, and of two as long the one that is said whole and as spelt: a name
    that only looks like it, or begins like it, is another's. A short name that several filers share
    names them all."""
    cased = is_cased(words)
    near = {spelling for word in words for spelling in _near(word.key)}
    runs: _Runs = {}
    firsts = Counter(
        word
        for filer in known
        for word in {plain_name(str(d.company)).split()[0] for d in filer.documents}
    )
    spans: list[tuple[int, int, bool, str]] = []
    for filer, aliases in zip(known, _other_names(known), strict=True):
        guessed = filer.guessed
        for name in {said for d in filer.documents for said in _spellings(str(d.company))}:
            parts = name.split()
            places: list[tuple[int, int]] = []
            if not near.isdisjoint(parts):
                places += _mentions(parts, words, cased, guessed, firsts[parts[0]] > 1)
            if not guessed:
                places += [*_misspelt(name, words, runs, places), *_tails(parts, words, near)]
            for start, end in places:
                exact = [_joint(word.key) for word in words[start:end]] == parts
                spans.append((start, end, exact, filer.name))
        for alias in aliases:
            if not near.isdisjoint(alias.split()):
                spans += ((*place, True, filer.name) for place in _called(alias, words, cased))
        spans += ((n, n + 1, True, filer.name) for n in _tickers(filer, words, cased))
    found: dict[str, set[int]] = {}
    for start, end, exact, name in spans:
        better = (end - start, exact)
        if not any(s < end and start < e and (e - s, x) > better for s, e, x, _ in spans):
            found.setdefault(name, set()).update(range(start, end))
    return found


def _spellings(company: str) -> set[str]:
    """The plain name with "&" between single letters written apart and together."""
    plain = plain_name(company)
    apart = re.sub(r"(?<=\w)&(?=\w)", " & ", plain)
    return {plain, apart, re.sub(r"\b(\w) & (\w)\b", r"\1&\2", plain)}


def _other_names(known: Sequence[Filer]) -> list[set[str]]:
    """What each filer is called besides its names, and no other filer is: the names that its
    filings give it, and its initials. A company that is listed under other letters goes by its
    initials only where it says so: they may be another's symbol."""
    initials = [
        {
            letters
            for letters in filer.initials
            if not filer.tickers or letters.upper() in filer.tickers or "&" in letters
        }
        for filer in known
    ]
    called = [filer.aliases | own for filer, own in zip(known, initials, strict=True)]
    taken = Counter(name for names in called for name in names)
    for filer in known:
        taken.update({plain_name(str(d.company)) for d in filer.documents})
        taken.update(key for each in filer.tickers if (key := each.lower()) not in filer.initials)
    return [{name for name in names if taken[name] == 1 and name not in TRADE} for names in called]


def without_names(text: str, named: Mapping[str, set[int]]) -> str:
    """`text` with blanks for the names of companies; `named` are its words that are (see
    `named_filers`)."""
    words = words_of(text)
    bare = list(text)
    for index in set().union(*named.values()):
        bare[words[index].start : words[index].end] = " " * (words[index].end - words[index].start)
    return "".join(bare)


def is_cased(words: Sequence[Word]) -> bool:
    """Whether the question writes names with capitals: some word after the first is so written."""
    return any(w.named and not w.written.isupper() for w in words[1:])


def _name_parts(company: str) -> list[str]:
    one_way = unicodedata.normalize("NFKC", company).lower()  # of writing each letter
    return re.findall(r"[\w&][\w&.'’]*", re.sub(r"['’]s\b", "s", one_way))


def _symbol(document: Document) -> tuple[str, str]:
    return f"symbol {document.ticker}", plain_name(str(document.company)).split()[0]


def _first(leads: dict[tuple[str, str], tuple[str, str]], key: tuple[str, str]) -> tuple[str, str]:
    """The key that stands for all that are the same filer as `key`."""
    while (lead := leads.setdefault(key, key)) != key:
        leads[key] = leads[lead]  # the way is halved for the next
        key = lead
    return key


def _mentions(
    parts: Sequence[str], words: Sequence[Word], cased: bool, guessed: bool, shared: bool
) -> Iterator[tuple[int, int]]:
    """Places (start, end) where `words` say the name of these `parts` in full or shortened."""
    for start in range(len(words)):
        length = 0
        while (
            length < len(parts)
            and start + length < len(words)
            and _alike(words[start + length].key, parts[length])
        ):
            length += 1
        if length and _counts(parts, length, words, start, cased, guessed, shared):
            yield start, start + length


def _called(name: str, words: Sequence[Word], cased: bool) -> Iterator[tuple[int, int]]:
    """Places where `words` say another name in full; one of few letters in capitals."""
    parts = name.split()
    short = len(parts) == 1 and len(name) <= _SHORT
    for start in range(len(words) - len(parts) + 1):
        run = words[start : start + len(parts)]
        if not all(_alike(word.key, part) for word, part in zip(run, parts, strict=True)):
            continue
        if short and not run[0].written[: len(name)].isupper():
            continue
        if _counts(parts, len(parts), words, start, cased, False, False) and not _runs_on(
            words, start + len(parts), cased
        ):
            yield start, start + len(parts)


def _runs_on(words: Sequence[Word], end: int, cased: bool) -> bool:
    """Whether a name that ends before the word at `end` may go on there, and so be another's."""
    after = words[end] if end < len(words) else None
    if after is None or words[end - 1].owns or not cased:
        return False
    return after.named and not _ends_name(after.key)


def _counts(
    parts: Sequence[str],
    length: int,
    words: Sequence[Word],
    start: int,
    cased: bool,
    guessed: bool,
    shared: bool,
) -> bool:
    """Whether the first `length` words of a name, said at `start`, mean the company."""
    said = words[start : start + length]
    full = length == len(parts)
    telling = any(not everyday(part) for part in parts[:length])
    after = words[start + length] if start + length < len(words) else None
    named = all(w.named for w in said if w.key not in ("of", "and", "the", "&"))
    runs_on = _runs_on(words, start + length, cased)
    if guessed:
        return full and telling
    if telling:
        if full or length > 1:
            return True
        if shared and runs_on:
            return False  # "Liberty Global" is none of the filers called "Liberty …"
        # A short first word must be written as a name is: "MGM", not "all" of "All Foods".
        word = said[0]
        return word.written.isupper() or (
            len(word.key) > 2 and (word.named or not cased) and not word.key.isdigit()
        )
    if after is not None and full and after.key in LEGAL:
        return True
    if length > 1:
        return (full and not cased) or (named and not runs_on)
    if not full:
        return False
    before = words[start - 1] if start else None
    if not cased:
        return said[0].owns and before is not None and before.key not in DETERMINERS
    beside_name = bool(before and start > 1 and before.named and before.key not in TRADE)
    return named and not runs_on and not beside_name and (start > 0 or said[0].owns)


def _ends_name(key: str) -> bool:
    return key in TRADE or key in LEGAL or key[0].isdigit()


def _joint(key: str) -> str:
    return "&" if key == "and" else key


def _alike(said: str, part: str) -> bool:
    return part in _near(said)


def _near(said: str) -> tuple[str, ...]:
    """The spellings of a name's word that `said` may stand for: one more "s", or one less."""
    joint = _joint(said)
    return (
        (joint, f"{said}s", said[:-1])
        if said[-1:] == "s" and len(said) > 3
        else (joint, f"{said}s")
    )


def _runs_of(size: int, words: Sequence[Word]) -> list[tuple[int, str, str]]:
    """Runs of `size` words that may be a name: the place, as said, and without gaps."""
    runs = []
    for start in range(len(words) - size + 1):
        run = words[start : start + size]
        if not all(everyday(word.key) for word in run):
            said = [_joint(word.key) for word in run]
            runs.append((start, " ".join(said), "".join(said)))
    return runs


def _misspelt(
    name: str, words: Sequence[Word], runs: _Runs, spelt: Sequence[tuple[int, int]]
) -> list[tuple[int, int]]:
    """Where nearly the whole name is said, or the same letters with other gaps ("Footlocker"). The
    same run of words as where it is `spelt` adds nothing to it. `runs` are those of the words by
    size, kept from one name to the next."""
    parts, letters, found = name.count(" ") + 1, name.replace(" ", ""), []
    for size in range(max(1, parts - 1), parts + 2):
        if size not in runs:
            runs[size] = _runs_of(size, words)
        for start, said, bare in runs[size]:
            same = bare == letters and len(name) > 3
            # Of lengths so far apart the ratio is less, whatever the letters.
            close = abs(len(name) - len(said)) * 100 <= (100 - _FUZZY) * (len(name) + len(said))
            if not same and (not close or min(len(name), len(said)) < 6):
                continue
            if not same and fuzz.ratio(name, said) < _FUZZY:
                continue
            if not any(s < start + size and start < e for s, e in spelt):
                found.append((start, start + size))
    return found


def _tails(
    parts: Sequence[str], words: Sequence[Word], near: set[str]
) -> Iterator[tuple[int, int]]:
    if not near.isdisjoint(parts[1:]):
        yield from ((n, n + 1) for n in range(len(words)) if _tail(parts, words, n))


def _tail(parts: Sequence[str], words: Sequence[Word], n: int) -> bool:
    """A later, distinctive word of the name alone ("Dorrit" for "The Amy Dorrit Company"), written
    as a name with no other name beside it."""
    word = words[n]
    if word.key not in parts[1:] or everyday(word.key) or not word.named:
        return False
    after = words[n + 1] if n + 1 < len(words) and not word.owns else None
    if after is not None and after.named and not _ends_name(after.key):
        return False
    if n < 2:
        # The first word has a capital anyway; one of no question and of no day is a name.
        first = words[0].key
        return word.owns if n == 0 else everyday(first) or first in _OPENS
    return not words[n - 1].named or _ends_name(words[n - 1].key)


def _tickers(filer: Filer, words: Sequence[Word], cased: bool) -> Iterator[int]:
    for key in (re.sub(r"[.-]", "", ticker.lower()) for ticker in filer.tickers):
        for n, word in enumerate(words):
            if word.key != key or len(key) < 2:
                continue
            # "IT" and "ALL" are tickers too: those need the company's own name.
            lower = not cased and len(key) > 2
            if not everyday(key) and (re.sub(r"['’]s?$", "", word.written).isupper() or lower):
                yield n


DETERMINERS = frozenset(
    "the a an its their our his her this that these those each every any which what whose".split()
)
_OPENS = frozenset(
    """
    about analyze analyse assess check concerning determine discuss estimate evaluate get hey hi
    regarding think
    """.split()
)
_FILE_WORDS = frozenset("form annual quarterly report filing document final draft copy".split())
_VOCABULARY = TRADE | PLACES | EVERYDAY
