"""WHAT A READER TYPED -> FILINGS FROM EDGAR in the library, without any web."""

from __future__ import annotations

import re
from collections.abc import Iterator

from assistant.edgar_identity import (
    WHY,
    edgar_folder,
    filings_folder,
    keep_identity,
    known_identity,
)
from index.edgar import Edgar
from index.errors import FetchError
from index.fetch import Fetched, fetch
from index.store import Progress, Store

_MAX_YEARS = 50


def brought(
    store: Store,
    companies: str,
    form: str,
    years: float | None,
    identity: str,
    tell: Progress | None = None,
) -> Iterator[Fetched]:
    """`index.fetch.fetch` for what a reader has typed. An identity typed is kept for the next time,
    once it was of use.

    Raises FetchError, UnreachableError, StoreError, each with one line.
    """
    wanted = [word for word in re.split(r"[\s,;]+", companies) if word]
    if not wanted:
        raise FetchError("name a company by its ticker, such as LRKS, or by its CIK")
    if not years or not 1 <= years <= _MAX_YEARS:
        raise FetchError(f"years: give a number from 1 to {_MAX_YEARS}")
    who = known_identity(identity)
    if who is None:
        raise FetchError(WHY)
    edgar = Edgar(who, edgar_folder())
    kept = not identity.strip()
    for each in fetch(edgar, store, wanted, form.strip(), int(years), filings_folder(), tell):
        if not kept:
            keep_identity(who)
            kept = True
        yield each
