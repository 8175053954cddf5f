"""Stock: units at hand for whoever asks, backorders in order of asking, rules that replenish, release and dispose."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from sim.blocks.block import Block, Integral
from sim.blocks.replenishment import to_order, to_pull
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

    orders: how often the supply was asked. releases: batches given to another stock by push or pull.
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
        "orders",
        "releases",
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
        self._orders = config.supply is not None or config.prefer is not None
        self._pulls = config.prefer is not None and config.prefer.reorder_point is not None
        self._pulled_by: list[StockBlock] = []
        self._offers = config.push is not None
        self._may_release = config.push is not None
        self.demands = 0
        self.filled = 0
        self.delay = 0.0
        self.served = 0
        self.cycles = 0
        self.clean = 0
        self.short = False
        self.orders = 0
        self.releases = 0

    def wire(self) -> None:
        def block(name: str | None) -> Any:
            return None if name is None else self.world.blocks[name]

        config = self._config
        self._supply: SourceBlock | StockBlock | None = block(config.supply)
        self._via: Block | None = block(config.via)
        self._disposed_to: Block | None = block(config.dispose_to)
        prefer, push = config.prefer, config.push
        self._preferred: StockBlock | None = block(prefer.supply) if prefer else None
        self._preferred_via: Block | None = block(prefer.via) if prefer else None
        self._pushed_to: StockBlock | None = block(push.to) if push else None
        self._pushed_via: Block | None = block(push.via) if push else None
        if self._preferred is not None:
            self._preferred._may_release = True
            if self._pulls and config.review_days is None:
                self._preferred._pulled_by.append(self)
                self._preferred._offers = True

    def renew(self, config: Stock) -> None:
        self._config = config

    def look_again(self) -> None:
        self.replenish()

    def begin(self) -> None:
        for _ in range(self._config.at_start):
            unit = self.maker.make()
            self.enter(unit)
            self.log(unit.since, unit.key, self._stocked)
            self.shelf.append(unit)
        config = self._config
        if self._pulls or config.push or config.review_days is not None or to_order(config, config.at_start) > 0:
            # an event, so that all stocks hold what they start with before the first one orders
            self._plan_review(self.clock._now)

    def review(self, entry: Entry) -> None:
        """Release and order what the rules want at the start, or at each review."""
        self._offer()
        self._order()
        if self._config.review_days is not None:
            self._plan_review(self.clock._now + self._config.review_days)

    def accept(self, unit: Unit) -> None:
        if unit.order is self:
            unit.order = None
            self.on_order -= 1
        elif self._disposed_to is not None and self._is_too_many():
            self._dispose(unit)
            return
        self.enter(unit)
        self.log(unit.since, unit.key, self._stocked)
        self.cycles += 1
        if self.short:
            self.short = len(self.waiting) > 1
        else:
            self.clean += 1
        if self.waiting:
            asker, since = self.waiting.popleft()
            now = self.clock._now
            self.backorders.add(-1, now)
            self.delay += now - since
            self._issue(unit, asker)
            return
        self.shelf.append(unit)
        if self._offers:
            self._offer()

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
        """Order what the rules want, unless that has to wait for the next review."""
        if self._orders and self._config.review_days is None:
            self._order()

    def pull(self) -> None:
        """Have the preferred supply release what the rule for it wants, if all of that is at hand there."""
        prefer = self._config.prefer
        if prefer is not None and self._preferred is not None:
            wanted = to_pull(prefer, self._position())
            if 0 < wanted <= len(self._preferred.shelf):
                self._preferred.release(wanted, self, self._preferred_via)

    def release(self, quantity: int, asker: StockBlock, via: Block | None) -> None:
        """Send a batch of what is at hand to another stock, which counts it as on order from now on."""
        self.releases += 1
        asker.on_order += quantity
        for unit in [self.shelf.popleft() for _ in range(quantity)]:
            self._hand_out(unit)
            unit.order = asker
            (via or asker).accept(unit)
        self.replenish()

    def _order(self) -> None:
        """Order now. What is lost on its way in this very instant is ordered again at the next demand or loss."""
        before, self._ordering = self._ordering, True
        if self._pulls:
            self.pull()
        wanted = to_order(self._config, self._position())
        if wanted > 0 and self._preferred is not None and not self._pulls:
            first = min(wanted, len(self._preferred.shelf))
            if first:
                self._preferred.release(first, self, self._preferred_via)
            wanted -= first
        if wanted > 0 and self._supply is not None:
            self.orders += 1
            self.on_order += wanted
            for _ in range(wanted):
                self._supply.request(self)
        self._ordering = before

    def _offer(self) -> None:
        """Release what is at hand to whom it is pushed, or who waits to pull it."""
        push = self._config.push
        while push is not None and self._pushed_to is not None and len(self.shelf) >= push.quantity:
            self.release(push.quantity, self._pushed_to, self._pushed_via)
        for stock in self._pulled_by:
            stock.pull()

    def _is_too_many(self) -> bool:
        most = self._config.dispose_above
        return most is not None and self._position() >= most

    def _dispose(self, unit: Unit) -> None:
        assert self._disposed_to is not None
        self.enter(unit)
        self.log(unit.since, unit.key, self._stocked)
        self._hand_out(unit)
        self._disposed_to.accept(unit)

    def _position(self) -> int:
        return len(self.shelf) + self.on_order - len(self.waiting)

    def _plan_review(self, day: float) -> None:
        self.engine.at(day, REVIEW, self.id << SEQUENCE_BITS, self.review)

    def residents(self) -> Iterator[Unit]:
        return iter(self.shelf)

    def count_from(self, day: float) -> None:
        super().count_from(day)
        self.backorders.count_from(day)
        self.demands = self.filled = self.served = self.orders = self.releases = self.cycles = self.clean = 0
        self.delay = 0.0

    def figures(self, day: float) -> dict[str, Figure]:
        days = quantity("days", day - self.began, "days")
        demands = quantity("demands", self.demands, "units")
        cycles = quantity("cycles", self.cycles, "cycles")
        found = {
            **super().figures(day),
            "on_hand_mean": (quantity("unit_days_on_hand", self.area_until(day), "unit days") / days).figure("units"),
            "backorders_mean": (self.backorder_days(day) / days).figure("units"),
            "fill_rate": (quantity("filled_at_once", self.filled, "units") / demands).figure("1"),
            "wait_mean_days": (
                quantity("days_waited", self.delay, "unit days") / quantity("served", self.served, "units")
            ).figure("days"),
            "cycle_service": (quantity("cycles_without_stock_out", self.clean, "cycles") / cycles).figure("1"),
        }
        if self._supply is not None:
            found["orders_per_day"] = (quantity("orders", self.orders, "orders") / days).figure("1/day")
        if self._may_release:
            found["releases_per_day"] = (quantity("releases", self.releases, "batches") / days).figure("1/day")
        return found

    def backorder_days(self, day: float) -> Quantity:
        """Integral of open requests since counting began."""
        return quantity("backorder_days", self.backorders.until(day), "unit days")

    def _issue(self, unit: Unit, asker: Block) -> None:
        self.served += 1
        self._hand_out(unit)
        self.world.issued(unit, asker)
        if isinstance(asker, StockBlock):
            self.deliver(unit, asker)
        else:
            asker.accept(unit)

    def _hand_out(self, unit: Unit) -> None:
        self.log(self.clock._now, unit.key, self._issued)
        self.leave(unit)
