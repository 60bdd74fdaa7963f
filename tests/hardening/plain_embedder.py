"""An embedder without a model: a vector for every text, the same one every time."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from index.embed import Embedder

_DIMENSION = 16


class PlainEmbedder(Embedder):
    """Unit vectors drawn at random, the text being the seed."""

    def __init__(self) -> None:
        super().__init__(Path("plain"))

    def embed(self, texts: Sequence[str], filing: bool = False) -> npt.NDArray[np.float32]:
        rows = [
            np.random.default_rng(zlib.crc32(text.encode("utf-8", "replace"))).normal(
                size=_DIMENSION
            )
            for text in texts
        ]
        vectors = np.array(rows, dtype=np.float32).reshape(len(rows), _DIMENSION)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
