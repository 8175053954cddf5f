"""Split conformal prediction: thresholds whose false-alarm rate holds whatever the judge's model is worth.

The only assumption: an honest claim yet to come is exchangeable with the honest claims of the calibration, so a learner
must not have been trained on the records that calibrate its judge. Source: Vovk, Gammerman and Shafer 2005; the law of
the coverage given the calibration, Beta(k, n + 1 - k): Vovk 2012.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]


class CalibrationError(ValueError):
    """Too few honest claims for the false-alarm rate that is asked for."""


@dataclass(frozen=True)
class Calibration:
    """Scores of honest claims in rising order, and the threshold that follows. Large scores are suspicious."""

    scores: Floats
    false_alarm_rate: float
    rank: int
    """The threshold is the score of this rank, counted from 1."""

    @property
    def threshold(self) -> float:
        """A claim with a score above this is refused."""
        return float(self.scores[self.rank - 1])

    @property
    def size(self) -> int:
        """Number of honest claims."""
        return len(self.scores)

    def p_values(self, scores: Floats) -> Floats:
        """Return for each score the share of honest claims, itself included, that are as suspicious or more."""
        below = np.searchsorted(self.scores, scores, side="left").astype(np.float64)
        return (1.0 + self.size - below) / (1.0 + self.size)

    def false_alarm_range(self, confidence: float = 0.9) -> tuple[float, float]:
        """Return the central range of the false-alarm rate that such a calibration may really have."""
        from scipy.stats import beta

        tail = 0.5 * (1.0 - confidence)
        low, high = beta.ppf([tail, 1.0 - tail], self.size + 1 - self.rank, self.rank)
        return float(low), float(high)


def calibrate(scores: Floats, false_alarm_rate: float) -> Calibration:
    """Return the calibration by n honest scores at rank ceil((n + 1)(1 - rate)).

    Raises ValueError when a score is not a number, and as `rank_of` does.
    """
    if scores.ndim != 1 or np.isnan(scores).any():
        raise ValueError("honest scores must be one row of numbers")
    return Calibration(np.sort(scores), false_alarm_rate, rank_of(len(scores), false_alarm_rate))


def rank_of(size: int, false_alarm_rate: float) -> int:
    """Return the rank of the threshold among `size` honest scores.

    Raises ValueError when the rate lies outside (0, 1), CalibrationError when there is no such rank: below
    `needed(false_alarm_rate)` scores.
    """
    if not 0.0 < false_alarm_rate < 1.0:
        raise ValueError(f"the false-alarm rate must lie between 0 and 1, got {false_alarm_rate}")
    if size < needed(false_alarm_rate):
        raise CalibrationError(
            f"a false-alarm rate of {false_alarm_rate:g} needs at least {needed(false_alarm_rate)} honest claims, "
            f"got {size}"
        )
    return math.ceil((size + 1) * (1 - _written(false_alarm_rate)))


def needed(false_alarm_rate: float) -> int:
    """Return the smallest number of honest claims that allows this false-alarm rate."""
    return math.ceil(1 / _written(false_alarm_rate)) - 1


def _written(rate: float) -> Fraction:
    # the decimal number that was written: 0.29 * 100 is below 29 in floats, and a rank would be lost
    return Fraction(repr(float(rate)))
