"""TEXT -> VECTORS with sentence-transformers; unit length, so inner product is cosine.

The model runs on OpenVINO: converted once, beside its own folder. On a CPU that is nearly twice as
fast as torch at bfloat16, and nearer to float32; and a question beside other work takes
milliseconds where torch's threads wait for each other. What cannot be converted runs on torch.
"""

from __future__ import annotations

import contextlib
import io
import logging
import queue
import shutil
import tempfile
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.errors import StoreError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Vectors = npt.NDArray[np.float32]

_BATCH = 64
_AT_ONCE = 4  # each copy of the model answers one caller at a time


class Embedder:
    """A sentence-transformers model from a local folder. Loaded at first use, and brought there
    just before by `fetch`, if given: what only lists a store needs neither. Safe to use from
    several threads: a question does not wait for filings that are being added."""

    def __init__(self, folder: Path, fetch: Callable[[], object] | None = None) -> None:
        self.folder = folder
        self._fetch = fetch
        self._free: queue.LifoQueue[Any] = queue.LifoQueue()
        self._made = 0
        self._making = threading.Lock()
        self._converts = True

    @property
    def name(self) -> str:
        """Identifies the embedder in a store: vectors of two embedders cannot be compared."""
        return self.folder.parent.name if self.folder.name == "source" else self.folder.name

    def embed(self, texts: Sequence[str], progress: bool = False) -> Vectors:
        """float32, (len(texts), dimension), unit length. StoreError where it cannot."""
        import numpy as np

        with self._model() as model:
            try:
                vectors = model.encode(
                    list(texts),
                    batch_size=_BATCH,
                    normalize_embeddings=True,
                    show_progress_bar=progress,
                    convert_to_tensor=True,
                )
            except Exception as error:  # a damaged model or too little memory fail in many ways
                raise StoreError(
                    f"the sentence embedder {self.name} failed ({_said(error)})"
                ) from error
        unit: Vectors = np.ascontiguousarray(vectors.float().cpu().numpy(), dtype=np.float32)
        return unit

    @contextlib.contextmanager
    def _model(self) -> Iterator[Any]:
        """A copy of the model that nobody else uses meanwhile."""
        try:
            model = self._free.get_nowait()
        except queue.Empty:
            with self._making:
                if self._made < _AT_ONCE:
                    self._free.put(self._loaded())
                    self._made += 1
            model = self._free.get()
        try:
            yield model
        finally:
            self._free.put(model)

    def _loaded(self) -> Any:
        if self._fetch and not self._made:
            self._fetch()
        converted = self.folder.with_name(f"{self.folder.name}-openvino")
        for _ in range(2 if self._converts else 0):
            with contextlib.suppress(Exception):  # whatever it is, torch shows whether it matters
                if not converted.exists():
                    _convert(self.folder, converted)
                return _on_openvino(converted)
            shutil.rmtree(converted, ignore_errors=True)  # damaged: once more
        self._converts = False
        try:
            import torch
            from sentence_transformers import SentenceTransformer

            return SentenceTransformer(
                str(self.folder),
                device="cpu",
                local_files_only=True,
                model_kwargs={"dtype": torch.bfloat16},
            )
        except Exception as error:  # each damage raises its own kind
            raise StoreError(
                f"no sentence embedder can be loaded from {self.folder} ({_said(error)}); "
                "delete that folder and run again to fetch it anew"
            ) from error


def _on_openvino(folder: Path, **how: Any) -> Any:
    from sentence_transformers import SentenceTransformer

    with _quiet():
        return SentenceTransformer(
            str(folder), backend="openvino", device="cpu", local_files_only=True, model_kwargs=how
        )


def _convert(folder: Path, converted: Path) -> None:
    """Make `converted`, whole or not at all."""
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".converting-") as place:
        made = Path(place) / "made"
        model = _on_openvino(folder, export=True)
        with _quiet():
            model.save_pretrained(str(made))
        with contextlib.suppress(OSError):  # another process was faster
            made.rename(converted)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Without the libraries' remarks on converting."""
    before = logging.root.manager.disable
    logging.disable(logging.ERROR)
    try:
        with (
            warnings.catch_warnings(),
            contextlib.redirect_stderr(io.StringIO()),
            contextlib.redirect_stdout(io.StringIO()),
        ):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)


def _said(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
