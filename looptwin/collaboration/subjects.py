"""What parties of a run can learn about together: cores whose outcome came back, or parts whose energy was metered.

A site is a party that holds both the features and the labels, by the whitelist of its role. Scales are declared, so no
row tells on them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from learning.features import PROFITABLE, Feature, SiteData, Target
from learning.regression.columns import ENERGY, MACHINING
from looptwin.collaboration.sites import FEATURES, MARGIN, OUTCOME, REPORT, site
from sim.log import Columns
from sim.parties.config import PartyConfig
from sim.views import SEES, known_days

Reports = Mapping[str, Columns]
"""Rows that a party holds, by kind of report."""


@dataclass(frozen=True, kw_only=True)
class Subject:
    """Something that is learned about.

    noun: what one is called. kinds: the reports that a site needs. number, kind: what is learned as a number, and as 0
    or 1 where anything is. read: the site of a party out of its reports, and of the days between two times that it
    brings its books up to date.
    """

    noun: str
    kinds: tuple[str, ...]
    features: tuple[Feature, ...]
    number: Target
    kind: Target | None
    read: Callable[[str, Reports, float, Target], SiteData]

    def is_site(self, party: PartyConfig) -> bool:
        """Whether a party holds features and labels."""
        return set(self.kinds) <= set(SEES[party.role])

    def target(self, learner: str) -> Target:
        """Return what a learner of `collaboration.learner` learns; a number where there is nothing of 0 or 1."""
        return self.number if learner == "linear" or self.kind is None else self.kind


def subject_of(parties: Iterable[PartyConfig]) -> Subject | None:
    """Return what these parties can learn about; None where nobody holds features and labels of one thing."""
    every = tuple(parties)
    return next((subject for subject in (CORES, PARTS) if any(map(subject.is_site, every))), None)


def _cores(party: str, held: Reports, every: float, target: Target) -> SiteData:
    return site(party, held[REPORT], held[OUTCOME], every, target)


def _parts(party: str, held: Reports, every: float, target: Target) -> SiteData:
    made = held[MADE]
    return SiteData(
        party=party,
        names=tuple(MACHINING),
        x=np.column_stack([np.asarray(made[name], dtype=np.float64) for name in MACHINING]),
        y=target.learned(np.asarray(made[target.name], dtype=np.float64)),
        known_at_day=known_days(np.asarray(made["day"], dtype=np.float64), every),
        unit_ids=tuple(int(unit) for unit in made["unit"]),
        target=target,
    )


MADE = "made"
"""The report of a factory on a part that it turned: features and metered energy at once."""

CORES = Subject(noun="core", kinds=(REPORT, OUTCOME), features=FEATURES, number=MARGIN, kind=PROFITABLE, read=_cores)

PARTS = Subject(
    noun="part",
    kinds=(MADE,),
    features=(
        Feature(name="diameter_mm", centre=40.0, scale=20.0),
        Feature(name="material", centre=2.5, scale=1.0),
        Feature(name="tensile_mpa", centre=600.0, scale=250.0),
        Feature(name="feed_mm_rev", centre=0.2, scale=0.1),
        Feature(name="depth_mm", centre=2.0, scale=1.5),
        Feature(name="idle_kj", centre=1000.0, scale=500.0),
        Feature(name="air_kj", centre=500.0, scale=500.0),
    ),
    number=Target(name=ENERGY, unit="kJ", centre=2000.0, scale=1000.0),
    kind=None,
    read=_parts,
)
