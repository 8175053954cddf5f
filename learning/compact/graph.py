"""Who masks with whom: parties in a ring, each with the nearest on both sides (Harary's graph), or all with all.

No graph of that many edges takes more removals to fall apart. Where it falls apart, each piece opens for itself.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from learning.faults import ProtectionError


@dataclass(frozen=True)
class Graph:
    """The mask graph of `parties`, in order of their names. Public."""

    parties: tuple[str, ...]
    degree: int
    """How many neighbours a party has: an even number, or all others."""

    def __post_init__(self) -> None:
        others = len(self.parties) - 1
        if not 1 <= self.degree <= others or (self.degree % 2 and self.degree != others):
            raise ProtectionError(
                f"a ring of {others + 1} parties has no degree {self.degree}: an even one, or {others}"
            )

    @property
    def is_complete(self) -> bool:
        """Whether everybody masks with everybody."""
        return self.degree == len(self.parties) - 1

    def neighbours(self, party: str) -> tuple[str, ...]:
        """Return with whom a party masks, in order of their names."""
        if self.is_complete:
            return tuple(other for other in self.parties if other != party)
        at, count = self.parties.index(party), len(self.parties)
        steps = range(1, self.degree // 2 + 1)
        return tuple(sorted(self.parties[(at + sign * step) % count] for step in steps for sign in (1, -1)))

    def removals_to_split(self, present: Collection[str]) -> int:
        """Return how many of `present` must go for the rest to fall apart; as many as there are if that cannot be.

        Two that are left and next to each other on the ring are neighbours unless as many lie between them as one has
        on a side. So the rest falls apart where two such stretches are gone, with somebody left between them.
        """
        here = np.array([party in present for party in self.parties])
        left, half = int(here.sum()), self.degree // 2
        if self.is_complete or left < 2:
            return left
        count = len(here)
        costs = np.convolve(np.concatenate([here, here[: half - 1]]), np.ones(half, dtype=int), "valid")
        twice, places = np.tile(costs, 2), np.flatnonzero(np.tile(here, 3))
        cheapest = left
        for start in range(count):
            follower = places[np.searchsorted(places, start + half)]
            leader = places[np.searchsorted(places, start + count) - 1]
            # the second stretch lies behind the next one left and before the last one left of the round
            second = twice[follower + 1 : max(follower + 1, leader - half + 1)]
            if len(second):
                cheapest = min(cheapest, int(costs[start] + second.min()))
        return cheapest
