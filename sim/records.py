"""What a world is made of and the words it logs: units, events, payments."""

from __future__ import annotations

import math
from typing import Any, Final, NamedTuple

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
    "maintained",
    "failed",
    "degraded",
    "retired",
    "replaced",
    "recalled",
)
"""Every event of the narrow table, in the past tense; the position is its code."""

CODE: Final = {event: code for code, event in enumerate(EVENTS)}

NOBODY: Final = -1
"""Stands for a unit's key in a row that is about no unit."""

EVENT_BITS: Final = 5
"""A logged code is `block index << EVENT_BITS | event code`."""


class Life(NamedTuple):
    """A life as it is planned when a unit is put to use.

    days: from installation to removal. reason: why it then ends, one of `REASONS`. service_days: days between services.
    spent: days of it that lie before the day on which the world begins.
    """

    days: float
    reason: str = "failed"
    service_days: float = math.inf
    spent: float = 0.0


class Unit:
    """One serialised unit. Part of the world's state: blocks change it as it moves.

    key: number of its origin and sequence, never shared. born, since: days of making and of entering the block it is
    in. lives: completed lives. visits: how often it came to each block that it can come back to. order: the stock that
    waits for it. marks: drawn properties and reports. body: hidden physical state, or None. ended: why the last life
    ended; empty before. Of a unit in use, as its life is planned: began, ends: days on which it did and will; reason:
    why it ends; every: days between services; services: services or repairs so far.
    """

    __slots__ = (
        "began",
        "body",
        "born",
        "ended",
        "ends",
        "every",
        "key",
        "lives",
        "marks",
        "order",
        "reason",
        "services",
        "since",
        "visits",
    )

    def __init__(self, key: int, born: float) -> None:
        self.key = key
        self.born = born
        self.since = born
        self.lives = 0
        self.visits: dict[int, int] | None = None
        self.order: Any = None
        self.marks: dict[str, str | float] | None = None
        self.body: Any = None
        self.ended = ""
        self.began = 0.0
        self.ends = 0.0
        self.reason = ""
        self.every = 0.0
        self.services = 0

    @property
    def origin(self) -> int:
        """Number of the block that made it."""
        return self.key >> SEQUENCE_BITS

    @property
    def sequence(self) -> int:
        """Number within its origin, from 0."""
        return self.key & ((1 << SEQUENCE_BITS) - 1)
