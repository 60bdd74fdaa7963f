"""STORE -> THE SAME STORE, BUILT ANEW from its own copies of the files: for stores of an older
format or another embedder, and for a damaged database.

The new store grows beside the old one, which stays whole until the new one takes its place. A
rebuild that was stopped goes on where it was.
"""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from pathlib import Path
from typing import NamedTuple

from index.copies import COPIES, is_own
from index.corrections import keep, kept
from index.database import DATABASE, Database
from index.embed import Embedder
from index.errors import IndexingError, StoreError
from index.filing import Correction, Origin
from index.milvus import MilvusVectors
from index.readers import EVERYBODY, kept_for
from index.scan_rows import scans_by_content
from index.scans import Scan, recognise_known
from index.store import Progress, Store, put_aside
from index.vector_place import Place, keep_place, leave, place_in

_ALL = (EVERYBODY,)


class _Held(NamedTuple):
    """A copy in the old store. `readers`: for whom it is kept; nobody where that is not known.
    `scans`: its pages that OCR read."""

    file: Path
    origin: Origin
    readers: tuple[str, ...]
    scans: dict[int, Scan]


class Rebuilt(NamedTuple):
    """How many filings are in the new store, what could not be read, a line each, and where the
    old store was put, if something could not."""

    filings: int
    failed: tuple[str, ...]
    old: Path | None


def rebuild(path: Path, embedder: Embedder, progress: Progress | None = None) -> Rebuilt:
    """Build the store in `path` anew. Raises StoreError where there is none, or the new one cannot
    be written; the old store is then as it was."""
    tell = progress or (lambda fraction, word: None)
    new, old = path.with_name(f"{path.name}.new"), put_aside(path)
    if old.exists() and not path.exists():  # stopped between the two renames
        old.rename(path)
    if not (path / COPIES).is_dir():
        raise StoreError(f"no store in {path}; make one with `tenq index add PATH --store {path}`")
    if old.exists():
        raise StoreError(f"{old} is left of an earlier rebuild; move it away or delete it")
    files, corrections = _inventory(path)
    place, in_milvus = _place(path)
    lost = [each for each in files if not each.readers]
    files = [each for each in files if each.readers]
    failed = [
        f"{each.origin.name}: one reader's own, and the damaged database no longer says whose; add "
        "it again"
        for each in lost
    ]
    with Store.open(new, embedder, True, place[0]) as store:
        with store.database.transaction() as connection:
            for sha256, correction in corrections.items():
                keep(connection, sha256, correction)
        for n, (file, origin, readers, scans) in enumerate(files):
            step = _part(tell, n, len(files), origin.name)
            try:
                for reader in readers:
                    store.seen_by(reader).add(file, step, origin, recognise_known(scans))
            except StoreError:
                raise  # the new store's trouble, not the file's
            except IndexingError as error:
                failed.append(str(error))
        count = len(store.documents())
    if failed and not count:
        raise StoreError(f"none of the files of {path} could be read; the first: {failed[0]}")
    path.rename(old)
    new.rename(path)
    if place[1]:  # only now: the collection's name goes by the store's place, too
        with contextlib.closing(Database(path, embedder.name)) as database:
            keep_place(path, database, (None, place[1]))
    if in_milvus:
        leave(in_milvus)
    if failed:
        return Rebuilt(count, tuple(failed), old)
    shutil.rmtree(old, ignore_errors=True)
    return Rebuilt(count, (), None)


def _inventory(path: Path) -> tuple[list[_Held], dict[str, Correction]]:
    """The store's files, and what has been corrected of them; where the database tells no more,
    the files by the names of the copies."""
    files: list[_Held] = []
    corrections: dict[str, Correction] = {}
    with (
        contextlib.suppress(sqlite3.Error, TypeError, ValueError),
        contextlib.closing(_read_only(path)) as connection,
    ):
        readers = kept_for(connection)
        rows = connection.execute(
            "SELECT file, name, path, sha256 FROM documents ORDER BY id"
        ).fetchall()
        scans = scans_by_content(connection)
        files = [
            _Held(
                path / COPIES / file,
                Origin(name, Path(place)),
                readers.get(sha256, _ALL),
                scans.get(sha256, {}),
            )
            for file, name, place, sha256 in rows
        ]
        corrections = kept(connection)
    if not files:
        copies = sorted(file for file in (path / COPIES).iterdir() if file.is_file())
        files = [
            _Held(file, Origin(file.stem, file), () if is_own(file) else _ALL, {})
            for file in copies
        ]
    return files, corrections


def _place(path: Path) -> tuple[Place, MilvusVectors | None]:
    """Where the store's vectors are searched; the usual place where the database tells no more."""
    with contextlib.suppress(sqlite3.Error), contextlib.closing(_read_only(path)) as connection:
        return place_in(path, connection)
    return (None, None), None


def _read_only(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(f"{(path / DATABASE).resolve().as_uri()}?mode=ro", uri=True)
    connection.row_factory = sqlite3.Row
    return connection


def _part(tell: Progress, n: int, count: int, name: str) -> Progress:
    return lambda fraction, word: tell((n + min(fraction, 1.0)) / count, f"{name}: {word}")
