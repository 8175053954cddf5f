"""The families that are fitted: log density, log survival and quantile over free parameters, and their law.

Free parameters are any real numbers (logarithms where a parameter is positive), so that a search cannot leave the
family. The names of the parameters are those of `sim.laws`. Lawless (2003), Statistical Models and Methods for
Lifetime Data, ch. 1.3.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
from scipy.special import gammaincc, gammainccinv, gammaln, log_ndtr, ndtri

from looptwin.fitting.sample import Floats

Free: TypeAlias = Sequence[float] | Floats
"""Free parameters of a family."""


class Family(NamedTuple):
    """A family of laws of positive times."""

    name: str
    parameters: tuple[str, ...]
    """Names, as `sim.laws` has them."""
    log_density: Callable[[Free, Floats], Floats]
    log_survival: Callable[[Free, Floats], Floats]
    time_of: Callable[[Free, Floats], Floats]
    """The time that a share of the units survives."""
    values: Callable[[Free], tuple[float, ...]]
    """The law's parameters, in the order of their names."""
    start: Callable[[float, float], tuple[float, ...]]
    """Free parameters near a mean and a coefficient of variation."""


def _exponential_log_survival(free: Free, t: Floats) -> Floats:
    return -t * math.exp(-free[0])


EXPONENTIAL = Family(
    "exponential",
    ("mean",),
    lambda free, t: _exponential_log_survival(free, t) - free[0],
    _exponential_log_survival,
    lambda free, share: -math.exp(free[0]) * np.log(share),
    lambda free: (math.exp(free[0]),),
    lambda mean, cv: (math.log(mean),),
)


def _weibull_log_density(free: Free, t: Floats) -> Floats:
    shape = math.exp(free[0])
    place = np.log(t) - free[1]
    density: Floats = free[0] - free[1] + (shape - 1.0) * place - np.exp(shape * place)
    return density


def _weibull_log_survival(free: Free, t: Floats) -> Floats:
    hazard: Floats = -np.exp(math.exp(free[0]) * (np.log(t) - free[1]))
    return hazard


WEIBULL = Family(
    "weibull",
    ("shape", "scale"),
    _weibull_log_density,
    _weibull_log_survival,
    lambda free, share: math.exp(free[1]) * (-np.log(share)) ** math.exp(-free[0]),
    lambda free: (math.exp(free[0]), math.exp(free[1])),
    lambda mean, cv: (-math.log(cv), math.log(mean)),
)


def _lognormal_log_density(free: Free, t: Floats) -> Floats:
    logs = np.log(t)
    place = (logs - free[0]) * math.exp(-free[1])
    density: Floats = -0.5 * place * place - free[1] - logs - 0.5 * math.log(2.0 * math.pi)
    return density


def _lognormal_log_survival(free: Free, t: Floats) -> Floats:
    survival: Floats = log_ndtr((free[0] - np.log(t)) * math.exp(-free[1]))
    return survival


def _lognormal_values(free: Free) -> tuple[float, float]:
    variance = math.exp(2.0 * free[1])
    return math.exp(free[0] + 0.5 * variance), math.sqrt(math.expm1(variance))


def _lognormal_start(mean: float, cv: float) -> tuple[float, float]:
    variance = math.log1p(cv * cv)
    return math.log(mean) - 0.5 * variance, 0.5 * math.log(variance)


LOGNORMAL = Family(
    "lognormal",
    ("mean", "cv"),
    _lognormal_log_density,
    _lognormal_log_survival,
    lambda free, share: np.exp(free[0] - math.exp(free[1]) * ndtri(share)),
    _lognormal_values,
    _lognormal_start,
)


def _gamma_log_density(free: Free, t: Floats) -> Floats:
    shape, rate = math.exp(free[0]), math.exp(free[0] - free[1])
    density: Floats = shape * math.log(rate) + (shape - 1.0) * np.log(t) - rate * t - gammaln(shape)
    return density


def _gamma_log_survival(free: Free, t: Floats) -> Floats:
    shape, scaled = math.exp(free[0]), t * math.exp(free[0] - free[1])
    survival = gammaincc(shape, scaled)
    # beyond the smallest double the first term of the asymptotic series serves; Abramowitz and Stegun 6.5.32
    far = (shape - 1.0) * np.log(scaled) - scaled - gammaln(shape)
    logs: Floats = np.where(survival > 1e-290, np.log(np.maximum(survival, 1e-290)), far)
    return logs


GAMMA = Family(
    "gamma",
    ("shape", "mean"),
    _gamma_log_density,
    _gamma_log_survival,
    lambda free, share: math.exp(free[1] - free[0]) * gammainccinv(math.exp(free[0]), share),
    lambda free: (math.exp(free[0]), math.exp(free[1])),
    lambda mean, cv: (-2.0 * math.log(cv), math.log(mean)),
)

FAMILIES = {family.name: family for family in (EXPONENTIAL, WEIBULL, LOGNORMAL, GAMMA)}
"""The families by the name of their law."""
