"""From what a site sees to what a learner takes: features, outcomes, and the day each outcome became known.

A site is a party that reports features of cores and gets outcomes back. A remanufacturer holds outcomes too, but
reports what it finds inside a core that was accepted: no decision can wait for that, and no other site has it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from learning.features import PROFITABLE, Feature, SiteData, Target
from sim.log import Columns
from sim.views import known_days

FEATURES = (
    Feature(name="distance", centre=250.0, scale=150.0),
    Feature(name="age_years", centre=6.0, scale=4.0),
    Feature(name="torque_ratio", centre=1.0, scale=0.15),
    Feature(name="shifts_per_km", centre=1.5, scale=1.0),
    Feature(name="pitting", centre=2.0, scale=1.2),
    Feature(name="debris", centre=2.0, scale=1.2),
    Feature(name="oil_colour", centre=1.2, scale=1.0),
    Feature(name="leak", centre=0.2, scale=0.4),
    Feature(name="crack_seen", centre=0.05, scale=0.2),
)
"""What a dismantler knows when he decides, on scales that everybody knows (design values, not estimates)."""

NAMES = tuple(feature.name for feature in FEATURES)

MARGIN = Target(name="margin", unit="EUR", scale=500.0)
"""What a core earned, as the remanufacturer reports it; a number of 4000 EUR counts as much as any larger one."""

REPORT, OUTCOME = "visual", "outcome"
"""The report that features come from, and the one that labels come from."""


def site(party: str, visual: Columns, outcome: Columns, every: float = 0.0, target: Target = PROFITABLE) -> SiteData:
    """Return the labelled cores of one site: its own reports joined with the outcomes that came back to it.

    every: days from one time that it brings its books up to date to the next; until then it does not know an outcome.
    """
    told = {(unit, life): row for row, (unit, life) in enumerate(zip(outcome["unit"], outcome["life"], strict=True))}
    pairs = [
        (row, told[key]) for row, key in enumerate(zip(visual["unit"], visual["life"], strict=True)) if key in told
    ]
    rows = np.array([row for row, _ in pairs], dtype=np.int64)
    labels = np.array([label for _, label in pairs], dtype=np.int64)
    return SiteData(
        party=party,
        names=NAMES,
        x=matrix(visual, rows),
        y=target.learned(np.asarray(outcome[target.name][labels], dtype=np.float64)),
        known_at_day=known_days(outcome["day"][labels], every),
        unit_ids=tuple((int(visual["unit"][row]), int(visual["life"][row])) for row in rows),
        target=target,
    )


def matrix(visual: Columns, rows: Any = slice(None)) -> Any:
    """Return the features as Float[cores, features], in the order of `NAMES`."""
    return np.column_stack([np.asarray(visual[name][rows], dtype=np.float64) for name in NAMES])
