"""Tolerance stack-up: how the dimensions of parts add up to a gap, and how capable a process is of keeping to it.

Pure, over the namespace of `sim.backends`. Linear stack-up: gap = nominal + sum of a_i x_i over deviations x_i.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sim.backends import Namespace


def gap(nominal: float, sensitivities: Sequence[float], deviations: Sequence[Any]) -> Any:
    """Return the gap that deviations from nominal dimensions leave."""
    total: Any = nominal
    for sensitivity, deviation in zip(sensitivities, deviations, strict=True):
        total = total + sensitivity * deviation
    return total


def spread(m: Namespace, sensitivities: Sequence[float], deviations: Sequence[Any]) -> Any:
    """Return the standard deviation of the gap from those of independent dimensions: root of the sum of squares."""
    total: Any = 0.0
    for sensitivity, deviation in zip(sensitivities, deviations, strict=True):
        total = total + (sensitivity * deviation) ** 2
    return m.sqrt(total)


def worst_case(sensitivities: Sequence[float], tolerances: Sequence[float]) -> float:
    """Return the largest distance of the gap from its nominal when every dimension keeps its tolerance +-t_i."""
    return sum(abs(sensitivity) * tolerance for sensitivity, tolerance in zip(sensitivities, tolerances, strict=True))


def capability(m: Namespace, mean: Any, sd: Any, lower: float, upper: float) -> Any:
    """Return Cpk of a process between two limits: min(upper - mean, mean - lower) / (3 sd). Montgomery 2012."""
    return m.minimum(upper - mean, mean - lower) / (3.0 * sd)
