"""What a set of replications says: t-intervals, warm-up by MSER-5, paired comparison.

Pure functions of plain numbers, called by results, what-ifs and reports. Means are exactly rounded sums (`math.fsum`),
so no result depends on the order in which replications ended. Nothing here may drop a value: an undefined KPI of one
replication makes the interval undefined, because a mean over the others would answer another question.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

BATCH = 5
FEWEST_BATCHES = 10


class Interval(NamedTuple):
    """A mean and its confidence bounds, in the unit of the values; `low` and `high` are nan for one value."""

    mean: float
    low: float
    high: float
    n: int

    @property
    def half_width(self) -> float:
        """Distance from the mean to either bound."""
        return (self.high - self.low) / 2


class Paired(NamedTuple):
    """Mean of `other - base` over pairs that share their luck, its bounds, and what sharing the luck gained."""

    difference: float
    low: float
    high: float
    n: int
    variance_reduction: float


def interval(values: Sequence[float], confidence: float = 0.95) -> Interval:
    """Student's t-interval of the mean of independent replications.

    Raises ValueError on no values and on a confidence outside (0, 1). A value that is not finite makes all three nan.
    """
    if not values:
        raise ValueError("an interval needs at least one value, got none")
    if not 0 < confidence < 1:
        raise ValueError(f"confidence must be between 0 and 1, got {confidence}")
    n = len(values)
    if not all(math.isfinite(value) for value in values):
        return Interval(math.nan, math.nan, math.nan, n)
    mean = math.fsum(values) / n
    if n == 1:
        return Interval(mean, math.nan, math.nan, n)
    half_width = _t_quantile(n - 1, (1 + confidence) / 2) * math.sqrt(_variance(values) / n)
    return Interval(mean, mean - half_width, mean + half_width, n)


def intervals(
    replications: Sequence[Mapping[str, float]], confidence: float = 0.95, names: Sequence[str] | None = None
) -> dict[str, Interval]:
    """The interval of each named quantity over replications; all names of the first one by default.

    Raises ValueError that names the quantity and the place of a replication that lacks it.
    """
    chosen = list(replications[0]) if names is None and replications else list(names or ())
    for place, replication in enumerate(replications):
        for name in chosen:
            if name not in replication:
                raise ValueError(f"replication {place} has no '{name}', which others have")
    return {name: interval([one[name] for one in replications], confidence) for name in chosen}


def paired(base: Sequence[float], other: Sequence[float], confidence: float = 0.95) -> Paired:
    """The difference `other - base`, replication by replication, with its t-interval.

    `variance_reduction` is (var(base) + var(other)) / var(other - base): how many times more independent replications
    would be needed for the same width. It is inf when the difference never varies though the values do, 1 when nothing
    varies, nan for one pair. Raises ValueError when the two have different lengths.
    """
    if len(base) != len(other):
        raise ValueError(f"pairs need equal numbers of replications, got {len(base)} and {len(other)}")
    differences = [after - before for before, after in zip(base, other, strict=True)]
    spread = interval(differences, confidence)
    return Paired(spread.mean, spread.low, spread.high, spread.n, _variance_reduction(base, other, differences))


def mser5(series: ArrayLike) -> int | None:
    """How many leading observations to drop as warm-up; None when the series is too short to tell.

    series: equally spaced observations, in order; average them over replications first when there are several.
    Batch means of 5; the truncation that minimises sum((z - mean)^2) / k^2 over the k kept batches, the last five
    candidates left out because a few equal batches can look steady by chance. None for fewer than 10 batches, and when
    the minimum lies in the second half: then the run is too short, not the warm-up long. Raises ValueError on a value
    that is not finite.
    Source: White, Cobb and Spratt (2000), "A comparison of five steady-state truncation heuristics for simulation".
    """
    import numpy as np

    observations = np.asarray(series, dtype=np.float64)
    if observations.ndim != 1 or not np.isfinite(observations).all():
        raise ValueError("MSER-5 needs a plain series of finite observations")
    batches = observations.size // BATCH
    if batches < FEWEST_BATCHES:
        return None
    means = observations[: batches * BATCH].reshape(batches, BATCH).mean(axis=1)
    # The running sums subtract nearly equal numbers; a steady level near zero keeps their digits.
    means -= means[batches // 2 :].mean()
    kept = np.arange(batches, 0, -1)
    sums = np.cumsum(means[::-1])[::-1]
    squares = np.cumsum(means[::-1] ** 2)[::-1]
    errors = (squares - sums**2 / kept) / kept**2
    dropped = int(np.argmin(errors[: batches - BATCH + 1]))
    return dropped * BATCH if dropped <= batches // 2 else None


def _variance(values: Sequence[float]) -> float:
    mean = math.fsum(values) / len(values)
    return math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1)


def _variance_reduction(base: Sequence[float], other: Sequence[float], differences: Sequence[float]) -> float:
    if len(base) < 2 or not all(map(math.isfinite, differences)):
        return math.nan
    independent, together = _variance(base) + _variance(other), _variance(differences)
    if together > 0:
        return independent / together
    return math.inf if independent > 0 else 1.0


def _t_quantile(degrees: int, probability: float) -> float:
    # scipy.special alone loads several times faster than scipy.stats.
    from scipy.special import stdtrit

    return float(stdtrit(degrees, probability))
