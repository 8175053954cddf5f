"""Stock: units at hand for whoever asks, backorders in order of asking, and a rule that replenishes."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import TYPE_CHECKING

from sim.blocks.block import Block, Integral
from sim.blocks.source import Maker, SourceBlock
from sim.config import Stock
from sim.engine import REVIEW, Entry
from sim.figure import Figure, Quantity, quantity
from sim.records import NOBODY, Unit
from sim.streams import SEQUENCE_BITS

if TYPE_CHECKING:
    from sim.world import World


class StockBlock(Block):
    """Units on a shelf. `waiting` are those who asked and got nothing yet, with the day they asked.

    A cycle ends with every unit that comes in; `short` says that somebody asked in vain or waited in the present one.
    """

    STATE = (
        *Block.STATE,
        "shelf",
        "waiting",
        "backorders",
        "on_order",
        "demands",
        "filled",
        "delay",
        "served",
        "cycles",
        "clean",
        "short",
        "maker",
    )

    def __init__(self, world: World, name: str, config: Stock) -> None:
        super().__init__(world, name)
        self._config = config
        self._stocked, self._issued, self._demanded = (self.code(event) for event in ("stocked", "issued", "demanded"))
        self.maker = Maker(world, self, {})
        self.shelf: deque[Unit] = deque()
        self.waiting: deque[tuple[Block, float]] = deque()
        self.backorders = Integral()
        self.on_order = 0
        self._ordering = False
        self.demands = 0
        self.filled = 0
        self.delay = 0.0
        self.served = 0
        self.cycles = 0
        self.clean = 0
        self.short = False

    def wire(self) -> None:
        blocks, config = self.world.blocks, self._config
        self._supply: SourceBlock | StockBlock | None = None if config.supply is None else blocks[config.supply]
        self._via = None if config.via is None else blocks[config.via]

    def begin(self) -> None:
        initial = self._config.level if self._config.initial is None else self._config.initial
        for _ in range(initial):
            self.accept(self.maker.make())
        # what is there from the start was no delivery
        self.cycles = self.clean = 0
        if initial < self._config.level:
            # an event, so that all stocks hold what they start with before the first one orders
            self.engine.at(self.clock._now, REVIEW, self.id << SEQUENCE_BITS, self.review)

    def review(self, entry: Entry) -> None:
        """Order what is missing at the start."""
        self.replenish()

    def accept(self, unit: Unit) -> None:
        self.enter(unit)
        self.log(unit.since, unit.key, self._stocked)
        self.cycles += 1
        if self.short:
            self.short = len(self.waiting) > 1
        else:
            self.clean += 1
        if unit.order is self:
            unit.order = None
            self.on_order -= 1
        if self.waiting:
            asker, since = self.waiting.popleft()
            now = self.clock._now
            self.backorders.add(-1, now)
            self.delay += now - since
            self._issue(unit, asker)
        else:
            self.shelf.append(unit)

    def request(self, asker: Block) -> None:
        """Give one unit to whoever asks, now or as soon as there is one."""
        now = self.clock._now
        self.demands += 1
        self.log(now, NOBODY, self._demanded)
        if self.shelf:
            self.filled += 1
            self._issue(self.shelf.popleft(), asker)
        else:
            self.short = True
            self.waiting.append((asker, now))
            self.backorders.add(1, now)
        self.replenish()

    def refuse(self) -> None:
        """Count a customer who left because nothing was at hand."""
        self.demands += 1
        self.short = True

    def order_lost(self) -> None:
        """Be told that a unit on order here will not come."""
        self.on_order -= 1
        if not self._ordering:
            self.replenish()

    def deliver(self, unit: Unit, asker: StockBlock) -> None:
        """Send a unit to another stock that ordered it."""
        unit.order = asker
        (asker._via or asker).accept(unit)

    def replenish(self) -> None:
        """Order what is missing for at hand + on order - backorders to reach the level.

        What is lost on its way in this very instant is ordered again at the next demand or loss, not at once for ever.
        """
        if self._supply is None:
            return
        self._ordering = True
        for _ in range(self._missing()):
            if self._missing() > 0:
                self.on_order += 1
                self._supply.request(self)
        self._ordering = False

    def _missing(self) -> int:
        return self._config.level - (len(self.shelf) + self.on_order - len(self.waiting))

    def residents(self) -> Iterator[Unit]:
        return iter(self.shelf)

    def count_from(self, day: float) -> None:
        super().count_from(day)
        self.backorders.count_from(day)
        self.demands = self.filled = self.served = self.cycles = self.clean = 0
        self.delay = 0.0

    def figures(self, day: float) -> dict[str, Figure]:
        days = quantity("days", day - self.began, "days")
        demands = quantity("demands", self.demands, "units")
        cycles = quantity("cycles", self.cycles, "cycles")
        return {
            **super().figures(day),
            "on_hand_mean": (quantity("unit_days_on_hand", self.area_until(day), "unit days") / days).figure("units"),
            "backorders_mean": (self.backorder_days(day) / days).figure("units"),
            "fill_rate": (quantity("filled_at_once", self.filled, "units") / demands).figure("1"),
            "wait_mean_days": (
                quantity("days_waited", self.delay, "unit days") / quantity("served", self.served, "units")
            ).figure("days"),
            "cycle_service": (quantity("cycles_without_stock_out", self.clean, "cycles") / cycles).figure("1"),
        }

    def backorder_days(self, day: float) -> Quantity:
        """Integral of open requests since counting began."""
        return quantity("backorder_days", self.backorders.until(day), "unit days")

    def _issue(self, unit: Unit, asker: Block) -> None:
        self.served += 1
        self.log(self.clock._now, unit.key, self._issued)
        self.leave(unit)
        self.world.issued(unit, asker)
        if isinstance(asker, StockBlock):
            self.deliver(unit, asker)
        else:
            asker.accept(unit)
