"""Sink: where units leave the system; with customers, who ask a stock for units."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.blocks.arrivals import Arrivals, interval_quantile
from sim.blocks.block import Block
from sim.config import Sink
from sim.engine import Entry
from sim.figure import Figure, quantity
from sim.records import Unit

if TYPE_CHECKING:
    from sim.blocks.stock import StockBlock
    from sim.world import World


class SinkBlock(Block):
    """The end of a unit's way. `lifetime` sums the days from making to leaving."""

    STATE = (*Block.STATE, "lifetime", "arrivals", "unmet")

    def __init__(self, world: World, name: str, config: Sink) -> None:
        super().__init__(world, name)
        self._config = config
        self._gone = self.code("left")
        self.lifetime = 0.0
        self.unmet = 0
        self.arrivals = Arrivals(world, self, config, self.arrive) if interval_quantile(config) is not None else None

    def wire(self) -> None:
        if self._config.from_ is not None:
            stock: StockBlock = self.world.blocks[self._config.from_]
            self._stock = stock

    def begin(self) -> None:
        if self.arrivals is not None:
            self.arrivals.schedule()

    def arrive(self, entry: Entry) -> None:
        """Let one customer ask for what he needs, and plan the next."""
        assert self.arrivals is not None
        for _ in range(self.arrivals.batch(entry.unit)):
            if self._config.unmet == "lose" and not self._stock.shelf:
                self._stock.refuse()
                self.unmet += 1
            else:
                self._stock.request(self)
        self.arrivals.schedule()

    def accept(self, unit: Unit) -> None:
        now = self.clock._now
        self.arrived += 1
        self.left += 1
        self.lifetime += now - unit.born
        self.log(now, unit.key, self._gone)
        self.world.leave(self, unit)

    def count_from(self, day: float) -> None:
        super().count_from(day)
        self.lifetime = 0.0
        self.unmet = 0

    def figures(self, day: float) -> dict[str, Figure]:
        """Arrivals here per day, and the mean time from a unit's making to its leaving here."""
        left = quantity("left", self.left, "units")
        return {
            "throughput_per_day": (left / quantity("days", day - self.began, "days")).figure("units/day"),
            "time_mean_days": (quantity("days_since_making", self.lifetime, "unit days") / left).figure("days"),
        }
