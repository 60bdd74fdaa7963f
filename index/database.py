"""The store's SQLite database: rows, transactions, and which state the store is in.

Whatever SQLite finds wrong while reading becomes a StoreError of one line.
"""

from __future__ import annotations

import contextlib
import sqlite3
import threading
import uuid
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

from index.copies import COPIES
from index.errors import StoreError
from index.schema import FORMAT, SCHEMA

DATABASE = "store.sqlite"
_LOCK_WAIT_S = 60
_UNREADABLE = "Could not decode"  # text that is no UTF-8, in the words of Python's sqlite3
_Value = TypeVar("_Value")
_MENDS = {
    "readonly": "whoever runs tenq needs permission to write there",
    "unable to open": "whoever runs tenq needs permission to write there",
    "full": "make room on the disk and try again",
    "disk I/O": "see whether the disk is full or failing and try again",
    "locked": "another process is writing it; try again once that is done",
}
# What rows raise that hold what was never written.
_DAMAGE = (TypeError, ValueError, ArithmeticError)


class Database:
    """An open database in `folder`, made if it is not there. Safe to use from several threads.

    `changed` is true once this process has changed it.
    """

    def __init__(self, folder: Path, embedder_name: str) -> None:
        """Raises StoreError where it cannot be opened or was made by another format version or
        with another embedder."""
        self.folder = folder
        self.lock = threading.RLock()
        self.changed = False
        self._seen: set[str] = set()
        try:
            (folder / COPIES).mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(
                folder / DATABASE,
                timeout=_LOCK_WAIT_S,
                isolation_level=None,
                check_same_thread=False,
            )
        except (OSError, sqlite3.Error) as error:
            raise StoreError(f"the store {folder} cannot be opened: {error}") from error
        try:
            self._connection.row_factory = sqlite3.Row
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.execute("PRAGMA foreign_keys=ON")
            self._connection.execute("PRAGMA synchronous=FULL")
            self._prepare(embedder_name)
            self.state()
        except (sqlite3.Error, UnicodeDecodeError) as error:
            self.close()
            raise StoreError(f"the store {folder} cannot be opened: {self.said(error)}") from error
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close it; once is enough."""
        self._connection.close()

    def rows(self, sql: str, *values: object) -> list[sqlite3.Row]:
        """What a query finds. StoreError where the database is damaged or cannot be read."""
        return self.values(lambda row: row, sql, *values)

    def values(
        self, make: Callable[[sqlite3.Row], _Value], sql: str, *values: object
    ) -> list[_Value]:
        """What `make` makes of each row. StoreError as of `rows`, or where a row is none that was
        ever written."""
        with self.lock:
            try:
                return [make(row) for row in self._connection.execute(sql, values).fetchall()]
            except (sqlite3.Error, *_DAMAGE) as error:
                raise StoreError(
                    f"the store {self.folder} cannot be read: {self.said(error)}"
                ) from error

    @contextlib.contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing, and no other process writes meanwhile. Raises sqlite3.Error."""
        with self.lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except UnicodeDecodeError as error:
                raise sqlite3.DatabaseError(str(error)) from error
            finally:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")

    @contextlib.contextmanager
    def change(self) -> Iterator[sqlite3.Connection]:
        """A transaction that also gives the store a new state."""
        with self.transaction() as connection:
            yield connection
            connection.execute("UPDATE meta SET value = value + 1 WHERE key = 'generation'")
            connection.execute("UPDATE meta SET value = ? WHERE key = 'state'", (uuid.uuid4().hex,))
        self.changed = True

    def state(self) -> str:
        """Another one after every change, of this store or of a copy put back in its place: the
        random part tells stores apart, the number notices changes by versions without it."""
        rows = self.rows("SELECT value FROM meta WHERE key IN ('generation', 'state') ORDER BY key")
        state = " ".join(str(row["value"]) for row in rows)
        self._seen.add(state)
        return state

    def kept(self, key: str) -> str | None:
        """A setting of the store; None where it was never kept."""
        rows = self.rows("SELECT value FROM meta WHERE key = ?", key)
        return str(rows[0]["value"]) if rows else None

    def keep(self, key: str, value: str) -> None:
        """Keep a setting with the store. Raises StoreError."""
        try:
            with self.transaction() as connection:
                connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))
        except sqlite3.Error as error:
            raise StoreError(
                f"the store {self.folder} cannot be written: {self.said(error)}"
            ) from error

    def seen(self) -> frozenset[str]:
        """The states that the store went through while this process looked on."""
        return frozenset(self._seen)

    @contextlib.contextmanager
    def snapshot(self) -> Iterator[None]:
        """Everything read inside is of one state, whatever other processes write meanwhile."""
        with self.lock:
            self._connection.execute("BEGIN")
            try:
                yield
            finally:
                self._connection.execute("ROLLBACK")

    def chunk_ids(self) -> list[int]:
        """The ids of all chunks, ascending."""
        return [row["id"] for row in self.rows("SELECT id FROM chunks ORDER BY id")]

    def chunk_vectors(self, ids: Sequence[int]) -> bytes:
        """The float32 vectors of these chunks, joined, in the order of their ids."""
        marks = ",".join(str(int(number)) for number in ids)
        rows = self.rows(f"SELECT vector FROM chunks WHERE id IN ({marks}) ORDER BY id")
        return b"".join(row["vector"] for row in rows)

    def said(self, error: Exception) -> str:
        """An error of the system or of SQLite in words, with how to mend it where that is known."""
        said = " ".join(str(error).split())[:200] or type(error).__name__
        if isinstance(error, (sqlite3.DatabaseError, *_DAMAGE)) and not _passes(error):
            return (
                f"{said} (damaged?); put back a copy of {self.folder / DATABASE}, or build the "
                f"store anew from its own copies: `tenq index rebuild --store {self.folder}`"
            )
        mend = next((how for words, how in _MENDS.items() if words in said), None)
        return f"{said}; {mend}" if mend else said

    def _prepare(self, embedder_name: str) -> None:
        known: dict[str, str] = {}
        if self.rows("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'meta'"):
            known = {row["key"]: row["value"] for row in self.rows("SELECT * FROM meta")}
        if known and known.get("format") != str(FORMAT):
            raise StoreError(
                f"the store {self.folder} has format {known.get('format')}, this version reads "
                f"{FORMAT}; `tenq index rebuild --store {self.folder}` builds it anew"
            )
        if known and known.get("embedder") != embedder_name:
            raise StoreError(
                f"the store {self.folder} was made with the embedder {known.get('embedder')}, not "
                f"{embedder_name}; use that one, or `tenq index rebuild --store {self.folder}`"
            )
        columns = self.rows("SELECT name FROM pragma_table_info('digests')")
        if columns and "aliases" not in {row["name"] for row in columns}:
            # Of before names and readers were among them; `verify` compares and keeps them anew.
            self._connection.execute("DROP TABLE IF EXISTS digests")
        self._connection.executescript(SCHEMA)
        if not known:
            self._add_meta({"format": FORMAT, "embedder": embedder_name, "generation": 0})
        if "state" not in known:  # new, or made before there were states
            self._add_meta({"state": uuid.uuid4().hex, "generation": 0})

    def _add_meta(self, values: dict[str, object]) -> None:
        rows = [(key, str(value)) for key, value in values.items()]
        self._connection.executemany("INSERT OR IGNORE INTO meta VALUES (?, ?)", rows)


def _passes(error: Exception) -> bool:
    """Whether another try may do: locked, no room, no permission."""
    return isinstance(error, sqlite3.OperationalError) and _UNREADABLE not in str(error)
