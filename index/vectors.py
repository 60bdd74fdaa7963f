"""The FAISS copy of the store's vectors: exact inner product, ids removable.

SQLite holds the vectors; this index is a copy for speed, in one file that ends with a mark: which
state of which store it was made of. It is rebuilt where it is missing, damaged or of another
state, so it never has to be trusted.
"""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.errors import StoreError

if TYPE_CHECKING:
    from index.embed import Vectors

_FILE = "vectors.faiss"
_MARK_BYTES = 256  # JSON after the index, padded with spaces: FAISS reads no further than its own


class VectorIndex:
    """Nearest chunks by cosine (vectors have unit length)."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / _FILE
        self._index: Any = None
        self._state = ""

    @property
    def is_loaded(self) -> bool:
        """Whether the vectors are in memory."""
        return self._index is not None

    def refresh(self, state: str, vectors: Callable[[], tuple[list[int], bytes]]) -> None:
        """Bring the index to `state`: from memory, else the file, else `vectors` (chunk ids and
        their float32 vectors, joined). StoreError where those do not fit together."""
        if self._state == state:
            return
        self._index = self._read(state) or _build(*vectors())
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
                f"sentence embedder makes {vector.shape[1]}; add the filings to a new store"
            )
        parameters = None
        if among is not None:
            make: Any = faiss.SearchParameters
            parameters = make(sel=faiss.IDSelectorBatch(np.array(among, dtype=np.int64)))
        scores, found = self._index.search(
            vector, min(top_k, self._index.ntotal), params=parameters
        )
        pairs = zip(found[0], scores[0], strict=True)
        return [(int(chunk), float(score)) for chunk, score in pairs if chunk >= 0]

    def is_copy_of(self, ids: Sequence[int], vectors: Vectors) -> bool:
        """Whether the index holds exactly these rows, (len(ids), dimension)."""
        import faiss
        import numpy as np

        held = faiss.vector_to_array(self._index.id_map)
        if not np.array_equal(held, np.array(ids, dtype=np.int64)):
            return False
        flat = self._index.index
        return bool(np.array_equal(flat.reconstruct_n(0, flat.ntotal), vectors))

    def forget(self) -> None:
        """Delete the file and what is in memory; the next `refresh` builds both anew."""
        self._index, self._state = None, ""
        self._file.unlink(missing_ok=True)

    def save(self) -> None:
        """Write the file, if it is of another state. Raises OSError or RuntimeError."""
        import faiss

        if self._marked() == self._mark():
            return
        handle, name = tempfile.mkstemp(dir=self._file.parent, prefix=f"{_FILE}.")
        os.close(handle)
        arriving = Path(name)
        try:
            faiss.write_index(self._index, name)
            with arriving.open("ab") as file:
                file.write(json.dumps(self._mark()).encode("ascii").rjust(_MARK_BYTES))
                file.flush()
                os.fsync(file.fileno())
            arriving.replace(self._file)
        finally:
            arriving.unlink(missing_ok=True)

    def _mark(self) -> dict[str, object]:
        return {"state": self._state, "rows": int(self._index.ntotal)}

    def _marked(self) -> object:
        """The mark at the end of the file; None where there is none to be read."""
        with contextlib.suppress(OSError, ValueError), self._file.open("rb") as file:
            file.seek(-_MARK_BYTES, os.SEEK_END)
            return json.loads(file.read())
        return None

    def _read(self, state: str) -> Any:
        import faiss

        marked = self._marked()
        if not isinstance(marked, dict) or marked.get("state") != state:
            return None
        with contextlib.suppress(OSError, RuntimeError):
            index = faiss.read_index(str(self._file))
            if index.ntotal == marked.get("rows"):
                return index
        return None


def _build(ids: list[int], vectors: bytes) -> Any:
    import faiss
    import numpy as np

    numbers = np.frombuffer(vectors, dtype=np.float32)
    dimension, left = divmod(len(numbers), len(ids)) if ids else (1, 0)
    if left or not dimension:
        raise StoreError("the store's vectors are damaged; add its filings to a new store")
    index = faiss.IndexIDMap2(faiss.IndexFlatIP(dimension))
    if ids:
        rows = np.ascontiguousarray(numbers.reshape(len(ids), dimension))
        index.add_with_ids(rows, np.array(ids, dtype=np.int64))
    return index
