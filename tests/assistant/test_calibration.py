"""Calibration prompts made of filings: what the model will really read."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from transformers import AutoTokenizer

from assistant.calibration import calibration_prompts
from assistant.errors import AssistantError
from index.errors import IndexingError
from index.store import Store
from quantize.errors import SchemeError


@pytest.fixture(autouse=True)
def home(test_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TENQ_HOME", str(test_home))


def test_prompts_are_the_assistants_own_and_of_every_kind(
    sample_store: Store, tiny_llm: Path
) -> None:
    tokenizer = AutoTokenizer.from_pretrained(tiny_llm)
    made = calibration_prompts(sample_store.path, tokenizer, 15)
    kinds = Counter(sample.kind for sample in made.samples)
    assert kinds == dict.fromkeys(
        ["statements", "management's discussion", "risk factors", "notes", "other"], 3
    )
    for text in made.texts:
        evidence, _, asked = text.partition("\n\nQuestion: ")
        assert evidence.startswith("You are a careful financial analyst")
        assert "[1] " in evidence and asked.count("?") + asked.count(".") >= 2
    assert len(set(made.texts)) == 15
    assert len({len(text) // 1000 for text in made.texts}) > 1  # short and long
    documents = {document.name for document in sample_store.documents()}
    assert {sample.source for sample in made.samples} <= documents


def test_answers_are_those_of_the_filings(sample_store: Store, tiny_llm: Path) -> None:
    """A statement's prompt ends in the figure that the facts give."""
    tokenizer = AutoTokenizer.from_pretrained(tiny_llm)
    made = calibration_prompts(sample_store.path, tokenizer, 10)
    answers = [s.text.rpartition("\n\n")[2] for s in made.samples if s.kind == "statements"]
    assert answers
    assert all("fiscal" in answer and any(c.isdigit() for c in answer) for answer in answers)


def test_the_same_seed_gives_the_same_prompts(sample_store: Store, tiny_llm: Path) -> None:
    tokenizer = AutoTokenizer.from_pretrained(tiny_llm)
    one, same, other = (
        calibration_prompts(sample_store.path, tokenizer, 6, seed) for seed in (1, 1, 2)
    )
    assert one.about() == same.about() and one.texts == same.texts
    assert one.about()["sha256"] != other.about()["sha256"]


def test_evaluation_questions_and_their_pages_are_left_out(
    sample_store: Store, tiny_llm: Path
) -> None:
    tokenizer = AutoTokenizer.from_pretrained(tiny_llm)
    made = calibration_prompts(sample_store.path, tokenizer, 8, 3)
    asked = [text.partition("\n\nQuestion: ")[2].partition("\n")[0] for text in made.texts]
    places = [(d.name, n) for d in sample_store.documents()[:3] for n in range(1, d.pages + 1)]
    left = calibration_prompts(
        sample_store.path, tokenizer, 8, 3, [(question, ()) for question in asked] + [("", places)]
    )
    again = [text.partition("\n\nQuestion: ")[2].partition("\n")[0] for text in left.texts]
    assert again and not set(asked) & set(again)
    assert {sample.source for sample in left.samples} == {sample_store.documents()[3].name}


def test_filings_in_a_folder_need_no_store(
    sample_store: Store, tiny_llm: Path, tmp_path: Path
) -> None:
    tokenizer = AutoTokenizer.from_pretrained(tiny_llm)
    (tmp_path / "filing.txt").write_text(
        "\f".join(sample_store.page_text(sample_store.documents()[0].id, n) for n in range(1, 20))
    )
    made = calibration_prompts(tmp_path / "filing.txt", tokenizer, 4)
    assert len(made.samples) == 4
    assert {sample.source for sample in made.samples} == {"filing"}


def test_one_bad_filing_is_left_out(
    sample_store: Store, tiny_llm: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = sample_store.documents()[0]
    good = "\f".join(sample_store.page_text(document.id, n) for n in range(1, 20))
    (tmp_path / "good.txt").write_text(good)
    (tmp_path / "bad.pdf").write_bytes(b"%PDF-1.7 broken off")
    made = calibration_prompts(tmp_path, AutoTokenizer.from_pretrained(tiny_llm), 2)
    assert {sample.source for sample in made.samples} == {"good"}
    assert "left out" in capsys.readouterr().err


def test_texts_of_a_jsonl_are_taken_as_they_are(tiny_llm: Path, tmp_path: Path) -> None:
    tokenizer = AutoTokenizer.from_pretrained(tiny_llm)
    path = tmp_path / "texts.jsonl"
    path.write_text("".join(json.dumps({"text": f"text {n}"}) + "\n" for n in range(9)))
    made = calibration_prompts(path, tokenizer, 4)
    assert len(made.texts) == 4 and set(made.texts) <= {f"text {n}" for n in range(9)}


def test_evaluation_questions_are_left_out_of_a_jsonl_too(tiny_llm: Path, tmp_path: Path) -> None:
    tokenizer = AutoTokenizer.from_pretrained(tiny_llm)
    path = tmp_path / "texts.jsonl"
    said = [{"role": "user", "content": "Evidence: ...\n\nQuestion: What was\nrevenue?"}]
    lines = [{"messages": said}, {"text": "Sales rose."}, {"text": "sales  rose"}, {"text": "B"}]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    everything = calibration_prompts(path, tokenizer, 9)
    assert len(everything.texts) == 3 and "sales  rose" not in everything.texts
    made = calibration_prompts(path, tokenizer, 9, exclude=[("what was revenue?", ()), ("", ())])
    assert sorted(made.texts) == ["B", "Sales rose."]
    asked = [("What was revenue?", ()), ("Sales rose", ()), ("b", ())]
    with pytest.raises(AssistantError, match="every text holds"):
        calibration_prompts(path, tokenizer, 9, exclude=asked)


@pytest.mark.parametrize(
    ("content", "error", "said"),
    [
        ("", AssistantError, "holds no texts"),
        ('{"text": "a"}\n{"words": "b"}\n', SchemeError, "line 2"),
    ],
)
def test_a_jsonl_without_texts_is_named(
    content: str, error: type[Exception], said: str, tiny_llm: Path, tmp_path: Path
) -> None:
    path = tmp_path / "texts.jsonl"
    path.write_text(content)
    with pytest.raises(error, match=said):
        calibration_prompts(path, AutoTokenizer.from_pretrained(tiny_llm), 4)


def test_filings_that_give_nothing_are_named(tiny_llm: Path, tmp_path: Path) -> None:
    tokenizer = AutoTokenizer.from_pretrained(tiny_llm)
    with pytest.raises(IndexingError):
        calibration_prompts(tmp_path / "nowhere", tokenizer, 4)
    (tmp_path / "a.txt").write_text("Nothing to see here, and no figures.\n")
    with pytest.raises(AssistantError, match="no calibration prompts"):
        calibration_prompts(tmp_path / "a.txt", tokenizer, 4)
