"""Sources, routes and lanes unit by unit."""

from __future__ import annotations

import math
from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.blocks.arrivals import ProfileClock, SeasonClock
from sim.config import Case, Lane, Mark, Profile, Season, Sink, Source, Station
from sim.laws import Constant, Exponential, Poisson, Uniform
from sim.world import World
from tests.sim.networks import Network
from tests.sim.stories import arriving, story, times

DAY = Constant(value=1.0)
DONE: Network = {"done": Sink()}


def arrivals(source: Source, until: float = 20.0) -> list[float]:
    """Return the days on which a source makes units."""
    return [day for day, _, _, event in story({"source": source, **DONE}, until) if event == "created"]


# --- sources ---


def test_the_first_unit_comes_after_one_interval_or_on_the_first_day() -> None:
    assert arrivals(Source(interarrival_days=DAY, to="done"), 3.5) == [1.0, 2.0, 3.0]
    assert arrivals(Source(interarrival_days=DAY, first_day=0.0, to="done"), 2.5) == [0.0, 1.0, 2.0]
    assert arrivals(Source(interarrival_hours=Constant(value=12.0), first_day=0.25, to="done"), 1.0) == [0.25, 0.75]


@pytest.mark.parametrize(
    "change",
    [
        {"season": Season(amplitude=0.9, period_days=10.0, phase=0.3)},
        {"profile": Profile(from_days=[0.0, 2.0], factor=[3.0, 0.5], repeat_days=4.0)},
        {"profile": Profile(from_days=[0.0, 1.0, 5.0], factor=[0.2, 0.0, 1.0])},
    ],
)
def test_the_first_day_is_a_day_of_the_calendar_also_when_the_rate_changes(change: dict[str, Season | Profile]) -> None:
    source = Source(interarrival_days=Exponential(mean=1.0), first_day=3.0, limit=1, to="done", **change)  # type: ignore[arg-type]

    assert arrivals(source) == [3.0]


def test_arrivals_after_the_first_day_go_on_from_it() -> None:
    """At rate 2 until day 2, and 1/2 after it: an interval of 1 takes half a day, and then two days."""
    profile = Profile(from_days=[0.0, 2.0], factor=[2.0, 0.5])

    assert arrivals(Source(interarrival_days=DAY, first_day=1.0, profile=profile, to="done"), 7.0) == [
        1.0,
        1.5,
        2.0,
        4.0,
        6.0,
    ]


def test_a_source_stops_at_its_limit() -> None:
    assert arrivals(Source(interarrival_days=DAY, limit=2, to="done")) == [1.0, 2.0]
    assert arrivals(Source(interarrival_days=DAY, limit=0, to="done")) == []


def test_a_batch_comes_at_one_instant_and_may_be_empty() -> None:
    batches = Counter(arrivals(Source(interarrival_days=DAY, batch=Poisson(mean=1.0), to="done"), 2000.5))

    assert len(batches) == pytest.approx(2000 * (1 - math.exp(-1)), abs=100)
    assert sum(batches.values()) == pytest.approx(2000, abs=150)


def test_marks_come_as_often_as_their_probabilities_say_and_stay_with_the_unit() -> None:
    marks = {"grade": Mark(values=["A", "B", 3.0], probabilities=[0.5, 0.3, 0.2])}
    route = [Case(field="grade", in_=["A"], to="a"), Case(field="grade", at_least=3.0, to="three"), Case(to="b")]
    network: Network = {
        "source": Source(interarrival_days=Constant(value=0.01), marks=marks, to="lane"),
        "lane": Lane(days=DAY, to=route),
        "a": Sink(),
        "b": Sink(),
        "three": Sink(),
    }
    world = World(network, seed=1)
    world.run_until(100.0)
    shares = {name: world.blocks[name].left / world.gone for name in ("a", "b", "three")}

    assert shares == pytest.approx({"a": 0.5, "b": 0.3, "three": 0.2}, abs=0.02)


def test_a_held_unit_waits_at_its_source() -> None:
    network = {
        **arriving("bench", a=0.0, b=0.5),
        "bench": Station(capacity=1, service_days=DAY, to="done"),
        **DONE,
    }
    world = World(network, seed=1)
    world.run_until(0.75)

    assert world.blocks["b"].number == 1
    assert [unit.origin for unit in world.blocks["b"].residents()] == [world.numbers["b"]]

    world.run_until(4.0)

    assert world.kpis()["b.time_mean_days"] == (0.5, "days")
    assert world.kpis()["b.number_mean"] == (0.125, "units")


# --- clocks of rates that change ---


@given(st.floats(0.0, 1.0), st.floats(0.1, 1000.0), st.floats(-1.0, 1.0), st.floats(0.0, 5000.0))
def test_the_clock_of_a_season_can_be_read_backwards(amplitude: float, period: float, phase: float, day: float) -> None:
    clock = SeasonClock(Season(amplitude=amplitude, period_days=period, phase=phase))
    operational = clock.operational(day)

    assert operational >= -1e-12
    assert clock.operational(clock.day(max(0.0, operational))) == pytest.approx(
        operational, rel=1e-9, abs=1e-9 * period
    )


def test_a_season_counts_whole_periods_as_the_mean_rate() -> None:
    clock = SeasonClock(Season(amplitude=1.0, period_days=8.0, phase=0.4))

    assert [clock.operational(8.0 * n) for n in range(4)] == pytest.approx([0.0, 8.0, 16.0, 24.0], abs=1e-12)
    assert clock.operational(2.0) - clock.operational(1.9) == pytest.approx(
        0.1 * (1 + math.sin(2 * math.pi * (1.95 / 8 + 0.4))), rel=1e-3
    )


@st.composite
def profiles(draw: st.DrawFn) -> Profile:
    """Profiles of some steps, some of them at rate zero."""
    lengths = draw(st.lists(st.floats(0.1, 10.0), min_size=1, max_size=5))
    starts = [sum(lengths[:n]) for n in range(len(lengths))]
    factors = [draw(st.sampled_from([0.0, 0.5, 1.0, 3.0])) for _ in lengths]
    repeat = draw(st.sampled_from([None, sum(lengths)]))
    factors[-1] = factors[-1] or 2.0
    return Profile(from_days=starts, factor=factors, repeat_days=repeat)


@given(profiles(), st.floats(0.0, 500.0))
def test_the_clock_of_a_profile_can_be_read_backwards(profile: Profile, operational: float) -> None:
    clock = ProfileClock(profile)

    assert clock.operational(clock.day(operational)) == pytest.approx(operational, rel=1e-9, abs=1e-9)


# --- routes ---


def test_a_random_route_goes_by_its_probabilities() -> None:
    network: Network = {
        "source": Source(interarrival_days=Constant(value=0.01), to={"a": 0.6, "b": 0.4, "never": 0.0}),
        "a": Sink(),
        "b": Sink(),
        "never": Sink(),
    }
    world = World(network, seed=1)
    world.run_until(100.0)

    assert world.blocks["a"].left == pytest.approx(6000, abs=200)
    assert world.blocks["never"].left == 0


@pytest.mark.parametrize(
    ("case", "taken"),
    [
        (Case(field="size", in_=[2.0], to="yes"), {"b"}),
        (Case(field="size", at_least=2.0, to="yes"), {"b", "c"}),
        (Case(field="size", below=2.0, to="yes"), {"a"}),
        (Case(field="size", at_least=1.5, below=2.5, to="yes"), {"b"}),
        (Case(field="origin", in_=["a", "d"], to="yes"), {"a", "d"}),
        (Case(field="lives", in_=[0.0], to="yes"), {"a", "b", "c", "d"}),
        (Case(field="visits", at_least=1.0, to="yes"), set()),
        (Case(field="unknown", at_least=0.0, to="yes"), set()),
    ],
)
def test_the_first_case_that_holds_is_taken(case: Case, taken: set[str]) -> None:
    units = {
        name: source
        for unit, size in (("a", 1.0), ("b", 2.0), ("c", 3.0))
        for name, source in arriving("desk", marks={"size": size}, **{unit: 0.0}).items()
    }
    network = {
        **units,
        **arriving("desk", d=0.0),
        "desk": Station(servers="unlimited", service_days=DAY, to=[case, Case(to="no")]),
        "yes": Sink(),
        "no": Sink(),
    }

    assert set(times(network, "left", "yes")) == taken


def test_visits_count_how_often_a_unit_was_here_before() -> None:
    route = [Case(field="visits", below=2.0, to="bench"), Case(to="done")]
    network = {**arriving("bench", a=0.0), "bench": Station(service_days=DAY, to=route), **DONE}

    assert times(network, "left", "done") == {"a": 3.0}


# --- lanes ---


def test_units_that_travel_alone_overtake_each_other() -> None:
    network = {
        **arriving("slow", a=0.0),
        **arriving("fast", b=1.0),
        "slow": Lane(days=Constant(value=5.0), to="done"),
        "fast": Lane(hours=Constant(value=24.0), to="done"),
        **DONE,
    }

    assert times(network, "left", "done") == {"b": 2.0, "a": 5.0}


def test_a_lot_leaves_when_it_is_full_and_travels_together() -> None:
    network = {
        **arriving("lane", a=0.0, b=1.0, c=2.0),
        "lane": Lane(lot=2, days=Uniform(low=1.0, high=9.0), to="done"),
        **DONE,
    }
    arrived = times(network, "left", "done")

    assert times(network, "departed", "lane") == {"a": 1.0, "b": 1.0}
    assert arrived["a"] == arrived["b"]
    assert set(arrived) == {"a", "b"}


def test_a_lot_that_has_waited_long_enough_leaves_as_it_is() -> None:
    lane = Lane(lot=3, lot_wait_days=2.0, days=DAY, to="done")
    units = arriving("lane", a=0.0, b=1.0, c=2.5, d=3.0, e=3.5, f=4.0)

    assert times({**units, "lane": lane, **DONE}, "departed", "lane") == {
        "a": 2.0,
        "b": 2.0,
        "c": 3.5,
        "d": 3.5,
        "e": 3.5,
        "f": 6.0,
    }


def test_lots_wait_for_the_lorry() -> None:
    lane = Lane(lot=2, capacity=1, days=Constant(value=3.0), to="done")
    units = arriving("lane", a=0.0, b=1.0, c=1.0, d=2.0)

    assert times({**units, "lane": lane, **DONE}, "departed", "lane") == {"a": 1.0, "b": 1.0, "c": 4.0, "d": 4.0}


def test_a_lorry_that_is_not_unloaded_does_not_leave_again() -> None:
    network = {
        **arriving("lane", a=0.0, b=0.1, c=0.2, d=0.3),
        "lane": Lane(lot=2, capacity=1, days=DAY, to="dock"),
        "dock": Station(capacity=1, service_days=Constant(value=4.0), to="done"),
        **DONE,
    }

    # the dock takes the first unit on day 1.1 and the second on day 5.1; then the lorry fetches the second lot
    assert times(network, "departed", "lane") == {"a": 0.1, "b": 0.1, "c": 5.1, "d": 5.1}
    assert sorted(times(network, "left", "done").values()) == pytest.approx([5.1, 9.1, 13.1, 17.1])


def test_a_lane_back_and_forth_draws_a_new_time_for_each_journey() -> None:
    network = {
        **arriving("lane", a=0.0),
        "lane": Lane(days=Uniform(low=1.0, high=9.0), to=[Case(field="visits", below=3.0, to="lane"), Case(to="done")]),
        **DONE,
    }
    sent = [day for day, _, _, event in story(network, 100.0) if event in ("sent", "left")]

    assert len(sent) == 5
    assert len({round(later - earlier, 6) for earlier, later in pairwise(sent)}) == 4
