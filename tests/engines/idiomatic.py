"""The core loop of `transmission` once more, as plain SimPy: the second engine that the world is held against.

A process per vehicle, per core and per lot; a Resource per station, a Store for the serviceable stock, a dict per row.
It shares nothing of `sim.blocks`: queues, shifts, batches, lots, routes, orders and payments are written again. What it
shares are draws by (stream, unit, occurrence), the laws' quantiles, the arithmetic of working hours, and the physics
and inspections, which therefore cost the same on both sides.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import simpy

from sim.config import Block, Lane, Population, Sink, Station
from sim.parties.body import Physics
from sim.parties.config import Remanufacturer
from sim.parties.expand import Sections, owner
from sim.parties.inspections import Inspections
from sim.streams import SEQUENCE_BITS, Streams, number_names
from tests.engines.places import OUTSIDE, Part, Shop, Way
from tests.engines.rebuilding import washing
from tests.engines.rows import Rows
from tests.engines.vehicles import customers, vehicle


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
        self.shops = {
            name: Shop(self.env, self.streams, name, block)
            for name, block in network.items()
            if isinstance(block, Station)
        }
        self.ways = {name: Way(self.streams, name, block) for name, block in network.items() if isinstance(block, Lane)}
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
                    self.env.process(vehicle(self, name, block, self.new_part(name)))
            elif isinstance(block, Sink) and block.interarrival_days is not None:
                self.env.process(customers(self, name, block))
        for _ in range(self.level):
            part = self.new_part(self.stock_name)
            self.event(part, self.stock_name, "stocked")
            self.stock.put(part)
        self.env.process(washing(self, self.shops[f"{self.remanco}.wash"]))

    def run(self, days: float) -> None:
        """Let everything happen before the day."""
        self.env.run(until=days)

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

    def new_part(self, origin: str) -> Part:
        part = Part(self.numbers[origin] << SEQUENCE_BITS | self.made[origin], origin)
        self.made[origin] += 1
        self.event(part, origin, "created")
        part.body = self.physics.make(part)  # type: ignore[arg-type]
        return part
