"""SQLITE FILES OF THE CHAT: made at first use, one transaction at a time, of a known format."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from assistant.errors import AssistantError

_BUSY_S = 10


@contextmanager
def opened(path: Path, schema: str, made: int, what: str) -> Iterator[sqlite3.Connection]:
    """The file at `path` with `schema`, whose format is number `made`; committed at the end.

    AssistantError, saying `what` cannot be kept there, where it cannot be used or a newer Tenq made
    it.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        database = sqlite3.connect(path, timeout=_BUSY_S)
        try:
            (found,) = database.execute("PRAGMA user_version").fetchone()
            if found not in (0, made):
                raise AssistantError(f"{path} has format {found}, not {made}; a newer Tenq made it")
            database.executescript(f"{schema} PRAGMA user_version = {made};")
            with database:
                yield database
        finally:
            database.close()
    except (sqlite3.Error, OSError) as error:
        raise AssistantError(
            f"{what} cannot be kept in {path} ({error}); move that file away to begin anew"
        ) from error
