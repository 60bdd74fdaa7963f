"""Many readers at once for a long time, and a store of a hundred thousand chunks."""

from __future__ import annotations

import http.client
import json
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import psutil
import pytest

from eval.vectors import around
from index.embed import Embedder
from index.retrieve import search
from index.store import Store
from index.verify import verify
from tests.assistant.conftest import write_filing
from tests.hardening.conftest import Tally

if TYPE_CHECKING:
    from index.embed import Vectors

pytestmark = pytest.mark.hardening
Tallied = Callable[[str], Tally]
Tries = Callable[[int], int]
READERS = 50
SERVER = Path(__file__).with_name("load_server.py")
ROOT = Path(__file__).resolve().parents[2]
FIGURE = ("What was Larkspur Valve's total revenue in fiscal 2024?", "1,284")
WORDS = ("Describe the net income of Larkspur Valve", "142")
_MB = 2**20
_GROWTH_MB = 150  # buffers, and the last messages of 2,000 calls, which Gradio keeps


@dataclass
class Heard:
    """What the readers heard."""

    answers: Counter[int] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


def read(address: str, reader: int, until: float, heard: Heard) -> None:
    """Asks until time is up, looks at the page, goes away now and then before the answer."""
    place, chance = urlsplit(address), random.Random(reader)
    while time.monotonic() < until:
        try:
            kind = chance.choices(("words", "figure", "page", "gone"), (3, 5, 2, 1))[0]
            _one(place.hostname or "", place.port or 80, kind, chance)
            heard.answers[reader] += 1
            heard.kinds[kind] += 1
        except Exception as error:
            heard.wrong.append(f"{type(error).__name__}: {error}"[:300])


def _one(host: str, port: int, kind: str, chance: random.Random) -> None:
    line = http.client.HTTPConnection(host, port, timeout=300)
    try:
        if kind == "page":
            path = chance.choice(("/", "/config", "/gradio_api/info", "/theme.css"))
            line.request("GET", path)
            got = line.getresponse()
            assert got.status == 200 and got.read(), got.status
            return
        asked, right = FIGURE if kind == "figure" else WORDS
        body = json.dumps({"data": [asked, "main"]})
        line.request("POST", "/gradio_api/call/ask", body, {"content-type": "application/json"})
        event = json.load(line.getresponse())["event_id"]
        line.request("GET", f"/gradio_api/call/ask/{event}")
        told = line.getresponse()
        if kind == "gone":
            told.readline()
            return
        text = told.read().decode()
        assert "event: complete" in text and right in text, text[-300:]
    finally:
        line.close()


def test_fifty_readers_are_answered_in_turn_and_memory_stays(
    tmp_path: Path,
    embedder_folder: Path,
    tally: Callable[[str], Tally],
    tries: Callable[[int], int],
) -> None:
    seconds = max(10, tries(600))
    command = [sys.executable, str(SERVER), str(tmp_path), str(embedder_folder)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT,
        env=_environment(),
    ) as server:  # fmt: skip
        assert server.stdout and server.stdin
        try:
            address = json.loads(server.stdout.readline())["address"]
            heard = Heard()
            began = time.monotonic()
            readers = [
                threading.Thread(target=read, args=(address, n, began + seconds, heard))
                for n in range(READERS)
            ]
            for reader in readers:
                reader.start()
            time.sleep(seconds * 0.3)  # every page and thread has been used once
            before = _resident_mb(server.pid)
            for reader in readers:
                reader.join(seconds + 300)
            assert not any(reader.is_alive() for reader in readers)
            after = _resident_mb(server.pid)
            server.stdin.write("\n")
            server.stdin.flush()
            told = json.loads(server.stdout.readline())
        finally:
            server.kill()
    assert heard.wrong == []
    assert told["overtaken"] == 0 and told["entered"] > 0
    assert min(heard.answers[n] for n in range(READERS)) >= 1  # nobody was forgotten
    assert after - before < _GROWTH_MB, (before, after)
    counts = tally(f"load: {READERS} readers")
    counts.add("seconds", seconds)
    counts.add("requests, no error", sum(heard.kinds.values()))
    counts.add("questions in line, none overtaken", told["entered"])
    counts.add("MB at three tenths", round(before))
    counts.add("MB at the end", round(after))


def _environment() -> dict[str, str]:
    import os

    return {**os.environ, "PYTHONPATH": str(ROOT), "HF_HUB_OFFLINE": "1"}


def _resident_mb(pid: int) -> float:
    return float(psutil.Process(pid).memory_info().rss) / _MB


# -- a large store ----------------------------------------------------------------------


class Drawing(Embedder):
    """Embeds questions; of passages, only the first few: the others lie around those."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._origins: Any = None
        self._drawn = 0

    def embed(self, texts: Sequence[str], filing: bool = False) -> Vectors:
        if len(texts) == 1:
            return super().embed(texts, filing)
        if self._origins is None:
            self._origins = super().embed(list(texts)[:64], filing)
        self._drawn += len(texts)
        return around(self._origins, len(texts), self._drawn)


def test_a_hundred_thousand_chunks_open_search_and_verify(
    tmp_path: Path,
    embedder_folder: Path,
    tally: Callable[[str], Tally],
    tries: Callable[[int], int],
) -> None:
    wanted, counts = tries(100_000), tally("load: a large store")
    embedder = Drawing(embedder_folder)
    with Store.open(tmp_path / "store", embedder) as store:
        store.add(write_filing(tmp_path / "in"))
        chunks, number = 0, 0
        while chunks < wanted:
            number += 1
            pages = min(2000, wanted - chunks)
            document = store.add(_long_filing(tmp_path, number, pages)).document
            assert document.chunks >= pages, document
            chunks += document.chunks
    began = time.monotonic()
    with Store.open(tmp_path / "store", embedder, create=False) as store:
        assert search(store, "quarterly remarks on pump 7", 10)
        opened = time.monotonic() - began
        spent = []
        for n in range(20):
            began = time.monotonic()
            hits = search(store, f"remarks {n} on zinc pump number {n}", 10)
            spent.append(time.monotonic() - began)
            assert len(hits) == 10 and len({(h.doc, h.page, h.text) for h in hits}) == 10
        assert any("1,284" in hit.text for hit in search(store, "Larkspur total revenue", 10))
        began = time.monotonic()
        assert [finding.what for finding in verify(store)] == []
        counts.add("seconds to verify", round(time.monotonic() - began))
    counts.add("chunks", chunks)
    counts.add("milliseconds to open and search first", round(1000 * opened))
    counts.add("milliseconds a search, median", round(1000 * sorted(spent)[10]))
    assert sorted(spent)[10] < 2.0


def _long_filing(folder: Path, number: int, pages: int) -> Path:
    path = folder / f"COMPANY{number}_2024_10K.txt"
    cover = f"Pumpworks Number {number} Inc\nFORM 10-K\nfiscal year ended December 31, 2024\n"
    remarks = (
        f"Remark {n} of company {number}: pump {n % 97} and valve {n % 89} ran for {n:,} hours in "
        "the year, and the board looked at zinc, brass and iron.\n"
        for n in range(pages)
    )
    path.write_text("\f".join([cover, *remarks]), encoding="utf-8")
    return path
