"""A fitted family as a whole: the share that ends at all, and how long the others last."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from looptwin.fitting.families import Family, Free
from looptwin.fitting.sample import Floats


@dataclass(frozen=True)
class Model:
    """A family at free parameters; `share` of the units ever end, the others last for ever."""

    family: Family
    free: Free
    share: float = 1.0

    def survival(self, ages: Floats) -> Floats:
        """Return the share of all units that outlives each age."""
        with np.errstate(divide="ignore", over="ignore"):
            return (1.0 - self.share) + self.share * np.exp(self.family.log_survival(self.free, ages))

    def time_of(self, left: Floats) -> Floats:
        """Return the age at which a share of all units is left; infinite where never so few are."""
        within = (left - (1.0 - self.share)) / self.share
        with np.errstate(divide="ignore"):
            times = self.family.time_of(self.free, np.clip(within, 1e-300, 1.0))
        return np.where(within > 0.0, times, np.inf)

    def time_beyond(self, ages: Floats, luck: Floats) -> Floats:
        """Return times of units that have reached an age, one for each uniform in (0, 1)."""
        return np.maximum(self.time_of(luck * self.survival(ages)), ages)
