"""Working hours by arithmetic: nothing in the event calendar ticks at shift changes."""

from __future__ import annotations

import math
from bisect import bisect_right

from sim.config import Calendar
from sim.units import HOURS_PER_DAY

DAYS_PER_WEEK = 7.0
ROUNDING_DAYS = 1e-9
"""Work that reaches less than this into a shift (86 microseconds) is taken to end with the shift before."""


class WorkingTime:
    """Working hours of a week, repeated. Day 0 is a Monday.

    The working clock counts open time only: `worked(day)` is its reading, `when(reading)` turns it back.
    """

    def __init__(self, calendar: Calendar) -> None:
        shifts = [
            (weekday - 1 + start / HOURS_PER_DAY, weekday - 1 + end / HOURS_PER_DAY)
            for weekday in sorted(calendar.weekdays)
            for start, end in calendar.hours
        ]
        self._starts = [start for start, _ in shifts]
        self._ends = [end for _, end in shifts]
        self._before = [0.0]
        for start, end in shifts:
            self._before.append(self._before[-1] + (end - start))
        self.days_per_week = self._before[-1]

    def worked(self, day: float) -> float:
        """Open time in days from day 0 to `day`."""
        week, rest = divmod(day, DAYS_PER_WEEK)
        shift = bisect_right(self._starts, rest) - 1
        within = 0.0 if shift < 0 else self._before[shift] + min(rest, self._ends[shift]) - self._starts[shift]
        return week * self.days_per_week + within

    def is_open(self, day: float) -> bool:
        """Whether `day` lies inside a shift; its end does not."""
        rest = day % DAYS_PER_WEEK
        shift = bisect_right(self._starts, rest) - 1
        return shift >= 0 and rest < self._ends[shift]

    def next_opening(self, day: float) -> float:
        """The first moment at or after `day` that is open."""
        if self.is_open(day):
            return day
        week, rest = divmod(day, DAYS_PER_WEEK)
        shift = bisect_right(self._starts, rest)
        # the sum may round down to just before the shift: step to the next number until it is open
        opening = week * DAYS_PER_WEEK + (
            self._starts[shift] if shift < len(self._starts) else DAYS_PER_WEEK + self._starts[0]
        )
        while not self.is_open(opening):
            opening = math.nextafter(opening, math.inf)
        return opening

    def after(self, day: float, duration: float) -> float:
        """When `duration` days of open time that start at `day` are over, inside a shift or at its end."""
        return self.after_reading(day, self.worked(day), duration)

    def after_reading(self, day: float, reading: float, duration: float) -> float:
        """The same where the working clock of `day` is known: `worked(day)`."""
        week, rest = divmod(reading + duration, self.days_per_week)
        shift = bisect_right(self._before, rest) - 1
        begun = rest - self._before[shift]
        if begun < ROUNDING_DAYS and duration > ROUNDING_DAYS:
            # over at the end of the shift before, not at the next opening, even when rounding put it just behind
            week, shift = (week, shift - 1) if shift > 0 else (week - 1, len(self._starts) - 1)
            return max(day, week * DAYS_PER_WEEK + self._ends[shift])
        return max(day, week * DAYS_PER_WEEK + self._starts[shift] + begun)
