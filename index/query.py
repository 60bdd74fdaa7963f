"""QUESTION -> what it asks for: companies, fiscal years, form, statements. No model is used.

Companies are those of the store, matched by name, ticker and near-misspelling, so nothing here
knows any company. A proper name that is none of them is kept aside: a question about a company
that is not in the store must not be answered from another one's filing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from rapidfuzz import fuzz

from index.documents import Document
from index.statements import Statement, statements_asked

_LEGAL = (
    r"\b(the|inc|incorporated|corp|corporation|co|company|companies|plc|ltd|limited|llc|lp|nv|sa|ag"
    r"|se|group|holdings?|systems|international|enterprises|brands|stores|com)\b"
)
_YEAR = re.compile(r"\b(?:FY|CY|fiscal(?: year)?|year)?\s*'?((?:19|20)\d\d)\b", re.I)
_SHORT_YEAR = re.compile(r"\bFY\s*'?(\d\d)\b", re.I)
_YEAR_RANGE = re.compile(
    r"\b((?:19|20)\d\d)\s*(?:-|–|to|through|until)\s*(?:FY)?\s*((?:19|20)\d\d)\b"
)
_QUARTER = re.compile(r"\bQ([1-4])|\b(first|second|third|fourth)[- ]quarter", re.I)
_FORMS = {
    "10-K": re.compile(r"\b10-?k\b|annual report", re.I),
    "10-Q": re.compile(r"\b10-?q\b|quarterly report", re.I),
    "8-K": re.compile(r"\b8-?k\b", re.I),
    "earnings": re.compile(r"earnings (release|call|report)|press release", re.I),
}
_NAME = r"[A-Z][\w&.-]*(?:\s+(?:(?:of|and|&)\s+)?[A-Z][\w&.-]*)*"
_SUBJECT = re.compile(
    rf"\b(?P<owner>{_NAME})(?:['’]s|s['’])"
    rf"|\b(?i:of|for|by|at|from|did|does|do|is|are|was|were|has|have|had|will|can)\s+(?P<object>{_NAME})"
)
_FUZZY = 88
# Capitalised words of the trade that name no company.
_TRADE = frozenset(
    """
    a an and are as at based by did do does for from give has have how i if in is it of on or
    please the these this to was were what when where which who whose why with would you your
    according among answer both calculate compare describe explain using list name provide
    report round show state summarize tell find identify between during january february march
    april may june july august september october november december q1 q2 q3 q4 fy cy ytd usd
    eur gbp us usa u.s united states sec gaap ifrs non-gaap item items form annual fiscal year
    quarter company companies filing filings statement statements note notes balance sheet
    income cash flow flows operations earnings revenue revenues sales net gross profit loss
    margin operating ebitda ebit eps r&d sg&a capex pp&e ppne cogs roa roe roic roce dpo dso
    dio fcf ar ap md&a mda p&l management discussion analysis risk factors ratio total assets
    liabilities equity ceo cfo coo board directors common stock nasdaq nyse exchange act
    securities commission financial consolidated asset assets debt dividend dividends shares
    share tax rate inventory turnover working capital current quick interest expense days
    payable outstanding million millions billion thousand europe asia america americas north
    south latin emea apac china japan canada international global covid covid-19 e.g i.e vs
    """.split()
)

# First words that many companies share: "General" alone names neither Mills nor Motors.
_GENERIC = frozenset(
    """
    advanced allied american applied associated atlantic bank best central consolidated digital
    eastern federal first general global great home international national new northern pacific
    public republic royal southern standard union united universal us western
    """.split()
)


@dataclass(frozen=True)
class Query:
    """What was understood. `doc_ids` are the filings of the named companies (all, if none is
    named); `unknown` holds proper names that belong to no filer in the store."""

    question: str
    companies: tuple[str, ...]
    fiscal_years: tuple[int, ...]
    fiscal_period: str | None
    form: str | None
    statements: frozenset[Statement]
    unknown: tuple[str, ...] = field(default=())


def understand(question: str, documents: Sequence[Document]) -> Query:
    """Read companies, years, period, form and statements out of `question`."""
    latest = sorted(documents, key=lambda d: d.fiscal_year or 0)
    # One filer may write itself in several ways over the years; the latest one stands for all.
    filers = {plain_name(d.company): d.company for d in latest if d.company}
    tickers = {plain_name(d.company): d.ticker for d in latest if d.company and d.ticker}
    names = tuple(
        sorted(
            name
            for key, name in filers.items()
            if _is_named(name, tickers.get(key), question, filers.values())
        )
    )
    quarter = _QUARTER.search(question)
    return Query(
        question=question,
        companies=names,
        fiscal_years=fiscal_years(question),
        fiscal_period=_period(quarter) if quarter else None,
        form=next((form for form, wording in _FORMS.items() if wording.search(question)), None),
        statements=statements_asked(question),
        unknown=tuple(_unknown_names(question, names, documents)),
    )


def fiscal_years(question: str) -> tuple[int, ...]:
    """The years named, in order, ranges filled in."""
    years = {int(year) for year in _YEAR.findall(question)}
    years |= {2000 + int(year) for year in _SHORT_YEAR.findall(question)}
    for first, last in _YEAR_RANGE.findall(question):
        if int(first) < int(last) <= int(first) + 20:
            years |= set(range(int(first), int(last) + 1))
    return tuple(sorted(years))


def same_company(one: str | None, other: str | None) -> bool:
    """Whether two names are one company's: "Acme Systems Inc." and "Acme, Incorporated"."""
    return bool(one and other) and plain_name(str(one)) == plain_name(str(other))


def plain_name(company: str) -> str:
    """A company's name as people say it: no legal form, no punctuation, lower case."""
    bare = re.sub(r"[^\w&]+", " ", re.sub(r"['’.]", "", company.lower()))
    short = re.sub(r"\s+", " ", re.sub(_LEGAL, " ", bare)).strip()
    return short or bare.strip()


def _is_named(company: str, ticker: str | None, question: str, filers: Iterable[str]) -> bool:
    asked = " " + plain_name_keep(question) + " "
    name = plain_name(company)
    if f" {name} " in asked or f" {name}s " in asked:
        return True
    if name.replace(" ", "") in {word.replace(" ", "") for word in _grams(asked, name)}:
        return True
    if ticker and re.search(rf"\b{re.escape(ticker)}\b", question) and len(ticker) > 1:
        return True
    first = name.split()[0]
    others = [plain_name(other).split() for other in filers if not same_company(other, company)]
    alone = len(first) > 1 and all(first not in words for words in others)
    if alone and first not in _TRADE | _GENERIC and re.search(rf"\b{re.escape(first)}\b", asked):
        said = re.search(rf"\b{re.escape(first)}\w*", question, re.I)
        written = said[0] if said else ""
        # A short first word must be written as a name is: "MGM", not "all" of "All Foods".
        if written.isupper() or (len(first) > 3 and (written.istitle() or question.islower())):
            return True
    return any(
        fuzz.ratio(name, gram) >= _FUZZY and min(len(name), len(gram)) >= 5
        for gram in _grams(asked, name)
    )


def plain_name_keep(text: str) -> str:
    """Lower case words of `text`, punctuation gone, possessives cut."""
    text = re.sub(r"['’]s\b", "", text.lower())
    return re.sub(r"\s+", " ", re.sub(r"[^\w&]+", " ", re.sub(r"['’.]", "", text))).strip()


def _grams(text: str, name: str) -> set[str]:
    """Runs of as many words of `text` as `name` has, and one more or less."""
    words = text.split()
    size = len(name.split())
    return {
        " ".join(words[n : n + k])
        for k in range(max(1, size - 1), size + 2)
        for n in range(len(words) - k + 1)
    }


def _period(found: re.Match[str]) -> str:
    ordinal = {"first": "1", "second": "2", "third": "3", "fourth": "4"}
    return "Q" + (found[1] or ordinal[found[2].lower()])


def _unknown_names(
    question: str, known: Sequence[str], documents: Sequence[Document]
) -> Iterable[str]:
    """Names that stand where a question names its company ("Acme's …", "of Acme", "did Acme")
    and are neither filers nor words of the trade."""
    filer_words = {w for d in documents if d.company for w in plain_name_keep(d.company).split()}
    filer_words |= {d.ticker.lower() for d in documents if d.ticker}
    skip = _TRADE | filer_words
    for found in _SUBJECT.finditer(question):
        name = found["owner"] or found["object"]
        words = [w for w in name.split() if not any(c.isdigit() for c in w)]
        while words and words[0].lower() in skip:
            words = words[1:]
        while words and words[-1].lower() in skip and words[-2:-1] != ["of"]:
            words = words[:-1]
        name = " ".join(words)
        close = any(fuzz.ratio(plain_name(name), plain_name(k)) >= _FUZZY for k in known)
        if name and not close:
            yield name
