"""Records of returns: how long units stay away, and the share that never comes back.

A unit that has not come back yet is late, or will never come. Both are told apart by how the delays of the others run
out: with the share p that ever returns, a unit that is still away after a delay t has the probability 1 - p + p S(t)
(a cure model; Maller and Zhou 1996, Survival Analysis with Long-Term Survivors).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit

from looptwin.fitting.dialect import Options
from looptwin.fitting.families import FAMILIES, Family, Free
from looptwin.fitting.likelihood import ROUGH, Cost, Fit, Parameter, Peak, climb, fit, fit_model, lowest, parameters_of
from looptwin.fitting.lives import Spells, spells
from looptwin.fitting.model import Model
from looptwin.fitting.sample import Floats, Sample, refuse_few
from looptwin.fitting.sheet import read_sheet, require

COLUMNS = ("removed", "received")
"""Columns that a table of returns has; others are left alone."""

CHI_SQUARE_95 = 3.841458820694124
"""95 % quantile of the chi-square law with one degree of freedom."""

SURE = 12.0
"""Log odds beyond which a share counts as 1: six units in a million."""


@dataclass(frozen=True)
class Returning:
    """The law of the delay of those that come back, and the share that ever does."""

    delay: Fit
    share: Parameter
    aic: float
    settled: float
    """Share of all delays that the longest watched unit has outlived: below 0.99 the records are too short to tell
    late from never."""
    peak: Peak
    """Free parameters of the delay, and the log odds of the share unless it is at its edge, 1."""


def read_delays(path: Path, options: Options, until: str | None = None) -> Spells:
    """Return the delays in a table with `removed` and `received`; raise UserError with every wrong cell."""
    sheet = read_sheet(path, COLUMNS, options)
    way = require(sheet, COLUMNS)
    found = spells(sheet, way, until, [0.0] * len(sheet.rows))
    refuse_few(found.sample, str(path), "delays")
    return found


def returns(sample: Sample, law: str | None = None) -> list[Returning]:
    """Return the fits of every family, or of one, the lowest AIC first."""
    chosen = FAMILIES.values() if law is None else [FAMILIES[law]]
    return sorted((returning(sample, family) for family in chosen), key=lambda one: one.aic)


def returning(sample: Sample, family: Family) -> Returning:
    """Return the delay law of a family with the share that returns, by maximum likelihood."""
    cost = _cost(family, sample)
    peak = climb(cost, tuple(_start(sample, family)))
    everyone = fit(sample, family)
    if peak.free[-1] > SURE or peak.log_likelihood <= everyone.peak.log_likelihood:
        return _all_return(everyone, cost, sample)
    names = (*family.parameters, "share")
    *delay, share = parameters_of(peak, names, lambda free: (*family.values(free[:-1]), float(expit(free[-1]))))
    inner = Peak(peak.free[:-1], peak.covariance[:-1, :-1], peak.log_likelihood)
    found = Fit(family, tuple(delay), inner, sample.count, sample.ends)
    low, high = _interval(cost, peak)
    aic = 2.0 * len(peak.free) - 2.0 * peak.log_likelihood
    interval = Parameter("share", share.value, share.error, low, high)
    return Returning(found, interval, aic, _settled(found, sample), peak)


def returning_model(sample: Sample, family: Family) -> Model:
    """Return the same estimates to four digits, without their intervals: what a bootstrap needs many times."""
    free = lowest(_cost(family, sample), _start(sample, family), 0.3, ROUGH)
    return Model(family, free[:-1], float(expit(free[-1])))


def _start(sample: Sample, family: Family) -> Floats:
    # those that came back, taken alone: their delays are too short, their share too small
    came, share = fit_model(_came(sample), family).free, sample.ends / (sample.count + 1)
    return np.array([*came, math.log(share / (1.0 - share))])


def _all_return(everyone: Fit, cost: Cost, sample: Sample) -> Returning:
    """Return the fit at the edge where every unit returns in the end."""
    peak = Peak(np.append(everyone.peak.free, SURE), everyone.peak.covariance, everyone.peak.log_likelihood)
    low, _ = _interval(cost, peak)
    share = Parameter("share", 1.0, math.nan, low, 1.0)
    return Returning(everyone, share, everyone.aic + 2.0, _settled(everyone, sample), everyone.peak)


def _settled(found: Fit, sample: Sample) -> float:
    return 1.0 - float(found.model.survival(np.array([sample.times.max()]))[0])


def _came(sample: Sample) -> Sample:
    keep = sample.ended
    return Sample(sample.times[keep], sample.ended[keep], sample.entry[keep], sample.limit[keep])


def _cost(family: Family, sample: Sample) -> Cost:
    ended, rest = sample.times[sample.ended], sample.times[~sample.ended]

    def cost(free: Free) -> float:
        with np.errstate(all="ignore"):
            share, never = expit(free[-1]), expit(-free[-1])
            found = family.log_density(free[:-1], ended).sum() + len(ended) * np.log(share)
            found += np.log(never + share * np.exp(family.log_survival(free[:-1], rest))).sum()
        return -float(found) if math.isfinite(found) else math.inf

    return cost


def _interval(cost: Cost, peak: Peak) -> tuple[float, float]:
    """Return the 95 % interval of the share by profile likelihood; 1 is its end where 1 cannot be excluded."""
    best = -peak.log_likelihood

    def above(odds: float) -> float:
        def rest(free: Free) -> float:
            return cost([*free, odds])

        return 2.0 * (rest(lowest(rest, peak.free[:-1], 0.1)) - best) - CHI_SQUARE_95

    here = float(peak.free[-1])
    low = here
    while above(low) < 0.0 and low > -SURE:
        low -= 0.5
    low = float(brentq(above, low, here, xtol=1e-4)) if low < here and above(low) > 0.0 else low
    if here >= SURE or above(SURE) < 0.0:
        return float(expit(low)), 1.0
    return float(expit(low)), float(expit(brentq(above, here, SURE, xtol=1e-4)))
