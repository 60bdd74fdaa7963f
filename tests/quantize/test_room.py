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


def test_the_peak_counts_processes_that_were_started() -> None:
    taking = "import time; block = bytearray(300_000_000); time.sleep(1)"
    with PeakMemory() as peak:
        subprocess.run([sys.executable, "-c", taking], check=True)
    before = psutil.Process().memory_info().rss
    assert peak.bytes > 300_000_000 + before / 2
