"""What an eye or a rig sees of a unit's hidden health: pure, with bias and noise, for two backends.

`m` is the namespace of `sim.backends`. Noise arrives as standard normal numbers; graders and rigs add their own bias.
The means are shared by the world, which draws around them, and by the verifier's forward model.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from sim.wear import Damage

CLASSES = 5
"""Visual findings in classes are 0 (none) to 4 (severe)."""

GRADED = ("pitting", "debris", "oil_colour")
"""The visual findings that come in classes; the other two are seen or not."""


class Visual(NamedTuple):
    """What a grader notes: classes 0 to 4 for pitting, debris and the oil's colour; whether it leaks or is cracked."""

    pitting: Any
    debris: Any
    oil_colour: Any
    leak: Any
    crack_seen: Any


class Bench(NamedTuple):
    """What a rig measures: backlash in mm, drag in N m, noise in dB, shift time in ms, leakage in ml an hour."""

    backlash_mm: Any
    drag_nm: Any
    noise_db: Any
    shift_ms: Any
    leakage_ml: Any


class Passport(NamedTuple):
    """What travels with a core: distance in 1000 km, age in years, torque ratio and shifts per km as logged."""

    distance: Any
    age_years: Any
    torque_ratio: Any
    shifts_per_km: Any


def visual_means(m: Any, damage: Damage, oxidation: Any) -> tuple[Any, Any, Any]:
    """Return the means, in classes, of what a grader without bias sees of pitting, debris and the oil's colour.

    Debris is what bearings and lining shed. The colour is what oil of this mean oxidation leaves behind.
    """
    shed = 0.5 * (damage.bearing + damage.clutch)
    return (
        2.6 + 1.6 * m.log(damage.gear + 0.02),
        2.6 + 1.6 * m.log(shed + 0.02),
        0.4 + 6.0 * oxidation,
    )


def leak_probability(m: Any, seal: Any) -> Any:
    """Return the probability that a grader notes a leak, at a damage of the seals."""
    return 0.02 + 0.93 * (1.0 - m.exp(-2.0 * seal**2))


def lab_means(m: Any, damage: Damage) -> Damage:
    """Return the wear that a laboratory finds when it has cut a core open: the damage itself."""
    return damage


def bench_means(m: Any, damage: Damage, as_built: Any, worn_mm: float) -> tuple[Any, Any, Any, Any, Any]:
    """Return the means of the fields of `Bench` on a rig without offset.

    as_built: backlash of the mesh when it was new, mm. worn_mm: what full pitting adds.
    """

    def saturating(x: Any) -> Any:
        return 1.0 - m.exp(-x)

    return (
        as_built + worn_mm * saturating(damage.gear),
        22.0 + 9.0 * saturating(damage.gear) + 5.0 * saturating(damage.bearing),
        66.0 + 7.0 * saturating(1.5 * damage.bearing) + 3.0 * saturating(damage.gear),
        420.0 + 180.0 * saturating(damage.clutch),
        6.0 + 10.0 * saturating(damage.seal),
    )


BENCH_NOISE = Bench(backlash_mm=0.012, drag_nm=2.5, noise_db=2.0, shift_ms=30.0, leakage_ml=1.5)
"""Standard deviation of each bench reading, in its unit."""

VISUAL_NOISE = 0.9
"""Standard deviation of a visual finding in classes, for a grader of ordinary care."""


def to_class(value: float) -> int:
    """Return the class 0 to 4 that a grader writes down for a perceived value."""
    return min(CLASSES - 1, max(0, round(value)))
