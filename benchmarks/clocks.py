"""Time as parties would take it that each have a machine of their own, measured one after another on this one."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

Given = TypeVar("Given")
COORDINATOR = "coordinator"


@dataclass
class Clocks:
    """CPU seconds of each party."""

    spent: dict[str, float] = field(default_factory=lambda: defaultdict(float))

    def run(self, party: str, work: Callable[[], Given]) -> Given:
        """Return what a party works out, and count its time."""
        begin = time.process_time()
        found = work()
        self.spent[party] += time.process_time() - begin
        return found

    def each(self, ends: Mapping[str, Callable[[], Given]]) -> dict[str, Given]:
        """Return what each party works out, and count each one's time."""
        return {party: self.run(party, work) for party, work in ends.items()}

    @property
    def slowest_party_ms(self) -> float:
        """Milliseconds of the party that took longest."""
        return 1e3 * max(seconds for party, seconds in self.spent.items() if party != COORDINATOR)

    @property
    def server_ms(self) -> float:
        """Milliseconds of the coordinator."""
        return 1e3 * self.spent.get(COORDINATOR, 0.0)

    @property
    def slowest_ms(self) -> float:
        """The slowest party and the coordinator one after the other."""
        return self.slowest_party_ms + self.server_ms
