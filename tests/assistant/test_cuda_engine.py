"""Continuous batching where no GPU is needed to see it: what fails, what is too long, what is left
behind. Texts, counts and stopping are tested for all engines in test_engines."""

from __future__ import annotations

import gc
import subprocess
import sys
import threading
import time
import weakref
from pathlib import Path
from typing import Any

import pytest
from transformers import (
    FalconConfig,
    Gemma3TextConfig,
    LlamaConfig,
    MistralConfig,
    PretrainedConfig,
    Qwen2Config,
    StableLmConfig,
)
from transformers.generation.continuous_batching.continuous_api import (
    ContinuousBatchingManager,
    ContinuousBatchProcessor,
)

from assistant.cuda_engine import CudaEngine, can_run
from assistant.errors import EngineError

MESSAGES = [{"role": "user", "content": "Net sales rose 4% to"}]


@pytest.fixture
def engine(tiny_llm: Path) -> CudaEngine:
    return CudaEngine("it", "full-fp32", tiny_llm, "fp32")


def test_a_failure_is_told_and_the_next_question_is_answered(
    engine: CudaEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = "".join(engine.stream(MESSAGES, 6))

    def full(*_: Any, **__: Any) -> None:
        raise RuntimeError("CUDA out of memory")

    caches = []
    for _ in range(3):
        caches.append(weakref.ref(engine._manager.batch_processor.cache))
        with monkeypatch.context() as broken:
            broken.setattr(engine._model, "forward", full)
            with pytest.raises(EngineError, match="CUDA out of memory"):
                list(engine.stream(MESSAGES, 6))
        assert "".join(engine.stream(MESSAGES, 6)) == before
    gc.collect()
    assert [cache() for cache in caches] == [None] * 3


def test_a_cache_that_does_not_fit_is_told(
    engine: CudaEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise MemoryError("CUDA out of memory: 12.9 GB")

    monkeypatch.setattr(ContinuousBatchingManager, "_create_batch_processor", full)
    with pytest.raises(EngineError, match=r"cannot be run: CUDA out of memory: 12.9 GB"):
        list(engine.stream(MESSAGES, 6))


@pytest.mark.parametrize(
    ("config", "fits"),
    [
        (LlamaConfig(num_hidden_layers=28, num_attention_heads=32, num_key_value_heads=2), True),
        (LlamaConfig(num_hidden_layers=32, num_attention_heads=32, hidden_size=4096), False),
        (Qwen2Config(num_hidden_layers=28, num_attention_heads=32, num_key_value_heads=4), True),
        (MistralConfig(sliding_window=4096, num_key_value_heads=1), False),
        (MistralConfig(sliding_window=None, num_key_value_heads=1), True),
        (Gemma3TextConfig(), False),
        (FalconConfig(), False),
        (StableLmConfig(num_key_value_heads=1), False),
    ],
)
def test_what_the_library_batches_wrongly_or_has_no_room_for_runs_plainly(
    config: PretrainedConfig, fits: bool, tmp_path: Path
) -> None:
    config.save_pretrained(tmp_path)
    assert can_run(tmp_path, "bf16") == fits


def test_a_prompt_that_leaves_no_room_is_refused_before_it_is_read(engine: CudaEngine) -> None:
    long = [{"role": "user", "content": "Net sales rose. " * 4000}]
    with pytest.raises(EngineError, match="fit beside an answer of 6"):
        list(engine.stream(long, 6))
    assert "".join(engine.stream(MESSAGES, 6))


@pytest.mark.parametrize("padded", [False, True])
def test_more_readers_than_places_get_their_own_words_whatever_was_read_before(
    padded: bool, engine: CudaEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Padded as for CUDA graphs, which are only replayed where there is a GPU."""
    prepare = ContinuousBatchProcessor.prepare_next_batch

    def as_for_graphs(processor: ContinuousBatchProcessor) -> bool:
        processor._pad_inputs = padded
        return bool(prepare(processor))

    monkeypatch.setattr(ContinuousBatchProcessor, "prepare_next_batch", as_for_graphs)
    batch = [[{"role": "user", "content": f"Segment {n} " * n}] for n in range(1, 10)]
    alone = ["".join(engine.stream(messages, 12)) for messages in batch]
    for _ in range(3):
        assert [text for text, _ in engine.generate(batch, 12)] == alone


def test_an_engine_let_go_of_ends_its_threads_and_frees_its_model(engine: CudaEngine) -> None:
    before = set(threading.enumerate())
    other = CudaEngine("other", "full-fp32", Path(engine._tokenizer.name_or_path), "fp32")
    list(other.stream(MESSAGES, 3))
    model = weakref.ref(other._model)
    assert set(threading.enumerate()) - before
    del other
    until = time.monotonic() + 20
    while (set(threading.enumerate()) - before or model()) and time.monotonic() < until:
        gc.collect()
        time.sleep(0.05)
    assert not set(threading.enumerate()) - before
    assert model() is None


@pytest.mark.parametrize("left", ["list(stream)", "next(stream)", "next(stream); sys.exit(0)"])
def test_python_ends_whatever_the_engine_is_at(left: str, tiny_llm: Path) -> None:
    program = (
        "import sys; from pathlib import Path\n"
        "from assistant.cuda_engine import CudaEngine\n"
        f"engine = CudaEngine('it', 'full-fp32', Path({str(tiny_llm)!r}), 'fp32')\n"
        f"stream = engine.stream({MESSAGES!r}, 2000)\n{left}\n"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, timeout=120)
    assert b"terminate" not in ended.stderr
    assert ended.returncode == 0, ended.stderr.decode()[-500:]
