"""WHERE A STORE'S VECTORS ARE SEARCHED: by FAISS in its folder, or by Milvus at an address; chosen
once and kept with the store.
"""

from __future__ import annotations

import contextlib
import sqlite3
import uuid
from pathlib import Path

from index.database import Database
from index.errors import StoreError
from index.milvus import MilvusVectors, check_address
from index.vectors import VectorIndex, check_factory

_FACTORY, _MILVUS, _COLLECTION = "faiss_factory", "milvus", "milvus_collection"
Place = tuple[str | None, str | None]  # FAISS's factory string and Milvus's address


def vectors_of(path: Path, database: Database) -> VectorIndex | MilvusVectors:
    """The copy of the vectors that the store in `path` searches."""
    address, collection = database.kept(_MILVUS), database.kept(_COLLECTION)
    if address and collection:
        return MilvusVectors(path, address, collection)
    return VectorIndex(path, database.kept(_FACTORY) or None)


def check_place(faiss_factory: str | None, milvus: str | None) -> Place:
    """Both as they are kept. Raises StoreError where there is no such index or address."""
    return (
        None if faiss_factory is None else check_factory(faiss_factory),
        None if milvus is None else check_address(milvus),
    )


def keep_place(
    path: Path, database: Database, faiss_factory: str | None, milvus: str | None
) -> None:
    """Keep what is given, as `check_place` returns it, with the store; None leaves it as it is.
    Raises StoreError where a new Milvus does not answer, and then nothing has changed."""
    moves = milvus is not None and milvus != (database.kept(_MILVUS) or "")
    collection = f"tenq_{uuid.uuid4().hex}"
    if moves and milvus:
        with contextlib.closing(MilvusVectors(path, milvus, collection)) as there:
            there.check()
    if faiss_factory is not None:
        database.keep(_FACTORY, faiss_factory)
    if milvus is not None and moves:
        leave(vectors_of(path, database))
        database.keep(_COLLECTION, collection)
        database.keep(_MILVUS, milvus)


def leave(vectors: VectorIndex | MilvusVectors) -> None:
    """Delete a copy that nobody will ask any more, if that can be done now."""
    with contextlib.suppress(StoreError, OSError), contextlib.closing(vectors):
        vectors.forget()


def place_in(path: Path, database: sqlite3.Connection) -> tuple[Place, MilvusVectors | None]:
    """What another store takes to search in the same way as the one in `path`, from that one's
    database, and its copy in Milvus, if it has one. Raises sqlite3.Error."""
    rows = database.execute("SELECT key, value FROM meta").fetchall()
    kept = {str(key): str(value) for key, value in rows}
    address, collection = kept.get(_MILVUS), kept.get(_COLLECTION)
    there = MilvusVectors(path, address, collection) if address and collection else None
    return (kept.get(_FACTORY), address), there
