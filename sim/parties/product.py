"""What a scenario says about its product: how it wears, how it is used, what it is made of."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Literal

from annotated_types import Gt, Le

from sim.laws import Law, Weibull
from sim.parties.footprint import Footprint
from sim.ranges import Money, NonNegative, Positive, Probability
from sim.section import Section
from sim.wear import WearParameters


@dataclass(frozen=True, kw_only=True)
class Miner(Section):
    """Gear pitting: S-N line of ISO 6336-2, damage summed over the load spectrum."""

    law: Literal["miner"] = "miner"
    slope: Annotated[float, Gt(0), Le(50)] = 13.22
    """Slope of the S-N line."""
    reference_cycles: Positive = 5.0e7
    """Cycles at the endurance stress."""
    stress_mpa: Positive = 1200.0
    """Contact stress at design torque."""
    endurance_mpa: Positive = 1500.0
    """Endurance stress at 60 HRC."""
    cycles_per_km: Positive = 475.0
    """Damaging load cycles per km."""
    strength: Law = field(default_factory=lambda: _strength(4.0))
    """Damage at which a gear fails."""
    replace_above: Positive = 0.5
    """Damage above which a remanufacturer replaces the part."""
    replace_cost: Money = 600.0
    """Cost of replacing it, EUR."""


@dataclass(frozen=True, kw_only=True)
class BearingLife(Section):
    """Bearing fatigue: ISO 281."""

    law: Literal["bearing_life"] = "bearing_life"
    exponent: Positive = 10.0 / 3.0
    """Exponent of load rating over load."""
    load_kn: Positive = 4.7
    """Load at design torque."""
    revolutions_per_km: Positive = 3200.0
    """Revolutions per km."""
    strength: Law = field(default_factory=lambda: _strength(2.5))
    """Damage at which a bearing fails."""
    replace_above: Positive = 0.6
    """Damage above which a remanufacturer replaces the part."""
    replace_cost: Money = 360.0
    """Cost of replacing it, EUR."""


@dataclass(frozen=True, kw_only=True)
class Archard(Section):
    """Clutch lining: wear in proportion to slip energy."""

    law: Literal["archard"] = "archard"
    slip_energy_j: Positive = 9000.0
    """Slip energy per shift at design torque."""
    lining_area_mm2: Positive = 6.0e4
    """Lining area."""
    usable_lining: Annotated[float, Gt(0), Le(1)] = 0.55
    """Usable share of the lining."""
    strength: Law = field(default_factory=lambda: _strength(4.0))
    """Damage at which a clutch fails."""
    replace_above: Positive = 0.6
    """Damage above which a remanufacturer replaces the part."""
    replace_cost: Money = 400.0
    """Cost of replacing it, EUR."""


@dataclass(frozen=True, kw_only=True)
class Wear(Section):
    """The wear mechanisms of the product."""

    gear: Miner = field(default_factory=Miner)
    """Gear pitting."""
    bearing: BearingLife = field(default_factory=BearingLife)
    """Bearing fatigue."""
    clutch: Archard = field(default_factory=Archard)
    """Clutch wear."""
    crack_probability: Probability = 0.02
    """Probability of a hidden crack in the case of a core."""
    crack_per_gear_damage: Probability = 0.10
    """Rise of that probability from no gear damage to damage 1, quadratic."""

    def parameters(self) -> WearParameters:
        """Return the constants of the wear laws."""
        gear, bearing, clutch = self.gear, self.bearing, self.clutch
        return WearParameters(
            slope=gear.slope,
            reference_cycles=gear.reference_cycles,
            stress_mpa=gear.stress_mpa,
            endurance_mpa=gear.endurance_mpa,
            cycles_per_km=gear.cycles_per_km,
            exponent=bearing.exponent,
            load_kn=bearing.load_kn,
            revolutions_per_km=bearing.revolutions_per_km,
            slip_energy_j=clutch.slip_energy_j,
            lining_area_mm2=clutch.lining_area_mm2,
            usable_lining=clutch.usable_lining,
        )


@dataclass(frozen=True, kw_only=True)
class Duty(Section):
    """How vehicles of a kind use the product."""

    distance_per_year: Positive
    """Mean distance, 1000 km a year."""
    torque_ratio: Annotated[float, Gt(0), Le(3)]
    """Mean torque over design torque."""
    shifts_per_km: Positive
    """Mean gear shifts per km."""
    ambient_c: float
    """Mean ambient temperature, degrees Celsius."""


DUTIES = {
    "motorway_hire": Duty(distance_per_year=38.0, torque_ratio=1.05, shifts_per_km=0.7, ambient_c=12.0),
    "taxi": Duty(distance_per_year=70.0, torque_ratio=0.95, shifts_per_km=2.6, ambient_c=15.0),
    "parcel_van": Duty(distance_per_year=32.0, torque_ratio=1.05, shifts_per_km=2.0, ambient_c=11.0),
    "tow": Duty(distance_per_year=22.0, torque_ratio=1.2, shifts_per_km=1.2, ambient_c=22.0),
}
"""Packaged duties: design values, without a source."""


@dataclass(frozen=True, kw_only=True)
class Product(Section):
    """The serialised product."""

    mass_kg: Positive
    """Mass of one unit."""
    wear: Wear = field(default_factory=Wear)
    """Wear mechanisms."""
    duties: dict[str, Duty] = field(default_factory=lambda: dict(DUTIES))
    """Duties that fleets can name, by name; what is written here takes the place of the four that are packaged."""
    co2e_new_kg: NonNegative = 432.5
    """CO2e of making a new unit, kg."""
    co2e_reman_kg: NonNegative = 284.5
    """CO2e of remanufacturing one, kg."""
    displacement: Probability = 1.0
    """Share of remanufactured units sold that stand in for a new one; the others are used beside it."""
    footprint: Footprint = field(default_factory=Footprint)
    """Factors by which masses, ways and energy become CO2e."""
    recycled_feedstock: Probability = 0.25
    """Recycled share of the material of a new unit."""
    reused_share: Probability = 0.6
    """Share of the mass of a remanufactured unit that comes from its core."""
    recycling_efficiency: Annotated[float, Gt(0), Le(1)] = 0.9
    """Yield of recycling, at the end and for the feedstock."""


def _strength(shape: float) -> Law:
    return Weibull(shape=shape, scale=1.0)
