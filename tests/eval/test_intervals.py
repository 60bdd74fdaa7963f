from __future__ import annotations

import numpy as np
import pytest

from eval.intervals import kappa, mcnemar_p, median_ratio, percentile, recovery, wilson


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [
        # R. G. Newcombe, Statistics in Medicine 17 (1998), table I, method 3.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_against_published_values(successes: int, n: int, low: float, high: float) -> None:
    interval = wilson(successes, n)
    assert interval.value == successes / n
    assert (interval.ci_low, interval.ci_high) == pytest.approx((low, high), abs=5e-5)


def test_wilson_of_nothing_is_unknown() -> None:
    assert wilson(0, 0).value is None
    with pytest.raises(ValueError, match="5 successes of 3"):
        wilson(5, 3)


@pytest.mark.parametrize(
    ("lost", "gained", "p"),
    [(0, 0, 1.0), (1, 9, 22 / 1024), (5, 5, 1.0), (0, 6, 2 / 64), (9, 1, 22 / 1024)],
)
def test_mcnemar_is_the_exact_sign_test(lost: int, gained: int, p: float) -> None:
    assert mcnemar_p(lost, gained) == pytest.approx(p)


def test_recovery_is_paired_and_repeatable() -> None:
    rng = np.random.default_rng(1)
    full = rng.random(200) < 0.6
    worse = full & (rng.random(200) < 0.9)
    interval = recovery(list(worse), list(full))
    assert interval == recovery(list(worse), list(full))
    assert interval.value == worse.sum() / full.sum()
    assert interval.ci_low is not None and interval.ci_high is not None
    assert interval.ci_low < interval.value < interval.ci_high < 1.0
    # Unpaired, the same two accuracies would leave "no loss" possible.
    assert interval.ci_high - interval.ci_low < 0.12


def test_recovery_covers_the_truth_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(5)
    inside = 0
    for _ in range(100):
        full = rng.random(150) < 0.6
        quantized = np.where(rng.random(150) < 0.9, full, ~full)
        truth = (0.6 * 0.9 + 0.4 * 0.1) / 0.6
        interval = recovery(list(quantized), list(full), n_resamples=500)
        assert interval.ci_low is not None and interval.ci_high is not None
        inside += interval.ci_low <= truth <= interval.ci_high
    assert 87 <= inside <= 100


def test_groups_are_drawn_whole() -> None:
    """Questions that agree within their filing tell no more than the filings do."""
    rng = np.random.default_rng(7)
    full, kept = rng.random(40) < 0.6, rng.random(40) < 0.8
    names = [f"filing {n:02d}" for n in range(40) for _ in range(10)]
    ours, theirs = (list(np.repeat(each, 10)) for each in (full & kept, full))
    alone = recovery(list(full & kept), list(full))
    assert recovery(ours, theirs, groups=names) == alone
    mixed = rng.permutation(len(names))  # in whatever order they come
    shuffled = recovery(
        *([each[n] for n in mixed] for each in (ours, theirs)), groups=[names[n] for n in mixed]
    )
    assert shuffled.value == alone.value
    loose, whole = recovery(ours, theirs), recovery(ours, theirs, groups=names)
    assert None not in (loose.ci_low, loose.ci_high, whole.ci_low, whole.ci_high)
    assert whole.ci_high - whole.ci_low > 2 * (loose.ci_high - loose.ci_low)  # type: ignore[operator]


def test_recovery_of_a_model_that_knows_nothing_is_unknown() -> None:
    assert recovery([True, False], [False, False]).value is None
    with pytest.raises(ValueError, match="same questions"):
        recovery([True], [True, False])


def test_median_ratio() -> None:
    interval = median_ratio([4.0, 6.0, 9.0], [2.0, 2.0, 3.0])
    assert (interval.value, interval.ci_low, interval.ci_high) == (3.0, 2.0, 3.0)
    assert median_ratio([], []).value is None


def test_percentile() -> None:
    assert percentile([1.0, 2.0, 3.0, 4.0], 50) == 2.5
    assert percentile([], 50) is None


def test_kappa() -> None:
    # 2x2 example: 20 yes/yes, 15 no/no, 5 and 10 disagreements -> (0.7 - 0.5) / 0.5.
    pairs = [("y", "y")] * 20 + [("y", "n")] * 5 + [("n", "y")] * 10 + [("n", "n")] * 15
    assert kappa(pairs) == pytest.approx(0.4)
    assert kappa([]) is None
    assert kappa([("y", "y")]) is None
