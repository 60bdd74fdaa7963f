"""MODEL -> a full-precision checkpoint folder, whatever MODEL is: a packaged name, a hub id, a
local folder or a local `.gguf`.

A GGUF (packaged or local) is dequantized once to bfloat16 safetensors; such a "full" model is a
rebuild of an already quantized file, and the manifest of everything made from it says so.
No code that comes with a model is run, and pickled weights are refused.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from quantize.building import building
from quantize.errors import MALFORMED, SchemeError, SourceError, first_line
from quantize.gguf_tokenizer import gguf_tokenizer
from quantize.packaged import PACKAGED, need_space, pull

SOURCE_FILE = "tenq_source.json"
_HUB_ID = re.compile(r"[\w.-]+/[\w.-]+")
_GGUF_MAGIC = b"GGUF"
_DENSE_PER_GGUF_BYTE = 4  # ~4.5 bits per weight to 16
_TOKENIZERS = ("tokenizer*", "vocab*", "*.model", "tekken.json")
_WANTED = ["*.safetensors", "*.json", "*.model", "*.txt", "*.jinja"]


@dataclass(frozen=True)
class Source:
    """A full-precision model on disk. `folder` holds config, safetensors and tokenizer; `sha256`
    is of the weights it came from; `rebuilt_from` names the quantized file it was rebuilt from."""

    model: str
    kind: Literal["packaged", "hub", "folder", "gguf"]
    name: str
    folder: Path
    sha256: str
    rebuilt_from: str | None


def bring(model: str, models_dir: Path) -> Source:
    """Find, fetch or convert MODEL, once; later calls return at once.

    Raises SourceError with one line: what is missing, where it was looked for, how to mend it.
    """
    try:
        return _bring(model, models_dir)
    except SourceError:
        raise
    except Exception as error:  # a damaged model fails in as many ways as there are libraries
        raise SourceError(
            f"the model {model!r} cannot be read ({first_line(error)}); is it damaged? fetch or "
            "save it again"
        ) from error


def local_path(model: str) -> Path:
    """MODEL as a path, ~ expanded where there is such a home."""
    try:
        return Path(model).expanduser()
    except RuntimeError:  # ~nobody
        return Path(model)


def _bring(model: str, models_dir: Path) -> Source:
    path = local_path(model)
    if model in PACKAGED:
        return _packaged(model, models_dir)
    if path.is_file():
        return _local_gguf(path, models_dir)
    if path.is_dir():
        return _local_folder(path)
    if _HUB_ID.fullmatch(model) and not model.startswith("."):
        return _hub(model, models_dir)
    raise _no_model(model)


def _no_model(model: str) -> SourceError:
    names = ", ".join(name for name, known in PACKAGED.items() if known.use == "LLM")
    return SourceError(
        f"no model {model!r}: not a folder, not a .gguf file, not a hub id (owner/name), "
        f"and not one of the packaged names ({names})"
    )


def _packaged(model: str, models_dir: Path) -> Source:
    known = PACKAGED[model]
    if not known.is_gguf:
        raise SourceError(f"{model} is an {known.use}, not a language model")
    full = models_dir / model / "full"
    if not full.is_dir():
        gguf = pull(model, models_dir) / known.files[0][0]
        _dequantize(gguf, full, model, "packaged", known.files[0][1], known.what)
    return _read_source(full)


def _local_gguf(path: Path, models_dir: Path) -> Source:
    with path.open("rb") as stream:
        if stream.read(4) != _GGUF_MAGIC:
            raise SourceError(f"{path} is not a GGUF file; give a .gguf or a checkpoint folder")
    sha256 = _sha256([path])
    full = models_dir / f"{path.stem}-{sha256[:8]}" / "full"
    if not full.is_dir():
        _dequantize(path, full, str(path.resolve()), "gguf", sha256, f"GGUF file {path.name}")
    return _read_source(full)


def _local_folder(path: Path) -> Source:
    if (path / SOURCE_FILE).is_file():
        return _read_source(path)
    weights = _check_folder(path)
    real = path.resolve()
    return Source(str(real), "folder", real.name, path, _sha256(weights), rebuilt_from=None)


def _check_folder(path: Path) -> list[Path]:
    """The folder's safetensors; SourceError where it is not a checkpoint we can read safely."""
    if not (path / "config.json").is_file():
        raise SourceError(f"{path} has no config.json: not a model checkpoint folder")
    weights = sorted(path.glob("*.safetensors"))
    if not weights:
        raise SourceError(
            f"{path} has no *.safetensors weights (pickled .bin weights are refused: they can run "
            "code); save the model with save_pretrained(safe_serialization=True)"
        )
    if not any(file for pattern in _TOKENIZERS for file in path.glob(pattern)):
        # transformers would make one up, without a single word in it.
        raise SourceError(f"{path} has no tokenizer; save the model's own with save_pretrained")
    return weights


def _hub(model: str, models_dir: Path) -> Source:
    """Fetch a hub checkpoint (resumable, progress bars by huggingface_hub)."""
    import httpx
    from huggingface_hub import HfApi, snapshot_download
    from huggingface_hub.errors import (
        GatedRepoError,
        HfHubHTTPError,
        HFValidationError,
        LocalEntryNotFoundError,
        OfflineModeIsEnabled,
        RepositoryNotFoundError,
    )

    full = models_dir / model.replace("/", "--") / "full"
    if (full / SOURCE_FILE).is_file():
        return _read_source(full)
    try:
        files = HfApi().model_info(model, files_metadata=True).siblings or []
        size = sum(f.size or 0 for f in files if f.rfilename.endswith(".safetensors"))
        need_space(models_dir, size + (1 << 30), f"fetch {model}")
        full.mkdir(parents=True, exist_ok=True)
        snapshot_download(model, local_dir=full, allow_patterns=_WANTED)
    except HFValidationError as error:
        raise _no_model(model) from error
    except GatedRepoError as error:
        raise SourceError(
            f"{model} asks for its terms to be accepted on the hub first; then set HF_TOKEN"
        ) from error
    except RepositoryNotFoundError as error:
        raise SourceError(f"the hub has no public model {model!r}; check the spelling") from error
    except (
        LocalEntryNotFoundError,
        OfflineModeIsEnabled,
        HfHubHTTPError,
        httpx.HTTPError,
        OSError,
    ) as error:
        raise SourceError(
            f"cannot fetch {model} from the hub ({type(error).__name__}): check the network, or "
            "use a packaged model (`tenq models list`) or a local folder"
        ) from error
    source = Source(model, "hub", full.parent.name, full, _sha256(_check_folder(full)), None)
    _write_source(source)
    return source


def _dequantize(
    gguf: Path,
    full: Path,
    model: str,
    kind: Literal["packaged", "gguf"],
    sha256: str,
    what: str,
) -> None:
    """Write the GGUF's weights as bfloat16 safetensors with tokenizer to `full`, whole or not."""
    import torch
    from transformers import AutoModelForCausalLM

    need_space(full.parent, _DENSE_PER_GGUF_BYTE * gguf.stat().st_size, f"unpack {gguf.name}")
    try:
        with building(full) as folder:
            tokenizer = gguf_tokenizer(gguf)
            network = AutoModelForCausalLM.from_pretrained(
                gguf.parent, gguf_file=gguf.name, dtype=torch.bfloat16
            )
            network.save_pretrained(folder)
            tokenizer.save_pretrained(folder)
            _write_source(Source(model, kind, full.parent.name, folder, sha256, what))
    except SourceError:
        raise
    except OSError as error:
        raise SourceError(f"cannot unpack {gguf} to {full}: {first_line(error)}") from error
    except Exception as error:  # gguf, tokenizers and transformers each raise their own kinds
        raise SourceError(
            f"cannot read {gguf}: damaged, or of an architecture transformers does not know "
            f"({first_line(error)})"
        ) from error


def _write_source(source: Source) -> None:
    known = {k: v for k, v in asdict(source).items() if k != "folder"}
    (source.folder / SOURCE_FILE).write_text(json.dumps(known, indent=1), encoding="utf-8")


def _read_source(folder: Path) -> Source:
    try:
        known = json.loads((folder / SOURCE_FILE).read_text(encoding="utf-8"))
        return Source(folder=folder, **known)
    except MALFORMED as error:
        raise SourceError(f"{folder / SOURCE_FILE} is damaged; delete {folder}") from error


def _sha256(paths: list[Path]) -> str:
    """SHA-256 over the files' contents in order."""
    digest = hashlib.sha256()
    for path in paths:
        with path.open("rb") as stream:
            while block := stream.read(1 << 22):
                digest.update(block)
    return digest.hexdigest()


def config_of(source: Source) -> dict[str, Any]:
    """The model's config.json. SchemeError where it cannot be read."""
    file = source.folder / "config.json"
    try:
        config = json.loads(file.read_text(encoding="utf-8"))
        if not isinstance(config, dict):
            raise ValueError("no JSON object")
    except MALFORMED as error:
        raise SchemeError(f"{file} cannot be read: {first_line(error)}") from error
    return config


def folder_bytes(folder: Path, pattern: str = "*") -> int:
    """Bytes of the files in `folder` that match."""
    return sum(path.stat().st_size for path in folder.rglob(pattern) if path.is_file())
