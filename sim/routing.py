"""Where a unit goes next, as `to` in a scenario file says it: a block, blocks by chance, cases, a decision."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, TypeAlias

from annotated_types import MinLen

from sim.ranges import Probability
from sim.section import Section, Shaped


def _destination_shape(value: object) -> str:
    return "split" if isinstance(value, dict) else "block"


def _route_shape(value: object) -> str:
    if isinstance(value, dict):
        return "decision" if "decide" in value else "split"
    return "cases" if isinstance(value, list) else "block"


Split: TypeAlias = Annotated[dict[str, Probability], MinLen(1)]
"""Blocks with the probability of each; they sum to 1."""

Destination: TypeAlias = Annotated[str | Split, Shaped(("block", "split"), _destination_shape)]


@dataclass(frozen=True, kw_only=True)
class Case(Section):
    """One branch of a conditional route. The first branch whose condition holds is taken; the last has no condition."""

    field: str | None = None
    """What is looked at: a mark of the unit, `lives`, `visits` (how often it was at this
    block before) or `origin`."""
    in_: Annotated[list[str | float], MinLen(1)] | None = None
    """Holds when the field is one of these."""
    at_least: float | None = None
    """Holds when the field is this or more."""
    below: float | None = None
    """Holds when the field is less than this."""
    to: Destination
    """A block, or blocks with the probability of each."""

    def __post_init__(self) -> None:
        conditions = sum(value is not None for value in (self.in_, self.at_least, self.below))
        if (self.field is None) != (conditions == 0):
            raise ValueError("a condition needs `field` and at least one of `in`, `at_least`, `below`")


@dataclass(frozen=True, kw_only=True)
class Decision(Section):
    """A route chosen by a named decision, which sees only its party's view of the unit."""

    decide: str
    """The decision, `<role>.<decision>`: a packaged policy, or the callable given as `decide={...}`."""
    answers: Annotated[dict[str, str], MinLen(1)]
    """Block for each answer the decision may give."""


Route: TypeAlias = Annotated[
    str | Split | Annotated[list[Case], MinLen(1)] | Decision,
    Shaped(("block", "split", "cases", "decision"), _route_shape),
]
"""Where a unit goes next: a block; blocks with probabilities; a list of cases; a decision."""
