"""A study whose products are computed by a cloud on encrypted rows, and predictions on such rows.

Each party transforms its columns by every power that a model asks for, seals them once under its own key, and opens the
sums of each model. Computed sums are those of rows rounded to a grid, so weights differ from the plaintext by up to
PROMISE of the largest; protected sums of statistics in plain are nearer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from learning import linear
from learning.arrays import FloatArray
from learning.crossings import Crossing
from learning.linear import Gram
from learning.outsourced.alone import alone
from learning.outsourced.prediction import predict
from learning.outsourced.sizes import FILL
from learning.regression.ranges import Ranges, standardised
from learning.regression.rows import Rows
from learning.regression.statistics import features_of
from learning.regression.transforms import Model
from learning.releases import Released

PROMISE = 1e-4
"""Largest difference of a weight from the plaintext, as a share of the model's largest weight."""
REACH = float(FILL)
"""Columns lie within -1 to 1 and need not be centred, so their root mean square is up to 1."""


@dataclass(frozen=True, eq=False)
class Computed:
    """Each party's sums for each model, opened by it alone."""

    own: Mapping[str, Mapping[str, Gram]]
    crossings: tuple[Crossing, ...]
    statement: str


def computed(sites: Sequence[Rows], models: Sequence[Model], ranges: Ranges, day: float) -> Computed:
    """Return the sums that the cloud computed on every party's encrypted columns."""
    columns = _Columns(models, len(ranges.features))
    found = alone(
        {site.party: columns.of(site, ranges) for site in sites},
        [columns.places(model) for model in models],
        reach=REACH,
        day=day,
    )
    own = {
        party: {model.name: columns.gram(one, model) for model, one in zip(models, moments, strict=True)}
        for party, moments in found.moments.items()
    }
    return Computed(own, found.crossings, found.statement)


class _Columns:
    """Where each transformed column lies among the stored ones: by power, features first and the target behind.

    Only what a model asks for is transformed: another power may not exist for every value.
    """

    def __init__(self, models: Sequence[Model], features: int) -> None:
        # no power sorts before any power
        powers = sorted({power for model in models for power in model[1:]}, key=lambda one: (one is not None, one))
        self._features: dict[float | None, list[int]] = {}
        self._target: dict[float | None, int] = {}
        self._count = 0
        for power in powers:
            if power in {model.on_features for model in models}:
                self._features[power] = list(range(self._count, self._count + features))
                self._count += features
            if power in {model.on_target for model in models}:
                self._target[power] = self._count
                self._count += 1

    def of(self, site: Rows, ranges: Ranges) -> FloatArray:
        """Return all columns of a party on their public scales."""
        found = np.empty((len(site), self._count))
        for power, places in self._features.items():
            found[:, places] = features_of(site, ranges, power)
        for power, place in self._target.items():
            found[:, place] = standardised(site.y, ranges.target, power)
        return found

    def places(self, model: Model) -> list[int]:
        """Return the columns of a model: its features, then its target."""
        return [*self._features[model.on_features], self._target[model.on_target]]

    def gram(self, moments: FloatArray, model: Model) -> Gram:
        """Return a model's Gram out of the moments of its columns, which stand in order of their places."""
        order = np.concatenate([[0], 1 + np.argsort(np.argsort(self.places(model)))])
        ordered = moments[np.ix_(order, order)]
        return Gram(ordered[:-1, :-1], ordered[:-1, -1], float(ordered[-1, -1]))


@dataclass(frozen=True, eq=False)
class Predicted:
    """A model's predictions of each party's own target, computed on its encrypted rows and opened by it alone."""

    model: str
    values: Mapping[str, FloatArray]
    """By party, on the public scale of the target."""
    difference: float
    """Largest difference from predictions on plain rows."""
    error: float
    """What the difference is at most."""
    crossings: tuple[Crossing, ...]
    releases: tuple[Released, ...]
    statement: str


def predicted(sites: Sequence[Rows], model: Model, weights: FloatArray, ranges: Ranges, day: float) -> Predicted:
    """Return the predictions of a model that the parties know together, and the cloud does not."""
    plain = {site.party: features_of(site, ranges, model.on_features) for site in sites}
    found = {
        party: predict(rows, weights, party=party, model="encrypted", owner=OWNER, reach=REACH, day=day)
        for party, rows in plain.items()
    }
    return Predicted(
        model=model.name,
        values={party: one.values for party, one in found.items()},
        difference=max(float(np.abs(one.values - linear.predict(weights, plain[p])).max()) for p, one in found.items()),
        error=max(one.error for one in found.values()),
        crossings=tuple(crossing for one in found.values() for crossing in one.crossings),
        releases=tuple(release for one in found.values() for release in one.releases),
        statement="the cloud reads no row, no weight and no prediction; each party alone opens its own predictions",
    )


OWNER = "federation"
"""Who holds the common model: all parties together."""
