"""What the parties of a scenario agree on: returns, demand, policies by name, and costs that are nobody's own."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from sim.laws import Law
from sim.ranges import Money, Positive, Probability, Units
from sim.section import Section


@dataclass(frozen=True, kw_only=True)
class Response(Section):
    """How many units are returned for a core charge: from those that come anyway up to `returns.probability`."""

    without_charge: Probability = 0.45
    """Probability of a return without a core charge; at most `returns.probability` counts."""
    half_at: Positive = 60.0
    """Core charge that wins half of those who would not return otherwise, EUR."""

    def reached(self, charge: float, most: float) -> float:
        """Return the probability of a return at a core charge: rising, concave, never above `most`."""
        least = min(self.without_charge, most)
        return least + (most - least) * charge / (charge + self.half_at)


@dataclass(frozen=True, kw_only=True)
class Returns(Section):
    """How cores come back."""

    probability: Probability = 0.9
    """Probability that a removed unit is returned as a core; with a `response`, the most that a charge reaches."""
    retired_probability: Probability = 0.6
    """Probability that the unit of a retired vehicle is returned; no core charge is paid back for it."""
    core_charge: Money = 0.0
    """Deposit that a fleet pays with a serviceable unit, EUR; it comes back with a core whose case is whole."""
    response: Response | None = None
    """How the core charge decides whether a unit is returned; default: it does not."""
    export_share: Probability = 0.3
    """Share of the units that are not returned which is exported; the others are kept."""

    def returned(self, *, retired: bool) -> float:
        """Return the probability that a removed unit is returned: never lower for a higher core charge."""
        if retired:
            return self.retired_probability
        if self.response is None:
            return self.probability
        return self.response.reached(self.core_charge, self.probability)


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
