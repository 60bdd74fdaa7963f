"""QUERY -> the right pages: dense and full-text scores fused, filtered by company and year, with
pages lifted that hold the statement asked about, or state the items asked for the years asked.

Weights were measured (page-hit on real filings, see `tenq eval retrieval`), not guessed. A filter
only ever narrows to filings that exist: a year nobody filed falls back to the nearest ones.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import zip_longest
from typing import Literal, NamedTuple

from index.coverage import missing
from index.documents import Document, Hit, is_annual
from index.forms import is_form
from index.names import filed_by, filers, plain_name, plain_name_keep
from index.parts import page_lifts
from index.parts_of_year import closing
from index.query import Query, understand
from index.relative_periods import with_periods
from index.rerank import READ
from index.store import Store
from index.terms import items, name_pattern
from index.vocabulary import TRADE
from index.wording import left_over, without_conditions

_CANDIDATES = 1000
_DENSE, _WORDS, _YEAR, _STATEMENT, _FORM, _NEIGHBOUR = 1.0, 0.25, 0.15, 0.35, 0.05, 0.05
_STATEMENT_OF_PART = 0.25
_STATES, _STATES_ALL = 0.1, 0.1  # a page that states an item asked; the share of them it states
_PERIOD = 0.1
_LATEST = 0.1
_PAST = re.compile(r"\b(?:did|was|were|had)\b", re.I)
_DAY, _DAYS_APART = 0.15, 10
_RELEASES, _RELEASE = ("earnings", "8-K", "6-K"), 0.1  # where issuers reconcile non-GAAP measures
_INTERIM, _TO_A_QUARTER = ("Q1", "Q2", "Q3"), ("YTD", "3 months")
_MOST_FORMS = 4  # told
_MOST_DOCUMENTS = 200  # more of them, and facts tell no filing from another
_RESTATES = 2  # a 10-K shows two earlier years
# English function words, words that only make a sentence a question, and what the filters handle.
_STOP = frozenset(
    """
    a about all also an and any are as at be been by can did do does during each for from had has
    have how i if in into is it its many me much my of on or our please that the their them then
    there these they this those to was we were what when where which who whom whose why will with
    would you your give tell company fiscal year
    """.split()
)

_CHANGE = re.compile(
    r"\b(?:improv|increas|grow|grew|ris[ei]|rose|declin|decreas|drop|fall|fell|chang|faster)\w*"
    r"|\b\w*\d\w*\b"
)
_REASON = re.compile(r"\bwhy\b|\bexplain|\breasons?\b|\bbecause\b|\bdr(?:i|o)ve|\bsegments?\b")


Technique = Literal[
    "meaning",  # the embeddings' search
    "words",  # the full-text search
    "filters",  # of the companies, years and forms that are named
    "priors",  # filings of the year, the form and the quarter asked; the newest
    "statements",  # chunks of the statement asked
    "items",  # pages that state the items asked
    "parts",  # Items of a form, reconciliations and notes that answer such a question
    "neighbours",  # other good chunks of a page
]


@dataclass(frozen=True)
class Found:
    """The best chunks for a question, what was understood of it, where the store holds nothing
    that could answer it, why (`missing`), and which form it lacks, so that others were searched
    (`note`)."""

    query: Query
    hits: list[Hit]
    missing: str | None
    note: str | None = None


def retrieve(
    store: Store, question: str, top_k: int = 20, without: Collection[Technique] = ()
) -> list[Hit]:
    """The `top_k` best chunks, best first."""
    return find(store, question, top_k, without).hits


def find(
    store: Store, question: str, top_k: int = 20, without: Collection[Technique] = ()
) -> Found:
    """Understand the question, then search the filings it is about. What each technique adds is
    measured by leaving it out."""
    documents = store.documents()
    question = with_periods(question, documents)
    query = understand(question, documents)
    if "filters" in without:
        everything = {d.id: d for d in documents}
        blind = replace(query, companies=(), fiscal_years=(), form=None)
        scores = _scores(store, blind, everything, len(everything), without)
        return Found(query, _best(store, question, scores, top_k), None)
    parts, note = _parts(query, documents, query.companies)
    hits = _ranked(store, question, parts, len(documents), top_k, without)
    return Found(query, hits, missing(store, query, documents, hits), note)


def search(
    store: Store,
    text: str,
    top_k: int = 10,
    company: str | None = None,
    fiscal_year: int | None = None,
    form: str | None = None,
) -> list[Hit]:
    """Plain search with explicit filters (see `filed_as`), for `tenq search`."""
    every = store.documents()
    text = with_periods(text, every)
    documents = filed_as(every, company, fiscal_year, form)
    if not documents:
        return []
    query = replace(understand(text, documents), unknown=())
    if form:
        query = replace(query, form=None)  # what is given goes before what the text says
    parts, _ = _parts(query, documents, () if company else query.companies)
    return _ranked(store, text, parts, len(every), top_k)


def filed_as(
    documents: Sequence[Document],
    company: str | None = None,
    fiscal_year: int | None = None,
    form: str | None = None,
) -> list[Document]:
    """Those that fit all that is given.

    `company` is a ticker, or words of the company's name side by side; `form` takes in its own
    variants: "10-K" finds 10-K/A and 10-K405 too.
    """
    return [
        d
        for d in documents
        if (company is None or _goes_by(company, d))
        and (fiscal_year is None or d.fiscal_year == fiscal_year)
        and (form is None or is_form(form, d.form))
    ]


def _goes_by(company: str, document: Document) -> bool:
    if document.ticker and company.strip().upper() == document.ticker:
        return True
    asked = plain_name(company)
    names = (plain_name(document.company or ""), plain_name_keep(document.company or ""))
    return bool(asked) and any(f" {asked} " in f" {name} " for name in names)


def of_form(query: Query, documents: Sequence[Document]) -> tuple[list[Document], str | None]:
    """Those of the form that is asked; of a company that has none all of them, and the remark that
    it is so for the reader."""
    if not query.form:
        return list(documents), None
    every = filers(documents) if query.companies else []
    sides = [(f.name, list(f.documents)) for f in every] or [("", list(documents))]
    kept: list[Document] = []
    lacking: list[str] = []
    for name, filed in sides:
        fitting = [d for d in filed if is_form(query.form, d.form)]
        kept += fitting or filed
        if filed and not fitting:
            lacking.append(_lacking(query, name, filed))
    return kept, " ".join(lacking) or None


def _lacking(query: Query, name: str, searched: Sequence[Document]) -> str:
    whose = f" of {name}" if name else ""
    years = f" for fiscal {', '.join(map(str, query.fiscal_years))}" if query.fiscal_years else ""
    forms = sorted({d.form or "unknown form" for d in searched})
    more = f" and {len(forms) - _MOST_FORMS} other forms" if len(forms) > _MOST_FORMS else ""
    its = "its " if name else ""
    told = ", ".join(forms[:_MOST_FORMS])
    return f"No {query.form}{whose}{years} in the store; searched {its}{told}{more}."


class _Part(NamedTuple):
    """A part of a question, the filings it is scored among, and those of them to be found."""

    query: Query
    among: dict[int, Document]
    fitting: frozenset[int]


def _parts(
    query: Query, documents: Sequence[Document], companies: Sequence[str]
) -> tuple[list[_Part], str | None]:
    """The question once for each company, and for years that no one filing states together: asked
    of all at once, one of them may take every place. Last, which form is lacking (see `of_form`).
    """
    parts: list[_Part] = []
    notes: list[str] = []
    each: list[Sequence[str]] = [[name] for name in companies] or [companies]
    for names in each:
        for years in _year_groups(query):
            asked = replace(query, fiscal_years=years)
            candidates = _candidates(asked, documents, names)
            chosen, note = of_form(asked, candidates)
            fitting = frozenset(d.id for d in chosen)
            if fitting and all(fitting != part.fitting for part in parts):
                # Words weigh as they do among the company's filings; those of all are too many.
                among = candidates if names else chosen
                parts.append(_Part(asked, {d.id: d for d in among}, fitting))
                notes += [note] if note else []
    return parts, " ".join(dict.fromkeys(notes)) or None


def _within(
    store: Store, part: _Part, in_all: int, without: Collection[Technique] = ()
) -> dict[int, float]:
    """`_scores` of the chunks of the fitting filings."""
    scores = _scores(store, part.query, part.among, in_all, without)
    if len(part.fitting) == len(part.among):
        return scores
    places = store.places(scores)
    return {n: score for n, score in scores.items() if places.get(n, (0,))[0] in part.fitting}


def _year_groups(query: Query) -> list[tuple[int, ...]]:
    """The years asked, those together that one annual report states: of the statements three,
    of what is told in words its own."""
    if query.stands_in or not query.fiscal_years:
        return [query.fiscal_years]
    together = 1 + _RESTATES if query.items or query.statements else 1
    groups: list[tuple[int, ...]] = []
    for year in sorted(query.fiscal_years, reverse=True):
        if groups and groups[-1][-1] - together < year:
            groups[-1] = (year, *groups[-1])
        else:
            groups.append((year,))
    return groups


def _ranked(
    store: Store,
    text: str,
    parts: Sequence[_Part],
    in_all: int,
    top_k: int,
    without: Collection[Technique] = (),
) -> list[Hit]:
    """Every part's first hit, then every part's second, without any twice; the newest years begin,
    and of parts of the same years the one whose first is best."""
    ranked = [
        (-max(part.query.fiscal_years, default=0), -hits[0].score, hits)
        for part in parts
        if (hits := _best(store, text, _within(store, part, in_all, without), top_k))
    ]
    turns = [hits for _, _, hits in sorted(ranked, key=lambda each: each[:2])]
    taken: dict[int, Hit] = {}
    for hit in (hit for turn in zip_longest(*turns) for hit in turn if hit):
        taken.setdefault(hit.chunk_id, hit)
    return list(taken.values())[:top_k]


def _candidates(
    query: Query, documents: Sequence[Document], companies: Sequence[str]
) -> list[Document]:
    """The filings worth searching: of the companies, of the years that could state them."""
    of_company = filed_by(companies, documents) or list(documents)
    if not query.fiscal_years:
        return of_company
    of_year = [
        d
        for d in of_company
        if d.fiscal_year is None
        or any(
            year <= last <= year + _RESTATES for year in query.fiscal_years for last in _years(d)
        )
    ]
    return of_year or of_company


def _years(document: Document) -> set[int]:
    """The fiscal year and the calendar year it ends in: "January 25, 2025" ends fiscal 2024."""
    ends = int(document.period_end[:4]) if document.period_end else None
    return {year for year in (document.fiscal_year, ends) if year}


def _scores(
    store: Store,
    query: Query,
    documents: dict[int, Document],
    in_all: int,
    without: Collection[Technique] = (),
) -> dict[int, float]:
    """Chunk id -> fused score over the candidates of both searches and the statements asked, in
    `documents` out of so many in all."""
    doc_ids = set(documents)
    asked = _topic(query)
    # Where all are searched, naming each costs as much as the search itself.
    among = None if len(doc_ids) == in_all else doc_ids
    dense, words, routed = {}, {}, set[int]()
    if "meaning" not in without:
        dense = dict(store.dense(asked, among, _CANDIDATES))
    if "words" not in without:
        words = dict(store.words(_terms(query), among, _CANDIDATES))
    if query.statements and "statements" not in without:
        routed = set(store.statement_chunks(query.statements, doc_ids))
    # A part of an item, or the reason for it, stands elsewhere: in notes and in the discussion.
    statement = _STATEMENT if not query.items or _asks_plainly(query) else _STATEMENT_OF_PART
    top_words = max(words.values(), default=1.0) or 1.0
    floor = min(dense.values(), default=0.0)
    scores = {
        chunk: _DENSE * dense.get(chunk, floor)
        + _WORDS * words.get(chunk, 0.0) / top_words
        + (statement if chunk in routed else 0.0)
        for chunk in {*dense, *words, *routed}
    }
    states = _stating(store, query, documents) if "items" not in without else {}
    # What a year's filing says of the business or of lawsuits is so at its time.
    year = query.stands_in or max(query.fiscal_years, default=None)
    own = [d for d in documents.values() if d.fiscal_year == year] or list(documents.values())
    lifts = page_lifts(store, query, own) if "parts" not in without else {}
    for page, lift in lifts.items():
        states[page] = states.get(page, 0.0) + lift
    on_them = store.page_chunks(states)
    for chunk in on_them.keys() - scores.keys():
        scores[chunk] = _DENSE * floor
    # A filing that came since the documents were listed is for the next question.
    places = {n: place for n, place in store.places(scores).items() if place[0] in documents}
    scores = {n: scores[n] for n in places}
    prior = _priors(query, documents) if "priors" not in without else dict.fromkeys(documents, 0.0)
    by_page: dict[tuple[int, int], list[float]] = defaultdict(list)
    for chunk, place in places.items():
        scores[chunk] += prior[place[0]]
        by_page[place].append(scores[chunk])
    # A page's other good chunks add a little to its best one.
    for chunk, place in places.items():
        best, *others = sorted(by_page[place], reverse=True)
        if scores[chunk] == best:
            near = _NEIGHBOUR * sum(others[:2]) if "neighbours" not in without else 0.0
            scores[chunk] += near + states.get(place, 0.0)
    return scores


def _stating(
    store: Store, query: Query, documents: dict[int, Document]
) -> dict[tuple[int, int], float]:
    """(document id, page) -> the lift of a statement's page that states items asked for."""
    if len(documents) > _MOST_DOCUMENTS or not _asks_plainly(query):
        return {}
    asked = [items()[name] for name in query.items]
    concepts = {name for item in asked for name in item.concepts}
    stated: dict[tuple[int, int], set[str]] = defaultdict(set)
    for place in store.fact_places(set(documents), sorted(concepts)):
        years = query.fiscal_years or (documents[place.doc_id].fiscal_year,)
        if place.fiscal_year in years:
            stated[place.doc_id, place.page] |= {
                item.id
                for item in asked
                if place.concept in item.concepts and place.statement == item.statement
            }
    return {
        page: _STATES + _STATES_ALL * len(found) / len(asked)
        for page, found in stated.items()
        if found
    }


def _asks_plainly(query: Query) -> bool:
    """Whether an item is asked for as the statements state it: nothing in its clause, such as a
    segment, a region or a reason, sends the reader elsewhere."""
    question = without_conditions(query.question).lower().replace("’", "'")
    if not query.items or _REASON.search(question):
        return False
    known = {word for company in query.companies for word in plain_name(company).split()} | TRADE
    for clause in re.split(r"[.?!:;,]\s", question + " "):
        rest = name_pattern().sub(" ", clause)
        if rest == clause:
            continue
        plain = _CHANGE.sub(" ", plain_name_keep(rest))
        if not set(left_over(plain)) - known:
            return True
    return False


def _priors(query: Query, documents: dict[int, Document]) -> dict[int, float]:
    latest = _latest(query, list(documents.values()))
    return {
        doc_id: _prior(query, document) + (_LATEST if doc_id in latest else 0.0)
        for doc_id, document in documents.items()
    }


def _prior(query: Query, document: Document) -> float:
    """How well the filing itself fits: its year, its form, its quarter."""
    points = 0.0
    if query.fiscal_years and document.fiscal_year is not None:
        behind = document.fiscal_year - (query.stands_in or max(query.fiscal_years))
        points += {0: _YEAR, 1: _YEAR / 3}.get(behind, 0.0)
    if query.day and document.period_end:
        away = abs((date.fromisoformat(document.period_end) - query.day).days)
        points += _DAY if away <= _DAYS_APART else 0.0
    if query.beyond_gaap and document.form in _RELEASES:
        points += _RELEASE
    if query.form and is_form(query.form, document.form):
        points += 2 * _FORM
    period = closing(query.fiscal_period)
    if period and period != "FY":
        points += _PERIOD * (1 if document.fiscal_period == period else -1)
    elif query.fiscal_period in _TO_A_QUARTER:
        points += _FORM if document.fiscal_period in _INTERIM else 0.0
    elif is_annual(document.form):
        points += _FORM
    return points


def _latest(query: Query, documents: Sequence[Document]) -> set[int]:
    """Who asks a company how something is, and names no time, asks of now: its newest annual
    report, or its newest filing of the form and the quarter asked. What was, may be long ago."""
    if not query.companies or query.fiscal_years or _PAST.search(query.question):
        return set()
    period = closing(query.fiscal_period)
    interim = query.fiscal_period in _TO_A_QUARTER
    plain = not query.form and not interim and period in (None, "FY")
    dated = [
        d
        for d in documents
        if d.period_end
        and (not query.form or is_form(query.form, d.form))
        and (d.fiscal_period in _INTERIM if interim else period in (None, "FY", d.fiscal_period))
        and (is_annual(d.form) or not plain)
    ]
    return {max(f.documents, key=lambda d: str(d.period_end)).id for f in filers(dated)}


def _best(store: Store, question: str, scores: dict[int, float], top_k: int) -> list[Hit]:
    """The `top_k` best, in the order of the reranker, if there is one."""
    count = max(top_k, READ) if store.reranker else top_k
    best = sorted(scores, key=lambda chunk: (-scores[chunk], chunk))[:count]
    hits = store.hits({chunk: scores[chunk] for chunk in best})
    return store.reranker.ordered(question, hits)[:top_k] if store.reranker else hits


def _topic(query: Query) -> str:
    """The question without names and years, which the filters have dealt with already."""
    text = query.question
    for company in query.companies:
        text = re.sub(re.escape(company), " ", text, flags=re.I)
    return text


def _terms(query: Query) -> list[str]:
    names = {word for company in query.companies for word in plain_name(company).split()}
    words = plain_name_keep(query.question).split()
    keep = [w for w in words if w not in _STOP and w not in names and len(w) > 1]
    return list(dict.fromkeys(w for w in keep if not re.fullmatch(r"(fy)?(19|20)?\d\d", w)))
