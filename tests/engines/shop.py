"""Factories as plain SimPy: a process for orders and one for each part, servers as a resource, shifts by arithmetic.

Nothing of `sim/blocks` and `sim/engine`. What a part takes, draws and working hours are those of the other engine.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from typing import Any

import simpy

from sim.calendar import WorkingTime
from sim.config import Block, Calendar
from sim.parties.config import Factory
from sim.parties.production import COLUMNS, Production
from sim.shares import cumulative
from sim.streams import SEQUENCE_BITS, Streams, number_names
from tests.engines.places import At

Row = dict[str, Any]


class Shop:
    """One factory; `rows`: its records so far."""

    def __init__(
        self, env: simpy.Environment, name: str, config: Factory, streams: Streams, numbers: Mapping[str, int]
    ) -> None:
        self.env, self.name, self.config = env, name, config
        self.rows: list[Row] = []
        self.key = numbers[f"{name}.orders"] << SEQUENCE_BITS
        self.machines = simpy.Resource(env, config.machines)
        self.hours = WorkingTime(config.calendar) if isinstance(config.calendar, Calendar) else None
        self.production = Production(config.machining, f"{name}.machining", streams)
        self.between, self.gaps = config.order_hours.quantile(), streams.open(f"{name}.orders.interarrival")
        self.families, self.luck = sorted(config.mix), streams.open(f"{name}.orders.mark.family")
        self.edges = cumulative([config.mix[family] for family in self.families])
        env.process(self.orders())

    def orders(self) -> Iterator[Any]:
        """Let orders come, one part each."""
        day, number = 0.0, 0
        while number != self.config.orders:
            day += self.between(self.gaps(self.key + number)) / 24.0
            yield At(self.env, day)
            self.env.process(self.part(self.key + number))
            number += 1

    def part(self, unit: int) -> Iterator[Any]:
        """Make one part, and write down what it took."""
        family = self.families[bisect_right(self.edges, self.luck(unit))]
        with self.machines.request() as machine:
            yield machine
            if self.hours is not None and not self.hours.is_open(self.env.now):
                yield At(self.env, self.hours.next_opening(self.env.now))
            now, made = self.env.now, self.production.made(family, unit, 0)
            days = self.production.days(family, unit, 0)
            end = now + days if self.hours is None else self.hours.after(now, days)
            yield At(self.env, end)
        values = (self.env.now, unit, self.name, f"{self.name}.machining", *made.record)
        self.rows.append(dict(zip(COLUMNS, values, strict=True)))


def made_by(network: Mapping[str, Block], parties: Mapping[str, Any], seed: int, days: float) -> list[Row]:
    """Return the records of all factories until a day."""
    env, numbers = simpy.Environment(), number_names(network)
    streams = Streams(seed, 0, numbers)
    shops = [Shop(env, name, config, streams, numbers) for name, config in sorted(parties.items())]
    while env.peek() < days:
        env.step()
    return [row for shop in shops for row in shop.rows]
