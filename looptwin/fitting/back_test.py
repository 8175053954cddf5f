"""What the first part of a history would have foretold about the rest, with the luck and the doubt of the fit in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import numpy as np
from scipy.special import expit, ndtri

from looptwin.fitting.calendar import Calendar
from looptwin.fitting.delays import returns
from looptwin.fitting.demand import Requests, fit_demand
from looptwin.fitting.families import Family
from looptwin.fitting.likelihood import Fit, Peak, fits
from looptwin.fitting.lives import Spells
from looptwin.fitting.luck import uniforms
from looptwin.fitting.model import Model
from looptwin.fitting.sample import Floats, Sample, refuse_few
from sim.blocks.arrivals import SeasonClock

FIRST_PART = 0.7
"""Share of the calendar that is fitted; the rest is foretold."""

PERIODS = 10
"""Even periods of the rest."""

FUTURES = 400
"""Simulated futures behind an interval; each has its own luck and its own parameters out of the fit's doubt."""


@dataclass(frozen=True)
class BackTest:
    """Counts per period of the later part of a history: foretold with a 95 % interval, and what came.

    edges: days since the first day of the records, Float[periods + 1]; the others Float[periods].
    """

    law: str
    edges: Floats
    mean: Floats
    low: Floats
    high: Floats
    actual: Floats
    total: tuple[float, float, float, float]
    """The same four figures over the whole of the rest."""

    @property
    def inside(self) -> int:
        """Periods whose count lies in its interval."""
        return int(((self.low <= self.actual) & (self.actual <= self.high)).sum())


Future: TypeAlias = Callable[[int], Floats]
"""The counts per period of the n-th simulated future."""


class Cut(NamedTuple):
    """Where a history is cut, and the even periods after the cut, in its own days."""

    day: float
    edges: Floats


def cut(calendar: Calendar) -> Cut:
    """Return where a calendar is cut."""
    day = calendar.first + FIRST_PART * (calendar.end - calendar.first)
    return Cut(day, np.linspace(day, calendar.end, PERIODS + 1))


def spells_back_test(spells: Spells, *, some_never: bool, law: str | None = None) -> BackTest:
    """Return the back-test of lives, or of delays of which some never end. The spells have a calendar.

    Every unit is foretold from the cut on, or from its later start: that it started is taken as known.
    """
    calendar, starts = spells.calendar, spells.starts
    assert calendar is not None
    assert starts is not None
    here, whole = cut(calendar), spells.sample
    known = _known(whole, starts, here.day)
    refuse_few(known, f"until {calendar.written(here.day)}", "units")
    chosen = _returning(known, law) if some_never else _ending(fits(known, law)[0])
    over = starts + whole.times
    waits = ~(whole.ended & (over <= here.day)) & (starts + whole.limit > here.day)
    ages = np.maximum(here.day - starts, whole.entry).clip(min=0.0)[waits]
    began, limits = starts[waits], (starts + whole.limit)[waits]

    def future(number: int) -> Floats:
        times = chosen.drawn(number).time_beyond(ages, uniforms("back_test.life", number, len(ages)))
        days = began + times
        return np.histogram(days[days <= limits], here.edges)[0].astype(float)

    came = over[whole.ended & (over > here.day)]
    return _judged(chosen.family.name, here, calendar, came, future)


def demand_back_test(requests: Requests, *, law: str | None = None, may_swing: bool = True) -> BackTest:
    """Return the back-test of demand."""
    calendar, days = requests.calendar, requests.days
    here = cut(calendar)
    before = days[days <= here.day]
    fitted = fit_demand(before, calendar.first, here.day, law=law, may_swing=may_swing)
    clock = SeasonClock(fitted.season) if fitted.season is not None else None

    def moment(day: float) -> float:
        return day - calendar.first if clock is None else clock.operational(day - calendar.first)

    edges = np.array([moment(day) for day in here.edges])
    last, chosen = moment(float(before[-1])), _ending(fitted.fits[0])
    size = int(1.5 * (edges[-1] - last) / float(fitted.gaps.times.mean())) + 50

    def future(number: int) -> Floats:
        model = chosen.drawn(number)
        gaps = model.time_of(uniforms("back_test.gap", number, size))
        # the first gap has lasted until the cut already
        gaps[:1] = model.time_beyond(edges[:1] - last, uniforms("back_test.first", number, 1))
        return np.histogram(last + np.cumsum(gaps), edges)[0].astype(float)

    return _judged(chosen.family.name, here, calendar, days[days > here.day], future)


def _known(whole: Sample, starts: Floats, day: float) -> Sample:
    """Return what a sample had shown by a day."""
    age = day - starts
    here = (age > 0.0) & (whole.entry < np.minimum(age, whole.times))
    times = np.minimum(whole.times, age)
    return Sample(times[here], (whole.ended & (whole.times <= age))[here], whole.entry[here], age[here])


class _Chosen(NamedTuple):
    family: Family
    peak: Peak
    bounds: tuple[float, float] | None = None
    """Interval of the share that ends at all, for delays; the last free parameter is its log odds."""

    def drawn(self, number: int) -> Model:
        """Return the model of the n-th future, out of the doubt that the fit leaves."""
        # where the fit says nothing of its precision, only luck is left
        values, axes = np.linalg.eigh(np.nan_to_num(self.peak.covariance))
        luck = ndtri(uniforms("back_test.law", number, len(values)))
        free = self.peak.free + axes @ (np.sqrt(np.maximum(values, 0.0)) * luck)
        if self.bounds is None:
            return Model(self.family, free)
        # log odds near the edge have no normal law: draws stay within the interval by profile likelihood
        return Model(self.family, free[:-1], float(np.clip(expit(free[-1]), *self.bounds)))


def _ending(fitted: Fit) -> _Chosen:
    return _Chosen(fitted.family, fitted.peak)


def _returning(known: Sample, law: str | None) -> _Chosen:
    best = returns(known, law)[0]
    has_share = len(best.peak.free) > len(best.delay.peak.free)
    return _Chosen(best.delay.family, best.peak, (best.share.low, best.share.high) if has_share else None)


def _judged(law: str, here: Cut, calendar: Calendar, came: Floats, future: Future) -> BackTest:
    counts = np.array([future(number) for number in range(FUTURES)])
    actual = np.histogram(came, here.edges)[0].astype(float)
    low, high = _interval(counts)
    sums = counts.sum(axis=1)
    least, most = _interval(sums)
    total = (float(sums.mean()), float(least), float(most), float(actual.sum()))
    return BackTest(law, here.edges - calendar.first, counts.mean(axis=0), low, high, actual, total)


def _interval(counts: Floats) -> tuple[Floats, Floats]:
    """Return whole counts with at most 2.5 % of the futures below them, and above them."""
    return np.quantile(counts, 0.025, axis=0, method="lower"), np.quantile(counts, 0.975, axis=0, method="higher")
