"""PAIRED GRADES -> HOW LARGE A LOSS THEY RULE OUT: score tests and intervals for two models that
answered the same questions.

A difference that is not significant proves nothing: with few questions none ever is. What may
replace a full model has to be shown not to lose more than is allowed, which is a test of its own
(non-inferiority: the null hypothesis is the unacceptable loss). The variance is estimated under
that hypothesis, so the tests hold their level for small n and for models that never differ, where
a bootstrap has nothing to draw from.

Questions are taken to be independent, which those about one filing are not quite: what that changes
a run's report shows (`eval.run_summary.by_filing`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from eval.intervals import UNKNOWN, Interval

_POWER = 0.8


@dataclass(frozen=True)
class Pairs:
    """How many questions both models have right, only the full one ("lost"), only the quantized
    one ("gained"), and neither."""

    both: int
    lost: int
    gained: int
    neither: int

    @property
    def n(self) -> int:
        """All questions."""
        return self.both + self.lost + self.gained + self.neither

    @property
    def right(self) -> int:
        """The quantized model's right answers."""
        return self.both + self.gained

    @property
    def full_right(self) -> int:
        """The full model's."""
        return self.both + self.lost

    @property
    def differ(self) -> float:
        """Estimated share of questions on which the models differ, never quite none."""
        return (self.lost + self.gained + 1) / (self.n + 1)


def pairs(quantized: Sequence[bool], full: Sequence[bool]) -> Pairs:
    """Counted from both models' grades, question by question."""
    cells = [0, 0, 0, 0]
    for ours, theirs in zip(quantized, full, strict=True):
        cells[2 * (not theirs) + (not ours)] += 1
    both, lost, gained, neither = cells
    return Pairs(both, lost, gained, neither)


def recovery_z(counts: Pairs, ratio: float) -> float:
    """Score statistic of accuracy(quantized) = ratio * accuracy(full): large where the recovery is
    above `ratio`, standard normal where it is `ratio`.

    For matched pairs: J. Nam and W. C. Blackwelder, Statistics in Medicine 21, 2002; N.-S. Tang,
    M.-L. Tang and I. S. F. Chan, Statistics in Medicine 22, 2003. At ratio 1 it is McNemar's.
    """
    some = counts.both + counts.lost + counts.gained  # questions that either has right
    if some == 0:
        return 0.0
    a = (1 + ratio) * some
    b = counts.both * (1 - ratio**2) + counts.gained + counts.lost * (2 - ratio**2)
    c = counts.lost * (1 - ratio)
    # Share of "lost" among `some` that is likeliest where the hypothesis holds.
    share = (b + math.sqrt(max(b * b - 4 * a * c, 0.0))) / (2 * a)
    variance = some * ((1 + ratio) * share - (1 - ratio))
    return _standard(counts.right - ratio * counts.full_right, variance)


def difference_z(counts: Pairs, difference: float) -> float:
    """Score statistic of accuracy(quantized) - accuracy(full) = difference (T. Tango, Statistics in
    Medicine 17, 1998)."""
    n = counts.n
    a = 2 * n
    b = (2 * n - counts.gained + counts.lost) * difference - counts.gained - counts.lost
    c = -counts.lost * difference * (1 - difference)
    lost = (math.sqrt(max(b * b - 4 * a * c, 0.0)) - b) / (2 * a)
    variance = n * (2 * lost + difference * (1 - difference))
    return _standard(counts.gained - counts.lost - n * difference, variance)


def recovery_interval(counts: Pairs, confidence: float = 0.95) -> Interval:
    """accuracy(quantized) / accuracy(full), two-sided at `confidence`; unknown where the full model
    has nothing right. The upper end is at most 100: beyond, it is not known."""
    if counts.full_right == 0:
        return UNKNOWN
    low, high = _inverted(lambda ratio: recovery_z(counts, ratio), 0.0, 100.0, confidence)
    return Interval(counts.right / counts.full_right, low, high)


def difference_interval(counts: Pairs, confidence: float = 0.95) -> Interval:
    """accuracy(quantized) - accuracy(full), two-sided at `confidence`; unknown of nothing."""
    if counts.n == 0:
        return UNKNOWN
    low, high = _inverted(lambda each: difference_z(counts, each), -1.0, 1.0, confidence)
    return Interval((counts.gained - counts.lost) / counts.n, low, high)


def p_value(z: float) -> float:
    """One-sided: how likely a statistic this large is where the hypothesis just holds."""
    from scipy.stats import norm

    return float(norm.sf(z))


def smallest_loss(counts: Pairs) -> float | None:
    """The smallest true loss of accuracy that a McNemar test at 5% would show with a chance of 80%
    among this many questions, if the models differ as often as they did (R. J. Connor, Biometrics
    43, 1987). None where no loss would be."""
    if counts.n == 0:
        return None
    from scipy.stats import norm

    differ = counts.differ
    z_level, z_power = float(norm.ppf(0.975)), float(norm.ppf(_POWER))
    loss = 0.0
    for _ in range(100):
        spread = math.sqrt(max(differ - loss * loss, 0.0))
        loss = (z_level * math.sqrt(differ) + z_power * spread) / math.sqrt(counts.n)
    return loss if loss <= differ else None


def questions_needed(counts: Pairs, recovery: float, confidence: float = 0.95) -> int | None:
    """How many questions show, with a chance of 80%, that the recovery is above `recovery` if the
    models are equally right and differ as often as they did. None where that cannot be told."""
    if counts.n == 0 or counts.full_right == 0 or recovery >= 1:
        return None
    from scipy.stats import norm

    differ = counts.differ
    allowed = (1 - recovery) * counts.full_right / counts.n
    z = float(norm.ppf(confidence)) + float(norm.ppf(_POWER))
    return math.ceil(differ * (z / allowed) ** 2)


def _standard(distance: float, variance: float) -> float:
    if variance > 1e-12:
        return distance / math.sqrt(variance)
    return 0.0 if abs(distance) < 1e-9 else math.copysign(math.inf, distance)


def _inverted(
    z: Callable[[float], float], least: float, most: float, confidence: float
) -> tuple[float, float]:
    """The values that the test does not reject. `z` falls as its argument grows."""
    from scipy.stats import norm

    edge = float(norm.ppf(0.5 + confidence / 2))

    def crossing(level: float) -> float:
        low, high = least, most
        for _ in range(80):  # bisection: `z` may be flat or infinite at the ends
            middle = (low + high) / 2
            low, high = (middle, high) if z(middle) > level else (low, middle)
        return (low + high) / 2

    return crossing(edge), crossing(-edge)
