"""The record of a core: what a learner and the judge are given of it."""

from __future__ import annotations

from typing import Any

from sim.observe import Passport, Visual
from sim.wear import MECHANISMS

FEATURES = (*Passport._fields, *Visual._fields)
"""The columns: 1000 km and years in service; two ratios as logged; three classes 0 to 4; 0 or 1 twice."""

PASSPORT = len(Passport._fields)
"""The first so many features travelled with the core; a grader saw the others."""

NOTHING = len(MECHANISMS)
"""Number that stands for a life that ended before anything failed, after those of the mechanisms."""

ENDS = NOTHING + 1
"""Ways in which a life may end."""

SMALLEST = 1e-3
"""A distance, an age or a damage below this is read as this: its logarithm stays finite."""

LOG_SD_RANGE = (-4.0, 2.0)
"""Bounds of the logarithm of a standard deviation of the learned inverse."""


def readable(m: Any, features: Any) -> Any:
    """Return records (n, 9) as the networks read them: the passport as logarithms. `m` is `numpy` or `jax.numpy`."""
    return m.concatenate([m.log(m.maximum(features[:, :PASSPORT], SMALLEST)), features[:, PASSPORT:]], axis=1)
