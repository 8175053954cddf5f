"""The loop of cores alone, without physics, parties, money and reports: as blocks, and as plain SimPy.

Vehicles fail, cores travel, are dismantled, tested, rebuilt or scrapped, and serve the next vehicle; a new part comes
where the stock has none. What is timed here is the engine and its log, nothing else.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import Any

import simpy

from sim.config import Block, Lane, Population, Sink, Source, Station, Stock
from sim.laws import Constant, Exponential, Lognormal, Weibull
from sim.streams import SEQUENCE_BITS, Streams, number_names


class Part:
    """A part that is in a vehicle or on its way."""

    def __init__(self, key: int, origin: str) -> None:
        self.key = key
        self.origin = origin
        self.lives = 0


STATIONS = {"dismantler": (14, 0.49), "tester": (7, 0.24), "remanufacturer": (18, 0.98)}
"""Servers and mean service time in days of each station, in the order of the way."""
RESTORED = 0.84
LIFE = Weibull(shape=2.2, scale=1000.0)
TRANSPORT = Exponential(mean=3.0)
DELIVERY = Constant(value=5.0)


def service(name: str) -> Lognormal:
    return Lognormal(mean=STATIONS[name][1], cv=0.4)


def blocks(vehicles: int) -> dict[str, Block]:
    """Return the network of the loop."""
    to: dict[str, Any] = {
        "dismantler": "tester",
        "tester": {"remanufacturer": RESTORED, "scrapped": 1.0 - RESTORED},
        "remanufacturer": "stock",
    }
    stations = {
        name: Station(servers=servers, service_days=service(name), to=to[name])
        for name, (servers, _) in STATIONS.items()
    }
    return {
        "vehicles": Population(size=vehicles, life_days=LIFE, replacement="stock", from_="stock", to="transport"),
        "transport": Lane(days=TRANSPORT, to="dismantler"),
        **stations,
        "scrapped": Sink(),
        "stock": Stock(level=0, supply="oem"),
        "oem": Source(to="delivery"),
        "delivery": Lane(days=DELIVERY, to="stock"),
    }


def idiomatic(  # noqa: C901, PLR0915 - one function, as a first model in SimPy is written
    vehicles: int, days: float, *, seed: int
) -> list[dict[str, Any]]:
    """Run the loop as plain SimPy; return its event log, a dict for each row."""
    network: Mapping[str, Block] = blocks(vehicles)
    numbers = number_names(network)
    streams = Streams(seed, 0, numbers)
    env = simpy.Environment(initial_time=0.0)
    servers = {name: simpy.Resource(env, number) for name, (number, _) in STATIONS.items()}
    laws = {name: service(name).quantile() for name in STATIONS}
    luck = {name: streams.open(f"{name}.service") for name in STATIONS}
    life, transport = LIFE.quantile(), TRANSPORT.quantile()
    life_luck, way_luck = streams.open("vehicles.life"), streams.open("transport.lead_time")
    verdict = streams.open("tester.route")
    stock = simpy.Store(env)
    made = dict.fromkeys(network, 0)
    on_order = 0
    rows: list[dict[str, Any]] = []

    def event(part: Part | None, block: str, event: str) -> None:
        rows.append(
            {
                "day": env.now,
                "unit": -1 if part is None else part.key,
                "origin": "" if part is None else part.origin,
                "block": block,
                "event": event,
                "party": "",
            }
        )

    def new(origin: str) -> Part:
        part = Part(numbers[origin] << SEQUENCE_BITS | made[origin], origin)
        made[origin] += 1
        event(part, origin, "created")
        return part

    def vehicle() -> Generator[simpy.Event, Any, None]:
        nonlocal on_order
        part = new("vehicles")
        while True:
            event(part, "vehicles", "installed")
            yield env.timeout(life(life_luck(part.key, part.lives)))
            part.lives += 1
            event(part, "vehicles", "failed")
            event(part, "vehicles", "removed")
            env.process(core(part))
            event(None, "stock", "demanded")
            wanted = stock.get()
            while len(stock.items) + on_order < len(stock.get_queue):
                on_order += 1
                env.process(delivery())
            part = yield wanted
            event(part, "stock", "issued")

    def delivery() -> Generator[simpy.Event, Any, None]:
        nonlocal on_order
        part = new("oem")
        event(part, "delivery", "sent")
        yield env.timeout(DELIVERY.value)
        on_order -= 1
        event(part, "stock", "stocked")
        stock.put(part)

    def core(part: Part) -> Generator[simpy.Event, Any, None]:
        event(part, "transport", "sent")
        yield env.timeout(transport(way_luck(part.key, part.lives - 1)))
        for name in STATIONS:
            event(part, name, "arrived")
            with servers[name].request() as turn:
                yield turn
                event(part, name, "started")
                yield env.timeout(laws[name](luck[name](part.key, part.lives - 1)))
                event(part, name, "finished")
            if name == "tester" and verdict(part.key, part.lives - 1) >= RESTORED:
                event(part, "scrapped", "left")
                return
        event(part, "stock", "stocked")
        yield stock.put(part)

    for _ in range(vehicles):
        env.process(vehicle())
    env.run(until=days)
    return rows
