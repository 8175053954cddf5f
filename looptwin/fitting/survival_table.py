"""Survival rates by age: a Weibull by least squares, what was published beside it, and where none can be right.

A rate is the share of the units that were new a number of years ago and are in use today. Used units that come from
abroad make it rise, even above 1; no law of lives can do that, so such a table gives no law.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy.optimize import least_squares

from looptwin.errors import UserError
from looptwin.fitting.dialect import Options
from looptwin.fitting.sample import Floats
from looptwin.fitting.sheet import read_sheet, require

COLUMNS = ("group", "age", "rate")
PUBLISHED = ("group", "gamma", "beta")
"""Columns of a table of rates, and of one of published parameters."""

RISE = 0.1
"""A rate that climbs by more than this over an earlier one is taken for imports. Registers that count the youngest
incompletely, as most do, show rises of a few hundredths."""

HALF = 0.5
"""A table must show rates on both sides of this before a law is fitted to it."""

FEWEST_AGES = 5
"""Ages that a group must have."""


@dataclass(frozen=True)
class Rates:
    """Survival rates of one group. ages: Float[ages], years, rising; rates: Float[ages]."""

    group: str
    ages: Floats
    rates: Floats

    @property
    def above_one(self) -> int:
        """Rates above 1."""
        return int((self.rates > 1.0).sum())

    @property
    def rise(self) -> float:
        """The most that a rate climbs over an earlier one."""
        return float((self.rates - np.minimum.accumulate(self.rates)).max())

    @property
    def imports(self) -> str:
        """Why these are rates of a group that imports used units; empty where nothing says so."""
        if self.above_one:
            age = self.ages[int(self.rates.argmax())]
            return (
                f"{self.above_one} of {len(self.rates)} rates are above 1, the highest {self.rates.max():.2f} at age "
                f"{age:g}"
            )
        if self.rise > RISE:
            return f"the rates climb by {self.rise:.2f} with age"
        return ""

    @property
    def no_law(self) -> str:
        """Why no law of lives is fitted; empty where one is."""
        if self.imports:
            return f"{self.imports}: used units come in, or the counts disagree"
        if self.rates.min() > HALF:
            return f"the rates stay above {HALF:g}: half of the lives are still to come"
        return "" if self.rates.max() > HALF else f"the rates start below {HALF:g}: most lives were over before"


class WeibullRates(NamedTuple):
    """A Weibull survival in years: `exp(-(age / scale) ** shape)`, and how far it is from the rates."""

    scale: float
    shape: float
    rms: float
    r_squared: float

    @property
    def mean(self) -> float:
        """Mean life, years."""
        return self.scale * math.gamma(1.0 + 1.0 / self.shape)


class Published(NamedTuple):
    """A published Weibull under both readings of its gamma: the scale, or the mean life."""

    gamma: float
    beta: float
    rms_as_scale: float
    rms_as_mean: float

    @property
    def is_mean(self) -> bool:
        """Whether the rates are nearer to gamma as the mean life."""
        return self.rms_as_mean < self.rms_as_scale


def read_rates(path: Path, options: Options) -> list[Rates]:
    """Return the rates in a table with `age` (years) and `rate`, by `group` where it has one, in the file's order."""
    sheet = read_sheet(path, COLUMNS, options.only(COLUMNS))
    require(sheet, ("age", "rate"))
    ages = np.array(sheet.numbers("age", "an age in years, 0 or more", least=0.0))
    rates = np.array(sheet.numbers("rate", "a share of the units that were new, 0 or more", least=0.0))
    sheet.finish()
    return grouped(path, sheet.cells("group"), ages, rates)


def grouped(path: Path, groups: Sequence[str], ages: Floats, rates: Floats) -> list[Rates]:
    """Return rates by group, in the order in which groups first stand; raise UserError where a group has too few."""
    rows: dict[str, list[int]] = {}
    for row, group in enumerate(groups):
        rows.setdefault(group or "all", []).append(row)
    found = []
    for group, own in rows.items():
        order = sorted(own, key=lambda row: ages[row])
        if len(set(ages[order])) < max(len(order), FEWEST_AGES):
            raise UserError(f"{path}: {group} needs {FEWEST_AGES} ages or more, each once")
        found.append(Rates(group, ages[order], rates[order]))
    return found


def read_published(path: Path, options: Options) -> dict[str, tuple[float, float]]:
    """Return published gamma (years) and beta by group."""
    sheet = read_sheet(path, PUBLISHED, options.only(PUBLISHED))
    require(sheet, PUBLISHED)
    gamma = sheet.numbers("gamma", "a number of years above 0", least=1e-9)
    beta = sheet.numbers("beta", "a number above 0", least=1e-9)
    sheet.finish()
    return dict(zip(sheet.cells("group"), zip(gamma, beta, strict=True), strict=True))


def weibull_rates(rates: Rates) -> WeibullRates:
    """Return the Weibull survival that is nearest to rates in least squares."""

    def miss(free: Floats) -> Floats:
        return survival(rates.ages, math.exp(free[0]), math.exp(free[1])) - rates.rates

    area = float(np.trapezoid(rates.rates, rates.ages)) + float(rates.ages[0])
    found = least_squares(miss, [math.log(area), math.log(3.0)], bounds=([-9.0, -2.3], [9.0, 4.6]), xtol=1e-12)
    residual = float(np.square(found.fun).sum())
    variation = float(np.square(rates.rates - rates.rates.mean()).sum())
    scale, shape = map(math.exp, found.x)
    share = 1.0 - residual / variation if variation else math.nan
    return WeibullRates(scale, shape, math.sqrt(residual / len(rates.ages)), share)


def published_rates(rates: Rates, gamma: float, beta: float) -> Published:
    """Return how far published parameters are from rates under both readings of gamma.

    Oguchi and Fuse write exp(-(age / gamma) ** beta * Gamma(1 + 1 / beta) ** beta): gamma is then the mean life.
    """
    as_scale = survival(rates.ages, gamma, beta)
    as_mean = survival(rates.ages, gamma / math.gamma(1.0 + 1.0 / beta), beta)
    far = [float(np.sqrt(np.mean(np.square(one - rates.rates)))) for one in (as_scale, as_mean)]
    return Published(gamma, beta, *far)


def survival(ages: Floats, scale: float, shape: float) -> Floats:
    """Return the Weibull share that outlives each age."""
    found: Floats = np.exp(-((ages / scale) ** shape))
    return found
