"""A quantized model on disk: the backend's files and `tenq_manifest.json`, whole or not there.

The manifest says what the model is: source and its hash, scheme and its parameters, versions, the
bits of every layer, bytes before and after, and the greedy tokens the model gave when it was made.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from quantize.errors import MALFORMED, CheckpointError, first_line
from quantize.layers import Layer

MANIFEST_FILE = "tenq_manifest.json"
FORMAT = 1
_PACKAGES = (
    "torch transformers optimum optimum-intel openvino openvino-genai openvino-tokenizers nncf "
    "bitsandbytes"
)


@dataclass(frozen=True)
class Manifest:
    """See the module. `bytes_before` is the full checkpoint's weights at 16 bits; `bytes_after`
    the quantized model's weights; `files` maps each file to its size in bytes; `calibration` says
    on what the model was calibrated, if it was (the texts lie beside it). `seconds` and
    `peak_memory_bytes` (all processes together) are what making and checking it took."""

    name: str
    source: dict[str, Any]
    scheme: str
    backend: str
    parameters: dict[str, Any]
    versions: dict[str, str]
    layers: list[Layer]
    bytes_before: int
    bytes_after: int
    greedy_check: dict[str, Any] | None
    seconds: float
    files: dict[str, int]
    calibration: dict[str, Any] | None = None
    peak_memory_bytes: int | None = None
    format: int = FORMAT

    @property
    def ratio(self) -> float:
        """Compression: bytes before / bytes after, both measured on disk."""
        return self.bytes_before / self.bytes_after

    def write(self, folder: Path) -> None:
        """Save as JSON in `folder`; written last, it marks the checkpoint as whole."""
        text = json.dumps({**asdict(self), "ratio": self.ratio}, indent=1)
        (folder / MANIFEST_FILE).write_text(text, encoding="utf-8")


def is_quantized(folder: Path) -> bool:
    """Whether `folder` was made by `tenq quantize`."""
    return (folder / MANIFEST_FILE).is_file()


def read_manifest(folder: Path) -> Manifest:
    """Read and check the manifest; CheckpointError where files are missing or of another size."""
    path = folder / MANIFEST_FILE
    mend = "make it again with `tenq quantize`"
    try:
        known = json.loads(path.read_text(encoding="utf-8"))
        known.pop("ratio", None)
        if known.get("format") != FORMAT:
            raise CheckpointError(
                f"{folder} has format {known.get('format')}, this version reads {FORMAT}; {mend}"
            )
        known["layers"] = [
            Layer(**{**layer, "shape": tuple(layer["shape"])}) for layer in known["layers"]
        ]
        manifest = _checked(Manifest(**known))
        files = {str(name): int(size) for name, size in manifest.files.items()}
        found = {name: _size(folder / name) for name in files}
    except MALFORMED as error:
        raise CheckpointError(f"{path} cannot be read ({first_line(error)}); {mend}") from error
    for name, size in files.items():
        if ".." in Path(name).parts or Path(name).is_absolute():
            raise CheckpointError(f"{path} names a file outside its folder; {mend}")
        if found[name] != size:
            raise CheckpointError(f"{folder / name} is missing or not {size:,} bytes; {mend}")
    return manifest


def _size(file: Path) -> int | None:
    return file.stat().st_size if file.is_file() else None


def _checked(manifest: Manifest) -> Manifest:
    """The manifest, if what other code relies on is of its kind; else TypeError or ValueError."""
    for part in (manifest.source, manifest.parameters, manifest.versions, manifest.files):
        if not isinstance(part, dict):
            raise TypeError(f"{part!r:.60} is no JSON object")
    for name in (manifest.name, manifest.scheme, manifest.backend, manifest.source["sha256"]):
        if not isinstance(name, str):
            raise TypeError(f"{name!r:.60} is no text")
    for size in (manifest.bytes_before, manifest.bytes_after):
        if not isinstance(size, int) or size <= 0:
            raise ValueError(f"{size!r:.60} is no size")
    return manifest


def file_sizes(folder: Path) -> dict[str, int]:
    """Every file in `folder`, relative name to bytes, the manifest itself left out."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {
        str(path.relative_to(folder)): path.stat().st_size
        for path in files
        if path.name != MANIFEST_FILE
    }


def versions() -> dict[str, str]:
    """The versions of the packages that made the model."""
    found = {}
    for package in _PACKAGES.split():
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
