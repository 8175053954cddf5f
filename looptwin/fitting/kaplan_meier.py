"""The survival curve without any law: Kaplan and Meier (1958), with units that entered late (left truncation)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from looptwin.fitting.likelihood import NORMAL_95
from looptwin.fitting.sample import Floats, Sample


@dataclass(frozen=True)
class Curve:
    """Steps of a survival curve: from each age on, the share that is left, with a pointwise 95 % band.

    The share is of the units that reach `since`, the lowest age at which any unit was watched.
    """

    ages: Floats
    share: Floats
    low: Floats
    high: Floats
    since: float

    def at(self, ages: Floats) -> Floats:
        """Return the share that is left at each age."""
        found: Floats = np.concatenate([[1.0], self.share])[np.searchsorted(self.ages, ages, side="right")]
        return found


def kaplan_meier(sample: Sample) -> Curve:
    """Return the survival curve of a sample.

    The band is Greenwood's variance on the scale log(-log S), which keeps it between 0 and 1 (Kalbfleisch and
    Prentice 2002, The Statistical Analysis of Failure Time Data, 1.4).
    """
    ages, deaths = np.unique(sample.times[sample.ended], return_counts=True)
    # at risk just before an age: entered below it, and not gone before it
    entered = np.searchsorted(np.sort(sample.entry), ages, side="left")
    left = np.searchsorted(np.sort(sample.times), ages, side="left")
    at_risk = entered - left
    share: Floats = np.cumprod(1.0 - deaths / at_risk).astype(float)
    with np.errstate(divide="ignore", invalid="ignore"):
        greenwood = np.cumsum(deaths / (at_risk * (at_risk - deaths)))
        logs = np.log(share)
        power = np.exp(NORMAL_95 * np.sqrt(greenwood) / np.abs(logs))
        low, high = share**power, share ** (1.0 / power)
    low, high = np.where(share > 0.0, low, 0.0), np.where(share > 0.0, high, share)
    return Curve(ages, share, low, high, float(sample.entry.min()))
