"""What a scenario says about its product, its parties and what they agree on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Literal, TypeAlias

from annotated_types import Ge, Gt, Le

from sim.config import Block, Calendar
from sim.laws import Law, Lognormal, Weibull
from sim.ranges import MOST, Money, NonNegative, Positive, Probability, Several, Units
from sim.section import Section, Shaped, Tagged
from sim.wear import WearParameters

# --- product ---


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
    recycled_feedstock: Probability = 0.25
    """Recycled share of the material of a new unit."""
    reused_share: Probability = 0.6
    """Share of the mass of a remanufactured unit that comes from its core."""
    recycling_efficiency: Annotated[float, Gt(0), Le(1)] = 0.9
    """Yield of recycling, at the end and for the feedstock."""


# --- parties ---


def _calendar_shape(value: object) -> str:
    return "word" if isinstance(value, str) else "hours"


@dataclass(frozen=True, kw_only=True)
class Party(Section):
    """What all parties have."""

    calendar: Annotated[Calendar | Literal["always"], Shaped(("hours", "word"), _calendar_shape)] = field(
        default_factory=lambda: Calendar(hours=[[8.0, 16.0]])
    )
    """Working hours of the party's stations, or `always`."""
    label: str | None = None
    """Name for display."""
    blocks: dict[str, Block] = field(default_factory=dict)
    """Blocks that replace or add to those of the role; names are local to the party."""


@dataclass(frozen=True, kw_only=True)
class Oem(Party):
    """Makes new units on order of a serviceable stock."""

    role: Literal["oem"] = "oem"
    price_new: Money = 1500.0
    """What the OEM gets for a new unit, EUR."""
    cost_new: Money = 1250.0
    """What making it costs, EUR."""
    lead_time_days: Law = field(default_factory=lambda: _lognormal(30.0, 0.3))
    """From order to delivery."""


@dataclass(frozen=True, kw_only=True)
class Fleet(Party):
    """Vehicles with one unit each, that fail and need a replacement from the serviceable stock."""

    role: Literal["fleet"] = "fleet"
    vehicles: Annotated[int, Ge(1), Le(MOST)]
    """Vehicles."""
    duty: str
    """A duty of the product."""
    initial_age: Literal["new", "mixed"] = "mixed"
    """Units at the start are new, or each is at a random share of its own first life."""


@dataclass(frozen=True, kw_only=True)
class Dismantler(Party):
    """Buys cores, grades them by eye and decides where each goes. A learning site."""

    role: Literal["dismantler"] = "dismantler"
    crews: Several = 4
    """Graders at work at the same time."""
    visual_hours: Law = field(default_factory=lambda: _lognormal(0.5, 0.5))
    """Time to receive and grade a core."""
    grader_bias: float = 0.0
    """Classes by which this party's graders see damage too low (negative) or too high."""
    grader_noise: Positive = 0.9
    """Spread of what they see, in classes."""
    core_price: Money = 150.0
    """What the fleet gets for a core, EUR."""
    cost_per_core: Money = 18.0
    """Receiving and grading, EUR."""


@dataclass(frozen=True, kw_only=True)
class Tester(Party):
    """Puts cores on a bench."""

    role: Literal["tester"] = "tester"
    benches: Several = 2
    """Benches."""
    bench_hours: Law = field(default_factory=lambda: _lognormal(0.7, 0.3))
    """Time on the bench."""
    rig_offset_mm: float = 0.0
    """Offset of the rig's backlash reading."""
    price: Money = 70.0
    """What a test costs the party that orders it, EUR."""
    cost_per_test: Money = 40.0
    """What it costs the tester, EUR."""


@dataclass(frozen=True, kw_only=True)
class Remanufacturer(Party):
    """Washes, tears down, rebuilds and tests cores; holds the serviceable stock."""

    role: Literal["remanufacturer"] = "remanufacturer"
    teardown_crews: Several = 3
    """Teardown places."""
    rebuild_crews: Several = 6
    """Rebuild places."""
    wash_hours: Law = field(default_factory=lambda: _lognormal(1.5, 0.1))
    """Time of a wash, for a batch of up to eight."""
    teardown_hours: Law = field(default_factory=lambda: _lognormal(2.0, 0.8))
    """Teardown and component inspection."""
    rebuild_hours: Law = field(default_factory=lambda: _lognormal(5.0, 0.4))
    """Machining and assembly."""
    end_of_line_hours: Law = field(default_factory=lambda: _lognormal(0.75, 0.2))
    """End-of-line test."""
    core_payment: Money = 250.0
    """What the dismantler gets for a core sent here, EUR."""
    price: Money = 1700.0
    """What a fleet or workshop pays for a serviceable unit, EUR."""
    value_reman: Money = 1450.0
    """Value of a good remanufactured unit in the margin of a core, EUR."""
    base_cost: Money = 520.0
    """Wash, labour, standard parts and test of one core, EUR."""
    scrapped_share: Probability = 0.35
    """Share of the base cost that is spent by the time a core is found to be scrap."""
    first_pass: Probability = 0.95
    """Probability that a rebuilt unit passes the end-of-line test at a try."""
    outcome_delay_days: Law = field(default_factory=lambda: _lognormal(14.0, 0.5))
    """From the end of teardown to the report of the outcome."""
    outcome_noise: Money = 40.0
    """Standard deviation of the reported margin around the real one, EUR."""


@dataclass(frozen=True, kw_only=True)
class Recycler(Party):
    """Takes what is not remanufactured, for its material."""

    role: Literal["recycler"] = "recycler"
    revenue_per_core: Money = 70.0
    """Sale of the material of a core, EUR."""
    core_payment: Money = 35.0
    """What the party that sends a core gets for it, EUR."""


PartyConfig: TypeAlias = Annotated[Oem | Fleet | Dismantler | Tester | Remanufacturer | Recycler, Tagged("role")]
"""A party, chosen by `role`."""


# --- what they agree on ---


@dataclass(frozen=True, kw_only=True)
class Returns(Section):
    """How cores come back."""

    probability: Probability = 0.9
    """Probability that a removed unit is returned as a core."""


@dataclass(frozen=True, kw_only=True)
class ServicePartDemand(Section):
    """Workshops that buy serviceable units."""

    interarrival_days: Law
    """Time between orders."""


@dataclass(frozen=True, kw_only=True)
class Serviceable(Section):
    """Rule of the serviceable stock."""

    rule: Literal["base_stock"] = "base_stock"
    """Keep at hand + on order - backorders at the level; remanufactured units come on top."""
    level: Units = 20
    """Level of the rule, units."""


@dataclass(frozen=True, kw_only=True)
class DispositionRule(Section):
    """The scenario's own rule: what a dismantler does with a core of each grade."""

    rule: Literal["by_grade"] = "by_grade"
    """By grade."""
    A: Literal["reman", "test", "recycle"] = "reman"
    """Grade A."""
    B: Literal["reman", "test", "recycle"] = "reman"
    """Grade B."""
    C: Literal["reman", "test", "recycle"] = "test"
    """Grade C."""
    D: Literal["reman", "test", "recycle"] = "recycle"
    """Grade D."""
    accept_above: Probability = 0.6
    """A verified prediction at or above this sends a core to remanufacturing, where a collaboration decides."""
    reject_below: Probability = 0.4
    """A verified prediction below this sends a core to recycling; between the two it is tested."""
    explore: Probability = 0.05
    """Share of cores that is sent to remanufacturing whatever the grade, so that outcomes stay representative."""

    def __post_init__(self) -> None:
        if self.reject_below > self.accept_above:
            raise ValueError(f"reject_below {self.reject_below} lies above accept_above {self.accept_above}")


@dataclass(frozen=True, kw_only=True)
class Policies(Section):
    """Rules by name."""

    serviceable: Serviceable = field(default_factory=Serviceable)
    """Serviceable stock."""
    disposition: DispositionRule = field(default_factory=DispositionRule)
    """Disposition of cores."""
    bench_limit: Positive = 0.93
    """A tester passes a core whose bench score (mean of readings over their limits) stays below this."""


@dataclass(frozen=True, kw_only=True)
class Costs(Section):
    """Costs that belong to no party's own list."""

    transport_per_unit: Money = 12.0
    """Transport of one unit over a lane, EUR; paid by the sender."""
    holding_per_day: Money = 0.35
    """Holding one serviceable unit for a day, EUR."""
    backorder_per_day: Money = 25.0
    """Penalty for a backordered unit a day, EUR."""


def _lognormal(mean: float, cv: float) -> Law:
    return Lognormal(mean=mean, cv=cv)


def _strength(shape: float) -> Law:
    return Weibull(shape=shape, scale=1.0)
