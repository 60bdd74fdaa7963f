"""The manifest of a quantized model: as written, or refused in one line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from quantize.checkpoint import MANIFEST_FILE, Manifest, file_sizes, read_manifest
from quantize.errors import CheckpointError
from quantize.layers import Layer


@pytest.fixture
def manifest(tmp_path: Path) -> Manifest:
    (tmp_path / "weights.bin").write_bytes(b"w" * 100)
    written = Manifest(
        name="m",
        source={"model": "m", "kind": "folder", "sha256": "0" * 64, "rebuilt_from": None},
        scheme="int8",
        backend="openvino",
        parameters={"bits": 8},
        versions={"torch": "2.13.0"},
        layers=[Layer("a", 8, (8, 8), 64)],
        bytes_before=200,
        bytes_after=100,
        greedy_check=None,
        seconds=1.5,
        files=file_sizes(tmp_path),
    )
    written.write(tmp_path)
    return written


def test_it_comes_back(manifest: Manifest, tmp_path: Path) -> None:
    assert read_manifest(tmp_path) == manifest


@pytest.mark.parametrize(
    "change",
    [
        {"source": None},
        {"source": {}},
        {"source": {"sha256": 5}},
        {"parameters": []},
        {"scheme": None},
        {"bytes_after": 0},
        {"bytes_before": "200"},
        {"files": {"weights.bin": float("inf")}},
        {"files": {"weights.bin": None}},
        {"files": {"\x00": 100}},
        {"files": {"x" * 5000: 100}},
        {"layers": [None]},
        {"layers": None},
        {"unknown": 1},
    ],
)
def test_what_is_otherwise_is_one_line(
    change: dict[str, object], manifest: Manifest, tmp_path: Path
) -> None:
    file = tmp_path / MANIFEST_FILE
    file.write_text(json.dumps({**json.loads(file.read_text()), **change}))
    with pytest.raises(CheckpointError, match="tenq quantize") as caught:
        read_manifest(tmp_path)
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 800


@pytest.mark.parametrize("text", ["", "null", "[]", "5", "[" * 100_000, '{"format": 1}'])
def test_what_is_no_manifest_is_one_line(text: str, tmp_path: Path) -> None:
    (tmp_path / MANIFEST_FILE).write_text(text)
    with pytest.raises(CheckpointError, match="tenq quantize"):
        read_manifest(tmp_path)
