"""Residuals of a common model at one party: for its own plots, since they follow from no sum."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from learning import linear
from learning.arrays import FloatArray
from learning.regression.ranges import Ranges, scale, standardised
from learning.regression.rows import Rows
from learning.regression.statistics import features_of
from learning.regression.transforms import Model
from sim.normal import scores


class Residuals(NamedTuple):
    """One number a row, on the scale of the model's target."""

    fitted: FloatArray
    residual: FloatArray
    score: FloatArray
    """What the residual would be in standard deviations, by its rank, if residuals were normal."""


def residuals(rows: Rows, model: Model, weights: FloatArray, ranges: Ranges) -> Residuals:
    """Return the residuals of a party's rows. weights: on public scales, the intercept first."""
    of = scale(ranges.target, model.on_target)
    fitted = linear.predict(weights, features_of(rows, ranges, model.on_features))
    residual = standardised(rows.y, ranges.target, model.on_target) - fitted
    return Residuals(of.middle + of.half * fitted, of.half * residual, normal_scores(residual))


def normal_scores(values: FloatArray) -> FloatArray:
    """Return the normal quantile of (rank - 1/2) / n of each value."""
    ranks = np.empty(len(values))
    ranks[np.argsort(values, kind="stable")] = np.arange(len(values))
    return scores((ranks + 0.5) / len(values))
