"""The `collaboration:` section of a scenario file: who learns with whom, and how updates are protected."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Le

from sim.ranges import Positive
from sim.section import Section

DEFAULT_TRAINING_SHARE = 0.4
"""Share of the horizon after which a collaboration trains, where the scenario names no day."""


@dataclass(frozen=True, kw_only=True)
class Collaboration(Section):
    """How the dismantlers learn from returned outcomes, and what they let cross their border for it."""

    mode: Literal["none", "federated", "centralised", "oracle"] = "none"
    """none: nobody learns, the scenario's own rules decide. federated: only sums of updates are opened. centralised:
    rows are sent in clear to one place. oracle: a control that looks at the truth and learns nothing."""
    protection: Literal["plain", "shared_key"] = "shared_key"
    """How updates travel in a federation: readable, or encrypted under one key that all sites share."""
    train_until_days: Positive | None = None
    """Day of training; only labels known by then count. Default: 40 % of the horizon."""
    rounds: Annotated[int, Ge(1), Le(50)] = 8
    """Newton rounds; each opens one sum."""
    ridge: Positive = 1.0
    """Strength of the prior: half of it times the squared weights is added to the loss of all labels together."""

    def training_day(self, horizon_days: float) -> float:
        """Return the day of training in a run of `horizon_days`."""
        return DEFAULT_TRAINING_SHARE * horizon_days if self.train_until_days is None else self.train_until_days
