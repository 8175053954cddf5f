"""The core loop of `transmission` a third time: one heap of (day, number, what, whom) and a function for each `what`.

No engine: what somebody writes who wants this one network to run fast and nothing else. Rows are flat, there are no
processes and no blocks. Draws, working hours, physics and inspections are those of the other two.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Mapping
from heapq import heappop, heappush
from pathlib import Path
from statistics import NormalDist
from typing import Any

from sim.calendar import WorkingTime
from sim.config import Block, Lane, Population, Sink, Station
from sim.log import Log
from sim.parties.accounts import COLUMNS as PAYMENTS
from sim.parties.body import Physics
from sim.parties.chain import OUTCOME, TRUTH
from sim.parties.config import Remanufacturer
from sim.parties.decisions import COLUMNS as DECISIONS
from sim.parties.expand import Sections, owner
from sim.parties.inspections import Inspections
from sim.records import CODE, EVENT_BITS, Unit
from sim.streams import SEQUENCE_BITS, Streams, number_names
from tests.engines.places import OUTSIDE

Happens = Callable[[Any], None]
_normal = NormalDist().inv_cdf


class Bench:
    """A station: codes of its rows, its free servers, its queue."""

    def __init__(self, name: str, config: Station, code: int, streams: Streams, then: Happens) -> None:
        law = config.service_days or config.service_hours
        assert law is not None
        assert config.calendar is not None
        self.name, self.then, self.cost = name, then, config.cost_per_unit
        self.arrived, self.started, self.finished = (code | CODE[event] for event in ("arrived", "started", "finished"))
        self.free, self.batch = int(config.servers), config.batch
        self.law, self.luck = law.quantile(), streams.open(f"{name}.service").uniform
        self.per_day = 1.0 if config.service_days is not None else 24.0
        self.hours = WorkingTime(config.calendar)
        self.queue: deque[Unit] = deque()
        self.wakes = -1.0


class Road:
    """A lane: codes of its rows, its law, the lot that is being filled."""

    def __init__(self, name: str, config: Lane, code: int, streams: Streams) -> None:
        law = config.days or config.hours
        assert law is not None
        self.name, self.size, self.wait, self.cost = name, config.lot, config.lot_wait_days, config.cost_per_unit or 0.0
        self.sent, self.departed = code | CODE["sent"], code | CODE["departed"]
        self.law, self.luck = law.quantile(), streams.open(f"{name}.lead_time").uniform
        self.per_day = 1.0 if config.days is not None else 24.0
        self.to = str(config.to)
        self.lot: list[Unit] = []


def bare(  # noqa: C901, PLR0915 - one function on purpose: its locals are the state
    network: Mapping[str, Block], sections: Sections, *, seed: int, days: float, folder: Path | None = None
) -> Log:
    """Run the scenario until a day; return its log, which is not closed."""
    numbers = number_names(network)
    streams = Streams(seed, 0, numbers)
    log = Log(folder)
    row = log.events.row
    assert sections.product is not None
    physics, inspections = Physics(sections.product, streams), Inspections(streams, log)
    code = {name: number << EVENT_BITS for number, name in enumerate(sorted(network))}
    owners = {name: owner(name, sections.parties, network) for name in network}
    pays = log.table("payments", PAYMENTS).append
    decides = log.table("decisions", DECISIONS).append
    truth, outcomes = log.table("truth", TRUTH).append, log.table("outcome", OUTCOME).append
    parties: Mapping[str, Any] = sections.parties
    remanco = next(name for name, party in parties.items() if isinstance(party, Remanufacturer))
    reman: Any = parties[remanco]
    rule, limit = sections.policies.disposition, sections.policies.bench_limit
    explore = {name: streams.open(f"{name}.explore").uniform for name in parties}
    heap: list[tuple[float, int, Happens, Any]] = []
    number = 0
    now = 0.0

    def after(day: float, what: Happens, whom: Any) -> None:
        nonlocal number
        number += 1
        heappush(heap, (day, number, what, whom))

    def visit(unit: Unit, name: str) -> int:
        visits = unit.visits
        if visits is None:
            visits = unit.visits = {}
        before = visits.get(numbers[name], 0)
        visits[numbers[name]] = before + 1
        return before

    made = dict.fromkeys(network, 0)

    def new(origin: str) -> Unit:
        unit = Unit(numbers[origin] << SEQUENCE_BITS | made[origin], now)
        made[origin] += 1
        row(now, unit.key, code[origin] | CODE["created"])
        unit.body = physics.make(unit)
        return unit

    # --- roads and stations ---

    def send(unit: Unit, road: Road) -> None:
        before = visit(unit, road.name)
        row(now, unit.key, road.sent)
        if road.cost:
            pays(now, owners[road.name], OUTSIDE, road.cost, "transport", unit.key)
        if road.size == 1:
            after(now + road.law(road.luck(unit.key, before)) / road.per_day, arrive, (road, [unit]))
            return
        road.lot.append(unit)
        if len(road.lot) == road.size:
            depart((road, road.lot))
        elif len(road.lot) == 1 and road.wait is not None:
            after(now + road.wait, depart, (road, road.lot))

    def depart(what: tuple[Road, list[Unit]]) -> None:
        road, lot = what
        if road.lot is not lot:
            return
        road.lot = []
        for unit in lot:
            row(now, unit.key, road.departed)
        first = lot[0]
        assert first.visits is not None
        travels = road.law(road.luck(first.key, first.visits[numbers[road.name]] - 1)) / road.per_day
        after(now + travels, arrive, (road, lot))

    def arrive(what: tuple[Road, list[Unit]]) -> None:
        road, lot = what
        for unit in lot:
            enter[road.to](unit)

    def come(unit: Unit, bench: Bench) -> None:
        visit(unit, bench.name)
        row(now, unit.key, bench.arrived)
        bench.queue.append(unit)
        if bench.free:
            start(bench)

    def start(bench: Bench) -> None:
        queue, hours = bench.queue, bench.hours
        if not hours.is_open(now):
            opening = hours.next_opening(now)
            if bench.wakes != opening:
                bench.wakes = opening
                after(opening, start, bench)
            return
        while bench.free and queue:
            bench.free -= 1
            units = [queue.popleft() for _ in range(min(bench.batch, len(queue)))]
            for unit in units:
                row(now, unit.key, bench.started)
            first = units[0]
            assert first.visits is not None
            lasts = bench.law(bench.luck(first.key, first.visits[numbers[bench.name]] - 1)) / bench.per_day
            after(hours.after(now, lasts), finish, (bench, units))

    def finish(what: tuple[Bench, list[Unit]]) -> None:
        bench, units = what
        for unit in units:
            row(now, unit.key, bench.finished)
            if bench.cost:
                pays(now, owners[bench.name], OUTSIDE, bench.cost, "service", unit.key)
            bench.then(unit)
        bench.free += 1
        if bench.queue:
            start(bench)

    # --- vehicles and the stock ---

    stock_name = f"{remanco}.serviceable"
    stocked, issued, demanded = (code[stock_name] | CODE[event] for event in ("stocked", "issued", "demanded"))
    plant, level = str(network[stock_name].supply), sections.policies.serviceable.level  # type: ignore[union-attr]
    maker = owners[plant]
    shelf: deque[Unit] = deque()
    waiting: deque[tuple[Callable[[Unit, Any], None], Any]] = deque()
    on_order = 0

    def ask(asker: Callable[[Unit, Any], None], place: Any, buyer: str) -> None:
        nonlocal on_order
        row(now, -1, demanded)
        if shelf:
            give(shelf.popleft(), asker, place)
        else:
            waiting.append((asker, place))
        while len(shelf) + on_order - len(waiting) < level:
            on_order += 1
            unit = new(plant)
            pays(now, remanco, maker, parties[maker].price_new, "new unit", unit.key)
            pays(now, maker, OUTSIDE, parties[maker].cost_new, "making", unit.key)
            send(unit, roads[f"{maker}.delivery"])

    def give(unit: Unit, asker: Callable[[Unit, Any], None], place: Any) -> None:
        row(now, unit.key, issued)
        pays(now, place[1] or OUTSIDE, remanco, reman.price, "serviceable unit", unit.key)
        asker(unit, place)

    def put(unit: Unit) -> None:
        nonlocal on_order
        row(now, unit.key, stocked)
        if unit.key >> SEQUENCE_BITS == numbers[plant] and not unit.lives:
            on_order -= 1
        if waiting:
            give(unit, *waiting.popleft())
        else:
            shelf.append(unit)

    def install(unit: Unit, place: Any, spent: float = 0.0) -> None:
        row(now, unit.key, place[2])
        unit.marks = None
        after(now + physics.begin_life(unit, place[3]) * (1.0 - spent), remove, (unit, place))

    def remove(what: Any) -> None:
        unit, place = what
        _, fleet, _, _, gone, luck, ways, chance = place
        unit.lives += 1
        row(now, unit.key, gone)
        physics.end_life(unit)
        body = unit.body
        body.holder, body.margin = fleet, margin(body)
        inspections.passport(now, unit, fleet)
        truth(now, unit.key, unit.lives, *body.damage, float(body.crack), body.margin)
        goes = ways[0] if luck(unit.key, unit.lives - 1) < chance else ways[1]
        if goes in roads:
            send(unit, roads[goes])
        else:
            row(now, unit.key, code[goes] | CODE["left"])
        ask(install, place, fleet)

    def margin(body: Any) -> float:
        if body.crack:
            return -reman.core_payment - reman.scrapped_share * reman.base_cost  # type: ignore[no-any-return]
        parts = sum(physics.replace_cost[part] for part in physics.to_replace(body))
        return reman.value_reman - reman.core_payment - reman.base_cost - parts  # type: ignore[no-any-return]

    def customer(what: Any) -> None:
        name, count, quantile, luck = what
        after(
            now + quantile(luck((numbers[name] << SEQUENCE_BITS) + count + 1)), customer, (name, count + 1, *what[2:])
        )
        ask(sold, (name, ""), "")

    def sold(unit: Unit, place: Any) -> None:
        row(now, unit.key, code[place[0]] | CODE["left"])

    # --- cores ---

    def answered(unit: Unit, desk: str, decision: str, answer: str, by: str) -> None:
        decides(now, unit.key, unit.lives, owners[desk], decision, answer, by, math.nan, "")
        send(unit, roads[network[desk].to.answers[answer]])  # type: ignore[union-attr]

    def graded(unit: Unit, desk: str) -> None:
        party, body = owners[desk], unit.body
        pays(now, party, body.holder or OUTSIDE, parties[party].core_price, "core", unit.key)
        body.holder = party
        inspections.visual(now, unit, party, parties[party])
        assert unit.marks is not None
        explores = explore[party](unit.key, unit.lives) < rule.explore
        answer = "reman" if explores else str(getattr(rule, str(unit.marks["grade"])))
        answered(unit, desk, "dismantler.disposition", answer, "explore" if explores else "rule")

    def benched(unit: Unit, desk: str) -> None:
        party = owners[desk]
        pays(now, unit.body.holder or OUTSIDE, party, parties[party].price, "bench test", unit.key)
        inspections.bench(now, unit, party, parties[party])
        assert unit.marks is not None
        answered(unit, desk, "tester.verdict", "pass" if float(unit.marks["bench_score"]) < limit else "fail", "rule")

    def shred(unit: Unit, name: str) -> None:
        party = owners[name]
        row(now, unit.key, code[name] | CODE["left"])
        pays(now, party, unit.body.holder or OUTSIDE, parties[party].core_payment, "core for material", unit.key)
        pays(now, OUTSIDE, party, parties[party].revenue_per_core, "material", unit.key)

    # --- remanufacturing ---

    delay, delay_luck = reman.outcome_delay_days.quantile(), streams.open(f"{remanco}.outcome_delay").uniform
    noise_luck = streams.open(f"{remanco}.outcome_noise").uniform

    def scrap(unit: Unit, leaves: str) -> None:
        cases: Any = network[leaves].to  # type: ignore[union-attr]
        send(unit, roads[next(case.to for case in cases if case.to in roads)])

    def torn(unit: Unit) -> None:
        body = unit.body
        replaced = physics.to_replace(body)
        inspections.teardown(now, unit, remanco, len(replaced))
        seller, body.holder = body.holder, remanco
        pays(now, remanco, seller or OUTSIDE, reman.core_payment, "core for remanufacturing", unit.key)
        spent = reman.base_cost * (reman.scrapped_share if body.crack else 1.0)
        pays(now, remanco, OUTSIDE, spent, "remanufacturing", unit.key)
        told = body.margin + reman.outcome_noise * _normal(noise_luck(unit.key, unit.lives))
        after(now + delay(delay_luck(unit.key, unit.lives)), tell, (seller, unit.key, unit.lives, told))
        if body.crack:
            scrap(unit, f"{remanco}.inspect")
            return
        costs = sum(physics.replace_cost[part] for part in replaced)
        if costs:
            pays(now, remanco, OUTSIDE, costs, "parts", unit.key)
        physics.renew(unit, replaced)
        body.failed = ""
        come(unit, benches[f"{remanco}.rebuild"])

    def tell(what: Any) -> None:
        seller, key, lives, told = what
        for party in (seller, remanco):
            outcomes(now, key, lives, party, told, float(told > 0.0))

    def tested(unit: Unit) -> None:
        inspections.end_of_line(now, unit, remanco, reman)
        assert unit.marks is not None
        if unit.marks["end_of_line"] == "pass":
            put(unit)
        elif float(unit.marks["tries"]) < 3:
            come(unit, benches[f"{remanco}.rebuild"])
        else:
            scrap(unit, f"{remanco}.end_of_line")

    then: dict[str, Happens] = {
        f"{remanco}.wash": lambda unit: come(unit, benches[f"{remanco}.inspect"]),
        f"{remanco}.inspect": torn,
        f"{remanco}.rebuild": lambda unit: come(unit, benches[f"{remanco}.end_of_line"]),
        f"{remanco}.end_of_line": tested,
    }
    acts = {"grading": graded, "bench": benched}
    roads = {name: Road(name, block, code[name], streams) for name, block in network.items() if isinstance(block, Lane)}
    benches: dict[str, Bench] = {}
    enter: dict[str, Happens] = {stock_name: put}
    for name, block in sorted(network.items()):
        if isinstance(block, Station):
            act = acts.get(name.partition(".")[2])
            ends = then[name] if act is None else lambda unit, act=act, name=name: act(unit, name)  # type: ignore[misc]
            bench = benches[name] = Bench(name, block, code[name], streams, ends)
            enter[name] = lambda unit, bench=bench: come(unit, bench)  # type: ignore[misc]
        elif isinstance(block, Sink):
            enter[name] = lambda unit, name=name: shred(unit, name)  # type: ignore[misc]
            if block.interarrival_days is not None:
                quantile, luck = block.interarrival_days.quantile(), streams.open(f"{name}.interarrival").uniform
                after(quantile(luck(numbers[name] << SEQUENCE_BITS)), customer, (name, 0, quantile, luck))
        elif isinstance(block, Population):
            assert block.duty is not None
            chances = sorted((way, float(chance)) for way, chance in block.to.items())  # type: ignore[union-attr]
            place = (
                name,
                owners[name],
                code[name] | CODE["installed"],
                sections.product.duties[block.duty],
                code[name] | CODE["removed"],
                streams.open(f"{name}.route").uniform,
                [way for way, _ in chances],
                chances[0][1],
            )
            ages = streams.open(f"{name}.initial_age").uniform
            for _ in range(block.size):
                unit = new(name)
                install(unit, place, ages(unit.key) if block.initial_age == "mixed" else 0.0)
    for _ in range(level):
        put(new(stock_name))
    while heap and heap[0][0] < days:
        now, _, what, whom = heappop(heap)
        what(whom)
    return log
