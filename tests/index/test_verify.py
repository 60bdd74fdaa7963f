"""Damage to a store is found and mended, or said with how to mend it."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from index.embed import Embedder
from index.errors import StoreError
from index.rebuild import rebuild
from index.retrieve import search
from index.store import Store
from index.verify import verify
from tests.index.test_store import write_filing


@pytest.fixture(scope="module")
def embedder(embedder_folder: Path) -> Embedder:
    return Embedder(embedder_folder)


@pytest.fixture
def store(tmp_path: Path, embedder: Embedder) -> Iterator[Store]:
    with Store.open(tmp_path / "store", embedder) as opened:
        for year in (2022, 2023):
            opened.add(write_filing(tmp_path, "Valdor Valves Inc", year))
        yield opened


def damage(store: Store, *statements: str) -> None:
    """As another tool would: without foreign keys, and no new state of the store."""
    with contextlib.closing(sqlite3.connect(store.path / "store.sqlite")) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def contents(store: Store) -> list[object]:
    found = search(store, "inventories", 20)
    facts = [fact.fact for d in store.documents() for fact in store.facts([d.id])]
    texts = [store.page_text(d.id, page) for d in store.documents() for page in (1, 2, 3)]
    return [[(h.doc, h.page, h.text) for h in found], facts, texts]


def test_a_sound_store_has_nothing_wrong(store: Store) -> None:
    told: list[float] = []
    assert list(verify(store, lambda fraction, word: told.append(fraction))) == []
    assert told == sorted(told)
    assert told[-1] == 1.0


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("DELETE FROM facts WHERE id % 2", "facts are there"),
        ("DELETE FROM chunks WHERE id = (SELECT max(id) FROM chunks)", "chunks are there"),
        ("DELETE FROM pages WHERE number = 2", "pages are there"),
        ("UPDATE pages SET number = 9 WHERE number = 3", "not numbered from 1"),
        ("UPDATE facts SET page = 77", "facts stand on no page"),
        ("UPDATE chunks SET vector = zeroblob(length(vector)) WHERE id = 2", "unit length"),
        ("UPDATE chunks SET vector = x'0000c07f' WHERE id = 2", "differ in length"),
        ("UPDATE chunks SET vector = zeroblob(0) WHERE id = 1", "differ in length"),
        ("DELETE FROM words WHERE rowid = 2", "full-text"),
        ("UPDATE words SET text = 'something else' WHERE rowid = 1", "full-text"),
        ("INSERT INTO words (rowid, text) VALUES (999, 'left behind')", "full-text"),
        (
            "INSERT INTO facts SELECT 9999, 77, page, statement, section, label, concept,"
            " confidence, start, end, months, fiscal_year, value, unit, scale, shown,"
            " dimensions, box FROM facts LIMIT 1",
            "filings that are gone",
        ),
    ],
)
def test_damage_is_mended(store: Store, statement: str, what: str) -> None:
    before = contents(store)
    damage(store, statement)
    found = list(verify(store))
    assert any(what in finding.what for finding in found), found
    assert all(finding.mended for finding in found)
    assert list(verify(store)) == []
    assert contents(store) == before


def test_damaged_copy_is_fetched_from_where_it_came_from(store: Store) -> None:
    document = store.documents()[0]
    store.copy_of(document.id).write_bytes(b"something else")
    (finding,) = verify(store)
    assert finding.mended
    assert "is damaged" in finding.what
    assert store.copy_of(document.id).read_bytes() == Path(document.path).read_bytes()


def test_lost_copy_without_its_original_is_said(store: Store) -> None:
    document = store.documents()[0]
    store.copy_of(document.id).unlink()
    Path(document.path).unlink()
    (finding,) = verify(store)
    assert not finding.mended
    assert "is gone" in finding.what
    assert f"tenq index remove {document.id}" in finding.how
    assert store.page_text(document.id, 3)  # what is there stays


def test_vectors_of_the_right_mark_but_wrong_content_are_rebuilt(
    store: Store, embedder: Embedder
) -> None:
    store.close()
    # Swapped in SQLite, which names the same state as before: the FAISS file seems to fit.
    damage(
        store,
        "CREATE TEMP TABLE two AS SELECT id, vector FROM chunks WHERE id IN (1, 2)",
        "UPDATE chunks SET vector = (SELECT vector FROM two WHERE two.id = 3 - chunks.id)"
        " WHERE id IN (1, 2)",
        "DELETE FROM digests",
    )
    with Store.open(store.path, embedder) as again:
        (finding,) = verify(again)
        assert finding.mended
        assert "vector index" in finding.what
        assert list(verify(again)) == []


def test_damaged_database_is_rebuilt_from_the_copies(store: Store, embedder: Embedder) -> None:
    before = contents(store)
    store.close()
    file = store.path / "store.sqlite"
    whole = bytearray(file.read_bytes())
    middle = len(whole) // 2 // 4096 * 4096
    whole[middle : middle + 4 * 4096] = b"\xaa" * (4 * 4096)
    file.write_bytes(bytes(whole))
    try:  # by where the damage lies, opening it fails already
        with Store.open(store.path, embedder) as broken:
            findings = list(verify(broken))
    except StoreError:
        findings = []
    assert not any(finding.mended for finding in findings)
    done = rebuild(store.path, embedder)
    assert (done.filings, done.failed, done.old) == (2, (), None)
    with Store.open(store.path, embedder) as mended:
        assert list(verify(mended)) == []
        assert contents(mended)[1:] == before[1:]


def test_store_of_another_format_is_rebuilt(store: Store, embedder: Embedder) -> None:
    before = contents(store)
    damage(store, "UPDATE meta SET value = '1' WHERE key = 'format'", "DROP TABLE facts")
    store.close()
    with pytest.raises(StoreError, match="tenq index rebuild"):
        Store.open(store.path, embedder)
    told: list[float] = []
    done = rebuild(store.path, embedder, lambda fraction, word: told.append(fraction))
    assert done.filings == 2
    assert told == sorted(told)
    with Store.open(store.path, embedder) as mended:
        assert contents(mended) == before
        assert [d.name for d in mended.documents()] == ["valdor-2022", "valdor-2023"]
    assert sorted(p.name for p in store.path.parent.iterdir() if p.is_dir()) == ["store"]


def test_file_that_cannot_be_read_any_more_keeps_the_old_store(
    store: Store, embedder: Embedder
) -> None:
    store.copy_of(store.documents()[0].id).write_bytes(b"")
    store.close()
    done = rebuild(store.path, embedder)
    assert done.filings == 1
    assert "is empty" in done.failed[0]
    assert done.old is not None
    assert (done.old / "store.sqlite").is_file()
    with pytest.raises(StoreError, match="left of an earlier rebuild"):
        rebuild(store.path, embedder)


def test_rebuild_stopped_between_its_renames_goes_on(store: Store, embedder: Embedder) -> None:
    store.close()
    store.path.rename(store.path.with_name("store.old"))
    assert rebuild(store.path, embedder).filings == 2
    with pytest.raises(StoreError, match="no store in"):
        rebuild(store.path.with_name("none"), embedder)


def test_rebuild_stopped_between_its_two_renames(store: Store, embedder: Embedder) -> None:
    """The store is not taken for a new one: what it held would seem lost."""
    store.close()
    store.path.rename(store.path.with_name("store.old"))
    for create in (True, False):
        with pytest.raises(StoreError, match=r"finish it: `tenq index rebuild"):
            Store.open(store.path, embedder, create)
    assert rebuild(store.path, embedder).filings == 2
    assert not store.path.with_name("store.old").exists()
