"""TEXT -> VECTORS with sentence-transformers; unit length, so inner product is cosine."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.errors import StoreError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Vectors = npt.NDArray[np.float32]

_BATCH = 64


class Embedder:
    """A sentence-transformers model from a local folder. Loaded at first use."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._model: Any = None

    @property
    def name(self) -> str:
        """Identifies the embedder in a store: vectors of two embedders cannot be compared."""
        return self.folder.parent.name if self.folder.name == "source" else self.folder.name

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return int(self._loaded().get_embedding_dimension())

    def embed(self, texts: Sequence[str], progress: bool = False) -> Vectors:
        """float32, (len(texts), dimension), unit length."""
        import numpy as np

        vectors = self._loaded().encode(
            list(texts),
            batch_size=_BATCH,
            normalize_embeddings=True,
            show_progress_bar=progress,
            convert_to_tensor=True,
        )
        unit: Vectors = np.ascontiguousarray(vectors.float().cpu().numpy(), dtype=np.float32)
        return unit

    def _loaded(self) -> Any:
        if self._model is None:
            import torch
            from sentence_transformers import SentenceTransformer

            try:
                self._model = SentenceTransformer(
                    str(self.folder),
                    device="cpu",
                    local_files_only=True,
                    model_kwargs={"dtype": torch.bfloat16},
                )
            except (OSError, ValueError, KeyError) as error:
                raise StoreError(
                    f"no sentence embedder can be loaded from {self.folder} ({error}); delete that "
                    "folder and run again to fetch it anew"
                ) from error
        return self._model
