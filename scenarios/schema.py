"""The top level of a scenario file, composed of the rooms' own sections.

Light on purpose: a worker unpickles a scenario without pydantic or PyYAML. To add a top-level key, add its field here,
in the order of the pinned keys.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from annotated_types import Ge, MinLen

from learning.config import Collaboration
from learning.regression.config import Regression
from sim.config import Block, Lane
from sim.disruptions import DisruptionConfig
from sim.parties.agreed import Costs, Policies, Returns, ServicePartDemand
from sim.parties.config import PartyConfig
from sim.parties.hidden import Hidden
from sim.parties.product import Product
from sim.parties.reporting import ReportingConfig
from sim.ranges import NonNegative, Positive
from sim.section import Section, Shaped
from verify.config import Verification


@dataclass(frozen=True, kw_only=True)
class Time(Section):
    """How long the world runs and which part of it counts."""

    horizon_days: Positive
    """Length of a run."""
    warm_up_days: Annotated[
        NonNegative | Literal["auto"],
        Shaped(("number", "word"), lambda value: "word" if isinstance(value, str) else "number"),
    ] = 0.0
    """Days at the start that the KPIs leave out; `auto` finds them by MSER-5 on the mean of eight pilot runs."""

    def __post_init__(self) -> None:
        if self.warm_up_days != "auto" and self.warm_up_days >= self.horizon_days:
            raise ValueError(f"warm_up_days {self.warm_up_days:g} leaves nothing of horizon_days {self.horizon_days:g}")


@dataclass(frozen=True, kw_only=True)
class Content(Section):
    """A scenario: a product, the parties that handle it, the network between them and how they collaborate."""

    looptwin: Literal[1]
    """Version of the scenario format."""
    name: Annotated[str, MinLen(1)]
    """Name of the scenario."""
    extends: str | None = None
    """A packaged scenario, or a path relative to this file, that this one changes."""
    seed: Annotated[int, Ge(0)] = 0
    """Where all luck of a run starts, unless the run names another."""
    time: Time
    """How long the world runs and which part of it counts."""
    product: Product | None = None
    """The serialised product that the parties handle."""
    parties: dict[str, PartyConfig] = field(default_factory=dict)
    """The parties, by name; each runs the blocks of its role."""
    blocks: dict[str, Block] = field(default_factory=dict)
    """Building blocks, by name."""
    lanes: dict[str, Lane] = field(default_factory=dict)
    """Lanes between parties, by name; roles make those that are not written."""
    returns: Returns = field(default_factory=Returns)
    """How cores come back."""
    demand: dict[str, ServicePartDemand] = field(default_factory=dict)
    """Who buys serviceable units beside the fleets, by name."""
    policies: Policies = field(default_factory=Policies)
    """Rules of the chain."""
    costs: Costs = field(default_factory=Costs)
    """Costs that belong to no single party."""
    reporting: dict[str, ReportingConfig] = field(default_factory=dict)
    """Who does not report what was observed, by name; everybody else is honest."""
    disruptions: dict[str, DisruptionConfig] = field(default_factory=dict)
    """What fails to work, or holds no longer, for a time; by name."""
    collaboration: Collaboration = field(default_factory=Collaboration)
    """How the parties learn from each other."""
    verification: Verification = field(default_factory=Verification)
    """How predictions are checked before they decide."""
    hidden_world: Hidden = "none"
    """How the world differs from the product as stated, which is what everybody in it believes."""
    regression: Regression | None = None
    """A linear model over parties that never show their rows."""
    overrides: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Named changes of this scenario, each a small block of the same YAML with nested or dotted keys."""
