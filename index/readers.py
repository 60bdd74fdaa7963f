"""WHO MAY READ A FILING: everybody, as a rule; what readers brought for themselves, they alone.

Kept by content: two who bring the same file share one copy, and each may take it away for
themselves. They may then see the name that the first of them gave the file.
"""

from __future__ import annotations

import sqlite3

from index.digests import keep_of_content

EVERYBODY = ""  # a reader of whom nothing is known: sees what everybody may see


def seen_by(reader: str | None) -> tuple[str, tuple[str, ...]]:
    """An SQL condition on `documents`, and its values: what `reader` may see. None: everything."""
    if reader is None:
        return "1", ()
    return (
        "(sha256 NOT IN (SELECT sha256 FROM readers)"
        " OR sha256 IN (SELECT sha256 FROM readers WHERE reader = ?))",
        (reader,),
    )


def allow(connection: sqlite3.Connection, sha256: str, reader: str) -> None:
    """Keep a content for this reader, and for those who have it already."""
    connection.execute("INSERT OR IGNORE INTO readers VALUES (?, ?)", (sha256, reader))
    keep_of_content(connection, sha256)


def allow_more(connection: sqlite3.Connection, sha256: str, reader: str) -> bool:
    """Let a content that is in the store be read by `reader`, too, or by EVERYBODY; false where
    that was so."""
    rows = connection.execute("SELECT reader FROM readers WHERE sha256 = ?", (sha256,))
    known = {str(row[0]) for row in rows}
    if not known or reader in known:
        return False
    if reader == EVERYBODY:
        forget(connection, sha256)
    else:
        allow(connection, sha256, reader)
    return True


def take_from(connection: sqlite3.Connection, sha256: str, reader: str) -> bool:
    """Take a content that readers brought for themselves from this one; whether others keep it."""
    mine = "sha256 = ? AND reader = ?"
    if not connection.execute(f"DELETE FROM readers WHERE {mine}", (sha256, reader)).rowcount:
        return False
    keep_of_content(connection, sha256)
    left = connection.execute("SELECT 1 FROM readers WHERE sha256 = ?", (sha256,)).fetchone()
    return left is not None


def forget(connection: sqlite3.Connection, sha256: str) -> None:
    """A content is nobody's own any more."""
    connection.execute("DELETE FROM readers WHERE sha256 = ?", (sha256,))
    keep_of_content(connection, sha256)


def kept_for(connection: sqlite3.Connection) -> dict[str, tuple[str, ...]]:
    """SHA-256 -> its readers, of all that is not everybody's; nothing in a store from before there
    were any."""
    there = "SELECT 1 FROM sqlite_master WHERE name = 'readers'"
    if not connection.execute(there).fetchone():
        return {}
    found: dict[str, tuple[str, ...]] = {}
    for sha256, reader in connection.execute("SELECT sha256, reader FROM readers"):
        found[str(sha256)] = (*found.get(str(sha256), ()), str(reader))
    return found
