"""What a scenario says about its product: how it wears, how it is used, what it is made of."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Annotated, Literal

from annotated_types import Gt, Le

from sim.laws import Law, Weibull
from sim.parties.design import DUTIES, Backlash, BuildSpread, Duty, Lubrication, UseSpread
from sim.parties.footprint import Footprint
from sim.parties.materials import COMPONENTS, ProductPart, check_components
from sim.ranges import Money, NonNegative, Positive, Probability
from sim.section import Section
from sim.wear import PARTS, WearParameters
from sim.worth import Refitting


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
    rework_above: Positive = 0.3
    """Damage above which a remanufacturer reworks the part."""
    rework_cost: Money = 130.0
    """Cost of reworking it, EUR."""
    rework_leaves: Probability = 0.5
    """Share of the damage that rework leaves."""
    replace_above: Positive = 0.65
    """Damage above which a remanufacturer replaces the part."""
    replace_cost: Money = 480.0
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
    replace_cost: Money = 160.0
    """Cost of replacing it, EUR."""


@dataclass(frozen=True, kw_only=True)
class Archard(Section):
    """Clutch lining: wear in proportion to slip energy."""

    law: Literal["archard"] = "archard"
    slip_energy_j: Positive = 9000.0
    """Slip energy per shift at design torque."""
    slip_warm_c: float = 70.0
    """Temperature of the oil from which slip takes longer, degrees Celsius."""
    slip_per_kelvin: NonNegative = 0.01
    """Rise of the slip energy per K above that."""
    lining_area_mm2: Positive = 6.0e4
    """Lining area."""
    usable_lining: Annotated[float, Gt(0), Le(1)] = 0.55
    """Usable share of the lining."""
    strength: Law = field(default_factory=lambda: _strength(4.0))
    """Damage at which a clutch fails."""
    rework_above: Positive = 0.35
    """Damage above which a remanufacturer reworks the part."""
    rework_cost: Money = 80.0
    """Cost of reworking it, EUR."""
    rework_leaves: Probability = 0.6
    """Share of the damage that rework leaves."""
    replace_above: Positive = 0.6
    """Damage above which a remanufacturer replaces the part."""
    replace_cost: Money = 280.0
    """Cost of replacing it, EUR."""


@dataclass(frozen=True, kw_only=True)
class Ageing(Section):
    """Seals: they age with time and heat, whether the vehicle drives or not."""

    law: Literal["ageing"] = "ageing"
    years: Positive = 14.0
    """Life at the reference temperature."""
    activation_j: NonNegative = 37.5e3
    """Activation energy of the time scale, J/mol: 60 kJ/mol of the hazard over a shape of 1.6."""
    reference_c: float = 90.0
    """Reference temperature, degrees Celsius."""
    strength: Law = field(default_factory=lambda: _strength(1.6))
    """Damage at which a seal leaks."""
    replace_above: Positive = 0.35
    """Damage above which a remanufacturer replaces the part."""
    replace_cost: Money = 60.0
    """Cost of replacing it, EUR."""


@dataclass(frozen=True, kw_only=True)
class Wear(Section):
    """The wear mechanisms of the product, in the order of `sim.wear.MECHANISMS`, and what couples them."""

    gear: Miner = field(default_factory=Miner)
    """Gear pitting."""
    bearing: BearingLife = field(default_factory=BearingLife)
    """Bearing fatigue."""
    clutch: Archard = field(default_factory=Archard)
    """Clutch wear."""
    seal: Ageing = field(default_factory=Ageing)
    """Ageing of the seals."""
    oil: Lubrication = field(default_factory=Lubrication)
    """Heat and oil."""
    backlash: Backlash = field(default_factory=Backlash)
    """Backlash of the gear mesh."""
    crack_probability: Probability = 0.02
    """Probability of a hidden crack in the case of a core."""
    crack_per_gear_damage: Probability = 0.10
    """Rise of that probability from no gear damage to damage 1, quadratic."""

    def mechanisms(self) -> tuple[Miner, BearingLife, Archard, Ageing]:
        """Return the sections of the mechanisms in the order of `sim.wear.MECHANISMS`."""
        return self.gear, self.bearing, self.clutch, self.seal

    def parameters(self) -> WearParameters:
        """Return the constants of the wear laws."""
        gear, bearing, clutch, seal = self.mechanisms()
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
            slip_warm_c=clutch.slip_warm_c,
            slip_per_kelvin=clutch.slip_per_kelvin,
            lining_area_mm2=clutch.lining_area_mm2,
            usable_lining=clutch.usable_lining,
            seal_years=seal.years,
            seal_activation_j=seal.activation_j,
            seal_reference_c=seal.reference_c,
            oil=self.oil.parameters(),
        )

    def refitting(self) -> Refitting:
        """Return when a part is reworked or replaced, and what that costs; bearings and seals are never reworked."""
        return Refitting(
            rework_above=(self.gear.rework_above, math.inf, self.clutch.rework_above, math.inf),
            rework_cost=(self.gear.rework_cost, 0.0, self.clutch.rework_cost, 0.0),
            replace_above=tuple(one.replace_above for one in self.mechanisms()),
            replace_cost=tuple(one.replace_cost for one in self.mechanisms()),
        )

    def rework_leaves(self) -> tuple[float, ...]:
        """Return the share of each damage that rework leaves."""
        return self.gear.rework_leaves, 1.0, self.clutch.rework_leaves, 1.0


@dataclass(frozen=True, kw_only=True)
class Product(Section):
    """The serialised product."""

    mass_kg: Positive
    """Mass of one unit."""
    wear: Wear = field(default_factory=Wear)
    """Wear mechanisms."""
    components: dict[str, ProductPart] = field(default_factory=lambda: dict(COMPONENTS))
    """Parts with their mass and materials; what is written here takes the place of those that are packaged."""
    build: BuildSpread = field(default_factory=BuildSpread)
    """As-built values of units whose maker the scenario says nothing else about."""
    use: UseSpread = field(default_factory=UseSpread)
    """How vehicles of one duty differ."""
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
    recycling_efficiency: Annotated[float, Gt(0), Le(1)] = 0.9
    """Yield of the recycling that made the recycled feedstock."""

    def __post_init__(self) -> None:
        check_components(self.components, PARTS)


def _strength(shape: float) -> Law:
    return Weibull(shape=shape, scale=1.0)
