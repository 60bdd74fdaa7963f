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


def is_place(database: Database, vectors: VectorIndex | MilvusVectors) -> bool:
    """Whether the store is still searched there: another process may have moved its vectors."""
    address, collection = database.kept(_MILVUS), database.kept(_COLLECTION)
    if isinstance(vectors, MilvusVectors):
        return vectors.kept == (address, collection)
    return not (address and collection)


def check_place(path: Path, faiss_factory: str | None, milvus: str | None) -> Place:
    """Both as they are kept, for the store in `path`. Raises StoreError where there is no such
    index or no Milvus that answers."""
    factory = None if faiss_factory is None else check_factory(faiss_factory)
    address = None if milvus is None else check_address(milvus)
    if address:
        with contextlib.closing(MilvusVectors(path, address, "tenq")) as there:
            there.check()
    return factory, address


def keep_place(path: Path, database: Database, place: Place) -> str | None:
    """Keep a place with the store in `path`; what is None in it stays as it is. Returns where
    vectors were left behind, if the old place could not be cleared."""
    factory, address = place
    if factory is not None:
        database.keep(_FACTORY, factory)
    if address is None or address == (database.kept(_MILVUS) or ""):
        return None
    left = leave(vectors_of(path, database))
    database.keep(_COLLECTION, f"tenq_{uuid.uuid4().hex}")
    database.keep(_MILVUS, address)
    return left


def leave(vectors: VectorIndex | MilvusVectors) -> str | None:
    """Delete a copy that nobody will ask any more; where that cannot be done now, where it is."""
    try:
        with contextlib.closing(vectors):
            vectors.forget()
    except (StoreError, OSError):
        return vectors.where
    return None


def place_in(path: Path, database: sqlite3.Connection) -> tuple[Place, MilvusVectors | None]:
    """What another store takes to search in the same way as the one in `path`, from that one's
    database, and its copy in Milvus, if it has one. Raises sqlite3.Error."""
    rows = database.execute("SELECT key, value FROM meta").fetchall()
    kept = {str(key): str(value) for key, value in rows}
    address, collection = kept.get(_MILVUS), kept.get(_COLLECTION)
    there = MilvusVectors(path, address, collection) if address and collection else None
    return (kept.get(_FACTORY), address), there
