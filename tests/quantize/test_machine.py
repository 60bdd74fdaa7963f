"""What is said of a machine, and what is advised."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from quantize.machine import Machine, advise, inspect, report

MACHINE = Machine(
    cpu="some cpu",
    cores=4,
    features=("avx2",),
    memory=16_000_000_000,
    memory_free=12_000_000_000,
    disk_free=90_000_000_000,
    bandwidth=30e9,
    gpu=None,
    gpu_memory=0,
)
GPU = replace(MACHINE, gpu="some gpu", gpu_memory=24 << 30, gpu_bandwidth=900e9)


def test_this_machine_is_seen(tmp_path: Path) -> None:
    seen = inspect(tmp_path / "not" / "there" / "yet")
    assert seen.cores >= 1 and seen.memory > 1e9 and seen.disk_free > 0
    assert 0.2e9 < seen.bandwidth < 5e12
    assert seen.cpu in report(seen, advise(seen, 1_500_000_000), "a model")


@pytest.mark.parametrize(
    ("machine", "weights", "best"),
    [
        (MACHINE, 1_500_000_000, "int8"),
        (replace(MACHINE, memory=3_800_000_000), 1_500_000_000, "int4"),
        (MACHINE, 70_000_000_000, "a smaller model"),
        (GPU, 1_500_000_000, "full"),
        (GPU, 30_000_000_000, "bnb-nf4"),
        (GPU, 70_000_000_000, "a smaller model"),
    ],
)
def test_advice_follows_what_is_there(machine: Machine, weights: int, best: str) -> None:
    assert [a.scheme for a in advise(machine, weights) if a.best] == [best]


def test_a_gpu_is_told_with_its_memory_and_speed() -> None:
    said = report(GPU, advise(GPU, 1_500_000_000), "a model")
    assert "GPU        some gpu, 25.8 GB, reads at 900 GB/s" in said
    assert "-> full      3.0 GB on some gpu" in said
    assert "too small" in next(a.why for a in advise(GPU, 20_000_000_000) if a.scheme == "full")


def test_the_bound_is_bandwidth_over_the_bytes_that_a_token_reads() -> None:
    """README, Where the time goes: 940 and 1,546 MB of the default model."""
    (int4, int8) = advise(MACHINE, 1_540_000_000)
    assert "reading 0.9 GB a token bounds decoding to 32 tokens/s" in int4.why  # of 30 GB/s
    assert "reading 1.5 GB a token bounds decoding to 19 tokens/s" in int8.why


def test_sizes_are_those_of_the_default_model() -> None:
    """README: 1,174 and 1,780 MB, by 1.54 billion weights."""
    (int4, int8) = advise(MACHINE, 1_540_000_000)
    assert int4.why.startswith("1.2 GB") and int8.why.startswith("1.8 GB")


def test_int8_is_called_as_fast_where_8_bits_are_multiplied() -> None:
    assert "speed" not in advise(MACHINE, 1_500_000_000)[1].why
    vnni = replace(MACHINE, features=("avx2", "avx512_vnni"))
    assert "about int4's speed" in advise(vnni, 1_500_000_000)[1].why
    said = report(vnni, advise(vnni, 1_500_000_000), "a model")
    assert "\n           AMX: no\n" in said and "VNNI: no" not in said
    assert "VNNI: no" in report(MACHINE, [], "a model")
    assert ": no" not in report(replace(MACHINE, features=("asimd",)), [], "a model")
