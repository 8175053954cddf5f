"""What happens to single units at given times, read from the event table."""

from __future__ import annotations

from typing import Any

from sim.config import Mark, Source
from sim.laws import Constant
from sim.streams import SEQUENCE_BITS
from sim.world import World
from tests.sim.networks import Network, rows

Happening = tuple[float, str, str, str]
"""Day, origin of the unit, block, event."""


def arriving(to: Any, *, marks: dict[str, Any] | None = None, **days: float) -> Network:
    """Return a source for each name that makes one unit on its day; marks: the unit's own value by name of the mark."""
    fixed = {name: Mark(values=[value]) for name, value in (marks or {}).items()}
    return {
        name: Source(first_day=day, limit=1, interarrival_days=Constant(value=1.0), marks=fixed, to=to)
        for name, day in days.items()
    }


def story(network: Network, until: float = 1000.0, *events: str, seed: int = 1) -> list[Happening]:
    """Return what happens, or only these events of it, with times rounded to a microday."""
    world = World(network, seed=seed)
    world.run_until(until)
    names = {number: name for name, number in world.numbers.items()}
    return [
        (round(day, 6), names.get(unit >> SEQUENCE_BITS, ""), block, event)
        for day, unit, block, event in rows(world)
        if not events or event in events
    ]


def times(network: Network, event: str, block: str, until: float = 1000.0) -> dict[str, float]:
    """Return the last day on which an event happened at a block, by origin of the unit."""
    return {origin: day for day, origin, where, _ in story(network, until, event) if where == block}
