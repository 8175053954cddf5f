"""Bayesian linear regression by turns: a party takes what was announced, learns its rows, and announces what it knows.

Precisions are in units of the noise: its variance is the unit, so the precision grows by each party's Gram, and the
prior is a ridge. Mean and precision travel; any order of parties then ends at the ridge of all rows in one place.
Whoever reads two announcements that follow each other has the Gram of the party between them: `revealed`. Announcing
the mean alone hides it and forgets how sure the others were.

Source: C. M. Bishop, "Pattern Recognition and Machine Learning" (2006), equations 3.50 and 3.51.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from learning import linear
from learning.arrays import FloatArray
from learning.linear import Gram


@dataclass(frozen=True, eq=False)
class Announced:
    """What is known after a turn."""

    mean: FloatArray
    """Float[1 + features]: the weights, the intercept first."""
    precision: FloatArray
    """Float[1 + features, 1 + features]."""


def nothing_known(features: int, ridge: float) -> Announced:
    """Return the prior: no idea of the intercept, weights of the features near 0 as far as `ridge` is strong."""
    precision = np.diag(np.array([0.0, *[ridge] * features]))
    return Announced(np.zeros(1 + features), precision)


def turn(before: Announced, own: Gram, ridge: float) -> Announced:
    """Return what a party announces after it has learned its rows. ridge: of the prior.

    A feature that no row so far tells anything about keeps the weight 0.
    """
    precision = before.precision + own.xx
    shift = before.precision @ before.mean + own.xy
    seen = Gram(precision - nothing_known(own.features, ridge).precision, shift, own.yy)
    return Announced(linear.solve(seen, ridge).weights, precision)


def turns(grams: Iterable[Gram], features: int, ridge: float) -> list[Announced]:
    """Return what is announced after each turn, the prior first."""
    found = [nothing_known(features, ridge)]
    for own in grams:
        found.append(turn(found[-1], own, ridge))
    return found


def mean_only(grams: Iterable[Gram], features: int, held: float) -> FloatArray:
    """Return the weights after turns in which the mean alone travels: each party takes `held` for its precision."""
    precision = held * np.eye(1 + features)
    mean = np.zeros(1 + features)
    for own in grams:
        mean = np.asarray(np.linalg.solve(precision + own.xx, precision @ mean + own.xy), dtype=np.float64)
    return mean


class Revealed(NamedTuple):
    """What two announcements that follow each other say about the party between them."""

    xx: FloatArray
    """Its number of parts, its sums of features and of their products."""
    xy: FloatArray
    """Its sums of products with the target."""


def revealed(before: Announced, after: Announced) -> Revealed:
    """Return the sums of the party whose turn lies between two announcements."""
    return Revealed(after.precision - before.precision, after.precision @ after.mean - before.precision @ before.mean)


def explained(sums: Gram, weights: FloatArray) -> float:
    """Return 1 - RSS / TSS of weights on the rows behind a Gram."""
    return 1.0 - linear.residual_squares(sums, weights) / linear.centred(sums).squares


def course(grams: Sequence[Gram], sums: Gram, ridge: float) -> list[tuple[float, float]]:
    """Return after each turn the number of rows seen so far and the R2 on the rows behind `sums`."""
    told = turns(grams, sums.features, ridge)[1:]
    return [(float(one.precision[0, 0]), explained(sums, one.mean)) for one in told]
