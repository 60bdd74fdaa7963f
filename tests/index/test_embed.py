"""The embedder: as torch has it, for many callers at once, whatever happened to its copy."""

from __future__ import annotations

import shutil
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


@pytest.fixture
def folder(embedder_folder: Path, tmp_path: Path) -> Path:
    """The real embedder where no other test uses it."""
    return shutil.copytree(embedder_folder, tmp_path / "minilm" / "source")


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
    weights.write_bytes(b"cut short")
    assert np.allclose(Embedder(folder).embed(TEXTS), whole, atol=1e-5)


def test_what_cannot_be_converted_runs_on_torch(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("no such operation")

    monkeypatch.setattr("index.embed._convert", fail)
    assert Embedder(folder).embed(TEXTS).shape == (4, 384)


def test_a_damaged_embedder_is_one_line(folder: Path) -> None:
    (folder / "model.safetensors").write_bytes(b"nothing")
    with pytest.raises(StoreError, match="no sentence embedder can be loaded") as caught:
        Embedder(folder).embed(TEXTS)
    assert "\n" not in str(caught.value)
    assert not list(folder.parent.glob(".converting-*"))
