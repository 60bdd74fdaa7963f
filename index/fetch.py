"""TICKER -> FILES -> STORE: a company's newest filings, brought from EDGAR once.

A file arrives under a hidden name, is flushed and then renamed: it is there whole or not at all.
What is in the store, or in the folder from an earlier call that was cut short, is not asked for
again; a filing is known by its accession number, which every file's name ends with.
"""

from __future__ import annotations

import contextlib
import glob
import os
import re
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

from index.documents import Document, Status
from index.edgar import Edgar
from index.edgar_lists import Listed
from index.errors import FetchError, FilingError, UnreachableError
from index.store import Progress, Store

# A download takes minutes at most; whatever is older was left behind by a process that was killed.
_ABANDONED_S = 3600


@dataclass(frozen=True)
class Fetched:
    """What became of one filing, or of a company none was found of. `document` is None and
    `problem` one line where it failed; "unchanged" was in the store already."""

    name: str
    status: Status | Literal["failed"]
    document: Document | None = None
    problem: str = ""


def fetch(
    edgar: Edgar,
    store: Store,
    companies: Sequence[str],
    form: str,
    years: int,
    folder: Path,
    tell: Progress | None = None,
) -> Iterator[Fetched]:
    """Bring what `Edgar.filings` lists for each of `companies` into `folder` and the store.

    A company or a filing that fails is told and the next one tried. `tell` is called with a
    fraction of the whole and a word. Raises UnreachableError and StoreError where going on is of
    no use; what was brought until then stays.
    """
    told = tell or (lambda fraction, word: None)
    for n, company in enumerate(companies):
        step = _part(told, n, len(companies))
        edgar.tell = partial(step, 0.0)
        step(0.0, f"{company}: asking EDGAR")
        try:
            listed = edgar.filings(company, form, years)
        except UnreachableError:
            raise
        except FetchError as error:
            yield Fetched(company, "failed", problem=str(error))
            continue
        for m, filing in enumerate(listed):
            within = _part(step, m, len(listed), f"{file_name(filing)}: ")
            edgar.tell = partial(within, 0.0)
            yield _bring(edgar, store, filing, folder, within)


def file_name(filing: Listed) -> str:
    """The name of a filing's file without its ending: who, form, period, accession number."""
    who = filing.ticker or f"CIK{filing.cik:010d}"
    day = filing.period_end or filing.filed
    return re.sub(r"[^\w.-]", "-", f"{who}_{filing.form}_{day}_{filing.accession_number}")


def download(edgar: Edgar, filing: Listed, folder: Path) -> Path:
    """The filing's file in `folder`, brought from EDGAR if it is not there yet.

    Raises FetchError, and UnreachableError where EDGAR cannot be asked or the disk is full.
    """
    there = sorted(folder.glob(f"*{glob.escape(filing.accession_number)}.*"))
    there = [path for path in there if not path.name.startswith(".")]
    if there:
        return there[0]
    data, ending = edgar.document(filing)
    path = folder / f"{file_name(filing)}{ending}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _sweep(folder)
        handle, arriving = tempfile.mkstemp(dir=folder, prefix=".", suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            Path(arriving).replace(path)
        finally:
            Path(arriving).unlink(missing_ok=True)
    except OSError as error:
        raise UnreachableError(
            f"{path.name} cannot be kept in {folder} ({error.strerror or error}); free some space "
            "or set TENQ_HOME to another disk, and run it again: what has arrived is kept"
        ) from error
    return path


def _bring(edgar: Edgar, store: Store, filing: Listed, folder: Path, tell: Progress) -> Fetched:
    name = file_name(filing)
    held = _held(store, filing)
    if held:
        tell(1.0, "in the store already")
        return Fetched(name, "unchanged", held)
    tell(0.0, "downloading")
    try:
        path = download(edgar, filing, folder / f"{filing.cik:010d}")
        result = store.add(path, tell)
    except UnreachableError:
        raise
    except (FetchError, FilingError) as error:
        return Fetched(name, "failed", problem=str(error))
    return Fetched(name, result.status, result.document)


def _held(store: Store, filing: Listed) -> Document | None:
    """The document in the store that was added from this filing, by the accession number in the
    name of its file or folder."""
    number = filing.accession_number
    for document in store.documents():
        if number in document.path or number.replace("-", "") in document.path:
            return document
    return None


def _part(tell: Progress, n: int, count: int, name: str = "") -> Progress:
    """What tells of the n-th of `count` equal parts, counted from 0, of what `tell` tells of."""
    return lambda part, word: tell((n + min(part, 1.0)) / count, f"{name}{word}")


def _sweep(folder: Path) -> None:
    for left in folder.glob(".*.part"):
        with contextlib.suppress(OSError):
            if time.time() - left.stat().st_mtime > _ABANDONED_S:
                left.unlink()
