"""STORE -> FIGURE from rows as printed: of the filings of the one company that is asked about, for
the year, or the part of a year, that is asked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from assistant.answer import FigureAnswer, Passage
from assistant.figures.passage_rows import months_named
from assistant.figures.row_answer import row_answer
from assistant.figures.row_known import Stored
from assistant.figures.row_parts import asked_part, month_end
from assistant.figures.row_ranking import pages_of_parts, part_asked
from index.documents import Document
from index.names import filers, named_filers, without_names, words_of
from index.periods import find_dates
from index.query import Query, without_periods
from index.store import Store


def stored_row_answer(
    store: Store, question: str, query: Query, passages: Sequence[Passage]
) -> FigureAnswer | None:
    """`row_answer` for passages that were found in a store: those of the one company that is asked
    about, the filing for the latest year asked going first. None where such filings hold another
    amount under the same label for the same year."""
    every = filers(store.documents())
    asked = [filer for filer in every if filer.name in query.companies] or every
    if query.unknown or len(asked) != 1:
        return None
    bare = without_names(question, named_filers(words_of(question), every))
    filed, months = asked[0].documents, months_named(question)
    if query.fiscal_period:
        return None if months else _part_answer(store, bare, query, passages, filed)
    if not _are_ends(find_dates(question), filed):
        return None
    ids = {document.id for document in filed if months <= {month_end(document)}}
    own = [passage for passage in passages if passage.doc_id in ids]
    newest = [p for p in own if query.fiscal_years and p.fiscal_year == max(query.fiscal_years)]
    known = Stored(store, filed)
    if part := part_asked(bare):
        pages = pages_of_parts(store, part, filed, query.fiscal_years)
        return row_answer(bare, pages, known)
    found = row_answer(bare, newest, known) if newest != own else None
    return found or row_answer(bare, own, known)


def _are_ends(days: Sequence[date], filed: Sequence[Document]) -> bool:
    """Whether a filing's period ends on each of the days, of whatever year: columns of years are
    of those."""
    ends = {d.period_end[4:] for d in filed if d.period_end}
    return all(day.isoformat()[4:] in ends for day in days)


def _part_answer(
    store: Store,
    bare: str,
    query: Query,
    passages: Sequence[Passage],
    filed: Sequence[Document],
) -> FigureAnswer | None:
    """The same for a part of a year, from the interim reports for it."""
    part = asked_part(query, filed)
    if part is None:
        return None
    of, documents = part
    ids = {document.id for document in documents}
    own = [passage for passage in passages if passage.doc_id in ids]
    return row_answer(without_periods(bare), own, Stored(store, documents, [of.months]), of)
