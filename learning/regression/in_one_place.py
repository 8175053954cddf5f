"""The yardstick of a study: each model fitted to all rows in one place, by another way than sums of products.

Sums of products lose digits where a column hardly varies or little is left unexplained. Whoever compares with them must
not lose the same ones, or the two agree and both are wrong.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from learning.arrays import FloatArray
from learning.linear import Solved, predict
from learning.regression.metrics import of_rows
from learning.regression.ranges import Ranges, scale, standardised
from learning.regression.rows import Rows
from learning.regression.statistics import features_of
from learning.regression.transforms import Model


def fitted(
    sites: Sequence[Rows], model: Model, without: Solved, ridge: float, ranges: Ranges
) -> tuple[Solved, dict[str, float]]:
    """Return the weights of all rows on public scales, and every metric, by least squares on centred rows.

    without: says which features have no weight; they have none here either.
    """
    x = np.concatenate([features_of(site, ranges, model.on_features) for site in sites])
    y = np.concatenate([standardised(site.y, ranges.target, model.on_target) for site in sites])
    weights = _weights(
        x, y, [at for at in range(x.shape[1]) if at not in (*without.constant, *without.collinear)], ridge
    )
    unit = scale(ranges.target, model.on_target).half
    return without._replace(weights=weights), of_rows(y, predict(weights, x), without.parameters, unit)


def _weights(x: FloatArray, y: FloatArray, kept: list[int], ridge: float) -> FloatArray:
    mean_x, mean_y = x.mean(axis=0), float(y.mean())
    rows = np.vstack([(x - mean_x)[:, kept], np.sqrt(ridge) * np.eye(len(kept))])
    slopes, *_ = np.linalg.lstsq(rows, np.concatenate([y - mean_y, np.zeros(len(kept))]), rcond=None)
    weights = np.zeros(1 + x.shape[1])
    weights[1 + np.array(kept, dtype=int)] = slopes
    weights[0] = mean_y - weights[1:] @ mean_x
    return weights
