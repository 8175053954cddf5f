"""What a scenario says about its parties."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Literal, TypeAlias

from annotated_types import Ge, Gt, Le, Lt

from sim.config import Block, Calendar
from sim.laws import Law, Lognormal
from sim.parties.design import BuildSpread
from sim.ranges import MOST, Money, NonNegative, Positive, Probability, Several
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


PartyConfig: TypeAlias = Annotated[
    Supplier | Oem | Fleet | Dismantler | Tester | Remanufacturer | Recycler, Tagged("role")
]
"""A party, chosen by `role`."""


def _lognormal(mean: float, cv: float) -> Law:
    return Lognormal(mean=mean, cv=cv)
