"""COMPANY NAMES: when two are one company's, and which filers a question names.

Identity drops legal forms only ("Inc.", "plc"), so "Liberty Holdings" is not "Liberty
International Group". In questions shorter names do too ("Acme" for "Acme Pump Corporation"), but
only distinctive ones: a word of every day or of accounting ("paper", "news", "results") never
stands for a company unless it is its whole name, written as a name. The vocabulary below is English
and knows no company; a name made of rarer words than it holds is taken as distinctive.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from index.documents import Document

_LEGAL = frozenset(
    """
    inc incorporated corp corporation co company companies plc ltd limited llc llp lp nv sa ag se
    spa gmbh kgaa ab asa oyj bv
    """.split()
)
# Words of questions, of accounting, of time: they name nothing, however they are written.
TRADE = frozenset(
    """
    a an and are as at based basing by can compare compared did do does for from give had has have
    how i if in into is it its of on or our please than that the their them these they this those to
    us usa versus vs was we were what when where which who whom whose why will with would you your
    according among answer both calculate compute describe explain using list name provide report
    round show state summarize tell find identify between during since until through not no all any
    each every per other
    january february march april may june july august september october november december jan feb
    mar apr jun jul aug sep sept oct nov dec q1 q2 q3 q4 h1 h2 fy cy ytd usd eur gbp sec gaap ifrs
    non item items form annual annually quarterly fiscal year years yearly quarter quarters month
    months today yesterday tomorrow filing filings statement statements note notes balance sheet
    income cash flow flows operation operations operating earnings earning revenue revenues sale
    sales net gross profit profits loss losses margin margins ebitda ebit ebitdar eps r&d sg&a capex
    pp&e ppe ppne cogs roa roe roic roce dpo dso dio fcf ar ap md&a mda p&l agm management
    discussion analysis risk risks factor factors ratio ratios total assets asset liabilities
    liability equity ceo cfo coo cto board director directors nasdaq nyse act commission
    consolidated debt debts dividend dividends shares share tax taxes rate rates inventory
    inventories turnover working current quick interest expense expenses cost costs days payable
    payables receivable receivables accounts outstanding million millions billion billions thousand
    thousands e.g i.e eg ie goodwill result results growth price prices amount amounts number value
    values average change changes increase decrease difference percent percentage backlog headcount
    segment segments business businesses division unit region product products customer customers
    employee employees shareholder shareholders stockholder stockholders investor investors supplier
    suppliers competitor competitors parent subsidiary subsidiaries firm firms issuer registrant
    organization auditor auditors management's women men children people everyone lease leases
    depreciation amortization impairment restructuring guidance outlook acquisition acquisitions
    """.split()
)
# Places: they narrow a question, but are no companies.
PLACES = frozenset(
    """
    africa america americas american asia asian australia austria belgium brazil britain british
    canada canadian chile china chinese colombia czech denmark dutch egypt emea apac england europe
    european finland france french german germany greece hungary india indian indonesia ireland
    israel italy italian japan japanese kingdom korea latam latin malaysia mexico middle netherlands
    nigeria norway oceania pacific pakistan peru philippines poland portugal romania russia russian
    saudi scotland singapore spain spanish states sweden swiss switzerland taiwan thailand turkey uae
    uk ukraine us united usa vietnam wales atlantic north northern south southern east eastern west
    western central midwest california texas york florida international global worldwide domestic
    foreign world
    """.split()
)
# Words of every day that companies like to call themselves: by themselves they name none.
_EVERYDAY = frozenset(
    """
    advanced air airlines allied ally apparel applied arts associated auto automotive bank banks
    bath best big black block blue bond box brand brands bright business businesses buy cable camping
    capital car card care carbon casual cedar century chemical chemicals choice city clean clear
    climate cloud club coal coast coffee comfort commerce commercial common communication
    communications community computer connect consumer contact container control core corner credit
    crown data dairy delta depot design destination digital direct discover discovery dollar dream
    drug dynamics eagle earth edge education electric electronic electronics element elevator
    emerging energy engineering enterprise enterprises entertainment entry environmental equipment
    equitable essential estate exchange express family farm fashion fast federal fidelity final
    finance financial first five flag focus food foods foot forest fox freight fresh front fuel full
    fund future game games gap gas general generation gold golden good grand graphic gravity great
    green ground group growth guardian harbor hardware health healthcare heart heritage high holding
    holdings home homes hotel hotels house human ice image independence independent industrial
    industries industry information innovation inspire instruments insurance intelligence
    interactive internet investment investments iron jet key kind lab labs lake land lease leisure
    liberty life light lightning line lines lion local locker logic logistics loop lucky machines
    marathon marine market markets match material materials media medical merit metal metals micro
    mill mills mobile model modern money moon motor motors mutual national natural nature network
    networks new news next night oil old one open option orange organic outdoor packaging paper
    parks partner partners patterson payment payments people performance petroleum pharma
    pharmaceutical pharmaceuticals pioneer pipeline plan plant plastics platform plus point pool
    power precision premier presentation press prime principal pro process progress progressive
    project property properties prudential public publishing pump pumps quality quest rail railroad
    ready real realty red regal regional release relay reliable reliance republic research resort
    resorts resource resources restaurant restaurants retail ring river road rock root royal safe
    science sciences sea seal second secure security securities select semiconductor senior service
    services shell shift ship shop signal signature silver simply sky smart snap social software
    solar solution solutions source space spirit sports spring square standard star steel sterling
    stock storage store stores strategic strategy stream summit sun super supply surgical synergy
    system systems target team technologies technology telecom telecommunications telephone terra
    third time times tool tools toy trade trading transport transportation travel tree trust twin
    ultra union unity universal university up upstart urban utilities utility valley valve valves
    vantage venture ventures victory video village vision visa vital wall waste watch water wave web
    wellness white wild wind wireless women wonder wood work works yield young zero zone
    analyst annual document draft earnings file filed filings full transcript slides deck summary
    overview letter exhibit appendix
    """.split()
)
_FUZZY = 88


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
        return {d.ticker for d in self.documents if d.ticker}

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


def plain_name(company: str) -> str:
    """A company's name for comparing: lower case, no punctuation, no legal form at its end."""
    keys = [re.sub(r"[.'’_]", "", re.sub(r"\.com\b", "", w)) for w in _name_parts(company)]
    keys = [key for key in keys if key]
    whole = list(keys)
    while keys and keys[-1] in _LEGAL | {"and", "&"}:
        keys.pop()
    if len(keys) > 1 and keys[0] == "the":
        keys = keys[1:]
    return " ".join(keys if keys and keys != ["the"] else whole)


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
    groups: list[list[Document]] = []
    for document in sorted(documents, key=lambda d: d.fiscal_year or 0):
        if not document.company or not plain_name(document.company):
            continue
        same = [g for g in groups if any(_same_filer(document, other) for other in g)]
        groups = [g for g in groups if g not in same] + [[*sum(same, []), document]]
    return [
        Filer(
            str(max(g, key=lambda d: d.fiscal_year or 0).company),
            tuple(sorted(g, key=lambda d: d.fiscal_year or 0)),
        )
        for g in groups
    ]


def named_filers(words: Sequence[Word], known: Sequence[Filer]) -> dict[str, set[int]]:
    """Filer's name -> the places of the words that name it. Where two names start at overlapping
    places the longer one counts; a short name that several filers share names them all."""
    cased = is_cased(words)
    firsts = [{plain_name(str(d.company)).split()[0] for d in filer.documents} for filer in known]
    spans: list[tuple[int, int, str]] = []
    for filer in known:
        for name in {plain_name(str(d.company)) for d in filer.documents}:
            shared = sum(name.split()[0] in others for others in firsts) > 1
            spans += ((s, e, filer.name) for s, e in _mentions(name, words, cased, filer, shared))
        spans += ((n, n + 1, filer.name) for n in _tickers(filer, words, cased))
    found: dict[str, set[int]] = {}
    for start, end, name in spans:
        if not any(s < end and start < e and e - s > end - start for s, e, _ in spans):
            found.setdefault(name, set()).update(range(start, end))
    return found


def is_cased(words: Sequence[Word]) -> bool:
    """Whether the question writes names with capitals: some word after the first is so written."""
    return any(w.named and not w.written.isupper() for w in words[1:])


def _name_parts(company: str) -> list[str]:
    return re.findall(r"[\w&][\w&.'’]*", re.sub(r"['’]s\b", "s", company.lower()))


def _same_filer(one: Document, other: Document) -> bool:
    if same_company(one.company, other.company):
        return True
    if one.cik and other.cik:
        return one.cik == other.cik
    first = plain_name(one.company or "").split()[:1]
    same_first = first == plain_name(other.company or "").split()[:1]
    return bool(one.ticker and one.ticker == other.ticker and same_first)


def _mentions(
    name: str, words: Sequence[Word], cased: bool, filer: Filer, shared: bool
) -> Iterator[tuple[int, int]]:
    """Places (start, end) where `words` say `name` in full, shortened, or misspelt."""
    parts = name.split()
    for start in range(len(words)):
        length = 0
        while (
            length < len(parts)
            and start + length < len(words)
            and _alike(words[start + length].key, parts[length])
        ):
            length += 1
        if length and _counts(parts, length, words, start, cased, filer.guessed, shared):
            yield start, start + length
        for size in range(max(1, len(parts) - 1), len(parts) + 2):
            run = words[start : start + size]
            if len(run) == size and not filer.guessed and _misspelt(parts, run):
                yield start, start + size
        if not filer.guessed and _tail(parts, words, start):
            yield start, start + 1


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
    runs_on = bool(
        after and not said[-1].owns and cased and after.named and not _ends_name(after.key)
    )
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
    if after is not None and full and after.key in _LEGAL:
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
    return key in TRADE or key in _LEGAL or key[0].isdigit()


def _alike(said: str, part: str) -> bool:
    return said == part or f"{said}s" == part or (said == f"{part}s" and len(part) > 2)


def _misspelt(parts: Sequence[str], run: Sequence[Word]) -> bool:
    """Nearly the whole name, or the same letters with other gaps ("Footlocker")."""
    if all(everyday(w.key) for w in run):
        return False
    name, said = " ".join(parts), " ".join(w.key for w in run)
    if name.replace(" ", "") == said.replace(" ", "") and len(name) > 3:
        return True
    return min(len(name), len(said)) >= 6 and fuzz.ratio(name, said) >= _FUZZY


def _tail(parts: Sequence[str], words: Sequence[Word], n: int) -> bool:
    """A later, distinctive word of the name alone ("Dorrit" for "The Amy Dorrit Company"), or its
    initials, written as a name with no other name beside it."""
    word = words[n]
    if len(parts) > 2 and word.written.isupper() and word.key not in TRADE:
        if word.key == "".join(part[0] for part in parts):
            return True
    if word.key not in parts[1:] or everyday(word.key) or not word.named:
        return False
    beside = [words[k] for k in (n - 1, n + 1) if 0 <= k < len(words)]
    return (n > 0 or word.owns) and not any(
        w.named and w.start > 0 and not _ends_name(w.key) and not (w is beside[-1] and word.owns)
        for w in beside
    )


def _tickers(filer: Filer, words: Sequence[Word], cased: bool) -> Iterator[int]:
    for n, word in enumerate(words):
        for ticker in filer.tickers:
            key = re.sub(r"[.-]", "", ticker.lower())
            if word.key != key or len(key) < 2:
                continue
            # "IT" and "ALL" are tickers too: those need the company's own name.
            lower = not cased and len(key) > 2
            if not everyday(key) and (re.sub(r"['’]s?$", "", word.written).isupper() or lower):
                yield n


DETERMINERS = frozenset(
    "the a an its their our his her this that these those each every any which what whose".split()
)
_FILE_WORDS = frozenset("form annual quarterly report filing document final draft copy".split())
_VOCABULARY = TRADE | PLACES | _EVERYDAY
