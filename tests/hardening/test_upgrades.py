"""What other versions of Tenq have written: it opens, or says in one line what to do, and doing
that works."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from eval.errors import EvaluationError
from eval.run_folder import RunFolder
from index.errors import StoreError
from index.rebuild import rebuild
from index.schema import FORMAT
from index.store import Store
from index.verify import verify
from quantize.checkpoint import MANIFEST_FILE, read_manifest
from quantize.errors import CheckpointError, SchemeError
from quantize.plan import read_plan
from quantize.sensitivity import read as read_losses
from tests.hardening import folders, seeds
from tests.hardening.plain_embedder import PlainEmbedder

pytestmark = pytest.mark.hardening

# The tables of format 1, of before there were facts, from those of format 2.
_TO_FORMAT_1 = """
DROP TABLE facts;
ALTER TABLE documents DROP COLUMN facts;
DELETE FROM meta WHERE key = 'state';
UPDATE meta SET value = '1' WHERE key = 'format';
"""
# As a later version might: tables and columns that this one does not know, others gone.
_TO_FORMAT_99 = """
ALTER TABLE facts RENAME COLUMN concept TO item;
ALTER TABLE chunks RENAME COLUMN page TO leaf;
DROP INDEX facts_by_page;
CREATE TABLE anything (more TEXT);
UPDATE meta SET value = '99' WHERE key = 'format';
"""


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return folders.store(tmp_path_factory.mktemp("upgrades") / "store")


def changed(store: Path, place: Path, statements: str) -> Path:
    """A copy of the store after these statements."""
    shutil.copytree(store, place)
    with contextlib.closing(sqlite3.connect(place / "store.sqlite")) as connection:
        connection.executescript(statements)
    return place


def tables_of(store: Path) -> list[tuple[str, str]]:
    with contextlib.closing(sqlite3.connect(store / "store.sqlite")) as connection:
        return connection.execute("SELECT name, sql FROM sqlite_master ORDER BY name").fetchall()


@pytest.mark.parametrize("statements", [_TO_FORMAT_1, _TO_FORMAT_99])
def test_store_of_another_format(statements: str, good: Path, tally: Any, tmp_path: Path) -> None:
    """It says so, changes nothing, and building it anew keeps names, ids' order, corrections."""
    place = changed(good, tmp_path / "store", statements)
    before = tables_of(place)
    with pytest.raises(StoreError, match="tenq index rebuild") as said:
        Store.open(place, PlainEmbedder())
    assert re.search(rf"format \d+, this version reads {FORMAT}\b", str(said.value))
    assert tables_of(place) == before
    assert rebuild(place, PlainEmbedder()).filings == 3
    with (
        Store.open(good, PlainEmbedder()) as old,
        Store.open(place, PlainEmbedder()) as new,
    ):
        assert list(verify(new)) == []
        assert [(d.name, d.company) for d in new.documents()] == [
            (d.name, d.company) for d in old.documents()
        ]
    tally("upgrades: stores").add("said and built anew")


def test_store_of_before_there_were_states(good: Path, tally: Any, tmp_path: Path) -> None:
    place = changed(good, tmp_path / "store", "DELETE FROM meta WHERE key = 'state'")
    with Store.open(place, PlainEmbedder()) as store:
        assert list(verify(store)) == []
    tally("upgrades: stores").add("opened")


def test_vectors_of_before_there_were_checksums(good: Path, tally: Any, tmp_path: Path) -> None:
    """The FAISS file is but a copy: another one is made."""
    place = changed(good, tmp_path / "store", "")
    file = place / "vectors.faiss"
    mark = json.loads(file.read_bytes()[-256:])
    del mark["checksum"]
    file.write_bytes(file.read_bytes()[:-256] + json.dumps(mark).encode().rjust(256))
    with Store.open(place, PlainEmbedder()) as store:
        assert list(verify(store)) == []
        assert store.dense("inventories", None, 3)
    assert b"checksum" in file.read_bytes()[-256:]
    tally("upgrades: stores").add("opened")


@pytest.mark.parametrize("format_", [0, 2, "1", None])
def test_model_of_another_version(format_: object, tally: Any, tmp_path: Path) -> None:
    known = json.loads(folders.manifest(tmp_path))
    (tmp_path / MANIFEST_FILE).write_text(json.dumps({**known, "format": format_}))
    with pytest.raises(CheckpointError, match=r"this version reads 1; .*tenq quantize"):
        read_manifest(tmp_path)
    tally("upgrades: models").add("said")


@pytest.mark.parametrize("more", [{}, {"ratio": 2.0}])
@pytest.mark.parametrize("gone", ["", "calibration"])
def test_model_of_an_earlier_day_of_this_format(
    more: dict[str, object], gone: str, tally: Any, tmp_path: Path
) -> None:
    """What was added to the manifest since has a default."""
    known = {**json.loads(folders.manifest(tmp_path)), **more}
    known.pop(gone, None)
    (tmp_path / MANIFEST_FILE).write_text(json.dumps(known))
    assert read_manifest(tmp_path).scheme == "int8"
    tally("upgrades: models").add("opened")


@pytest.mark.parametrize(
    ("text", "read"), [(seeds.precision_plan(), read_plan), (seeds.layer_losses(), read_losses)]
)
def test_plans_and_losses_of_another_version(
    text: bytes, read: Callable[[Path], object], tally: Any, tmp_path: Path
) -> None:
    file = tmp_path / "file.json"
    known = json.loads(text)
    file.write_text(json.dumps({**known, "format": known["format"] + 1}))
    with pytest.raises(SchemeError, match=r"file\.json was written by another version"):
        read(file)
    tally("upgrades: plans").add("said")


def test_run_of_another_version(tally: Any, tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text('{"format": 2}')
    with pytest.raises(EvaluationError, match="another version"):
        RunFolder(tmp_path).read()
    tally("upgrades: runs").add("said")
