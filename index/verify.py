"""STORE -> WHAT IS WRONG WITH IT: everything checked against everything, and mended where the store
itself knows how: from its own copy of a file, from SQLite, or from where the file came from.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from index.chunks import chunks_of
from index.copies import bring_copy
from index.corrections import correction_of
from index.digests import PARTS, changed, keep, mend_entries, told
from index.documents import Document, rows_of
from index.errors import IndexingError, StoreError
from index.read import read_filing
from index.scan_rows import scans_of
from index.scans import recognise_known
from index.store import Progress, Store

_SHOWN = "CASE c.context WHEN '' THEN c.text ELSE c.context || char(10) || c.text END"
_UNIT_LENGTH = 0.02  # embedders that count in bfloat16 come as near as this


class Finding(NamedTuple):
    """Something that is wrong, or was: one line; `mended`, or how to mend it by hand."""

    what: str
    mended: bool
    how: str = ""


def verify(store: Store, progress: Progress | None = None, deep: bool = False) -> Iterator[Finding]:
    """Check the store and mend it; yields what was found wrong, nothing for a sound store.

    What a filing's rows say is checked against digests kept with them (`index.digests`). Filings of
    before there were any are read again from the store's copies, compared, and given digests; so
    is every filing where `deep`, which also finds what this version reads differently. `progress`
    is called with a fraction and a word. Raises StoreError where the database cannot be
    read at all.
    """
    tell = progress or (lambda fraction, word: None)
    tell(0.0, "database")
    damage = _damage(store)
    if damage:
        yield Finding(
            f"the database is damaged: {damage}", False, f"tenq index rebuild --store {store.path}"
        )
        return
    for entry in mend_entries(store.database):
        yield Finding(f"{entry.name}: {entry.what}", True)
    yield from _orphans(store)
    documents = store.documents()
    for n, document in enumerate(documents):
        tell(0.05 + 0.85 * n / len(documents), document.name)
        yield from _document(store, document, deep)
    tell(0.9, "words")
    yield from _words(store)
    tell(0.95, "vectors")
    yield from _vectors(store)
    tell(1.0, "checked")


def _damage(store: Store) -> str | None:
    try:
        found = [str(row[0]) for row in store.database.rows("PRAGMA integrity_check(1)")]
    except StoreError as error:
        return str(error)
    return None if found == ["ok"] else " ".join(" ".join(found).split())


def _orphans(store: Store) -> Iterator[Finding]:
    """Rows of filings that are gone."""
    for part in (*PARTS, "scans", "readers"):
        key, of = ("sha256", "sha256") if part == "readers" else ("doc_id", "id")
        where = f"FROM {part} WHERE {key} NOT IN (SELECT {of} FROM documents)"
        count = store.database.rows(f"SELECT count(*) AS n {where}")[0]["n"]
        if count:
            with store.database.change() as connection:
                connection.execute(f"DELETE {where}")
            yield Finding(f"{count} {part} of filings that are gone", True)


def _document(store: Store, document: Document, deep: bool) -> Iterator[Finding]:
    file = store.copy_of(document.id)
    sound = _sha256(file) == document.sha256
    if not sound:
        what = f"{document.name}: its copy {file} is " + ("damaged" if file.exists() else "gone")
        origin = Path(document.path)
        sound = _sha256(origin) == document.sha256
        if sound:
            bring_copy(origin, file.parent).replace(file)
            yield Finding(what, True)
        else:
            how = f"tenq index remove {document.id}, then add {origin} again"
            yield Finding(what, False, how)
    wrong = _wrong_rows(store, document)
    parts = changed(store.database, document.id)
    if not wrong and parts:
        wrong = f"its {_listed(parts)} were changed in the database"
    if not wrong and sound and (deep or parts is None):
        wrong = _differs(store, document, file)
        if not wrong and parts is None:
            _keep(store, document)
    if not wrong:
        return
    try:
        if not sound:
            raise StoreError("there is no sound copy of the file")
        store.reread(document.id)
        yield Finding(f"{document.name}: {wrong}", True)
    except IndexingError as error:
        how = f"tenq index remove {document.id}, then add {document.path} again ({error})"
        yield Finding(f"{document.name}: {wrong}", False, how)


def _differs(store: Store, document: Document, file: Path) -> str | None:
    """What a filing's rows say otherwise than its file as it is read now, in words."""
    corrected = correction_of(store.database, document.sha256)
    try:
        reads = recognise_known(scans_of(store.database, document.id))
        filing = read_filing(file, document.name, lambda _: corrected, reads)
        fresh = rows_of(filing, chunks_of(filing))
    except IndexingError as error:
        return f"its copy cannot be read any more ({error})"
    try:
        differing = [
            table for table in fresh if told(store.database, table, document.id) != fresh[table]
        ]
    except StoreError:
        return "its rows cannot be read"
    if not differing:
        return None
    words = ["identity" if table == "documents" else table for table in differing]
    return f"its {_listed(words)} were not what its file says"


def _keep(store: Store, document: Document) -> None:
    """Digests for a filing that was compared with its file."""
    try:
        with store.database.transaction() as connection:
            keep(connection, document.id)
    except sqlite3.Error as error:
        raise StoreError(
            f"the store {store.path} cannot be written: {store.database.said(error)}"
        ) from error


def _listed(words: Sequence[str]) -> str:
    """ "pages, chunks and facts"."""
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def _wrong_rows(store: Store, document: Document) -> str | None:
    """What is wrong with the rows of a filing, in words."""
    import numpy as np

    rows = store.database.rows
    for part in ("pages", "chunks", "facts"):  # those that the list of filings counts
        count = rows(f"SELECT count(*) AS n FROM {part} WHERE doc_id = ?", document.id)[0]["n"]
        if count != getattr(document, part):
            return f"{count} of its {getattr(document, part)} {part} are there"
    numbers = [r["number"] for r in rows(_PAGE_NUMBERS, document.id)]
    if numbers != list(range(1, document.pages + 1)):
        return "its pages are not numbered from 1 on"
    for part in ("chunks", "facts"):
        lost = rows(
            f"SELECT count(*) AS n FROM {part} WHERE doc_id = ? AND page NOT BETWEEN 1 AND ?",
            document.id,
            document.pages,
        )[0]["n"]
        if lost:
            return f"{lost} of its {part} stand on no page"
    vectors = [r["vector"] for r in rows("SELECT vector FROM chunks WHERE doc_id = ?", document.id)]
    if not all(isinstance(vector, bytes) for vector in vectors):
        return "its vectors are none"
    if len({len(vector) for vector in vectors}) > 1 or any(len(vector) % 4 for vector in vectors):
        return "its vectors differ in length"
    if vectors and vectors[0]:
        unit = np.frombuffer(b"".join(vectors), dtype=np.float32).reshape(len(vectors), -1)
        lengths = np.linalg.norm(unit, axis=1)
        if not np.all(np.abs(lengths - 1) < _UNIT_LENGTH):  # false for what is no number, too
            return "its vectors are not of unit length"
    return None


_PAGE_NUMBERS = "SELECT number FROM pages WHERE doc_id = ? ORDER BY number"


def _words(store: Store) -> Iterator[Finding]:
    """The full-text index against the chunks it was made of."""
    wrong = store.database.rows(
        "SELECT c.id FROM chunks c LEFT JOIN words w ON w.rowid = c.id"
        f" WHERE w.rowid IS NULL OR w.text IS NOT ({_SHOWN})"
    )
    left = store.database.rows("SELECT rowid FROM words WHERE rowid NOT IN (SELECT id FROM chunks)")
    if wrong or left:
        with store.database.change() as connection:
            connection.execute("DELETE FROM words WHERE rowid NOT IN (SELECT id FROM chunks)")
            for row in wrong:
                connection.execute("DELETE FROM words WHERE rowid = ?", (row["id"],))
                connection.execute(
                    f"INSERT INTO words (rowid, text) SELECT id, {_SHOWN} FROM chunks c"
                    " WHERE id = ?",
                    (row["id"],),
                )
        yield Finding(f"{len(wrong) + len(left)} passages were wrong in the full-text index", True)
    try:
        with store.database.transaction() as connection:
            connection.execute("INSERT INTO words (words) VALUES ('integrity-check')")
    except sqlite3.DatabaseError:
        with store.database.change() as connection:
            connection.execute("INSERT INTO words (words) VALUES ('rebuild')")
        yield Finding("the full-text index was damaged", True)


def _vectors(store: Store) -> Iterator[Finding]:
    """The copy that is searched against the vectors in SQLite."""
    index = store.fresh_vectors()
    if index.differs(store.database):
        index.forget()
        store.fresh_vectors()
        yield Finding("the vector index was not that of the store's vectors", True)


def _sha256(file: Path) -> str | None:
    try:
        with file.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()
    except (OSError, ValueError):
        return None
