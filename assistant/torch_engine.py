"""A full or bitsandbytes model on transformers: on CUDA where there is a GPU."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from assistant.engine import Messages
from assistant.prompt import chat_text
from assistant.queued_engine import QueuedEngine


class TorchEngine(QueuedEngine):
    """See the module."""

    def __init__(self, name: str, scheme: str, folder: Path, dtype: str) -> None:
        super().__init__()
        import torch
        from transformers import AutoModelForCausalLM, AutoTokenizer

        self.name, self.scheme = name, scheme
        self._tokenizer = AutoTokenizer.from_pretrained(folder)
        device = "cuda" if torch.cuda.is_available() else "cpu"
        self._model = AutoModelForCausalLM.from_pretrained(
            folder,
            dtype=torch.float32 if dtype == "fp32" else torch.bfloat16,
            device_map=device,
        ).eval()

    def stream(
        self, messages: Messages, max_new_tokens: int, stop: threading.Event | None = None
    ) -> Iterator[str]:
        """Yield the answer's text as it is decoded."""
        from transformers import StoppingCriteria, StoppingCriteriaList, TextStreamer

        prompt = chat_text(self._tokenizer, messages)
        inputs = self._tokenizer(prompt, return_tensors="pt", add_special_tokens=False)
        inputs = inputs.to(self._model.device)
        prompt_tokens = int(inputs["input_ids"].shape[1])

        def run(put: Callable[[str], bool]) -> tuple[int, int]:
            class Put(TextStreamer):  # type: ignore[misc]
                def on_finalized_text(self, text: str, stream_end: bool = False) -> None:
                    put(text)

            class Stop(StoppingCriteria):  # type: ignore[misc]
                def __call__(self, ids: Any, scores: Any, **_: Any) -> Any:
                    return put("")

            out = self._model.generate(
                **inputs,
                max_new_tokens=max_new_tokens,
                do_sample=False,
                temperature=None,
                top_p=None,
                top_k=None,
                repetition_penalty=1.0,
                pad_token_id=self._tokenizer.eos_token_id,
                streamer=Put(self._tokenizer, skip_prompt=True, skip_special_tokens=True),
                stopping_criteria=StoppingCriteriaList([Stop()]),
            )
            return prompt_tokens, int(out.shape[1]) - prompt_tokens

        return self._pieces(run, stop)

    def count_tokens(self, text: str) -> int:
        """How many tokens `text` is."""
        return len(self._tokenizer(text, add_special_tokens=False)["input_ids"])
