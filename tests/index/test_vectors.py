"""The vector index: the right neighbours of every kind and size, whatever came and went."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import index.vectors
from index.errors import StoreError
from index.vectors import VectorIndex, check_factory, factory_for

DIMENSION = 32


class Shelf:
    """Vectors of unit length by id, as a store has them; every change is a new state."""

    def __init__(self, count: int = 0) -> None:
        self.held: dict[int, np.ndarray] = {}
        self.last = 0
        self.changes = 0
        self.states = {"0"}
        self.read = 0
        self.add(count)

    def add(self, count: int) -> None:
        centres = np.random.default_rng(7).normal(size=(20, DIMENSION))
        noise = np.random.default_rng(self.last).normal(size=(count, DIMENSION))
        for n in range(count):
            vector = centres[(self.last + n) % 20] + 0.5 * noise[n]
            self.held[self.last + n + 1] = (vector / np.linalg.norm(vector)).astype(np.float32)
        self.last += count
        self._changed()

    def remove(self, ids: list[int]) -> None:
        for number in ids:
            self.held.pop(number, None)
        self._changed()

    def _changed(self) -> None:
        self.changes += 1
        self.states.add(self.state())

    def state(self) -> str:
        return str(self.changes)

    def seen(self) -> set[str]:
        return self.states

    def snapshot(self) -> AbstractContextManager[None]:
        return nullcontext()

    def chunk_ids(self) -> list[int]:
        return sorted(self.held)

    def chunk_vectors(self, ids: list[int]) -> bytes:
        self.read += len(ids)
        return b"".join(self.held[number].tobytes() for number in sorted(ids))

    def exactly(self, query: np.ndarray, top_k: int, among: list[int] | None) -> list[int]:
        ids = [n for n in self.chunk_ids() if among is None or n in set(among)]
        scores = {n: float(self.held[n] @ query[0]) for n in ids}
        return sorted(ids, key=lambda n: -scores[n])[:top_k]


def queries(count: int) -> np.ndarray:
    vectors = np.random.default_rng(3).normal(size=(count, DIMENSION))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def recall(index: VectorIndex, shelf: Shelf, among: list[int] | None = None) -> float:
    found = 0
    for query in queries(20):
        right = set(shelf.exactly(query[None], 10, among))
        found += len(right & {n for n, _ in index.nearest(query[None], 10, among)}) / len(right)
    return found / 20


def test_the_kind_goes_by_size() -> None:
    assert factory_for(0) == factory_for(50_000) == "Flat"
    assert factory_for(50_001) == "IVF1024,SQ8"
    assert factory_for(1_000_000) == "IVF4096,SQ8"


def test_few_are_searched_exactly(tmp_path: Path) -> None:
    shelf, index = Shelf(500), VectorIndex(tmp_path)
    index.refresh(shelf)
    assert recall(index, shelf) == 1.0
    assert recall(index, shelf, among=list(range(5, 60, 3))) == 1.0
    assert index.nearest(queries(1), 10, among=[]) == []


@pytest.fixture
def few_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index.vectors, "_FLAT_UP_TO", 1_000)
    monkeypatch.setattr(index.vectors, "_PROBED", 4)


@pytest.mark.usefixtures("few_are_many")
def test_many_are_searched_well_and_those_of_a_filter_all_of_them(tmp_path: Path) -> None:
    shelf, index = Shelf(4_000), VectorIndex(tmp_path)
    index.refresh(shelf)
    assert index.made_by == "IVF256,SQ8"
    assert recall(index, shelf) >= 0.9
    assert recall(index, shelf, among=list(range(1, 4_000, 40))) >= 0.97
    assert not index.differs(shelf)


@pytest.mark.usefixtures("few_are_many")
@pytest.mark.parametrize("count", [500, 3_000])
def test_a_change_is_followed_without_reading_everything(tmp_path: Path, count: int) -> None:
    shelf, first = Shelf(count), VectorIndex(tmp_path)
    first.refresh(shelf)
    first.save()
    shelf.add(20)
    shelf.remove([3, 4, 5])
    shelf.read = 0
    again = VectorIndex(tmp_path)
    again.refresh(shelf)
    assert shelf.read == 20
    assert not again.differs(shelf)
    assert {3, 4, 5}.isdisjoint(n for n, _ in again.nearest(queries(1), count, None))


@pytest.mark.usefixtures("few_are_many")
def test_growing_makes_another_kind(tmp_path: Path) -> None:
    shelf, index = Shelf(900), VectorIndex(tmp_path)
    index.refresh(shelf)
    assert index.made_by == "Flat"
    shelf.add(400)
    index.refresh(shelf)
    assert index.made_by.startswith("IVF")
    assert not index.differs(shelf)


def test_a_state_never_seen_is_not_followed(tmp_path: Path) -> None:
    shelf, first = Shelf(50), VectorIndex(tmp_path)
    first.refresh(shelf)
    first.save()
    other = Shelf(40)  # the same ids, from another history
    other.states = {"other"}
    other.state = lambda: "other"  # type: ignore[method-assign]
    index = VectorIndex(tmp_path)
    index.refresh(other)
    assert other.read >= 40
    assert not index.differs(other)


@settings(max_examples=30, deadline=None)
@given(
    steps=st.lists(
        st.one_of(st.integers(0, 60), st.lists(st.integers(1, 200), max_size=40)), max_size=8
    )
)
def test_whatever_comes_and_goes(
    steps: list[int | list[int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("shelf")
    shelf, index = Shelf(10), VectorIndex(folder)
    for step in steps:
        shelf.add(step) if isinstance(step, int) else shelf.remove(step)
        index.refresh(shelf)
        assert not index.differs(shelf)
        if shelf.held:
            assert recall(index, shelf) == 1.0
        else:
            assert index.nearest(queries(1), 10, None) == []
        index.save()
        index = VectorIndex(folder)


@pytest.mark.parametrize("factory", ["HNSW16", "IVF8,Flat", "SQ8", "IDMap2,Flat"])
def test_another_kind_by_its_name(tmp_path: Path, factory: str) -> None:
    shelf, index = Shelf(600), VectorIndex(tmp_path, check_factory(factory))
    index.refresh(shelf)
    assert index.made_by == factory.removeprefix("IDMap2,")
    shelf.remove([1, 2, 3])  # HNSW cannot forget, and is built anew
    index.refresh(shelf)
    assert {1, 2, 3}.isdisjoint(n for n, _ in index.nearest(queries(1), 600, None))
    index.save()
    usual = VectorIndex(tmp_path)
    usual.refresh(shelf)
    assert recall(usual, shelf) == 1.0


def test_a_kind_that_does_not_exist_or_does_not_fit(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="knows no index 'Flatt'"):
        check_factory("Flatt")
    with pytest.raises(StoreError, match="--faiss-factory"):
        VectorIndex(tmp_path, "PQ7").refresh(Shelf(600))


def test_vectors_of_differing_length_are_damage(tmp_path: Path) -> None:
    shelf = Shelf(20)
    shelf.held[3] = shelf.held[3][:-1]
    with pytest.raises(StoreError, match="tenq index verify"):
        VectorIndex(tmp_path).refresh(shelf)


@pytest.mark.parametrize("place", [20, 700, -200])
def test_a_file_with_one_byte_changed_is_not_read(
    tmp_path: Path, place: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """FAISS believes lengths and counts, and would crash or take all memory."""
    shelf, index = Shelf(20), VectorIndex(tmp_path)
    index.refresh(shelf)
    index.save()
    whole = bytearray((tmp_path / "vectors.faiss").read_bytes())
    whole[place] ^= 1
    (tmp_path / "vectors.faiss").write_bytes(whole)

    def crash(*_: object) -> None:
        raise AssertionError("FAISS was given a damaged file")

    monkeypatch.setattr("faiss.read_index", crash)
    again = VectorIndex(tmp_path)
    again.refresh(shelf)
    assert recall(again, shelf) == 1.0


def test_what_a_killed_process_left_is_cleared(tmp_path: Path) -> None:
    for name in ("vectors.faiss.old", "vectors.faiss.new"):
        (tmp_path / name).write_bytes(b"half")
    os.utime(tmp_path / "vectors.faiss.old", (1e9, 1e9))
    index = VectorIndex(tmp_path)
    index.refresh(Shelf(20))
    index.save()
    assert {file.name for file in tmp_path.iterdir()} == {"vectors.faiss", "vectors.faiss.new"}
