"""QUESTION -> THE PAGES OF THE ITEMS that answer its kind: what a company does stands in Item 1 of
its 10-K, lawsuits under Legal Proceedings (Forms 10-K and 10-Q; Regulation S-K, Items 101 to 105),
the securities that are listed on the cover."""

from __future__ import annotations

import re
from collections.abc import Sequence

from index.documents import Document
from index.outline import items_of
from index.store import Store

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
_COVER = (1, 2)
_MOST_FILINGS = 12  # of more, the question is about no company in particular
_MOST_KEPT = 2000  # filings
_kept: dict[tuple[str, str | None], tuple[tuple[str, int, int], ...]] = {}


def part_pages(store: Store, question: str, documents: Sequence[Document]) -> set[tuple[int, int]]:
    """(document id, page) of every page of an Item that answers such a question, of these filings;
    none where its kind is not known, or they are many."""
    wanted = [title for asked, title in _ITEMS if asked.search(question)]
    cover = _LISTED.search(question) is not None
    if not (wanted or cover) or len(documents) > _MOST_FILINGS:
        return set()
    found = {(document.id, page) for document in documents for page in _COVER if cover}
    for document in documents if wanted else ():
        for title, first, last in _items(store, document):
            if any(each.search(title) for each in wanted):
                found |= {(document.id, page) for page in range(first, last + 1)}
    return found


def _items(store: Store, document: Document) -> tuple[tuple[str, int, int], ...]:
    """Title, first and last page of every Item; read once, as a filing never changes."""
    key = (document.sha256, document.form)
    if key not in _kept:
        if len(_kept) >= _MOST_KEPT:
            _kept.clear()
        parts = items_of(store.page_texts(document.id), document.form)
        _kept[key] = tuple((part.title, part.first, part.last) for part in parts)
    return _kept[key]
