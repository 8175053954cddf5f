"""A study whose products are computed by a cloud on encrypted rows, and predictions on such rows.

Each party transforms its columns by every power that a model asks for, seals them once under its own key, and opens the
sums of each model. Computed sums are those of rows rounded to a grid, so weights differ from the plaintext by up to
PROMISE of the largest; protected sums of statistics in plain are nearer.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
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
PROMISED_ON_ENCRYPTED_ROWS = 1e-2
"""Relative error of a figure that is not worth a word, where rows were rounded to a grid."""
REACH = float(FILL)
"""Columns lie within -1 to 1 and need not be centred, so their root mean square is up to 1."""


@dataclass(frozen=True, eq=False)
class Computed:
    """Each party's sums for each model, opened by it alone."""

    own: Mapping[str, Mapping[str, Gram]]
    crossings: tuple[Crossing, ...]
    statement: str
    step: float
    """Of the grid that the rows were rounded to."""

    def off(self, rows: float) -> float:
        """Return how far a sum over so many rows is hardly ever off: four standard deviations of its rounding.

        Either factor of a product is off by an even share of a step, and the other within -1 to 1.
        """
        return 4.0 * self.step * math.sqrt(2.0 * rows / 12.0)


def computed(sites: Sequence[Rows], models: Sequence[Model], ranges: Ranges, day: float) -> Computed:
    """Return the sums that the cloud computed on every party's encrypted columns."""
    columns = _Columns(models, len(ranges.features))
    found = alone(
        {site.party: columns.of(site, ranges) for site in sites},
        [columns.places(model) for model in models],
        day=day,
    )
    own = {
        party: {model.name: columns.gram(one, model) for model, one in zip(models, moments, strict=True)}
        for party, moments in found.moments.items()
    }
    return Computed(own, found.crossings, found.statement, found.step)


class _Columns:
    """Where each transformed column lies among the stored ones: features by power, then targets by power.

    Only what a model asks for is stored: a column of 0 and 1 has no logarithm, and needs none for a transformed target.
    """

    def __init__(self, models: Sequence[Model], features: int) -> None:
        self._of_features = _powers(model.on_features for model in models)
        self._of_target = _powers(model.on_target for model in models)
        self._features = features

    def of(self, site: Rows, ranges: Ranges) -> FloatArray:
        """Return all columns of a party on their public scales."""
        features = [features_of(site, ranges, power) for power in self._of_features]
        targets = [standardised(site.y, ranges.target, power) for power in self._of_target]
        return np.column_stack([*features, *targets])

    def places(self, model: Model) -> list[int]:
        """Return the columns of a model: its features, then its target."""
        features = self._of_features.index(model.on_features) * self._features + np.arange(self._features)
        target = len(self._of_features) * self._features + self._of_target.index(model.on_target)
        return [*features.tolist(), target]

    def gram(self, moments: FloatArray, model: Model) -> Gram:
        """Return a model's Gram out of the moments of its columns, which stand in order of their places."""
        order = np.concatenate([[0], 1 + np.argsort(np.argsort(self.places(model)))])
        ordered = moments[np.ix_(order, order)]
        return Gram(ordered[:-1, :-1], ordered[:-1, -1], float(ordered[-1, -1]))


def _powers(asked: Iterable[float | None]) -> list[float | None]:
    """Return powers in order, each once; no power stands before any power."""
    return sorted(set(asked), key=lambda power: (power is not None, power))


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
