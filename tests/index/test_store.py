"""The store: added once, replaced, removed, found again after a kill, refused when it must be."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from index.embed import Embedder
from index.errors import FilingError, StoreError
from index.retrieve import find, retrieve, search
from index.store import Store

COVER = """FORM 10-K
ANNUAL REPORT PURSUANT TO SECTION 13 OR 15(d) OF THE SECURITIES EXCHANGE ACT OF 1934
For the fiscal year ended December 31, {year}
{company}
(Exact name of registrant as specified in its charter)
"""
SHEET = """{company}
CONSOLIDATED BALANCE SHEETS
(in millions)
December 31, {year} {before}
Cash and cash equivalents $ 120 $ 110
Accounts receivable 340 310
Inventories {inventories} 200
Total current assets 1,200 1,100
Property, plant and equipment, net 2,400 2,300
Goodwill 500 500
Total assets $ 4,100 $ 3,900
Accounts payable 210 190
Total current liabilities 700 650
Long-term debt 1,500 1,400
Total liabilities 2,200 2,050
Retained earnings 900 850
Total stockholders' equity 1,900 1,850
Total liabilities and equity $ 4,100 $ 3,900
"""
RISKS = """Item 1A. Risk Factors
Our foundries depend on a single supplier of nickel alloy, and a strike there would stop them.
Competition from low-cost makers of valves may force us to lower our prices.
"""


def write_filing(folder: Path, company: str, year: int, inventories: int = 250) -> Path:
    cover = COVER.format(company=company, year=year)
    sheet = SHEET.format(company=company, year=year, before=year - 1, inventories=inventories)
    path = folder / f"{company.split()[0].lower()}-{year}.txt"
    path.write_text("\f".join([cover, RISKS, sheet]), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def embedder(embedder_folder: Path) -> Embedder:
    return Embedder(embedder_folder)


@pytest.fixture
def store(tmp_path: Path, embedder: Embedder) -> Iterator[Store]:
    with Store.open(tmp_path / "store", embedder) as opened:
        yield opened


@pytest.fixture
def filled(store: Store, tmp_path: Path) -> Store:
    for company in ("Valdor Valves Inc", "Kestrel Looms Corp"):
        for year in (2022, 2023):
            store.add(write_filing(tmp_path, company, year))
    return store


def test_added_filing_says_who_and_when(store: Store, tmp_path: Path) -> None:
    result = store.add(write_filing(tmp_path, "Valdor Valves Inc", 2023))
    document = result.document
    assert result.status == "added"
    assert (document.company, document.form) == ("Valdor Valves Inc", "10-K")
    assert (document.fiscal_year, document.fiscal_period) == (2023, "FY")
    assert document.pages == 3
    assert document.chunks >= 3
    assert "Inventories 250 200" in store.page_text(document.id, 3)


def test_same_content_changes_nothing(store: Store, tmp_path: Path) -> None:
    path = write_filing(tmp_path, "Valdor Valves Inc", 2023)
    store.add(path)
    before = store.documents()
    assert store.add(path).status == "unchanged"
    shutil.copy(path, tmp_path / "copy.txt")
    assert store.add(tmp_path / "copy.txt").status == "unchanged"
    assert store.documents() == before


def test_what_is_there_is_not_even_read(
    filled: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise AssertionError("read again")

    monkeypatch.setattr("index.read._read", fail)
    assert filled.add(tmp_path / "valdor-2022.txt").status == "unchanged"


def test_changed_file_replaces_its_old_version(store: Store, tmp_path: Path) -> None:
    store.add(write_filing(tmp_path, "Valdor Valves Inc", 2023))
    result = store.add(write_filing(tmp_path, "Valdor Valves Inc", 2023, inventories=777))
    assert result.status == "replaced"
    assert len(store.documents()) == 1
    texts = [hit.text for hit in search(store, "inventories", 20)]
    assert any("777" in text for text in texts)
    assert not any("Inventories 250" in text for text in texts)
    assert len(list((store.path / "files").iterdir())) == 1


def test_removed_filing_is_found_no_more(filled: Store) -> None:
    gone = filled.documents()[0]
    filled.remove(gone.id)
    assert gone.id not in {d.id for d in filled.documents()}
    assert all(hit.doc_id != gone.id for hit in search(filled, "inventories", 50))
    assert len(list((filled.path / "files").iterdir())) == 3
    with pytest.raises(StoreError, match="tenq index list"):
        filled.remove(gone.id)


def test_search_filters(filled: Store) -> None:
    hits = search(filled, "total assets", 10, company="valdor", fiscal_year=2022, form="10-k")
    assert hits
    assert {(h.company, h.fiscal_year) for h in hits} == {("Valdor Valves Inc", 2022)}
    assert search(filled, "total assets", 10, company="nobody") == []


def test_question_finds_the_page_of_its_company_and_year(filled: Store) -> None:
    hit = retrieve(filled, "What were Kestrel Looms' inventories at the end of FY2022?")[0]
    assert (hit.company, hit.fiscal_year, hit.page) == ("Kestrel Looms Corp", 2022, 3)
    hit = retrieve(filled, "Which supplier does Valdor depend on in 2023?")[0]
    assert (hit.company, hit.fiscal_year, hit.page) == ("Valdor Valves Inc", 2023, 2)


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        ("What was Zephyrine Motors' revenue in 2023?", "No filing of Zephyrine Motors"),
        ("What were Valdor's total assets in 2011?", "2022, 2023, not 2011"),
        ("What were Valdor's total assets in FY2031?", "not 2031"),
    ],
)
def test_what_the_store_cannot_know_is_said(filled: Store, question: str, reason: str) -> None:
    missing = find(filled, question).missing
    assert missing is not None
    assert reason in missing


def test_earlier_year_shown_by_a_later_filing_can_be_asked(filled: Store) -> None:
    assert find(filled, "What were Valdor's total assets at the end of 2021?").missing is None


def test_reopened_store_finds_the_same(filled: Store, embedder: Embedder) -> None:
    before = retrieve(filled, "Valdor inventories 2023")
    filled.close()
    with Store.open(filled.path, embedder) as again:
        assert retrieve(again, "Valdor inventories 2023") == before


@pytest.mark.parametrize("damage", ["gone", "garbage", "behind"])
def test_lost_faiss_file_is_rebuilt(filled: Store, embedder: Embedder, damage: str) -> None:
    before = retrieve(filled, "Valdor inventories 2023")
    filled.close()
    faiss_file = filled.path / "vectors.faiss"
    if damage == "gone":
        faiss_file.unlink()
    elif damage == "garbage":
        faiss_file.write_bytes(b"\x00" * 100)
    else:
        whole = faiss_file.read_bytes()
        faiss_file.write_bytes(whole[:-300] + whole[-300:].replace(b'"state": "', b'"state": "0'))
    with Store.open(filled.path, embedder) as again:
        assert retrieve(again, "Valdor inventories 2023") == before


def test_bad_file_leaves_the_store_as_it_was(filled: Store, tmp_path: Path) -> None:
    before = filled.documents()
    (tmp_path / "empty.pdf").write_bytes(b"")
    with pytest.raises(FilingError, match=r"empty\.pdf"):
        filled.add(tmp_path / "empty.pdf")
    assert filled.documents() == before


def test_store_of_another_embedder_is_refused(filled: Store, tmp_path: Path) -> None:
    class Other(Embedder):
        name = "other-embedder"

    filled.close()
    with pytest.raises(StoreError, match="other-embedder"):
        Store.open(filled.path, Other(tmp_path))


def test_what_is_no_store_is_refused(tmp_path: Path, embedder: Embedder) -> None:
    folder = tmp_path / "odd"
    folder.mkdir()
    (folder / "store.sqlite").write_bytes(b"this is no database, whatever its name" * 100)
    with pytest.raises(StoreError, match="cannot be opened"):
        Store.open(folder, embedder)
    with pytest.raises(StoreError, match="cannot be opened"):
        Store.open(folder / "store.sqlite", embedder)
    with pytest.raises(StoreError, match="tenq index add"):
        Store.open(tmp_path / "none", embedder, create=False)


def test_killed_while_adding(tmp_path: Path, embedder: Embedder, embedder_folder: Path) -> None:
    """Every filing reported as added is there afterwards, whole, whenever the process died."""
    for n in range(12):
        write_filing(tmp_path, f"Company{n} Works Inc", 2023, inventories=200 + n)
    script = textwrap.dedent(
        f"""
        from pathlib import Path
        from index.embed import Embedder
        from index.store import Store
        embedder = Embedder(Path({str(embedder_folder)!r}))
        store = Store.open(Path({str(tmp_path / "store")!r}), embedder)
        for path in sorted(Path({str(tmp_path)!r}).glob("company*.txt")):
            print(store.add(path).document.name, flush=True)
        """
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, cwd=Path.cwd()
    )
    assert process.stdout is not None
    reported = [process.stdout.readline().strip() for _ in range(4)]
    os.kill(process.pid, signal.SIGKILL)
    reported += process.stdout.read().split()
    process.wait()
    with Store.open(tmp_path / "store", embedder) as store:
        names = {d.name for d in store.documents()}
        assert set(reported) <= names
        for document in store.documents():
            assert store.page_text(document.id, 3)
        found = {h.doc for h in search(store, "inventories", 100)}
        assert found == names
        assert store.add(tmp_path / "company11-2023.txt").status in ("added", "unchanged")


class Unloadable(Embedder):
    """Fails as soon as anything needs more than its name."""

    def _loaded(self) -> object:
        raise StoreError("the embedder was loaded")


def test_looking_needs_no_embedder(filled: Store, embedder: Embedder) -> None:
    filled.close()
    (filled.path / "vectors.faiss").unlink()
    with Store.open(filled.path, Unloadable(embedder.folder)) as looking:
        assert len(looking.documents()) == 4
    assert not (filled.path / "vectors.faiss").exists()


def test_error_inside_is_not_hidden_by_closing(filled: Store, embedder: Embedder) -> None:
    filled.close()
    opened = Store.open(filled.path, Unloadable(embedder.folder))
    opened.remove(opened.documents()[0].id)
    with pytest.raises(ZeroDivisionError), opened:
        _ = 1 / 0
    with pytest.raises(StoreError, match="closed"):
        opened.documents()


def test_embedder_is_fetched_at_first_use_only(embedder: Embedder) -> None:
    fetched: list[int] = []
    lazy = Embedder(embedder.folder, fetch=lambda: fetched.append(1))
    assert lazy.name == embedder.name
    assert fetched == []
    lazy.embed(["a"])
    lazy.embed(["b"])
    assert fetched == [1]


def test_damaged_embedder_is_one_line(embedder: Embedder, tmp_path: Path) -> None:
    folder = tmp_path / "embedder"
    shutil.copytree(embedder.folder, folder)
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(StoreError, match="fetch it anew") as caught:
        Embedder(folder).embed(["x"])
    assert "\n" not in str(caught.value)


def test_listing_imports_nothing_heavy(filled: Store) -> None:
    filled.close()
    script = textwrap.dedent(
        f"""
        import sys
        from pathlib import Path
        from index.embed import Embedder
        from index.store import Store
        with Store.open(Path({str(filled.path)!r}), Embedder(Path({filled.embedder.name!r}))) as s:
            print(len(s.documents()))
        print([m for m in ("torch", "faiss", "sentence_transformers") if m in sys.modules])
        """
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=Path.cwd()
    )
    assert done.stdout.split("\n")[:2] == ["4", "[]"]


def test_vectors_of_another_store_in_the_same_place_are_not_used(
    tmp_path: Path, embedder: Embedder
) -> None:
    place = tmp_path / "place"
    found = {}
    for company in ("Valdor Valves Inc", "Kestrel Looms Corp"):
        with Store.open(place, embedder) as store:
            store.add(write_filing(tmp_path, company, 2023))
            before = store.dense("Inventories", None, 3)
        with Store.open(place, embedder) as store:
            assert store.dense("Inventories", None, 3) == before
            found[company] = before
        for file in place.glob("store.sqlite*"):
            file.unlink()
    assert found["Valdor Valves Inc"] != found["Kestrel Looms Corp"]


def test_vectors_are_rebuilt_when_an_older_copy_is_put_back(
    tmp_path: Path, embedder: Embedder
) -> None:
    place = tmp_path / "place"
    Store.open(place, embedder).close()
    shutil.copy(place / "store.sqlite", tmp_path / "backup")
    with Store.open(place, embedder) as store:
        store.add(write_filing(tmp_path, "Valdor Valves Inc", 2023))
    stale = (place / "vectors.faiss").read_bytes()
    shutil.copy(tmp_path / "backup", place / "store.sqlite")
    with Store.open(place, embedder) as store:
        store.add(write_filing(tmp_path, "Kestrel Looms Corp", 2023))
        expected = store.dense("Kestrel Looms", None, 5)
    (place / "vectors.faiss").write_bytes(stale)
    with Store.open(place, embedder) as store:
        assert store.dense("Kestrel Looms", None, 5) == expected


def test_store_made_before_there_were_states(filled: Store, embedder: Embedder) -> None:
    before = retrieve(filled, "Valdor inventories 2023")
    filled.close()
    with sqlite3.connect(filled.path / "store.sqlite") as database:
        database.execute("DELETE FROM meta WHERE key = 'state'")
    database.close()
    for _ in range(2):
        with Store.open(filled.path, embedder) as again:
            assert retrieve(again, "Valdor inventories 2023") == before


def test_damaged_database_is_one_line(filled: Store, embedder: Embedder, tmp_path: Path) -> None:
    filled.close()
    file = filled.path / "store.sqlite"
    data = bytearray(file.read_bytes())
    data[8192:] = b"\x5a" * (len(data) - 8192)
    file.write_bytes(data)
    with (
        pytest.raises(StoreError, match="damaged") as caught,
        Store.open(filled.path, embedder) as store,
    ):
        store.documents()
        store.phrase_count("total assets")
        store.places([1, 2, 3])
    assert str(filled.path) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE documents SET problems = 5 WHERE id = 1",
        "UPDATE documents SET name = CAST(x'ff41' AS TEXT) WHERE id = 1",
        "UPDATE documents SET pages = 'many' WHERE id = 1",
        "UPDATE facts SET value = 'twelve' WHERE id = 1",
        "UPDATE facts SET label = CAST(x'ff41' AS TEXT) WHERE id = 1",
        "UPDATE facts SET end = 5 WHERE id = 1",
        "UPDATE pages SET text = CAST(x'ff0a41' AS TEXT) WHERE number = 1",
        "INSERT INTO meta SELECT 'identity:' || sha256, '{' FROM documents",
    ],
)
def test_rows_that_nobody_wrote_are_one_line(filled: Store, statement: str) -> None:
    with sqlite3.connect(filled.path / "store.sqlite") as database:
        database.execute(statement)
    database.close()
    with pytest.raises(StoreError, match=r"damaged.*tenq index rebuild") as caught:
        for document in filled.documents():
            filled.facts([document.id])
            filled.page_texts(document.id)
            filled.reread(document.id)
    assert "\n" not in str(caught.value)


def test_store_of_another_format_is_not_touched(filled: Store, embedder: Embedder) -> None:
    filled.close()
    with sqlite3.connect(filled.path / "store.sqlite") as database:
        database.execute("DROP TABLE facts")
        database.execute("UPDATE meta SET value = '3' WHERE key = 'format'")
    with pytest.raises(StoreError, match="tenq index rebuild"):
        Store.open(filled.path, embedder)
    tables = database.execute("SELECT name FROM sqlite_master WHERE name LIKE 'facts%'").fetchall()
    database.close()
    assert tables == []


def test_copies_left_behind_by_a_killed_process_are_swept(filled: Store, tmp_path: Path) -> None:
    files = filled.path / "files"
    in_use = {file.name for file in files.iterdir()}
    for name in ("tmpold", "0" * 32 + ".pdf", "tmpnew", "1" * 32 + ".pdf"):
        (files / name).write_text("left behind")
    old = time.time() - 7200
    for name in ("tmpold", "0" * 32 + ".pdf", *in_use):
        os.utime(files / name, (old, old))
    filled.close()
    assert {f.name for f in files.iterdir()} == {*in_use, "tmpnew", "1" * 32 + ".pdf"}


def test_names_that_are_not_utf8(store: Store, tmp_path: Path) -> None:
    plain = write_filing(tmp_path, "Valdor Valves Inc", 2023)
    odd = Path(os.fsdecode(os.fsencode(tmp_path) + b"/Soci\xe9t\xe9 2023.t\xe9xt"))
    try:
        plain.rename(odd)
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")
    result = store.add(odd)
    assert result.status == "added"
    assert result.document.name == "Société 2023"
    assert result.document.path.endswith("\\xe9xt")
    assert store.add(odd).status == "unchanged"
    odd.write_text(odd.read_text().replace("Inventories 250", "Inventories 251"))
    assert store.add(odd).status == "replaced"
    assert store.page_text("Société 2023", 3)


def test_file_that_cannot_be_cut_leaves_the_folder_going(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(filing: object) -> list[object]:
        raise KeyError("a defect")

    monkeypatch.setattr("index.chunks.chunk_filing", fail)
    with pytest.raises(FilingError, match="valdor-2023"):
        store.add(write_filing(tmp_path, "Valdor Valves Inc", 2023))


def test_filing_that_another_process_removes_meanwhile(
    filled: Store, embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = filled.documents()[0]
    with Store.open(filled.path, embedder) as other:
        other.remove(document.id)
    monkeypatch.setattr(filled, "document", lambda doc_id: document)  # as it was a moment ago
    with pytest.raises(StoreError, match="meanwhile"):
        filled.remove(document.id)
    assert len(filled.documents()) == 3
