"""How well a linear model fits, from sums over rows alone: nobody needs to see a row to print the table.

R2, F, AIC and BIC are on the scale of the model's own target, which its transform changes: between targets they say
nothing. A model that was fitted elsewhere is judged by the same formulas, and its R2 may be negative.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from learning import linear
from learning.arrays import FloatArray
from learning.linear import Gram

METRICS: Mapping[str, str] = {
    "rows": "rows",
    "parameters": "free weights, the intercept among them",
    "rss": "sum of squared residuals",
    "tss": "sum of squared distances of the target from its mean",
    "r2": "1 - rss / tss",
    "r2_adjusted": "1 - (rss / (rows - parameters)) / (tss / (rows - 1))",
    "correlation_squared": "squared correlation of prediction and target",
    "f": "((tss - rss) / (parameters - 1)) / (rss / (rows - parameters))",
    "aic": "rows ln(2 pi rss / rows) + rows + 2 parameters",
    "bic": "rows ln(2 pi rss / rows) + rows + parameters ln(rows)",
}
"""Every metric with its formula."""


def metrics(sums: Gram, weights: FloatArray, parameters: int, unit: float = 1.0) -> dict[str, float]:
    """Return every metric of weights on the rows behind a Gram; an undefined one is nan.

    parameters: how many weights were free. unit: what the target was divided by, for sums of squares in its own unit.
    """
    rss = linear.residual_squares(sums, weights) * unit**2
    tss = linear.centred(sums).squares * unit**2
    return told(sums.n, parameters, rss, tss, correlation_squared(sums, weights))


def of_rows(y: FloatArray, predicted: FloatArray, parameters: int, unit: float = 1.0) -> dict[str, float]:
    """Return every metric of predictions for the rows themselves, so that no digit is lost in a sum of squares."""
    around, between = y - y.mean(), predicted - predicted.mean()
    rss, tss = float(((y - predicted) ** 2).sum()) * unit**2, float(around @ around) * unit**2
    squared = _ratio(float(around @ between) ** 2, float(around @ around) * float(between @ between))
    return told(float(len(y)), parameters, rss, tss, squared)


def told(n: float, parameters: int, rss: float, tss: float, squared: float) -> dict[str, float]:
    """Return every metric of so many rows and free weights. squared: the squared correlation."""
    r2 = 1.0 - _ratio(rss, tss)
    freedom = n - parameters
    likelihood = n * math.log(2.0 * math.pi * rss / n) + n if rss > 0.0 else math.nan
    return {
        "rows": n,
        "parameters": float(parameters),
        "rss": rss,
        "tss": tss,
        "r2": r2,
        "r2_adjusted": 1.0 - _ratio(rss / freedom, tss / (n - 1.0)) if freedom > 0.0 else math.nan,
        "correlation_squared": squared,
        "f": _ratio((tss - rss) / (parameters - 1), rss / freedom) if parameters > 1 and freedom > 0.0 else math.nan,
        "aic": likelihood + 2.0 * parameters,
        "bic": likelihood + parameters * math.log(n),
    }


def correlation_squared(sums: Gram, weights: FloatArray) -> float:
    """Return the squared correlation of prediction and target; nan where one of them does not vary."""
    about, slopes = linear.centred(sums), weights[1:]
    return _ratio(float(slopes @ about.joint) ** 2, float(slopes @ about.spread @ slopes) * about.squares)


def correlations(sums: Gram) -> FloatArray:
    """Return the correlation of each feature with the target: Float[features]; nan for one that does not vary."""
    about = linear.centred(sums)
    found = np.full(sums.features, math.nan)
    if about.squares > 0.0:
        squares = np.diag(about.spread)[about.varies] * about.squares
        found[about.varies] = about.joint[about.varies] / np.sqrt(squares)
    return found


def _ratio(above: float, below: float) -> float:
    return above / below if below > 0.0 else math.nan
