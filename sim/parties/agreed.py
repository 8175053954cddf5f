"""What the parties of a scenario agree on: returns, demand, policies by name, and costs that are nobody's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, TypeAlias

from annotated_types import MinLen

from sim.laws import Law
from sim.observe import Bench
from sim.ranges import Money, NonNegative, Position, Positive, Probability, Several, Units
from sim.section import Section, Shaped
from sim.stocks import check_rule


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
class Release(Section):
    """When cores at a remanufacturer go into teardown."""

    rule: Literal["push", "pull"] = "push"
    """push: as they come. pull: they wait in a stock of cores until the serviceable stock asks for them."""
    reorder_point: Position | None = None
    """Pull when at hand + on order - backorders is this or less; default: whenever the serviceable stock orders."""
    order_up_to: Position | None = None
    """Pull what is missing to this, all of it or nothing."""
    dispose_above: Units | None = None
    """A core that would raise the stock of cores above this is recycled; default: every core is kept."""

    def __post_init__(self) -> None:
        given = (self.reorder_point, self.order_up_to, self.dispose_above)
        if self.rule == "push" and any(value is not None for value in given):
            raise ValueError("`rule: push` has no `reorder_point`, `order_up_to` or `dispose_above`")
        if (self.reorder_point is None) != (self.order_up_to is None):
            raise ValueError("`reorder_point` and `order_up_to` go together")
        if self.reorder_point is not None and self.order_up_to is not None and self.order_up_to <= self.reorder_point:
            raise ValueError(f"order_up_to {self.order_up_to} must lie above reorder_point {self.reorder_point}")


GRADES = ("A", "B", "C", "D")
"""Grades of a core, from the best."""

Disposition: TypeAlias = Literal["reman", "test", "destroy", "harvest", "recycle", "dispose", "hold", "resell"]
"""What can be done with a core."""


def _dispositions_shape(value: object) -> str:
    return "split" if isinstance(value, dict) else "word"


Dispositions: TypeAlias = Annotated[
    Disposition | Annotated[dict[Disposition, Probability], MinLen(1)], Shaped(("word", "split"), _dispositions_shape)
]
"""One disposition, or several with the probability of each; they sum to 1."""


@dataclass(frozen=True, kw_only=True)
class DispositionRule(Section):
    """The scenario's own rule: what a dismantler does with a core of each grade."""

    rule: Literal["by_grade"] = "by_grade"
    """By grade."""
    A: Dispositions = "reman"
    """Grade A: a disposition, or dispositions with the probability of each."""
    B: Dispositions = "reman"
    """Grade B."""
    C: Dispositions = "test"
    """Grade C."""
    D: Dispositions = "recycle"
    """Grade D."""
    held: Literal["reman", "test", "destroy", "harvest", "recycle", "dispose", "resell"] = "recycle"
    """What becomes of a core that was held, once its days in the yard are over."""
    accept_above: Probability = 0.6
    """A verified prediction at or above this sends a core to remanufacturing, where a collaboration decides."""
    reject_below: Probability = 0.4
    """A verified prediction below this rejects a core; between the two it is tested."""
    rejected: Literal["recycle", "harvest", "dispose"] = "recycle"
    """Where a core goes that a verified prediction rejects."""
    explore: Probability = 0.05
    """Share of cores that is sent to remanufacturing whatever the grade, so that outcomes stay representative."""

    def __post_init__(self) -> None:
        if self.reject_below > self.accept_above:
            raise ValueError(f"reject_below {self.reject_below} lies above accept_above {self.accept_above}")
        for grade in GRADES:
            answer = getattr(self, grade)
            if not isinstance(answer, str) and abs(sum(answer.values()) - 1.0) > 1e-9:
                raise ValueError(f"{grade}: the probabilities must sum to 1, these sum to {sum(answer.values()):.12g}")


def answers(rule: DispositionRule, grade: str) -> set[str]:
    """Return all that a rule may do with a core of a grade."""
    answer: str | dict[str, float] = getattr(rule, grade)
    return {answer} if isinstance(answer, str) else {word for word, share in answer.items() if share > 0.0}


@dataclass(frozen=True, kw_only=True)
class Acquisition(Section):
    """What a fleet gets for a core of each grade, EUR; without a number, the dismantler's `core_price`."""

    A: Money | None = None
    """Grade A, EUR."""
    B: Money | None = None
    """Grade B, EUR."""
    C: Money | None = None
    """Grade C, EUR."""
    D: Money | None = None
    """Grade D, EUR."""


@dataclass(frozen=True, kw_only=True)
class Weights(Section):
    """What each visual finding adds to the sum that a core is graded by."""

    pitting: NonNegative = 1.0
    """For each class of pitting."""
    debris: NonNegative = 0.8
    """For each class of debris."""
    oil_colour: NonNegative = 0.4
    """For each class of the oil's colour."""
    leak: NonNegative = 1.0
    """For a leak."""
    crack_seen: NonNegative = 3.0
    """For a crack that was seen."""


@dataclass(frozen=True, kw_only=True)
class Cuts(Section):
    """Sums of findings below which a core gets a grade, the best that it can get; D from the last on."""

    A: Positive = 2.3
    """Below this, grade A."""
    B: Positive = 4.3
    """Below this, grade B."""
    C: Positive = 5.5
    """Below this, grade C."""

    def __post_init__(self) -> None:
        if not self.A <= self.B <= self.C:
            raise ValueError(f"cuts must rise from A to C, these are {self.A:g}, {self.B:g}, {self.C:g}")


@dataclass(frozen=True, kw_only=True)
class Grading(Section):
    """How a grade follows from what a grader saw: by a weighted sum of the findings."""

    weights: Weights = field(default_factory=Weights)
    """Weights of the findings."""
    cuts: Cuts = field(default_factory=Cuts)
    """Limits between the grades."""

    def grade(self, seen: Mapping[str, Any]) -> str:
        """Return the grade A to D for what was seen: classes 0 to 4 of `GRADED`, 0 or 1 for a leak and a crack."""
        weights, cuts = self.weights, self.cuts
        score = (
            weights.pitting * seen["pitting"]
            + weights.debris * seen["debris"]
            + weights.oil_colour * seen["oil_colour"]
            + weights.leak * seen["leak"]
            + weights.crack_seen * seen["crack_seen"]
        )
        if score < cuts.A:
            return "A"
        if score < cuts.B:
            return "B"
        return "C" if score < cuts.C else "D"


@dataclass(frozen=True, kw_only=True)
class BenchLimits(Section):
    """Readings that count as 1 in the bench score."""

    backlash_mm: Positive = 0.18
    """Backlash, mm."""
    drag_nm: Positive = 28.0
    """Drag torque, N m."""
    noise_db: Positive = 72.0
    """Noise, dB."""
    shift_ms: Positive = 520.0
    """Shift time, ms."""
    leakage_ml: Positive = 11.0
    """Leakage, ml an hour."""

    def score(self, readings: Mapping[str, Any]) -> float:
        """Return the mean of a rig's readings over their limits."""
        shares = [readings[name] / getattr(self, name) for name in Bench._fields]
        return float(sum(shares) / len(shares))


@dataclass(frozen=True, kw_only=True)
class Policies(Section):
    """Rules by name."""

    serviceable: Serviceable = field(default_factory=Serviceable)
    """Serviceable stock."""
    disposition: DispositionRule = field(default_factory=DispositionRule)
    """Disposition of cores."""
    release: Release = field(default_factory=Release)
    """Release of cores into remanufacturing."""
    acquisition: Acquisition = field(default_factory=Acquisition)
    """Price of a core by grade."""
    grading: Grading = field(default_factory=Grading)
    """How dismantlers come from what they see to a grade."""
    bench: BenchLimits = field(default_factory=BenchLimits)
    """How testers come from readings to a score."""
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
    energy_per_kwh: Money = 0.22
    """Electricity, EUR per kWh; paid by the party whose station it runs."""
    landfill_per_kg: Money = 0.15
    """Landfill of a kg of waste, EUR; paid by the party that brings it there."""
