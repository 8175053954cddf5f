"""What a SimPy model of a chain is made of: stations with shifts, lanes with lots, stocks, moments of the calendar."""

from __future__ import annotations

from heapq import heappush
from typing import NamedTuple

import simpy

from sim.calendar import WorkingTime
from sim.config import Lane, Station, Stock
from sim.records import Unit
from sim.streams import Streams


class At(simpy.Event):
    """A moment on the calendar: a timeout ends at now + (day - now), which may differ from day in the last bit."""

    def __init__(self, env: simpy.Environment, day: float) -> None:
        super().__init__(env)
        self._ok, self._value = True, None
        heappush(env._queue, (day, 1, next(env._eid), self))  # type: ignore[misc]


class Place(NamedTuple):
    """What the parties want to know of a place: its name."""

    name: str


class Shop:
    """A station: servers, the law of its service time, its shifts, and what waits where it serves in batches."""

    def __init__(self, env: simpy.Environment, streams: Streams, name: str, config: Station) -> None:
        law = config.service_days or config.service_hours
        assert law is not None
        assert isinstance(config.servers, int)
        self.place = Place(name)
        self.config = config
        self.servers = simpy.Resource(env, config.servers)
        self.waiting = simpy.Store(env)
        self.hours = None if config.calendar is None else WorkingTime(config.calendar)
        self._quantile = law.quantile()
        self._per_day = 1.0 if config.service_days is not None else 24.0
        self._luck = streams.open(f"{name}.service")

    def duration(self, unit: Unit, visit: int) -> float:
        """Service time in days of work."""
        return self._quantile(self._luck(unit.key, visit)) / self._per_day


class Lot:
    """Cores that travel together; `visit`: how often the first of them came by this lane before."""

    def __init__(self, env: simpy.Environment, visit: int) -> None:
        self.units: list[Unit] = []
        self.visit = visit
        self.full = env.event()
        self.arrived = env.event()


class Way:
    """A lane: the law of its travelling time, and the lot that is being filled."""

    def __init__(self, streams: Streams, name: str, config: Lane) -> None:
        law = config.days or config.hours
        assert law is not None
        assert config.capacity is None
        self.place = Place(name)
        self.config = config
        self.cost = config.cost_per_unit or 0.0
        self.lot: Lot | None = None
        self._quantile = law.quantile()
        self._per_day = 1.0 if config.days is not None else 24.0
        self._luck = streams.open(f"{name}.lead_time")

    def days(self, unit: Unit, visit: int) -> float:
        """Travelling time in days."""
        return self._quantile(self._luck(unit.key, visit)) / self._per_day


class Shelf:
    """A stock that orders one new unit for each one that goes."""

    def __init__(self, env: simpy.Environment, name: str, config: Stock) -> None:
        assert config.rule == "base_stock"
        assert config.prefer is None
        assert config.push is None
        self.place = Place(name)
        self.level = config.level
        self.at_start = config.at_start
        self.supply = str(config.supply)
        self.units = simpy.Store(env)
        self.on_order = 0

    @property
    def missing(self) -> int:
        """Units to order now."""
        return self.level - (len(self.units.items) + self.on_order - len(self.units.get_queue))
