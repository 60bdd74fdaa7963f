"""From nothing to a working chat: the embedder, the default model in 4 bits, the sample filings.

Each step is whole or not done, so an interrupted set-up goes on where it was; when all is there,
it returns within a second.
"""

from __future__ import annotations

import sys
from pathlib import Path

from assistant.home import embedder_path
from index.errors import StoreError
from quantize.checkpoint import is_quantized
from quantize.packaged import DEFAULT_LLM
from quantize.quantize import quantize

_SCHEME = "int4"


def prepare(home: Path, models_dir: Path, store_path: Path) -> None:
    """Bring what the default chat needs. Progress goes to stderr."""
    embedder = embedder_path()
    if not is_quantized(models_dir / DEFAULT_LLM / _SCHEME):
        _say(f"bringing {DEFAULT_LLM} and quantizing it to 4 bits (once, a few minutes)")
        _, manifest = quantize(DEFAULT_LLM, _SCHEME, None, models_dir)
        _say(
            f"{manifest.bytes_before / 1e9:.2f} GB -> {manifest.bytes_after / 1e9:.2f} GB, "
            f"{manifest.ratio:.2f} times smaller"
        )
    _add_samples(home / "samples", store_path, embedder)


def _add_samples(folder: Path, store_path: Path, embedder: Path) -> None:
    """Write the sample filings and index them, once: a sample removed by the user stays away."""
    done = store_path / "samples-added"
    if done.is_file():
        return
    from tqdm import tqdm

    from index.embed import Embedder
    from index.read import find_filings
    from index.samples import write_samples
    from index.store import Store

    write_samples(folder)
    with Store.open(store_path, Embedder(embedder)) as store:
        for file in tqdm(find_filings([folder / "filings"]), desc="index samples", unit="file"):
            store.add(file)
    try:
        done.touch()
    except OSError as error:
        raise StoreError(f"cannot write {done}: {error.strerror}") from error


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
