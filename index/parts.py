"""QUESTION -> THE PAGES OF A FILING WHERE SUCH THINGS STAND: what a company does stands in Item 1
of its 10-K, lawsuits under Legal Proceedings (Forms 10-K and 10-Q; Regulation S-K, Items 101 to
105), the securities that are listed on the cover; measures outside GAAP where they are reconciled
to it, as Regulation G wants them to be; an item of the balance sheet in the note of its name; and
what an 8-K tells in its Items, not in the exhibits behind them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from index.documents import Document
from index.outline import items_of
from index.query import Query
from index.store import Store
from index.terms import items, names_in
from index.wording import without_conditions

_MAIN = r"(?: (?:are|is|were|was|its|the|main|major|primary|key|principal|largest|biggest))*"
_BUSINESS = re.compile(
    rf"\b(?:what|which){_MAIN} (?:industr(?:y|ies)|products?|services|brands?|geograph\w+|regions"
    r"|countries|markets|competitors?|customers?|suppliers?|raw materials?|patents?|employees)\b"
    r"|\bwho(?: are| is)?(?: \w+){0,4} (?:customers?|competitors?|suppliers?)\b"
    r"|\bwhat does (?:\S+ ){1,4}(?:do|sell|make|produce|offer)\b|\bhow many (?:people|employees)\b"
    r"|\b(?:industry|business) (?:does|do|is|are)\b|\bgeographies\b|\bseasonal\w*\b|\bheadcount\b",
    re.I,
)
_LEGAL = re.compile(
    r"\blegal (?:battles?|proceedings?|matters?|actions?|claims?|disputes?|cases?)\b"
    r"|\blaw ?suits?\b|\blitigation\b|\bsued\b",
    re.I,
)
_RISKS = re.compile(r"\brisks?\b|\bdepend(?:s|ent|ence|ency)?\b", re.I)
_PROPERTIES = re.compile(
    r"\bsquare feet\b|\bheadquarter\w*\b"
    r"|\b(?:owns?|leases?) (?:its )?(?:properties|facilities|offices)\b",
    re.I,
)
_LISTED = re.compile(
    r"\b(?:trading symbols?|tickers?)\b|\b(?:registered|listed|traded?)\b.*\bexchange\b", re.I
)
# Which question, which Item by its title.
_ITEMS = (
    (_BUSINESS, re.compile(r"^items? 1\b(?!.*\blegal\b).*\bbusiness\b", re.I)),
    (_LEGAL, re.compile(r"\blegal proceedings\b", re.I)),
    (_RISKS, re.compile(r"\brisk factors\b", re.I)),
    (_PROPERTIES, re.compile(r"^items? 2\b.*\bproperties\b", re.I)),
)
_RECONCILIATION = re.compile(
    r"^[^\w\n]*reconciliations? (?:of|from|to|between)\b|\breconciliations?(?: \(continued\))?$",
    re.I | re.M,
)
_HEADED_NOTE = re.compile(r"^[^\w\n]*notes?\s*\d{1,2}\b[\s.:—–-]*([a-z][^\n]{2,80})$", re.I | re.M)
_EXHIBITS = re.compile(r"\b9\.01\b|\bexhibits$", re.I)
_COVER = (1, 2)
# Of a page's score; measured like the other weights (`index.retrieve`).
_ANSWERS, _RECONCILES, _EVENT, _NOTE = 0.2, 0.08, 0.06, 0.05
_MOST_FILINGS = 12  # of more, the question is about no company in particular
_MOST_KEPT = 6000  # filings, as often as they are read for something else

_T = TypeVar("_T")
_kept: dict[tuple[str, str, str | None], Any] = {}


def page_lifts(
    store: Store, query: Query, documents: Sequence[Document]
) -> dict[tuple[int, int], float]:
    """(document id, page) of these filings -> how much more such a page is worth to the question;
    none where the filings are many."""
    if len(documents) > _MOST_FILINGS:
        return {}
    asks = without_conditions(query.question)
    wanted = [title for asked, title in _ITEMS if asked.search(asks)]
    cover = _LISTED.search(asks) is not None
    lifts: dict[tuple[int, int], float] = defaultdict(float)

    def lift(document: Document, pages: Iterable[int], by: float) -> None:
        for page in set(pages):
            lifts[document.id, page] += by

    for document in documents:
        lift(document, _COVER if cover else (), _ANSWERS)
        if wanted:
            answering = (
                page
                for title, first, last in _once(_items, store, document)
                if any(each.search(title) for each in wanted)
                for page in range(first, last + 1)
            )
            lift(document, answering, _ANSWERS)
        if document.form == "8-K":
            events = (
                page
                for title, first, last in _once(_items, store, document)
                if not _EXHIBITS.search(title)
                for page in range(first, last + 1)
            )
            lift(document, events, _EVENT)
        if query.items:
            notes = _once(_notes, store, document)
            lift(document, (page for name, page in notes if name in query.items), _NOTE)
        if query.beyond_gaap:
            lift(document, _once(_reconciling, store, document), _RECONCILES)
    return lifts


def _once(read: Callable[[list[str], str | None], _T], store: Store, document: Document) -> _T:
    """What `read` reads in the texts of a filing's pages; kept, as a filing never changes."""
    key = (read.__name__, document.sha256, document.form)
    if key not in _kept:
        if len(_kept) >= _MOST_KEPT:
            _kept.clear()
        _kept[key] = read(store.page_texts(document.id), document.form)
    found: _T = _kept[key]
    return found


def _items(texts: list[str], form: str | None) -> list[tuple[str, int, int]]:
    """Title, first and last page of every Item."""
    return [(part.title, part.first, part.last) for part in items_of(texts, form)]


def _notes(texts: list[str], _: str | None) -> list[tuple[str, int]]:
    """The items of the balance sheet that the notes are headed by, each with the page."""
    return [
        (name, number)
        for number, text in enumerate(texts, 1)
        for note in _HEADED_NOTE.finditer(text)
        for name in names_in(note[1]).values()
        if name in items() and items()[name].statement == "balance"
    ]


def _reconciling(texts: list[str], _: str | None) -> list[int]:
    """Pages headed as reconciliations."""
    return [
        number
        for number, text in enumerate(texts, 1)
        if "econciliation" in text.lower() and _RECONCILIATION.search(text)
    ]
