"""QUESTION + PASSAGES -> THE PASSAGES IN ANOTHER ORDER, by a cross-encoder that reads each together
with the question (Nogueira and Cho 2019, arXiv:1901.04085). Optional: it takes seconds where the
search takes milliseconds, and whether it helps is for `tenq eval retrieval --reranker` to say.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from index.documents import Hit
from index.errors import StoreError, said

READ = 50  # passages of the search that are put in order


class Reranker:
    """The cross-encoder in a folder, or on the hub under a name. Loaded at first use."""

    def __init__(self, model: str) -> None:
        self.model = model
        self._loaded_model: Any = None
        self._loading = threading.Lock()

    def ordered(self, question: str, hits: Sequence[Hit]) -> list[Hit]:
        """The first `READ` of the hits, those most relevant first, with what the cross-encoder
        gives them as their score (0 to 1); then the others as they were. StoreError where it
        cannot."""
        if not hits:
            return []
        model = self._loaded()
        read, unread = list(hits[:READ]), hits[READ:]
        try:
            scores = model.predict([(question, hit.text) for hit in read])
            scored = [replace(hit, score=float(s)) for hit, s in zip(read, scores, strict=True)]
        except Exception as error:  # a damaged model or too little memory fail in many ways
            raise StoreError(f"the reranker {self.model} failed ({said(error)})") from error
        scored.sort(key=lambda hit: -hit.score)
        return scored + [replace(hit, score=scored[-1].score) for hit in unread]

    def _loaded(self) -> Any:
        with self._loading:
            if self._loaded_model is None:
                self._loaded_model = self._load()
            return self._loaded_model

    def _load(self) -> Any:
        folder = Path(self.model).expanduser()
        try:
            from sentence_transformers import CrossEncoder

            loaded: Any = CrossEncoder(
                str(folder) if folder.is_dir() else self.model,
                device="cpu",
                local_files_only=folder.is_dir(),
                model_kwargs={"use_safetensors": True},  # pickled weights run code
            )
        except Exception as error:  # each damage raises its own kind
            raise StoreError(
                f"no cross-encoder can be loaded from {self.model} ({said(error)}); give the "
                "folder of one with safetensors, or its name on the hub"
            ) from error
        kind = (loaded.config.architectures or ["?"])[0]
        outputs = loaded.config.num_labels
        if not kind.endswith("ForSequenceClassification") or outputs != 1:
            # The head of any other model would be drawn at random, or be one for other labels.
            raise StoreError(
                f"{self.model} is no cross-encoder with one output but a {kind} with {outputs}; "
                "give one trained to rank passages"
            )
        return loaded
