"""What a reader adds for themselves is there for them alone, and stays so."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from index.contents import contents_of
from index.corrections import correct
from index.documents import Document
from index.embed import Embedder
from index.errors import StoreError
from index.filing import Correction
from index.readers import EVERYBODY
from index.rebuild import rebuild
from index.retrieve import find, search
from index.store import DATABASE, Store
from tests.index.test_store import write_filing

ASKED = "What were Kestrel Looms' inventories in fiscal 2023?"


@pytest.fixture(scope="module")
def embedder(embedder_folder: Path) -> Embedder:
    return Embedder(embedder_folder)


@pytest.fixture
def kestrel(tmp_path: Path) -> Path:
    return write_filing(tmp_path, "Kestrel Looms Inc", 2023)


@pytest.fixture
def store(tmp_path: Path, embedder: Embedder, kestrel: Path) -> Iterator[Store]:
    """Valdor's filing is everybody's, Kestrel's is Ada's."""
    with Store.open(tmp_path / "store", embedder) as opened:
        opened.add(write_filing(tmp_path, "Valdor Valves Inc", 2023))
        assert opened.seen_by("ada").add(kestrel).status == "added"
        yield opened


def names(store: Store) -> set[str]:
    return {str(document.company) for document in store.documents()}


def test_others_neither_see_nor_find_it(store: Store) -> None:
    ada = store.seen_by("ada")
    (own,) = (document for document in ada.documents() if document.private)
    assert find(ada, ASKED).hits[0].doc_id == own.id
    assert ada.page_text(own.name, 3) == ada.page_text(own.id, 3)
    for other in (store.seen_by("bob"), store.seen_by(EVERYBODY)):
        assert names(other) == {"Valdor Valves Inc"}
        found = find(other, ASKED)
        assert found.missing and "Kestrel" in found.missing
        hits = [*found.hits, *search(other, "inventories of Kestrel")]
        assert hits and all(hit.doc_id != own.id for hit in hits)
        assert not chunks_found(other) & chunks_of(store, own.id)
        assert ada.phrase_count("kestrel looms") and not other.phrase_count("kestrel looms")
    assert chunks_found(ada) & chunks_of(store, own.id)
    assert names(store) == names(ada) == {"Valdor Valves Inc", "Kestrel Looms Inc"}


@pytest.mark.parametrize(
    "look",
    [
        lambda store, doc: store.document(doc.id),
        lambda store, doc: store.page_text(doc.id, 3),
        lambda store, doc: store.page_text(doc.name, 3),
        lambda store, doc: store.page_image(doc.id, 3),
        lambda store, doc: store.copy_of(doc.id),
        lambda store, doc: contents_of(store, doc.id),
        lambda store, doc: store.reread(doc.id),
        lambda store, doc: store.remove(doc.id),
        lambda store, doc: correct(store, doc.id, Correction(company="Mine")),
    ],
)
def test_a_guessed_number_opens_nothing(
    store: Store, look: Callable[[Store, Document], object]
) -> None:
    (own,) = (document for document in store.seen_by("ada").documents() if document.private)
    for other in (store.seen_by("bob"), store.seen_by(EVERYBODY)):
        with pytest.raises(StoreError, match="no "):
            look(other, own)
    assert names(store.seen_by("ada")) == {"Valdor Valves Inc", "Kestrel Looms Inc"}


def chunks_of(store: Store, doc_id: int) -> set[int]:
    rows = store.database.rows("SELECT id FROM chunks WHERE doc_id = ?", doc_id)
    return {row["id"] for row in rows}


def chunks_found(store: Store) -> set[int]:
    words, near = store.words(["inventories"], None, 50), store.dense("inventories", None, 50)
    return {chunk for chunk, _ in [*words, *near]}


def test_two_may_have_the_same_and_each_take_it_away(store: Store, kestrel: Path) -> None:
    ada, bob = store.seen_by("ada"), store.seen_by("bob")
    assert bob.add(kestrel).status == "added"
    assert bob.add(kestrel).status == "unchanged"
    (own,) = (document for document in ada.documents() if document.private)
    ada.remove(own.id)
    assert names(ada) == {"Valdor Valves Inc"}
    assert find(bob, ASKED).hits[0].doc_id == own.id
    file = store.copy_of(own.id)
    bob.remove(own.id)
    assert names(store) == {"Valdor Valves Inc"}
    assert not file.exists()
    assert store.add(kestrel).status == "added"  # whoever had it before: now it is everybody's
    assert not any(document.private for document in store.documents())


def test_what_is_added_for_everybody_is_everybodys(store: Store, kestrel: Path) -> None:
    assert store.add(kestrel).status == "added"
    assert names(store.seen_by("bob")) == {"Valdor Valves Inc", "Kestrel Looms Inc"}
    assert store.seen_by("bob").add(kestrel).status == "unchanged"


def test_a_correction_does_not_give_it_away(store: Store) -> None:
    ada = store.seen_by("ada")
    (own,) = (document for document in ada.documents() if document.private)
    assert correct(ada, own.id, Correction(company="Merlin Looms")).private
    assert names(store.seen_by("bob")) == {"Valdor Valves Inc"}
    assert names(ada) == {"Valdor Valves Inc", "Merlin Looms"}


def test_it_stays_its_readers_in_a_store_built_anew(store: Store, embedder: Embedder) -> None:
    store.close()
    assert rebuild(store.path, embedder).filings == 2
    with Store.open(store.path, embedder) as again:
        assert names(again.seen_by("ada")) == {"Valdor Valves Inc", "Kestrel Looms Inc"}
        assert names(again.seen_by("bob")) == {"Valdor Valves Inc"}


def test_it_is_left_out_where_nobody_knows_whose_it_is(store: Store, embedder: Embedder) -> None:
    store.close()
    for file in store.path.glob(f"{DATABASE}*"):
        file.unlink()
    (store.path / DATABASE).write_bytes(b"no database")
    done = rebuild(store.path, embedder)
    assert done.filings == 1 and done.old is not None
    assert ["no longer says whose" in line for line in done.failed] == [True]
    with Store.open(store.path, embedder) as again:
        assert names(again) == {"Valdor Valves Inc"}
