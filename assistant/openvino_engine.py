"""int8, int4 and W8A8 models on openvino-genai's paged pipeline, whose prefix cache answers a
further question on the same evidence without reading it again.

One generation at a time. The library's batched interface would run several together (1.7 times the
speed for four), but its step() holds Python's global lock, for a second at a time while a long
prompt is read: it needs a process of its own.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from assistant.engine import Messages
from assistant.errors import EngineError
from assistant.prompt import chat_text
from assistant.queued_engine import QueuedEngine

_KV_CACHE_GB = 1


class OpenVINOEngine(QueuedEngine):
    """See the module. `properties` go to OpenVINO's CPU plugin as they are."""

    def __init__(
        self, name: str, scheme: str, folder: Path, properties: Mapping[str, str] | None = None
    ) -> None:
        super().__init__()
        import openvino_genai
        from transformers import AutoTokenizer

        self.name, self.scheme = name, scheme
        self._genai = openvino_genai
        self._tokenizer = AutoTokenizer.from_pretrained(folder)
        scheduler = openvino_genai.SchedulerConfig()
        scheduler.cache_size = _KV_CACHE_GB
        scheduler.enable_prefix_caching = True
        try:
            self._pipeline = openvino_genai.LLMPipeline(
                str(folder), "CPU", scheduler_config=scheduler, **(properties or {})
            )
        except RuntimeError as error:
            raise EngineError(
                f"{folder} cannot be loaded ({str(error).strip().splitlines()[-1][:200]}); make it "
                "again with `tenq quantize`"
            ) from error

    def stream(
        self, messages: Messages, max_new_tokens: int, stop: threading.Event | None = None
    ) -> Iterator[str]:
        """Yield the answer's text as it is decoded."""
        prompt = chat_text(self._tokenizer, messages)
        config = self._genai.GenerationConfig()
        config.max_new_tokens = max_new_tokens
        config.do_sample = False
        config.apply_chat_template = False
        status = self._genai.StreamingStatus

        def run(put: Callable[[str], bool]) -> tuple[int, int]:
            def on_text(piece: str) -> Any:
                return status.STOP if put(piece) else status.RUNNING

            metrics = self._pipeline.generate([prompt], config, on_text).perf_metrics
            return metrics.get_num_input_tokens(), metrics.get_num_generated_tokens()

        return self._pieces(run, stop)

    def count_tokens(self, text: str) -> int:
        """How many tokens `text` is."""
        return len(self._tokenizer(text, add_special_tokens=False)["input_ids"])
