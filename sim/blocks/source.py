"""Source: makes units at times of its own, or on order of a stock."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from typing import TYPE_CHECKING

from sim.blocks.arrivals import Arrivals, interval_quantile
from sim.blocks.block import Block
from sim.blocks.routes import chooser
from sim.config import Mark, Source
from sim.engine import Entry
from sim.records import Unit
from sim.shares import cumulative
from sim.streams import SEQUENCE_BITS

if TYPE_CHECKING:
    from sim.blocks.stock import StockBlock
    from sim.world import World


class Maker:
    """Makes units with the marks of its block. Part of the world's state: the number made so far."""

    STATE = ("made",)

    def __init__(self, world: World, block: Block, marks: Mapping[str, Mark]) -> None:
        self._block = block
        self._world = world
        self._marks = [
            (name, *_mark_drawer(mark), world.streams.open(f"{block.name}.mark.{name}").uniform)
            for name, mark in sorted(marks.items())
        ]
        self._created = block.code("created")
        self.made = 0

    def make(self) -> Unit:
        """Return a new unit, marked and logged."""
        now = self._block.clock._now
        unit = Unit(self._block.id << SEQUENCE_BITS | self.made, now)
        self.made += 1
        if self._marks:
            unit.marks = {
                name: values[bisect_right(edges, luck(unit.key))] for name, values, edges, luck in self._marks
            }
        self._block.log(now, unit.key, self._created)
        self._world.born(self._block, unit)
        return unit


def _mark_drawer(mark: Mark) -> tuple[list[str | float], list[float]]:
    weights = mark.probabilities if mark.probabilities is not None else [1.0] * len(mark.values)
    return mark.values, cumulative(weights)


class SourceBlock(Block):
    """Where units come from. Units that find no room wait here."""

    STATE = (*Block.STATE, "maker", "arrivals")

    def __init__(self, world: World, name: str, config: Source) -> None:
        super().__init__(world, name)
        self._config = config
        self.maker = Maker(world, self, config.marks)
        self.arrivals = Arrivals(world, self, config, self.arrive) if interval_quantile(config) is not None else None

    def wire(self) -> None:
        self._route = chooser(self.world, self, self._config.to)

    def begin(self) -> None:
        if self.arrivals is not None:
            self.arrivals.schedule()

    def arrive(self, entry: Entry) -> None:
        """Make the units of one arrival and plan the next."""
        arrivals = self.arrivals
        assert arrivals is not None
        for _ in range(arrivals.batch(entry.unit) if arrivals.in_batches else 1):
            self._send(self.maker.make())
        arrivals.schedule()

    def request(self, stock: StockBlock) -> None:
        """Make one unit on the order of a stock."""
        unit = self.maker.make()
        unit.order = stock
        self._send(unit)

    def _send(self, unit: Unit) -> None:
        target = self._route(unit, 0)
        if target.limited:
            self.enter(unit)
            self.hand_over(unit, target)
        else:
            # it is gone in the instant it comes: only the counts change
            self.arrived += 1
            self.left += 1
            target.accept(unit)
