"""Why lives end, and how units age beyond one life per law: replacement by age, repair that leaves them as old."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from sim.laws import Exponential, Law, Weibull

REASONS: Final = ("failed", "degraded", "retired", "replaced", "recalled")
"""Why a life ends: an event of its own, right before the unit is removed.

failed: the first damage reached its strength. degraded: a service found wear. retired: the vehicle was given up.
replaced: preventively, by age. recalled: by order.
"""


def ages(law: Law | None, minimal: bool, replace_at_days: float | None, initial_age: str) -> None:
    """Raise ValueError for a way of ageing that a place cannot have. law: None where wear decides over lives."""
    if law is None and (minimal or replace_at_days is not None):
        raise ValueError("`repair` and `replace_at_days` are for lives of a law; with a duty, a fleet's maintenance")
    if minimal and not isinstance(law, Exponential | Weibull):
        raise ValueError("`repair: minimal` takes a life whose hazard is known: exponential or weibull")
    if minimal and replace_at_days is None and initial_age != "new":
        raise ValueError("with `repair: minimal` a life has no end to be at a share of: give replace_at_days")


@dataclass(frozen=True)
class Hazard:
    """The cumulative hazard of a Weibull life, (age / scale) ** shape; shape 1 is an exponential one."""

    shape: float
    scale: float

    def next_failure(self, age: float, uniform: float) -> float:
        """Return the age at the next failure of a unit that survived to `age`; at age 0 the law's own quantile."""
        spent = (age / self.scale) ** self.shape - math.log1p(-uniform)
        return float(self.scale * spent ** (1.0 / self.shape))


def hazard(law: Law, days: float) -> Hazard:
    """Return the hazard of an exponential or Weibull law whose unit of time lasts so many days."""
    shape = law.shape if isinstance(law, Weibull) else 1.0
    return Hazard(shape, law.expectation() * days / math.gamma(1.0 + 1.0 / shape))
