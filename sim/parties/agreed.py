"""What the parties of a scenario agree on: returns, demand, policies by name, and costs that are nobody's own."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from sim.laws import Law
from sim.ranges import Money, Position, Positive, Probability, Several, Units
from sim.section import Section
from sim.stocks import check_rule


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

    rule: Literal["base_stock", "s_S", "r_Q"] = "base_stock"
    """What new units are ordered for, as a stock's rule; remanufactured units come on top. base_stock: keep at hand +
    on order - backorders at `level`."""
    level: Units = 20
    """Level of base_stock, units."""
    reorder_point: Position | None = None
    """Position at which, or below which, s_S and r_Q order, units."""
    order_up_to: Position | None = None
    """Position that an order of s_S reaches, units."""
    quantity: Several | None = None
    """Units of one order of r_Q."""
    review_days: Positive | None = None
    """Time between looks at the position; default: at every demand."""

    def __post_init__(self) -> None:
        check_rule(self.rule, self.reorder_point, self.order_up_to, self.quantity)


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
