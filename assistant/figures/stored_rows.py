"""STORE -> FIGURE from rows as printed: of the filings of the one company that is asked about, for
the year, or the part of a year, that is asked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from assistant.answer import FigureAnswer, Passage
from assistant.figures.passage_rows import months_named
from assistant.figures.row_answer import row_answer
from assistant.figures.row_known import Stored
from assistant.figures.row_parts import asked_part
from assistant.figures.row_ranking import pages_of_parts, part_asked
from index.documents import Document
from index.names import Filer, filers, named_filers, without_names, words_of
from index.query import Query, without_periods
from index.store import Store


def stored_row_answer(
    store: Store, question: str, query: Query, passages: Sequence[Passage]
) -> FigureAnswer | None:
    """`row_answer` for passages that were found in a store: those of the one company that is asked
    about, the filing for the latest year asked going first. None where such filings hold another
    amount under the same label for the same year."""
    documents = store.documents()
    every = filers(documents)
    asked = [filer for filer in every if filer.name in query.companies] or every
    if query.unknown or len(asked) != 1:
        return None
    if query.fiscal_period:
        return _part_answer(store, question, query, passages, asked[0])
    ids = {document.id for document in asked[0].documents}
    months = months_named(question)
    own = [
        passage
        for passage in passages
        if passage.doc_id in ids and months <= {_month_end(documents, passage)}
    ]
    newest = [p for p in own if query.fiscal_years and p.fiscal_year == max(query.fiscal_years)]
    bare = without_names(question, named_filers(words_of(question), every))
    known = Stored(store, asked[0].documents)
    if part := part_asked(bare):
        pages = pages_of_parts(store, part, asked[0].documents, query.fiscal_years)
        return row_answer(bare, pages, known)
    found = row_answer(bare, newest, known) if newest != own else None
    return found or row_answer(bare, own, known)


def _part_answer(
    store: Store, question: str, query: Query, passages: Sequence[Passage], filer: Filer
) -> FigureAnswer | None:
    """The same for a part of a year, from the interim reports for it."""
    part = asked_part(query, filer.documents)
    if part is None or months_named(question):
        return None
    of, documents = part
    ids = {document.id for document in documents}
    own = [passage for passage in passages if passage.doc_id in ids]
    bare = without_names(question, named_filers(words_of(question), filers(store.documents())))
    return row_answer(without_periods(bare), own, Stored(store, documents, [of.months]), of)


def _month_end(documents: Sequence[Document], passage: Passage) -> str:
    """The month in which the filing's period ends, as its first three letters."""
    ends = next((d.period_end for d in documents if d.id == passage.doc_id), None)
    return f"{date.fromisoformat(ends):%b}".lower() if ends else ""
