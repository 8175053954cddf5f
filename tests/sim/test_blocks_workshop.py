"""Workshops unit by unit: batches, breakdowns, interruptions and shifts."""

from __future__ import annotations

from typing import Any

import pytest

from sim.config import Breakdowns, Calendar, Case, Priority, Sink, Source, Station
from sim.laws import Constant, Empirical, Exponential, Uniform
from sim.world import World
from tests.sim.networks import Network
from tests.sim.stories import arriving, story, times

DAY = Constant(value=1.0)
DONE: Network = {"done": Sink()}
OFFICE = Calendar(hours=[[8.0, 16.0]])
NEVER = Constant(value=1e6)
FRIDAY, MONDAY = 4.0, 7.0


def days(value: float) -> Constant:
    """Return a constant law."""
    return Constant(value=value)


def starts(bench: Station, network: Network, until: float = 100.0) -> dict[str, float]:
    """Return when a bench started each unit, by origin."""
    return times({**network, "bench": bench, **DONE}, "started", "bench", until)


def ends(bench: Station, network: Network, until: float = 100.0) -> dict[str, float]:
    """Return when a bench finished each unit, by origin."""
    return times({**network, "bench": bench, **DONE}, "finished", "bench", until)


def classes(**units: tuple[str, float]) -> Network:
    """Return units with a class and a day of arrival each."""
    return {
        name: source
        for unit, (kind, day) in units.items()
        for name, source in arriving("bench", marks={"class": kind}, **{unit: day}).items()
    }


# --- batches ---


def test_a_batch_waits_until_it_is_full() -> None:
    units = arriving("bench", a=0.0, b=1.0, c=2.5, d=3.0, e=4.0)

    assert starts(Station(batch=3, service_days=DAY, to="done"), units) == {"a": 2.5, "b": 2.5, "c": 2.5}


def test_a_batch_takes_what_is_there_once_the_minimum_is() -> None:
    units = arriving("bench", a=0.0, b=1.0, c=1.1, d=1.2, e=1.3, f=1.4)
    bench = Station(batch=3, batch_minimum=2, service_days=DAY, to="done")

    assert starts(bench, units) == {"a": 1.0, "b": 1.0, "c": 2.0, "d": 2.0, "e": 2.0}


def test_units_of_a_batch_that_find_no_room_keep_the_server_until_the_last_is_gone() -> None:
    network = {
        **arriving("oven", a=0.0, b=0.1, c=0.2, d=0.3),
        "oven": Station(batch=2, service_days=DAY, to="wash"),
        "wash": Station(capacity=1, service_days=days(2.0), to="done"),
        **DONE,
    }

    assert times(network, "started", "oven") == {"a": 0.1, "b": 0.1, "c": 3.1, "d": 3.1}
    assert sorted(times(network, "started", "wash").values()) == pytest.approx([1.1, 3.1, 5.1, 7.1])


def test_the_first_of_a_batch_is_the_first_in_rank() -> None:
    units = classes(a=("bulk", 0.0), b=("bulk", 0.1), c=("urgent", 0.2), d=("bulk", 0.3))
    bench = Station(batch=2, service_days=DAY, priority=Priority(field="class", order=["urgent"]), to="done")

    assert starts(bench, units) == {"a": 0.1, "b": 0.1, "c": 1.1, "d": 1.1}


# --- breakdowns ---


def test_interrupted_work_resumes_where_it_stopped() -> None:
    breaks = Breakdowns(uptime_days=days(3.0), downtime_days=days(2.0))
    bench = Station(service_days=days(4.0), breakdowns=breaks, to="done")

    # up 0 to 3, 5 to 8, 10 to 13: two days of work before the failure, two after the repair
    assert ends(bench, arriving("bench", a=1.0, b=2.0)) == {"a": 7.0, "b": 13.0}


def test_interrupted_work_starts_again_where_that_is_said() -> None:
    breaks = Breakdowns(uptime_days=days(3.0), downtime_days=days(2.0), after="repeat")
    bench = Station(service_days=days(2.5), breakdowns=breaks, to="done")

    assert ends(bench, arriving("bench", a=1.0)) == {"a": 7.5}


def test_a_server_that_fails_only_at_work_keeps_its_uptime_while_idle() -> None:
    breaks = Breakdowns(uptime_days=days(3.0), downtime_days=days(2.0), while_="busy")
    bench = Station(service_days=days(2.0), breakdowns=breaks, to="done")

    assert ends(bench, arriving("bench", a=0.0, b=10.0, c=30.0)) == {"a": 2.0, "b": 14.0, "c": 32.0}


def test_an_interrupted_unit_goes_before_the_queue_to_the_next_free_server() -> None:
    """One of two servers fails on day 1 for long: its unit has the other server next, and c has it after that."""
    bench = Station(
        servers=2,
        service_days=days(2.0),
        breakdowns=Breakdowns(uptime_days=Empirical(values=[1.0, 1000.0]), downtime_days=NEVER),
        to="done",
    )
    network = {**arriving("bench", a=0.0, b=0.5, c=0.7), "bench": bench, **DONE}
    stories = [story(network, 50.0, "interrupted", "started", "finished", seed=seed) for seed in range(20)]
    interrupted = [[name for _, name, _, event in told if event == "interrupted"] for told in stories]
    last = {
        "a": [(1.0, "a", "interrupted"), (2.5, "b", "finished"), (3.5, "a", "finished"), (3.5, "c", "started")],
        "b": [(1.0, "b", "interrupted"), (2.0, "a", "finished"), (3.5, "b", "finished"), (3.5, "c", "started")],
    }

    assert {"a", "b"} <= {names[0] for names in interrupted if len(names) == 1}
    for told, names in zip(stories, interrupted, strict=True):
        if len(names) == 1:
            assert [(day, name, event) for day, name, _, event in told][2:6] == last[names[0]]


def test_each_server_fails_by_its_own_luck() -> None:
    breaks = Breakdowns(uptime_days=Exponential(mean=10.0), downtime_days=Exponential(mean=2.0))

    def failures(servers: int) -> set[tuple[float, float]]:
        """Days at which the number of servers that are up changes."""
        bench = Station(servers=servers, service_days=DAY, breakdowns=breaks, to="done")
        world = World({**arriving("bench", a=0.0), "bench": bench, **DONE}, seed=3)
        world.run_until(0.5)
        return {(entry.unit, day) for day, _, _, entry in world.engine.pending() if entry.place()[1] == "fail"}

    assert len(failures(3)) == 3
    assert failures(2) < failures(3)


def test_a_unit_on_a_blocked_server_is_not_interrupted_by_its_failure() -> None:
    network = {
        **arriving("press", a=0.0, b=0.1),
        "press": Station(
            service_days=DAY, breakdowns=Breakdowns(uptime_days=days(2.5), downtime_days=days(3.0)), to="wash"
        ),
        "wash": Station(capacity=1, service_days=days(5.0), to="done"),
        **DONE,
    }

    assert not story(network, 50.0, "interrupted")
    assert times(network, "started", "wash") == {"a": 1.0, "b": 6.0}


# --- interruption by who ranks before ---


def test_the_youngest_of_the_last_rank_is_interrupted() -> None:
    units = classes(a=("bulk", 0.0), b=("bulk", 0.1), c=("normal", 0.2), d=("urgent", 0.5))
    bench = Station(
        servers=3,
        service_days=days(2.0),
        priority=Priority(field="class", order=["urgent", "normal"], preemptive=True),
        to="done",
    )
    network = {**units, "bench": bench, **DONE}

    assert story(network, 50.0, "interrupted") == [(0.5, "b", "bench", "interrupted")]
    assert times(network, "finished", "bench") == {"a": 2.0, "c": 2.2, "d": 2.5, "b": 3.6}


def test_nobody_is_interrupted_by_his_equal() -> None:
    units = classes(a=("urgent", 0.0), b=("urgent", 0.1))
    bench = Station(service_days=DAY, priority=Priority(field="class", order=["urgent"], preemptive=True), to="done")

    assert ends(bench, units) == {"a": 1.0, "b": 2.0}


def test_nobody_is_interrupted_for_a_batch_that_is_not_full() -> None:
    units = classes(a=("bulk", 0.0), b=("bulk", 0.0), c=("urgent", 0.2), d=("urgent", 0.4))
    priority = Priority(field="class", order=["urgent"], preemptive=True)
    network = {**units, "bench": Station(batch=2, service_days=DAY, priority=priority, to="done"), **DONE}

    assert {day for day, *_ in story(network, 50.0, "interrupted")} == {0.4}
    assert times(network, "finished", "bench") == {"c": 1.4, "d": 1.4, "a": 2.0, "b": 2.0}


def test_work_that_a_failure_interrupted_interrupts_who_ranks_after_it() -> None:
    """Server 0 or 1 fails under the urgent unit at 1; the unit goes on at once on the other server."""
    units = classes(u=("urgent", 0.0), b=("bulk", 0.1))
    law = Uniform(low=1.0, high=1.0 + 1e-9)
    for seed in range(4):
        network = {
            **units,
            "bench": Station(
                servers=2,
                service_days=days(3.0),
                priority=Priority(field="class", order=["urgent"], preemptive=True),
                breakdowns=Breakdowns(uptime_days=law, downtime_days=NEVER, while_="busy"),
                to="done",
            ),
            **DONE,
        }
        world = World(network, seed=seed)
        world.run_until(1.05)
        bench = world.blocks["bench"]
        working = [server.job.rank for server in bench.pool if server.job is not None]

        assert working == [0]
        assert [job.rank for job in bench.interrupted] == [1]


# --- shifts ---


def test_work_goes_on_after_the_weekend() -> None:
    bench = Station(service_hours=days(1.5), calendar=OFFICE, to="done")
    units = arriving("bench", a=FRIDAY + 15.5 / 24)

    assert ends(bench, units) == {"a": pytest.approx(MONDAY + 9 / 24)}


def test_work_that_ends_with_the_shift_ends_on_its_day() -> None:
    bench = Station(service_hours=days(1.0), calendar=OFFICE, to="done")
    units = arriving("bench", a=FRIDAY + 14.0 / 24, b=FRIDAY + 14.0 / 24)

    assert sorted(ends(bench, units).values()) == pytest.approx([FRIDAY + 15 / 24, FRIDAY + 16 / 24], abs=1e-6)


def test_who_comes_when_it_is_closed_is_served_at_the_opening() -> None:
    bench = Station(service_hours=days(2.0), calendar=OFFICE, to="done")
    units = arriving("bench", a=FRIDAY + 17 / 24, b=FRIDAY + 2.0)

    assert starts(bench, units) == {"a": pytest.approx(MONDAY + 8 / 24), "b": pytest.approx(MONDAY + 10 / 24)}


def test_a_repair_at_night_lets_work_go_on_in_the_morning() -> None:
    breaks = Breakdowns(uptime_hours=days(10.0), downtime_hours=days(10.0))
    bench = Station(service_hours=days(4.0), calendar=OFFICE, breakdowns=breaks, to="done")

    # on Monday it works from 8 to 10; it is down from 10 to 20, all of Tuesday's shift, and on Wednesday until 12
    assert ends(bench, arriving("bench", a=0.0), 10.0) == {"a": pytest.approx(2 + 14 / 24)}


def test_an_urgent_unit_that_comes_at_night_interrupts_in_the_morning() -> None:
    units = classes(a=("bulk", 15 / 24), b=("urgent", 20 / 24))
    bench = Station(
        service_hours=days(2.0),
        calendar=OFFICE,
        priority=Priority(field="class", order=["urgent"], preemptive=True),
        to="done",
    )

    assert ends(bench, units) == {"b": pytest.approx(1 + 10 / 24), "a": pytest.approx(1 + 11 / 24)}


def test_utilisation_is_a_share_of_the_open_hours() -> None:
    bench = Station(service_hours=days(2.0), calendar=OFFICE, to="done")
    world = World({**arriving("bench", a=0.0, b=1.0), "bench": bench, **DONE}, seed=1)
    world.run_until(7.0)

    assert world.kpis()["bench.utilisation"][0] == pytest.approx(4 / 40)


def test_a_run_that_ends_before_the_first_opening_has_no_utilisation() -> None:
    bench = Station(service_hours=days(2.0), calendar=OFFICE, to="done")
    world = World({**arriving("bench", a=0.0), "bench": bench, **DONE}, seed=1)
    world.run_until(0.25)
    value, _ = world.kpis()["bench.utilisation"]

    assert value != value  # noqa: PLR0124


def test_nothing_ticks_while_nothing_happens() -> None:
    """Shifts, idle servers and empty queues put no events on the calendar."""
    bench = Station(servers=3, service_hours=days(2.0), calendar=OFFICE, batch=2, to="done")
    world = World({**arriving("bench", a=0.0), "bench": bench, **DONE}, seed=1)
    world.run_until(5000.0)

    assert world.engine.pending() == []


@pytest.mark.parametrize("servers", [1, 3])
def test_a_workshop_without_anything_special_is_the_plain_station(servers: int) -> None:
    """Always open, or a preemptive rank that all units share: the same starts and ends to the last bit."""

    def outcome(**special: Any) -> list[Any]:
        network: Network = {
            "arrivals": Source(interarrival_days=Exponential(mean=1.0), to="bench"),
            "bench": Station(servers=servers, service_days=Exponential(mean=0.8 * servers), to=again, **special),
            **DONE,
        }
        return story(network, 300.0)

    again = [Case(field="visits", below=1.0, to={"bench": 0.2, "done": 0.8}), Case(to="done")]

    assert outcome(priority=Priority(field="?", order=["?"], preemptive=True)) == outcome()
    assert outcome(calendar=Calendar(hours=[[0.0, 24.0]], weekdays=[1, 2, 3, 4, 5, 6, 7])) == outcome()
    assert outcome(breakdowns=Breakdowns(uptime_days=NEVER, downtime_days=DAY)) == outcome()
