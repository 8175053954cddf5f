"""The core loop of `transmission` a third time: one heap of (day, number, what, whom) and a function for each `what`.

No engine: what somebody writes who wants one kind of network to run fast and nothing else: no processes, no blocks, no
figures, no snapshots. What a party does about a unit, draws and working hours are those of the other two engines.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from functools import partial
from heapq import heappop, heappush
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from sim.calendar import WorkingTime
from sim.config import Block, Lane, Population, Sink, Station, Stock
from sim.log import Log
from sim.parties.chain import Chain
from sim.parties.expand import Sections
from sim.records import CODE, EVENT_BITS, NOBODY, Unit
from sim.streams import SEQUENCE_BITS, Streams, number_names
from tests.engines.places import Place
from tests.engines.routes import Routes

Happens = Callable[[Any], None]


class Bench:
    """A station: codes of its rows, its free servers, its queue."""

    def __init__(self, name: str, config: Station, code: int, streams: Streams) -> None:
        law = config.service_days or config.service_hours
        assert law is not None
        assert config.calendar is not None
        self.place, self.inspects, self.cost = Place(name), config.inspects, config.cost_per_unit
        self.kwh = config.kwh_per_unit
        self.arrived, self.started, self.finished = (code | CODE[event] for event in ("arrived", "started", "finished"))
        self.free, self.batch = int(config.servers), config.batch
        self.law, self.luck = law.quantile(), streams.open(f"{name}.service").uniform
        self.per_day = 1.0 if config.service_days is not None else 24.0
        self.hours = WorkingTime(config.calendar)
        self.queue: deque[tuple[Unit, int]] = deque()
        self.wakes = -1.0


class Road:
    """A lane: codes of its rows, its law, the lot that is being filled."""

    def __init__(self, name: str, config: Lane, code: int, streams: Streams) -> None:
        law = config.days or config.hours
        assert law is not None
        self.place, self.size, self.wait, self.cost = (
            Place(name),
            config.lot,
            config.lot_wait_days,
            config.cost_per_unit,
        )
        self.sent, self.departed = code | CODE["sent"], code | CODE["departed"]
        self.law, self.luck = law.quantile(), streams.open(f"{name}.lead_time").uniform
        self.per_day = 1.0 if config.days is not None else 24.0
        self.lot: list[tuple[Unit, int]] = []


class Shelf:
    """A stock: codes of its rows, what lies there, and who waits."""

    def __init__(self, name: str, config: Stock, code: int) -> None:
        assert config.rule == "base_stock"
        self.name, self.level, self.supply = name, config.level, str(config.supply)
        self.stocked, self.issued, self.demanded = (code | CODE[event] for event in ("stocked", "issued", "demanded"))
        self.units: deque[Unit] = deque()
        self.waiting: deque[tuple[Happens, str]] = deque()
        self.on_order = 0


class Loop:
    """The scenario as one loop; `log` holds its rows. It is what the chain of parties takes for its world."""

    def __init__(
        self, network: Mapping[str, Block], sections: Sections, *, seed: int, folder: Path | None = None
    ) -> None:
        self.now = 0.0
        self.engine = self
        self.network = network
        self.heap: list[tuple[float, int, Happens, Any]] = []
        self.number = 0
        self.numbers = number_names(network)
        self.streams = Streams(seed, 0, self.numbers)
        self.log = Log(folder)
        self.row = self.log.events.row
        self.code = {name: number << EVENT_BITS for number, name in enumerate(sorted(network))}
        self.chain = Chain(self, sections, {})  # type: ignore[arg-type]
        self.routes = Routes(network, self.streams, self.chain)
        self.made = dict.fromkeys(network, 0)
        self.enter: dict[str, Happens] = {}
        self.shelves = {
            name: Shelf(name, block, self.code[name]) for name, block in network.items() if isinstance(block, Stock)
        }
        for name, block in network.items():
            self.enter[name] = self.entrance(name, block)
        for name, block in network.items():
            if isinstance(block, Population):
                self.populate(name, block)
            elif isinstance(block, Stock):
                for _ in range(block.at_start):
                    self.put(self.shelves[name], self.new(name))

    def entrance(self, name: str, block: Block) -> Happens:
        """Return what happens to a unit that comes to a place."""
        code = self.code[name]
        if isinstance(block, Station):
            return partial(self.come, Bench(name, block, code, self.streams))
        if isinstance(block, Lane):
            return partial(self.send, Road(name, block, code, self.streams))
        if isinstance(block, Stock):
            return partial(self.put, self.shelves[name])
        if isinstance(block, Sink) and block.interarrival_days is not None:
            quantile, luck = block.interarrival_days.quantile(), self.streams.open(f"{name}.interarrival").uniform
            number, shelf = self.numbers[name] << SEQUENCE_BITS, self.shelves[str(block.from_)]
            self.after(quantile(luck(number)), self.customer, (name, shelf, number, quantile, luck))
        return partial(self.leave, Place(name), code | CODE["left"])

    def run(self, days: float) -> None:
        """Let everything happen before the day."""
        heap = self.heap
        while heap and heap[0][0] < days:
            self.now, _, what, whom = heappop(heap)
            what(whom)

    def after(self, day: float, what: Happens, whom: Any) -> None:
        self.number += 1
        heappush(self.heap, (day, self.number, what, whom))

    def at(self, day: float, phase: int, order: int, step: Happens, unit: Any = None) -> None:
        """Let something happen on a day, for the chain of parties."""
        self.after(day, step, SimpleNamespace(unit=unit))

    def visit(self, unit: Unit, name: str) -> int:
        unit.visits = visits = unit.visits or {}
        number = self.numbers[name]
        before = visits.get(number, 0)
        visits[number] = before + 1
        return before

    def new(self, origin: str) -> Unit:
        unit = Unit(self.numbers[origin] << SEQUENCE_BITS | self.made[origin], self.now)
        self.made[origin] += 1
        self.row(self.now, unit.key, self.code[origin] | CODE["created"])
        self.chain.born(unit, Place(origin))  # type: ignore[arg-type]
        return unit

    # --- roads and stations ---

    def send(self, road: Road, unit: Unit) -> None:
        before = self.visit(unit, road.place.name)
        self.row(self.now, unit.key, road.sent)
        if road.cost:
            self.chain.spend(road.place, road.cost, "transport", unit)  # type: ignore[arg-type]
        if road.size == 1:
            self.depart_with(road, [(unit, before)])
            return
        road.lot.append((unit, before))
        if len(road.lot) == road.size:
            self.depart((road, road.lot))
        elif len(road.lot) == 1 and road.wait is not None:
            self.after(self.now + road.wait, self.depart, (road, road.lot))

    def depart(self, what: tuple[Road, list[tuple[Unit, int]]]) -> None:
        road, lot = what
        if road.lot is lot:
            road.lot = []
            for unit, _ in lot:
                self.row(self.now, unit.key, road.departed)
            self.depart_with(road, lot)

    def depart_with(self, road: Road, lot: list[tuple[Unit, int]]) -> None:
        first, before = lot[0]
        self.after(self.now + road.law(road.luck(first.key, before)) / road.per_day, self.arrive, (road, lot))

    def arrive(self, what: tuple[Road, list[tuple[Unit, int]]]) -> None:
        road, lot = what
        for unit, before in lot:
            self.enter[self.routes.next(unit, road.place.name, before)](unit)

    def come(self, bench: Bench, unit: Unit) -> None:
        self.row(self.now, unit.key, bench.arrived)
        bench.queue.append((unit, self.visit(unit, bench.place.name)))
        if bench.free:
            self.start(bench)

    def start(self, bench: Bench) -> None:
        queue, hours, now = bench.queue, bench.hours, self.now
        if not hours.is_open(now):
            opening = hours.next_opening(now)
            if bench.wakes != opening:
                bench.wakes = opening
                self.after(opening, self.start, bench)
            return
        while bench.free and queue:
            bench.free -= 1
            units = [queue.popleft() for _ in range(min(bench.batch, len(queue)))]
            for unit, _ in units:
                self.row(now, unit.key, bench.started)
            first, before = units[0]
            lasts = bench.law(bench.luck(first.key, before)) / bench.per_day
            self.after(hours.after(now, lasts), self.finish, (bench, units))

    def finish(self, what: tuple[Bench, list[tuple[Unit, int]]]) -> None:
        bench, units = what
        chain, place = self.chain, bench.place
        for unit, before in units:
            self.row(self.now, unit.key, bench.finished)
            if bench.cost:
                chain.spend(place, bench.cost, "service", unit)  # type: ignore[arg-type]
            if bench.kwh:
                chain.powered(place, bench.kwh, unit)  # type: ignore[arg-type]
            if bench.inspects is not None:
                chain.served(place, bench.inspects, unit, before)  # type: ignore[arg-type]
            self.enter[self.routes.next(unit, place.name, before)](unit)
        bench.free += 1
        if bench.queue:
            self.start(bench)

    # --- stocks ---

    def ask(self, shelf: Shelf, gets: Happens, asker: str) -> None:
        self.row(self.now, NOBODY, shelf.demanded)
        if shelf.units:
            self.give(shelf, shelf.units.popleft(), gets, asker)
        else:
            shelf.waiting.append((gets, asker))
        while len(shelf.units) + shelf.on_order - len(shelf.waiting) < shelf.level:
            shelf.on_order += 1
            unit = self.new(shelf.supply)
            unit.order = shelf
            self.enter[self.routes.next(unit, shelf.supply, 0)](unit)

    def give(self, shelf: Shelf, unit: Unit, gets: Happens, asker: str) -> None:
        self.row(self.now, unit.key, shelf.issued)
        self.chain.issued(unit, Place(asker))  # type: ignore[arg-type]
        gets(unit)

    def put(self, shelf: Shelf, unit: Unit) -> None:
        if unit.order is shelf:
            unit.order = None
            shelf.on_order -= 1
        self.row(self.now, unit.key, shelf.stocked)
        if shelf.waiting:
            self.give(shelf, unit, *shelf.waiting.popleft())
        else:
            shelf.units.append(unit)

    def leave(self, place: Place, code: int, unit: Unit) -> None:
        self.row(self.now, unit.key, code)
        self.chain.gone(place, unit)  # type: ignore[arg-type]

    def customer(self, what: Any) -> None:
        name, shelf, number, quantile, luck = what
        self.after(self.now + quantile(luck(number + 1)), self.customer, (name, shelf, number + 1, quantile, luck))
        self.ask(shelf, self.enter[name], name)

    # --- vehicles ---

    def populate(self, name: str, config: Population) -> None:
        ages = self.streams.open(f"{name}.initial_age").uniform
        gets = partial(self.install, Place(name), config)
        for _ in range(config.size):
            unit = self.new(name)
            gets(unit, share=ages(unit.key) if config.initial_age == "mixed" else 0.0)

    def install(self, place: Place, config: Population, unit: Unit, share: float = 0.0) -> None:
        self.row(self.now, unit.key, self.code[place.name] | CODE["installed"])
        assert config.duty is not None
        life = self.chain.life(place, config.duty, unit, share)  # type: ignore[arg-type]
        began = self.now - life.spent
        ends, services = self.now + (life.days - life.spent), int(life.spent / life.service_days)
        self.plan((place, config, unit, began, ends, life, services))

    def plan(self, what: Any) -> None:
        *_, began, ends, life, services = what
        service = began + (services + 1) * life.service_days
        if service < ends:
            self.after(service, self.maintain, what)
        else:
            self.after(ends, self.remove, what)

    def maintain(self, what: Any) -> None:
        place, config, unit, began, ends, life, services = what
        self.row(self.now, unit.key, self.code[place.name] | CODE["maintained"])
        self.chain.maintained(place, unit)
        self.plan((place, config, unit, began, ends, life, services + 1))

    def remove(self, what: Any) -> None:
        place, config, unit, began, _, life, _ = what
        unit.lives += 1
        unit.ended = life.reason
        code = self.code[place.name]
        self.row(self.now, unit.key, code | CODE[life.reason])
        self.row(self.now, unit.key, code | CODE["removed"])
        self.chain.removed(place, unit, life.reason, self.now - began)
        self.enter[self.routes.next(unit, place.name, unit.lives - 1)](unit)
        gets = partial(self.install, place, config)
        if life.reason == "retired":
            gets(self.new(place.name))
        else:
            self.ask(self.shelves[str(config.from_)], gets, place.name)
