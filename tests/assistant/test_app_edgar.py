"""Filings from EDGAR in the chat's Library: outcomes, who asks, and failures as one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.app.edgar_form import identity_asked
from assistant.app.session import Desk
from tests.edgar_server import EdgarServer

WHO = "Ann Example ann@example.com"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, edgar_server: EdgarServer) -> Path:
    monkeypatch.setenv("TENQ_HOME", str(tmp_path / "home"))
    monkeypatch.setattr("index.edgar_problems._PAUSES_S", (0, 0))
    return tmp_path / "home"


def test_filings_come_one_by_one_and_progress_is_told(desk: Desk) -> None:
    told: list[float] = []
    outcomes = list(desk.fetch(" lrks ", "10-K", 2.0, WHO, lambda part, word: told.append(part)))
    assert [outcome.status for outcome in outcomes] == ["added", "added"]
    assert "Larkspur Valve Company, 10-K, FY 2024, 2 pages" in outcomes[0].text
    assert told == sorted(told)
    assert len(desk.documents()) == 3
    assert [outcome.status for outcome in desk.fetch("LRKS", "10-K", 1, "")] == ["unchanged"]


def test_who_asks_is_a_field_until_it_is_known(
    desk: Desk, home: Path, edgar_server: EdgarServer
) -> None:
    assert identity_asked()["visible"] is True
    (outcome,) = desk.fetch("LRKS", "10-K", 1)
    assert (outcome.status, "name and an e-mail" in outcome.text) == ("failed", True)
    edgar_server.faults["submissions"] = ["403"]
    (outcome,) = desk.fetch("LRKS", "10-K", 1, WHO)
    assert "HTTP 403" in outcome.text
    assert not (home / "edgar" / "identity").exists()  # what was refused is not kept
    assert identity_asked()["visible"] is True
    list(desk.fetch("LRKS", "10-K", 1, WHO))
    assert identity_asked()["visible"] is False
    assert identity_asked(failed=True)["visible"] is True


@pytest.mark.parametrize(
    ("companies", "years", "wording"),
    [
        ("", 3, "ticker"),
        ("NOPE", 3, "no company at EDGAR"),
        ("LRKS", 0, "years"),
        ("LRKS", None, "years"),
    ],
)
def test_a_mistake_is_one_line(
    desk: Desk, companies: str, years: float | None, wording: str
) -> None:
    (outcome,) = desk.fetch(companies, "10-K", years, WHO)
    assert outcome.status == "failed"
    assert wording in outcome.text
    assert "\n" not in outcome.text


def test_what_came_before_a_failure_stays(desk: Desk, edgar_server: EdgarServer) -> None:
    edgar_server.faults["lrks-2023"] = ["hang up"] * 3
    outcomes = list(desk.fetch("LRKS", "10-K", 3, WHO))
    assert [outcome.status for outcome in outcomes] == ["added", "failed"]
    assert "cannot reach EDGAR" in outcomes[1].text
    assert len(desk.documents()) == 2
