"""The embedder: as torch has it, for many callers at once, whatever happened to its copy."""

from __future__ import annotations

import os
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from index.embed import Embedder
from index.errors import StoreError

TEXTS = [
    "Net sales rose 4% to $3,240 million in fiscal 2024.",
    "The Company is party to legal proceedings in the ordinary course of business. " * 30,
    "存货",
    "",
]


@pytest.fixture(scope="module")
def with_its_copy(embedder_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The real embedder and what it was converted to, in one folder."""
    place = tmp_path_factory.mktemp("embedder") / "minilm"
    Embedder(shutil.copytree(embedder_folder, place / "source")).embed(["once"])
    return place


@pytest.fixture
def folder(with_its_copy: Path, tmp_path: Path) -> Path:
    """The real embedder, converted already, where no other test uses it."""
    return shutil.copytree(with_its_copy, tmp_path / "minilm") / "source"


@pytest.fixture
def alone(folder: Path) -> Path:
    """The same, not converted yet."""
    shutil.rmtree(folder.parent / "source-openvino")
    return folder


def test_converted_it_gives_the_vectors_of_torch(folder: Path) -> None:
    from sentence_transformers import SentenceTransformer

    embedder = Embedder(folder)
    vectors = embedder.embed(TEXTS)
    assert embedder.name == "minilm"
    assert vectors.dtype == np.float32 and vectors.shape == (4, 384)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-3)
    exact = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
    expected = exact.encode(TEXTS, normalize_embeddings=True)
    assert (vectors * expected).sum(axis=1).min() > 0.999
    assert sorted(path.name for path in folder.parent.iterdir()) == ["source", "source-openvino"]


def test_callers_at_once_get_their_own(folder: Path) -> None:
    embedder = Embedder(folder)
    alone = [embedder.embed([f"revenue of {n}"]) for n in range(6)]
    with ThreadPoolExecutor(6) as pool:
        together = list(pool.map(lambda n: embedder.embed([f"revenue of {n % 6}"]), range(30)))
    for n, vector in enumerate(together):
        assert np.allclose(vector, alone[n % 6], atol=1e-5)


def test_a_damaged_copy_is_made_again(folder: Path) -> None:
    whole = Embedder(folder).embed(TEXTS)
    (weights,) = (folder.parent / "source-openvino").rglob("*.bin")
    size = weights.stat().st_size
    with weights.open("r+b") as file:  # what a power cut leaves; OpenVINO would not notice
        file.seek(size // 2)
        file.write(bytes(2_000_000))
    assert weights.stat().st_size == size
    assert np.allclose(Embedder(folder).embed(TEXTS), whole, atol=1e-5)


def test_another_version_of_the_embedder_is_converted_anew(folder: Path) -> None:
    from safetensors.torch import load_file, save_file

    before = Embedder(folder).embed(TEXTS[:1])
    weights = load_file(folder / "model.safetensors")
    name = next(name for name in weights if name.endswith("word_embeddings.weight"))
    weights[name] = weights[name].flip(0).contiguous()
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    after = Embedder(folder).embed(TEXTS[:1])
    assert float((before * after).sum()) < 0.9


def test_a_question_does_not_wait_for_a_filing(folder: Path) -> None:
    embedder = Embedder(folder)
    embedder.embed(TEXTS)
    with ThreadPoolExecutor(1) as pool:
        filing = pool.submit(embedder.embed, TEXTS[1:2] * 600, filing=True)
        time.sleep(0.5)
        embedder.embed(TEXTS[:1])
        assert not filing.done()
        assert filing.result().shape == (600, 384)


def test_a_copy_that_cannot_be_loaded_now_is_not_thrown_away(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = (folder.parent / "source-openvino").stat().st_mtime_ns

    def fail(_: Path, **how: object) -> None:
        raise MemoryError

    monkeypatch.setattr("index.embed._opened", fail)
    with pytest.raises(StoreError):
        Embedder(folder).embed(TEXTS[:1])
    assert (folder.parent / "source-openvino").stat().st_mtime_ns == made


def test_what_killed_processes_left_is_swept(alone: Path) -> None:
    left = alone.parent / ".converting-abc"
    left.mkdir()
    os.utime(left, (1e9, 1e9))
    Embedder(alone).embed(TEXTS[:1])
    assert not left.exists()


def test_a_folder_of_somebody_else_is_left_alone(alone: Path) -> None:
    theirs = alone.parent / "source-openvino"
    theirs.mkdir()
    (theirs / "notes.txt").write_text("mine")
    assert Embedder(alone).embed(TEXTS).shape == (4, 384)  # on torch
    assert (theirs / "notes.txt").read_text() == "mine"


def test_a_damaged_embedder_is_one_line(alone: Path) -> None:
    (alone / "model.safetensors").write_bytes(b"nothing")
    with pytest.raises(StoreError, match="no sentence embedder can be loaded") as caught:
        Embedder(alone).embed(TEXTS)
    assert "\n" not in str(caught.value)
    assert not list(alone.parent.glob(".converting-*"))
