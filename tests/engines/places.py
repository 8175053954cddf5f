"""What a SimPy model of a chain is made of: parts, stations with shifts, lanes with lots, moments of the calendar."""

from __future__ import annotations

from collections.abc import Generator
from heapq import heappush
from typing import Any, TypeAlias

import simpy

from sim.calendar import WorkingTime
from sim.config import Lane, Station
from sim.streams import Streams

Story: TypeAlias = Generator[simpy.Event, Any, None]
"""What a process does."""

OUTSIDE = "outside"
"""Whoever is no party of the chain."""


class At(simpy.Event):
    """A moment on the calendar: a timeout ends at now + (day - now), which may differ from day in the last bit."""

    def __init__(self, env: simpy.Environment, day: float) -> None:
        super().__init__(env)
        self._ok, self._value = True, None
        heappush(env._queue, (day, 1, next(env._eid), self))  # type: ignore[misc]


class Part:
    """One transmission. `visits` says how often it came to each place before."""

    def __init__(self, key: int, origin: str) -> None:
        self.key = key
        self.origin = origin
        self.lives = 0
        self.marks: dict[str, Any] | None = None
        self.visits: dict[str, int] = {}
        self.body: Any = None

    def visit(self, place: str) -> int:
        """Return how often it came here before, and count this time."""
        before = self.visits.get(place, 0)
        self.visits[place] = before + 1
        return before


class Shop:
    """A station: servers, the law of its service time, and its shifts."""

    def __init__(self, env: simpy.Environment, streams: Streams, name: str, config: Station) -> None:
        law = config.service_days or config.service_hours
        assert law is not None
        assert isinstance(config.servers, int)
        self.name = name
        self.config = config
        self.servers = simpy.Resource(env, config.servers)
        self.hours = None if config.calendar is None else WorkingTime(config.calendar)
        self._quantile = law.quantile()
        self._per_day = 1.0 if config.service_days is not None else 24.0
        self._luck = streams.open(f"{name}.service")

    def duration(self, part: Part, visit: int) -> float:
        """Service time in days of work."""
        return self._quantile(self._luck(part.key, visit)) / self._per_day


class Lot:
    """Cores that travel together."""

    def __init__(self, env: simpy.Environment) -> None:
        self.cores: list[Part] = []
        self.full = env.event()
        self.arrived = env.event()


class Way:
    """A lane: the law of its travelling time, and the lot that is being filled."""

    def __init__(self, streams: Streams, name: str, config: Lane) -> None:
        law = config.days or config.hours
        assert law is not None
        self.name = name
        self.config = config
        self.cost = config.cost_per_unit or 0.0
        self.lot: Lot | None = None
        self._quantile = law.quantile()
        self._per_day = 1.0 if config.days is not None else 24.0
        self._luck = streams.open(f"{name}.lead_time")

    def days(self, part: Part, visit: int) -> float:
        """Travelling time in days."""
        return self._quantile(self._luck(part.key, visit)) / self._per_day
