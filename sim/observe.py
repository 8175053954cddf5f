"""What an eye or a rig sees of a unit's hidden health: pure, with bias and noise, for two backends.

`m` is the namespace of `sim.wear`. Noise arrives as standard normal numbers; graders and rigs add their own bias. The
means are shared by the world, which draws around them, and by the verifier's forward model.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from sim.wear import Damage

CLASSES = 5
"""Visual findings are classes 0 (none) to 4 (severe)."""


class Visual(NamedTuple):
    """What a grader notes: classes 0 to 4 for pitting, debris in the oil and lining wear; whether a crack was seen."""

    pitting: Any
    debris: Any
    lining: Any
    crack_seen: Any


class Bench(NamedTuple):
    """What a rig measures: backlash in mm, noise in dB, shift time in ms."""

    backlash_mm: Any
    noise_db: Any
    shift_ms: Any


class Passport(NamedTuple):
    """What travels with a core: distance in 1000 km, age in years, torque ratio and shifts per km as logged."""

    distance: Any
    age_years: Any
    torque_ratio: Any
    shifts_per_km: Any


def visual_means(m: Any, damage: Damage) -> tuple[Any, Any, Any]:
    """Return the means, in classes, of what a grader without bias sees of pitting, debris and lining."""
    return tuple(2.6 + 1.1 * m.log(spent + 0.02) for spent in damage)


def bench_means(m: Any, damage: Damage) -> tuple[Any, Any, Any]:
    """Return the means of backlash (mm), noise (dB) and shift time (ms) on a rig without offset."""

    def saturating(x: Any) -> Any:
        return 1.0 - m.exp(-x)

    return (
        0.08 + 0.14 * saturating(damage.gear),
        66.0 + 7.0 * saturating(1.5 * damage.bearing) + 3.0 * saturating(damage.gear),
        420.0 + 180.0 * saturating(damage.clutch),
    )


BENCH_NOISE = (0.012, 2.0, 30.0)
"""Standard deviation of each bench reading, in its unit."""

VISUAL_NOISE = 0.9
"""Standard deviation of a visual finding in classes, for a grader of ordinary care."""


def to_class(value: float) -> int:
    """Return the class 0 to 4 that a grader writes down for a perceived value."""
    return min(CLASSES - 1, max(0, round(value)))
