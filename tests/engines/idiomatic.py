"""The core loop of `transmission` once more, as plain SimPy: the second engine that the world is held against.

A process per vehicle, per core and per lot; a Resource per station, a Store per stock, a dict per row. It shares
nothing of `sim.blocks` and `sim.engine`: lives in vehicles, queues, shifts, batches, lots, routes, orders and rows are
written again. What a party does about a unit in its hands (physics, inspections, payments, decisions) is `sim.parties`
here too, as are draws by (stream, unit, occurrence), the laws' quantiles and the arithmetic of working hours: they cost
the same on both sides.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from types import SimpleNamespace
from typing import Any, TypeAlias

import simpy

from sim.config import Block, Lane, Population, Sink, Station, Stock
from sim.parties.chain import Chain
from sim.parties.decisions import Policy
from sim.parties.expand import Sections
from sim.records import Unit
from sim.streams import SEQUENCE_BITS, Streams, number_names
from tests.engines.places import At, Lot, Place, Shelf, Shop, Way
from tests.engines.routes import Routes
from tests.engines.rows import Rows

Story: TypeAlias = Generator[simpy.Event, Any, Any]
"""What a process does."""


class Model:
    """The scenario as processes; `log` holds its rows. It is what the chain of parties takes for its world."""

    def __init__(
        self,
        network: Mapping[str, Block],
        sections: Sections,
        *,
        seed: int,
        replication: int = 0,
        decide: Mapping[str, Policy] | None = None,
    ) -> None:
        self.env = simpy.Environment(initial_time=0.0)
        self.engine = self
        self.network = network
        self.numbers = number_names(network)
        self.names = {number: name for name, number in self.numbers.items()} | {-1: ""}
        self.streams = Streams(seed, replication, self.numbers)
        self.log = Rows()
        self.chain = Chain(self, sections, decide or {})  # type: ignore[arg-type]
        self.routes = Routes(network, self.streams, self.chain)
        self.owners = {name: self.chain.owner(name) for name in network}
        self.made = dict.fromkeys(network, 0)
        self.shops: dict[str, Shop] = {}
        self.ways: dict[str, Way] = {}
        self.shelves: dict[str, Shelf] = {}
        for name, block in network.items():
            if isinstance(block, Station):
                self.shops[name] = Shop(self.env, self.streams, name, block)
            elif isinstance(block, Lane):
                self.ways[name] = Way(self.streams, name, block)
            elif isinstance(block, Stock):
                self.shelves[name] = Shelf(self.env, name, block)
        self.begin()

    def begin(self) -> None:
        """Put what is there on day 0 in place."""
        for name, block in self.network.items():
            if isinstance(block, Population):
                for _ in range(block.size):
                    self.env.process(self.vehicle(name, block, self.new(name)))
            elif isinstance(block, Sink) and block.interarrival_days is not None:
                self.env.process(self.customers(name, block))
            elif isinstance(block, Stock):
                for _ in range(self.shelves[name].at_start):
                    self.put(self.new(name), name)
            elif isinstance(block, Station) and block.batch > 1:
                self.env.process(self.batches(self.shops[name]))

    def run(self, days: float) -> None:
        """Let everything happen before the day."""
        self.env.run(until=days)

    # --- what the chain of parties asks of its world ---

    @property
    def now(self) -> float:
        """The present day."""
        return self.env.now

    def at(self, day: float, phase: int, order: int, step: Callable[[Any], None], unit: Any = None) -> None:
        """Let something happen on a day."""
        self.env.process(self.later(day, step, unit))

    def later(self, day: float, step: Callable[[Any], None], unit: Any) -> Story:
        yield At(self.env, day)
        step(SimpleNamespace(unit=unit))

    # --- units and rows ---

    def new(self, origin: str) -> Unit:
        unit = Unit(self.numbers[origin] << SEQUENCE_BITS | self.made[origin], self.env.now)
        self.made[origin] += 1
        self.event(unit, origin, "created")
        self.chain.born(unit, Place(origin))  # type: ignore[arg-type]
        return unit

    def event(self, unit: Unit | None, block: str, event: str) -> None:
        self.log.events.append(
            {
                "day": self.env.now,
                "unit": -1 if unit is None else unit.key,
                "origin": "" if unit is None else self.names[unit.origin],
                "block": block,
                "event": event,
                "party": self.owners[block],
            }
        )

    def visit(self, unit: Unit, place: str) -> int:
        """Return how often a unit came here before, and count this time."""
        unit.visits = visits = unit.visits or {}
        before = visits.get(self.numbers[place], 0)
        visits[self.numbers[place]] = before + 1
        return before

    # --- use ---

    def vehicle(self, name: str, config: Population, unit: Unit) -> Story:
        env, chain, place, shelf = self.env, self.chain, Place(name), self.shelves[str(config.from_)]
        assert config.duty is not None
        share = self.streams.open(f"{name}.initial_age")(unit.key) if config.initial_age == "mixed" else 0.0
        while True:
            self.event(unit, name, "installed")
            life = chain.life(place, config.duty, unit, share)  # type: ignore[arg-type]
            share = 0.0
            began, ends = env.now - life.spent, env.now + (life.days - life.spent)
            services = int(life.spent / life.service_days)
            while (service := began + (services + 1) * life.service_days) < ends:
                yield At(env, service)
                services += 1
                self.event(unit, name, "maintained")
                chain.maintained(place, unit)  # type: ignore[arg-type]
            yield At(env, ends)
            unit.lives += 1
            unit.ended = life.reason
            self.event(unit, name, life.reason)
            self.event(unit, name, "removed")
            chain.removed(place, unit, life.reason, env.now - began)  # type: ignore[arg-type]
            env.process(self.core(unit, self.routes.next(unit, name, unit.lives - 1)))
            if life.reason == "retired":
                unit = self.new(name)
            else:
                unit = yield self.ask(shelf)
                self.give(unit, shelf, name)

    def customers(self, name: str, config: Sink) -> Story:
        """Workshops that order now and then, for ever."""
        assert config.interarrival_days is not None
        quantile = config.interarrival_days.quantile()
        luck = self.streams.open(f"{name}.interarrival")
        number = self.numbers[name] << SEQUENCE_BITS
        while True:
            yield self.env.timeout(quantile(luck(number)))
            number += 1
            self.env.process(self.customer(name, self.shelves[str(config.from_)]))

    def customer(self, name: str, shelf: Shelf) -> Story:
        unit = yield self.ask(shelf)
        self.give(unit, shelf, name)
        self.leave(unit, name)

    # --- stocks ---

    def ask(self, shelf: Shelf) -> simpy.Event:
        """Ask for a unit, which lets the stock order what is missing."""
        self.event(None, shelf.place.name, "demanded")
        wanted = shelf.units.get()
        for _ in range(shelf.missing):
            shelf.on_order += 1
            unit = self.new(shelf.supply)
            unit.order = shelf
            self.env.process(self.core(unit, self.routes.next(unit, shelf.supply, 0)))
        return wanted

    def give(self, unit: Unit, shelf: Shelf, asker: str) -> None:
        self.event(unit, shelf.place.name, "issued")
        self.chain.issued(unit, Place(asker))  # type: ignore[arg-type]

    def put(self, unit: Unit, name: str) -> None:
        shelf = self.shelves[name]
        if unit.order is shelf:
            unit.order = None
            shelf.on_order -= 1
        self.event(unit, name, "stocked")
        shelf.units.put(unit)

    def leave(self, unit: Unit, name: str) -> None:
        self.event(unit, name, "left")
        self.chain.gone(Place(name), unit)  # type: ignore[arg-type]

    # --- the way of a core ---

    def core(self, unit: Unit, place: str) -> Story:
        """Follow a unit from place to place until it lies on a shelf or is gone."""
        while True:
            if place in self.ways:
                visit = yield from self.travel(unit, self.ways[place])
            elif place in self.shops:
                visit = yield from self.served(unit, self.shops[place])
            elif place in self.shelves:
                self.put(unit, place)
                return
            else:
                self.leave(unit, place)
                return
            place = self.routes.next(unit, place, visit)

    def travel(self, unit: Unit, way: Way) -> Story:
        visit = self.visit(unit, way.place.name)
        self.event(unit, way.place.name, "sent")
        if way.cost:
            self.chain.spend(way.place, way.cost, "transport", unit)  # type: ignore[arg-type]
        if way.config.lot == 1:
            yield self.env.timeout(way.days(unit, visit))
            return visit
        if way.lot is None:
            way.lot = Lot(self.env, visit)
            self.env.process(self.transport(way, way.lot))
        lot = way.lot
        lot.units.append(unit)
        if len(lot.units) == way.config.lot:
            way.lot = None
            lot.full.succeed()
        yield lot.arrived
        return visit

    def transport(self, way: Way, lot: Lot) -> Story:
        """Wait until a lot is full or has waited long enough, then bring it."""
        if way.config.lot_wait_days is None:
            yield lot.full
        else:
            yield lot.full | self.env.timeout(way.config.lot_wait_days)
        if way.lot is lot:
            way.lot = None
        for unit in lot.units:
            self.event(unit, way.place.name, "departed")
        yield self.env.timeout(way.days(lot.units[0], lot.visit))
        lot.arrived.succeed()

    def served(self, unit: Unit, shop: Shop) -> Story:
        env, name, hours = self.env, shop.place.name, shop.hours
        visit = self.visit(unit, name)
        self.event(unit, name, "arrived")
        if shop.config.batch > 1:
            done = env.event()
            shop.waiting.put((unit, visit, done))
            yield done
        else:
            with shop.servers.request() as turn:
                yield turn
                if hours is not None and (opening := hours.next_opening(env.now)) > env.now:
                    yield At(env, opening)
                self.event(unit, name, "started")
                lasts = shop.duration(unit, visit)
                yield env.timeout(lasts) if hours is None else At(env, hours.after(env.now, lasts))
        self.event(unit, name, "finished")
        if shop.config.cost_per_unit:
            self.chain.spend(shop.place, shop.config.cost_per_unit, "service", unit)  # type: ignore[arg-type]
        if shop.config.kwh_per_unit:
            self.chain.powered(shop.place, shop.config.kwh_per_unit, unit)  # type: ignore[arg-type]
        if shop.config.inspects is not None:
            self.chain.served(shop.place, shop.config.inspects, unit, visit)  # type: ignore[arg-type]
        return visit

    def batches(self, shop: Shop) -> Story:
        """One machine that takes what is there, up to a batch."""
        env, hours, waiting = self.env, shop.hours, shop.waiting
        while True:
            batch = [(yield waiting.get())]
            if hours is not None and (opening := hours.next_opening(env.now)) > env.now:
                yield At(env, opening)
            while waiting.items and len(batch) < shop.config.batch:
                batch.append((yield waiting.get()))
            for unit, _, _ in batch:
                self.event(unit, shop.place.name, "started")
            first, visit, _ = batch[0]
            lasts = shop.duration(first, visit)
            yield At(env, env.now + lasts if hours is None else hours.after(env.now, lasts))
            for _, _, done in batch:
                done.succeed()
