"""Working hours by arithmetic: the working clock runs while a shift is open, and can be read backwards."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.calendar import WorkingTime
from sim.config import Calendar

MINUTE = 1.0 / 1440.0
OFFICE = WorkingTime(Calendar(hours=[[8.0, 16.0]]))
FRIDAY, MONDAY = 4.0, 7.0


def at(day: float, hour: float) -> float:
    """Return a time of a day."""
    return day + hour / 24.0


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    """Weeks of shifts that begin and end at full quarters of an hour."""
    edges = draw(st.lists(st.integers(0, 96), min_size=2, max_size=8, unique=True).filter(lambda e: len(e) % 2 == 0))
    edges.sort()
    days = draw(st.lists(st.integers(1, 7), min_size=1, unique=True))
    hours = [[start / 4, end / 4] for start, end in zip(edges[::2], edges[1::2], strict=True)]
    return Calendar(hours=hours, weekdays=days)


def by_minutes(calendar: Calendar, minutes: int) -> int:
    """Count the open minutes among the first ones, one after the other."""
    return sum(
        minute // 1440 % 7 + 1 in calendar.weekdays
        and any(start * 60 <= minute % 1440 < end * 60 for start, end in calendar.hours)
        for minute in range(minutes)
    )


DAYS = st.floats(0.0, 4000.0)
WORK = st.floats(1e-6, 30.0)


# --- by hand ---


def test_work_that_begins_on_friday_afternoon_ends_on_monday_morning() -> None:
    assert OFFICE.after(at(FRIDAY, 15.5), 1.5 / 24) == pytest.approx(at(MONDAY, 9.0), abs=1e-12)


def test_work_that_fits_into_the_day_ends_on_the_day() -> None:
    assert OFFICE.after(at(FRIDAY, 10.0), 1.5 / 24) == pytest.approx(at(FRIDAY, 11.5), abs=1e-12)


@pytest.mark.parametrize("start", [8.0, 9.1, 10.7, 13.3, 15.0, 15.9])
@pytest.mark.parametrize("week", [0, 1, 52, 520])
def test_work_that_fills_the_shift_ends_with_it_and_not_at_the_next_opening(start: float, week: int) -> None:
    friday = FRIDAY + 7 * week

    assert OFFICE.after(at(friday, start), (16.0 - start) / 24) == pytest.approx(at(friday, 16.0), abs=1e-9)


def test_work_of_whole_weeks_ends_with_a_shift() -> None:
    assert OFFICE.after(at(0.0, 8.0), 5 * 8 / 24) == pytest.approx(at(FRIDAY, 16.0), abs=1e-9)
    assert OFFICE.after(at(0.0, 8.0), 10 * 8 / 24) == pytest.approx(at(FRIDAY + 7, 16.0), abs=1e-9)


def test_a_shift_contains_its_beginning_and_not_its_end() -> None:
    assert OFFICE.is_open(at(0.0, 8.0))
    assert not OFFICE.is_open(at(0.0, 16.0))
    assert not OFFICE.is_open(at(5.0, 12.0))


def test_a_closed_station_opens_on_monday() -> None:
    assert OFFICE.next_opening(at(FRIDAY, 16.0)) == pytest.approx(at(MONDAY, 8.0), abs=1e-12)
    assert OFFICE.next_opening(at(MONDAY, 3.0)) == pytest.approx(at(MONDAY, 8.0), abs=1e-12)
    assert OFFICE.next_opening(at(MONDAY, 12.0)) == at(MONDAY, 12.0)


def test_shifts_that_touch_are_one() -> None:
    split = WorkingTime(Calendar(hours=[[0.0, 8.0], [8.0, 24.0]], weekdays=[1, 2, 3, 4, 5, 6, 7]))

    for day in (0.0, 0.2, at(3.0, 8.0), 6.999, 23.7):
        assert split.worked(day) == pytest.approx(day, abs=1e-12)
        assert split.after(day, 1.25) == pytest.approx(day + 1.25, abs=1e-9)


# --- always ---


@given(calendars(), st.integers(0, 3 * 7 * 1440))
def test_the_working_clock_counts_the_open_minutes(calendar: Calendar, minute: int) -> None:
    assert WorkingTime(calendar).worked(minute * MINUTE) == pytest.approx(
        by_minutes(calendar, minute) * MINUTE, abs=1e-9
    )


@given(calendars(), DAYS, WORK)
def test_so_much_later_so_much_is_worked(calendar: Calendar, day: float, work: float) -> None:
    time = WorkingTime(calendar)
    end = time.after(day, work)

    assert end >= day
    assert time.worked(end) == pytest.approx(time.worked(day) + work, abs=3e-9)


@given(calendars(), DAYS, WORK, WORK)
def test_work_can_be_done_in_two_parts(calendar: Calendar, day: float, one: float, other: float) -> None:
    time = WorkingTime(calendar)
    parts, whole = time.after(time.after(day, one), other), time.after(day, one + other)

    assert time.worked(parts) == pytest.approx(time.worked(whole), abs=6e-9)
    # the same moment, or the end of one shift and the beginning of the next, between which nothing is worked
    assert abs(parts - whole) < 1e-8 or not time.is_open(0.5 * (parts + whole))


@given(calendars(), DAYS, WORK)
def test_work_ends_inside_a_shift_or_at_its_end(calendar: Calendar, day: float, work: float) -> None:
    time = WorkingTime(calendar)

    assert time.is_open(time.after(day, work) - 2e-9)


@given(calendars(), DAYS)
def test_the_next_opening_is_the_first_open_moment(calendar: Calendar, day: float) -> None:
    time = WorkingTime(calendar)
    opening = time.next_opening(day)

    assert opening >= day
    assert time.is_open(opening)
    assert time.worked(opening) == pytest.approx(time.worked(day), abs=1e-9)
    assert opening == day or not time.is_open(math.nextafter(opening, 0.0))


@given(calendars(), st.lists(DAYS, min_size=2, max_size=10))
def test_the_working_clock_never_runs_backwards(calendar: Calendar, days: list[float]) -> None:
    readings = [WorkingTime(calendar).worked(day) for day in sorted(days)]

    assert all(later >= earlier - 1e-9 for earlier, later in pairwise(readings))


@given(calendars(), DAYS)
def test_every_week_is_alike(calendar: Calendar, day: float) -> None:
    time = WorkingTime(calendar)

    assert time.worked(day + 7.0) - time.worked(day) == pytest.approx(time.days_per_week, abs=1e-9)
