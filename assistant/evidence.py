"""Hits -> the passages the model reads: enough of each company and statement asked about."""

from __future__ import annotations

import time
from collections import defaultdict
from itertools import zip_longest

from assistant.answer import Evidence, Passage
from assistant.errors import ContradictionError, NoCompanyError
from assistant.figures.answer import figure_answer
from assistant.figures.stored_rows import stored_row_answer
from assistant.instead import instead
from assistant.key_rows import key_rows
from assistant.kind import kind_of
from assistant.question_kind import asks_for_advice, asks_for_guess
from index.documents import Hit
from index.names import filed_by
from index.query import Query, plain_name
from index.retrieve import Found, Technique, find
from index.store import Store

_HITS = 40
_PASSAGES = 8
_READ = 4  # about as many as fit the prompt
_NO_GUESS = "That is a figure of a time to come, which no filing states."
_NO_ADVICE = "Filings state facts about the past; they give no investment advice or forecast."


def gather(
    store: Store,
    question: str,
    figures: bool = True,
    calculator: bool = True,
    filters: bool = True,
) -> Evidence:
    """Retrieve for `question`, choose passages and, with `figures`, look up or calculate what it
    asks for, if that is a figure; no model is used. To measure what each does: without
    `calculator`, only what single cells state is looked up; without `filters`, all filings are
    searched."""
    start = time.perf_counter()
    left_out: tuple[Technique, ...] = () if filters else ("filters",)
    found = find(store, question, _HITS, left_out)
    question = found.query.question  # its periods named
    advice = asks_for_advice(question)
    ahead = not advice and _is_guess(store, found.query)
    missing = _NO_ADVICE if advice else found.missing or (_NO_GUESS if ahead else None)
    passages = tuple(_passage(number, hit) for number, hit in enumerate(_choose(found), 1))
    figure = None
    if figures and not advice and not ahead:
        try:
            figure = figure_answer(store, question, found.query)
            if figure is None and not missing:
                figure = stored_row_answer(store, question, found.query, passages)
            if figure and figure.calculation and not calculator:
                figure = None
        except (ContradictionError, NoCompanyError) as error:
            missing = missing or str(error)
    unread = missing or figure
    # What else is missing is told with what there is.
    told = advice or (ahead and not found.missing)
    other = instead(store, found.query, told) if told or not unread else ""
    rows = () if unread else key_rows(question, passages[:_READ], store.embedder)
    cited = {citation.doc_id for citation in figure.citations} if figure else set()
    scanned = frozenset(store.scanned_pages(cited | {p.doc_id for p in passages}))
    spent = time.perf_counter() - start
    kind = kind_of(found.query, answerable=bool(figure or not missing))
    understood = {**found.query.understood(), "kind": kind}
    return Evidence(
        question, passages, missing, understood, spent, rows, figure, found.note, scanned, other
    )


def _is_guess(store: Store, query: Query) -> bool:
    """Whether a figure is asked for of a time after all that the companies have filed."""
    documents = store.documents()
    own = filed_by(query.companies, documents) if query.companies else documents
    filed = [document.fiscal_year for document in own if document.fiscal_year]
    years = () if query.stands_in else query.fiscal_years
    past = any(year <= max(filed, default=0) for year in years)
    return not past and asks_for_guess(query.question)


def _passage(number: int, hit: Hit) -> Passage:
    return Passage(
        number,
        hit.doc_id,
        hit.doc,
        hit.page,
        hit.text,
        hit.company,
        hit.form,
        hit.fiscal_year,
        hit.score,
        (hit.chunk_id,),
        hit.context,
    )


def _choose(found: Found) -> list[Hit]:
    """The best hits, taking turns between companies and, within one, between statements."""
    groups: dict[object, list[Hit]] = defaultdict(list)
    several = len(found.query.companies) > 1
    for hit in found.hits:
        statement = hit.statement if hit.statement in found.query.statements else None
        turn = statement if len(found.query.statements) > 1 else None
        groups[plain_name(hit.company or "") if several else None, turn].append(hit)
    ranked = sorted(groups.values(), key=lambda hits: -hits[0].score)
    taken = [hit for turn in zip_longest(*ranked) for hit in turn if hit is not None]
    return taken[:_PASSAGES]
