"""How sure a measured number is: intervals for proportions, recoveries and speed ratios.

Each function names its method's source. Resampling is seeded, so a report can be made again.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass

RESAMPLES = 10_000
_SEED = 20_111
_Z95 = 1.959963984540054  # two-sided 95% of the normal distribution


@dataclass(frozen=True)
class Interval:
    """An estimate with its 95% interval; None where it cannot be estimated."""

    value: float | None
    ci_low: float | None
    ci_high: float | None

    def to_json(self) -> dict[str, float | None]:
        """{"value", "ci_low", "ci_high"}, rounded to six places."""
        return {
            name: None if number is None else round(number, 6)
            for name, number in asdict(self).items()
        }


UNKNOWN = Interval(None, None, None)


def wilson(successes: int, n: int) -> Interval:
    """Score interval of a proportion (E. B. Wilson, JASA 22, 1927): good for small n and near 0
    and 1, where the plain normal interval is not."""
    if n <= 0:
        return UNKNOWN
    if not 0 <= successes <= n:
        raise ValueError(f"{successes} successes of {n}")
    p, z2 = successes / n, _Z95**2
    middle = (p + z2 / (2 * n)) / (1 + z2 / n)
    half = _Z95 / (1 + z2 / n) * math.sqrt(p * (1 - p) / n + z2 / (4 * n * n))
    low = 0.0 if successes == 0 else middle - half
    high = 1.0 if successes == n else middle + half
    return Interval(p, max(0.0, low), min(1.0, high))


def recovery(
    quantized: Sequence[bool],
    full: Sequence[bool],
    n_resamples: int = RESAMPLES,
    groups: Sequence[str] | None = None,
) -> Interval:
    """accuracy(quantized) / accuracy(full) with a paired percentile bootstrap over the questions
    (Efron and Tibshirani, An Introduction to the Bootstrap, 1993, chapters 8 and 13): both models'
    grades of a question are drawn together, since they answered the same questions. With `groups`,
    a name for every question, whole groups are drawn, within which questions need not be
    independent (C. A. Field and A. H. Welsh, JRSS B 69, 2007). Resamples in which the full model
    has nothing right have no ratio and are left out.
    """
    import numpy as np

    if len(quantized) != len(full):
        raise ValueError("the two models must have answered the same questions")
    names = range(len(full)) if groups is None else groups
    _, group = np.unique(names, return_inverse=True)
    ours, theirs = np.bincount(group, quantized), np.bincount(group, full)
    if theirs.sum() == 0:
        return UNKNOWN
    n = len(ours)
    # A resample is how often each group is drawn: (n_resamples, n), small and fast to multiply.
    draws = np.random.default_rng(_SEED).multinomial(n, np.full(n, 1 / n), size=n_resamples)
    top, bottom = draws @ ours, draws @ theirs
    ratios = top[bottom > 0] / bottom[bottom > 0]
    low, high = np.quantile(ratios, [0.025, 0.975])
    return Interval(float(ours.sum() / theirs.sum()), float(low), float(high))


def mcnemar_p(lost: int, gained: int) -> float:
    """Exact two-sided McNemar test (Q. McNemar, Psychometrika 12, 1947): of the questions on which
    the two models differ, are losses and gains equally likely? 1.0 where they differ on none."""
    from scipy.stats import binomtest

    if lost + gained == 0:
        return 1.0
    return float(binomtest(lost, lost + gained, 0.5).pvalue)


def median_ratio(
    numerators: Sequence[float], denominators: Sequence[float], n_resamples: int = RESAMPLES
) -> Interval:
    """The median of paired ratios with a percentile bootstrap interval over the pairs (as for
    `recovery`). With few pairs it is coarse: of five it can only be as wide as their range."""
    import numpy as np

    if len(numerators) != len(denominators):
        raise ValueError("ratios need pairs")
    if not numerators or min(denominators) <= 0:
        return UNKNOWN
    ratios = np.asarray(numerators, dtype=float) / np.asarray(denominators, dtype=float)
    rng = np.random.default_rng(_SEED)
    medians = np.median(rng.choice(ratios, size=(n_resamples, len(ratios))), axis=1)
    low, high = np.quantile(medians, [0.025, 0.975])
    return Interval(float(np.median(ratios)), float(low), float(high))


def percentile(values: Sequence[float], percent: float) -> float | None:
    """Linear-interpolated percentile; None of nothing."""
    import numpy as np

    return float(np.percentile(values, percent)) if values else None


def kappa(pairs: Sequence[tuple[str, str]]) -> float | None:
    """Agreement of two raters beyond chance (J. Cohen, Educational and Psychological Measurement
    20, 1960); None where it is undefined: no pairs, or only one label used by both."""
    n = len(pairs)
    if n == 0:
        return None
    labels = {label for pair in pairs for label in pair}
    observed = sum(a == b for a, b in pairs) / n
    chance = sum(
        (sum(a == label for a, _ in pairs) / n) * (sum(b == label for _, b in pairs) / n)
        for label in labels
    )
    return None if chance >= 1 else (observed - chance) / (1 - chance)
