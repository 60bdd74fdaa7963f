"""The store's vectors in Milvus, for stores that outgrow one machine's memory: the same interface
as the FAISS copy (`index.vectors`), on a server by address.

SQLite holds the vectors; the collection is a copy that can be searched. One entity that is no chunk
says which state of the store the others are of; it is taken away before they change and put back
afterwards, so that a copy in the middle of a change, or left there by a process that died, is never
taken for whole. It is then brought up to date id by id, and vector by vector (checksums) where it
is of a state that this process has not seen: a store put back from a backup gives ids anew.

Distances are inner products of unit vectors (cosine); the kind of index is Milvus's choice.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import logging
import os
import re
import threading
import zlib
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.errors import StoreError
from index.vectors import Rows, batches

if TYPE_CHECKING:
    from index.embed import Vectors
    from index.vectors import Ids

_TOKEN = "TENQ_MILVUS_TOKEN"  # "user:password" or an API key; never kept with the store
_LOCK = "vectors.lock"
_SERVER = re.compile(r"https?://[^/@\s?#]+(?:/\w*)?")
_STATE_ID = -1  # chunks' ids are positive
_CHUNKS = "id > 0"
_SENT = 2_000  # entities a request; gRPC takes 64 MB
_RANGES = 500  # of ids in one filter
_MOST_NEAREST = 16_384  # Milvus's own limit
_ANSWERS_S, _TAKES_S = 10.0, 60.0  # what a question and what 2,000 vectors may take
_TRIES = 3


def check_address(address: str) -> str:
    """`address`, if vectors can be kept there: `http(s)://HOST:PORT` of a Milvus server; "" is
    FAISS, in the store's folder. Raises StoreError."""
    if not address or _SERVER.fullmatch(address):
        return address
    said = " (a password comes from " + _TOKEN + ")" if "@" in address else ""
    raise StoreError(f"{address!r} is no address of a Milvus server; give http://HOST:PORT{said}")


class MilvusVectors:
    """Nearest chunks by cosine, from a collection at `address`, for the store in `folder`. Its name
    is made of `collection` and the folder's place: a copy of a store has a collection of its own.
    Safe to use from several threads."""

    made_by = "Milvus"
    is_loaded = False  # nothing to be written at the end
    waits = True  # for another machine: nothing else should have to wait for that

    def __init__(self, folder: Path, address: str, collection: str) -> None:
        self.kept = address, collection  # as the store keeps them
        self._folder = folder
        self._address = address
        place = hashlib.sha256(str(folder.resolve()).encode()).hexdigest()
        self._name = f"{collection}_{place[:16]}"
        self._connection: Any = None
        self._connecting = threading.Lock()
        self._known_dimension = 0
        self._known: tuple[str, Ids | None] = ("", None)  # a state, and ids and checksums in it

    def check(self) -> None:
        """Raises StoreError where Milvus cannot be asked."""
        with self._asking():
            self._exists()

    @property
    def where(self) -> str:
        """The collection and its server, for people."""
        return f"the collection {self._name} at {self._address}"

    def refresh(self, rows: Rows) -> None:
        """Bring the collection to the rows' state. StoreError where Milvus cannot be asked or the
        rows do not fit together."""
        with self._asking():
            if self._state() == rows.state():
                return
            with _locked(self._folder / _LOCK):
                for _ in range(_TRIES):
                    if self._followed(rows):
                        return
        # Others go on changing the store: what is there is nearly right, and the next one follows.

    def nearest(
        self, vector: Vectors, top_k: int, among: Sequence[int] | None
    ) -> list[tuple[int, float]]:
        """The `top_k` nearest chunks to `vector`, (1, dimension), as (chunk id, cosine).

        StoreError where `vector` is of another length than the stored ones.
        """
        allowed = None if among is None else set(among)
        with self._asking():
            dimension = self._dimension()
            if not dimension or (among is not None and not among):
                return []
            if vector.shape[1] != dimension:
                raise StoreError(
                    f"the store {self._folder} holds vectors of {dimension} numbers, the sentence "
                    f"embedder makes {vector.shape[1]}; build it anew with "
                    f"`tenq index rebuild --store {self._folder}`"
                )
            found: dict[int, float] = {}
            for condition in _conditions(among):
                hits = self._client.search(
                    self._name,
                    vector.tolist(),
                    limit=min(top_k, _MOST_NEAREST),
                    filter=condition,
                    output_fields=["checksum"],  # none would mean all, vectors included
                    consistency_level="Strong",
                    timeout=_ANSWERS_S,
                )
                near = {int(hit["id"]): float(hit["distance"]) for hit in hits[0]}
                # The filter says who may read what: no server is trusted with that.
                found |= {n: near[n] for n in near if allowed is None or n in allowed}
        return sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))[:top_k]

    def differs(self, rows: Rows) -> bool:
        """Whether the collection holds other ids or other vectors than the rows."""
        with self._asking(), _locked(self._folder / _LOCK):
            for _ in range(_TRIES):
                before = rows.state()
                found = self._differs(rows)
                if rows.state() == before:
                    return found
        return False  # others go on changing the store: nothing can be said against it

    def forget(self) -> None:
        """Delete the collection; the next `refresh` makes it anew."""
        with self._asking(), _locked(self._folder / _LOCK):
            self._drop()

    def save(self) -> None:
        """Nothing: Milvus keeps what it was given."""

    def close(self) -> None:
        """Let go of the server."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    # -- inside ------------------------------------------------------------------------------

    def _differs(self, rows: Rows) -> bool:
        import numpy as np

        wanted = np.array(rows.chunk_ids(), dtype=np.int64)
        if not np.array_equal(np.sort(np.array(list(self._held()), dtype=np.int64)), wanted):
            return True
        try:
            for ids, vectors in batches(rows, wanted, _SENT):
                found = self._client.get(
                    self._name, ids.tolist(), output_fields=["id", "vector"], timeout=_TAKES_S
                )
                stored = {int(each["id"]): each["vector"] for each in found}
                if stored.keys() != set(ids.tolist()):
                    return True
                kept = np.array([stored[n] for n in ids.tolist()], dtype=np.float32)
                if kept.shape != vectors.shape or not np.allclose(kept, vectors, atol=1e-5):
                    return True
        except StoreError:  # the rows' own vectors do not fit together, or have gone meanwhile
            return True
        return False

    @property
    def _client(self) -> Any:
        """The connection, made at first use. StoreError where pymilvus is not installed."""
        with self._connecting:
            return self._connected()

    def _connected(self) -> Any:
        if self._connection is None:
            try:
                from pymilvus import MilvusClient
            except ImportError as error:
                raise StoreError(
                    f"the vectors of {self._folder} are in Milvus, and pymilvus is not installed: "
                    "pip install 'pymilvus>=3'"
                ) from error
            logging.getLogger("pymilvus").setLevel(logging.CRITICAL)  # errors are said once, here
            token = os.environ.get(_TOKEN, "")
            made = MilvusClient(self._address, token=token, timeout=_ANSWERS_S)
            if made.has_collection(self._name, timeout=_ANSWERS_S):
                made.load_collection(self._name, timeout=_TAKES_S)
            self._connection = made
        return self._connection

    @contextlib.contextmanager
    def _asking(self) -> Iterator[None]:
        """What Milvus raises becomes a StoreError of one line."""
        try:
            yield
        except StoreError:
            raise
        except Exception as error:  # those of pymilvus and of grpc share no ancestor but this
            if not _from_milvus(error):
                raise
            said = " ".join(str(getattr(error, "message", "") or error).split())[:200]
            raise StoreError(
                f"Milvus at {self._address}, for the vectors of {self._folder}, could not be "
                f"asked: {said}; see that it runs, or search without it from now on: "
                f'`tenq index add --store {self._folder} --milvus ""`'
            ) from error

    def _exists(self) -> bool:
        return bool(self._client.has_collection(self._name, timeout=_ANSWERS_S))

    def _dimension(self) -> int:
        """The length of the stored vectors; 0 where there is no collection."""
        if not self._known_dimension and self._exists():
            fields = self._client.describe_collection(self._name, timeout=_ANSWERS_S)["fields"]
            self._known_dimension = next(
                int(field["params"]["dim"]) for field in fields if field["name"] == "vector"
            )
        return self._known_dimension

    def _drop(self) -> None:
        self._known_dimension, self._known = 0, ("", None)
        self._client.drop_collection(self._name, timeout=_TAKES_S)

    def _state(self) -> str:
        """The state of the store that the collection is of; "" where it is of none for sure."""
        if not self._exists():
            self._known_dimension = 0
            return ""
        found = self._client.get(
            self._name, [_STATE_ID], output_fields=["state"], timeout=_ANSWERS_S
        )
        return str(found[0]["state"]) if found else ""

    def _set_state(self, state: str) -> None:
        if dimension := self._dimension():
            vector = [1.0] + [0.0] * (dimension - 1)  # Milvus wants one of every entity
            self._client.upsert(
                self._name, [_entity(_STATE_ID, vector, 0, state)], timeout=_ANSWERS_S
            )

    def _followed(self, rows: Rows) -> bool:
        """Take out and put in what has changed; where the copy is of a state not seen, its vectors
        are compared, too. False where the rows changed meanwhile."""
        import numpy as np

        with rows.snapshot():
            state, wanted = rows.state(), np.array(rows.chunk_ids(), dtype=np.int64)
        was = self._state()
        if was == state:
            return True
        try:
            held = self._follow(rows, wanted, was, trusted=was in rows.seen())
        except StoreError:
            if rows.state() != state:
                return False  # vectors were gone before they were read
            raise
        if rows.state() != state:
            return False
        self._set_state(state)
        self._known = state, np.array(list(held.items()), dtype=np.int64).reshape(-1, 2)
        return True

    def _follow(self, rows: Rows, wanted: Ids, was: str, trusted: bool) -> dict[int, int]:
        """Returns what is held afterwards: ids with the checksums of their vectors."""
        import numpy as np
        from tqdm import tqdm

        first = next((vectors for _, vectors in batches(rows, wanted[:1], 1)), None)
        if first is None or self._dimension() not in (0, first.shape[1]):
            self._drop()
        if first is None:
            return {}
        if not self._dimension():
            self._create(first.shape[1])
        self._client.delete(self._name, ids=[_STATE_ID], timeout=_TAKES_S)
        # All ids of a large collection take seconds: asked for only where they are not known.
        state, known = self._known
        held = dict(known.tolist()) if known is not None and was == state else self._held()
        gone = np.setdiff1d(np.array(list(held), dtype=np.int64), wanted)
        for start in range(0, len(gone), _SENT):
            part = gone[start : start + _SENT].tolist()
            self._client.delete(self._name, ids=part, timeout=_TAKES_S)
            for n in part:
                del held[n]
        come = np.array([n for n in wanted.tolist() if not (trusted and n in held)], dtype=np.int64)
        with tqdm(total=len(come), desc="to Milvus", unit="vector", delay=2) as bar:
            for ids, vectors in batches(rows, come, _SENT):
                sums = [zlib.crc32(vector.tobytes()) for vector in vectors]
                new = [
                    _entity(n, vector.tolist(), sum_, "")
                    for n, vector, sum_ in zip(ids.tolist(), vectors, sums, strict=True)
                    if held.get(n) != sum_
                ]
                if new:
                    self._client.upsert(self._name, new, timeout=_TAKES_S)
                held |= dict(zip(ids.tolist(), sums, strict=True))
                bar.update(len(ids))
        return held

    def _held(self) -> dict[int, int]:
        """The ids in the collection, each with the checksum of its vector."""
        if not self._exists():
            return {}
        found = self._client.query_iterator(
            self._name,
            batch_size=_SENT,
            filter=_CHUNKS,
            output_fields=["id", "checksum"],
            consistency_level="Strong",
            timeout=_TAKES_S,
        )
        held: dict[int, int] = {}
        while part := found.next():
            held |= {int(each["id"]): int(each["checksum"]) for each in part}
        found.close()
        return held

    def _create(self, dimension: int) -> None:
        from pymilvus import DataType

        schema = self._client.create_schema(auto_id=False, enable_dynamic_field=False)
        schema.add_field("id", DataType.INT64, is_primary=True)
        schema.add_field("vector", DataType.FLOAT_VECTOR, dim=dimension)
        schema.add_field("checksum", DataType.INT64)
        schema.add_field("state", DataType.VARCHAR, max_length=128)
        index = self._client.prepare_index_params()
        index.add_index("vector", index_type="AUTOINDEX", metric_type="IP")
        self._client.create_collection(
            self._name,
            schema=schema,
            index_params=index,
            consistency_level="Strong",
            timeout=_TAKES_S,
        )


def _entity(number: int, vector: list[float], checksum: int, state: str) -> dict[str, Any]:
    return {"id": number, "vector": vector, "checksum": checksum, "state": state}


def _conditions(among: Sequence[int] | None) -> Iterator[str]:
    """Filters that let through these ids and no others, none too long. A filing's chunks have ids
    in a row, so ranges are few."""
    if among is None:
        yield _CHUNKS
        return
    runs = []
    for _, run in groupby(enumerate(sorted(among)), key=lambda pair: pair[1] - pair[0]):
        ids = [number for _, number in run]
        runs.append(f"(id >= {ids[0]} and id <= {ids[-1]})")
    for start in range(0, len(runs), _RANGES):
        yield " or ".join(runs[start : start + _RANGES])


def _from_milvus(error: Exception) -> bool:
    """Whether an error comes out of Milvus's client, by the modules it went through."""
    trace = error.__traceback__
    while trace is not None:
        if str(trace.tb_frame.f_globals.get("__name__", "")).startswith("pymilvus"):
            return True
        trace = trace.tb_next
    return False


@contextlib.contextmanager
def _locked(file: Path) -> Iterator[None]:
    """One process at a time brings a collection up to date; the system lifts it when one dies."""
    try:
        descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o666)  # as the umask leaves it
    except OSError as error:
        raise StoreError(
            f"{file} cannot be written ({error.strerror}); whoever runs tenq needs permission to"
        ) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
