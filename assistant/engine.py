"""Runs a model: text in, a stream of text out, with the seconds and tokens it took."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True)
class Usage:
    """One generation. Seconds from the call; `first_token_s` is prefill plus one decode step."""

    prompt_tokens: int
    completion_tokens: int
    first_token_s: float
    total_s: float


Messages = list[dict[str, str]]  # [{"role": "system"|"user"|"assistant", "content": "..."}]


class Engine(Protocol):
    """A loaded model. Greedy decoding, so the same prompt gives the same text."""

    name: str  # as the user named it
    scheme: str  # "full-fp32", "full-bf16", "server", or a scheme of `tenq quantize`
    usage: Usage | None  # of the last finished generation

    def stream(
        self, messages: Messages, max_new_tokens: int, stop: threading.Event | None = None
    ) -> Iterator[str]:
        """Yield pieces of text as they are decoded; ends early once `stop` is set."""
        ...

    def count_tokens(self, text: str) -> int:
        """How many tokens `text` is."""
        ...


def load_engine(model: str, models_dir: Path, dtype: str | None = None) -> Engine:
    """Load MODEL (a folder made by `tenq quantize`, a hub id, a local folder, a `.gguf`, a packaged
    name or the address of an OpenAI-compatible server). `dtype`, or what follows @ in MODEL, is one
    of `assistant.engines.OPTIONS`; a full model runs in bf16 without.

    Raises EngineError or quantize.errors.QuantizationError with one line to mend it.
    """
    from assistant.engines import load

    return load(model, models_dir, dtype)
