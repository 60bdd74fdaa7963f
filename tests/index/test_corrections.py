"""What a person corrects of a filing's identity holds everywhere, and for good."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from index.contents import doubts_of
from index.corrections import correct, correction_from, correction_of
from index.embed import Embedder
from index.errors import FilingError, IndexingError
from index.filing import Correction
from index.rebuild import rebuild
from index.retrieve import find
from index.store import Store
from tests.index.test_store import write_filing


@pytest.fixture(scope="module")
def embedder(embedder_folder: Path) -> Embedder:
    return Embedder(embedder_folder)


@pytest.fixture
def store(tmp_path: Path, embedder: Embedder) -> Iterator[Store]:
    with Store.open(tmp_path / "store", embedder) as opened:
        opened.add(write_filing(tmp_path, "Valdor Valves Inc", 2023))
        yield opened


def test_corrected_company_and_year_are_found_under(store: Store) -> None:
    (before,) = store.documents()
    after = correct(store, before.id, correction_from("Kestrel  Looms", "10k/a", 2021))
    assert (after.id, after.company, after.form) == (before.id, "Kestrel Looms", "10-K/A")
    assert after.fiscal_year == 2021
    assert (after.period_end, after.facts, after.name) == (
        before.period_end,
        before.facts,
        before.name,
    )
    hit = find(store, "What were Kestrel Looms' inventories in FY2021?").hits[0]
    assert (hit.company, hit.fiscal_year, hit.page) == ("Kestrel Looms", 2021, 3)
    assert {f.fact.fiscal_year for f in store.facts([after.id], ["InventoryNet"])} == {2020, 2021}
    assert find(store, "What were Valdor's inventories in 2021?").query.companies == ()


def test_corrections_add_up_and_can_be_taken_back(store: Store) -> None:
    (before,) = store.documents()
    correct(store, before.id, Correction(company="Kestrel Looms"))
    after = correct(store, before.id, Correction(period_end=date(2023, 9, 30)))
    assert (after.company, after.period_end) == ("Kestrel Looms", "2023-09-30")
    taken_back = correct(store, before.id, Correction())
    assert taken_back.company == before.company
    assert taken_back.period_end == before.period_end


def test_a_correction_outlives_removing_and_rebuilding(store: Store, embedder: Embedder) -> None:
    (document,) = store.documents()
    correct(store, document.id, Correction(company="Kestrel Looms"))
    store.remove(document.id)
    assert store.add(Path(document.path)).document.company == "Kestrel Looms"
    store.close()
    rebuild(store.path, embedder)
    with Store.open(store.path, embedder) as again:
        assert again.documents()[0].company == "Kestrel Looms"


def test_what_cannot_be_read_again_stays_as_it_was(store: Store) -> None:
    (before,) = store.documents()
    store.copy_of(before.id).write_bytes(b"")
    with pytest.raises(FilingError, match="is empty"):
        correct(store, before.id, Correction(company="Kestrel Looms"))
    assert store.documents() == [before]
    store.copy_of(before.id).write_bytes(Path(before.path).read_bytes())
    assert store.reread(before.id).company == before.company


@pytest.mark.parametrize("period", ["Q5", "year", "H1"])
def test_periods_that_are_none(period: str) -> None:
    with pytest.raises(IndexingError, match="Q1, Q2, Q3 or Q4"):
        correction_from(fiscal_period=period)
    assert correction_from(fiscal_period=" q2 ").fiscal_period == "Q2"


def test_ticker_and_cik_are_corrected_and_kept(store: Store, embedder: Embedder) -> None:
    (before,) = store.documents()
    after = correct(store, before.id, correction_from(ticker=" kst.b ", cik="1234"))
    assert (after.ticker, after.cik) == ("KST.B", "0000001234")
    assert (after.company, after.fiscal_year) == (before.company, before.fiscal_year)
    assert find(store, "What were KST.B's inventories?").query.companies == (before.company,)
    store.remove(before.id)
    again = store.add(Path(before.path)).document
    assert (again.ticker, again.cik) == ("KST.B", "0000001234")
    taken_back = correct(store, again.id, Correction())
    assert (taken_back.ticker, taken_back.cik) == (before.ticker, before.cik)


@pytest.mark.parametrize("ticker", ["SEVENLT", "A B", "-A", "A.", "A/B", "Ä"])
def test_tickers_that_are_none(ticker: str) -> None:
    with pytest.raises(IndexingError, match="no ticker"):
        correction_from(ticker=ticker)
    assert correction_from(ticker=" ").given() == {}


@pytest.mark.parametrize("cik", ["12345678901", "CIK1", "-1", "0", "1.5", "٣"])
def test_ciks_that_are_none(cik: str) -> None:
    with pytest.raises(IndexingError, match="no CIK"):
        correction_from(cik=cik)
    assert correction_from(cik="").given() == {}


def test_a_correction_is_kept_with_what_it_changes_or_not_at_all(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing of it is on disk before the filing was read again: a process may die in between."""
    (before,) = store.documents()

    def die(*_: object) -> None:
        assert correction_of(store.database, before.sha256) == Correction()
        raise KeyboardInterrupt

    monkeypatch.setattr("index.store.insert", die)
    with pytest.raises(KeyboardInterrupt):
        correct(store, before.id, Correction(company="Kestrel Looms"))
    assert correction_of(store.database, before.sha256) == Correction()
    assert store.documents() == [before]


def test_what_was_taken_from_the_name_is_said_until_it_is_corrected(
    tmp_path: Path, store: Store
) -> None:
    (sure,) = store.documents()
    assert doubts_of(sure) == ()
    (tmp_path / "NORTHWIND_2021_10K.txt").write_text("Some table\n1 2 3\n")
    guessed = store.add(tmp_path / "NORTHWIND_2021_10K.txt").document
    assert doubts_of(guessed) == ("company, form, fiscal year taken from the file's name",)
    half = correct(store, guessed.id, Correction(company="Northwind plc", form="10-K"))
    assert doubts_of(half) == ("fiscal year taken from the file's name",)
    assert doubts_of(correct(store, guessed.id, Correction(fiscal_year=2021))) == ()
    (tmp_path / "notes.txt").write_text("Some table\n1 2 3\n4 5 6\n")
    unknown = store.add(tmp_path / "notes.txt").document
    assert doubts_of(unknown) == ("company, fiscal year not recognised",)
