"""A cross-encoder puts what the search found in another order, and adds nothing to it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from assistant.cli import app
from index.embed import Embedder
from index.errors import StoreError
from index.rerank import READ, Reranker
from index.retrieve import retrieve, search
from index.store import Store


@pytest.fixture(scope="module")
def cross_encoder(embedder_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Random weights: its order is no good, but its own."""
    import torch
    from transformers import AutoTokenizer, BertConfig, BertForSequenceClassification

    folder = tmp_path_factory.mktemp("cross-encoder")
    tokenizer = AutoTokenizer.from_pretrained(embedder_folder)
    torch.manual_seed(3)
    config = BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=64,
        num_labels=1,
        initializer_range=1.0,
    )
    BertForSequenceClassification(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def test_the_same_passages_in_its_order(sample_store: Store, cross_encoder: Path) -> None:
    question = "What was the revenue in fiscal 2024?"
    plain = retrieve(sample_store, question, READ)
    view = sample_store.seen_by("")
    view.reranker = Reranker(str(cross_encoder))
    hits = retrieve(view, question, READ)
    assert {hit.chunk_id for hit in hits} == {hit.chunk_id for hit in plain}
    assert [hit.chunk_id for hit in hits] != [hit.chunk_id for hit in plain]
    scores = [hit.score for hit in hits]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)
    more = retrieve(view, question, READ + 10)
    assert [hit.chunk_id for hit in more[:READ]] == [hit.chunk_id for hit in hits]
    assert len(more) == READ + 10 and more[-1].score == scores[-1]
    few = retrieve(view, question, 5)
    assert [hit.chunk_id for hit in few] == [hit.chunk_id for hit in hits[:5]]
    assert search(view, "revenue", 3)[0].score == max(h.score for h in search(view, "revenue", 3))
    assert retrieve(sample_store, question, READ) == plain  # the store's other users' order


def test_what_is_no_cross_encoder_is_refused(
    sample_store: Store, embedder_folder: Path, cross_encoder: Path, tmp_path: Path
) -> None:
    three = shutil.copytree(cross_encoder, tmp_path / "three")
    config = json.loads((three / "config.json").read_text())
    labels = {str(n): f"LABEL_{n}" for n in range(3)}
    ids = {label: int(n) for n, label in labels.items()}
    (three / "config.json").write_text(json.dumps({**config, "id2label": labels, "label2id": ids}))
    (tmp_path / "empty").mkdir()
    view = sample_store.seen_by("")
    for model, said in (
        (embedder_folder, "no cross-encoder with one output but a BertModel"),
        (tmp_path / "empty", "no cross-encoder can be loaded"),
        (three, "no cross-encoder"),
    ):
        view.reranker = Reranker(str(model))
        with pytest.raises(StoreError, match=said):
            retrieve(view, "revenue", 5)


def test_from_the_command_line(
    sample_store: Store, cross_encoder: Path, embedder_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assistant.home.embedder_of_stores", lambda: Embedder(embedder_folder))
    arguments = ["search", "revenue", "--store", str(sample_store.path), "--top-k", "3"]
    plain = CliRunner().invoke(app, arguments)
    other = CliRunner().invoke(app, [*arguments, "--reranker", str(cross_encoder)])
    assert plain.exit_code == other.exit_code == 0
    assert plain.output != other.output
