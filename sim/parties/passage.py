"""How long cores take, and what becomes of those that were opened."""

from __future__ import annotations

from array import array
from typing import ClassVar

from sim.records import Unit


class Passage:
    """Follows cores from their receipt to the shelf. Part of the world's state; holds only cores on their way.

    received: day of receipt, opened: day of teardown, by unit key. days: of each core that became a good unit, from its
    receipt on. settled, good: cores opened since counting began whose fate is known, and those of them that passed.
    lives, life_days: lives that ended since then, and how long they were; the same of first lives alone.
    """

    STATE: ClassVar[tuple[str, ...]] = (
        "received",
        "opened",
        "days",
        "settled",
        "good",
        "lives",
        "life_days",
        "first_lives",
        "first_life_days",
        "began",
    )

    def __init__(self) -> None:
        self.received: dict[int, float] = {}
        self.opened: dict[int, float] = {}
        self.days = array("d")
        self.settled = 0
        self.good = 0
        self.lives = 0
        self.life_days = 0.0
        self.first_lives = 0
        self.first_life_days = 0.0
        self.began = 0.0

    def lived(self, days: float, *, is_first: bool) -> None:
        """Be told that a unit's life in use has ended after so many days."""
        self.lives += 1
        self.life_days += days
        if is_first:
            self.first_lives += 1
            self.first_life_days += days

    def served(self, kind: str, unit: Unit, day: float) -> None:
        """Be told that a unit was inspected; it came to where it is on the day `unit.since`."""
        if kind == "visual":
            self.received[unit.key] = unit.since
        elif kind == "teardown":
            self.opened[unit.key] = day
        elif kind == "end_of_line" and unit.marks is not None and unit.marks.get("end_of_line") == "pass":
            received = self.received.get(unit.key)
            if received is not None:
                self.days.append(day - received)
            self.ended(unit.key, good=True)

    def ended(self, key: int, *, good: bool = False) -> None:
        """Be told that a core's way is over: it is a good unit again, or never will be."""
        self.received.pop(key, None)
        opened = self.opened.pop(key, None)
        if opened is not None and opened >= self.began:
            self.settled += 1
            self.good += good

    def count_from(self, day: float) -> None:
        """Forget what was counted before `day`; cores on their way stay known."""
        self.began = day
        self.settled = self.good = self.lives = self.first_lives = 0
        self.life_days = self.first_life_days = 0.0
        del self.days[:]
