"""What a training gave: the models of every column of the comparison, and what it cost in border crossings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypedDict

import numpy as np

from learning.arrays import FloatArray
from learning.crossings import Crossing
from learning.features import SiteData, Target, split
from learning.learner import Learner
from learning.metrics import Figures, figures, main_figure
from learning.releases import Released


class Scores(TypedDict):
    """How well each model does on cores it was not trained on; None where a score is not defined."""

    alone: dict[str, float | None]
    federated: float | None
    pooled: float | None
    metric: str


class Measured(TypedDict):
    """All figures of each model on the same later cores."""

    cores: int
    alone: dict[str, Figures]
    federated: Figures | None
    pooled: Figures


class Details(TypedDict):
    """All figures on the later cores of all sites together, and on those of each site apart."""

    on_all: Measured
    on_own: dict[str, Measured]


@dataclass(frozen=True, kw_only=True, eq=False)
class Learned:
    """Models trained on one day, as rows of numbers that `learner` reads; features are standardised."""

    mode: Literal["none", "alone", "federated", "centralised", "oracle"]
    learner: Learner
    target: Target
    """What the labels say."""
    day: float
    """Day of training: no label that came later had a part."""
    names: tuple[str, ...]
    """Features, in order."""
    labels: Mapping[str, int]
    """Labels that each site knew on the day."""
    alone: Mapping[str, FloatArray]
    """Model of each site's own labels."""
    federated: FloatArray | None
    """Model of the opened sums; None without a federation."""
    pooled: FloatArray
    """Model of all rows in one place: a yardstick of the twin's owner unless the mode is centralised."""
    left_out: tuple[str, ...]
    """Sites without a known label."""
    grid_error: float | None = None
    """Largest difference of a weight to the same federation without rounding to the grid, to two digits; None without a
    federation."""
    unsettled: tuple[str, ...] = ()
    """Models whose rounds ended before their training did: a site's by its name, `federated`, `pooled`."""
    crossings: tuple[Crossing, ...] = ()
    """All that crossed a border; the yardstick crosses none."""
    releases: tuple[Released, ...] = ()
    """What others came to know, for an accountant to price."""
    statement: str = field(default="no update and no row leaves a site")
    """Who can read what, in one sentence."""

    def weights_for(self, party: str) -> FloatArray | None:
        """Return the model that `party` decides with: the common one if it has one, else its own, else None.

        A site that was left out took no part and gets no common model.
        """
        if party in self.alone and self.federated is not None:
            return self.federated
        if party in self.alone and self.mode == "centralised":
            return self.pooled
        return self.alone.get(party)

    def predict(self, weights: FloatArray, x: FloatArray) -> FloatArray:
        """Return a prediction for each row of x: Float[cores, features], a probability or a number in its unit."""
        return self.target.in_units(self.learner.predict(weights, x))

    def scores(self, sites: Sequence[SiteData]) -> Scores:
        """Return the main figure of every model on the held-out cores of all `sites` together: AUC, or R2 of numbers.

        A model of one site is scored on all sites' cores too, because a dismantler is sent cores of any fleet. Held out
        are the cores whose outcome came after `day`; the others are put aside here. Raises ValueError for other
        features.
        """
        found, main = self._measured(self._held_out(sites)), main_figure(self.learner.predicts)
        return Scores(
            alone={party: one[main] for party, one in found["alone"].items()},
            federated=None if found["federated"] is None else found["federated"][main],
            pooled=found["pooled"][main],
            metric=main,
        )

    def details(self, sites: Sequence[SiteData]) -> Details:
        """Return all figures of every model, on the held-out cores of all `sites` and of each one apart."""
        held_out = self._held_out(sites)
        own = {site.party: self._measured([site]) for site in held_out}
        return Details(on_all=self._measured(held_out), on_own=own)

    def _held_out(self, sites: Sequence[SiteData]) -> list[SiteData]:
        held_out = sorted((split(site, self.day).test for site in sites), key=lambda site: site.party)
        for site in held_out:
            if site.names != self.names:
                raise ValueError(f"{site.party!r}: features are {', '.join(site.names)}, not {', '.join(self.names)}")
        return held_out

    def _measured(self, sites: Sequence[SiteData]) -> Measured:
        x = np.concatenate([site.x for site in sites]) if sites else np.empty((0, len(self.names)))
        y = self.target.in_units(np.concatenate([site.y for site in sites])) if sites else np.empty(0)

        def measured(weights: FloatArray) -> Figures:
            return figures(self.learner.predicts, y, self.predict(weights, x))

        return Measured(
            cores=len(y),
            alone={party: measured(weights) for party, weights in self.alone.items()},
            federated=None if self.federated is None else measured(self.federated),
            pooled=measured(self.pooled),
        )
