"""Population: places that each hold one unit in use until its life ends."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from sim.blocks.arrivals import scaled
from sim.blocks.block import Block, Integral
from sim.blocks.routes import chooser
from sim.blocks.source import Maker
from sim.config import Population
from sim.engine import FAIL, Entry
from sim.figure import Figure, quantity
from sim.records import Unit

if TYPE_CHECKING:
    from sim.blocks.stock import StockBlock
    from sim.world import World


class PopulationBlock(Block):
    """Places with units in use. `number` counts units in use and spares; `vacant` counts empty places."""

    STATE = (*Block.STATE, "maker", "vacant", "spares", "empty", "spare_count")

    def __init__(self, world: World, name: str, config: Population) -> None:
        super().__init__(world, name)
        self._config = config
        self._life = self._life_of(world, name, config)
        self._installed, self._spared, self._removed = (
            self.code(event) for event in ("installed", "spared", "removed")
        )
        self.maker = Maker(world, self, config.marks)
        self.vacant = Integral()
        self.spare_count = Integral()
        self.spares: deque[Unit] = deque()
        self.empty = 0

    def _life_of(self, world: World, name: str, config: Population) -> Callable[[Unit], float]:
        duty = config.duty
        if duty is not None:
            return lambda unit: world.life_days(self, duty, unit)
        law = config.life_days or config.life_hours
        assert law is not None
        life = law.quantile() if config.life_days is not None else scaled(law.quantile())
        luck = world.streams.open(f"{name}.life").uniform
        return lambda unit: life(luck(unit.key, unit.lives))

    def wire(self) -> None:
        self._route = chooser(self.world, self, self._config.to)
        if self._config.from_ is not None:
            stock: StockBlock = self.world.blocks[self._config.from_]
            self._stock = stock

    def begin(self) -> None:
        self.empty = self._config.size
        self.vacant.add(self.empty, self.clock._now)
        share = self.world.streams.open(f"{self.name}.initial_age").uniform
        mixed = self._config.initial_age == "mixed"
        for _ in range(self._config.size):
            unit = self.maker.make()
            self.enter(unit)
            self._install(unit, spent=share(unit.key) if mixed else 0.0)
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
        """End a life: the unit leaves its place, which asks for a replacement."""
        unit: Unit = entry.unit
        now = self.clock._now
        unit.lives += 1
        self.vacant.add(1, now)
        self.empty += 1
        self.log(now, unit.key, self._removed)
        self.world.removed(self, unit)
        self.hand_over(unit, self._route(unit, unit.lives - 1))
        self._replace()

    def residents(self) -> Iterator[Unit]:
        yield from self.spares
        yield from self.held

    def count_from(self, day: float) -> None:
        super().count_from(day)
        self.vacant.count_from(day)
        self.spare_count.count_from(day)

    def figures(self, day: float) -> dict[str, Figure]:
        """`number_mean` is the mean number in use; `on_hand_mean` the spares; `backorders_mean` the empty places."""
        days = quantity("days", day - self.began, "days")
        vacant = quantity("vacant_place_days", self.vacant.until(day), "place days") / days
        places = quantity("places", self._config.size, "places")
        spares = quantity("spare_days", self.spare_count.until(day), "unit days")
        return {
            **super().figures(day),
            "number_mean": (places - vacant).figure("units"),
            "utilisation": ((places - vacant) / places).figure("1"),
            "on_hand_mean": (spares / days).figure("units"),
            "backorders_mean": vacant.figure("units"),
        }

    def _install(self, unit: Unit, spent: float = 0.0) -> None:
        now = self.clock._now
        self.empty -= 1
        self.vacant.add(-1, now)
        self.log(now, unit.key, self._installed)
        life = self._life(unit)
        self.engine.at(now + life * (1.0 - spent), FAIL, unit.key, self.remove, unit)

    def _replace(self) -> None:
        if self._config.replacement == "stock":
            self._stock.request(self)
        elif self._config.replacement == "new":
            self.accept(self.maker.make())
        elif self.spares and self.empty:
            unit = self.spares.popleft()
            self.spare_count.add(-1, self.clock._now)
            self._install(unit)
