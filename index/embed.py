"""TEXT -> VECTORS with sentence-transformers; unit length, so inner product is cosine.

The model runs on OpenVINO: converted once, beside its own folder. On a CPU that is nearly twice as
fast as torch at bfloat16, and nearer to float32; and a question beside other work takes
milliseconds where torch's threads wait for each other. What cannot be converted runs on torch.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.converted import converted
from index.errors import StoreError, said

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Vectors = npt.NDArray[np.float32]

_BATCH = 64


class _Copy:
    """A model for one caller at a time."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.model: Any = None


class Embedder:
    """A sentence-transformers model from a local folder. Loaded at first use, and brought there
    just before by `fetch`, if given: what only lists a store needs neither. Safe to use from
    several threads: a question does not wait for filings that are being added."""

    def __init__(self, folder: Path, fetch: Callable[[], object] | None = None) -> None:
        self.folder = folder
        self._fetch = fetch
        self._copies = (_Copy(), _Copy())  # for questions, and for filings
        self._loading = threading.Lock()
        self._on_openvino = True

    @property
    def name(self) -> str:
        """Identifies the embedder in a store: vectors of two embedders cannot be compared."""
        return self.folder.parent.name if self.folder.name == "source" else self.folder.name

    def embed(self, texts: Sequence[str], filing: bool = False) -> Vectors:
        """float32, (len(texts), dimension), unit length; `filing`: no question waits for these.
        StoreError where it cannot."""
        import numpy as np

        copy = self._copies[filing]
        with copy.lock:
            model = self._loaded_in(copy)
            try:
                vectors = model.encode(
                    list(texts),
                    batch_size=_BATCH,
                    normalize_embeddings=True,
                    show_progress_bar=False,
                    convert_to_tensor=True,
                )
            except Exception as error:  # a damaged model or too little memory fail in many ways
                raise StoreError(
                    f"the sentence embedder {self.name} failed ({said(error)})"
                ) from error
        unit: Vectors = np.ascontiguousarray(vectors.float().cpu().numpy(), dtype=np.float32)
        return unit

    def _loaded_in(self, copy: _Copy) -> Any:
        if copy.model is None:
            with self._loading:
                copy.model = self._loaded()
        return copy.model

    def _loaded(self) -> Any:
        if self._fetch:
            self._fetch()
        if self._on_openvino:
            try:
                return _opened(converted(self.folder), backend="openvino")
            except Exception:  # whatever it is, torch shows whether it matters
                self._on_openvino = False
        try:
            import torch

            return _opened(self.folder, model_kwargs={"dtype": torch.bfloat16})
        except Exception as error:  # each damage raises its own kind
            raise StoreError(
                f"no sentence embedder can be loaded from {self.folder} ({said(error)}); "
                "delete that folder and run again to fetch it anew"
            ) from error


def _opened(folder: Path, **how: Any) -> Any:
    from sentence_transformers import SentenceTransformer

    # It guesses aloud what the folder holds, and guesses right.
    logging.getLogger("optimum.intel.openvino.modeling_base").setLevel(logging.ERROR)
    return SentenceTransformer(str(folder), device="cpu", local_files_only=True, **how)
