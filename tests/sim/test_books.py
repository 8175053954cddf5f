"""Each party brings its books up to date in its own time, and a fleet counts in its own unit."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.units import KM_PER_MILE
from sim.views import SEES, known_days, seen, up_to_date, view
from sim.world import World
from tests.sim.chains import CHAIN, made, ran, table, tables, with_party

EVERY = 30.0


@pytest.fixture(scope="module")
def plain() -> World:
    return ran()


def monthly(party: str) -> World:
    return made(with_party(CHAIN, party, reports_every_days=EVERY))


@pytest.mark.parametrize("party", ["north", "remanco", "cabs", "works"])
def test_a_party_sees_the_periods_that_have_ended_and_nothing_after(party: str) -> None:
    world, late = monthly(party), 0
    for day in (20.0, 95.0, 100.0, 120.0, 301.5):
        world.run_until(day)
        end = math.floor(day / EVERY) * EVERY
        held = view(world, party)
        for name in SEES[CHAIN.parties[party].role]:
            rows = [row["day"] for row in table(world, name) if row["party"] == party]
            late += sum(one >= end for one in rows)
            assert seen(world, party, name)["day"].tolist() == [one for one in rows if one < end]

        assert len(held["day"]) == 0 or held["day"].max() < end
        assert set(held["kind"]) >= {"event"} or end == 0.0
    assert late or party == "works"


def test_whose_books_are_late_changes_nothing_else(plain: World) -> None:
    world = ran(with_party(CHAIN, "north", reports_every_days=EVERY))

    assert tables(world) == tables(plain)
    for party in CHAIN.parties:
        if party != "north":
            held, before = view(world, party), view(plain, party)
            assert all(held[name].tolist() == before[name].tolist() for name in ("day", "kind", "unit", "event"))


@given(st.floats(0.0, 4000.0), st.sampled_from([0.0, 1.0, 7.0, 30.0, 90.5]), st.floats(0.0, 4000.0))
def test_a_row_is_in_the_books_from_the_day_on_which_it_is_known(day: float, every: float, today: float) -> None:
    known = float(known_days(np.array([day]), every)[0])

    assert known >= day
    assert known - day <= every
    if every:
        assert (day < up_to_date(today, every)) == (known <= today)


def test_a_fleet_counts_in_its_own_unit_and_what_travels_is_in_thousands_of_kilometres(plain: World) -> None:
    passports = [row["distance"] for row in table(plain, "passport") if row["party"] == "cabs"]
    for unit, name, factor in (("km", "distance_km", 1000.0), ("mile", "distance_miles", 1000.0 / KM_PER_MILE)):
        world = ran(with_party(CHAIN, "cabs", distance_unit=unit))
        held = seen(world, "cabs", "passport")

        assert held[name].tolist() == pytest.approx([distance * factor for distance in passports])
        assert "distance" not in held
        assert name in view(world, "cabs")
        assert "distance" not in view(world, "cabs")
        assert tables(world) == tables(plain)
        assert "distance" in seen(world, "hire", "passport")
