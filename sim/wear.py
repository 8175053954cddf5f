"""Failure physics of a transmission, written once for two backends.

Every function takes a namespace `m` (`sim.backends`): plain floats in the world, `jax.numpy` in the forward model.
Gears, bearings and the clutch wear in proportion to distance, seals to time; a unit fails when its first damage reaches
its drawn strength, and the Weibull life is what the fleet then looks like.
Heat and oil (`sim.lubrication`) act on all four.

Sources: gear pitting after ISO 6336-2 with Palmgren-Miner summation (slope ln 500 / ln 1.6 = 13.22); bearing life after
ISO 281, L10 = a_ISO (C/P)^p 10^6 revolutions; clutch wear after Archard, h = w E / A; seals age after Arrhenius.
Reference loads are design values.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sim.lubrication import ZERO_CELSIUS, Oil, arrhenius, film_of, mean_oxidation, oil_temperature, oxidation_rate
from sim.units import DAYS_PER_YEAR
from sim.usage import Usage

MECHANISMS = ("gear", "bearing", "clutch", "seal")
"""What can end a life, each in its own part."""

PARTS = ("gearset", "bearings", "clutch", "seals")
"""The part in which each of `MECHANISMS` works."""


class Build(NamedTuple):
    """How a unit was made. Floats, or arrays of one shape.

    hardness_hrc: case hardness of the gears. misalignment_um: of the gear mesh. bearing_kn: dynamic load rating C.
    lining_mm: clutch lining. wear_rate: specific clutch wear in mm3/MJ. oil_base: how fast the oil oxidises, 1 usual.
    """

    hardness_hrc: Any
    misalignment_um: Any
    bearing_kn: Any
    lining_mm: Any
    wear_rate: Any
    oil_base: Any


class Damage(NamedTuple):
    """Damage per mechanism, 0 new, 1 at the nominal limit; or its growth per unit of distance or time."""

    gear: Any
    bearing: Any
    clutch: Any
    seal: Any


@dataclass(frozen=True)
class WearParameters:
    """Constants of the wear laws.

    Gear: slope and reference cycles of the S-N curve, contact stress in MPa at design torque, endurance stress in MPa
    at 60 HRC, damaging cycles per km. Bearing: exponent, load in kN at design torque, revolutions per km. Clutch: slip
    energy in J per shift at design torque, how much of it one K above `slip_warm_c` adds, lining area in mm2, usable
    share of the lining. Seal: life in years at `seal_reference_c`, activation energy of its time scale in J/mol.
    `spectrum` are pairs of (factor on the torque, share of the distance).
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
    slip_warm_c: float = 70.0
    slip_per_kelvin: float = 0.01
    lining_area_mm2: float = 6.0e4
    usable_lining: float = 0.55
    seal_years: float = 14.0
    seal_activation_j: float = 37.5e3
    seal_reference_c: float = 90.0
    oil: Oil = field(default_factory=Oil)
    spectrum: tuple[tuple[float, float], ...] = ((0.7, 0.3), (1.0, 0.6), (1.3, 0.1))

    gear_at_design: float = field(init=False)
    bearing_at_rating: float = field(init=False)
    clutch_at_design: float = field(init=False)

    def __post_init__(self) -> None:
        """Work out once what every life asks for, per 1000 km.

        gear_at_design: damage at design torque, 60 HRC, no misalignment and fresh oil. bearing_at_rating: damage under
        a load of the rating. clutch_at_design: wear in mm per mm3/MJ, at design torque and one shift per km.
        """
        stresses = tuple(self.stress_mpa * math.sqrt(factor) for factor, _ in self.spectrum)
        cycles = tuple(1000.0 * self.cycles_per_km * share for _, share in self.spectrum)
        gear = miner(stresses, cycles, self.endurance_mpa, self.reference_cycles, self.slope)
        object.__setattr__(self, "gear_at_design", gear)
        object.__setattr__(self, "bearing_at_rating", 1000.0 * self.revolutions_per_km / 1.0e6)
        object.__setattr__(self, "clutch_at_design", 1.0e-3 * self.slip_energy_j / self.lining_area_mm2)


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


def oxidation(m: Any, build: Build, usage: Usage, wear: WearParameters) -> Any:
    """Return the mean oxidation of the oil between two changes, 0 fresh to 1."""
    kelvin = oil_temperature(usage, wear.oil) + ZERO_CELSIUS
    return mean_oxidation(m, oxidation_rate(m, build.oil_base, kelvin, wear.oil), usage.oil_interval)


def damage_rate(m: Any, build: Build, usage: Usage, wear: WearParameters) -> Damage:
    """Return the growth of each damage: per 1000 km of gear, bearing and clutch, per year of the seal.

    Stress rises with the root of the load, so the slope's half is the gear's exponent of torque and of the spread of
    load over the face. Film thickness enters the endurance stress with 0.12, a_ISO of the bearing with 1.5, and the
    lining's wear with -1; slip lasts longer when the oil is warm.
    """
    oil_c = oil_temperature(usage, wear.oil)
    kelvin = oil_c + ZERO_CELSIUS
    rate = oxidation_rate(m, build.oil_base, kelvin, wear.oil)
    film = film_of(m, mean_oxidation(m, rate, usage.oil_interval), wear.oil)
    torque, misalignment = usage.torque_ratio, build.misalignment_um
    endurance = (1.0 + 0.02 * (build.hardness_hrc - 60.0)) * film**0.12
    stress = m.sqrt(torque * (1.0 + 0.012 * misalignment))
    load = wear.load_kn * torque * (1.0 + 0.005 * misalignment)
    slip = torque**1.5 * (1.0 + wear.slip_per_kelvin * m.maximum(oil_c - wear.slip_warm_c, 0.0))
    lining = wear.clutch_at_design * build.wear_rate * usage.shifts_per_km * slip / film
    return Damage(
        gear=wear.gear_at_design * (stress / endurance) ** wear.slope,
        bearing=wear.bearing_at_rating * (load / build.bearing_kn) ** wear.exponent / film**1.5,
        clutch=lining / (build.lining_mm * wear.usable_lining),
        seal=arrhenius(m, kelvin, wear.seal_activation_j, wear.seal_reference_c) / wear.seal_years,
    )


def per_day(rate: Damage, distance_per_day: Any) -> Damage:
    """Return the growth of each damage per day of driving `distance_per_day` 1000 km."""
    gear, bearing, clutch, seal = rate
    return Damage(gear * distance_per_day, bearing * distance_per_day, clutch * distance_per_day, seal / DAYS_PER_YEAR)


def days_to_failure(damage: Sequence[float], daily: Sequence[float], strength: Sequence[float]) -> tuple[float, int]:
    """Return the days until the first damage reaches its strength, and the number of the mechanism that does."""
    first, which = math.inf, 0
    for number, (spent, growth, limit) in enumerate(zip(damage, daily, strength, strict=True)):
        left = (limit - spent) / growth
        if left < first:
            first, which = left, number
    return max(0.0, first), which


def crack_probability(m: Any, usual: float, per_gear_damage: float, gear: Any) -> Any:
    """Return the probability of a hidden crack in the case at a gear damage: usual + rise min(damage, 1)^2."""
    return usual + per_gear_damage * m.minimum(gear, 1.0) ** 2
