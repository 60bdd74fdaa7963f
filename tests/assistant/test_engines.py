"""Engines on a random tiny model: streaming, stopping, counting, loading what is wrong."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

import pytest

from assistant.engine import Engine, load_engine
from assistant.errors import EngineError
from quantize.errors import QuantizationError
from quantize.quantize import quantize

MESSAGES = [{"role": "user", "content": "Net sales rose 4% to"}]


@pytest.fixture(scope="module")
def quantized(tiny_llm: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("engines")
    return quantize(str(tiny_llm), "int8", out / "int8", out, check=False)[0]


@pytest.fixture(scope="module", params=["int8", "full"])
def engine(request: pytest.FixtureRequest, quantized: Path, tiny_llm: Path) -> Engine:
    model = quantized if request.param == "int8" else tiny_llm
    return load_engine(str(model), quantized.parent)


def test_scheme_is_named(engine: Engine) -> None:
    assert engine.scheme in ("int8", "full-bf16")


def test_stream_is_repeatable_and_counted(engine: Engine) -> None:
    first = "".join(engine.stream(MESSAGES, 12))
    usage = engine.usage
    assert usage is not None
    assert "".join(engine.stream(MESSAGES, 12)) == first
    assert 1 <= usage.completion_tokens <= 12
    assert usage.prompt_tokens == engine.count_tokens(MESSAGES[0]["content"] + "\n\n")
    assert 0 < usage.first_token_s <= usage.total_s


def test_stop_ends_the_generation(engine: Engine) -> None:
    stop = threading.Event()
    threading.Timer(0.2, stop.set).start()
    for _ in engine.stream(MESSAGES, 3900, stop):
        pass
    assert engine.usage is not None
    assert engine.usage.completion_tokens < 3800


def test_reader_gone_frees_the_engine(engine: Engine) -> None:
    stream = engine.stream(MESSAGES, 200)
    next(stream)
    stream.close()  # type: ignore[attr-defined]
    assert "".join(engine.stream(MESSAGES, 4)) is not None


def test_full_precision_can_be_chosen(tiny_llm: Path, tmp_path: Path) -> None:
    assert load_engine(str(tiny_llm), tmp_path, "fp32").scheme == "full-fp32"
    with pytest.raises(EngineError, match="bf16"):
        load_engine(str(tiny_llm), tmp_path, "fp8")


def test_what_cannot_be_loaded(quantized: Path, tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="tenq quantize qwen --scheme int4"):
        load_engine("qwen/int4", tmp_path)
    with pytest.raises(EngineError, match="full models only"):
        load_engine(str(quantized), tmp_path, "fp32")
    with pytest.raises(QuantizationError, match="no model"):
        load_engine("nothing at all", tmp_path)


@pytest.mark.parametrize("damage", ["weights", "config", "tokenizer", "template"])
def test_damaged_model_is_one_line(damage: str, tiny_llm: Path, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(tiny_llm, folder)
    if damage == "weights":
        weights = folder / "model.safetensors"
        weights.write_bytes(weights.read_bytes()[:1000])
    elif damage == "config":
        (folder / "config.json").write_text("{}")
    elif damage == "tokenizer":
        (folder / "tokenizer.json").write_text("[]")
    else:
        (folder / "chat_template.jinja").write_text("{{ raise_exception('no users here') }}")
    with pytest.raises((EngineError, QuantizationError)) as caught:
        list(load_engine(str(folder), tmp_path).stream(MESSAGES, 2))
    assert "\n" not in str(caught.value)


def test_names_that_are_no_paths(tmp_path: Path) -> None:
    for model in ("~nobody/x", "foo--bar/baz"):
        with pytest.raises(QuantizationError, match="no model"):
            load_engine(model, tmp_path)


@pytest.mark.parametrize("option", ["kv-u8", "kv-f16", "dynamic-off"])
def test_a_quantized_model_runs_as_its_option_says(option: str, quantized: Path) -> None:
    engine = load_engine(f"{quantized}@{option}", quantized.parent)
    assert len("".join(engine.stream(MESSAGES, 8))) > 0


def test_options_fit_their_models(quantized: Path, tiny_llm: Path, tmp_path: Path) -> None:
    assert load_engine(f"{tiny_llm}@fp32", tmp_path).scheme == "full-fp32"
    with pytest.raises(EngineError, match="full models only"):
        load_engine(f"{quantized}@bf16", tmp_path)
    with pytest.raises(EngineError, match="choose fp32 or bf16"):
        load_engine(f"{tiny_llm}@kv-u8", tmp_path)
