"""The measure of vector search: its exact search is exact, and its figures are of the index."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from eval.errors import EvaluationError
from eval.report import vectors_markdown
from eval.vectors import Drawn, around, run_vectors
from index.embed import Embedder
from index.store import Store


@pytest.fixture
def store(tmp_path: Path, embedder_folder: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "store", Embedder(embedder_folder)) as opened:
        yield opened


def test_drawn_vectors_are_the_same_every_time_and_near_their_origins() -> None:
    origins = around(np.eye(16, dtype=np.float32), 16, seed=5)
    drawn = Drawn(origins, 50_000)
    assert drawn.chunk_vectors([3, 20_001]) == drawn.chunk_vectors([3, 20_001])
    first, second = np.frombuffer(drawn.chunk_vectors([3, 20_001]), np.float32).reshape(2, -1)
    assert np.linalg.norm(first) == pytest.approx(1, abs=1e-5)
    assert first @ origins[3] > 0.8
    assert second @ origins[20_001 % 16] > 0.8
    assert [n for n, _ in drawn.batches()] == [0, 20_000, 40_000]


def test_exact_search_has_full_recall_and_a_coarse_one_less(store: Store, tmp_path: Path) -> None:
    filing = tmp_path / "larkspur.txt"
    filing.write_text("\f".join(f"Page {n} about valve number {n * 37}" for n in range(30)))
    store.add(filing)
    exact = run_vectors(store, 3_000, 20, None)
    assert (exact["factory"], exact["recall@10"]) == ("Flat", 1.0)
    coarse = run_vectors(store, 3_000, 20, "PQ8x4")
    assert coarse["recall@10"] < 0.9
    assert coarse["disk_mb"] < exact["disk_mb"]
    assert "recall@10 of exact search | 100.0%" in vectors_markdown(exact)


def test_an_empty_store_is_said(store: Store) -> None:
    with pytest.raises(EvaluationError, match="tenq index add"):
        run_vectors(store, 100, 10, None)
