"""The record of a core: what a learner and the judge are given of it."""

from __future__ import annotations

from typing import Any

FEATURES = ("distance", "age_years", "torque_ratio", "shifts_per_km", "pitting", "debris", "lining", "crack_seen")
"""The columns: 1000 km and years in service; two ratios as the fleet logged them; three classes 0 to 4; 0 or 1."""

PASSPORT = 4
"""The first so many features travelled with the core; a grader saw the others."""

SMALLEST = 1e-3
"""A distance, an age or a damage below this is read as this: its logarithm stays finite."""

LOG_SD_RANGE = (-4.0, 2.0)
"""Bounds of the logarithm of a standard deviation of the learned inverse."""


def readable(m: Any, features: Any) -> Any:
    """Return records (n, 8) as the networks read them: the passport as logarithms. `m` is `numpy` or `jax.numpy`."""
    return m.concatenate([m.log(m.maximum(features[:, :PASSPORT], SMALLEST)), features[:, PASSPORT:]], axis=1)
