"""`tenq index fetch`: exit codes, one line for what went wrong, who asks, a kill in the middle."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from assistant.edgar_identity import keep_identity, known_identity
from index.errors import FetchError
from tests.edgar_server import EdgarServer

Run = Callable[..., tuple[int, str, str]]
WHO = "Ann Example ann@example.com"


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.edgar_problems._PAUSES_S", (0, 0))


def test_three_years_and_then_nothing_new(tenq: Run, edgar_server: EdgarServer) -> None:
    code, out, err = tenq("index", "fetch", "lrks", "--identity", WHO)
    assert code == 0, err
    assert "added      LRKS_10-K_2024-12-31_0009990001-25-000001: Larkspur Valve Company" in out
    assert out.endswith("3 filings in the store, 3 of them new\n")
    assert "fetch" in err  # the bar
    assert "3 filings" in tenq("index", "list")[1]
    code, out, _ = tenq("index", "fetch", "lrks", "--years", "1", "--identity", WHO)
    assert (code, "in the store already" in out) == (0, True)
    assert len(edgar_server.documents_asked()) == 3


def test_some_failed_is_1_and_all_is_2(tenq: Run, edgar_server: EdgarServer) -> None:
    ask = ("--identity", WHO, "--years", "1")
    code, out, err = tenq("index", "fetch", "NOPE", *ask)
    assert (code, "failed     NOPE: no company at EDGAR" in out) == (2, True)
    assert "Traceback" not in err
    assert tenq("index", "fetch", "LRKS", "NOPE", *ask)[0] == 1
    assert tenq("index", "fetch", "LRKS", "--form", "8-K", *ask)[0] == 2
    assert tenq("index", "fetch", "LRKS", "--years", "0", "--identity", WHO)[0] == 2


def test_cut_off_it_stops_and_goes_on_the_next_time(tenq: Run, edgar_server: EdgarServer) -> None:
    edgar_server.faults["lrks-2023"] = ["403"]
    code, out, _ = tenq("index", "fetch", "LRKS", "--identity", WHO)
    assert code == 1
    assert "stopped    EDGAR refused" in out
    assert out.endswith("1 filing in the store, 1 of them new\n")
    edgar_server.faults["submissions"] = ["403"]
    code, out, err = tenq("index", "fetch", "LRKS", "--identity", WHO)
    assert (code, out) == (2, "")
    assert err.splitlines()[-1].startswith("tenq: EDGAR refused the filings of LRKS (HTTP 403)")
    code, out, _ = tenq("index", "fetch", "LRKS", "--identity", WHO)
    assert (code, out.count("added"), out.count("unchanged")) == (0, 2, 1)


def test_a_store_that_cannot_be_written_is_one_line(
    tenq: Run, edgar_server: EdgarServer, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    code, _, err = tenq("index", "fetch", "LRKS", "--identity", WHO, "--store", tmp_path / "file")
    assert (code, len(err.strip().splitlines())) == (2, 1)
    assert not edgar_server.asked


def test_without_an_identity_nobody_is_asked(tenq: Run, edgar_server: EdgarServer) -> None:
    code, out, err = tenq("index", "fetch", "LRKS")
    assert (code, out) == (2, "")
    assert err.startswith("tenq: EDGAR wants a name and an e-mail address")
    assert "--identity" in err
    assert len(err.strip().splitlines()) == 1
    assert tenq("index", "fetch", "LRKS", "--identity", "me")[0] == 2
    assert not edgar_server.asked


def test_an_identity_is_asked_for_once(
    tenq: Run, edgar_server: EdgarServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for stream in (sys.stdin, sys.stderr):
        monkeypatch.setattr(stream, "isatty", lambda: True)
    monkeypatch.setattr("typer.prompt", lambda text, err: WHO)
    assert tenq("index", "fetch", "LRKS", "--years", "1")[0] == 0
    assert edgar_server.agents == {WHO}
    kept = tmp_path / "home" / "edgar" / "identity"
    assert kept.stat().st_mode & 0o077 == 0
    monkeypatch.delattr("typer.prompt")
    assert tenq("index", "fetch", "LRKS", "--years", "1")[0] == 0


def test_what_is_given_goes_before_what_is_set_and_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TENQ_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("EDGAR_IDENTITY", raising=False)
    assert known_identity() is None
    keep_identity("Kept Example kept@example.com")
    assert known_identity() == "Kept Example kept@example.com"
    monkeypatch.setenv("EDGAR_IDENTITY", "Set Example set@example.com")
    assert known_identity() == "Set Example set@example.com"
    assert known_identity(WHO) == WHO
    with pytest.raises(FetchError):
        keep_identity("nobody")


def test_killed_in_the_middle_it_leaves_no_half_file_and_goes_on(
    tenq: Run, edgar_server: EdgarServer, tmp_path: Path
) -> None:
    edgar_server.faults["lrks-2022"] = ["stall"]
    command = [sys.executable, "-m", "assistant.cli", "index", "fetch", "LRKS", "--identity", WHO]
    started = subprocess.Popen(
        command, env=os.environ, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    )
    assert edgar_server.stalled.wait(120)
    started.send_signal(signal.SIGKILL)
    started.wait()
    home = tmp_path / "home"
    files = sorted(path.name[:15] for path in (home / "filings").rglob("*") if path.is_file())
    assert files == ["LRKS_10-K_2023-", "LRKS_10-K_2024-"]
    edgar_server.asked.clear()
    code, out, _ = tenq("index", "fetch", "LRKS", "--identity", WHO)
    assert (code, out.count("unchanged"), out.count("added")) == (0, 2, 1)
    assert edgar_server.documents_asked() == ["lrks-20221231.htm"]
    assert "as it should be" in tenq("index", "verify")[1]
