"""How stocks and queues went over time: exact means over each step, read from the counters, without a polling event."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.blocks.stock import StockBlock
from sim.log import Columns
from sim.world import World


class Series:
    """Means over steps of a running world. Holds state: the integrals at the last step and the rows so far."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._day = world.now
        self._last = self._integrals(world.now)
        self._rows: list[tuple[float, str, str, float]] = []

    def note(self, day: float) -> None:
        """Add the means over the time since the last step, which ends at `day`."""
        if day <= self._day:
            return
        integrals = self._integrals(day)
        days = day - self._day
        self._rows += [(day, *key, (area - self._last[key]) / days) for key, area in integrals.items()]
        self._day, self._last = day, integrals

    def restart(self, day: float) -> None:
        """Be told that the counters start again at `day`."""
        self._day, self._last = day, self._integrals(day)

    def columns(self) -> Columns:
        """Return day (end of the step), block, quantity and mean over the step."""
        days, blocks, quantities, means = zip(*self._rows, strict=True) if self._rows else ((), (), (), ())
        return {
            "day": np.array(days, dtype=np.float64),
            "block": np.array(blocks, dtype=object),
            "quantity": np.array(quantities, dtype=object),
            "mean": np.array(means, dtype=np.float64),
        }

    def _integrals(self, day: float) -> dict[tuple[str, str], float]:
        areas: dict[tuple[str, str], float] = {}
        block: Any
        for name, block in self._world.blocks.items():
            areas[name, "number"] = block.area_until(day)
            if isinstance(block, StockBlock):
                areas[name, "backorders"] = block.backorders.until(day)
        return areas
