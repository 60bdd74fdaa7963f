"""The store's facts against amounts known from elsewhere."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from eval.errors import EvaluationError
from eval.facts import run_facts
from eval.report import facts_markdown
from index.store import Store


@pytest.fixture
def known(sample_store: Store, tmp_path: Path) -> tuple[Path, list[dict[str, Any]]]:
    """Five amounts that the first sample filing states, as known from elsewhere."""
    document = sample_store.documents()[0]
    facts = [stored.fact for stored in sample_store.facts([document.id]) if stored.fact.concept][:5]
    amounts: list[dict[str, Any]] = [
        {
            "concept": fact.concept,
            "start": fact.start.isoformat() if fact.start else None,
            "end": fact.end.isoformat(),
            "value": float(fact.value),
        }
        for fact in facts
    ]
    file = tmp_path / f"{document.name}.json"
    file.write_text(json.dumps(amounts))
    return file, amounts


def test_found_is_what_is_the_same(
    known: tuple[Path, list[dict[str, Any]]], sample_store: Store
) -> None:
    file, amounts = known
    result = run_facts(file.parent, sample_store)
    assert (result["n"], result["found"], result["share"]) == (5, 5, 1)
    amounts[0]["value"] += 1
    amounts[1]["end"] = "1999-12-31"
    amounts[2]["concept"] = "SomethingElse"
    file.write_text(json.dumps(amounts))
    (file.parent / "nowhere.json").write_text("[]")
    result = run_facts(file.parent, sample_store)
    assert (result["n"], result["found"]) == (5, 2)
    assert result["not_in_store"] == ["nowhere"]
    (row,) = result["per_document"]
    assert len(row["missing"]) == 3 and any("1999-12-31" in each for each in row["missing"])
    told = facts_markdown(result)
    assert "2 of 5 known amounts" in told and "SomethingElse" in told
    assert "1 filings are not" not in told and "1 filing is not in the store" in told


@pytest.mark.parametrize("text", ["{", "[1]", '[{"concept": "Assets"}]', '{"a": 1}', "null"])
def test_other_files_are_one_line(text: str, sample_store: Store, tmp_path: Path) -> None:
    with pytest.raises(EvaluationError, match=r"holds no \.json file"):
        run_facts(tmp_path, sample_store)
    (tmp_path / "other.json").write_text("[]")
    with pytest.raises(EvaluationError, match="holds none of the filings"):
        run_facts(tmp_path, sample_store)
    (tmp_path / f"{sample_store.documents()[0].name}.json").write_text(text)
    with pytest.raises(EvaluationError, match="is no list of known amounts"):
        run_facts(tmp_path, sample_store)
