"""Engines on a random tiny model: streaming, stopping, counting, loading what is wrong."""

from __future__ import annotations

import gc
import random
import shutil
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import psutil
import pytest

from assistant.cuda_engine import CudaEngine
from assistant.engine import Engine, Messages, Usage, load_engine
from assistant.errors import EngineError
from assistant.openvino_engine import OpenVINOEngine
from eval.errors import EvaluationError
from eval.models import find_model
from quantize.errors import QuantizationError
from quantize.quantize import quantize

MESSAGES = [{"role": "user", "content": "Net sales rose 4% to"}]


@pytest.fixture(scope="module")
def quantized(tiny_llm: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("engines")
    return quantize(str(tiny_llm), "int8", out / "int8", out, check=False)[0]


@pytest.fixture(scope="module", params=["int8", "full", "as on cuda"])
def engine(request: pytest.FixtureRequest, quantized: Path, tiny_llm: Path) -> Engine:
    if request.param == "as on cuda":
        # In float32: bfloat16 decides ties of random weights by what is computed beside.
        return CudaEngine("it", "full-fp32", tiny_llm, "fp32")
    model = quantized if request.param == "int8" else tiny_llm
    return load_engine(str(model), quantized.parent)


@pytest.fixture
def copy(quantized: Path, tmp_path: Path) -> Path:
    """The quantized model where no other test's engine runs it."""
    return shutil.copytree(quantized, tmp_path / "copy")


def test_scheme_is_named(engine: Engine) -> None:
    assert engine.scheme in ("int8", "full-bf16", "full-fp32")


def test_stream_is_repeatable_and_counted(engine: Engine) -> None:
    first = "".join(engine.stream(MESSAGES, 12))
    usage = engine.usage
    assert usage is not None
    assert "".join(engine.stream(MESSAGES, 12)) == first
    assert 1 <= usage.completion_tokens <= 12
    assert usage.prompt_tokens == engine.count_tokens(MESSAGES[0]["content"] + "\n\n")
    assert 0 < usage.first_token_s <= usage.total_s


@pytest.fixture(scope="module")
def decided(tiny_llm: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The random model with far larger logits: its tokens' probabilities tell prompts apart."""
    import torch
    from transformers import AutoModelForCausalLM

    folder = shutil.copytree(tiny_llm, tmp_path_factory.mktemp("decided") / "model")
    model = AutoModelForCausalLM.from_pretrained(tiny_llm, dtype=torch.bfloat16)
    model.lm_head.weight.data *= 30
    model.save_pretrained(folder)
    return folder


@pytest.mark.parametrize(
    ("scheme", "within"), [("full", 0.02), ("as on cuda", 0.02), ("bf16", 0.02), ("int8", 0.3)]
)
def test_the_log_probability_is_the_mean_of_the_tokens_said(
    scheme: str, within: float, decided: Path, tmp_path: Path
) -> None:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(decided)
    model = AutoModelForCausalLM.from_pretrained(decided, dtype=torch.float32)
    prompts = ["Net sales rose 4% to", "Cash", "Inventories fell because of " * 4]
    tokens = 4  # few, before rounding leads elsewhere
    expected = []
    for prompt in prompts:
        ids = tokenizer(prompt + "\n\n", return_tensors="pt")["input_ids"]
        probabilities = []
        for _ in range(tokens):
            with torch.inference_mode():
                log_probs = model(input_ids=ids).logits[0, -1].log_softmax(dim=-1)
            probabilities.append(float(log_probs.max()))
            ids = torch.cat([ids, log_probs.argmax()[None, None]], dim=1)
        expected.append(sum(probabilities) / tokens)
    assert max(expected) - min(expected) > 0.3
    if scheme == "full":
        engine = load_engine(f"{decided}@fp32", tmp_path)
    elif scheme == "as on cuda":
        engine = CudaEngine("it", scheme, decided, "fp32")
    else:
        made, _ = quantize(str(decided), scheme, tmp_path / scheme, tmp_path, check=False)
        # As exactly as the machine can: bfloat16 would be a matter of the processor.
        engine = load_engine(f"{made}@f32", tmp_path)
    batch = [[{"role": "user", "content": prompt}] for prompt in prompts]
    together = [usage for _, usage in engine.generate(batch, tokens)]
    for messages, usage, value in zip(batch, together, expected, strict=True):
        for _ in engine.stream(messages, tokens):
            pass
        for each in (usage, engine.usage):
            assert each is not None and each.log_prob == pytest.approx(value, abs=within)


def test_the_first_token_counts_though_its_word_has_not_ended(engine: Engine) -> None:
    """Streamed text is held back until a word is whole; some answers are one long word."""
    for _ in range(2):  # the first time is a cold one
        for _ in engine.stream([{"role": "user", "content": "a b c d"}], 80):
            pass
    usage = engine.usage
    assert usage is not None and usage.completion_tokens > 40
    assert usage.first_token_s < usage.total_s / 2


def test_the_worker_tells_of_the_first_token_before_its_text(quantized: Path) -> None:
    """The streamer of openvino-genai keeps the first tokens' text back."""
    engine = OpenVINOEngine("it", "int8", quantized, {})
    asked = engine._living().ask([1, 2, 3], 8)
    replies = [asked.reply()]
    while "done" not in replies[-1]:
        replies.append(asked.reply())
    asked.end()
    texts = [reply["text"] for reply in replies[:-1]]
    assert texts[0] == "" and all(texts[1:])


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


def prompt(number: int) -> list[dict[str, str]]:
    return [{"role": "user", "content": f"Net sales of segment {number} rose {number}% " * number}]


def at_once(work: Callable[[int], None], numbers: Sequence[int]) -> None:
    threads = [threading.Thread(target=work, args=(number,)) for number in numbers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_readers_at_once_get_their_own_text_and_counts(engine: Engine) -> None:
    numbers = [1, 2, 3, 4, 5]
    alone = {n: "".join(engine.stream(prompt(n), 10 * n)) for n in numbers}
    before = engine.usage
    text: dict[int, str] = {}
    usage: dict[int, Usage | None] = {}

    def read(number: int) -> None:
        text[number] = "".join(engine.stream(prompt(number), 10 * number))
        usage[number] = engine.usage

    at_once(read, numbers)
    assert text == alone
    for number in numbers:
        counted = usage[number]
        assert counted is not None
        assert counted.prompt_tokens == engine.count_tokens(prompt(number)[0]["content"] + "\n\n")
        assert 1 <= counted.completion_tokens <= 10 * number
    assert engine.usage == before  # of this thread


def test_batched_readers_do_not_wait_for_each_other(copy: Path) -> None:
    engine = load_engine(str(copy), copy.parent)
    assert engine.parallel > 1
    long = engine.stream(MESSAGES, 3900)
    next(long)
    assert len("".join(engine.stream(prompt(1), 5))) > 0
    next(long)  # still under way
    long.close()  # type: ignore[attr-defined]


def test_a_dead_model_process_is_told_to_all_and_replaced(copy: Path) -> None:
    engine = load_engine(str(copy), copy.parent)
    known = "".join(engine.stream(MESSAGES, 5))
    errors: list[str] = []
    begun = threading.Barrier(3)

    def read(number: int) -> None:
        pieces = engine.stream(prompt(number), 3900)
        next(pieces)
        begun.wait(20)
        with pytest.raises(EngineError, match="SIGKILL; was memory short") as caught:
            list(pieces)
        errors.append(str(caught.value))

    threads = [threading.Thread(target=read, args=(number,)) for number in (1, 2)]
    for thread in threads:
        thread.start()
    begun.wait(20)
    (process,) = workers_of(copy)
    process.kill()
    for thread in threads:
        thread.join(20)
    assert len(errors) == 2
    assert not any("\n" in error for error in errors)
    assert "".join(engine.stream(MESSAGES, 5)) == known


def test_a_forgotten_engine_gives_its_memory_back(copy: Path) -> None:
    engine = load_engine(str(copy), copy.parent)
    next(engine.stream(MESSAGES, 5))
    assert len(workers_of(copy)) == 1
    del engine
    gc.collect()
    assert workers_of(copy) == []


def workers_of(folder: Path) -> list[psutil.Process]:
    """The processes that run the model in `folder`."""
    return [child for child in psutil.Process().children() if str(folder) in child.cmdline()]


def test_full_precision_can_be_chosen(tiny_llm: Path, tmp_path: Path) -> None:
    assert load_engine(str(tiny_llm), tmp_path, "fp32").scheme == "full-fp32"
    with pytest.raises(EngineError, match="bf16"):
        load_engine(str(tiny_llm), tmp_path, "fp8")


def test_what_cannot_be_loaded(quantized: Path, tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="tenq quantize qwen --scheme int4`"):
        load_engine("qwen/int4", tmp_path)
    with pytest.raises(EngineError, match="qwen --scheme w8a8 --calibration PATH`"):
        load_engine("qwen/w8a8-1f0c9a3e", tmp_path)
    with pytest.raises(EvaluationError, match="qwen --plan FILE`"):
        find_model("qwen/mixed", tmp_path)
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


@pytest.mark.parametrize("option", ["kv-u8", "kv-f16", "dynamic-off", "dynamic-128", "f32"])
def test_a_quantized_model_runs_as_its_option_says(option: str, quantized: Path) -> None:
    engine = load_engine(f"{quantized}@{option}", quantized.parent)
    assert len("".join(engine.stream(MESSAGES, 8))) > 0


def test_looking_up_changes_no_answer(quantized: Path) -> None:
    plain, lookup = (
        load_engine(f"{quantized}{option}", quantized.parent) for option in ("", "@lookup")
    )
    # An answer that repeats itself, as one that quotes its prompt does.
    asked = [{"role": "user", "content": "Net sales rose 4% to Net sales rose 4% to " * 4}]
    expected = "".join(plain.stream(asked, 60))
    assert "".join(lookup.stream(asked, 60)) == expected
    one, other = plain.usage, lookup.usage
    assert one is not None and other is not None and one.log_prob is not None
    assert other.completion_tokens == one.completion_tokens
    assert other.log_prob == pytest.approx(one.log_prob, abs=0.01)
    together = lookup.generate([asked, MESSAGES, asked], 12)
    assert [text for text, _ in together] == [
        text for text, _ in plain.generate([asked, MESSAGES, asked], 12)
    ]


def test_options_fit_their_models(
    quantized: Path, copy: Path, tiny_llm: Path, tmp_path: Path
) -> None:
    assert load_engine(f"{tiny_llm}@fp32", tmp_path).scheme == "full-fp32"
    with pytest.raises(EngineError, match="full models only"):
        load_engine(f"{quantized}@bf16", tmp_path)
    for option in ("kv-u8", "f32"):
        with pytest.raises(EngineError, match=rf"@{option} is for models .*fp32 or bf16"):
            load_engine(f"{tiny_llm}@{option}", tmp_path)
    manifest = copy / "tenq_manifest.json"
    manifest.write_text(manifest.read_text().replace('"openvino",', '"bitsandbytes",'))
    with pytest.raises(EngineError, match="@kv-u8 is for models that run on OpenVINO"):
        load_engine(f"{copy}@kv-u8", tmp_path)
    with pytest.raises(EvaluationError, match="@dynamic-off is for models that run on OpenVINO"):
        find_model(f"{copy}@dynamic-off", tmp_path)


@pytest.mark.parametrize("kind", ["full", "quantized"])
def test_together_as_one_by_one(kind: str, quantized: Path, tiny_llm: Path, tmp_path: Path) -> None:
    model = str(tiny_llm if kind == "full" else quantized)
    engine = load_engine(model, tmp_path, "fp32" if kind == "full" else None, repeatable=True)
    texts = ("Net sales", "A", "Cash and debt", "Net " * 80 + "sales", "Net " * 80 + "cash")
    prompts = [[{"role": "user", "content": text}] for text in texts]
    together = engine.generate(prompts, 6)
    assert [text for text, _ in engine.generate(prompts, 6)] == [text for text, _ in together]
    for prompt, (text, usage) in zip(prompts, together, strict=True):
        assert "".join(engine.stream(prompt, 6)) == text
        alone = engine.usage
        assert alone is not None
        assert (usage.prompt_tokens, usage.completion_tokens) == (
            alone.prompt_tokens,
            alone.completion_tokens,
        )


def test_those_over_one_evidence_do_not_read_each_others_questions(
    quantized: Path, tmp_path: Path
) -> None:
    """What they share is read once; its end falls anywhere within the cache's blocks."""
    engine = load_engine(str(quantized), tmp_path, repeatable=True)
    rng = random.Random(3)

    def text(letters: int) -> str:
        return "".join(rng.choice("abcdefghij ") for _ in range(letters))

    prompts: list[Messages] = []
    for n in range(3):
        evidence = text(75 + 17 * n)
        prompts += [
            [{"role": "user", "content": evidence + text(rng.randint(5, 45))}] for _ in range(6)
        ]
    together = [said for said, _ in engine.generate(prompts, 12)]
    assert len(set(together)) > 3
    assert together == ["".join(engine.stream(prompt, 12)) for prompt in prompts]
