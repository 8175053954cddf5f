"""What stands at the end of a run is found, and nothing is said of a world that flows."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from sim.config import Block, Breakdowns, Lane, Sink, Source, Station, Stock
from sim.laws import Constant, Exponential
from sim.standing import standing
from tests.sim.chains import ran
from tests.sim.networks import FEATURES, QUEUE, Network, run

DAYS = 400.0


def one(**blocks: Block) -> dict[str, Any]:
    """Return the only thing that stands at the end."""
    (found,) = standing(run(blocks, DAYS, warm_up=10.0))
    return found


def fed(days: float, to: str) -> Source:
    return Source(to=to, interarrival_days=Exponential(mean=days))


def test_two_stations_that_wait_for_one_another_are_a_deadlock() -> None:
    # with one place each, the first unit of b that goes back meets one in a that comes
    world = run(
        {
            "arrivals": fed(1.0, "a"),
            "a": Station(to="b", service_days=Exponential(mean=1.0), capacity=1),
            "b": Station(to={"a": 0.5, "done": 0.5}, service_days=Exponential(mean=1.0), capacity=1),
            "done": Sink(),
        },
        DAYS,
    )

    assert {found["block"] for found in standing(world)} == {"arrivals", "a", "b"}
    assert {found["what"] for found in standing(world)} == {"deadlock"}
    assert world.blocks["done"].left + world.blocks["done"].arrived < DAYS / 4
    left = world.blocks["b"].left
    world.run_until(2 * DAYS)
    assert world.blocks["b"].left == left


def test_a_line_that_blocks_and_goes_on_is_no_deadlock() -> None:
    line: Network = {
        "arrivals": fed(1.0, "a"),
        "a": Station(to="b", service_days=Exponential(mean=0.5), capacity=3),
        "b": Station(to="done", service_days=Exponential(mean=0.9), capacity=1),
        "done": Sink(),
    }
    for day in range(50, 60):
        assert "deadlock" not in {found["what"] for found in standing(run(line, float(day)))}


def test_a_batch_that_never_gets_full_stands_still() -> None:
    found = one(
        arrivals=replace(fed(5.0, "wash"), limit=7),
        wash=Station(to="done", service_days=Constant(value=0.1), batch=8),
        done=Sink(),
    )

    assert (found["block"], found["what"], found["units"]) == ("wash", "still", 7)
    assert 0.0 < found["since_day"] < 50.0


def test_a_lot_that_never_gets_full_stands_still() -> None:
    found = one(
        arrivals=replace(fed(5.0, "lorry"), limit=7),
        lorry=Lane(to="done", days=Constant(value=1.0), lot=8),
        done=Sink(),
    )

    assert (found["block"], found["what"], found["units"]) == ("lorry", "still", 7)


def test_a_stock_that_nobody_asks_stands_still() -> None:
    found = one(
        arrivals=fed(5.0, "cores"),
        cores=Stock(rule="none"),
        done=Sink(from_="shelf", interarrival_days=Exponential(mean=1.0)),
        maker=Source(to="shelf"),
        shelf=Stock(level=3, supply="maker"),
    )

    assert (found["block"], found["what"]) == ("cores", "still")


def test_a_station_that_broke_down_for_good_stands_still() -> None:
    breaks = Breakdowns(uptime_days=Constant(value=1.0), downtime_days=Constant(value=1e6))
    found = one(
        arrivals=fed(1.0, "bench"),
        bench=Station(to="done", service_days=Constant(value=0.1), breakdowns=breaks),
        done=Sink(),
    )

    assert (found["block"], found["what"]) == ("bench", "still")


def test_a_station_with_more_work_than_time_does_not_keep_up() -> None:
    found = one(
        arrivals=Source(to="bench", interarrival_days=Constant(value=1.0)),
        bench=Station(to="done", service_days=Constant(value=1.5)),
        done=Sink(),
    )

    assert (found["block"], found["what"]) == ("bench", "queue")
    assert found["units"] / found["of"] == pytest.approx(1.0 / 3.0, abs=0.05)


def test_a_stock_whose_supply_is_too_slow_does_not_keep_up() -> None:
    found = standing(
        run(
            {
                "maker": Source(to="works"),
                "works": Station(to="shelf", service_days=Constant(value=2.0)),
                "shelf": Stock(level=3, supply="maker"),
                "customers": Sink(from_="shelf", interarrival_days=Exponential(mean=1.0)),
            },
            DAYS,
            warm_up=10.0,
        )
    )

    assert [(one["block"], one["what"]) for one in found] == [("shelf", "requests"), ("works", "queue")]


def test_nothing_is_said_of_a_queue_that_keeps_up() -> None:
    assert standing(run(QUEUE, DAYS, warm_up=10.0)) == []


@pytest.mark.parametrize("network", FEATURES.values(), ids=FEATURES.keys())
def test_what_is_called_a_deadlock_never_moves_again(network: Network) -> None:
    world = run(network, 60.0)
    locked = [found["block"] for found in standing(world) if found["what"] == "deadlock"]
    left = {name: world.blocks[name].left for name in locked}
    world.run_until(120.0)

    assert {name: world.blocks[name].left for name in locked} == left


def test_nothing_stands_in_the_chain_of_parties() -> None:
    assert standing(ran()) == []
