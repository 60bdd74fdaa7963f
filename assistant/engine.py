"""Runs a model: text in, a stream of text out, with the seconds and tokens it took."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

AT_ONCE = 4  # generations that an engine which batches them is given at once; more wait in line


@dataclass(frozen=True)
class Usage:
    """One generation. Seconds from the call; `first_token_s` is prefill plus one decode step.
    `log_prob` is the mean natural logarithm of the probability that the model gave each token of
    its text; None where it does not tell."""

    prompt_tokens: int
    completion_tokens: int
    first_token_s: float
    total_s: float
    log_prob: float | None = None


Messages = list[dict[str, str]]  # [{"role": "system"|"user"|"assistant", "content": "..."}]


class Engine(Protocol):
    """A loaded model. Greedy decoding, so the same prompt gives the same text; where several are
    batched, but for ties that rounding decides.

    `stream` may be called from several threads: `parallel` generations run at once, and those
    beyond wait inside.
    """

    name: str  # as the user named it; of a server, its address and the model it serves
    scheme: str  # "full-fp32", "full-bf16", "server", or a scheme of `tenq quantize`
    parallel: int

    @property
    def usage(self) -> Usage | None:
        """Of the last generation that the calling thread has read to its end."""
        ...

    def stream(
        self, messages: Messages, max_new_tokens: int, stop: threading.Event | None = None
    ) -> Iterator[str]:
        """Yield pieces of text as they are decoded; ends early once `stop` is set or the iterator
        is closed. Raises EngineError."""
        ...

    def generate(self, batch: Sequence[Messages], max_new_tokens: int) -> list[tuple[str, Usage]]:
        """The texts that follow these prompts, generated together, and what each took. Where the
        model runs on this machine and was loaded as repeatable, the same batch gives the same texts
        whatever was asked before. Raises EngineError."""
        ...

    def count_tokens(self, text: str) -> int:
        """How many tokens `text` is."""
        ...


class CountsUsage:
    """The part of an Engine that keeps `usage`, for each thread its own: readers who share a model
    never see each other's counts."""

    def __init__(self) -> None:
        self._last = threading.local()

    @property
    def usage(self) -> Usage | None:
        """Of the last generation that the calling thread has read to its end."""
        usage: Usage | None = getattr(self._last, "usage", None)
        return usage

    def _keep(self, usage: Usage) -> None:
        self._last.usage = usage


def load_engine(
    model: str, models_dir: Path, dtype: str | None = None, repeatable: bool = False
) -> Engine:
    """Load MODEL (a folder made by `tenq quantize`, a hub id, a local folder, a `.gguf`, a
    packaged name, or the address of a server: `http://host:port/v1#NAME`). `dtype` "fp32" or "bf16"
    is for full models only; default bf16. An OpenVINO model keeps what it has read for prompts that
    begin alike, and what came before then decides the last digits: not so in the `generate` of a
    `repeatable` one.

    Raises EngineError or quantize.errors.QuantizationError with one line to mend it.
    """
    from assistant.engines import load

    return load(model, models_dir, dtype, repeatable)
