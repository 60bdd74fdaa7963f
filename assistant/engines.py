"""The two ways a model runs: openvino-genai for int8/int4, transformers for the rest.

openvino-genai's paged attention with prefix caching answers a repeated evidence prefix without
prefilling it again; the full model and bitsandbytes' run on torch.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from assistant.engine import Engine, Messages, Usage
from assistant.errors import EngineError
from quantize.checkpoint import is_quantized, read_manifest
from quantize.errors import QuantizationError, first_line
from quantize.schemes import known
from quantize.sources import bring, local_path

_KV_CACHE_GB = 1


def load(model: str, models_dir: Path, dtype: str | None = None) -> Engine:
    """See `assistant.engine.load_engine`."""
    try:
        return _load(model, models_dir, dtype)
    except (EngineError, QuantizationError):
        raise
    except Exception as error:  # a damaged model fails in as many ways as there are libraries
        raise EngineError(
            f"{model} cannot be loaded ({first_line(error)}); is it damaged? make or fetch it again"
        ) from error


def _load(model: str, models_dir: Path, dtype: str | None) -> Engine:
    folder = quantized_folder(model, models_dir)
    if folder is None:
        if dtype not in (None, "fp32", "bf16"):
            raise EngineError(f"no such dtype {dtype!r}: choose fp32 or bf16")
        dtype = dtype or "bf16"
        return TorchEngine(model, f"full-{dtype}", bring(model, models_dir).folder, dtype)
    if dtype:
        raise EngineError(f"{model} is quantized: a dtype can be chosen for full models only")
    manifest = read_manifest(folder)
    if manifest.backend == "openvino":
        return OpenVINOEngine(model, manifest.scheme, folder)
    return TorchEngine(model, manifest.scheme, folder, "bf16")


def quantized_folder(model: str, models_dir: Path) -> Path | None:
    """The folder MODEL names, if `tenq quantize` made it: a path, or NAME/SCHEME in models_dir.

    EngineError where MODEL is a NAME/SCHEME that has not been made.
    """
    for folder in (local_path(model), models_dir / model):
        if is_quantized(folder):
            return folder
    name, _, known_scheme = model.rpartition("/")
    if known(known_scheme):
        raise EngineError(
            f"{model} is not made yet: run `tenq quantize {name} --scheme {known_scheme}`"
        )
    return None


class _Queued:
    """Runs a generation in a thread and hands its text over piece by piece."""

    def __init__(self) -> None:
        self.usage: Usage | None = None
        self._lock = threading.Lock()  # one generation at a time per model

    def _pieces(
        self, run: Callable[[Callable[[str], bool]], tuple[int, int]], stop: threading.Event | None
    ) -> Iterator[str]:
        """`run(put)` generates, calling put(piece) (True: go on no further), and returns prompt
        and completion token counts. Closing this iterator early stops the generation too."""
        pieces: queue.Queue[str | BaseException | None] = queue.Queue()
        gone = threading.Event()
        counts: list[int] = []

        def put(piece: str) -> bool:
            if piece:
                pieces.put(piece)
            return gone.is_set() or (stop is not None and stop.is_set())

        def work() -> None:
            try:
                counts.extend(run(put))
                pieces.put(None)
            except BaseException as error:  # handed to the reader, who raises it
                pieces.put(error)

        with self._lock:
            start = time.perf_counter()
            first: float | None = None
            thread = threading.Thread(target=work, daemon=True)
            thread.start()
            try:
                while (piece := pieces.get()) is not None:
                    if isinstance(piece, BaseException):
                        raise EngineError(f"the model failed while answering: {piece}") from piece
                    first = first or time.perf_counter() - start
                    yield piece
            finally:
                gone.set()
                thread.join()
            total = time.perf_counter() - start
            self.usage = Usage(counts[0], counts[1], first or total, total)


class OpenVINOEngine(_Queued):
    """An int8 or int4 model on openvino-genai's continuous-batching pipeline."""

    def __init__(self, name: str, scheme: str, folder: Path) -> None:
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
                str(folder), "CPU", scheduler_config=scheduler
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
        prompt = _prompt(self._tokenizer, messages)
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


class TorchEngine(_Queued):
    """A full or bitsandbytes model on transformers."""

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

        prompt = _prompt(self._tokenizer, messages)
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


def _prompt(tokenizer: Any, messages: Messages) -> str:
    """The messages in the model's own chat format. EngineError where that cannot take them."""
    if tokenizer.chat_template is None:
        return "\n\n".join(message["content"] for message in messages) + "\n\n"
    try:
        text: str = tokenizer.apply_chat_template(
            messages, tokenize=False, add_generation_prompt=True
        )
    except Exception as error:  # a template is a small program that comes with the model
        raise EngineError(
            f"the model's chat template does not work ({first_line(error)}); choose another model"
        ) from error
    return text
