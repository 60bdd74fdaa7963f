"""How fast and how right is the vector search of a large store? Vectors are drawn around a real
store's, as many as asked; the index that such a store would have is compared with exact search.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eval.errors import EvaluationError
from eval.intervals import percentile
from index.vectors import VectorIndex, factory_for

if TYPE_CHECKING:
    from index.embed import Vectors
    from index.store import Store

_SPREAD = 0.4  # length of the noise added to a vector of length 1: cosine to its origin 0.93
_BATCH = 20_000
_TOP_K = 10
_HELD = """
import sys
import numpy, faiss
from assistant.memory import peak_rss_mb
before = peak_rss_mb()
index = faiss.read_index(sys.argv[1])
print(peak_rss_mb() - before)
"""


class Drawn:
    """`count` vectors around `origins`, (n, dimension), made again whenever they are asked for."""

    def __init__(self, origins: Vectors, count: int) -> None:
        self._origins, self._count = origins, count

    def state(self) -> str:
        """Always the same."""
        return "drawn"

    def seen(self) -> Sequence[str]:
        """Nothing but that."""
        return ["drawn"]

    def snapshot(self) -> AbstractContextManager[None]:
        """Nothing changes anyway."""
        return nullcontext()

    def chunk_ids(self) -> Sequence[int]:
        """From 0 on."""
        return range(self._count)

    def chunk_vectors(self, ids: Sequence[int]) -> bytes:
        """Of these ids, joined."""
        import numpy as np

        wanted = np.asarray(ids)
        parts = [self.batch(b)[wanted[wanted // _BATCH == b] % _BATCH] for b in _batches_of(wanted)]
        return np.concatenate(parts).tobytes()

    def batch(self, number: int) -> Vectors:
        """The `number`-th 20,000 of them."""
        first = number * _BATCH
        return around(self._origins, min(_BATCH, self._count - first), number, first)

    def batches(self) -> Iterator[tuple[int, Vectors]]:
        """(first id, vectors) of all."""
        for first in range(0, self._count, _BATCH):
            yield first, self.batch(first // _BATCH)


def _batches_of(ids: Any) -> list[int]:
    import numpy as np

    return [int(number) for number in np.unique(ids // _BATCH)]


def around(origins: Vectors, count: int, seed: int, first: int = 0) -> Vectors:
    """`count` vectors of unit length, each near one of `origins`, taken in turn."""
    import numpy as np

    noise = np.random.default_rng(seed).standard_normal((count, origins.shape[1]), np.float32)
    noise *= _SPREAD / np.sqrt(origins.shape[1])
    near = origins[(first + np.arange(count)) % len(origins)] + noise
    unit: Vectors = near / np.linalg.norm(near, axis=1, keepdims=True)
    return unit


def run_vectors(store: Store, count: int, queries: int, factory: str | None) -> dict[str, Any]:
    """{"vectors", "dimension", "factory", "build_s", "disk_mb", "memory_mb", "queries",
    "search_ms": {"p50", "p95"}, "recall@10"}; recall is of exact search's first ten.

    Raises EvaluationError where the store is empty.
    """
    import numpy as np
    from tqdm import tqdm

    ids = store.database.chunk_ids()
    if not ids:
        raise EvaluationError(f"the store {store.path} is empty; add filings with `tenq index add`")
    held = np.frombuffer(store.database.chunk_vectors(ids), dtype=np.float32)
    origins = held.reshape(len(ids), -1)
    drawn = Drawn(origins, count)
    asked = around(origins, queries, seed=-1 % 2**32, first=len(ids) // 2)
    with tempfile.TemporaryDirectory(prefix="tenq-") as folder:
        index = VectorIndex(Path(folder), factory)
        print("building", file=sys.stderr)
        start = time.perf_counter()
        index.refresh(drawn)
        build_s = time.perf_counter() - start
        index.save()
        (file,) = Path(folder).iterdir()
        memory_mb = float(subprocess.check_output([sys.executable, "-c", _HELD, str(file)]))
        disk_mb = file.stat().st_size / 1e6
        found, seconds = [], []
        for query in tqdm(asked, desc="search", unit="query"):
            start = time.perf_counter()
            found.append({n for n, _ in index.nearest(query[None], _TOP_K, None)})
            seconds.append(time.perf_counter() - start)
    right = _exactly(drawn, asked, count)
    hits = [len(a & b) / len(b) for a, b in zip(found, right, strict=True)]
    milliseconds = [1000 * each for each in seconds]
    return {
        "vectors": count,
        "dimension": origins.shape[1],
        "factory": factory or factory_for(count),
        "build_s": build_s,
        "disk_mb": disk_mb,
        "memory_mb": memory_mb,
        "queries": queries,
        "search_ms": {"p50": percentile(milliseconds, 50), "p95": percentile(milliseconds, 95)},
        "recall@10": sum(hits) / len(hits),
    }


def _exactly(drawn: Drawn, asked: Vectors, count: int) -> list[set[int]]:
    import numpy as np
    from tqdm import tqdm

    best = np.full((len(asked), _TOP_K), -np.inf, dtype=np.float32)
    names = np.zeros((len(asked), _TOP_K), dtype=np.int64)
    total = -(-count // _BATCH)
    for first, vectors in tqdm(drawn.batches(), desc="exact search", total=total):
        scores = np.concatenate([best, asked @ vectors.T], axis=1)
        ids = np.concatenate(
            [names, np.broadcast_to(first + np.arange(len(vectors)), (len(asked), len(vectors)))],
            axis=1,
        )
        top = np.argpartition(-scores, _TOP_K - 1, axis=1)[:, :_TOP_K]
        best, names = np.take_along_axis(scores, top, 1), np.take_along_axis(ids, top, 1)
    return [set(row.tolist()) for row in names]
