"""A value changed behind the store's back is noticed and put right, in whatever column it is."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from index.corrections import correct, correction_of
from index.digests import DOCUMENT_COLUMNS, PARTS, TOLD, keep
from index.documents import Hit
from index.embed import Embedder
from index.filing import Correction
from index.glyphs import Glyph
from index.readers import EVERYBODY
from index.retrieve import search
from index.scan_rows import keep_scans, scans_of
from index.scans import Scan, ScannedWord
from index.store import Store
from index.verify import Finding, verify
from tests.index.test_store import write_filing
from tests.index.test_verify import damage

# Ids of chunks and facts are the store's own: reading a filing again gives new ones.
COLUMNS = [
    *(("documents", column) for column in DOCUMENT_COLUMNS),
    *((table, column) for table in PARTS for column in TOLD[table]),
    *((table, "doc_id") for table in PARTS),
    *(("readers", column) for column in ("sha256", "reader")),
    *(("meta", column) for column in ("key", "value")),
    ("chunks", "id"),
    ("chunks", "vector"),
    ("digests", "entry"),
    *(("digests", table) for table in TOLD),
]


@pytest.fixture(scope="module")
def embedder(embedder_folder: Path) -> Embedder:
    return Embedder(embedder_folder)


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Path:
    """A store of two filings: one corrected, one a reader's own; both with another name."""
    folder = tmp_path_factory.mktemp("pristine")
    with Store.open(folder / "store", embedder) as store:
        first = store.add(named(write_filing(folder, "Valdor Valves Inc", 2022))).document
        correct(store, first.id, Correction(company="Kestrel Looms"))
        store.seen_by("ann").add(named(write_filing(folder, "Valdor Valves Inc", 2023)))
    return folder / "store"


def named(path: Path) -> Path:
    """The filing, with names that its company had or has."""
    told = path.read_text(encoding="utf-8")
    path.write_text(f"{told}\n(formerly Harrow Pumps Inc)\n", encoding="utf-8")
    return path


@pytest.fixture
def store(pristine: Path, tmp_path: Path, embedder: Embedder) -> Iterator[Store]:
    with Store.open(Path(shutil.copytree(pristine, tmp_path / "store")), embedder) as opened:
        yield opened


def contents(store: Store) -> list[Any]:
    """Everything a reader can see; when a filing was read is not of it."""
    rows = store.database.rows
    listed = [name for name in DOCUMENT_COLUMNS if name != "added"]
    found: list[Any] = [
        [tuple(row) for row in rows(f"SELECT {', '.join(listed)} FROM documents ORDER BY id")]
    ]
    for table in ("pages", "chunks", "facts"):
        order = "doc_id, number" if table == "pages" else "doc_id, id"
        columns = f"doc_id, {', '.join(TOLD[table])}"
        sql = f"SELECT {columns} FROM {table} ORDER BY {order}"
        found.append([tuple(row) for row in rows(sql)])
    hits: list[Hit] = search(store, "inventories", 20)
    seen = [d.name for d in store.seen_by(EVERYBODY).documents()]
    company = [correction_of(store.database, d.sha256).company for d in store.documents()]
    names = [(document.aliases, document.private) for document in store.documents()]
    return [*found, [(h.doc, h.page, h.text) for h in hits], seen, company, names]


def flipped(table: str, column: str) -> str:
    """Another value of the same type in one row."""
    where = {
        "pages": "doc_id = (SELECT min(doc_id) FROM pages) AND number = 2",
        "aliases": "name = (SELECT min(name) FROM aliases)",
        "scans": "page = 3",
        "readers": "reader = 'ann'",
        "meta": "key LIKE 'identity:%'",
    }.get(table, f"rowid = (SELECT min(rowid) FROM {table})")
    anew = f"CASE typeof({column}) WHEN 'text' THEN 'x' || substr({column}, 2) "
    anew += f"WHEN 'null' THEN 1 WHEN 'blob' THEN zeroblob(length({column})) ELSE {column} + 50 END"
    return f"UPDATE {table} SET {column} = {anew} WHERE {where}"


@pytest.mark.parametrize(("table", "column"), COLUMNS)
def test_a_value_changed_is_mended(table: str, column: str, store: Store) -> None:
    before = contents(store)
    damage(store, flipped(table, column))
    findings = list(verify(store))
    assert findings
    assert all(finding.mended for finding in findings), findings
    assert list(verify(store)) == []
    assert contents(store) == before


@pytest.mark.parametrize(
    "statement",
    [
        *(flipped("scans", column) for column in ("doc_id", "page", "words")),
        "UPDATE scans SET words = 'no list'",
        "DELETE FROM scans",
    ],
)
def test_what_ocr_read_is_mended(statement: str, store: Store) -> None:
    """Without OCR, which would take long, and whose extra may not be installed."""
    document = store.documents()[0]
    word = ScannedWord(Glyph("1,200", (1.0, 2.0, 3.0, 4.0), 1.0, 3.0, 2.0, 2.0, True), 0.9)
    with store.database.transaction() as connection:
        keep_scans(connection, document.id, {3: Scan((word,)), 4: Scan()})
        keep(connection, document.id)
    assert list(verify(store)) == []
    damage(store, statement)
    findings = list(verify(store))
    assert Finding(f"{document.name}: what OCR read of it was changed", True) in findings
    assert all(finding.mended for finding in findings), findings
    assert list(verify(store)) == []
    assert scans_of(store.database, document.id) == {3: Scan((word,)), 4: Scan()}


def test_who_may_read_and_what_was_corrected_change_without_being_damage(store: Store) -> None:
    """Every way they change keeps the second copy anew."""
    first, second = store.documents()
    if first.private:
        first, second = second, first
    store.seen_by("bob").add(Path(second.path))
    assert list(verify(store)) == []
    store.seen_by("ann").remove(second.id)
    assert list(verify(store)) == []
    correct(store, first.id, Correction(ticker="KSTL"))
    assert list(verify(store)) == []
    correct(store, first.id, Correction())
    assert list(verify(store)) == []
    store.add(Path(second.path))
    assert list(verify(store)) == []
    assert [document.private for document in store.documents()] == [False, False]


def test_a_private_filing_that_was_opened_to_all_is_private_again(store: Store) -> None:
    damage(store, "DELETE FROM readers")
    assert len(store.seen_by("bob").documents()) == 2
    (finding,) = verify(store)
    assert finding == Finding("valdor-2023: who may read it was changed", True)
    assert len(store.seen_by("bob").documents()) == 1
    assert len(store.seen_by("ann").documents()) == 2


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("UPDATE facts SET value = '1' || value WHERE id = 3", "its facts were changed"),
        ("UPDATE pages SET text = replace(text, '1', '7')", "its pages were changed"),
        (
            "UPDATE chunks SET text = x'00ff' WHERE id = (SELECT max(id) FROM chunks)",
            "its chunks were changed",
        ),
        ("UPDATE chunks SET vector = 'no vector' WHERE doc_id = 2", "its vectors are none"),
        ("UPDATE pages SET text = CAST(x'ff0a41' AS TEXT)", "its pages were changed"),
        ("UPDATE documents SET name = CAST(x'ff41' AS TEXT) WHERE id = 1", "was changed"),
        ("DELETE FROM documents WHERE id = 1", "list of filings was gone"),
        ("UPDATE words_content SET c0 = 'inventories of others'", "full-text"),
    ],
)
def test_what_is_wrong_is_said(statement: str, what: str, store: Store) -> None:
    before = contents(store)
    damage(store, statement)
    findings = list(verify(store))
    assert any(what in finding.what for finding in findings), findings
    assert all(finding.mended for finding in findings), findings
    assert list(verify(store)) == []
    assert contents(store) == before


def test_a_changed_figure_without_a_sound_copy_is_said_and_kept(store: Store) -> None:
    document = store.documents()[0]
    damage(store, "UPDATE facts SET value = '7' WHERE id = 1")
    store.copy_of(document.id).unlink()
    Path(document.path).unlink()
    try:
        findings = list(verify(store))
    finally:
        Path(document.path).write_bytes(b"")
    assert not any(finding.mended for finding in findings)
    assert any("its facts were changed" in finding.what for finding in findings)
    assert len(store.facts([document.id])) == document.facts


def test_a_store_whose_digests_left_names_out_is_given_new_ones(
    store: Store, embedder: Embedder
) -> None:
    store.close()
    damage(store, "ALTER TABLE digests DROP COLUMN aliases")
    with Store.open(store.path, embedder) as old:
        assert list(verify(old)) == []
        damage(old, "DELETE FROM aliases")
        assert {finding.what for finding in verify(old)} == {
            f"valdor-{year}: its aliases were changed in the database" for year in (2022, 2023)
        }
        assert list(verify(old)) == []


def forget_digests(store: Store) -> None:
    damage(store, "DROP TABLE digests")


def test_a_store_from_before_there_were_digests_is_given_them(
    store: Store, embedder: Embedder
) -> None:
    store.close()
    forget_digests(store)
    with Store.open(store.path, embedder) as old:
        assert list(verify(old)) == []
        assert len(old.database.rows("SELECT * FROM digests")) == 2
        damage(old, "UPDATE facts SET value = '7' WHERE id = 1")
        (finding,) = verify(old)
        assert "its facts were changed in the database" in finding.what


@pytest.mark.parametrize("table", ["pages", "chunks", "facts"])
def test_a_value_changed_before_there_were_digests_is_found_in_the_file(
    table: str, store: Store, embedder: Embedder
) -> None:
    before = contents(store)
    store.close()
    forget_digests(store)
    column = {"pages": "text", "chunks": "header", "facts": "shown"}[table]
    damage(store, flipped(table, column))
    with Store.open(store.path, embedder) as old:
        (finding,) = verify(old)
        assert f"its {table} were not what its file says" in finding.what
        assert list(verify(old)) == []
        assert contents(old) == before


def test_deep_finds_what_was_read_otherwise_once(store: Store) -> None:
    """As if an older version had read a figure wrong: the digests fit."""
    before = contents(store)
    damage(store, "UPDATE facts SET label = 'as it was read once' WHERE id = 1")
    with store.database.transaction() as connection:
        keep(connection, 1)
        keep(connection, 2)
    assert list(verify(store)) == []
    (finding,) = verify(store, deep=True)
    assert finding == Finding(finding.what, True)
    assert "its facts were not what its file says" in finding.what
    assert contents(store) == before
