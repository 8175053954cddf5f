"""What a party insists on before it gives away what takes masks off: the collusion bound, in rules that it can check.

The adversary is the coordinator, who holds all that travels, any one holder of the key, and `traitors` parties.

- **Shares.** Each party's two secrets of a round are shared among its neighbours, `needed` of whom rebuild one. An
  honest neighbour gives one of the two, never both, so both are known only to `needed` traitors among them.
- **One list.** Masks come off for one list of parties a round, signed by `quorum` of all: two lists would have more
  than `traitors` signers in common, hence an honest one, who signs once.
- **One piece.** Those on the list stay linked by masks when any `traitors` of them are taken out. What is left of the
  masks when all is known then cancels in the sum over all honest parties of the list, and in no sum over fewer.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from learning.compact.graph import Graph
from learning.faults import ProtectionError

DEFAULT_NEEDED = 11
"""Largest default: with it a party has at most 22 neighbours, however many parties there are."""


@dataclass(frozen=True)
class Rules:
    """Public; the same for everybody."""

    graph: Graph
    needed: int
    """How many neighbours rebuild a secret: one more than the traitors it is safe from."""

    def __post_init__(self) -> None:
        parties = len(self.graph.parties)
        if not 2 <= self.needed <= parties:
            raise ProtectionError(
                f"threshold {self.needed} does not fit {parties} parties: at least 2 and at most all of them"
            )
        if not self.graph.is_complete and self.graph.degree < self.needed:
            raise ProtectionError(
                f"{self.graph.degree} neighbours do not hold out against {self.traitors} traitors: "
                f"{self.traitors} or more can cut a party off"
            )

    @property
    def traitors(self) -> int:
        """How many parties may join the coordinator and the key without reading an honest update."""
        return self.needed - 1

    @property
    def quorum(self) -> int:
        """How many parties sign the list of a round."""
        return (len(self.graph.parties) + self.traitors) // 2 + 1

    @property
    def absences(self) -> int:
        """How many parties may be missing from a sum, wherever in the graph they are."""
        parties = len(self.graph.parties)
        linked = parties if self.graph.is_complete else self.graph.degree - self.needed
        return max(0, min(parties - self.quorum, linked))

    def check(self, included: Collection[str]) -> None:
        """Raise ProtectionError, naming who is missing, unless a sum over these parties may be opened."""
        parties = self.graph.parties
        missing = sorted(set(parties) - set(included))
        silent = f"; silent: {', '.join(missing)}" if missing else ""
        if strangers := sorted(set(included) - set(parties)):
            raise ProtectionError(f"{', '.join(strangers)}: not of the roster", strangers)
        if len(included) < self.quorum:
            raise ProtectionError(
                f"{len(included)} of {len(parties)} parties are left to sum, {self.quorum} are needed{silent}", missing
            )
        if not self.graph.is_complete and self.graph.removals_to_split(included) <= self.traitors:
            raise ProtectionError(
                f"the masks of those left no longer hold against {self.traitors} traitors{silent}", missing
            )


def rules(parties: tuple[str, ...], needed: int | None = None, degree: int | None = None) -> Rules:
    """Return the rules of a federation.

    needed: default the majority, at most `DEFAULT_NEEDED`. degree: default twice as many, at most all others; then half
    of a party's neighbours may be silent. Raises ProtectionError for what does not fit.
    """
    others = len(parties) - 1
    needed = min(len(parties) // 2 + 1, DEFAULT_NEEDED) if needed is None else needed
    degree = min(others, 2 * needed) if degree is None else degree
    return Rules(Graph(parties, degree), needed)
