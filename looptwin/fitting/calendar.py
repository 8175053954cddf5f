"""The calendar behind a user's records: which days they span, how a day is written, and how long they were kept."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from looptwin.errors import UserError
from looptwin.fitting.sample import Floats
from looptwin.fitting.sheet import Sheet, date_of, day_of, number_of


@dataclass(frozen=True)
class Calendar:
    """The first day of the records, and the moment at which they end."""

    first: float
    end: float
    dates: bool

    def written(self, day: float) -> str:
        """Return a day as the records write it."""
        return date_of(day) if self.dates else f"{day:,.10g}"

    @property
    def span(self) -> str:
        """First and last day, for people."""
        return self.until(self.end)

    def until(self, day: float) -> str:
        """Return the first day and another one, for people."""
        return f"{'' if self.dates else 'day '}{self.written(self.first)} to {self.written(day)}"


def calendar_of(sheet: Sheet, days: list[Floats], until: str | None, *, dates: bool) -> Calendar:
    """Return the calendar of columns of days. until: the end of the records as typed; default the last day found."""
    found = np.concatenate(days)
    found = found[~np.isnan(found)]
    if not len(found):
        raise UserError(f"{sheet.path}: no row has a day")
    first, last = float(found.min()), float(found.max())
    end = last if until is None else _end(until, dates=dates)
    if end < last:
        calendar = Calendar(first, end, dates)
        raise UserError(
            f"--until {until}: the records go on until {calendar.written(last)}; give that day or a later one"
        )
    if end <= first:
        raise UserError(f"{sheet.path}: all records are of one day; when they end is told by --until DAY")
    return Calendar(first, end, dates)


def _end(text: str, *, dates: bool) -> float:
    value = day_of(text) if dates else number_of(text, "point")
    if value is None:
        raise UserError(f"--until {text}: allowed is {'a date YYYY-MM-DD' if dates else 'a day as a number'}")
    return value
