"""Too little memory or disk is said before the work begins; how much work takes is measured."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from quantize import machine
from quantize.errors import SchemeError, SourceError
from quantize.memory import Memory, memory
from quantize.peak import PeakMemory
from quantize.room import check_comparing, check_making, check_measuring
from quantize.schemes import SCHEMES
from quantize.sources import Source, bring


@pytest.fixture
def source(tiny_llm: Path, tmp_path: Path) -> Source:
    return bring(str(tiny_llm), tmp_path)


@pytest.fixture
def no_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "gpu_memory_free", lambda: None)


def leave(monkeypatch: pytest.MonkeyPatch, free: int) -> None:
    memory = psutil.virtual_memory()._replace(available=free)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: memory)


def test_a_small_model_fits(source: Source, tmp_path: Path, no_gpu: None) -> None:
    for scheme in SCHEMES.values():
        check_making(source, scheme, tmp_path / "out")
    check_measuring(source)
    check_comparing(source)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_too_little_memory_has_a_mend(
    scheme: str, source: Source, tmp_path: Path, no_gpu: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave(monkeypatch, 1_000_000)
    with pytest.raises(SchemeError, match=rf"{scheme} of .* 0 GB are free; .* choose "):
        check_making(source, SCHEMES[scheme], tmp_path / "out")


def test_measuring_and_comparing_need_memory(
    source: Source, no_gpu: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave(monkeypatch, 1_000_000)
    with pytest.raises(SchemeError, match=r"measuring the layers .* choose int8 or int4"):
        check_measuring(source)
    with pytest.raises(SchemeError, match=r"comparing with the full model .* `tenq doctor`"):
        check_comparing(source)


def test_on_a_gpu_its_own_memory_counts(source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    leave(monkeypatch, 1_000_000)
    monkeypatch.setattr(machine, "gpu_memory_free", lambda: 20_000_000_000)
    check_measuring(source)
    check_comparing(source)
    monkeypatch.setattr(machine, "gpu_memory_free", lambda: 1_000_000)
    for check in (check_measuring, check_comparing):
        with pytest.raises(SchemeError, match="of the GPU's memory"):
            check(source)


def test_too_little_disk_has_a_mend(
    source: Source, tmp_path: Path, no_gpu: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = shutil.disk_usage(tmp_path)._replace(free=1_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: full)
    with pytest.raises(SourceError, match="free some space"):
        check_making(source, SCHEMES["int4"], tmp_path / "out")


V2 = {
    "memory.max": "3000000000",
    "memory.current": "2500000000",
    "memory.stat": "anon 2000000000\ninactive_file 400000000\nactive_file 100000000",
}
V1 = {
    "memory/memory.limit_in_bytes": "3000000000",
    "memory/memory.usage_in_bytes": "2500000000",
    "memory/memory.stat": "inactive_file 7\ntotal_inactive_file 400000000",
}


@pytest.mark.parametrize("files", [V2, V1])
def test_a_containers_limit_counts(
    files: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = psutil.virtual_memory()._replace(total=32_000_000_000, available=20_000_000_000)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: machine)
    assert memory(tmp_path) == Memory(32_000_000_000, 20_000_000_000)
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(f"{text}\n")
    assert memory(tmp_path) == Memory(3_000_000_000, 900_000_000)
    limit = tmp_path / next(iter(files))
    for none in ("max\n", "9223372036854771712\n"):  # of version 1 a number beyond all memory
        limit.write_text(none)
        assert memory(tmp_path) == Memory(32_000_000_000, 20_000_000_000)


def test_the_peak_counts_processes_that_were_started() -> None:
    taking = "import time; block = bytearray(300_000_000); time.sleep(1)"
    with PeakMemory() as peak:
        subprocess.run([sys.executable, "-c", taking], check=True)
    before = psutil.Process().memory_info().rss
    assert peak.bytes > 300_000_000 + before / 2
