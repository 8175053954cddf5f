"""What a scenario says about dishonest reporting. Who is not named here reports what was observed.

Light on purpose: the checks at the door read it too. What the kinds do stands in `reporter.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal, TypeAlias

from annotated_types import Le

from sim.ranges import NonNegative, Positive, Probability, Several
from sim.section import Section, Tagged


@dataclass(frozen=True, kw_only=True)
class Reporting(Section):
    """What all kinds of dishonest reporting have."""

    party: str
    """Who reports so. A fleet writes passports, a dismantler visual findings, a tester readings, a remanufacturer
    outcomes."""
    from_day: NonNegative = 0.0
    """First day of it."""
    to_day: Positive | None = None
    """It ends before this day; default: never."""

    def __post_init__(self) -> None:
        if self.to_day is not None and self.to_day <= self.from_day:
            raise ValueError(f"to_day {self.to_day:g} is not after from_day {self.from_day:g}")


@dataclass(frozen=True, kw_only=True)
class LabelFraud(Reporting):
    """Grades or outcomes are shifted: what others pay by, or learn from, is told better or worse than it is."""

    kind: Literal["label_fraud"] = "label_fraud"
    amount: float
    """Shift of what is told: EUR for a remanufacturer's outcomes, letters for a dismantler's grades. Above 0 a core
    looks better than it is."""
    share: Probability = 1.0
    """Share of the reports that is shifted."""


@dataclass(frozen=True, kw_only=True)
class FabricatedBlock(Reporting):
    """A run of consecutive reports is invented: every value is one of the last that the party really observed."""

    kind: Literal["fabricated_block"] = "fabricated_block"
    reports: Several = 20
    """How many reports in a row, from `from_day` on."""


@dataclass(frozen=True, kw_only=True)
class Stale(Reporting):
    """A report repeats the one before."""

    kind: Literal["stale"] = "stale"
    share: Probability = 0.2
    """Share of the reports that repeat."""


@dataclass(frozen=True, kw_only=True)
class Swapped(Reporting):
    """Tags of consecutive cores are mixed up: a core is reported with what was observed of the one before."""

    kind: Literal["swapped"] = "swapped"
    share: Probability = 0.2
    """Share of the reports that get the values of the one before."""


@dataclass(frozen=True, kw_only=True)
class Drift(Reporting):
    """A rig or an eye drifts away from its calibration. The observation itself is off; nobody lies about it."""

    kind: Literal["drift"] = "drift"
    per_year: Annotated[float, Le(1e3)]
    """Growth of the offset a year: mm of backlash for a tester's rig, classes for a dismantler's graders."""


@dataclass(frozen=True, kw_only=True)
class Lazy(Reporting):
    """Part of the reports is written without looking: the middle of what the party saw in the last cores."""

    kind: Literal["lazy"] = "lazy"
    share: Probability = 0.3
    """Share of the reports that are written so."""


ReportingConfig: TypeAlias = Annotated[LabelFraud | FabricatedBlock | Stale | Swapped | Drift | Lazy, Tagged("kind")]
"""A way of reporting that is not honest, chosen by `kind`."""

REPORT_OF: Mapping[str, str] = {
    "fleet": "passport",
    "dismantler": "visual",
    "tester": "bench",
    "remanufacturer": "outcome",
}
"""The report of each role that can be dishonest."""

ROLES_OF: Mapping[str, tuple[str, ...]] = {
    "label_fraud": ("dismantler", "remanufacturer"),
    "drift": ("dismantler", "tester"),
}
"""The roles that a kind is for; the other kinds are for all in `REPORT_OF`."""


def roles_of(kind: str) -> tuple[str, ...]:
    """Return the roles whose parties can report in this way."""
    return ROLES_OF.get(kind, tuple(REPORT_OF))
