"""Vectors in Milvus (its embedded edition, as a server): the same neighbours as FAISS finds,
whatever came, went or was cut short."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from index.embed import Embedder
from index.errors import StoreError
from index.milvus import MilvusVectors, _conditions, check_address
from index.rebuild import rebuild
from index.retrieve import retrieve
from index.store import Store
from index.vectors import VectorIndex
from index.verify import verify
from tests.index.test_store import write_filing
from tests.index.test_vectors import Shelf, queries
from tests.milvus_server import MilvusServer

INDEX_WRONG = "the vector index was not that of the store's vectors"
Make = Callable[[], MilvusVectors]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MilvusServer]:
    started = MilvusServer(tmp_path_factory.mktemp("milvus") / "data")
    yield started
    started.close()


@pytest.fixture
def make(tmp_path: Path, server: MilvusServer) -> Iterator[Make]:
    """The same collection as another process would open it."""
    opened: list[MilvusVectors] = []

    def one() -> MilvusVectors:
        opened.append(MilvusVectors(tmp_path, server.address, "tenq_test"))
        return opened[-1]

    yield one
    for each in opened:
        each.close()


def right(index: MilvusVectors, shelf: Shelf, among: list[int] | None = None) -> bool:
    """Whether the ten nearest are those that exact search finds."""
    return all(
        [n for n, _ in index.nearest(query[None], 10, among)]
        == shelf.exactly(query[None], 10, among)
        for query in queries(10)
    )


def test_neighbours_are_those_of_exact_search(make: Make) -> None:
    shelf, index = Shelf(300), make()
    index.refresh(shelf)
    assert right(index, shelf)
    assert right(index, shelf, among=[*range(5, 60, 3), *range(100, 140)])
    assert index.nearest(queries(1), 10, among=[]) == []
    query = shelf.held[7][None]
    assert index.nearest(query, 1, None) == [(7, pytest.approx(1.0, abs=1e-5))]
    assert not index.differs(shelf)


def test_a_filter_of_many_filings(make: Make) -> None:
    shelf, index = Shelf(1_500), make()
    index.refresh(shelf)
    among = list(range(1, 1_500, 2))
    assert len(list(_conditions(among))) > 1
    assert right(index, shelf, among)


def test_changes_are_followed_without_sending_everything(make: Make) -> None:
    shelf, first = Shelf(200), make()
    first.refresh(shelf)
    shelf.add(20)
    shelf.remove([3, 4, 5])
    shelf.read = 0
    again = make()
    again.refresh(shelf)
    assert shelf.read == 21  # the new ones, and one for their length
    assert right(again, shelf)
    assert {3, 4, 5}.isdisjoint(n for n, _ in again.nearest(queries(1), 300, None))


def test_ids_that_came_again_with_other_vectors(make: Make) -> None:
    first = make()
    first.refresh(Shelf(50))
    other = Shelf(20)  # a store put back from a backup, and gone on from there
    other.last = 30
    other.add(10)
    other.states = {"other"}
    other.state = lambda: "other"  # type: ignore[method-assign]
    index = make()
    index.refresh(other)
    assert not index.differs(other)
    assert right(index, other)


def test_cut_short_in_the_middle_it_is_not_taken_for_whole(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.milvus._SENT", 50)
    shelf, index = Shelf(100), make()
    index.refresh(shelf)
    shelf.remove(list(range(1, 40)))
    shelf.add(200)
    sent = 0

    class Stopped(BaseException):
        pass

    upsert = index._client.upsert

    def stop(*given: Any, **how: Any) -> Any:
        nonlocal sent
        sent += 1
        if sent == 3:
            raise Stopped
        return upsert(*given, **how)

    monkeypatch.setattr(index._client, "upsert", stop)
    with pytest.raises(Stopped):
        index.refresh(shelf)
    again = make()
    assert again.differs(shelf)
    again.refresh(shelf)
    assert right(again, shelf)
    assert not again.differs(shelf)


def test_a_changed_vector_is_noticed_and_mended(make: Make) -> None:
    shelf, index = Shelf(30), make()
    index.refresh(shelf)
    wrong = np.roll(shelf.held[9], 1).tolist()
    index._client.upsert(index._name, [{"id": 9, "vector": wrong, "checksum": 0, "state": ""}])
    assert index.differs(shelf)
    index.forget()
    index.refresh(shelf)
    assert not index.differs(shelf)


def test_nothing_left_and_something_again(make: Make) -> None:
    shelf, index = Shelf(), make()
    index.refresh(shelf)
    assert index.nearest(queries(1), 10, None) == []
    shelf.add(5)
    index.refresh(shelf)
    assert right(index, shelf)
    shelf.remove([1, 2, 3, 4, 5])
    index.refresh(shelf)
    assert index.nearest(queries(1), 10, None) == []


def test_another_embedder_is_told(make: Make) -> None:
    index = make()
    index.refresh(Shelf(5))
    with pytest.raises(StoreError, match="holds vectors of 32 numbers"):
        index.nearest(np.zeros((1, 8), dtype=np.float32), 3, None)


def test_addresses() -> None:
    assert check_address("") == ""
    assert check_address("https://milvus.example:19530") == "https://milvus.example:19530"
    for wrong in ("ftp://host", "host:19530", "folder", "http://", "here.db", "http://h:1/a?b"):
        with pytest.raises(StoreError, match="give http://HOST:PORT"):
            check_address(wrong)
    with pytest.raises(StoreError, match="TENQ_MILVUS_TOKEN"):
        check_address("http://me:secret@host:19530")


# -- a whole store -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def embedder(embedder_folder: Path) -> Embedder:
    return Embedder(embedder_folder)


@pytest.fixture
def place(tmp_path: Path, embedder: Embedder, server: MilvusServer) -> Path:
    """A store of two filings whose vectors are in Milvus."""
    path = tmp_path / "store"
    with Store.open(path, embedder, milvus=server.address) as store:
        for company in ("Valdor Valves Inc", "Kestrel Looms Corp"):
            store.add(write_filing(tmp_path, company, 2023))
    return path


def nearest(path: Path, embedder: Embedder) -> list[tuple[int, float]]:
    with Store.open(path, embedder) as store:
        return [(n, round(score, 4)) for n, score in store.dense("inventories", None, 5)]


def test_the_store_remembers_where_its_vectors_are(
    place: Path, tmp_path: Path, embedder: Embedder
) -> None:
    found = nearest(place, embedder)
    assert len(found) == 5
    assert not list(place.glob("vectors.faiss*"))
    with Store.open(place, embedder) as store:
        assert list(verify(store)) == []
        assert {n for n, _ in store.dense("inventories", {1}, 50)} == {
            row["id"] for row in store.database.rows("SELECT id FROM chunks WHERE doc_id = 1")
        }
    with Store.open(place, embedder, milvus="") as store:
        assert store.vectors.made_by == ""  # FAISS, not made yet
    assert nearest(place, embedder) == found
    assert (place / "vectors.faiss").exists()


def test_removed_filings_are_found_no_more(place: Path, embedder: Embedder) -> None:
    with Store.open(place, embedder) as store:
        store.remove(1)
        kept = {row["id"] for row in store.database.rows("SELECT id FROM chunks")}
        assert {n for n, _ in store.dense("inventories", None, 50)} == kept


def test_a_collection_that_is_gone_is_made_again(place: Path, embedder: Embedder) -> None:
    found = nearest(place, embedder)
    with Store.open(place, embedder) as store:
        store.vectors.forget()
    assert nearest(place, embedder) == found


def test_a_damaged_collection_is_found_and_mended(place: Path, embedder: Embedder) -> None:
    with Store.open(place, embedder) as store:
        vectors = store.fresh_vectors()
        assert isinstance(vectors, MilvusVectors)
        vectors._client.delete(vectors._name, ids=[2])
        assert [finding.mended for finding in verify(store)] == [True]
        assert list(verify(store)) == []


def test_a_rebuilt_store_keeps_its_place_and_leaves_no_other_collection(
    place: Path, embedder: Embedder
) -> None:
    found = nearest(place, embedder)
    with Store.open(place, embedder) as store:
        vectors = store.fresh_vectors()
        assert isinstance(vectors, MilvusVectors)
        before = set(vectors._client.list_collections()) - {vectors._name}
    rebuild(place, embedder)
    assert nearest(place, embedder) == found
    with Store.open(place, embedder) as store:
        vectors = store.fresh_vectors()
        assert isinstance(vectors, MilvusVectors)
        left = [name for name in vectors._client.list_collections() if name not in before]
        assert left == [vectors._name]


def test_a_copy_of_a_store_has_vectors_of_its_own(
    place: Path, tmp_path: Path, embedder: Embedder
) -> None:
    shutil.copytree(place, tmp_path / "copy")
    with Store.open(place, embedder) as store, Store.open(tmp_path / "copy", embedder) as copy:
        copy.remove(1)
        kept = {row["id"] for row in copy.database.rows("SELECT id FROM chunks")}
        assert {n for n, _ in copy.dense("inventories", None, 50)} == kept
        assert {n for n, _ in store.dense("inventories", None, 50)} > kept
        assert not list(verify(store)) and not list(verify(copy))


def test_a_filing_that_comes_while_vectors_are_sent(
    place: Path, tmp_path: Path, embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The store can be read and changed meanwhile: sending a million vectors takes minutes."""
    new = write_filing(tmp_path, "Valdor Valves Inc", 2022)
    with Store.open(place, embedder) as store, Store.open(place, embedder) as other:
        vectors = store.vectors
        assert isinstance(vectors, MilvusVectors)
        vectors.forget()
        upsert, came = vectors._client.upsert, []

        def send(*given: Any, **how: Any) -> Any:
            if not came:
                came.append(other.remove(1))
                came.append(other.add(new))
            return upsert(*given, **how)

        monkeypatch.setattr(vectors._client, "upsert", send)
        wanted = {n for n, _ in store.dense("inventories", None, 50)}
        assert wanted == {row["id"] for row in store.database.rows("SELECT id FROM chunks")}
        assert came and not list(verify(store))


def test_a_server_that_stalls_holds_up_no_one_else(
    place: Path, tmp_path: Path, embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.milvus._ANSWERS_S", 1.0)
    slow = MilvusServer(tmp_path / "slow")
    try:
        with Store.open(place, embedder, milvus=slow.address) as store:
            assert store.dense("inventories", None, 5)
            slow.stall()
            began = time.monotonic()
            with ThreadPoolExecutor(1) as pool:
                asked = pool.submit(store.dense, "inventories", None, 5)
                time.sleep(0.2)
                assert len(store.documents()) == 2
                assert time.monotonic() - began < 1
                with pytest.raises(StoreError, match="could not be asked"):
                    asked.result()
            assert time.monotonic() - began < 15
            slow.go_on()
            assert store.dense("inventories", None, 5)
    finally:
        slow.close()


def test_vectors_that_another_process_moved_are_not_sent_again(
    place: Path, embedder: Embedder
) -> None:
    with Store.open(place, embedder) as chat:
        found = chat.dense("inventories", None, 5)
        there = chat.vectors
        assert isinstance(there, MilvusVectors)
        with Store.open(place, embedder, milvus="") as other:
            assert other.left_behind is None
        assert [n for n, _ in chat.dense("inventories", None, 5)] == [n for n, _ in found]
        assert isinstance(chat.vectors, VectorIndex)
        assert there._name not in there._client.list_collections()
        there.close()


def test_a_store_changed_while_it_is_verified(
    place: Path, tmp_path: Path, embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = write_filing(tmp_path, "Valdor Valves Inc", 2022)
    with Store.open(place, embedder) as store, Store.open(place, embedder) as other:
        vectors = store.fresh_vectors()
        assert isinstance(vectors, MilvusVectors)
        held, came = vectors._held, []

        def look() -> dict[int, int]:
            if not came:
                came.append(other.add(new))
                came.append(other.remove(1))
            return held()

        monkeypatch.setattr(vectors, "_held", look)
        assert [finding.what for finding in verify(store)] in ([], [INDEX_WRONG])
        assert came and not list(verify(store))


def test_a_question_meets_a_filing_that_has_just_come(
    place: Path, tmp_path: Path, embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = write_filing(tmp_path, "Valdor Valves Inc", 2022)
    with Store.open(place, embedder) as store, Store.open(place, embedder) as other:
        dense = store.dense

        def meanwhile(*given: Any) -> Any:
            other.add(new)
            return dense(*given)

        monkeypatch.setattr(store, "dense", meanwhile)
        hits = retrieve(store, "What were inventories?", 20)
        assert hits and {hit.doc for hit in hits} == {"valdor-2023", "kestrel-2023"}


def test_a_lock_that_cannot_be_taken_is_one_line(place: Path, embedder: Embedder) -> None:
    with Store.open(place, embedder) as store:
        store.vectors.forget()
        (place / "vectors.lock").unlink()
        (place / "vectors.lock").mkdir()
        with pytest.raises(StoreError, match=r"vectors\.lock cannot be written"):
            store.dense("inventories", None, 5)


def test_a_server_that_is_not_there(place: Path, tmp_path: Path, embedder: Embedder) -> None:
    found = nearest(place, embedder)
    with pytest.raises(StoreError, match=r"Milvus at http://127\.0\.0\.1:9.*could not be asked"):
        Store.open(place, embedder, milvus="http://127.0.0.1:9")
    assert nearest(place, embedder) == found  # nothing has changed
    with Store.open(place, embedder) as store:  # it has gone since
        store.database.keep("milvus", "http://127.0.0.1:9")
    with Store.open(place, embedder) as store:
        with pytest.raises(StoreError, match='--milvus ""'):
            store.dense("inventories", None, 5)
        store.add(write_filing(tmp_path, "Valdor Valves Inc", 2022))  # SQLite has it
    rebuild(place, embedder)  # stays where it was
    with (
        Store.open(place, embedder) as store,
        pytest.raises(StoreError, match=r"127\.0\.0\.1:9"),
    ):
        store.dense("inventories", None, 5)
    with Store.open(place, embedder, milvus="") as store:
        assert store.left_behind and store.left_behind.endswith("at http://127.0.0.1:9")
        assert len(store.documents()) == 3
        assert len(store.dense("inventories", None, 50)) > 5
