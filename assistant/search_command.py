"""`tenq search`: passages of the filings, and what was understood of the question."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.home import ask_store
from assistant.index_commands import JsonOption, StoreOption, print_json
from assistant.understood import in_words, years_said
from index.errors import IndexingError

if TYPE_CHECKING:
    from index.documents import Document
    from index.query import Query

RerankerOption = Annotated[
    str | None,
    typer.Option(
        "--reranker", help="Cross-encoder that puts what is found in order: folder or hub id."
    ),
]


def search_command(
    query: Annotated[str, typer.Argument()],
    store: StoreOption = None,
    company: Annotated[str | None, typer.Option()] = None,
    year: Annotated[int | None, typer.Option(help="Fiscal year.")] = None,
    form: Annotated[str | None, typer.Option(help="10-K, 20-F, 8-K, proxy statement, …")] = None,
    top_k: Annotated[int, typer.Option("--top-k", min=1, max=200)] = 10,
    reranker: RerankerOption = None,
    as_json: JsonOption = False,
) -> None:
    """Find passages; no language model is used.

    What was understood of the query, and what no filing fits, is said first; with --json on stderr.
    """
    from assistant.kind import kind_of
    from index.coverage import missing
    from index.names import filed_by
    from index.query import understand
    from index.relative_periods import with_periods
    from index.retrieve import of_form, search

    if not re.search(r"\w", query):
        raise IndexingError("the query is empty; say in words what to look for")
    with ask_store(store, reranker) as opened:
        documents = opened.documents()
        hits = search(opened, query, top_k, company, year, form)
        understood = understand(with_periods(query, documents), documents)
        # What is given explicitly goes before what the query says.
        asked = replace(understood, fiscal_years=()) if year else understood
        note = unfit(documents, company, year, form)
        if note is None and company is None:
            note = missing(opened, asked, documents, hits)
        kind = kind_of(understood, answerable=note is None)
        if note is None and form is None:
            of_company = filed_by(asked.companies, documents) or documents
            _, note = of_form(replace(asked, fiscal_years=()), of_company)
    aside = sys.stderr if as_json else sys.stdout
    print(f"understood: {said(understood)}; kind: {kind}", file=aside)
    if note:
        print(f"note: {note}", file=aside)
    if as_json:
        print_json([asdict(hit) for hit in hits])
        return
    for hit in hits:
        print(
            f"{hit.score:.3f}  {hit.company or hit.doc}, {hit.form}, {hit.fiscal_year}: "
            f"{hit.doc} page {hit.page}" + (f", {hit.section}" if hit.section else "")
        )
        print(f"       {' '.join(hit.text.split())[:160]}")
    if not hits:
        print("nothing found")


def said(query: Query) -> str:
    """What was understood of the query, in one line."""
    from index.contents import STATEMENT_NAMES

    statements = [name.lower() for key, name in STATEMENT_NAMES.items() if key in query.statements]
    told = [*in_words(query.understood()), *statements]
    return "; ".join(told) or "no company, year, period, form or statement"


def unfit(
    documents: Sequence[Document], company: str | None, year: int | None, form: str | None
) -> str | None:
    """Which of the explicit filters fits no filing that fits those before it, and what would."""
    from index.instead import other_company
    from index.names import filers
    from index.retrieve import filed_as

    if not documents:
        return None  # said as it is: there are none
    of_company = filed_as(documents, company)
    if not of_company:
        known = filers(documents)
        return f"no filing is of a company {company!r}; {other_company([company or ''], known)}"
    whose = f" of {company}" if company else ""
    of_form = filed_as(of_company, form=form)
    if not of_form:
        forms = ", ".join(sorted({d.form for d in of_company if d.form}))
        return f"no filing{whose} is a {form}; there are: {forms or 'none of a known form'}."
    if not filed_as(of_form, fiscal_year=year):
        years = years_said(sorted({d.fiscal_year for d in of_form if d.fiscal_year}))
        kind = f", {form}" if form else ""
        return f"no filing{whose}{kind} is of fiscal {year}; there are: {years or 'none dated'}."
    return None
