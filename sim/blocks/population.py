"""Population: places that each hold one unit in use until its life ends."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from sim.ageing import REASONS, hazard
from sim.blocks.arrivals import scaled
from sim.blocks.block import Block, Integral
from sim.blocks.routes import chooser
from sim.blocks.source import Maker
from sim.config import Population
from sim.engine import FAIL, Entry
from sim.figure import Figure, quantity
from sim.records import Life, Unit
from sim.units import HOURS_PER_DAY

if TYPE_CHECKING:
    from sim.blocks.stock import StockBlock
    from sim.world import World


class PopulationBlock(Block):
    """Places with units in use. `number` counts units in use and spares; `vacant` counts empty places.

    ended: lives that ended since counting began, by reason. repaired: failures since then that ended none. Each unit in
    use has one entry on the calendar: its next service or repair, or the end of its life.
    """

    STATE = (*Block.STATE, "maker", "vacant", "spares", "empty", "spare_count", "ended", "repaired")

    def __init__(self, world: World, name: str, config: Population) -> None:
        super().__init__(world, name)
        self._config = config
        self._life = self._life_of(world, name, config)
        self._installed, self._spared, self._removed, self._maintained = (
            self.code(event) for event in ("installed", "spared", "removed", "maintained")
        )
        self._reasons = {reason: self.code(reason) for reason in REASONS}
        self._minimal = config.repair == "minimal"
        self._remove, self._maintain, self._mend = (self.remove,), (self.maintain,), (self.mend,)
        self.maker = Maker(world, self, config.marks)
        self.vacant = Integral()
        self.spare_count = Integral()
        self.spares: deque[Unit] = deque()
        self.empty = 0
        self.ended = dict.fromkeys(REASONS, 0)
        self.repaired = 0

    def _life_of(self, world: World, name: str, config: Population) -> Callable[[Unit, float], Life]:
        """Return what plans the life of a unit, of which it has spent a share."""
        duty = config.duty
        if duty is not None:
            return lambda unit, share: world.life(self, duty, unit, share)
        law = config.life_days or config.life_hours
        assert law is not None
        life = law.quantile() if config.life_days is not None else scaled(law.quantile())
        limit = math.inf if config.replace_at_days is None else config.replace_at_days
        self._luck = luck = world.streams.open(f"{name}.life").uniform
        if config.repair == "minimal":
            self._hazard = hazard(law, 1.0 if config.life_days is not None else 1.0 / HOURS_PER_DAY)
            self._repair_luck = world.streams.open(f"{name}.repair").uniform
            return lambda unit, share: Life(limit, "replaced", spent=share * limit if share else 0.0)

        def drawn(unit: Unit, share: float) -> Life:
            days = life(luck(unit.key, unit.lives))
            return Life(days, spent=share * days) if days <= limit else Life(limit, "replaced", spent=share * limit)

        return drawn

    def wire(self) -> None:
        self._route = chooser(self.world, self, self._config.to)
        if self._config.from_ is not None:
            stock: StockBlock = self.world.blocks[self._config.from_]
            self._stock = stock

    def renew(self, config: Population) -> None:
        self._config = config
        self._route = chooser(self.world, self, config.to)

    def begin(self) -> None:
        self.empty = self._config.size
        self.vacant.add(self.empty, self.clock._now)
        share = self.world.streams.open(f"{self.name}.initial_age").uniform
        mixed = self._config.initial_age == "mixed"
        for _ in range(self._config.size):
            unit = self.maker.make()
            self.enter(unit)
            self._install(unit, share(unit.key) if mixed else 0.0)
        for _ in range(self._config.spares):
            self.accept(self.maker.make())

    def accept(self, unit: Unit) -> None:
        self.enter(unit)
        if self.empty:
            self._install(unit)
        else:
            self.spares.append(unit)
            self.spare_count.add(1, unit.since)
            self.log(unit.since, unit.key, self._spared)

    def remove(self, entry: Entry) -> None:
        """End a life for the reason that was planned."""
        unit: Unit = entry.unit
        self._end(unit, unit.reason)

    def maintain(self, entry: Entry) -> None:
        """Let a unit in use be serviced: it stays in its place."""
        unit: Unit = entry.unit
        self.log(self.clock._now, unit.key, self._maintained)
        self.world.maintained(self, unit)
        self._go_on(unit)

    def mend(self, entry: Entry) -> None:
        """Repair a failed unit on the spot: it stays in its place, as old as it is."""
        unit: Unit = entry.unit
        now = self.clock._now
        self.log(now, unit.key, self._reasons["failed"])
        self.log(now, unit.key, self._maintained)
        self.repaired += 1
        self._go_on(unit)

    def recall(self, select: Callable[[Unit], bool]) -> int:
        """End the lives of the units in use that are selected, today, in the order of their keys; return how many."""
        steps = (self.remove, self.maintain, self.mend)
        pending = [entry for _, _, _, entry in self.engine.pending()]
        chosen = [entry for entry in pending if entry.callbacks and entry.callbacks[0] in steps and select(entry.unit)]
        for entry in chosen:
            entry.cancel()
        for entry in sorted(chosen, key=lambda entry: entry.unit.key):
            self._end(entry.unit, "recalled")
        return len(chosen)

    def residents(self) -> Iterator[Unit]:
        yield from self.spares
        yield from self.held

    def count_from(self, day: float) -> None:
        super().count_from(day)
        self.vacant.count_from(day)
        self.spare_count.count_from(day)
        self.ended = dict.fromkeys(REASONS, 0)
        self.repaired = 0

    def figures(self, day: float) -> dict[str, Figure]:
        """`number_mean` is the mean number in use; `on_hand_mean` the spares; `backorders_mean` the empty places."""
        days = quantity("days", day - self.began, "days")
        vacant = quantity("vacant_place_days", self.vacant.until(day), "place days") / days
        places = quantity("places", self._config.size, "places")
        spares = quantity("spare_days", self.spare_count.until(day), "unit days")
        failed = quantity("failed", self.ended["failed"], "units") + quantity("repaired", self.repaired, "units")
        return {
            **super().figures(day),
            "number_mean": (places - vacant).figure("units"),
            "utilisation": ((places - vacant) / places).figure("1"),
            "on_hand_mean": (spares / days).figure("units"),
            "backorders_mean": vacant.figure("units"),
            "failures_per_day": (failed / days).figure("units/day"),
        }

    def _install(self, unit: Unit, share: float = 0.0) -> None:
        """Put a unit to use that has spent a share of its life."""
        now = self.clock._now
        self.empty -= 1
        self.vacant.add(-1, now)
        self.log(now, unit.key, self._installed)
        days, unit.reason, unit.every, spent = self._life(unit, share)
        unit.began = now - spent
        unit.ends = now + (days - spent)
        unit.services = int(spent / unit.every)
        self._await(unit)

    def _go_on(self, unit: Unit) -> None:
        """Count a service or a repair, and wait for what comes next."""
        unit.services += 1
        self._await(unit)

    def _await(self, unit: Unit) -> None:
        """Put what happens next to a unit in use on the calendar."""
        minimal, ends = self._minimal, unit.ends
        following = self._next_failure(unit) if minimal else unit.began + (unit.services + 1) * unit.every
        if following < ends:
            self.engine.put(following, FAIL, unit.key, self._mend if minimal else self._maintain, unit)
        else:
            self.engine.put(ends, FAIL, unit.key, self._remove, unit)

    def _next_failure(self, unit: Unit) -> float:
        """Return the day on which a unit that is repaired on the spot fails next."""
        repairs = unit.services
        u = self._repair_luck(unit.key, unit.lives << 20 | repairs) if repairs else self._luck(unit.key, unit.lives)
        return unit.began + self._hazard.next_failure(self.clock._now - unit.began, u)

    def _end(self, unit: Unit, reason: str) -> None:
        """End a life: the unit leaves its place, which asks for a replacement."""
        now = self.clock._now
        unit.ended = reason
        unit.lives += 1
        self.vacant.add(1, now)
        self.empty += 1
        self.ended[reason] += 1
        self.log(now, unit.key, self._reasons[reason])
        self.log(now, unit.key, self._removed)
        self.world.removed(self, unit, reason, now - unit.began)
        self.hand_over(unit, self._route(unit, unit.lives - 1))
        self._replace(reason)

    def _replace(self, reason: str) -> None:
        if self._config.replacement == "new" or reason == "retired":
            # a new vehicle comes with a unit of its own
            self.accept(self.maker.make())
        elif self._config.replacement == "stock":
            self._stock.request(self)
        elif self.spares and self.empty:
            unit = self.spares.popleft()
            self.spare_count.add(-1, self.clock._now)
            self._install(unit)
