"""What every protection of a federation gives: exact sums of its parties' updates, and what is said about them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from learning.arrays import IntArray
from learning.crossings import Crossing
from learning.crypto.slots import Layout
from learning.ends import refuse_other_parties
from learning.faults import ProtectionError

UNAUDITED = "experimental and unaudited"
CUSTODY = "custody simulated in one process"
"""Said beside every statement until each party runs in a process of its own."""


class Total(NamedTuple):
    """The opened sum of a round, and what crossed borders for it."""

    numbers: IntArray
    crossings: tuple[Crossing, ...]
    missing: tuple[str, ...] = ()
    """Parties whose update is not in the sum."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Protection(ABC):
    """One federation's way of summing, and what a privacy officer should know about it."""

    word: str
    """What `collaboration.protection` and `lt.learn(mode=)` call it."""
    statement: str
    """Who can read a single party's update."""
    label: str
    """How far the code can be trusted."""
    layout: Layout
    sum_readers: tuple[str, ...]
    """Who comes to know an opened sum."""
    keys: tuple[Crossing, ...]
    """Crossings of the set-up: keys and parameters."""

    @property
    def parties(self) -> tuple[str, ...]:
        """The parties whose updates are summed, in order of their names."""
        return self.layout.parties

    @property
    def trust(self) -> str:
        """Who can read what, how far the code can be trusted, and where the secrets lie: said of every model."""
        return f"{self.statement} ({self.label}); {CUSTODY}"

    @abstractmethod
    def total(self, updates: Mapping[str, IntArray], *, number: int, day: float, silent: Collection[str] = ()) -> Total:
        """Return the exact sum of every party's update in round `number`, counted from 1 and never used twice.

        silent: parties that send their update and say nothing when the sum is opened; their numbers are in it.
        Raises ProtectionError or one of its kinds, which name the parties concerned. A call refused for its updates
        changes nothing; a round refused at the coordinator or at the opening is spent, and the next has a new number.
        """

    def without(self, gone: Collection[str], day: float = 0.0) -> Protection:
        """Return the federation of the parties that stay, once all of them agreed that others are gone for good.

        Rounds go on counting, and this federation takes no further one; `keys` of the new one are the crossings of the
        agreement. Raises ProtectionError naming who is gone where those who stay are too few or know no such way.
        """
        named = ", ".join(sorted(gone))
        raise ProtectionError(f"{self.word}: the others cannot go on without {named}; nothing is opened", sorted(gone))

    def _check(self, updates: Mapping[str, IntArray]) -> None:
        refuse_other_parties(self.parties, updates)
        for party in self.parties:
            self.layout.check(updates[party], party)
