"""Linear regression from sums over rows, as pure functions.

A `Gram` is all that least squares needs of any number of rows, and the Gram of joined rows is the sum of theirs: a
federation of linear models loses nothing but the rounding of its grid. Weights: Float[1 + features], the intercept
first. The prior holds the features' weights and leaves the intercept free. Rows should be standardised on public scales
first: sums of squares of numbers far from 0 lose the digits that tell the rows apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from learning.arrays import FloatArray

TOLERANCE = 1e-8
"""Share of a column's spread that must be its own, or it counts as constant or as following from those before it."""


@dataclass(frozen=True, eq=False)
class Gram:
    """Sums of products over rows, of a column of ones, the features and the target."""

    xx: FloatArray
    """Float[1 + features, 1 + features], symmetric; the column of ones first."""
    xy: FloatArray
    """Float[1 + features]: products with the target; its own sum first."""
    yy: float
    """Sum of the target's squares."""

    @property
    def n(self) -> float:
        """Number of rows."""
        return float(self.xx[0, 0])

    @property
    def features(self) -> int:
        """Number of features, without the column of ones."""
        return len(self.xy) - 1


def gram(x: FloatArray, y: FloatArray) -> Gram:
    """Return the sums of the rows of x: Float[rows, features] and y: Float[rows]."""
    design = _design(x)
    return Gram(design.T @ design, design.T @ y, float(y @ y))


def add(*grams: Gram) -> Gram:
    """Return the Gram of all rows together. Raises ValueError for none."""
    if not grams:
        raise ValueError("there is nothing to add")
    return reduce(lambda one, other: Gram(one.xx + other.xx, one.xy + other.xy, one.yy + other.yy), grams)


def numbers(features: int) -> int:
    """Return how many numbers `flatten` gives."""
    width = 1 + features
    return width * (width + 1) // 2 + width + 1


def flatten(value: Gram) -> FloatArray:
    """Return a Gram as one row of numbers; half of the symmetric products is left out."""
    return np.concatenate([value.xx[np.triu_indices(len(value.xy))], value.xy, [value.yy]])


def unflatten(row: FloatArray, features: int) -> Gram:
    """Return the Gram that `flatten` made the row of."""
    width = 1 + features
    xx = np.zeros((width, width))
    xx[np.triu_indices(width)] = row[: -width - 1]
    return Gram(xx + np.triu(xx, 1).T, row[-width - 1 : -1], float(row[-1]))


def standardised(sums: Gram, by: Gram) -> Gram:
    """Return the Gram of the same rows in units of the means and standard deviations of the rows behind `by`.

    A feature that does not vary there is only centred.
    """
    about = centred(by)
    deviation = np.where(about.varies, np.sqrt(np.diag(about.spread) / by.n), 1.0)
    unit = float(np.sqrt(about.squares / by.n)) or 1.0
    change = np.diag(np.concatenate([[1.0], 1.0 / deviation]))
    change[0, 1:] = -about.mean_x / deviation
    xy = change.T @ (sums.xy - about.mean_y * sums.xx[:, 0]) / unit
    yy = (sums.yy - 2.0 * about.mean_y * float(sums.xy[0]) + sums.n * about.mean_y**2) / unit**2
    return Gram(change.T @ sums.xx @ change, xy, yy)


HARDLY = 1e-11
"""Share of a column's spread in its squares below which it is taken for constant, and not for nearly so."""

_TOO_LITTLE = "varies too little beside its size to be told from rounding (take a constant off the column)"


class Solved(NamedTuple):
    """The best weights, and which features could say nothing: their weights are 0."""

    weights: FloatArray
    """Float[1 + features], the intercept first."""
    constant: tuple[int, ...]
    """Positions of features that do not vary, or too little to be told from rounding."""
    collinear: tuple[int, ...]
    """Positions of features that follow from features before them."""
    hardly: tuple[int, ...] = ()
    """Positions of those of `constant` that do vary."""

    @property
    def parameters(self) -> int:
        """How many weights were free, the intercept among them."""
        return len(self.weights) - len(self.constant) - len(self.collinear)

    def remarks(self, names: Sequence[str]) -> tuple[str, ...]:
        """Return a sentence about each feature that was left out."""
        constant = [f"{names[at]!r} {_TOO_LITTLE if at in self.hardly else 'does not vary'}" for at in self.constant]
        follows = [f"{names[at]!r} follows from features before it, so it has no weight" for at in self.collinear]
        return (*(f"{said}, so it has no weight" for said in constant), *follows)


class Centred(NamedTuple):
    """Means, and sums of products of distances from the means."""

    mean_x: FloatArray
    """Float[features]."""
    mean_y: float
    spread: FloatArray
    """Float[features, features]."""
    joint: FloatArray
    """Float[features]: with the target."""
    squares: float
    """Of the target; never below 0."""
    varies: NDArray[np.bool_]
    """Bool[features]: whether a feature has more spread than rounding explains."""


def centred(sums: Gram) -> Centred:
    """Return what a Gram says about the rows' distances from their mean. Raises ValueError without rows."""
    if sums.n <= 0:
        raise ValueError("there are no rows to learn from")
    mean_x, mean_y = sums.xx[0, 1:] / sums.n, float(sums.xy[0]) / sums.n
    spread = sums.xx[1:, 1:] - sums.n * np.outer(mean_x, mean_x)
    joint = sums.xy[1:] - sums.n * mean_x * mean_y
    varies = np.diag(spread) > TOLERANCE * np.diag(sums.xx)[1:]
    return Centred(mean_x, mean_y, spread, joint, max(0.0, sums.yy - sums.n * mean_y**2), varies)


def solve(sums: Gram, ridge: float = 0.0) -> Solved:
    """Return the weights of least squares plus `ridge` times the squared weights of the features.

    A feature that does not vary gets no weight, because nothing says what it does; one that follows from features
    before it gets none unless the prior is strong enough to share the weight out. Raises ValueError without rows.
    """
    about = centred(sums)
    penalised = about.spread + ridge * np.eye(sums.features)
    kept, collinear = _independent(penalised, np.flatnonzero(about.varies).tolist())
    weights = np.zeros(1 + sums.features)
    if kept:
        scale = 1.0 / np.sqrt(np.diag(penalised)[kept])
        scaled = penalised[np.ix_(kept, kept)] * np.outer(scale, scale)
        weights[1 + np.array(kept)] = scale * np.linalg.solve(scaled, scale * about.joint[kept])
    weights[0] = about.mean_y - weights[1:] @ about.mean_x
    constant, moves = np.flatnonzero(~about.varies), np.diag(about.spread) > HARDLY * np.diag(sums.xx)[1:]
    hardly = tuple(int(at) for at in constant if moves[at])
    return Solved(weights, tuple(int(at) for at in constant), collinear, hardly)


def _independent(matrix: FloatArray, candidates: Sequence[int]) -> tuple[list[int], tuple[int, ...]]:
    """Return the positions whose pivot stands out when they are taken in turn, and the others."""
    rest = matrix.copy()
    kept: list[int] = []
    left_out: list[int] = []
    for at in candidates:
        pivot = rest[at, at]
        if pivot <= TOLERANCE * matrix[at, at]:
            left_out.append(at)
            continue
        kept.append(at)
        rest = rest - np.outer(rest[:, at], rest[at]) / pivot
    return kept, tuple(left_out)


def predict(weights: FloatArray, x: FloatArray) -> FloatArray:
    """Return what the weights say of each row of x: Float[rows, features]."""
    return _design(x) @ weights


def residual_squares(sums: Gram, weights: FloatArray) -> float:
    """Return the sum of squared residuals of the rows behind a Gram, for any weights; never below 0."""
    return max(0.0, sums.yy - 2.0 * float(weights @ sums.xy) + float(weights @ sums.xx @ weights))


def _design(x: FloatArray) -> FloatArray:
    return np.column_stack([np.ones(len(x)), x])
