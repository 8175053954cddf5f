"""The blocks of a scenario: sources, populations, stations, stocks, lanes and sinks, and the routes between them.

These dataclasses are what `blocks:` in a scenario file may contain. A party's role expands to the same classes, so what
runs a truth case runs the transmission chain. Times are given in days or in hours; inside, all is days.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Annotated, Literal, TypeAlias

from annotated_types import Ge, Le, Len, MinLen

from sim.ageing import ages
from sim.laws import Law
from sim.ranges import MOST, Count, Money, NonNegative, Positive, Probability, Several, Units, arrivals, takes_time
from sim.routing import Case, Decision, Destination, Route, Split
from sim.section import Section, Shaped, Tagged, give_one
from sim.stocks import Stock

__all__ = [
    "Block",
    "Breakdowns",
    "Calendar",
    "Case",
    "Decision",
    "Destination",
    "Factor",
    "Lane",
    "Mark",
    "Population",
    "Priority",
    "Profile",
    "Route",
    "Season",
    "Sink",
    "Source",
    "Split",
    "Station",
    "Stock",
]


@dataclass(frozen=True, kw_only=True)
class Season(Section):
    """A rate that swings around its mean: factor 1 + amplitude sin(2 pi (day / period_days + phase))."""

    amplitude: Annotated[float, Ge(0), Le(1)]
    """Swing relative to the mean rate."""
    period_days: Positive
    """Length of one season."""
    phase: float = 0.0
    """Share of a period by which the swing is ahead at day 0."""


@dataclass(frozen=True, kw_only=True)
class Profile(Section):
    """A rate that changes in steps, and repeats when `repeat_days` is given."""

    from_days: Annotated[list[NonNegative], MinLen(1)]
    """Start of each step, rising from 0."""
    factor: Annotated[list[NonNegative], MinLen(1)]
    """Factor on the rate from then on, one per step."""
    repeat_days: Positive | None = None
    """Length after which the profile starts again; without it the last step lasts."""

    def __post_init__(self) -> None:
        starts = self.from_days
        if len(starts) != len(self.factor) or starts[0] != 0 or any(b <= a for a, b in pairwise(starts)):
            raise ValueError("needs as many factors as steps, and steps that start at 0 and rise")
        if self.repeat_days is not None and self.repeat_days <= starts[-1]:
            raise ValueError("repeat_days must lie after the start of the last step")
        if max(self.factor) <= 0 or (self.repeat_days is None and self.factor[-1] <= 0):
            raise ValueError("the rate would be zero for ever: the last factor must be positive")


@dataclass(frozen=True, kw_only=True)
class Mark(Section):
    """A property drawn once per unit at its source: a word or a number out of a list."""

    values: Annotated[list[str | float], MinLen(1)]
    """What it can be."""
    probabilities: list[Probability] | None = None
    """Probability of each, in order; they sum to 1. Default: equal."""

    def __post_init__(self) -> None:
        if self.probabilities is None:
            return
        if len(self.probabilities) != len(self.values):
            raise ValueError(f"needs {len(self.values)} probabilities, one per value, got {len(self.probabilities)}")
        if abs(sum(self.probabilities) - 1.0) > 1e-9:
            raise ValueError(f"probabilities must sum to 1, got {sum(self.probabilities):g}")


@dataclass(frozen=True, kw_only=True)
class Source(Section):
    """Makes units: at times of its own (with `interarrival_*`), or on order of a stock (without)."""

    kind: Literal["source"] = "source"
    to: Route
    """Where a new unit goes."""
    interarrival_days: Law | None = None
    """Time between arrivals; exponential makes a Poisson process, anything else a renewal process."""
    interarrival_hours: Law | None = None
    """The same in hours."""
    first_day: NonNegative | None = None
    """Day of the first arrival; default: one interarrival time after day 0."""
    batch: Law | None = None
    """Units per arrival, rounded to a whole number; default 1."""
    season: Season | None = None
    """A rate that swings with the season."""
    profile: Profile | None = None
    """A rate that changes in steps."""
    limit: Count | None = None
    """Stop after so many arrivals."""
    marks: dict[str, Mark] = field(default_factory=dict)
    """Properties drawn for each unit, for conditional routes and priorities."""
    label: str | None = None
    """Name for display."""

    def __post_init__(self) -> None:
        arrivals(self.interarrival_days, self.interarrival_hours, self.batch)
        if self.season is not None and self.profile is not None:
            raise ValueError("give season or profile, not both")


@dataclass(frozen=True, kw_only=True)
class Population(Section):
    """Places that each hold one unit in use until its life ends: a fleet, machines, an installed base."""

    kind: Literal["population"] = "population"
    size: Annotated[int, Ge(1), Le(MOST)]
    """Places."""
    to: Route
    """Where a removed unit goes."""
    life_days: Law | None = None
    """Life of a unit in a place."""
    life_hours: Law | None = None
    """The same in hours."""
    spares: Units = 0
    """Units at hand at the start beyond one per place."""
    replacement: Literal["returned", "new", "stock"] = "returned"
    """What fills an empty place: a unit that comes back here, a new unit at once, or a unit of the stock `from`."""
    from_: str | None = None
    """The stock that is asked for a replacement."""
    duty: str | None = None
    """How units are used, a duty of the product: the life then comes from its wear instead of a law."""
    initial_age: Literal["new", "mixed"] = "new"
    """Units at the start are new, or each is at a random share of its own first life."""
    replace_at_days: Positive | None = None
    """Age at which a unit is replaced before it fails; default never."""
    repair: Literal["none", "minimal"] = "none"
    """A failure ends a life, or is repaired on the spot: the unit stays in its place and as old as it was."""
    marks: dict[str, Mark] = field(default_factory=dict)
    """Properties drawn for each unit made here."""
    label: str | None = None
    """Name for display."""

    def __post_init__(self) -> None:
        give_one(life_days=self.life_days, life_hours=self.life_hours, duty=self.duty)
        takes_time(life_days=self.life_days, life_hours=self.life_hours)
        if (self.replacement == "stock") != (self.from_ is not None):
            raise ValueError("`replacement: stock` and `from` go together")
        if self.spares and self.replacement != "returned":
            raise ValueError("spares are for `replacement: returned`; a stock holds its own")
        ages(self.life_days or self.life_hours, self.repair == "minimal", self.replace_at_days, self.initial_age)


@dataclass(frozen=True, kw_only=True)
class Priority(Section):
    """Who is served first: by the order of a mark's values, or by the size of a number."""

    field: str
    """A mark of the unit, `lives`, `visits` or `origin`."""
    order: Annotated[list[str | float], MinLen(1)]
    """Values from first served to last served; others come after."""
    preemptive: bool = False
    """A unit that ranks before one in service takes its place; the other resumes later."""


@dataclass(frozen=True, kw_only=True)
class Factor(Section):
    """A factor on the service time by a mark of the unit."""

    field: str
    """A mark of the unit, `lives`, `visits` or `origin`."""
    values: Annotated[dict[str, Positive], MinLen(1)]
    """Factor for each value of the mark; others have 1."""


@dataclass(frozen=True, kw_only=True)
class Breakdowns(Section):
    """Each server fails and is repaired on its own."""

    uptime_days: Law | None = None
    """Time up until the next failure."""
    uptime_hours: Law | None = None
    """The same in hours."""
    downtime_days: Law | None = None
    """Time down."""
    downtime_hours: Law | None = None
    """The same in hours."""
    while_: Literal["always", "busy"] = "always"
    """Uptime runs always, or only while the server works."""
    after: Literal["resume", "repeat"] = "resume"
    """The interrupted service resumes where it stopped, or starts again with the same length."""

    def __post_init__(self) -> None:
        give_one(uptime_days=self.uptime_days, uptime_hours=self.uptime_hours)
        takes_time(uptime_days=self.uptime_days, uptime_hours=self.uptime_hours)
        give_one(downtime_days=self.downtime_days, downtime_hours=self.downtime_hours)


@dataclass(frozen=True, kw_only=True)
class Calendar(Section):
    """Working hours, the same every week. Day 0 is a Monday."""

    hours: Annotated[list[Annotated[list[Annotated[float, Ge(0), Le(24)]], Len(2, 2)]], MinLen(1)]
    """Shifts of a working day as [from, to] in hours, in order and not overlapping."""
    weekdays: Annotated[list[Annotated[int, Ge(1), Le(7)]], MinLen(1)] = field(default_factory=lambda: [1, 2, 3, 4, 5])
    """Working days, 1 Monday to 7 Sunday."""

    def __post_init__(self) -> None:
        edges = [hour for shift in self.hours for hour in shift]
        rising = all(a < b for a, b in self.hours) and all(a <= b for a, b in pairwise(edges))
        if not rising or len(set(self.weekdays)) != len(self.weekdays):
            raise ValueError("shifts must rise and not overlap, weekdays must differ")


@dataclass(frozen=True, kw_only=True)
class Station(Section):
    """Servers with a queue: a bench, a wash, a crew, a repair shop."""

    kind: Literal["station"] = "station"
    to: Route
    """Where a served unit goes."""
    servers: Annotated[
        Several | Literal["unlimited"], Shaped(("number", "word"), lambda v: "word" if isinstance(v, str) else "number")
    ] = 1
    """Servers in parallel."""
    service_days: Law | None = None
    """Service time of a unit, or of a batch."""
    service_hours: Law | None = None
    """The same in hours."""
    service_plan: Literal["production"] | None = None
    """Instead of a law: a service lasts as long as the party's plan says of the part that is made."""
    service_factor: Factor | None = None
    """Factor on the service time by a mark of the unit."""
    luck: Literal["job", "station"] = "job"
    """A service time belongs to (unit, visit), or to (station, n-th start)."""
    capacity: Several | None = None
    """Places in all, those in service included; default unlimited."""
    when_full: Literal["block", "lose"] = "block"
    """A unit that finds no place waits where it is and blocks it, or is lost to `overflow`."""
    overflow: str | None = None
    """Where lost units go; default: they leave the system."""
    queue: Literal["fifo", "lifo"] = "fifo"
    """Order among units of equal priority."""
    priority: Priority | None = None
    """Who is served first."""
    batch: Several = 1
    """Units served together at most."""
    batch_minimum: Several | None = None
    """Units needed to start a batch; default: a full batch."""
    breakdowns: Breakdowns | None = None
    """Failures of each server."""
    calendar: Calendar | None = None
    """Working hours; default: always."""
    inspects: (
        Literal[
            "assembly",
            "visual",
            "bench",
            "destructive",
            "harvest",
            "teardown",
            "machining",
            "end_of_line",
            "production",
        ]
        | None
    ) = None
    """What is observed of, or done to, each unit that is served here, and reported by the block's party."""
    cost_per_unit: Money = 0.0
    """What the block's party pays for each unit served, EUR."""
    kwh_per_unit: NonNegative = 0.0
    """Electricity that is metered for each unit served, kWh; the block's party pays it at `costs.energy_per_kwh`."""
    label: str | None = None
    """Name for display."""

    def __post_init__(self) -> None:
        give_one(service_days=self.service_days, service_hours=self.service_hours, service_plan=self.service_plan)
        if self.service_plan is not None and (self.batch > 1 or self.inspects != self.service_plan):
            raise ValueError("service_plan is for a station that `inspects: production`, one part at a time")
        least = self.batch if self.batch_minimum is None else self.batch_minimum
        if least > self.batch:
            raise ValueError(f"batch_minimum {least} is more than batch {self.batch}")
        if self.capacity is not None and self.servers != "unlimited" and self.capacity < max(self.servers, self.batch):
            raise ValueError(
                f"capacity {self.capacity} has no room for {self.servers} servers with batches of {self.batch}"
            )
        if self.servers == "unlimited" and (
            self.breakdowns or self.calendar or self.capacity or self.priority or self.batch > 1
        ):
            raise ValueError("unlimited servers have no queue: no capacity, priority, batch, breakdowns or calendar")
        if self.overflow is not None and self.when_full != "lose":
            raise ValueError("overflow is for `when_full: lose`")


@dataclass(frozen=True, kw_only=True)
class Lane(Section):
    """Time on the way: transport, a pipeline, use without places. Units wait for one another only to form lots."""

    kind: Literal["lane"] = "lane"
    from_: str | None = None
    """Sending party, for a lane between parties."""
    to: Route
    """Where units arrive; for a lane between parties the receiving party."""
    days: Law | None = None
    """Lead time of a unit, or of a lot."""
    hours: Law | None = None
    """The same in hours."""
    cost_per_unit: Money | None = None
    """What the sending party pays for each unit, EUR; default between parties `costs.transport_per_unit`, else 0."""
    lot: Several = 1
    """Units that leave together."""
    carries: Literal["all", "retired"] = "all"
    """From a fleet, what it takes to a dismantler: all cores, or only those of retired vehicles, who then take no other
    way."""
    lot_wait_days: Positive | None = None
    """A lot that is not full leaves when its first unit has waited so long; default: it waits."""
    capacity: Several | None = None
    """Lots on the way at the same time; default unlimited."""
    label: str | None = None
    """Name for display."""

    def __post_init__(self) -> None:
        give_one(days=self.days, hours=self.hours)


@dataclass(frozen=True, kw_only=True)
class Sink(Section):
    """Where units leave the system; with `from`, customers who ask a stock for units."""

    kind: Literal["sink"] = "sink"
    from_: str | None = None
    """The stock that customers ask."""
    interarrival_days: Law | None = None
    """Time between customers."""
    interarrival_hours: Law | None = None
    """The same in hours."""
    batch: Law | None = None
    """Units a customer asks for, rounded to a whole number; default 1."""
    season: Season | None = None
    """A demand rate that swings with the season."""
    profile: Profile | None = None
    """A demand rate that changes in steps."""
    unmet: Literal["backorder", "lose"] = "backorder"
    """A customer who finds nothing waits, or leaves."""
    label: str | None = None
    """Name for display."""

    def __post_init__(self) -> None:
        arrivals(self.interarrival_days, self.interarrival_hours, self.batch)
        asks = self.interarrival_days is not None or self.interarrival_hours is not None
        if asks != (self.from_ is not None):
            raise ValueError("customers need both `from` and an interarrival time")


Block: TypeAlias = Annotated[Source | Population | Station | Stock | Lane | Sink, Tagged("kind")]
"""A building block, chosen by `kind`."""
