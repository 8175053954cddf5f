"""What a scenario says about disruptions: what fails to work, or holds no longer, from a day on and for how long.

Several may be under way at once, and their order in the file means nothing. A station is short of the sum of their
servers; a lane stands while any stop lasts; changes of one key apply in the order in which they began (of one day, by
name), each on what the ones before it left, and when one ends the key holds what the others leave.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal, TypeAlias

from sim.ranges import Money, NonNegative, Positive, Several
from sim.section import Section, Tagged, give_one


@dataclass(frozen=True, kw_only=True)
class Disruption(Section):
    """When a disruption happens."""

    from_day: NonNegative
    """Day on which it begins."""
    days: NonNegative
    """How long it lasts; with 0 days nothing happens."""

    @property
    def to_day(self) -> float:
        """Day on which it ends."""
        return self.from_day + self.days


@dataclass(frozen=True, kw_only=True)
class Outage(Disruption):
    """Servers of a station are down. What they work on is interrupted and resumes, as after a breakdown."""

    kind: Literal["outage"] = "outage"
    station: str
    """The station, `<party>.<block>` inside a party."""
    servers: Several | None = None
    """How many of its servers; default all."""


@dataclass(frozen=True, kw_only=True)
class TransportStop(Disruption):
    """Nothing departs on a lane. What is on the way arrives; what comes to the lane waits."""

    kind: Literal["transport_stop"] = "transport_stop"
    lane: str
    """The lane, `<party>.<block>` inside a party; `<sender>_<receiver>` for one that the roles made."""


@dataclass(frozen=True, kw_only=True)
class PriceShock(Disruption):
    """A number of a party, of the costs or of the returns is another for a time."""

    kind: Literal["price"] = "price"
    set: str
    """Dotted key of the number: `<party>.<key>`, `costs.<key>` or `returns.<key>`."""
    to: float | None = None
    """What it is for this time."""
    factor: NonNegative | None = None
    """By how much it is multiplied for this time."""

    def __post_init__(self) -> None:
        give_one(to=self.to, factor=self.factor)


@dataclass(frozen=True, kw_only=True)
class PolicyShock(Disruption):
    """A rule is another for a time."""

    kind: Literal["policy"] = "policy"
    set: str
    """Dotted key of the rule, such as `policies.disposition.C`, or of a party's own, `<party>.<key>`."""
    to: str | float
    """The word or number that stands there for this time."""


@dataclass(frozen=True, kw_only=True)
class Recall(Disruption):
    """Units in use that a party made within some days are taken out of their vehicles, failed or not.

    A unit that was remanufactured meanwhile has been looked at and stays.
    """

    kind: Literal["recall"] = "recall"
    days: NonNegative = 0.0
    """Length of the campaign, in which each unit has a day of its own; 0: all on the first day."""
    made_by: str
    """The OEM, or a supplier of its sets of parts."""
    made_from_day: NonNegative = 0.0
    """First day of making; what vehicles had at the start was made on day 0."""
    made_to_day: Positive
    """Units made on this day or later are not recalled."""
    compensation: Money = 0.0
    """What the maker pays the fleet for each unit, EUR."""

    def __post_init__(self) -> None:
        if self.made_to_day <= self.made_from_day:
            raise ValueError(f"made_to_day {self.made_to_day:g} is not after made_from_day {self.made_from_day:g}")
        if self.made_from_day > self.to_day:
            raise ValueError(
                f"made_from_day {self.made_from_day:g} is after the campaign, which ends on day {self.to_day:g}: "
                "no such unit is made by then"
            )


DisruptionConfig: TypeAlias = Annotated[Outage | TransportStop | PriceShock | PolicyShock | Recall, Tagged("kind")]
"""A disruption, chosen by `kind`."""

Change: TypeAlias = PriceShock | PolicyShock
"""A disruption that changes a key of the scenario."""

MAY_CHANGE: Mapping[str, frozenset[str]] = {
    "station": frozenset({"cost_per_unit", "kwh_per_unit", "to"}),
    "lane": frozenset({"cost_per_unit", "to"}),
    "population": frozenset({"to"}),
    "stock": frozenset({"level", "initial", "reorder_point", "order_up_to", "quantity"}),
}
"""What of a running block a changed key may change, by kind; anything else would be another network.

A route may lead to fewer blocks than before, never to others; who decides may still answer what he could before.
"""


FIXED = ("share", "build", "machining", "label", "mix", "reports_every_days", "distance_unit")
"""Keys of a party that are looked at when a world is made, or not in the world at all: they cannot change in it."""


def in_order(disruptions: Mapping[str, DisruptionConfig]) -> dict[str, DisruptionConfig]:
    """Return disruptions by the day on which they begin, then by name."""
    return dict(sorted(disruptions.items(), key=lambda item: (item[1].from_day, item[0])))


def target(disruption: DisruptionConfig) -> str:
    """Return what a disruption is about: a block, or a dotted key."""
    if isinstance(disruption, Outage):
        return disruption.station
    if isinstance(disruption, Recall):
        return disruption.made_by
    return disruption.lane if isinstance(disruption, TransportStop) else disruption.set
