"""When things arrive: a renewal process, its rate bent by a season or a profile. Sources and customers share it."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable
from itertools import accumulate
from typing import TYPE_CHECKING, Protocol

from sim.config import Profile, Season, Sink, Source
from sim.engine import ARRIVE, Entry
from sim.laws import Quantile
from sim.streams import SEQUENCE_BITS
from sim.units import HOURS_PER_DAY

if TYPE_CHECKING:
    from sim.blocks.block import Block
    from sim.world import World


def interval_quantile(config: Source | Sink) -> Quantile | None:
    """Return the quantile of the interarrival time in days; None for a block without arrivals of its own."""
    if config.interarrival_days is not None:
        return config.interarrival_days.quantile()
    return None if config.interarrival_hours is None else scaled(config.interarrival_hours.quantile())


def scaled(hours: Quantile) -> Quantile:
    """Return a quantile in days for one in hours."""
    return lambda u: hours(u) / HOURS_PER_DAY


class Arrivals:
    """The n-th arrival of a block, n = 0, 1, 2, ...; the block owns the luck. Part of the world's state."""

    STATE = ("count", "operational")

    def __init__(self, world: World, block: Block, config: Source | Sink, happen: Callable[[Entry], None]) -> None:
        quantile = interval_quantile(config)
        assert quantile is not None
        self._quantile = quantile
        self._happen = happen
        self._engine = world.engine
        self._luck = world.streams.open(f"{block.name}.interarrival").uniform
        self._batch_luck = world.streams.open(f"{block.name}.batch").uniform
        self._batch = config.batch.quantile() if config.batch is not None else None
        self._clock = clock_of(config.season, config.profile)
        self._limit = getattr(config, "limit", None)
        self._first_day: float | None = getattr(config, "first_day", None)
        self._owner = block.id << SEQUENCE_BITS
        self.in_batches = self._batch is not None
        self.count = 0
        self.operational = 0.0

    def schedule(self) -> None:
        """Put the next arrival on the calendar, unless the limit is reached."""
        number = self.count
        if number == self._limit:
            return
        if number == 0 and self._first_day is not None:
            day = self._first_day
            self.operational = day if self._clock is None else self._clock.operational(day)
        else:
            self.operational += self._quantile(self._luck(self._owner + number))
            day = self.operational if self._clock is None else self._clock.day(self.operational)
        self._engine.at(day, ARRIVE, self._owner, self._happen, number)
        self.count = number + 1

    def batch(self, number: int) -> int:
        """Return how many come with the arrival of this number."""
        if self._batch is None:
            return 1
        return max(0, round(self._batch(self._batch_luck(self._owner + number))))


class Clock(Protocol):
    """Two readings of the same moment: the day, and operational time, in which the process is stationary.

    The rate on day t is the mean rate times factor(t); operational time is the integral of the factor, in days.
    A Poisson process stays one: this is its inversion (Cinlar 1975, Introduction to Stochastic Processes, 4.7).
    """

    def operational(self, day: float) -> float:
        """Return the operational time of a day."""

    def day(self, operational: float) -> float:
        """Return the day of an operational time."""


def clock_of(season: Season | None, profile: Profile | None) -> Clock | None:
    """Return the clock of a rate that changes; None when it is constant."""
    if season is not None:
        return SeasonClock(season)
    return None if profile is None else ProfileClock(profile)


class SeasonClock:
    """The clock of a rate that swings."""

    def __init__(self, season: Season) -> None:
        self._season = season
        self._start = math.cos(2.0 * math.pi * season.phase)

    def operational(self, day: float) -> float:
        return self._integral(day / self._season.period_days) * self._season.period_days

    def day(self, operational: float) -> float:
        # in periods, so that scaling all times by a power of two scales the root exactly
        goal = operational / self._season.period_days
        swing = self._season.amplitude / math.pi
        low, high = max(goal - swing, 0.0), goal + swing
        while low < (middle := 0.5 * (low + high)) < high:
            if self._integral(middle) < goal:
                low = middle
            else:
                high = middle
        return high * self._season.period_days

    def _integral(self, periods: float) -> float:
        turn = 2.0 * math.pi
        swung = self._start - math.cos(turn * (periods + self._season.phase))
        return periods + self._season.amplitude / turn * swung


class ProfileClock:
    """The clock of a rate that changes in steps."""

    def __init__(self, profile: Profile) -> None:
        self._starts, self._factors, self._repeat = profile.from_days, profile.factor, profile.repeat_days
        ends = [*self._starts[1:], math.inf if self._repeat is None else self._repeat]
        steps = zip(self._starts, ends, self._factors, strict=True)
        self._before = [0.0, *accumulate(factor * (end - start) for start, end, factor in steps)]

    def operational(self, day: float) -> float:
        cycles, rest = (0.0, day) if self._repeat is None else divmod(day, self._repeat)
        step = bisect_right(self._starts, rest) - 1
        within = self._before[step] + self._factors[step] * (rest - self._starts[step])
        return within if self._repeat is None else cycles * self._before[-1] + within

    def day(self, operational: float) -> float:
        cycles, rest = (0.0, operational) if self._repeat is None else divmod(operational, self._before[-1])
        # the last step that starts there: steps in which the rate is zero take no operational time
        step = bisect_right(self._before, rest, hi=len(self._starts)) - 1
        within = self._starts[step] + (rest - self._before[step]) / self._factors[step]
        return within if self._repeat is None else cycles * self._repeat + within
