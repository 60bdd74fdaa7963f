"""The FAISS copy of the store's vectors: exact inner product, ids removable.

SQLite holds the vectors; this index is a copy for speed. It carries the database's generation
number and is rebuilt where it is missing, damaged or behind, so it never has to be trusted.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from index.embed import Vectors

_FILE = "vectors.faiss"


class VectorIndex:
    """Nearest chunks by cosine (vectors have unit length)."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / _FILE
        self._mark = folder / f"{_FILE}.json"  # {"generation": n}, written after the index
        self._index: Any = None
        self._generation = -1

    def refresh(
        self, generation: int, dimension: int, vectors: Callable[[], tuple[list[int], bytes]]
    ) -> None:
        """Bring the index to `generation`: from memory, else the file, else `vectors` (chunk ids
        and their float32 vectors, joined)."""
        if self._generation == generation:
            return
        self._index = self._read(generation, dimension) or _build(dimension, *vectors())
        self._generation = generation

    def nearest(
        self, vector: Vectors, top_k: int, among: Sequence[int] | None
    ) -> list[tuple[int, float]]:
        """The `top_k` nearest chunks to `vector`, (1, dimension), as (chunk id, cosine)."""
        import faiss
        import numpy as np

        if self._index.ntotal == 0 or (among is not None and not among):
            return []
        parameters = None
        if among is not None:
            make: Any = faiss.SearchParameters
            parameters = make(sel=faiss.IDSelectorBatch(np.array(among, dtype=np.int64)))
        scores, found = self._index.search(
            vector, min(top_k, self._index.ntotal), params=parameters
        )
        pairs = zip(found[0], scores[0], strict=True)
        return [(int(chunk), float(score)) for chunk, score in pairs if chunk >= 0]

    def save(self) -> None:
        """Write the file, if it is behind. Raises OSError or RuntimeError."""
        import faiss

        if self._marked_generation() == self._generation:
            return
        self._mark.unlink(missing_ok=True)  # from here until the new mark, the file does not count
        arriving = self._file.with_suffix(".arriving")
        faiss.write_index(self._index, str(arriving))
        arriving.replace(self._file)
        self._mark.write_text(json.dumps({"generation": self._generation}), encoding="utf-8")

    def _read(self, generation: int, dimension: int) -> Any:
        import faiss

        if self._marked_generation() != generation:
            return None
        with contextlib.suppress(OSError, RuntimeError):
            index = faiss.read_index(str(self._file))
            if index.d == dimension:
                return index
        return None

    def _marked_generation(self) -> int | None:
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            return int(json.loads(self._mark.read_text(encoding="utf-8"))["generation"])
        return None


def _build(dimension: int, ids: list[int], vectors: bytes) -> Any:
    import faiss
    import numpy as np

    index = faiss.IndexIDMap2(faiss.IndexFlatIP(dimension))
    if ids:
        rows = np.frombuffer(vectors, dtype=np.float32).reshape(len(ids), dimension)
        index.add_with_ids(np.ascontiguousarray(rows), np.array(ids, dtype=np.int64))
    return index
