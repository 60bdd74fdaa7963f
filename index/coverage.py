"""What the store does not hold of what a question asks: a company, a year, a side of a
comparison.

An annual report of fiscal year y states income and cash flows of y, y-1 and y-2, and the balance
sheet of y and y-1 (Regulation S-X, rules 3-01 and 3-02); a quarterly or current report y and y-1.
Older years count where the passages found show them as a column of a table (up to y-4), coming ones
where the question looks ahead and the filings name them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from index.company import SUFFIX
from index.documents import Document, Hit, is_annual
from index.instead import NO_FILINGS, other_company, other_years, years_of_all
from index.names import Filer, filed_by, filers, near_everyday, plain_name_keep
from index.query import Query
from index.store import Store
from index.strangers import FIGURE, Stranger

_COMPARES = re.compile(
    r"\b(compar\w*|versus|vs|than|both|respectively|difference between|relative to|which of"
    r"|which (company|firm)|whose|higher|lower|larger|smaller|faster|better|outperform\w*)\b",
    re.I,
)
_RELATES = re.compile(
    r"\b(agreements?|contracts?|partner\w*|ventures?|merge\w*|alliances?|deals?|disputes?|lawsuits?"
    r"|litigation|relationships?|transactions?|acqui\w+|collaborat\w+|compet\w+|licen[sc]\w+"
    r"|settle\w*|spin\w*|invest(ed|ment) in|suppl\w+)\b",
    re.I,
)
_AHEAD = re.compile(
    r"\bmatur\w*|\b(fall\w*|comes?|becom\w+) due\b|\bdue (in|by|after|during|within|20)|notes? due"
    r"|\bexpir\w*|\bguid(ance|ed)\b|\boutlook\b|\bexpect\w*|\bforecast\w*|\bproject(ed|ion|ions|s)\b"
    r"|\btarget\w*|\bschedul\w*|\banticipat\w*|\bplan(s|ned)?\b|\bcommit(ted|ments?)\b"
    r"|\b(future|minimum|remaining|estimated|contractual)\b|\bobligations?\b"
    r"|\b(lease|rent\w*|principal|debt|pension|benefit) (payments?|commitments?|maturities)",
    re.I,
)
_LOOKS_AHEAD = re.compile(rf"\bwill\b|{_AHEAD.pattern}", re.I)
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_RESTATES = 2


def missing(
    store: Store, query: Query, documents: Sequence[Document], hits: Sequence[Hit]
) -> str | None:
    """Why the store cannot answer `query`, and what could be asked instead, in one sentence; None
    where it may. `hits` are the passages found for it."""
    if not documents:
        return f"The store holds no filings yet; {NO_FILINGS}."
    known = filers(documents)
    return _company_missing(store, query, known) or _year_missing(
        store, query, documents, known, hits
    )


def _company_missing(store: Store, query: Query, known: Sequence[Filer]) -> str | None:
    absent = [one for one in query.unknown if _is_absent(store, query, one)]
    if not absent:
        return None
    names = list(dict.fromkeys(one.name for one in absent))
    lacking = f"No filing of {' or '.join(names)} is in the store"
    if query.companies and not all(one.goes_on for one in absent):
        lacking += f", so only the part about {' and '.join(query.companies)} could be answered"
    return f"{lacking}; {other_company(names, known)}"


def _is_absent(store: Store, query: Query, one: Stranger) -> bool:
    """Whether the question is about `one` itself and not about what a filing says of it."""
    if one.goes_on:
        return not _is_spoken_of(store, query, one)
    if not one.written and not _is_proper(store, one.name):
        return False
    figure = bool(FIGURE.search(query.question))
    if query.companies:
        if not one.beside:
            return False
        if not _topic(store, one.name):
            return True
        relation = _RELATES.search(query.question)
        compared = _COMPARES.search(query.question) and not relation
        if not (compared or (figure and not relation)):
            return False
        return not _is_part(store, one.name)
    if one.owns:
        return not _is_part(store, one.name)
    return not _topic(store, one.name)


def _is_spoken_of(store: Store, query: Query, one: Stranger) -> bool:
    """Whether the filings know a name that begins as a filer's does: as such, or what it goes on
    with as the filer's own. After a whole name any mention of that will do ("Acme Stores")."""
    if store.phrase_count(plain_name_keep(one.name)):
        return True
    rest = plain_name_keep(one.goes_on)
    if one.after_whole:
        ids = {d.id for d in filed_by(query.companies, store.documents())}
        return all(near_everyday(w) or store.words([w], ids, 1) for w in rest.split())
    if " " in rest:
        return store.phrase_count(rest) > 0
    return not re.fullmatch(SUFFIX, rest) and _is_part(store, one.goes_on)


def _topic(store: Store, name: str) -> bool:
    """Whether the filings speak of `name` more than once."""
    return store.phrase_count(plain_name_keep(name)) >= 2


def _texts(store: Store, phrase: str, limit: int = 100) -> list[str]:
    found = store.words([plain_name_keep(phrase)], None, limit)
    return [hit.text for hit in store.hits(dict(found))]


def _is_proper(store: Store, word: str) -> bool:
    """Whether the filings never write `word` in small letters; a word they never write at all is
    taken for a name unless it looks like a misspelt common one."""
    texts = _texts(store, word)
    small = re.compile(rf"\b{re.escape(word.lower())}")
    if any(re.search(rf"\b{re.escape(word)}", text, re.I) for text in texts):
        return not any(small.search(text) for text in texts)
    return not near_everyday(word.lower())


def _is_part(store: Store, name: str) -> bool:
    """Whether filings report figures of `name` as a part of the filer: a table row of that name,
    or "… segment", "… sales"."""
    label = re.escape(name)
    row = re.compile(
        rf"^\W*{label}\b[^\d\n$(]{{0,40}}[\s.$(]+\d[\d,.]*\)?%?(?:[\s$(—–-]*\d[\d,.]*[)%]*)*\s*$",
        re.I | re.M,
    )
    said = re.compile(
        rf"\b{label}\s+(?:segments?|divisions?|business(?:es)?|units?|brands?|subsidiar\w+|products?"
        r"|(?:net\s+)?sales|(?:net\s+)?revenues?|operating (?:income|profit)|operations)\b",
        re.I,
    )
    texts = _texts(store, name)
    return (
        any(row.search(text) for text in texts)
        or sum(len(said.findall(text)) for text in texts) > 1
    )


def _year_missing(
    store: Store,
    query: Query,
    documents: Sequence[Document],
    known: Sequence[Filer],
    hits: Sequence[Hit],
) -> str | None:
    years = _years_asked(query)
    if not years:
        return None
    sides = [(f.name, f.documents) for f in known if f.name in query.companies]
    sides = sides or [("", tuple(documents))]
    lacking = {
        name: [y for y in years if not _covered(store, query, y, filed, hits)]
        for name, filed in sides
    }
    if len(sides) > 1 and len(years) > 1:
        # Which year belongs to which company is not known: each needs one, and each year one.
        nowhere = [y for y in years if all(y in lack for lack in lacking.values())]
        lacking = {n: lack if len(lack) == len(years) else nowhere for n, lack in lacking.items()}
    if not any(lacking.values()):
        return None
    if len(sides) == 1:
        name, filed = sides[0]
        whose = f"The filings of {name} in the store" if name else "The filings in the store"
        return _lacking_years(query, whose, filed, lacking[name])
    return _lacking_sides(query, sides, lacking)


def _lacking_years(
    query: Query, whose: str, filed: Sequence[Document], lacking: Sequence[int]
) -> str:
    held = _years_held(filed)
    wanted = ", ".join(map(str, lacking))
    if not held:
        return f"{whose} are of no known year, and state nothing of {wanted}."
    stated = _stated_years(query, filed) & set(held) or set(held)  # not those told beside
    ahead = min(lacking) > max(held) and _LOOKS_AHEAD.search(query.question)
    instead = other_years(held, stated, bool(ahead))
    return f"{whose} cover fiscal {', '.join(map(str, held))}, not {wanted}; {instead}."


def _lacking_sides(
    query: Query,
    sides: Sequence[tuple[str, Sequence[Document]]],
    lacking: Mapping[str, Sequence[int]],
) -> str:
    """Of several companies, each by itself: which years its filings cover, and which of those
    asked they lack."""
    told = []
    for name, filed in sides:
        held = _years_held(filed)
        covers = f"cover fiscal {', '.join(map(str, held))}" if held else "are of no known year"
        lack = f", not {', '.join(map(str, lacking[name]))}" if held and lacking[name] else ""
        told.append(f"those of {name} {covers}{lack}")
    told[0] = told[0].replace("those", "The filings in the store", 1)
    latest = max((year for _, filed in sides for year in _years_held(filed)), default=0)
    wanted = [year for years in lacking.values() for year in years]
    ahead = min(wanted) > latest and _LOOKS_AHEAD.search(query.question)
    instead = years_of_all([_stated_years(query, filed) for _, filed in sides], bool(ahead))
    return f"{', and '.join(told)}; {instead}."


def _years_held(filed: Sequence[Document]) -> list[int]:
    return sorted({document.fiscal_year for document in filed if document.fiscal_year})


def _stated_years(query: Query, filed: Sequence[Document]) -> set[int]:
    """The years that the filings surely state: whole ones, where no part of one is asked."""
    annual = [d for d in filed if is_annual(d.form)] if not query.fiscal_period else []
    return {year for d in annual or filed for year in _states(query, d)}


def _years_asked(query: Query) -> list[int]:
    """The years asked about, without those that are part of a title ("2014 Stock Plan")."""
    title = re.compile(
        r"\b((?:19|20)\d\d)\s+(?:(?!(?:Q[1-4]|FY|H[12]|GAAP|EPS|EBITDA|R&D|SG&A|COGS|10)\b)[A-Z]\w+"
        r"|(?:senior|convertible|notes?|bonds?|plan|act|agreement|credit|indenture|facility)\b)"
    )
    titles = {int(year) for year in title.findall(query.question)}
    return [year for year in query.fiscal_years if year not in titles]


def _covered(
    store: Store, query: Query, year: int, filed: Sequence[Document], hits: Sequence[Hit]
) -> bool:
    if any(year in _states(query, d) for d in filed):
        return True
    ids = {d.id for d in filed}
    texts = {d.id: [h.text for h in hits if h.doc_id == d.id] for d in filed}
    if any(
        (d.fiscal_year is None or 0 <= d.fiscal_year - year <= 4)
        and any(_is_column(year, text) for text in texts[d.id])
        for d in filed
    ):
        return True
    latest = max((y for d in filed for y in _ends(d)), default=None)
    if latest is not None and year > latest:
        return bool(_AHEAD.search(query.question) and store.words([str(year)], ids, 1))
    # Something that happened in a year is not a figure of that year.
    told = any(re.search(rf"\b{year}\b", text) for found in texts.values() for text in found)
    return told and not FIGURE.search(query.question)


def _states(query: Query, document: Document) -> set[int]:
    """The years whose figures the filing surely states."""
    annual = is_annual(document.form) or document.form == "other"
    back = _RESTATES if annual and query.statements != {"balance"} else 1
    return {last - n for last in _ends(document) for n in range(back + 1)}


def _ends(document: Document) -> set[int]:
    """The fiscal year and the calendar year it ends in: "January 25, 2025" ends fiscal 2024."""
    ends = int(document.period_end[:4]) if document.period_end else None
    return {year for year in (document.fiscal_year, ends) if year}


def _is_column(year: int, text: str) -> bool:
    """Whether `year` heads a column: a short line with it, the year after, and a third one."""
    for line in text.splitlines():
        years = {int(y) for y in re.findall(r"\b(?:19|20)\d\d\b", line)}
        if {year, year + 1} <= years and len(years) > 2 and len(line) < 110:
            return True
    return False
