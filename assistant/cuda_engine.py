"""A full model or NF4 on a GPU: transformers' continuous batching, which answers several readers at
once from a paged KV cache and replays each step as a CUDA graph. Started kernel by kernel from
Python, a small model on a large GPU mostly waits."""

from __future__ import annotations

import contextlib
import logging
import queue
import threading
import time
import weakref
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from typing import Any

from assistant.chat_format import chat_text
from assistant.engine import AT_ONCE, CountsUsage, Messages, Usage
from assistant.errors import EngineError
from assistant.torch_engine import load_model
from quantize.machine import OVERHEAD_BYTES

_MOST_TOKENS = 6_144  # of one prompt and its answer; each of the AT_ONCE has room for as many
_BLOCK = 32  # tokens
# A graph is captured for every padded size that comes up: of the tokens computed in one step, at
# most _STEP of them, and of those attended to.
_STEP, _STEP_PAD, _KV_PAD, _GRAPHS = 512, 64, 2_048, 64
_Boxes = dict[str, "queue.SimpleQueue[Any]"]


class CudaEngine(CountsUsage):
    """An Engine on transformers' continuous batching.

    Wolf et al. 2020 (transformers); Kwon et al. 2023 (paged attention).
    """

    parallel = AT_ONCE

    def __init__(self, name: str, scheme: str, folder: Path, dtype: str) -> None:
        super().__init__()
        self.name, self.scheme = name, scheme
        self._tokenizer, self._model = load_model(folder, dtype)
        self._slots = threading.BoundedSemaphore(AT_ONCE)
        self._numbers = count()
        self._boxes: _Boxes = {}
        self._starting = threading.Lock()
        self._manager: Any = None
        self._let_go: Callable[[], Any] = lambda: None

    def stream(
        self, messages: Messages, max_new_tokens: int, stop: threading.Event | None = None
    ) -> Iterator[str]:
        """Yield the answer's text as it is decoded."""
        import torch
        from transformers import TextStreamer

        ids = self._ids(messages, max_new_tokens)
        words: list[str] = []

        class Words(TextStreamer):  # type: ignore[misc]
            def on_finalized_text(self, text: str, stream_end: bool = False) -> None:
                words.append(text)

        streamer = Words(self._tokenizer, skip_special_tokens=True)
        with self._slots:
            start = time.perf_counter()
            first_s, tokens = 0.0, 0
            log_probs: list[float] = []
            for said, log_probs in self._outputs(ids, max_new_tokens, stop):  # noqa: B007
                first_s = first_s or time.perf_counter() - start
                for token in said[tokens:]:
                    streamer.put(torch.tensor([token]))
                tokens = len(said)
                yield from filter(None, words)
                words.clear()
            streamer.end()
            yield from filter(None, words)
            total_s = time.perf_counter() - start
        mean = sum(log_probs) / len(log_probs) if log_probs else None
        self._keep(Usage(len(ids), tokens, first_s or total_s, total_s, mean))

    def generate(self, batch: Sequence[Messages], max_new_tokens: int) -> list[tuple[str, Usage]]:
        """The texts that follow these prompts, as many at once as there is room for."""

        def one(messages: Messages) -> tuple[str, Usage]:
            text = "".join(self.stream(messages, max_new_tokens))
            usage = self.usage
            assert usage is not None  # the stream was read to its end
            return text, usage

        with ThreadPoolExecutor(self.parallel) as pool:
            return list(pool.map(one, batch))

    def count_tokens(self, text: str) -> int:
        """How many tokens `text` is."""
        return len(self._tokenizer(text, add_special_tokens=False)["input_ids"])

    def _ids(self, messages: Messages, max_new_tokens: int) -> list[int]:
        text = chat_text(self._tokenizer, messages)
        ids: list[int] = self._tokenizer(text, add_special_tokens=False)["input_ids"]
        most = _MOST_TOKENS - max_new_tokens
        if len(ids) > most:
            # Two requests of which neither fits would wait for each other's blocks.
            raise EngineError(
                f"the prompt takes {len(ids):,} tokens; {most:,} fit beside an answer of "
                f"{max_new_tokens:,}: ask with less evidence"
            )
        return ids

    def _outputs(
        self, ids: list[int], max_new_tokens: int, stop: threading.Event | None
    ) -> Iterator[tuple[list[int], list[float]]]:
        """(tokens so far, the logarithms of their probabilities) after every step."""
        request = f"{next(self._numbers)}"
        manager, boxes = self._running()
        box = boxes[request] = queue.SimpleQueue()
        finished = False
        try:
            manager.add_request(ids, request, max_new_tokens, streaming=True)
            while not finished and not (stop and stop.is_set()):
                try:
                    out = box.get(timeout=1)
                except queue.Empty:
                    if manager.is_running():
                        continue
                    raise EngineError(
                        "the model stopped while answering (is the GPU's memory full?): ask again"
                    ) from None
                if out.error:
                    raise EngineError(f"the model failed while answering: {out.error}")
                finished = out.is_finished()
                yield out.generated_tokens[:], out.logprobs[:]
        finally:
            boxes.pop(request, None)
            if not finished:
                manager.cancel_request(request)

    def _running(self) -> tuple[Any, _Boxes]:
        """The manager, begun anew where there is none or it failed, and where its outputs go."""
        with self._starting:
            manager = self._manager
            # It stops being asked before it has told everyone why.
            if manager is None or manager.stop_event.is_set() or not manager.is_running():
                self._let_go()  # a failed one's cache, before another takes its place
                self._manager, self._boxes = _manager(self._model, self._tokenizer), {}
                # A thread inherits from the one that starts it that it does not keep Python from
                # ending, and the manager's would.
                starter = threading.Thread(target=self._manager.start, daemon=True)
                starter.start()
                starter.join()
                deliver = threading.Thread(
                    target=_deliver, args=(self._manager, self._boxes), daemon=True
                )
                deliver.start()
                self._let_go = weakref.finalize(self, _end, self._manager, deliver)
            return self._manager, self._boxes


def can_run(folder: Path, dtype: str) -> bool:
    """Whether transformers 5.5.4 batches the model in `folder` rightly, and its cache fits into
    what `tenq doctor` leaves for one. Where layers attend to a window it drops the newest token,
    and models that do not let their attention be exchanged see one token at a time, both without an
    error."""
    from transformers import AutoConfig, AutoModelForCausalLM

    config = AutoConfig.from_pretrained(folder)
    kinds = AutoModelForCausalLM._model_mapping
    if type(config) not in kinds or not kinds[type(config)]._can_set_attn_implementation():
        return False
    heads = getattr(config, "num_attention_heads", None)
    layers = set(getattr(config, "layer_types", None) or ["full_attention"])
    windowed = getattr(config, "sliding_window", None) is not None
    if not heads or windowed or layers != {"full_attention"} or config.model_type == "stablelm":
        return False
    head = getattr(config, "head_dim", None) or config.hidden_size // heads
    kv_heads = getattr(config, "num_key_value_heads", None) or heads
    numbers = 2 * config.num_hidden_layers * kv_heads * head * AT_ONCE * _MOST_TOKENS
    return bool(numbers * (4 if dtype == "fp32" else 2) <= OVERHEAD_BYTES)


def _manager(model: Any, tokenizer: Any) -> Any:
    """Greedy, whatever sampling the model's own settings ask for."""
    import torch
    from transformers import ContinuousBatchingConfig, GenerationConfig

    # What fails is told to the one who asked.
    logging.getLogger("ContinuousBatchingLogger").setLevel(logging.CRITICAL)
    manager = model.init_continuous_batching(
        generation_config=GenerationConfig(
            do_sample=False,
            eos_token_id=model.generation_config.eos_token_id,
            pad_token_id=tokenizer.eos_token_id,
        ),
        continuous_batching_config=ContinuousBatchingConfig(
            block_size=_BLOCK,
            num_blocks=AT_ONCE * _MOST_TOKENS // _BLOCK,
            max_batch_tokens=_STEP,
            # In transformers 5.5.4 a block found again by its beginning can be handed to another
            # request, too: whoever is answered beside then gets other words, without an error.
            allow_block_sharing=False,
            use_cuda_graph=torch.cuda.is_available(),
            use_async_batching=False,
            q_padding_interval_size=_STEP_PAD,
            kv_padding_interval_size=_KV_PAD,
            max_cached_graphs=_GRAPHS,
            return_logprobs=True,
        ),
    )
    try:
        # Here, and not in its thread, where a cache too large would fail unheard, and where who
        # leaves meanwhile could not be struck off.
        with torch.inference_mode():
            manager.batch_processor = manager._create_batch_processor()
    except Exception as error:
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise EngineError(f"the model cannot be run: {reason}") from error
    return manager


def _end(manager: Any, deliver: threading.Thread) -> None:
    """Stop, and wait for it: a thread that computes while Python ends takes the process down."""
    if manager.batch_processor is not None:
        scheduler = manager.batch_processor.scheduler
        for request in [*scheduler.active_requests, *scheduler.waiting_requests]:
            manager.cancel_request(request)  # it would be answered to its end first
    # The collector may have found the engine in one of these threads, which cannot wait.
    with contextlib.suppress(RuntimeError):
        manager.stop(block=True, timeout=10)
    manager.output_router.output_queue.put(None)
    with contextlib.suppress(RuntimeError):
        deliver.join(timeout=10)


def _deliver(manager: Any, boxes: _Boxes) -> None:
    """Hand every output to the one who asked, until the manager ends. Does not know the engine,
    which is let go of where nobody else does."""
    while (out := manager.get_result(timeout=1)) or manager.is_running():
        if out and (box := boxes.get(out.request_id)):
            box.put(out)
