"""What laws are held against: one replication, what it was run with, and how a figure kept differs from one counted."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from looptwin.checks.histories import Histories, histories
from looptwin.replications.shards import Replication
from scenarios.schema import Content
from sim.config import Block

TOLERANCE = 1e-9
"""Relative difference that the order of a sum may make."""


@dataclass(frozen=True)
class Evidence:
    """One replication, and what it is held against: its scenario, its blocks, and the day on which counting began."""

    scenario: Content
    network: Mapping[str, Block]
    began: float
    replication: Replication

    @cached_property
    def told(self) -> Histories:
        """The events, unit by unit."""
        return histories(self.replication.table("events"), self.network)

    def kpi(self, name: str) -> float:
        """A figure that the run kept; nan when it kept none of this name."""
        return self.replication.kpis[name].value if name in self.replication.kpis else math.nan

    def first_difference(self, counted: Mapping[str, float]) -> str | None:
        """Return what is wrong with the first figure that was kept with another value than its rows give."""
        wrong = (self.difference(name, amount) for name, amount in counted.items())
        return next((one for one in wrong if one is not None), None)

    def difference(self, name: str, counted: float, scale: float = 0.0) -> str | None:
        """Return in words that a figure was kept with another value than counted; scale: what its terms add up to."""
        kept = self.kpi(name)
        allowed = TOLERANCE * max(abs(kept), scale, 1.0)
        if abs(kept - counted) <= allowed or (math.isnan(kept) and math.isnan(counted)):
            return None
        return f"{name} is kept as {kept!r}, its rows give {float(counted)!r}"
