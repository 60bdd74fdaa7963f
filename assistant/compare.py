"""One question, the same evidence, several models: each in a process of its own, one after the
other, so that seconds and peak memory are that model's alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from pathlib import Path

from assistant.answer import Answer, Evidence
from assistant.errors import EngineError
from assistant.evidence import gather
from index.store import Store


def compare(
    store: Store, question: str, models: Sequence[str], models_dir: Path
) -> Iterator[tuple[str, Answer, float]]:
    """Yield (model, answer, peak memory in MB) for each model as it finishes; 0 MB for a model that
    runs on a server.

    The first answer of a freshly loaded model is slow, so each gives a short one first, unmeasured.
    Raises EngineError or quantize.errors.QuantizationError where a model cannot be run.
    """
    evidence = gather(store, question, figures=False)  # the models are compared, not the tables
    for model in models:
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
            try:
                answer, memory_mb = process.submit(_answer, model, models_dir, evidence).result()
            except BrokenProcessPool as error:
                raise EngineError(
                    f"the model's process ended while running {model} (out of memory?); close "
                    "other programs, or compare models that are smaller or have fewer bits"
                ) from error
        yield model, answer, memory_mb


def _answer(model: str, models_dir: Path, evidence: Evidence) -> tuple[Answer, float]:
    from assistant.assistant import answer_from
    from assistant.engine import load_engine
    from assistant.memory import peak_rss_mb
    from assistant.server_engine import SERVER

    engine = load_engine(model, models_dir)
    for _ in engine.stream([{"role": "user", "content": "Say yes."}], 2):
        pass
    *_, answer = answer_from(engine, evidence)
    assert isinstance(answer, Answer)
    return answer, 0.0 if engine.scheme == SERVER else peak_rss_mb()
