"""Records of lives: when units were installed and removed, or how long each lived."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from looptwin.errors import UserError
from looptwin.fitting.calendar import Calendar, calendar_of
from looptwin.fitting.dialect import Options
from looptwin.fitting.sample import LEAST, Floats, Sample, refuse_few
from looptwin.fitting.sheet import Sheet, read_sheet, require

COLUMNS = ("installed", "removed", "life_days", "observed", "from_days")
"""Columns that a table of lives may have; others are left alone."""


@dataclass(frozen=True)
class Spells:
    """Time spent in a state by unit: in use, or on the way back.

    sample: in days since the start of each. starts: Float[units], the days on which they began, where there is a
    calendar.
    """

    sample: Sample
    sheet: Sheet
    starts: Floats | None = None
    calendar: Calendar | None = None
    rounded: int = 0
    """Spells of 0 days that were counted as half a day."""

    @property
    def span(self) -> str:
        """First and last day, for people; empty without a calendar."""
        return "" if self.calendar is None else self.calendar.span


def read_lives(path: Path, options: Options, until: str | None = None) -> Spells:
    """Return the lives in a table: columns `installed` and `removed`, or `life_days` and `observed`.

    `from_days` is the age at which a unit came into the records, where it had been in use before. Raises UserError
    with every wrong cell, TooFew where there is too little to fit.
    """
    sheet = read_sheet(path, COLUMNS, options)
    way = require(sheet, ("installed", "removed"), ("life_days", "observed"))
    if way[0] == "installed":
        found = spells(sheet, way, until, sheet.numbers("from_days", ENTRY, least=0.0, empty=0.0))
    else:
        if until is not None:
            raise UserError(f"--until {until}: these records have no days; it goes with `installed` and `removed`")
        found = _durations(sheet)
    refuse_few(found.sample, str(path), "lives")
    return found


ENTRY = "the age in days from which on the unit was watched, 0 or more, below its life; or empty"


def _durations(sheet: Sheet) -> Spells:
    times = np.array(sheet.numbers("life_days", "a life in days, 0 or more", least=0.0))
    ended = np.array(sheet.choices("observed"))
    entry = np.array(sheet.numbers("from_days", ENTRY, least=0.0, empty=0.0))
    _refuse_late_entries(sheet, times, entry)
    sheet.finish()
    times, rounded = _not_zero(times, entry)
    return Spells(Sample(times, ended, entry, np.full_like(times, np.nan)), sheet, rounded=rounded)


def spells(sheet: Sheet, way: tuple[str, ...], until: str | None, from_days: list[float]) -> Spells:
    """Return spells between two columns of days; the second is empty while a spell lasts."""
    start, end = way[0], way[1]
    dates = sheet.has_dates(start, end)
    began = np.array(sheet.days(start, dates=dates, may_be_empty=False))
    over = np.array(sheet.days(end, dates=dates, may_be_empty=True))
    for row in np.flatnonzero(over < began):
        sheet.refuse(int(row), end, f"the day of `{sheet.heading(start)}`, {sheet.cells(start)[row]}, or a later one")
    sheet.finish()
    calendar = calendar_of(sheet, [began, over], until, dates=dates)
    ended, entry = ~np.isnan(over), np.array(from_days)
    limit = calendar.end - began
    times = np.where(ended, over - began, limit)
    _refuse_late_entries(sheet, times, entry)
    sheet.finish()
    times, rounded = _not_zero(times, entry)
    return Spells(Sample(times, ended, entry, np.maximum(limit, times)), sheet, began, calendar, rounded)


def _refuse_late_entries(sheet: Sheet, times: Floats, entry: Floats) -> None:
    for row in np.flatnonzero((entry > 0.0) & (entry >= times)):
        sheet.refuse(int(row), "from_days", ENTRY)


def _not_zero(times: Floats, entry: Floats) -> tuple[Floats, int]:
    zero = times <= 0.0
    return np.where(zero, LEAST, times), int(zero.sum())
