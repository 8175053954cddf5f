"""Maximum likelihood with censoring and left truncation, and what the observed information says of its precision.

scipy fits censored data, but knows no left truncation and gives no intervals; here scipy searches and supplies the
special functions, and where nothing is truncated the estimates are those of `scipy.stats` (tested).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import numpy as np
from scipy.optimize import minimize

from looptwin.fitting.families import FAMILIES, Family, Free
from looptwin.fitting.model import Model
from looptwin.fitting.sample import Floats, Sample

NORMAL_95 = 1.959963984540054
"""Normal quantile of a two-sided 95 % interval."""

STEP = 1e-3
"""Step of the differences behind the information, in free parameters; between rounding and the third derivative."""

ROUGH = 1e-4
"""How close an estimate is that only a bootstrap looks at, in free parameters."""

Cost: TypeAlias = Callable[[Free], float]
"""Minus the log likelihood of free parameters."""


class Parameter(NamedTuple):
    """A parameter of a law with its standard error and its 95 % interval."""

    name: str
    value: float
    error: float
    low: float
    high: float


class Peak(NamedTuple):
    """Where a likelihood is highest: free parameters, their covariance, and the log likelihood there."""

    free: Floats
    covariance: Floats
    log_likelihood: float


@dataclass(frozen=True)
class Fit:
    """A law that was fitted."""

    family: Family
    parameters: tuple[Parameter, ...]
    peak: Peak
    count: int
    ends: int

    @property
    def aic(self) -> float:
        """Akaike's information criterion: the lower, the better the law pays for its parameters."""
        return 2.0 * len(self.peak.free) - 2.0 * self.peak.log_likelihood

    def value(self, name: str) -> float:
        """Return a parameter by its name."""
        return next(one.value for one in self.parameters if one.name == name)

    @property
    def model(self) -> Model:
        """The law at its most likely parameters."""
        return Model(self.family, self.peak.free)


def cost_of(family: Family, sample: Sample) -> Cost:
    """Return minus the log likelihood of a sample: densities of ends, survival of the rest, both given the entry."""
    ended, rest = sample.times[sample.ended], sample.times[~sample.ended]
    entry = sample.entry[sample.entry > 0.0]

    def cost(free: Free) -> float:
        with np.errstate(all="ignore"):
            found = family.log_density(free, ended).sum() + family.log_survival(free, rest).sum()
            found -= family.log_survival(free, entry).sum()
        return -float(found) if math.isfinite(found) else math.inf

    return cost


def fit(sample: Sample, family: Family) -> Fit:
    """Return the law of a family under which a sample is most likely. The sample has an end of positive length."""
    cost = cost_of(family, sample)
    peak = climb(cost, start_of(sample, family))
    return Fit(family, parameters_of(peak, family.parameters, family.values), peak, sample.count, sample.ends)


def fit_model(sample: Sample, family: Family) -> Model:
    """Return the same estimates to four digits, without their precision: what a bootstrap needs many times."""
    return Model(family, lowest(cost_of(family, sample), np.array(start_of(sample, family)), 0.3, ROUGH))


def fits(sample: Sample, law: str | None = None) -> list[Fit]:
    """Return the fits of every family, or of one, the lowest AIC first."""
    chosen = FAMILIES.values() if law is None else [FAMILIES[law]]
    return sorted((fit(sample, family) for family in chosen), key=lambda one: one.aic)


def start_of(sample: Sample, family: Family) -> tuple[float, ...]:
    """Return free parameters to start from: exposure per end, and the spread of the ends."""
    exposure = float((sample.times - sample.entry).sum()) / max(sample.ends, 1)
    ended = sample.times[sample.ended]
    spread = float(ended.std() / ended.mean()) if len(ended) > 1 else 1.0
    return family.start(exposure, min(max(spread, 0.05), 3.0))


def climb(cost: Cost, start: tuple[float, ...], *, width: float = 0.3) -> Peak:
    """Return the peak of a likelihood, by the simplex method from a start, and its observed information."""
    free = lowest(cost, np.asarray(start, dtype=float), width)
    # once more from there: a simplex can come to rest on a slope
    free = lowest(cost, free, 0.01)
    return Peak(free, _inverse(curvature(cost, free)), -cost(free))


def _inverse(information: Floats) -> Floats:
    """Return the covariance for an information; nan where the records leave a direction open."""
    if not np.isfinite(information).all() or np.linalg.eigvalsh(information).min() <= 0.0:
        return np.full_like(information, np.nan)
    covariance: Floats = np.linalg.inv(information).astype(float)
    return covariance


def lowest(cost: Cost, start: Floats, width: float, near: float = 1e-9) -> Floats:
    """Return where a function is lowest, by the simplex method.

    width: first steps away from the start. near: how close the place and the value are, where that is enough.
    """
    corners = np.vstack([start, start + width * np.eye(len(start))])
    options = {"initial_simplex": corners, "xatol": near, "fatol": near, "maxiter": 4000, "maxfev": 4000}
    free: Floats = minimize(cost, start, method="Nelder-Mead", options=options).x
    return free


def curvature(cost: Cost, at: Floats) -> Floats:
    """Return the second derivatives of a function by central differences."""
    size = len(at)
    steps = STEP * np.eye(size)
    found = np.empty((size, size))
    for i in range(size):
        for j in range(i + 1):
            a, b = steps[i], steps[j]
            if i == j:
                value = (cost(at + a) - 2.0 * cost(at) + cost(at - a)) / STEP**2
            else:
                value = (cost(at + a + b) - cost(at + a - b) - cost(at - a + b) + cost(at - a - b)) / (4.0 * STEP**2)
            found[i, j] = found[j, i] = value
    return found


def parameters_of(
    peak: Peak, names: tuple[str, ...], values: Callable[[Free], tuple[float, ...]]
) -> tuple[Parameter, ...]:
    """Return positive parameters with intervals that are symmetric in their logarithms (delta method)."""
    free = peak.free
    here = np.array(values(free))
    logs = [
        (np.log(values(free + STEP * axis)) - np.log(values(free - STEP * axis))) / (2.0 * STEP)
        for axis in np.eye(len(free))
    ]
    slope = np.array(logs)
    errors = np.sqrt(np.maximum(np.einsum("ik,ij,jk->k", slope, peak.covariance, slope), 0.0))
    factors = np.exp(NORMAL_95 * errors)
    rows = zip(names, here, here * errors, here / factors, here * factors, strict=True)
    return tuple(Parameter(name, *map(float, numbers)) for name, *numbers in rows)
