"""The descriptive part: how features go with the target, over all parties from opened sums, at each from its rows."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from learning.linear import Gram
from learning.regression.metrics import correlations
from learning.regression.rows import Rows

LEVEL = 0.05
"""A correlation is called significant where one as large comes by chance in fewer than this share of cases."""


@dataclass(frozen=True, kw_only=True)
class Correlation:
    """A feature's correlation with the target; nan and not significant for one that does not vary."""

    value: float
    significant: bool


@dataclass(frozen=True, kw_only=True)
class Quantity:
    """How a column lies at one party."""

    mean: float
    deviation: float
    quartiles: tuple[float, float, float]


@dataclass(frozen=True, kw_only=True)
class Described:
    """One party, or all together."""

    rows: int
    correlations: Mapping[str, Correlation]
    """By feature."""
    target: Quantity | None
    """None for all parties together: quartiles follow from no sum."""


def together(sums: Gram, names: Sequence[str]) -> Described:
    """Return the description of all parties' rows from the sums of untransformed columns."""
    found = zip(names, correlations(sums).tolist(), strict=True)
    rows = round(sums.n)
    return Described(rows=rows, correlations={name: _judged(value, rows) for name, value in found}, target=None)


def described(rows: Rows, own: Gram) -> Described:
    """Return the description of one party, which it makes of its own rows. own: its sums of untransformed columns."""
    found = zip(rows.names, correlations(own).tolist(), strict=True)
    quarter, half, three_quarters = np.quantile(rows.y, [0.25, 0.5, 0.75]).tolist()
    return Described(
        rows=len(rows),
        correlations={name: _judged(value, len(rows)) for name, value in found},
        target=Quantity(
            mean=float(rows.y.mean()), deviation=float(rows.y.std()), quartiles=(quarter, half, three_quarters)
        ),
    )


def _judged(value: float, rows: int) -> Correlation:
    return Correlation(value=value, significant=p_value(value, rows) < LEVEL)


def p_value(correlation: float, rows: int) -> float:
    """Return how often a correlation as large comes by chance, by Student's law; 1 where it is not defined."""
    from scipy.special import betainc

    if math.isnan(correlation) or rows < 3:
        return 1.0
    # the two tails of t = r sqrt((n - 2) / (1 - r^2)) as an incomplete beta function
    return float(betainc(rows / 2.0 - 1.0, 0.5, 1.0 - min(correlation**2, 1.0)))
