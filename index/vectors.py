"""The FAISS copy of the store's vectors: exact inner product while they are few, inverted lists of
8-bit codes (IVF, SQ8: Jégou et al. 2011) once they are many; ids removable.

SQLite holds the vectors; this index is a copy for speed, in one file that ends with a mark: which
state of which store it was made of, how, and a checksum, for FAISS believes what it reads. It
follows the store's changes id by id (an id never comes back with another vector) and is built anew
where it is missing, damaged or of a state that the store was never seen in, so it never has to be
trusted.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import re
import tempfile
import zlib
from collections.abc import Collection, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from index.copies import is_abandoned
from index.errors import StoreError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from index.embed import Vectors

    Ids = npt.NDArray[np.int64]

_FILE = "vectors.faiss"
_MARK_BYTES = 256  # JSON after the index, padded with spaces: FAISS reads no further than its own
_FLAT_UP_TO = 50_000  # searched exactly in a few milliseconds
_TRAINED_ON = 40  # vectors a list; FAISS asks for 39
_PROBED = 16  # one list in so many is searched; measured, see `tenq eval vectors`
_USUAL = re.compile(r"IVF(\d+),SQ8")
_BATCH = 20_000
_HASHTABLE = 2  # faiss::DirectMap::Hashtable: ids need not be consecutive


class Rows(Protocol):
    """Where the vectors come from."""

    def state(self) -> str:
        """Another one after every change."""
        ...

    def seen(self) -> Collection[str]:
        """The states that the rows went through while this process looked on."""
        ...

    def snapshot(self) -> AbstractContextManager[None]:
        """Everything read inside is of one state."""
        ...

    def chunk_ids(self) -> Sequence[int]:
        """All ids, ascending."""
        ...

    def chunk_vectors(self, ids: Sequence[int]) -> bytes:
        """The float32 vectors of these ids, joined, in the order of the ids, ascending."""
        ...


def factory_for(count: int) -> str:
    """The kind of index, in FAISS's own words, for so many vectors."""
    if count <= _FLAT_UP_TO:
        return "Flat"
    return f"IVF{2 ** round(math.log2(4 * math.sqrt(count)))},SQ8"


def check_factory(factory: str) -> str:
    """`factory`, if FAISS knows such an index; "" is the usual one. Raises StoreError."""
    import faiss

    try:
        if factory:
            faiss.index_factory(768, factory)
    except (RuntimeError, AssertionError) as error:
        raise StoreError(
            f"FAISS knows no index {factory!r}; try Flat, HNSW32, or IVF1024,SQ8"
        ) from error
    return re.sub(r"^IDMap2?,", "", factory)  # ids are always kept


class VectorIndex:
    """Nearest chunks by cosine (vectors have unit length). `factory` overrides `factory_for`."""

    waits = False

    def __init__(self, folder: Path, factory: str | None = None) -> None:
        self._file = folder / _FILE
        self._factory = factory
        self._made_by = ""
        self._index: Any = None
        self._state = ""
        self._saved = ""  # the state that the file is known to hold, whole

    @property
    def is_loaded(self) -> bool:
        """Whether the vectors are in memory."""
        return self._index is not None

    @property
    def made_by(self) -> str:
        """The factory string of the index in memory."""
        return self._made_by

    def refresh(self, rows: Rows) -> None:
        """Bring the index to the rows' state: from memory or the file with what has changed since,
        else from nothing. StoreError where the rows do not fit together."""
        with rows.snapshot():
            state = rows.state()
            if self._state == state:
                return
            if self._index is None:
                self._read({state, *rows.seen()})
            if self._state != state and not (self._index is not None and self._follow(rows)):
                self._build(rows)
            self._state = state

    def nearest(
        self, vector: Vectors, top_k: int, among: Sequence[int] | None
    ) -> list[tuple[int, float]]:
        """The `top_k` nearest chunks to `vector`, (1, dimension), as (chunk id, cosine).

        StoreError where `vector` is of another length than the stored ones.
        """
        import faiss
        import numpy as np

        if self._index.ntotal == 0 or (among is not None and not among):
            return []
        if vector.shape[1] != self._index.d:
            raise StoreError(
                f"the store {self._file.parent} holds vectors of {self._index.d} numbers, the "
                f"sentence embedder makes {vector.shape[1]}; build it anew with "
                f"`tenq index rebuild --store {self._file.parent}`"
            )
        inverted = _inverted(self._index)
        given: dict[str, Any] = {}
        if among is not None:
            given["sel"] = faiss.IDSelectorBatch(np.array(among, dtype=np.int64))
        if inverted:  # what a filter lets through may lie in any list
            lists = self._index.nlist
            given["nprobe"] = lists if among is not None else max(1, lists // _PROBED)
        make: Any = faiss.SearchParametersIVF if inverted else faiss.SearchParameters
        scores, found = self._index.search(
            vector, min(top_k, self._index.ntotal), params=make(**given) if given else None
        )
        pairs = zip(found[0], scores[0], strict=True)
        return [(int(chunk), float(score)) for chunk, score in pairs if chunk >= 0]

    def differs(self, rows: Rows) -> bool:
        """Whether the index holds other ids or other vectors than the rows (codes: nearly)."""
        import numpy as np

        ids = np.array(rows.chunk_ids(), dtype=np.int64)
        if not np.array_equal(np.sort(self._ids()), ids):
            return True
        return any(
            float(np.abs(self._stored(part) - vectors).max()) > self._tolerance()
            for part, vectors in batches(rows, ids)
        )

    def forget(self) -> None:
        """Delete the file and what is in memory; the next `refresh` builds both anew."""
        self._index, self._state = None, ""
        self._file.unlink(missing_ok=True)

    @property
    def where(self) -> str:
        """The file, for people."""
        return str(self._file)

    def close(self) -> None:
        """Nothing is held open."""

    def save(self) -> None:
        """Write the file, unless it is whole and of this state. Raises OSError or RuntimeError."""
        import faiss

        if self._saved == self._state == self._marked().get("state"):
            return
        for left in self._file.parent.glob(f"{_FILE}.*"):  # by a process killed while it wrote
            with contextlib.suppress(OSError):
                if is_abandoned(left):
                    left.unlink()
        handle, name = tempfile.mkstemp(dir=self._file.parent, prefix=f"{_FILE}.")
        os.close(handle)
        arriving = Path(name)
        try:
            faiss.write_index(self._index, name)
            mark = self._mark()
            mark["checksum"] = _checksum(arriving, arriving.stat().st_size, mark)
            with arriving.open("ab") as file:
                file.write(json.dumps(mark).encode("ascii").rjust(_MARK_BYTES))
                file.flush()
                os.fsync(file.fileno())
            arriving.replace(self._file)
            self._saved = self._state
        finally:
            arriving.unlink(missing_ok=True)

    # -- inside ------------------------------------------------------------------------------

    def _follow(self, rows: Rows) -> bool:
        """Take out and add what has changed; False where building anew is better or the only way:
        another kind of index fits by now, or this kind cannot forget."""
        import faiss
        import numpy as np

        held, wanted = self._ids(), np.array(rows.chunk_ids(), dtype=np.int64)
        gone, come = np.setdiff1d(held, wanted), np.setdiff1d(wanted, held)
        if not self._fits(self._made_by, len(wanted)) or len(gone) + len(come) > len(wanted) / 2:
            return False
        try:
            if len(gone):
                self._index.remove_ids(faiss.IDSelectorBatch(gone))
            for part, vectors in batches(rows, come):
                self._index.add_with_ids(vectors, part)
        except (RuntimeError, AssertionError):
            return False
        return True

    def _fits(self, made_by: str, count: int) -> bool:
        if self._factory:
            return made_by == self._factory
        fitting = factory_for(count)
        lists = [_USUAL.fullmatch(made) for made in (fitting, made_by)]
        if not lists[0] or not lists[1]:
            return fitting == made_by
        # Training again is worth it only where another number of lists is far better.
        return 0.25 < int(lists[0][1]) / int(lists[1][1]) < 4

    def _build(self, rows: Rows) -> None:
        import faiss
        import numpy as np

        ids = np.array(rows.chunk_ids(), dtype=np.int64)
        first = next((vectors for _, vectors in batches(rows, ids[:1])), None)
        dimension = 1 if first is None else first.shape[1]
        self._made_by = self._factory or factory_for(len(ids))
        try:
            index: Any = faiss.index_factory(
                max(dimension, 1), self._made_by, faiss.METRIC_INNER_PRODUCT
            )
            if not _inverted(index):
                index = faiss.IndexIDMap2(index)
            if not index.is_trained and len(ids):
                wanted = _TRAINED_ON * getattr(index, "nlist", 1_000)
                sample = np.sort(np.random.default_rng(0).permutation(ids)[:wanted])
                index.train(np.concatenate([vectors for _, vectors in batches(rows, sample)]))
            for part, vectors in batches(rows, ids):
                index.add_with_ids(vectors, part)
        except (RuntimeError, AssertionError) as error:
            raise StoreError(
                f"no FAISS index {self._made_by!r} can be made of {len(ids)} vectors of "
                f"{dimension} numbers ({str(error).splitlines()[-1][:120]}); give another with "
                '--faiss-factory, or "" for the usual one'
            ) from error
        self._index = index

    def _ids(self) -> Ids:
        import faiss
        import numpy as np

        index = self._index
        if not _inverted(index):
            held: Ids = faiss.vector_to_array(index.id_map)
            return held
        lists = index.invlists
        parts = [
            faiss.rev_swig_ptr(lists.get_ids(n), lists.list_size(n)).copy()
            for n in range(index.nlist)
            if lists.list_size(n)
        ]
        return np.concatenate(parts) if parts else np.empty(0, dtype=np.int64)

    def _stored(self, ids: Ids) -> Vectors:
        if _inverted(self._index):
            self._index.set_direct_map_type(_HASHTABLE)
        vectors: Vectors = self._index.reconstruct_batch(ids)
        return vectors

    def _tolerance(self) -> float:
        return 0.0 if self._made_by == "Flat" else 0.05

    def _mark(self) -> dict[str, object]:
        rows = int(self._index.ntotal)
        return {"state": self._state, "rows": rows, "made_by": self._made_by}

    def _marked(self) -> dict[str, Any]:
        """The mark at the end of the file; empty where there is none to be read."""
        with contextlib.suppress(OSError, ValueError), self._file.open("rb") as file:
            file.seek(-_MARK_BYTES, os.SEEK_END)
            mark = json.loads(file.read())
            return mark if isinstance(mark, dict) else {}
        return {}

    def _read(self, states: Collection[str]) -> None:
        import faiss

        marked = self._marked()
        checksum = marked.pop("checksum", None)
        if str(marked.get("state")) not in states:
            return
        with contextlib.suppress(OSError, RuntimeError):
            length = self._file.stat().st_size - _MARK_BYTES
            if _checksum(self._file, length, marked) != checksum:
                return  # damaged, or of a version that wrote none
            index, made_by = faiss.read_index(str(self._file)), str(marked["made_by"])
            if self._fits(made_by, index.ntotal):
                self._index, self._made_by = index, made_by
                self._state = self._saved = str(marked["state"])


def _checksum(file: Path, length: int, mark: dict[str, Any]) -> int:
    """CRC-32 of the first `length` bytes of the file and of the mark. Raises OSError."""
    sum_ = zlib.crc32(json.dumps(mark).encode("ascii"))
    with file.open("rb") as stream:
        while length > 0 and (block := stream.read(min(length, 1 << 22))):
            sum_ = zlib.crc32(block, sum_)
            length -= len(block)
    return sum_


def _inverted(index: Any) -> bool:
    import faiss

    return isinstance(index, faiss.IndexIVF)


def batches(rows: Rows, ids: Ids, size: int = _BATCH) -> Iterator[tuple[Ids, Vectors]]:
    """(ids, vectors) in parts of `size`. StoreError where the vectors are not one for each id and
    of one length."""
    import numpy as np

    for start in range(0, len(ids), size):
        part = ids[start : start + size]
        numbers = np.frombuffer(rows.chunk_vectors(part.tolist()), dtype=np.float32)
        dimension, left = divmod(len(numbers), len(part))
        if left or not dimension:
            raise StoreError(
                "the store's vectors are damaged; `tenq index verify` mends what can be mended"
            )
        yield part, np.ascontiguousarray(numbers.reshape(len(part), dimension))
