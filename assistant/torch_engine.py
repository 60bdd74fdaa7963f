"""A full or bitsandbytes model on transformers, as plainly as can be: one generation at a time, on
CUDA where there is one. What others are measured against."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from assistant.chat_format import chat_text
from assistant.engine import CountsUsage, Messages, Usage
from assistant.errors import EngineError
from quantize.greedy import GREEDY
from quantize.torch_model import load


class TorchEngine(CountsUsage):
    """An Engine on transformers and torch; other callers wait for the one whose turn it is."""

    parallel = 1

    def __init__(self, name: str, scheme: str, folder: Path, dtype: str) -> None:
        super().__init__()
        self.name, self.scheme = name, scheme
        self._lock = threading.Lock()
        self._tokenizer, self._model = load_model(folder, dtype)

    def stream(
        self, messages: Messages, max_new_tokens: int, stop: threading.Event | None = None
    ) -> Iterator[str]:
        """Yield the answer's text as it is decoded."""
        from transformers import StoppingCriteria, StoppingCriteriaList, TextStreamer

        prompt = chat_text(self._tokenizer, messages)
        inputs = self._tokenizer(prompt, return_tensors="pt", add_special_tokens=False)
        inputs = inputs.to(self._model.device)
        prompt_tokens = int(inputs["input_ids"].shape[1])

        watch = _log_probs()

        def run(put: Callable[[str], bool]) -> Usage:
            class Put(TextStreamer):  # type: ignore[misc]
                def on_finalized_text(self, text: str, stream_end: bool = False) -> None:
                    put(text)

            class Stop(StoppingCriteria):  # type: ignore[misc]
                def __call__(self, ids: Any, scores: Any, **_: Any) -> Any:
                    return put("")

            out = self._model.generate(
                **inputs,
                **self._greedy(max_new_tokens),
                streamer=Put(self._tokenizer, skip_prompt=True, skip_special_tokens=True),
                stopping_criteria=StoppingCriteriaList([Stop()]),
                logits_processor=[watch],
            )
            tokens = int(out.shape[1]) - prompt_tokens
            return Usage(prompt_tokens, tokens, 0.0, 0.0, watch.mean(0, tokens))

        return self._pieces(run, stop)

    def generate(self, batch: Sequence[Messages], max_new_tokens: int) -> list[tuple[str, Usage]]:
        """The texts that follow these prompts: shorter ones padded on the left, all decoded until
        the last has ended."""
        prompts = [chat_text(self._tokenizer, messages) for messages in batch]
        inputs = self._tokenizer(
            prompts,
            return_tensors="pt",
            add_special_tokens=False,
            padding=True,
            padding_side="left",
        ).to(self._model.device)
        width = int(inputs["input_ids"].shape[1])
        watch = _log_probs()
        start = time.perf_counter()
        with self._lock:
            try:
                out = self._model.generate(
                    **inputs, **self._greedy(max_new_tokens), logits_processor=[watch]
                )
            except RuntimeError as error:
                raise EngineError(f"the model failed while answering: {error}") from error
        spent = time.perf_counter() - start
        lengths = inputs["attention_mask"].sum(dim=1).tolist()
        answers = []
        for n, (ids, length) in enumerate(zip(out[:, width:], lengths, strict=True)):
            text = self._tokenizer.decode(ids, skip_special_tokens=True)
            # Of the padding after an end that came early, the end itself is counted.
            ends = (ids == self._tokenizer.eos_token_id).nonzero()
            tokens = int(ends[0]) + 1 if len(ends) else len(ids)
            usage = Usage(int(length), tokens, spent, spent, watch.mean(n, tokens))
            answers.append((text, usage))
        return answers

    def _greedy(self, max_new_tokens: int) -> dict[str, Any]:
        """Whatever sampling the model's own settings ask for."""
        return {
            **GREEDY,
            "max_new_tokens": max_new_tokens,
            "pad_token_id": self._tokenizer.eos_token_id,
        }

    def count_tokens(self, text: str) -> int:
        """How many tokens `text` is."""
        return len(self._tokenizer(text, add_special_tokens=False)["input_ids"])

    def _pieces(
        self, run: Callable[[Callable[[str], bool]], Usage], stop: threading.Event | None
    ) -> Iterator[str]:
        """`run(put)` generates in a thread of its own, calling put(piece) after every token, ""
        where no word has ended (True: go on no further), and returns what it took but for the
        seconds. Closing this iterator early stops the generation too."""
        pieces: queue.Queue[str | BaseException | None] = queue.Queue()
        gone = threading.Event()
        took: list[Usage] = []
        first: list[float] = []

        def put(piece: str) -> bool:
            if not first:  # also where the token's text is held back until its word ends
                first.append(time.perf_counter() - start)
            if piece:
                pieces.put(piece)
            return gone.is_set() or (stop is not None and stop.is_set())

        def work() -> None:
            try:
                took.append(run(put))
                pieces.put(None)
            except BaseException as error:  # handed to the reader, who raises it
                pieces.put(error)

        with self._lock:
            start = time.perf_counter()
            thread = threading.Thread(target=work, daemon=True)
            thread.start()
            try:
                while (piece := pieces.get()) is not None:
                    if isinstance(piece, BaseException):
                        raise EngineError(f"the model failed while answering: {piece}") from piece
                    yield piece
            finally:
                gone.set()
                thread.join()
            total = time.perf_counter() - start
            first_s = first[0] if first else total
            self._keep(replace(took[0], first_token_s=first_s, total_s=total))


def load_model(folder: Path, dtype: str) -> tuple[Any, Any]:
    """(tokenizer, model) in `folder`, "fp32" or "bf16", on CUDA where there is one."""
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(folder), load(folder, dtype)


def _log_probs() -> Any:
    """Notes what each step's most likely token is given, which is the one that greedy decoding
    takes; changes nothing."""
    from transformers import LogitsProcessor

    class Watch(LogitsProcessor):  # type: ignore[misc]
        def __init__(self) -> None:
            self.steps: list[Any] = []

        def __call__(self, ids: Any, scores: Any) -> Any:
            self.steps.append(scores.float().log_softmax(dim=-1).amax(dim=-1).cpu())
            return scores

        def mean(self, row: int, tokens: int) -> float | None:
            """Of the first `tokens` steps of a row."""
            taken = [float(step[row]) for step in self.steps[:tokens]]
            return sum(taken) / len(taken) if taken else None

    return Watch()
