"""Records of demand: the days of requests, the law between two of them, and a season where it is beyond chance."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy.optimize import minimize
from scipy.stats import chi2

from looptwin.fitting.calendar import Calendar, calendar_of
from looptwin.fitting.dialect import Options
from looptwin.fitting.likelihood import Fit, fits
from looptwin.fitting.luck import uniforms
from looptwin.fitting.sample import Floats, Sample, TooFew, refuse_few, sample
from looptwin.fitting.sheet import Sheet, read_sheet, require
from sim.blocks.arrivals import SeasonClock
from sim.config import Season

COLUMNS = ("day",)
"""The column that a table of demand has: a row is a request. Others are left alone."""

YEAR = 365.25
"""Days of the season that is looked for."""

LEVEL = 0.01
"""A season is believed where chance alone shows one as large less often than this."""


@dataclass(frozen=True)
class Requests:
    """Days of requests, rising, and how long the records were kept."""

    days: Floats
    calendar: Calendar
    sheet: Sheet
    spread: bool
    """Whether the records know whole days only, and the requests of a day were put at even luck within it."""

    @property
    def span(self) -> str:
        """First and last day, for people."""
        return self.calendar.until(self.calendar.end - self.spread)


class SeasonTest(NamedTuple):
    """A season of a year, and how often a steady demand shows one as large."""

    season: Season
    p_value: float


@dataclass(frozen=True)
class DemandFit:
    """Laws of the time between requests, the lowest AIC first; under a season, in operational time."""

    fits: list[Fit]
    gaps: Sample
    tested: SeasonTest | None
    """None where the records are shorter than a year."""
    seasonal: bool

    @property
    def season(self) -> Season | None:
        """The season, where it is beyond chance."""
        return self.tested.season if self.tested is not None and self.seasonal else None


def read_demand(path: Path, options: Options, until: str | None = None) -> Requests:
    """Return the requests in a table with the column `day`; raise UserError with every wrong cell."""
    sheet = read_sheet(path, COLUMNS, options)
    require(sheet, COLUMNS)
    dates = sheet.has_dates("day")
    days = np.array(sheet.days("day", dates=dates, may_be_empty=False))
    sheet.finish()
    calendar = calendar_of(sheet, [days], until, dates=dates)
    whole = bool((days == np.floor(days)).all())
    if whole:
        days = days + uniforms("demand.moment", 0, len(days))
        # a day that is named is a day that was watched to its end
        calendar = Calendar(calendar.first, calendar.end + 1.0, dates)
    return Requests(np.sort(days), calendar, sheet, whole)


def fit_demand(days: Floats, first: float, end: float, *, law: str | None = None, may_swing: bool = True) -> DemandFit:
    """Return the law between requests on days that rise, watched from `first` to `end`.

    may_swing: whether whoever takes the law can take a season. Raises TooFew.
    """
    since = days - first
    tested = season_of(since, end - first) if may_swing else None
    seasonal = tested is not None and tested.p_value < LEVEL
    clock = SeasonClock(tested.season) if tested is not None and seasonal else None
    moments = np.array(
        [*since, end - first] if clock is None else [clock.operational(day) for day in (*since, end - first)]
    )
    gaps = np.diff(moments)
    found = gap_sample(gaps)
    refuse_few(found, "demand", "times between requests")
    return DemandFit(fits(found, law), found, tested, seasonal)


def gap_sample(gaps: Floats) -> Sample:
    """Return times between requests as a sample: the last one lasts until the records end."""
    if (gaps[:-1] <= 0.0).any():
        raise TooFew(
            f"{int((gaps[:-1] <= 0.0).sum())} requests came in the same instant as another: give orders of several "
            "units one row, or days without a time"
        )
    ended = np.ones(len(gaps), dtype=bool)
    ended[-1] = False
    keep = np.append(np.ones(len(gaps) - 1, dtype=bool), gaps[-1] > 0.0)
    return sample(gaps[keep], ended[keep])


def season_of(days: Floats, length: float) -> SeasonTest | None:
    """Return the yearly season of requests on days since the start of the records; None for less than a year.

    Likelihood of a Poisson process whose rate swings around its mean, against a steady one (chi-square, 2 degrees of
    freedom), divided by the squared coefficient of variation of the times between requests where that is above 1:
    clustered demand swings more by chance (McCullagh and Nelder 1989, Generalized Linear Models, 4.5).
    """
    if length < YEAR or len(days) < 20:
        return None
    turn = 2.0 * math.pi / YEAR
    sines, cosines = np.sin(turn * days), np.cos(turn * days)
    # integrals of sine and cosine over the records
    sine, cosine = (1.0 - math.cos(turn * length)) / turn, math.sin(turn * length) / turn

    def cost(swing: Floats) -> float:
        if math.hypot(*swing) >= 1.0:
            return math.inf
        exposure = length + swing[0] * sine + swing[1] * cosine
        return float(len(days) * math.log(exposure) - np.log1p(swing[0] * sines + swing[1] * cosines).sum())

    start = np.array([[0.0, 0.0], [0.2, 0.0], [0.0, 0.2]])
    found = minimize(
        cost, start[0], method="Nelder-Mead", options={"initial_simplex": start, "xatol": 1e-7, "fatol": 1e-9}
    )
    gaps = np.diff(days)
    clustering = max(1.0, float(gaps.var() / gaps.mean() ** 2))
    ratio = 2.0 * (cost(start[0]) - float(found.fun)) / clustering
    amplitude = math.hypot(*found.x)
    phase = (math.atan2(found.x[1], found.x[0]) / (2.0 * math.pi)) % 1.0
    return SeasonTest(Season(amplitude=amplitude, period_days=YEAR, phase=phase), float(chi2.sf(ratio, 2)))
