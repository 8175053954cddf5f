"""The core loop of `transmission` once more, as plain SimPy: the second engine that the world is held against.

A process per vehicle, per core and per lot; a Resource per station, a Store for the serviceable stock, a dict per row.
It shares nothing of `sim.blocks`: queues, shifts, batches, lots, routes, orders and payments are written again. What it
shares are draws by (stream, unit, occurrence), the laws' quantiles, the arithmetic of working hours, and the physics
and inspections, which therefore cost the same on both sides.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Mapping
from dataclasses import replace
from heapq import heappush
from statistics import NormalDist
from typing import Any, TypeAlias

import simpy

from sim.calendar import WorkingTime
from sim.config import Block, Lane, Population, Sink, Station
from sim.parties.body import Physics
from sim.parties.config import Remanufacturer, Tester
from sim.parties.expand import Sections, owner
from sim.parties.inspections import Inspections
from sim.streams import SEQUENCE_BITS, Streams, number_names
from tests.engines.rows import Rows

Story: TypeAlias = Generator[simpy.Event, Any, None]

OUTSIDE = "outside"
_normal = NormalDist().inv_cdf


class At(simpy.Event):
    """A moment on the calendar: a timeout ends at now + (day - now), which may differ from day in the last bit."""

    def __init__(self, env: simpy.Environment, day: float) -> None:
        super().__init__(env)
        self._ok, self._value = True, None
        heappush(env._queue, (day, 1, next(env._eid), self))  # type: ignore[misc]


class Part:
    """One transmission. `visits` says how often it came to each place before."""

    def __init__(self, key: int, origin: str) -> None:
        self.key = key
        self.origin = origin
        self.lives = 0
        self.marks: dict[str, Any] | None = None
        self.visits: dict[str, int] = {}
        self.body: Any = None

    def visit(self, place: str) -> int:
        """Return how often it came here before, and count this time."""
        before = self.visits.get(place, 0)
        self.visits[place] = before + 1
        return before


class Shop:
    """A station: servers, the law of its service time, and its shifts."""

    def __init__(self, chain: Chain, name: str) -> None:
        config = chain.network[name]
        assert isinstance(config, Station)
        law = config.service_days or config.service_hours
        assert law is not None
        assert isinstance(config.servers, int)
        self.name = name
        self.config = config
        self.servers = simpy.Resource(chain.env, config.servers)
        self.hours = None if config.calendar is None else WorkingTime(config.calendar)
        self._quantile = law.quantile()
        self._per_day = 1.0 if config.service_days is not None else 24.0
        self._luck = chain.streams.open(f"{name}.service")

    def duration(self, part: Part, visit: int) -> float:
        """Service time in days of work."""
        return self._quantile(self._luck(part.key, visit)) / self._per_day


class Lot:
    """Cores that travel together."""

    def __init__(self, env: simpy.Environment) -> None:
        self.cores: list[Part] = []
        self.full = env.event()
        self.arrived = env.event()


class Way:
    """A lane: the law of its travelling time, and the lot that is being filled."""

    def __init__(self, chain: Chain, name: str) -> None:
        config = chain.network[name]
        assert isinstance(config, Lane)
        law = config.days or config.hours
        assert law is not None
        self.name = name
        self.config = config
        self.cost = config.cost_per_unit or 0.0
        self.lot: Lot | None = None
        self._quantile = law.quantile()
        self._per_day = 1.0 if config.days is not None else 24.0
        self._luck = chain.streams.open(f"{name}.lead_time")

    def days(self, part: Part, visit: int) -> float:
        """Travelling time in days."""
        return self._quantile(self._luck(part.key, visit)) / self._per_day


class Chain:
    """The chain of the scenario from its OEM to its recycler, as processes. `tables` are its rows, by name."""

    def __init__(self, network: Mapping[str, Block], sections: Sections, *, seed: int, replication: int = 0) -> None:
        self.env = simpy.Environment(initial_time=0.0)
        self.network = network
        self.sections = sections
        self.numbers = number_names(network)
        self.streams = Streams(seed, replication, self.numbers)
        assert sections.product is not None
        self.product = sections.product
        self.physics = Physics(sections.product, self.streams)
        self.tables = Rows()
        self.inspections = Inspections(self.streams, self.tables)  # type: ignore[arg-type]
        self.owners = {name: owner(name, sections.parties, network) for name in network}
        self.shops = {name: Shop(self, name) for name, block in network.items() if isinstance(block, Station)}
        self.ways = {name: Way(self, name) for name, block in network.items() if isinstance(block, Lane)}
        self.made = dict.fromkeys(network, 0)
        self.remanco = next(name for name, party in sections.parties.items() if isinstance(party, Remanufacturer))
        self.reman: Any = sections.parties[self.remanco]
        self.stock = simpy.Store(self.env)
        self.stock_name = f"{self.remanco}.serviceable"
        self.level = sections.policies.serviceable.level
        self.plant = str(network[self.stock_name].supply)  # type: ignore[union-attr]
        self.on_order = 0
        self.to_wash = simpy.Store(self.env)
        for name, block in network.items():
            if isinstance(block, Population):
                for _ in range(block.size):
                    self.env.process(self.vehicle(name, block, self.new_part(name)))
            elif isinstance(block, Sink) and block.interarrival_days is not None:
                self.env.process(self.customers(name, block))
        for _ in range(self.level):
            part = self.new_part(self.stock_name)
            self.event(part, self.stock_name, "stocked")
            self.stock.put(part)
        self.env.process(self.washing(self.shops[f"{self.remanco}.wash"]))

    def run(self, days: float) -> None:
        """Let everything happen before the day."""
        self.env.run(until=days)

    # --- rows ---

    def event(self, part: Part | None, block: str, event: str) -> None:
        self.tables.events.append(
            {
                "day": self.env.now,
                "unit": -1 if part is None else part.key,
                "origin": "" if part is None else part.origin,
                "block": block,
                "event": event,
                "party": self.owners[block],
            }
        )

    def pay(self, payer: str, payee: str, amount: float, purpose: str, part: Part) -> None:
        if amount:
            self.tables.payments.append(
                {
                    "day": self.env.now,
                    "payer": payer or OUTSIDE,
                    "payee": payee or OUTSIDE,
                    "amount": amount,
                    "purpose": purpose,
                    "unit": part.key,
                }
            )

    def decided(self, part: Part, party: str, decision: str, answer: str, by: str) -> None:
        self.tables.decisions.append(
            {
                "day": self.env.now,
                "unit": part.key,
                "life": part.lives,
                "party": party,
                "decision": decision,
                "answer": answer,
                "by": by,
                "prediction": math.nan,
                "verdict": "",
            }
        )

    # --- making and using ---

    def new_part(self, origin: str) -> Part:
        part = Part(self.numbers[origin] << SEQUENCE_BITS | self.made[origin], origin)
        self.made[origin] += 1
        self.event(part, origin, "created")
        part.body = self.physics.make(part)  # type: ignore[arg-type]
        return part

    def vehicle(self, name: str, config: Population, part: Part) -> Story:
        env, fleet = self.env, self.owners[name]
        assert config.duty is not None
        duty = self.product.duties[config.duty]
        spent = self.streams.open(f"{name}.initial_age")(part.key) if config.initial_age == "mixed" else 0.0
        returned = {way: float(chance) for way, chance in config.to.items()}  # type: ignore[union-attr]
        first, second = sorted(returned)
        luck = self.streams.open(f"{name}.route")
        while True:
            self.event(part, name, "installed")
            part.marks = None
            yield env.timeout(self.physics.begin_life(part, duty) * (1.0 - spent))  # type: ignore[arg-type]
            spent = 0.0
            part.lives += 1
            self.event(part, name, "removed")
            self.remove(part, fleet)
            goes = first if luck(part.key, part.lives - 1) < returned[first] else second
            if goes in self.ways:
                env.process(self.core(part, goes))
            else:
                self.event(part, goes, "left")
            self.event(None, self.stock_name, "demanded")
            wanted = self.stock.get()
            self.replenish()
            part = yield wanted
            self.sold(part, fleet)

    def remove(self, part: Part, fleet: str) -> None:
        """Wear the part by the life that ended; what the fleet writes down, and what is true."""
        self.physics.end_life(part)  # type: ignore[arg-type]
        body = part.body
        body.holder = fleet
        body.margin = self.margin(part)
        self.inspections.passport(self.env.now, part, fleet)  # type: ignore[arg-type]
        self.tables.truth.append(
            {
                "day": self.env.now,
                "unit": part.key,
                "life": part.lives,
                "true_gear": body.damage[0],
                "true_bearing": body.damage[1],
                "true_clutch": body.damage[2],
                "true_crack": float(body.crack),
                "true_margin": body.margin,
            }
        )

    def margin(self, part: Part) -> float:
        """What remanufacturing the part would earn."""
        reman, body = self.reman, part.body
        if body.crack:
            return -reman.core_payment - reman.scrapped_share * reman.base_cost  # type: ignore[no-any-return]
        parts = sum(self.physics.replace_cost[worn] for worn in self.physics.to_replace(body))
        return reman.value_reman - reman.core_payment - reman.base_cost - parts  # type: ignore[no-any-return]

    def sold(self, part: Part, buyer: str) -> None:
        self.event(part, self.stock_name, "issued")
        self.pay(buyer, self.remanco, self.reman.price, "serviceable unit", part)

    def customers(self, name: str, config: Sink) -> Story:
        """Workshops that order now and then, for ever."""
        assert config.interarrival_days is not None
        quantile = config.interarrival_days.quantile()
        luck = self.streams.open(f"{name}.interarrival")
        first, number = self.numbers[name] << SEQUENCE_BITS, 0
        while True:
            yield self.env.timeout(quantile(luck(first + number)))
            number += 1
            self.env.process(self.customer(name))

    def customer(self, name: str) -> Story:
        self.event(None, self.stock_name, "demanded")
        wanted = self.stock.get()
        self.replenish()
        part = yield wanted
        self.sold(part, "")
        self.event(part, name, "left")

    # --- the serviceable stock ---

    def replenish(self) -> None:
        """Order new units until at hand + on order - backorders reach the level."""
        while len(self.stock.items) + self.on_order - len(self.stock.get_queue) < self.level:
            self.on_order += 1
            self.env.process(self.delivery())

    def delivery(self) -> Story:
        maker = self.owners[self.plant]
        config: Any = self.sections.parties[maker]
        part = self.new_part(self.plant)
        self.pay(self.remanco, maker, config.price_new, "new unit", part)
        self.pay(maker, OUTSIDE, config.cost_new, "making", part)
        yield from self.travel(part, f"{maker}.delivery")
        self.on_order -= 1
        self.put_in_stock(part)

    def put_in_stock(self, part: Part) -> None:
        self.event(part, self.stock_name, "stocked")
        self.stock.put(part)

    # --- the way of a core ---

    def travel(self, part: Part, name: str) -> Story:
        way = self.ways[name]
        visit = part.visit(name)
        self.event(part, name, "sent")
        self.pay(self.owners[name], OUTSIDE, way.cost, "transport", part)
        if way.config.lot == 1:
            yield self.env.timeout(way.days(part, visit))
            return
        if way.lot is None:
            way.lot = Lot(self.env)
            self.env.process(self.transport(way, way.lot))
        lot = way.lot
        lot.cores.append(part)
        if len(lot.cores) == way.config.lot:
            way.lot = None
            lot.full.succeed()
        yield lot.arrived

    def transport(self, way: Way, lot: Lot) -> Story:
        """Wait until the lot is full or has waited long enough, then bring it."""
        if way.config.lot_wait_days is None:
            yield lot.full
        else:
            yield lot.full | self.env.timeout(way.config.lot_wait_days)
        if way.lot is lot:
            way.lot = None
        for part in lot.cores:
            self.event(part, way.name, "departed")
        first = lot.cores[0]
        yield self.env.timeout(way.days(first, first.visits[way.name] - 1))
        lot.arrived.succeed()

    def serve(self, part: Part, name: str) -> Story:
        shop = self.shops[name]
        env, hours = self.env, shop.hours
        visit = part.visit(name)
        self.event(part, name, "arrived")
        with shop.servers.request() as turn:
            yield turn
            if hours is None:
                self.event(part, name, "started")
                yield env.timeout(shop.duration(part, visit))
            else:
                opening = hours.next_opening(env.now)
                if opening > env.now:
                    yield At(env, opening)
                self.event(part, name, "started")
                yield At(env, hours.after(env.now, shop.duration(part, visit)))
            self.event(part, name, "finished")
        self.pay(self.owners[name], OUTSIDE, shop.config.cost_per_unit, "service", part)

    def core(self, part: Part, way: str) -> Story:
        """From the fleet to the dismantler and wherever that sends it."""
        yield from self.travel(part, way)
        grading = str(self.network[way].to)  # type: ignore[union-attr]
        yield from self.serve(part, grading)
        answers = self.network[grading].to.answers  # type: ignore[union-attr]
        answer = self.disposition(part, self.owners[grading])
        if answer == "test":
            yield from self.travel(part, answers[answer])
            bench = str(self.network[answers[answer]].to)  # type: ignore[union-attr]
            yield from self.serve(part, bench)
            answers = self.network[bench].to.answers  # type: ignore[union-attr]
            answer = self.verdict(part, self.owners[bench])
        yield from self.travel(part, answers[answer])
        if answer in ("recycle", "fail"):
            self.shred(part, str(self.network[answers[answer]].to))  # type: ignore[union-attr]
        else:
            self.event(part, f"{self.remanco}.wash", "arrived")
            self.to_wash.put(part)

    def disposition(self, part: Part, party: str) -> str:
        """Buy the core, look at it, decide."""
        config: Any = self.sections.parties[party]
        self.pay(party, part.body.holder, config.core_price, "core", part)
        part.body.holder = party
        self.inspections.visual(self.env.now, part, party, config)  # type: ignore[arg-type]
        rule = self.sections.policies.disposition
        assert part.marks is not None
        answer, by = str(getattr(rule, part.marks["grade"])), "rule"
        if self.streams.open(f"{party}.explore")(part.key, part.lives) < rule.explore:
            answer, by = "reman", "explore"
        self.decided(part, party, "dismantler.disposition", answer, by)
        return answer

    def verdict(self, part: Part, party: str) -> str:
        """Put the core on the bench."""
        config = self.sections.parties[party]
        assert isinstance(config, Tester)
        self.pay(part.body.holder, party, config.price, "bench test", part)
        self.inspections.bench(self.env.now, part, party, config)  # type: ignore[arg-type]
        assert part.marks is not None
        answer = "pass" if part.marks["bench_score"] < self.sections.policies.bench_limit else "fail"
        self.decided(part, party, "tester.verdict", answer, "rule")
        return answer

    def shred(self, part: Part, name: str) -> None:
        party = self.owners[name]
        config: Any = self.sections.parties[party]
        self.event(part, name, "left")
        self.pay(party, part.body.holder, config.core_payment, "core for material", part)
        self.pay(OUTSIDE, party, config.revenue_per_core, "material", part)

    # --- remanufacturing ---

    def washing(self, shop: Shop) -> Story:
        """One machine that takes what is there, up to a batch."""
        env, hours, store = self.env, shop.hours, self.to_wash
        while True:
            batch = [(yield store.get())]
            opening = env.now if hours is None else hours.next_opening(env.now)
            if opening > env.now:
                yield At(env, opening)
            while store.items and len(batch) < shop.config.batch:
                batch.append((yield store.get()))
            visits = [part.visit(shop.name) for part in batch]
            for part in batch:
                self.event(part, shop.name, "started")
            worked = shop.duration(batch[0], visits[0])
            yield At(env, env.now + worked if hours is None else hours.after(env.now, worked))
            for part in batch:
                self.event(part, shop.name, "finished")
                env.process(self.rebuilding(part))

    def rebuilding(self, part: Part) -> Story:
        """Component inspection, rebuild and end-of-line test, with two reworks at most."""
        name = self.remanco
        yield from self.serve(part, f"{name}.inspect")
        self.tear_down(part)
        assert part.marks is not None
        if part.marks["finding"] == "scrap":
            yield from self.scrap(part, f"{name}.inspect")
            return
        while True:
            yield from self.serve(part, f"{name}.rebuild")
            yield from self.serve(part, f"{name}.end_of_line")
            self.inspections.end_of_line(self.env.now, part, name, self.reman)  # type: ignore[arg-type]
            if part.marks["end_of_line"] == "pass":
                self.put_in_stock(part)
                return
            if part.marks["tries"] >= 3:
                yield from self.scrap(part, f"{name}.end_of_line")
                return

    def scrap(self, part: Part, leaves: str) -> Story:
        cases: Any = self.network[leaves].to  # type: ignore[union-attr]
        end = str(next(case.to for case in cases if case.to in self.ways))
        yield from self.travel(part, end)
        self.shred(part, str(self.network[end].to))  # type: ignore[union-attr]

    def tear_down(self, part: Part) -> None:
        reman, party, body = self.reman, self.remanco, part.body
        replaced = self.physics.to_replace(body)
        self.inspections.teardown(self.env.now, part, party, len(replaced))  # type: ignore[arg-type]
        seller, body.holder = body.holder, party
        self.pay(party, seller, reman.core_payment, "core for remanufacturing", part)
        share = reman.scrapped_share if body.crack else 1.0
        self.pay(party, OUTSIDE, reman.base_cost * share, "remanufacturing", part)
        self.env.process(self.outcome(part.key, part.lives, seller, body.margin))
        if not body.crack:
            costs = sum(self.physics.replace_cost[worn] for worn in replaced)
            self.pay(party, OUTSIDE, costs, "parts", part)
            self.physics.renew(part, replaced)  # type: ignore[arg-type]
            body.failed = ""

    def outcome(self, key: int, lives: int, seller: str, margin: float) -> Story:
        """Tell the seller later what the core earned."""
        noise = self.reman.outcome_noise * _normal(self.streams.open(f"{self.remanco}.outcome_noise")(key, lives))
        luck = self.streams.open(f"{self.remanco}.outcome_delay")
        yield self.env.timeout(self.reman.outcome_delay_days.quantile()(luck(key, lives)))
        told = margin + noise
        for party in (seller, self.remanco):
            self.tables.outcome.append(
                {
                    "day": self.env.now,
                    "unit": key,
                    "life": lives,
                    "party": party,
                    "margin": told,
                    "profitable": float(told > 0.0),
                }
            )


__all__ = ["Chain", "replace"]
