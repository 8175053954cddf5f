"""Stations unit by unit: who is served, who waits, who is turned away."""

from __future__ import annotations

import math

import pytest

from sim.config import Case, Factor, Priority, Sink, Source, Station
from sim.laws import Constant, Exponential, Uniform
from sim.world import World
from tests.sim.networks import Network, rows
from tests.sim.stories import arriving, story, times

DAY = Constant(value=1.0)
DONE: Network = {"done": Sink()}


def order_of_service(bench: Station, network: Network) -> str:
    """Return the origins in the order in which a bench starts them."""
    return "".join(origin for _, origin, _, _ in story({**network, "bench": bench, **DONE}, 100.0, "started"))


# --- who is next ---


def test_first_come_is_first_served() -> None:
    units = arriving("bench", a=0.0, b=0.1, c=0.2, d=0.3)

    assert order_of_service(Station(service_days=DAY, to="done"), units) == "abcd"


def test_last_come_is_first_served_where_that_is_the_queue() -> None:
    units = arriving("bench", a=0.0, b=0.1, c=0.2, d=0.3)

    assert order_of_service(Station(service_days=DAY, queue="lifo", to="done"), units) == "adcb"


def test_values_that_are_not_in_the_order_come_last() -> None:
    first, last = arriving("bench", marks={"class": 2.0}, a=0.0, d=0.3), arriving("bench", marks={"class": 1.0}, c=0.2)
    other = arriving("bench", marks={"class": "?"}, b=0.1)
    bench = Station(service_days=DAY, priority=Priority(field="class", order=[1.0, 2.0]), to="done")

    assert order_of_service(bench, {**first, **last, **other}) == "acdb"


def test_a_full_number_of_servers_works_side_by_side() -> None:
    units = arriving("bench", a=0.0, b=0.0, c=0.0)
    ends = times({**units, "bench": Station(servers=2, service_days=DAY, to="done"), **DONE}, "finished", "bench")

    assert sorted(ends.values()) == [1.0, 1.0, 2.0]


def test_a_service_that_ends_as_a_unit_arrives_makes_room_for_it() -> None:
    network = {
        **arriving("bench", a=0.0, b=1.0),
        "bench": Station(capacity=1, when_full="lose", service_days=DAY, to="done"),
        **DONE,
    }

    assert times(network, "finished", "bench") == {"a": 1.0, "b": 2.0}


# --- how long ---


@pytest.mark.parametrize(("mark", "days"), [("heavy", 3.0), (2.0, 5.0), (1, 1.0), ("light", 1.0)])
def test_a_factor_belongs_to_the_value_of_a_mark_also_when_it_is_a_number(mark: str | float, days: float) -> None:
    factor = Factor(field="size", values={"heavy": 3.0, "2": 5.0})
    network = {
        **arriving("bench", marks={"size": mark}, a=0.0),
        "bench": Station(service_days=DAY, service_factor=factor, to="done"),
        **DONE,
    }

    assert times(network, "finished", "bench") == {"a": days}


def test_a_factor_can_belong_to_the_number_of_earlier_visits() -> None:
    again = [Case(field="visits", below=2.0, to="bench"), Case(to="done")]
    network = {
        **arriving("bench", a=0.0),
        "bench": Station(service_days=DAY, service_factor=Factor(field="visits", values={"1": 10.0}), to=again),
        **DONE,
    }

    assert [day for day, *_ in story(network, 100.0, "finished")] == [1.0, 11.0, 12.0]


def test_the_luck_of_a_station_does_not_ask_who_comes() -> None:
    bench = Station(service_days=Uniform(low=1.0, high=2.0), luck="station", to="done")
    one, other = ({**units, "bench": bench, **DONE} for units in (arriving("bench", a=0.0), arriving("bench", b=0.0)))

    assert list(times(one, "finished", "bench").values()) == list(times(other, "finished", "bench").values())


# --- who is turned away ---


def test_a_unit_that_finds_no_place_is_lost_and_counted() -> None:
    bench = Station(capacity=2, when_full="lose", service_days=DAY, to="done")
    network = {**arriving("bench", a=0.0, b=0.1, c=0.2), "bench": bench, **DONE}
    world = World(network, seed=1)
    world.run_until(10.0)
    figures = {name: value for name, (value, _) in world.kpis().items()}

    assert story(network, 10.0, "lost") == [(0.2, "c", "bench", "lost")]
    assert figures["bench.loss_probability"] == pytest.approx(1 / 3)
    assert (world.created, world.gone) == (3, 3)


def test_a_unit_that_overflows_into_a_full_station_waits_where_it_is() -> None:
    """It is lost at the first station only; the one it overflows into blocks its sender, here its source."""
    network = {
        **arriving("first", a=0.0, b=0.1, c=0.2),
        "first": Station(capacity=1, when_full="lose", overflow="second", service_days=DAY, to="done"),
        "second": Station(capacity=1, service_days=DAY, to="done"),
        **DONE,
    }

    assert story(network, 10.0, "lost", "blocked", "left") == [
        (0.1, "b", "first", "lost"),
        (0.2, "c", "first", "lost"),
        (0.2, "c", "c", "blocked"),
        (1.0, "a", "done", "left"),
        (1.1, "b", "done", "left"),
        (2.1, "c", "done", "left"),
    ]


def test_stations_that_overflow_into_each_other_are_refused() -> None:
    pair = {
        name: Station(capacity=1, when_full="lose", overflow=other, service_days=DAY, to="done")
        for name, other in (("east", "west"), ("west", "east"))
    }

    with pytest.raises(ValueError, match="round in a circle: east, west"):
        World({**arriving("east", a=0.0), **pair, **DONE}, seed=1)


def test_a_chain_of_overflows_that_ends_is_accepted() -> None:
    chain: Network = {
        "one": Station(capacity=1, when_full="lose", overflow="two", service_days=DAY, to="done"),
        "two": Station(capacity=1, when_full="lose", overflow="three", service_days=DAY, to="done"),
        "three": Station(service_days=DAY, to="done"),
    }
    network = {**arriving("one", a=0.0, b=0.1, c=0.2, d=0.3), **chain, **DONE}

    assert times(network, "started", "three") == {"c": 0.2, "d": 1.2}


# --- blocking ---


def test_a_unit_that_cannot_go_on_keeps_its_server() -> None:
    network = {
        **arriving("first", a=0.0, b=0.1, c=0.2),
        "first": Station(service_days=DAY, to="second"),
        "second": Station(capacity=1, service_days=Constant(value=3.0), to="done"),
        **DONE,
    }

    assert times(network, "started", "first") == {"a": 0.0, "b": 1.0, "c": 4.0}
    assert times(network, "started", "second") == {"a": 1.0, "b": 4.0, "c": 7.0}


def test_units_of_several_senders_are_let_in_as_they_came() -> None:
    network = {
        **arriving("second", z=0.0),
        **arriving("left", a=0.2),
        **arriving("right", b=0.1),
        "left": Station(service_days=DAY, to="second"),
        "right": Station(service_days=DAY, to="second"),
        "second": Station(capacity=1, service_days=Constant(value=3.0), to="done"),
        **DONE,
    }

    assert times(network, "arrived", "second") == {"z": 0.0, "b": 3.0, "a": 6.0}


def test_a_circle_of_full_stations_gives_no_place_twice_and_loses_nobody() -> None:
    """A third station waits for a place that becomes free only by the exchange of two others."""
    network: Network = {
        **arriving("one", a=0.0, b=0.0),
        **arriving("two", c=0.0, d=0.0),
        "one": Station(
            servers=2, capacity=2, service_days=DAY, to=[Case(field="visits", below=1.0, to="two"), Case(to="done")]
        ),
        "two": Station(servers=2, capacity=2, service_days=Constant(value=1.5), to="one"),
        **arriving("one", e=0.5),
        **DONE,
    }
    world = World(network, seed=1)
    world.run_until(50.0)

    assert not [row for row in rows(world) if row[3] == "lost"]
    assert all(block.number <= 2 for name, block in world.blocks.items() if name in ("one", "two"))
    assert world.created == world.gone + len(list(world.residents()))


def test_a_unit_may_come_back_to_its_own_full_station() -> None:
    again = [Case(field="visits", below=1.0, to="bench"), Case(to="done")]
    network = {**arriving("bench", a=0.0), "bench": Station(capacity=1, service_days=DAY, to=again), **DONE}

    assert times(network, "left", "done") == {"a": 2.0}


# --- figures ---


def test_figures_without_time_or_units_are_not_numbers() -> None:
    world = World({**arriving("bench", a=5.0), "bench": Station(service_days=DAY, to="done"), **DONE}, seed=1)

    assert all(math.isnan(value) or value == 0 for value, _ in world.kpis().values())

    world.run_until(2.0)
    figures = {name: value for name, (value, _) in world.kpis().items()}

    assert figures["bench.utilisation"] == figures["bench.number_mean"] == figures["bench.throughput_per_day"] == 0.0
    assert math.isnan(figures["bench.time_mean_days"])
    assert math.isnan(figures["bench.wait_probability"])


def test_figures_of_three_units_are_those_on_paper() -> None:
    network = {**arriving("bench", a=0.0, b=0.5, c=3.0), "bench": Station(service_days=DAY, to="done"), **DONE}
    world = World(network, seed=1)
    world.run_until(10.0)
    figures = {name.removeprefix("bench."): value for name, (value, _) in world.kpis().items()}

    assert figures["utilisation"] == pytest.approx(0.3)
    assert figures["wait_mean_days"] == pytest.approx(0.5 / 3)
    assert figures["wait_probability"] == pytest.approx(1 / 3)
    assert figures["time_mean_days"] == pytest.approx(3.5 / 3)
    assert figures["number_mean"] == pytest.approx(0.35)
    assert figures["queue_mean"] == pytest.approx(0.05)
    assert figures["throughput_per_day"] == pytest.approx(0.3)


def test_the_warm_up_is_forgotten_and_its_units_are_not() -> None:
    network = {**arriving("bench", a=0.0, b=0.5), "bench": Station(service_days=DAY, to="done"), **DONE}
    world = World(network, seed=1)
    world.run_until(0.75)
    world.count_from_now()
    world.run_until(4.75)
    figures = {name.removeprefix("bench."): value for name, (value, _) in world.kpis().items()}

    assert figures["utilisation"] == pytest.approx(1.25 / 4)
    assert figures["number_mean"] == pytest.approx((2 * 0.25 + 1.0) / 4)
    assert figures["throughput_per_day"] == pytest.approx(0.5)
    assert figures["time_mean_days"] == pytest.approx((1.0 + 1.5) / 2)


def test_a_station_without_a_limit_serves_everybody_at_once() -> None:
    network: Network = {
        "arrivals": Source(interarrival_days=Exponential(mean=0.01), to="use"),
        "use": Station(servers="unlimited", service_days=DAY, to="done"),
        **DONE,
    }
    world = World(network, seed=1)
    world.run_until(5.0)
    figures = {name.removeprefix("use."): value for name, (value, _) in world.kpis().items()}

    assert figures["queue_mean"] == pytest.approx(0.0, abs=1e-9)
    assert figures["wait_probability"] == 0.0
    assert "utilisation" not in figures
