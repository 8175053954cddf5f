"""The coordinator's end: it carries what parties sign, checks signatures before it does, and can read none of it.

It adds nothing up: every party does. A wrong envelope is blamed on the party by whose channel it came.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from learning.crypto.envelope import unwrap
from learning.ends import Terms, refuse_other_parties
from learning.faults import ProtectionError
from learning.threshold.roster import Roster, digest


class Board:
    """Who carries. Holds state: the round it is at and what was posted in it; no key."""

    def __init__(self, roster: Roster, terms: Terms, summed_round: int = 0) -> None:
        self.roster, self.terms = roster, terms
        self.summed_round = summed_round
        """The last round that went through whole."""
        self._number, self._context, self._step = 0, "", "commitments"

    def __repr__(self) -> str:
        return f"Board(key {self.roster.epoch}, round {self.summed_round})"

    def commitments(self, wires: Mapping[str, bytes], number: int) -> Mapping[str, bytes]:
        """Return the commitments of round `number` for all parties.

        Raises SenderError naming the party whose envelope is wrong, ProtectionError for parties missing or a round
        that is not newer. So do the two steps that follow; each step is taken once. A refused call changes nothing.
        """
        if number <= self.summed_round:
            raise ProtectionError(
                f"round {self.summed_round} is already summed, {number} is not newer", self.terms.layout.parties
            )
        if number <= self._number:
            under_way = f"round {self._number} is under way, {number} is not newer"
            raise ProtectionError(under_way, self.terms.layout.parties)
        payloads = self._checked(wires, self.terms.layout.parties, "commitment", number, self.terms.digest())
        self._number, self._step = number, "updates"
        self._context = digest(self.terms.digest(), *(payloads[party] for party in self.terms.layout.parties))
        return dict(wires)

    def updates(self, wires: Mapping[str, bytes], number: int) -> Mapping[str, bytes]:
        """Return the updates of round `number` for all parties."""
        self._checked(wires, self.terms.layout.parties, "update", number, self._at("updates", number))
        self._step = "partials"
        return dict(wires)

    def partials(self, wires: Mapping[str, bytes], quorum: Sequence[str], number: int) -> Mapping[str, bytes]:
        """Return the answers of the quorum of round `number` for all parties; with them the round is done."""
        context = digest(self._at("partials", number), *sorted(quorum))
        self._checked(wires, sorted(quorum), "partial", number, context)
        self.summed_round, self._step = number, "done"
        return dict(wires)

    def sums(self, wires: Mapping[str, bytes], quorum: Sequence[str], number: int) -> Mapping[str, bytes]:
        """Return what the quorum of round `number` signed as its sum, for the parties that did not compute it."""
        context = digest(self._at("done", number), *sorted(quorum))
        self._checked(wires, sorted(quorum), "sum", number, context)
        return dict(wires)

    def again(self, number: int) -> None:
        """Go on to another quorum that opens the sum of round `number`."""
        self._at("done", number)
        self._step = "partials"

    def _at(self, step: str, number: int) -> str:
        if (number, step) != (self._number, self._step):
            at = f"round {self._number} is at {self._step}, not round {number} at {step}"
            raise ProtectionError(at, self.terms.layout.parties)
        return self._context

    def _checked(
        self, wires: Mapping[str, bytes], expected: Sequence[str], purpose: str, number: int, context: str
    ) -> dict[str, bytes]:
        refuse_other_parties(expected, wires)
        budget, identities = self.terms.budget(), self.roster.identities
        return {
            party: unwrap(wires[party], self.roster.header(party, purpose, number, context, budget), identities[party])
            for party in expected
        }
