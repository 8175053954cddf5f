"""What holds in every block after every instant of every run: nobody waits in vain, nothing is held twice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from hypothesis import given

from sim.blocks.lane import LaneBlock
from sim.blocks.population import PopulationBlock
from sim.blocks.replenishment import to_order, to_pull
from sim.blocks.shift_station import ShiftStationBlock
from sim.blocks.station import StationBlock
from sim.blocks.stock import StockBlock
from sim.blocks.workshop import WorkshopBlock
from sim.calendar import WorkingTime
from sim.config import Block, Breakdowns, Sink, Source, Station
from sim.laws import Constant, Exponential
from sim.world import World
from tests.sim.generated import EXAMPLES, networks
from tests.sim.networks import FEATURES, Network

HORIZON = 12.0


def instants(network: Mapping[str, Block], until: float, *, seed: int = 3) -> Iterator[World]:
    """Yield a running world after each instant at which something happened."""
    world = World(network, seed=seed)
    queue = world.engine.queue
    while queue and queue[0][0] < until:
        assert queue[0][0] >= world.now, "something happens before the present instant"
        world.engine.clock.step()
        if not queue or queue[0][0] > world.now:
            yield world


def assert_station(block: StationBlock, now: float) -> None:
    capacity = block.config.capacity
    if capacity is not None:
        assert block.number <= capacity
        assert not block.outside or block.number == capacity
    assert all(unit in sender.held for unit, sender in block.outside)
    if isinstance(block, WorkshopBlock):
        assert_workshop(block, now)
    else:
        calendar = block.config.calendar
        rests = calendar is not None and not WorkingTime(calendar).is_open(now)
        assert not block.waiting() or block.free == 0 or rests
        assert not isinstance(block, ShiftStationBlock) or block.in_queue.value == block.waiting()
        assert block.busy.value + block.stuck.value + block.free == block.servers
        assert block.number == block.waiting() + block.busy.value + block.stuck.value


def assert_workshop(block: WorkshopBlock, now: float) -> None:
    config = block.config
    jobs = [server.job for server in block.pool if server.job is not None]
    working = [server for server in block.pool if server.entry is not None]
    least = config.batch if config.batch_minimum is None else config.batch_minimum

    assert block.number == block.waiting() + sum(len(job.units) for job in (*jobs, *block.interrupted))
    assert block.busy.value == len(working)
    assert block.up.value == sum(server.up for server in block.pool)
    assert block.stuck.value == len(block.held)
    assert block.in_queue.value == block.waiting()
    assert all(server.up and server.job is not None for server in working)
    assert all(0 < len(job.units) <= config.batch for job in jobs)
    if config.calendar is None or WorkingTime(config.calendar).is_open(now):
        ready = [job.rank for job in block.interrupted]
        if block.waiting() >= least:
            ready.append(next(rank for rank, queue in enumerate(block.queues) if queue))
        assert not ready or all(server.job is not None or not server.up for server in block.pool)
        if ready and config.priority is not None and config.priority.preemptive:
            assert all(server.job.rank <= min(ready) for server in working)  # type: ignore[union-attr]


def assert_stock(block: StockBlock, world: World) -> None:
    config: Any = world.network[block.name]
    travelling = sum(unit.order is block for unit in world.residents())
    asked = sum(asker is block for other in stocks(world) for asker, _ in other.waiting)

    assert not (block.shelf and block.waiting)
    assert block.number == len(block.shelf)
    assert block.backorders.value == len(block.waiting)
    assert block.on_order == travelling + asked
    position = len(block.shelf) + block.on_order - len(block.waiting)
    if config.review_days is None:
        assert to_order(config, position) == 0
    if config.push is not None:
        assert len(block.shelf) < config.push.quantity
    if config.prefer is not None and config.review_days is None:
        pulled = to_pull(config.prefer, position)
        assert pulled == 0 or pulled > len(world.blocks[config.prefer.supply].shelf)


def stocks(world: World) -> list[StockBlock]:
    return [block for block in world.blocks.values() if isinstance(block, StockBlock)]


def assert_population(block: PopulationBlock, world: World) -> None:
    config: Any = world.network[block.name]

    assert block.vacant.value == block.empty
    assert block.spare_count.value == len(block.spares)
    assert block.number == config.size - block.vacant.value + len(block.spares) + len(block.held)
    assert not (block.spares and block.empty)


def assert_lane(block: LaneBlock, world: World) -> None:
    config: Any = world.network[block.name]
    pending = [entry.unit for *_, entry in world.engine.pending() if entry.place() == (block.name, "deliver_lot")]

    assert len(block.forming) < config.lot
    assert block.underway == len(pending) + len(block.unloading)
    if config.capacity is None:
        assert not block.ready
    else:
        assert block.underway <= config.capacity
        assert not block.ready or block.underway == config.capacity
    if config.lot > 1 or config.capacity is not None:
        lots = [block.forming, *block.ready, *pending, *block.unloading]
        assert block.number == sum(map(len, lots))


def assert_in_order(world: World) -> None:
    """Whatever holds in a block between two instants."""
    for block in world.blocks.values():
        match block:
            case StationBlock():
                assert_station(block, world.now)
            case StockBlock():
                assert_stock(block, world)
            case PopulationBlock():
                assert_population(block, world)
            case LaneBlock():
                assert_lane(block, world)


@pytest.mark.parametrize("network", FEATURES.values(), ids=FEATURES.keys())
def test_every_instant_of_each_feature_is_in_order(network: Network) -> None:
    for world in instants(network, 40.0):
        assert_in_order(world)


@EXAMPLES
@given(networks())
def test_every_instant_of_any_network_is_in_order(network: Network) -> None:
    for world in instants(network, HORIZON):
        assert_in_order(world)


@pytest.mark.parametrize("seed", range(10))
def test_in_a_circle_of_full_stations_nobody_is_squeezed_in(seed: int) -> None:
    """A unit that leaves a full station frees a place for one whose going frees a place in turn, back to the first."""
    times = Exponential(mean=0.5)
    circle: Network = {
        "arrivals": Source(interarrival_days=Exponential(mean=0.1), to={"one": 0.5, "other": 0.5}),
        "more": Source(interarrival_days=Exponential(mean=0.1), to={"one": 0.5, "other": 0.5}),
        "one": Station(servers=3, capacity=3, service_days=times, to={"other": 0.4, "done": 0.6}),
        "other": Station(servers=3, capacity=3, service_days=times, to={"one": 0.4, "done": 0.6}),
        "done": Sink(),
    }
    for world in instants(circle, 30.0, seed=seed):
        assert_in_order(world)

    assert world.gone > 5


def test_rounding_never_puts_a_failure_before_the_present_instant() -> None:
    """Five services of 0.2 use up an uptime of 1.0, to the last bit or one bit further."""
    network: Network = {
        "arrivals": Source(interarrival_days=Constant(value=0.4), to="bench"),
        "bench": Station(
            service_days=Constant(value=0.2),
            breakdowns=Breakdowns(uptime_days=Constant(value=1.0), downtime_days=Constant(value=0.1), while_="busy"),
            to="done",
        ),
        "done": Sink(),
    }
    for world in instants(network, 50.0):
        assert_in_order(world)
