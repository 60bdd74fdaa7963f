"""The score tests against brute force, against known figures, and at their level."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar

from eval.noninferiority import (
    Pairs,
    difference_interval,
    difference_z,
    p_value,
    pairs,
    questions_needed,
    recovery_interval,
    recovery_z,
    smallest_loss,
)

COUNTS = st.builds(Pairs, *[st.integers(0, 400)] * 4)


def test_counted_from_grades() -> None:
    quantized = [True, True, False, False, True]
    full = [True, False, True, False, True]
    assert pairs(quantized, full) == Pairs(both=2, lost=1, gained=1, neither=1)
    with pytest.raises(ValueError):
        pairs([True], [])


@given(COUNTS)
def test_without_a_loss_allowed_it_is_mcnemar(counts: Pairs) -> None:
    differ = counts.lost + counts.gained
    wanted = (counts.gained - counts.lost) / math.sqrt(differ) if differ else 0.0
    assert recovery_z(counts, 1.0) == pytest.approx(wanted, abs=1e-6)
    if counts.n:
        assert difference_z(counts, 0.0) == pytest.approx(wanted, abs=1e-6)


@pytest.mark.parametrize("ratio", [0.8, 0.9, 0.98, 1.1])
@pytest.mark.parametrize("cells", [(60, 5, 3, 32), (200, 20, 8, 10), (30, 1, 12, 5)])
def test_variance_is_the_likeliest_under_the_hypothesis(
    ratio: float, cells: tuple[int, int, int, int]
) -> None:
    counts = Pairs(*cells)
    some = counts.both + counts.lost + counts.gained

    def loss(share: float) -> float:
        both, gained = (1 - (1 + ratio) * share) / ratio, (share - (1 - ratio)) / ratio
        if min(both, gained, share) <= 0:
            return math.inf
        return -(
            counts.both * math.log(both)
            + counts.gained * math.log(gained)
            + counts.lost * math.log(share)
        )

    bounds = max(0.0, 1 - ratio), 1 / (1 + ratio)
    share = minimize_scalar(loss, bounds=bounds, method="bounded", options={"xatol": 1e-10}).x
    both, gained = (1 - (1 + ratio) * share) / ratio, (share - (1 - ratio)) / ratio
    # Variance of x - ratio * y of one question, where its mean is 0.
    variance = (both * (1 - ratio) ** 2 + gained + share * ratio**2) * some
    wanted = (counts.right - ratio * counts.full_right) / math.sqrt(variance)
    assert recovery_z(counts, ratio) == pytest.approx(wanted, rel=1e-4)


@pytest.mark.parametrize("cells", [(43, 0, 1, 0), (60, 5, 3, 32), (1, 9, 0, 4)])
def test_intervals_end_where_the_test_begins_to_reject(cells: tuple[int, int, int, int]) -> None:
    counts = Pairs(*cells)
    for interval, z in (
        (difference_interval(counts), difference_z),
        (recovery_interval(counts), recovery_z),
    ):
        assert interval.ci_low is not None
        assert interval.ci_high is not None
        assert z(counts, interval.ci_low) == pytest.approx(1.96, abs=0.001)
        assert z(counts, interval.ci_high) == pytest.approx(-1.96, abs=0.001)


@given(COUNTS, st.sampled_from([0.5, 0.9, 0.95, 0.99]))
def test_intervals_hold_their_estimate(counts: Pairs, confidence: float) -> None:
    for interval in (
        recovery_interval(counts, confidence),
        difference_interval(counts, confidence),
    ):
        if interval.value is None:
            assert not counts.full_right or not counts.n
            continue
        assert interval.ci_low is not None
        assert interval.ci_high is not None
        assert interval.ci_low <= interval.value + 1e-9
        assert interval.value <= interval.ci_high + 1e-9 or interval.ci_high > 99


@given(COUNTS)
def test_more_losses_never_look_better(counts: Pairs) -> None:
    worse = Pairs(counts.both, counts.lost + 1, counts.gained, counts.neither)
    ours, theirs = recovery_interval(counts), recovery_interval(worse)
    if ours.value is not None and theirs.value is not None:
        assert theirs.value <= ours.value + 1e-9


def test_models_that_never_differ_prove_it_only_with_many_questions() -> None:
    few, many = recovery_interval(Pairs(30, 0, 0, 10)), recovery_interval(Pairs(1500, 0, 0, 500))
    assert few.ci_low is not None
    assert many.ci_low is not None
    assert few.ci_low < 0.92
    assert many.ci_low > 0.99


def test_an_unacceptable_loss_passes_about_as_often_as_allowed() -> None:
    rng = random.Random(1)
    passed = 0
    for _ in range(1500):
        # Accuracy of the full model 0.6, of the other 0.57: a recovery of just 0.95.
        drawn = rng.choices(("both", "lost", "gained", "neither"), (0.54, 0.06, 0.03, 0.37), k=600)
        counts = Pairs(*(drawn.count(name) for name in ("both", "lost", "gained", "neither")))
        passed += p_value(recovery_z(counts, 0.95)) <= 0.05
    assert 0.03 <= passed / 1500 <= 0.07


def test_what_these_questions_could_have_shown() -> None:
    few, many = Pairs(50, 5, 5, 40), Pairs(1000, 100, 100, 800)
    loss, smaller = smallest_loss(few), smallest_loss(many)
    assert loss is not None
    assert smaller is not None
    assert 0.08 < loss < 0.12  # (1.96 + 0.84) * sqrt(0.109 / 100)
    assert 0.018 < smaller < 0.022
    needed = questions_needed(many, 0.98)
    assert needed is not None
    assert 4_500 < needed < 5_700  # (1.645 + 0.842)^2 * 0.1 / (0.02 * 0.55)^2
    assert smallest_loss(Pairs(0, 0, 0, 0)) is None
    assert questions_needed(Pairs(0, 0, 0, 5), 0.98) is None
