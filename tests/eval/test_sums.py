"""Sums that statements must add up to: those that hold, and a misread number that breaks one."""

from __future__ import annotations

from pathlib import Path

import pytest

from eval.errors import EvaluationError
from eval.sums import run_sums, sums_markdown
from index.embed import Embedder
from index.store import Store
from tests.index.test_facts import COVER
from tests.index.test_places import FLOWS, SHEET


def test_the_sample_filings_add_up(sample_store: Store) -> None:
    result = run_sums(sample_store)
    assert result["holds"] == result["n"] >= 20
    assert {row["name"] for row in result["identities"] if row["n"]} >= {
        "assets are liabilities and equity",
        "revenue less its cost is gross profit",
        "flows of cash are its change",
        "cash at the beginning and its change are cash at the end",
    }
    said = sums_markdown(result)
    assert "100.0%" in said and "Not so" not in said


def store_of(folder: Path, embedder: Path, *pages: str) -> Store:
    cover = COVER.format(form="10-K", kind="ANNUAL", period="fiscal year", end="December 28, 2024")
    file = folder / "quillfeather.txt"
    file.write_text("\f".join([cover, *pages]), encoding="utf-8")
    store = Store.open(folder / "store", Embedder(embedder))
    store.add(file)
    return store


def test_a_number_that_breaks_a_sum_is_told(tmp_path: Path, embedder_folder: Path) -> None:
    sheet = SHEET.replace("Noncontrolling interests 6 5", "Noncontrolling interests 6 7")
    with store_of(tmp_path, embedder_folder, sheet) as store:
        result = run_sums(store)
    equity = "owners' equity and what others hold are equity"
    assert {row["name"]: (row["n"], row["holds"]) for row in result["identities"] if row["n"]} == {
        "assets are liabilities and equity": (2, 2),
        equity: (2, 1),
    }
    (failed,) = result["per_document"][0]["failed"]
    assert failed.startswith(f"{equity}, 2023-12-") and failed.endswith(": 2,000,000 too much")
    assert f"- quillfeather: {failed}" in sums_markdown(result)


def test_a_store_without_statements_has_nothing_to_check(
    tmp_path: Path, embedder_folder: Path
) -> None:
    with (
        store_of(tmp_path, embedder_folder, "Item 1. Business\nWe make paper.") as store,
        pytest.raises(EvaluationError, match="no statements whose sums"),
    ):
        run_sums(store)


def test_what_cash_was_and_its_change_are_what_it_is(tmp_path: Path, embedder_folder: Path) -> None:
    flows = FLOWS.replace(
        "Cash and cash equivalents, beginning",
        "Net increase in cash and cash equivalents 10 7\nCash and cash equivalents, beginning",
    )
    with store_of(tmp_path, embedder_folder, flows) as store:
        moved = run_sums(store)["identities"][-1]
    assert (moved["n"], moved["holds"]) == (2, 2)
