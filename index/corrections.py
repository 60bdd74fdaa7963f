"""What people have corrected of a filing's identity, kept by content: it outlives removing the
filing, adding it again and building the store anew."""

from __future__ import annotations

import contextlib
import json
import re
import sqlite3
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from index.digests import keep_of_content
from index.errors import IndexingError
from index.filing import Correction
from index.forms import form_name
from index.schema import CORRECTED

if TYPE_CHECKING:
    from index.database import Database
    from index.documents import Document
    from index.store import Progress, Store

_TICKER = re.compile(r"(?=.{1,6}$)[A-Z0-9]+(?:[.-][A-Z0-9]+)?")
_CIK = re.compile(r"(?=.*[1-9])[0-9]{1,10}")


def correction_from(
    company: str | None = None,
    form: str | None = None,
    fiscal_year: int | None = None,
    fiscal_period: str | None = None,
    period_end: date | None = None,
    ticker: str | None = None,
    cik: str | None = None,
) -> Correction:
    """A correction as a person words it: "10k" is 10-K, "q2" is Q2, "abc" ABC; blanks are as read.

    Raises IndexingError for a period that is none of FY and Q1 to Q4, and for what can be no ticker
    or no CIK.
    """
    period = (fiscal_period or "").strip().upper() or None
    if period not in (None, "FY", "Q1", "Q2", "Q3", "Q4"):
        raise IndexingError(f"{fiscal_period!r} is no fiscal period; give FY, Q1, Q2, Q3 or Q4")
    symbol, number = (ticker or "").strip().upper(), (cik or "").strip()
    if symbol and not _TICKER.fullmatch(symbol):
        raise IndexingError(f"{ticker!r} is no ticker; give it as traded, such as ABC or BRK.B")
    if number and not _CIK.fullmatch(number):
        raise IndexingError(f"{cik!r} is no CIK; give its digits, 10 at most")
    name, kind = " ".join((company or "").split()), (form or "").strip()
    return Correction(
        name or None,
        form_name(kind) if kind else None,
        fiscal_year,
        period,
        period_end,
        symbol or None,
        number.zfill(10) if number else None,
    )


def correct(
    store: Store, doc_id: int, correction: Correction, progress: Progress | None = None
) -> Document:
    """Correct the identity of a filing and read it again: its passages carry their company's name
    and its facts their fiscal years. What was corrected before stays; a `correction` of nothing
    takes everything back.

    Raises FilingError or StoreError, and then nothing has changed.
    """
    document = store.document(doc_id)
    before = correction_of(store.database, document.sha256)
    after = replace(before, **correction.given()) if correction.given() else correction
    return store.reread(doc_id, progress, after)


def correction_of(database: Database, sha256: str) -> Correction:
    """What has been corrected of the content with this SHA-256; nothing, as a rule."""
    found = database.values(_read, "SELECT value FROM meta WHERE key = ?", CORRECTED + sha256)
    return found[0] if found else Correction()


def keep(connection: sqlite3.Connection, sha256: str, correction: Correction) -> None:
    """Keep it, inside the caller's transaction; one that corrects nothing is forgotten."""
    given = correction.given()
    if given:
        text = json.dumps(given, default=date.isoformat)
        connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (CORRECTED + sha256, text))
    else:
        connection.execute("DELETE FROM meta WHERE key = ?", (CORRECTED + sha256,))
    keep_of_content(connection, sha256)


def kept(connection: sqlite3.Connection) -> dict[str, Correction]:
    """SHA-256 -> correction, of every content that has one that can be read."""
    found = {}
    rows = connection.execute("SELECT key, value FROM meta WHERE key LIKE ?", (CORRECTED + "%",))
    for row in rows.fetchall():
        with contextlib.suppress(TypeError, ValueError):
            found[str(row["key"]).removeprefix(CORRECTED)] = _read(row)
    return found


def _read(row: sqlite3.Row) -> Correction:
    given = json.loads(row["value"])
    if "period_end" in given:
        given["period_end"] = date.fromisoformat(given["period_end"])
    return Correction(**given)
