"""What a scenario says about its parties."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal, TypeAlias

from annotated_types import Ge, Gt, Le, Lt, MinLen

from sim.config import Block, Calendar
from sim.laws import Constant, Exponential, Law, Lognormal
from sim.parties.design import BuildSpread
from sim.parties.factory_plan import FactoryPlan
from sim.parties.machine_plan import MachiningPlan
from sim.parties.materials import RECOVERIES, Material, Recovery
from sim.ranges import MOST, Money, NonNegative, Positive, Probability, Several, Units
from sim.section import Section, Shaped, Tagged


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
    reports_every_days: NonNegative = 0.0
    """The party brings its books up to date every so many days: what it did, saw and was told comes into its view then;
    0: at once."""
    blocks: dict[str, Block] = field(default_factory=dict)
    """Blocks that replace or add to those of the role; names are local to the party."""


@dataclass(frozen=True, kw_only=True)
class Supplier(Party):
    """Makes the sets of parts that an OEM builds units from, lot by lot."""

    role: Literal["supplier"] = "supplier"
    share: Positive = 1.0
    """Share of the OEM's lots that come from here, relative to those of the other suppliers."""
    build: BuildSpread = field(default_factory=BuildSpread)
    """As-built values of its sets, in place of the product's."""
    price_per_set: Money = 420.0
    """What the OEM pays for the set of one unit, EUR."""
    cost_per_set: Money = 370.0
    """What making it costs, EUR."""
    gauge_noise: NonNegative = 0.2
    """Standard deviation of a measured as-built value around the true one, over the spread of the values."""


@dataclass(frozen=True, kw_only=True)
class Oem(Party):
    """Makes new units on order of a serviceable stock."""

    role: Literal["oem"] = "oem"
    price_new: Money = 1500.0
    """What the OEM gets for a new unit, EUR."""
    cost_new: Money = 1250.0
    """What making it costs beside the sets that suppliers deliver, EUR."""
    check_hours: Law = field(default_factory=lambda: _lognormal(0.5, 0.2))
    """Final test of a new unit."""
    gauge_noise: NonNegative = 0.2
    """Standard deviation of a measured value around the true one, over the spread of the values."""
    lead_time_days: Law = field(default_factory=lambda: _lognormal(30.0, 0.3))
    """From the final test to delivery."""


@dataclass(frozen=True, kw_only=True)
class Maintenance(Section):
    """What a fleet does about units in use: services at every oil change, and preventive replacement."""

    oil_interval: Positive | None = None
    """Distance between services as planned, 1000 km; default that of the duty."""
    cost: Money = 160.0
    """Cost of a service, EUR."""
    renew_above: Annotated[float, Gt(0), Lt(1)] = 0.85
    """Share of its strength that the wear of a part has reached when a service can find it."""
    finds: Probability = 0.0
    """Probability that a service finds such wear; the unit is then replaced at once."""
    replace_at_distance: Positive | None = None
    """Distance in a vehicle at which a unit is replaced before it fails, 1000 km; default never."""


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
    distance_unit: Literal["thousand_km", "km", "mile"] = "thousand_km"
    """Unit of distances in the fleet's own view; what travels with a core is in 1000 km."""
    maintenance: Maintenance = field(default_factory=Maintenance)
    """Services and preventive replacement."""
    vehicle_life_years: Positive | None = None
    """Mean life of a vehicle, given up at a constant rate whatever its age; a new one with a unit of its own takes its
    place. Default: vehicles are kept for ever."""


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
    hold_days: Law = field(default_factory=lambda: Constant(value=30.0))
    """How long a core is held in the yard before it is decided upon again."""
    harvest_crews: Several = 1
    """Places at which good parts are taken out of cores."""
    harvest_hours: Law = field(default_factory=lambda: _lognormal(1.5, 0.5))
    """Time to harvest the parts of a core."""
    cost_per_harvest: Money = 40.0
    """Harvesting the parts of a core, EUR."""
    resale_price: Money = 190.0
    """What a buyer outside of the chain pays for a core as it is, EUR."""


@dataclass(frozen=True, kw_only=True)
class Tester(Party):
    """Puts cores on a bench."""

    role: Literal["tester"] = "tester"
    benches: Several = 2
    """Benches."""
    bench_hours: Law = field(default_factory=lambda: _lognormal(0.7, 0.3))
    """Time on the bench."""
    bench_kwh: NonNegative = 3.0
    """Electricity of a test on the bench, kWh."""
    rig_offset_mm: float = 0.0
    """Offset of the rig's backlash reading."""
    price: Money = 70.0
    """What a test costs the party that orders it, EUR."""
    cost_per_test: Money = 40.0
    """What it costs the tester, EUR."""
    labs: Several = 1
    """Places for tests that destroy the core."""
    lab_hours: Law = field(default_factory=lambda: _lognormal(4.0, 0.3))
    """Time of a destructive test."""
    lab_price: Money = 190.0
    """What a destructive test costs the party that orders it, EUR."""
    cost_per_lab_test: Money = 130.0
    """What it costs the tester, EUR."""
    lab_kwh: NonNegative = 5.0
    """Electricity of a destructive test, kWh."""
    appraisal_noise: Money = 40.0
    """Standard deviation of the margin that a destructive test appraises, EUR."""


@dataclass(frozen=True, kw_only=True)
class Remanufacturer(Party):
    """Tears down, washes, inspects, machines, assembles and tests cores; holds the serviceable stock."""

    role: Literal["remanufacturer"] = "remanufacturer"
    teardown_crews: Several = 3
    """Teardown places."""
    inspection_crews: Several = 3
    """Places for the inspection of components."""
    machines: Several = 2
    """Machine tools."""
    rebuild_crews: Several = 6
    """Assembly places; there is an end-of-line rig for every four."""
    wash_hours: Law = field(default_factory=lambda: _lognormal(1.5, 0.1))
    """Time of a wash, for a batch of up to eight."""
    teardown_hours: Law = field(default_factory=lambda: _lognormal(2.0, 1.0))
    """Teardown of a core; also the time to harvest one that failed its last test."""
    inspection_hours: Law = field(default_factory=lambda: _lognormal(2.0, 0.5))
    """Inspection of its components."""
    machining_hours: Law = field(default_factory=lambda: _lognormal(1.5, 0.8))
    """Machining of the components that are reworked."""
    rebuild_hours: Law = field(default_factory=lambda: _lognormal(5.0, 0.3))
    """Assembly."""
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
    outcome_to: Literal["seller", "dismantlers", "nobody"] = "seller"
    """Who is told the outcome of a core beside the remanufacturer: who sold it, every dismantler, or nobody."""
    outcome_delay_days: Law = field(default_factory=lambda: _lognormal(14.0, 0.5))
    """From the last test of a core, or from finding it to be scrap, to the report of the outcome."""
    outcome_noise: Money = 40.0
    """Standard deviation of the reported margin around the real one, EUR."""
    harvested_share: Probability = 0.5
    """Price of a harvested part over the cost of a new one; its seller gets it when the part is built in."""
    parts_limit: Units = 12
    """Harvested parts of a kind that are kept; what comes beyond stays in its core."""
    machining: MachiningPlan = field(default_factory=MachiningPlan)
    """How components are machined."""
    teardown_kwh: NonNegative = 0.5
    """Electricity of a teardown, kWh."""
    wash_kwh: NonNegative = 6.0
    """Electricity of the wash, kWh a unit."""
    inspection_kwh: NonNegative = 0.5
    """Electricity of the inspection of a unit's components, kWh."""
    assembly_kwh: NonNegative = 1.0
    """Electricity of an assembly, kWh."""
    end_of_line_kwh: NonNegative = 4.0
    """Electricity of an end-of-line test, kWh."""


@dataclass(frozen=True, kw_only=True)
class Recycler(Party):
    """Takes what is not remanufactured, for its material."""

    role: Literal["recycler"] = "recycler"
    materials: dict[Material, Recovery] = field(default_factory=lambda: dict(RECOVERIES))
    """Yield and price of each material; what is written here takes the place of those that are packaged."""
    contamination: Law = field(default_factory=lambda: _lognormal(0.03, 0.5))
    """Share of a core's material that dirt spoils, at most a half."""
    oil_fee_per_kg: Money = 0.35
    """Treatment of a kg of waste oil, EUR."""
    core_payment: Money = 35.0
    """What the party that sends a core gets for it, EUR."""


@dataclass(frozen=True, kw_only=True)
class Factory(Party):
    """Makes parts on order by turning, outside of the loop; each part leaves a record of its energy.

    Its blocks: `orders`, the source of orders of one part each, with the mark `family`; `machining`, the machine tools;
    `delivered`. A part's time on a machine and its energy follow from the same job.
    """

    role: Literal["factory"] = "factory"
    machines: Several = 2
    """Machine tools."""
    order_hours: Law = field(default_factory=lambda: Exponential(mean=2.0))
    """Time between orders, by night and day."""
    orders: Several | None = None
    """Orders in all; default: they never end."""
    mix: Annotated[dict[str, Probability], MinLen(1)] = field(default_factory=lambda: {"shafts": 0.6, "rings": 0.4})
    """Families of parts that are ordered, with the share of each; they sum to 1."""
    machining: FactoryPlan = field(default_factory=FactoryPlan)
    """Machine tools, families of parts and materials."""
    price_per_part: Money = 48.0
    """What customers pay for a part, EUR."""
    cost_per_part: Money = 22.0
    """Blank, staff and tools of a part, EUR."""

    def __post_init__(self) -> None:
        unknown = sorted(set(self.mix) - set(self.machining.turnings))
        if unknown:
            raise ValueError(f"mix names {', '.join(unknown)}, which machining.turnings does not hold")
        if abs(sum(self.mix.values()) - 1.0) > 1e-9:
            raise ValueError(f"mix must sum to 1, these sum to {sum(self.mix.values()):.12g}")


PartyConfig: TypeAlias = Annotated[
    Supplier | Oem | Fleet | Dismantler | Tester | Remanufacturer | Recycler | Factory, Tagged("role")
]
"""A party, chosen by `role`."""


def has_loop(parties: Mapping[str, PartyConfig]) -> bool:
    """Tell whether parties handle a product that comes back: anybody but a factory does."""
    return any(not isinstance(party, Factory) for party in parties.values())


def _lognormal(mean: float, cv: float) -> Law:
    return Lognormal(mean=mean, cv=cv)
