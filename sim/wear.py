"""Failure physics of a transmission, written once for two backends.

Every function takes a namespace `m` with exp, log, sqrt, minimum, maximum: plain floats in the world (`FLOATS`), or
`jax.numpy` in the forward model. Damage grows linearly with distance, and a unit fails when its first damage reaches
its drawn strength; the Weibull life is what the fleet then looks like.

Sources: gear pitting after ISO 6336-2 with Palmgren-Miner summation (slope ln 500 / ln 1.6 = 13.22); bearing life after
ISO 281, L10 = (C/P)^p 10^6 revolutions; clutch wear after Archard, h = w E / A. Reference loads are design values.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

MECHANISMS = ("gear", "bearing", "clutch")

PARTS = ("gearset", "bearings", "clutch")
"""Part that each mechanism wears, in the same order."""


class Namespace(Protocol):
    """What the physics needs of a numerical backend."""

    def exp(self, x: Any, /) -> Any: ...
    def log(self, x: Any, /) -> Any: ...
    def sqrt(self, x: Any, /) -> Any: ...
    def minimum(self, x: Any, y: Any, /) -> Any: ...
    def maximum(self, x: Any, y: Any, /) -> Any: ...


class Floats:
    """The namespace of plain floats."""

    exp = staticmethod(math.exp)
    log = staticmethod(math.log)
    sqrt = staticmethod(math.sqrt)
    minimum = staticmethod(min)
    maximum = staticmethod(max)


FLOATS = Floats()


class Build(NamedTuple):
    """How a unit was made. Floats, or arrays of one shape.

    hardness_hrc: case hardness of the gears. misalignment_um: of the gear mesh. bearing_kn: dynamic load rating C.
    lining_mm: clutch lining. wear_rate: specific clutch wear in mm3/MJ.
    """

    hardness_hrc: Any
    misalignment_um: Any
    bearing_kn: Any
    lining_mm: Any
    wear_rate: Any


class Usage(NamedTuple):
    """How a unit is used. Floats, or arrays of one shape.

    torque_ratio: mean torque over design torque. shifts_per_km. ambient_c: mean ambient temperature.
    """

    torque_ratio: Any
    shifts_per_km: Any
    ambient_c: Any


class Damage(NamedTuple):
    """Damage per mechanism, 0 new, 1 at the nominal limit; or damage per 1000 km."""

    gear: Any
    bearing: Any
    clutch: Any


@dataclass(frozen=True)
class WearParameters:
    """Constants of the three wear laws.

    Gear: slope and reference cycles of the S-N curve, contact stress in MPa at design torque, endurance stress in MPa
    at 60 HRC, damaging cycles per km. Bearing: exponent, load in kN at design torque, revolutions per km. Clutch: slip
    energy in J per shift at design torque, lining area in mm2, usable share of the lining. `spectrum` are pairs of
    (factor on the torque, share of the distance).
    """

    slope: float = 13.22
    reference_cycles: float = 5.0e7
    stress_mpa: float = 1200.0
    endurance_mpa: float = 1500.0
    cycles_per_km: float = 475.0
    exponent: float = 10.0 / 3.0
    load_kn: float = 4.7
    revolutions_per_km: float = 3200.0
    slip_energy_j: float = 9000.0
    lining_area_mm2: float = 6.0e4
    usable_lining: float = 0.55
    spectrum: tuple[tuple[float, float], ...] = ((0.7, 0.3), (1.0, 0.6), (1.3, 0.1))


def cycles_to_failure(stress: Any, reference_stress: Any, reference_cycles: float, slope: float) -> Any:
    """Return the cycles to failure at a stress amplitude; Basquin line N = N_ref (sigma_ref / sigma)^slope."""
    return reference_cycles * (reference_stress / stress) ** slope


def miner(
    stresses: tuple[Any, ...], cycles: tuple[Any, ...], reference_stress: Any, reference_cycles: float, slope: float
) -> Any:
    """Return the damage sum of n_i cycles at stress_i each (Palmgren 1924, Miner 1945): sum of n_i / N_i."""
    damage: Any = 0.0
    for stress, count in zip(stresses, cycles, strict=True):
        damage = damage + count / cycles_to_failure(stress, reference_stress, reference_cycles, slope)
    return damage


def oil_film(m: Any, usage: Usage) -> Any:
    """Return the relative film thickness of the lubricant, 1 when cold: hot oil is thin and ages.

    Oil temperature from mean ambient, losses at the torque ratio and slip; Arrhenius ageing with 95 kJ/mol.
    """
    oil_c = usage.ambient_c + 35.0 * usage.torque_ratio + 5.0 * usage.shifts_per_km
    ageing = m.exp(-95.0e3 / 8.314 * (1.0 / (oil_c + 273.15) - 1.0 / 363.15))
    return m.exp(-0.6 * (1.0 - m.exp(-ageing)))


def damage_rate(m: Any, build: Build, usage: Usage, wear: WearParameters) -> Damage:
    """Return the damage per 1000 km of each mechanism."""
    film = oil_film(m, usage)
    endurance = wear.endurance_mpa * (1.0 + 0.02 * (build.hardness_hrc - 60.0)) * film**0.12
    spread = 1.0 + 0.012 * build.misalignment_um
    stresses = tuple(wear.stress_mpa * m.sqrt(factor * usage.torque_ratio * spread) for factor, _ in wear.spectrum)
    cycles = tuple(1000.0 * wear.cycles_per_km * share for _, share in wear.spectrum)
    gear = miner(stresses, cycles, endurance, wear.reference_cycles, wear.slope)
    load = wear.load_kn * usage.torque_ratio * (1.0 + 0.005 * build.misalignment_um)
    bearing = 1000.0 * wear.revolutions_per_km / (1.0e6 * (build.bearing_kn / load) ** wear.exponent * film**1.5)
    energy_mj = 1.0e-6 * wear.slip_energy_j * usage.torque_ratio**1.5 * 1000.0 * usage.shifts_per_km
    clutch = build.wear_rate * energy_mj / (wear.lining_area_mm2 * film) / (build.lining_mm * wear.usable_lining)
    return Damage(gear, bearing, clutch)


def distance_to_failure(damage: Damage, rate: Damage, strength: Damage) -> tuple[float, str]:
    """Return the distance in 1000 km until the first damage reaches its strength, and the mechanism that does."""
    left = [
        (max(0.0, limit - spent) / growth, name)
        for name, spent, growth, limit in zip(MECHANISMS, damage, rate, strength, strict=True)
    ]
    return min(left)


BUILD_SPREAD: dict[str, tuple[float, float]] = {
    "hardness_hrc": (60.0, 0.9),
    "misalignment_um": (8.0, 4.0),
    "bearing_kn": (47.0, 2.5),
    "lining_mm": (0.8, 0.03),
    "wear_rate": (1.6, 0.25),
}
"""Mean and standard deviation of the as-built values. Misalignment is taken absolute; the wear rate is lognormal with
this median and this standard deviation of its logarithm."""

DUTY_SPREAD: dict[str, float] = {"distance": 0.2, "torque_ratio": 0.1, "shifts": 0.3, "ambient_c": 4.0}
"""How vehicles of one duty differ: standard deviation of log distance, torque ratio, log shifts, and Celsius."""
