"""What a training gave: the models of every column of the comparison, and what it cost in border crossings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypedDict

import numpy as np

from learning import metrics, models
from learning.arrays import FloatArray
from learning.crossings import Crossing
from learning.features import SiteData, split
from learning.releases import Released


class Scores(TypedDict):
    """How well each model ranks cores it was not trained on; None where a score is not defined."""

    alone: dict[str, float | None]
    federated: float | None
    pooled: float | None
    metric: str


@dataclass(frozen=True, kw_only=True, eq=False)
class Learned:
    """Models trained on one day. Weights are Float[1 + features], the intercept first, on standardised features."""

    mode: Literal["none", "alone", "federated", "centralised", "oracle"]
    day: float
    """Day of training: no label that came later had a part."""
    names: tuple[str, ...]
    """Features, in the order of the weights."""
    alone: Mapping[str, FloatArray]
    """Model of each site's own labels."""
    federated: FloatArray | None
    """Model of the opened sums; None without a federation."""
    pooled: FloatArray
    """Model of all rows in one place: a yardstick of the twin's owner unless the mode is centralised."""
    left_out: tuple[str, ...]
    """Sites without a known label."""
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

    def scores(self, sites: Sequence[SiteData]) -> Scores:
        """Return the AUC of every model on the held-out cores of all `sites` together.

        A model of one site is scored on all sites' cores too, because a dismantler is sent cores of any fleet. Held out
        are the cores whose outcome came after `day`; the others are put aside here. Raises ValueError for other
        features.
        """
        held_out = [split(site, self.day).test for site in sites]
        for site in held_out:
            if site.names != self.names:
                raise ValueError(f"{site.party!r}: features are {', '.join(site.names)}, not {', '.join(self.names)}")
        x = np.concatenate([site.x for site in held_out]) if held_out else np.empty((0, len(self.names)))
        y = np.concatenate([site.y for site in held_out]) if held_out else np.empty(0)

        def score(weights: FloatArray) -> float | None:
            return metrics.auc(y, models.predict(weights, x))

        return Scores(
            alone={party: score(weights) for party, weights in self.alone.items()},
            federated=None if self.federated is None else score(self.federated),
            pooled=score(self.pooled),
            metric="AUC",
        )
