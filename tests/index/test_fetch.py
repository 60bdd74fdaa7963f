"""EDGAR to store, through the real edgartools, against a server on this machine."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from index.edgar import Edgar, check_identity
from index.embed import Embedder
from index.errors import FetchError, UnreachableError
from index.fetch import Fetched, fetch
from index.store import Store
from tests.edgar_server import CIK, EdgarServer, annual

WHO = "Ann Example ann@example.com"


@pytest.fixture
def store(tmp_path: Path, embedder_folder: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "store", Embedder(embedder_folder)) as opened:
        yield opened


@pytest.fixture
def edgar(edgar_server: EdgarServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Edgar:
    monkeypatch.setattr("index.edgar_problems._PAUSES_S", (0, 0))
    monkeypatch.setattr("index.edgar_problems._WAITS_S", (0, 0))
    return Edgar(WHO, tmp_path / "home" / "edgar")


@pytest.fixture
def bring(edgar: Edgar, store: Store, tmp_path: Path) -> Any:
    def run(company: str = "LRKS", form: str = "10-K", years: int = 3) -> list[Fetched]:
        return list(fetch(edgar, store, [company], form, years, tmp_path / "home" / "filings"))

    return run


def files(tmp_path: Path) -> list[str]:
    folder = tmp_path / "home" / "filings"
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_three_years_arrive_and_are_in_the_store(
    bring: Any, store: Store, edgar_server: EdgarServer, tmp_path: Path
) -> None:
    done = bring()
    assert [each.status for each in done] == ["added"] * 3
    found = {(d.company, d.form, d.fiscal_year) for d in store.documents()}
    assert found == {("Larkspur Valve Company", "10-K", year) for year in (2022, 2023, 2024)}
    assert files(tmp_path)[-1] == "LRKS_10-K_2024-12-31_0009990001-25-000001.htm"
    assert edgar_server.agents == {WHO}
    assert (tmp_path / "home" / "filings" / f"{CIK:010d}").is_dir()


def test_what_is_there_is_not_downloaded_again(
    bring: Any, store: Store, edgar_server: EdgarServer, tmp_path: Path
) -> None:
    bring(years=2)
    edgar_server.asked.clear()
    done = bring(f"CIK{CIK}")
    assert [each.status for each in done] == ["unchanged", "unchanged", "added"]
    assert edgar_server.documents_asked() == ["lrks-20221231.htm"]
    store.remove(next(d.id for d in store.documents() if d.fiscal_year == 2024))
    edgar_server.asked.clear()
    assert [each.status for each in bring()] == ["added", "unchanged", "unchanged"]
    assert edgar_server.documents_asked() == []


def test_a_filing_added_by_hand_is_known_by_its_accession_number(
    bring: Any, store: Store, edgar_server: EdgarServer, tmp_path: Path
) -> None:
    by_hand = tmp_path / "0009990001-25-000001.htm"
    by_hand.write_bytes(annual(2024).documents["lrks-20241231.htm"][1])
    store.add(by_hand)
    assert [each.status for each in bring(years=1)] == ["unchanged"]
    assert edgar_server.documents_asked() == []


def test_amendments_and_other_forms_only_when_asked_for(bring: Any, store: Store) -> None:
    (amended,) = bring(form="10-k/a")
    assert amended.name == "LRKS_10-K-A_2024-12-31_0009990001-25-000009"
    (quarter,) = bring(form="10-Q", years=1)
    assert quarter.name.startswith("LRKS_10-Q_2024-09-30")


def test_years_of_52_and_53_weeks_are_years(bring: Any, edgar_server: EdgarServer) -> None:
    days = ["2023-01-28", "2022-01-29", "2021-01-30", "2020-02-01", "2019-02-02"]
    edgar_server.filings = [
        annual(int(day[:4]))._replace(period=day, filed=f"{day[:4]}-03-20") for day in days
    ]
    assert [re.findall(r"\d{4}-\d\d-\d\d", each.name)[0] for each in bring()] == days[:3]


def test_the_list_of_older_filings_is_asked_when_needed(
    bring: Any, edgar_server: EdgarServer
) -> None:
    edgar_server.older = edgar_server.filings[2:]
    edgar_server.filings = edgar_server.filings[:2]
    assert len(bring(years=3)) == 3
    assert any("submissions-001" in path for path in edgar_server.asked)


def test_statements_in_an_exhibit_come_with_their_report(
    bring: Any, store: Store, edgar_server: EdgarServer
) -> None:
    edgar_server.filings = [annual(2024, exhibit=True)]
    (done,) = bring()
    assert done.document is not None
    assert (done.document.company, done.document.form) == ("Larkspur Valve Company", "10-K")
    assert done.document.cik == f"{CIK:010d}"
    texts = [store.page_text(done.document.id, n + 1) for n in range(done.document.pages)]
    assert any("Total revenue" in text for text in texts)
    assert not any("Subsidiaries" in text for text in texts)
    assert done.document.facts


def test_a_submission_of_one_text_is_fetched_as_such(bring: Any, edgar_server: EdgarServer) -> None:
    old = annual(2024)
    text = b"<SEC-DOCUMENT>x\n<DOCUMENT>\n<TYPE>10-K\n<TEXT>\nFORM 10-K\nLarkspur\n</TEXT>\n"
    edgar_server.filings = [old._replace(documents={})]
    edgar_server.texts[f"{old.number}.txt"] = text
    (done,) = bring()
    assert (done.status, done.document.kind) == ("added", "text")


def test_a_connection_that_breaks_is_tried_again(
    bring: Any, edgar_server: EdgarServer, tmp_path: Path
) -> None:
    edgar_server.faults["lrks-20231231"] = ["cut"]
    assert [each.status for each in bring()] == ["added"] * 3
    edgar_server.reset()
    edgar_server.filings = [*edgar_server.filings[:2], annual(2020)]
    edgar_server.faults["lrks-20201231"] = ["cut", "cut", "cut"]
    with pytest.raises(UnreachableError, match="what has arrived is kept"):
        bring(years=9)
    assert len(files(tmp_path)) == 3
    done = bring(years=9)
    assert [each.status for each in done] == ["unchanged", "added"]
    assert all(path.endswith("1.htm") for path in files(tmp_path))


@pytest.mark.parametrize(
    ("place", "faults", "wording"),
    [
        ("submissions", ["403"], "HTTP 403.*real name and e-mail.*Ann Example"),
        ("lrks-2023", ["403"], "HTTP 403"),
        ("lrks-2023", ["429"] * 3, "too many requests.*ten minutes"),
        ("submissions", ["403 <h1>Request Rate Threshold Exceeded</h1>"] * 3, "too many requests"),
        ("submissions", ["503"] * 3, "HTTP 503"),
        ("submissions", ["hang up"] * 9, "cannot reach EDGAR.*HTTPS_PROXY"),
    ],
)
def test_where_going_on_is_of_no_use_it_stops_with_a_line(
    bring: Any,
    edgar_server: EdgarServer,
    place: str,
    faults: list[str],
    wording: str,
) -> None:
    edgar_server.faults[place] = faults
    with pytest.raises(UnreachableError, match=wording) as failed:
        bring()
    assert "\n" not in str(failed.value)


@pytest.mark.parametrize("status", ["429", "503"])
def test_edgar_is_waited_for(edgar: Edgar, edgar_server: EdgarServer, status: str) -> None:
    edgar_server.faults["submissions"] = [status, status]
    said: list[str] = []
    edgar.tell = said.append
    assert len(edgar.filings("LRKS", "10-K", 3)) == 3
    assert said == ["EDGAR cannot answer now, asking again in 0 s"] * 2


def test_a_ban_of_minutes_is_not_waited_for(edgar: Edgar, edgar_server: EdgarServer) -> None:
    edgar_server.retry_after = 600
    edgar_server.faults["submissions"] = ["429"] * 2
    with pytest.raises(UnreachableError, match="ten minutes"):
        edgar.filings("LRKS", "10-K", 3)
    assert len(edgar_server.faults["submissions"]) == 1


def test_no_more_than_ten_requests_a_second(edgar: Edgar, edgar_server: EdgarServer) -> None:
    (newest,) = edgar.filings("LRKS", "10-K", 1)
    for _ in range(10):
        edgar.document(newest)
    times = edgar_server.times[-20:]
    assert len(times) == 20
    assert all(later - sooner >= 1 for sooner, later in zip(times, times[10:], strict=False))


@pytest.mark.parametrize(
    ("company", "form", "place", "faults", "wording"),
    [
        ("NOPE", "10-K", "", [], "'NOPE'.*CIK"),
        ("4711", "10-K", "", [], "no company with the CIK 4711"),
        ("LRKS", "10-KZ", "", [], "filed no 10-KZ.*it has filed: 10-K, 10-K/A, 10-Q"),
        ("LRKS", "10-K", "tickers", ["<html>Hello"], "not what it should be"),
        ("LRKS", "10-K", "submissions", ['{"cik": "1"}'], "not what it should be"),
        ("LRKS", "10-K", "lrks-2024", ["404"], "HTTP 404"),
        ("LRKS", "10-K", "lrks-2024", [" "], "is empty"),
    ],
)
def test_what_edgar_does_not_have_is_one_line(
    bring: Any,
    edgar_server: EdgarServer,
    company: str,
    form: str,
    place: str,
    faults: list[str],
    wording: str,
) -> None:
    edgar_server.faults[place or "nothing"] = faults
    first, *rest = bring(company, form)
    assert first.status == "failed"
    assert re.search(wording, first.problem)
    assert "\n" not in first.problem
    assert all(each.status == "added" for each in rest)


def test_no_network(bring: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edgar.urls.SEC_BASE_URL", "http://127.0.0.1:1")
    with pytest.raises(UnreachableError, match="cannot reach EDGAR"):
        bring()


@pytest.mark.parametrize(
    ("error", "raised"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), UnreachableError),
        (KeyboardInterrupt(), KeyboardInterrupt),
    ],
)
def test_a_file_is_there_whole_or_not_at_all(
    bring: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    error: Any,
    raised: type[BaseException],
) -> None:
    bring(years=1)

    def fsync(descriptor: int) -> None:
        raise error

    with monkeypatch.context() as broken:
        broken.setattr(os, "fsync", fsync)
        with pytest.raises(raised):
            bring()
    assert len(files(tmp_path)) == 1
    assert [each.status for each in bring()] == ["unchanged", "added", "added"]


def test_nothing_is_written_beside_the_folder_named(
    bring: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring(years=1)
    kept = {path.name for path in (tmp_path / "home" / "edgar").rglob("*") if path.is_file()}
    assert not any("lrks" in name or "submissions" in name for name in kept)  # no second copies
    from edgar.paths import get_cache_directory, get_data_directory

    for folder in (get_cache_directory(), get_data_directory()):
        assert folder.is_relative_to(tmp_path)


@pytest.mark.parametrize(
    "text", ["", "Ann", "ann@example.com", "Ann Exämple a@b.de", "A\x01 a@b.c"]
)
def test_an_identity_is_a_name_and_an_address(text: str) -> None:
    with pytest.raises(FetchError, match="e-mail address"):
        check_identity(text)


def test_an_identity_may_be_written_in_several_ways() -> None:
    assert check_identity(" Ann  Example\tann@example.com ") == WHO
    assert check_identity("Example Bank <ann@example.com>") == "Example Bank <ann@example.com>"
