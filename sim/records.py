"""What a world is made of and the words it logs: units, events, payments."""

from __future__ import annotations

from typing import Any, Final

from sim.streams import SEQUENCE_BITS

EVENTS: Final = (
    "created",
    "arrived",
    "started",
    "interrupted",
    "finished",
    "blocked",
    "lost",
    "sent",
    "departed",
    "stocked",
    "demanded",
    "issued",
    "installed",
    "spared",
    "removed",
    "left",
    "decided",
    "reported",
    "outcome",
)
"""Every event of the narrow table, in the past tense; the position is its code."""

CODE: Final = {event: code for code, event in enumerate(EVENTS)}

NOBODY: Final = -1
"""Stands for a unit's key in a row that is about no unit."""

EVENT_BITS: Final = 5
"""A logged code is `block index << EVENT_BITS | event code`."""


class Unit:
    """One serialised unit. Part of the world's state: blocks change it as it moves.

    key: number of its origin and sequence, never shared. born, since: days of making and of entering the block it is
    in. lives: completed lives. visits: how often it came to each block that it can come back to. order: the stock that
    waits for it. marks: drawn properties and reports. body: hidden physical state, or None.
    """

    __slots__ = ("body", "born", "key", "lives", "marks", "order", "since", "visits")

    def __init__(self, key: int, born: float) -> None:
        self.key = key
        self.born = born
        self.since = born
        self.lives = 0
        self.visits: dict[int, int] | None = None
        self.order: Any = None
        self.marks: dict[str, str | float] | None = None
        self.body: Any = None

    @property
    def origin(self) -> int:
        """Number of the block that made it."""
        return self.key >> SEQUENCE_BITS

    @property
    def sequence(self) -> int:
        """Number within its origin, from 0."""
        return self.key & ((1 << SEQUENCE_BITS) - 1)
