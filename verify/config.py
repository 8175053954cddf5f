"""What a scenario says about the verification of predictions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge, Gt, Lt

from sim.section import Section


@dataclass(frozen=True, kw_only=True)
class Verification(Section):
    """How predictions are judged before they may decide about a core."""

    enabled: bool = True
    """Judge every prediction; without it every prediction is taken as it comes."""
    false_alarm_rate: Annotated[float, Gt(0), Lt(1)] = 0.05
    """Share of honest predictions that the judge may refuse."""
    simulated_records: Annotated[int, Ge(1000)] = 8000
    """Simulated cores from which the judge learns to read health out of a record."""
