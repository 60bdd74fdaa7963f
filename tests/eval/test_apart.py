"""What is asked and measured is not what was calibrated on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from transformers import AutoTokenizer

from eval.apart import Texts, split, texts_apart, unseen_questions
from eval.errors import EvaluationError
from index.store import Store


@pytest.fixture(autouse=True)
def home(test_home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TENQ_HOME", str(test_home))
    yield


def made(store: Store, tiny_llm: Path, source: Path | None = None, samples: int = 6) -> Texts:
    return texts_apart(store, source, AutoTokenizer.from_pretrained(tiny_llm), samples, 7, 12)


def passages(texts: Texts) -> list[str]:
    return [page["text"] for each in texts.questions for page in each["gold_pages_text"]]


def test_no_company_is_on_both_sides(sample_store: Store, tiny_llm: Path) -> None:
    texts = made(sample_store, tiny_llm)
    company = {each.name: each.company for each in sample_store.documents()}
    calibrated = {company[sample.source] for sample in texts.calibration.samples}
    asked = {each["company"] for each in texts.questions}
    assert len(calibrated) == len(asked) == 1 and calibrated.isdisjoint(asked)
    assert {company[sample.source] for sample in texts.held_out.samples} == asked
    assert len(texts.questions) == 12 and len(texts.calibration.samples) == 6
    assert all(name in texts.note for name in calibrated | asked) and "2 filings" in texts.note
    # Nor do the passages of a prompt come from the other side's filings.
    assert not any(name in text for name in asked for text in texts.calibration.texts)
    assert made(sample_store, tiny_llm).calibration == texts.calibration


def test_two_filings_of_one_company_are_kept_apart(sample_store: Store, tiny_llm: Path) -> None:
    documents = sample_store.documents()
    first = [each for each in documents if each.company == documents[0].company][:2]
    texts = made(sample_store.only({each.id for each in first}), tiny_llm)
    calibrated = {sample.source for sample in texts.calibration.samples}
    assert len(calibrated) == 1
    assert calibrated.isdisjoint(each["doc"] for each in texts.questions)


def test_of_one_filing_what_was_not_shown_is_asked(sample_store: Store, tiny_llm: Path) -> None:
    texts = made(sample_store.only({sample_store.documents()[0].id}), tiny_llm, samples=2)
    assert "too few filings" in texts.note
    shown = " ".join(texts.calibration.texts)
    ends = [passage.splitlines()[-1] for passage in passages(texts)]
    rows = [end for end in ends if not end.isdigit()]  # a page's number shows nothing
    assert rows and not any(row in shown for row in rows)
    assert texts.held_out.samples


def test_a_jsonl_that_shows_all_leaves_nothing(
    sample_store: Store, tiny_llm: Path, tmp_path: Path
) -> None:
    document = sample_store.documents()[0]
    source = tmp_path / "texts.jsonl"
    pages = sample_store.page_texts(document.id)
    source.write_text("".join(json.dumps({"text": page}) + "\n" for page in pages))
    with pytest.raises(EvaluationError, match="filings of other companies"):
        made(sample_store.only({document.id}), tiny_llm, source, 500)
    texts = made(sample_store, tiny_llm, source, 500)
    assert "do not tell their filings" in texts.note
    assert document.name not in {each["doc"] for each in texts.questions}


def test_questions_are_about_what_texts_do_not_show(sample_store: Store) -> None:
    """As for a plan chosen by texts of the same store."""
    first, *others = sample_store.documents()
    shown = sample_store.page_texts(first.id)
    asked = unseen_questions(sample_store, shown, 30)
    assert len(asked) == 30 and first.name not in {each["doc"] for each in asked}
    everything = unseen_questions(sample_store, [], 10_000)
    assert {each["doc"] for each in everything} == {each.name for each in (first, *others)}
    with pytest.raises(EvaluationError, match="show all that could be asked"):
        unseen_questions(sample_store.only({first.id}), shown, 30)


def test_filings_that_only_one_side_has_go_there(sample_store: Store) -> None:
    documents = sample_store.documents()
    other = [replace(documents[0], id=100, company="Zeffy Inc.", sha256="f" * 64)]
    assert split(other, documents, 1) == ({100}, {each.id for each in documents})
    assert split(documents[:1], documents[:1], 1) is None
    assert split(documents, [], 1) is None
