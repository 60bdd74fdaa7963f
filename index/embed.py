"""TEXT -> VECTORS with sentence-transformers; unit length, so inner product is cosine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.errors import StoreError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Vectors = npt.NDArray[np.float32]

_BATCH = 64


class Embedder:
    """A sentence-transformers model from a local folder. Loaded at first use, and brought there
    just before by `fetch`, if given: what only lists a store needs neither."""

    def __init__(self, folder: Path, fetch: Callable[[], object] | None = None) -> None:
        self.folder = folder
        self._fetch = fetch
        self._model: Any = None

    @property
    def name(self) -> str:
        """Identifies the embedder in a store: vectors of two embedders cannot be compared."""
        return self.folder.parent.name if self.folder.name == "source" else self.folder.name

    def embed(self, texts: Sequence[str], progress: bool = False) -> Vectors:
        """float32, (len(texts), dimension), unit length. StoreError where it cannot."""
        import numpy as np

        model = self._loaded()
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

    def _loaded(self) -> Any:
        if self._model is None:
            if self._fetch:
                self._fetch()
            try:
                import torch
                from sentence_transformers import SentenceTransformer

                self._model = SentenceTransformer(
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
        return self._model


def _said(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
