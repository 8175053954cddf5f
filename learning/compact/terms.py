"""What all ends of a compact federation agree on before the first round; public."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from learning.compact.rules import Rules
from learning.crypto.compact.packing import Packing
from learning.crypto.compact.parameters import DEGREE, PRIME
from learning.crypto.envelope import Budget, Header
from learning.ends import Terms
from learning.threshold.roster import Roster, digest


@dataclass(frozen=True)
class Agreed:
    """Roster, rules, packing, and the key that they hold for."""

    roster: Roster
    rules: Rules
    packing: Packing

    @cached_property
    def terms(self) -> Terms:
        """The same for the eyes of other modules."""
        cipher = f"BFV, degree {DEGREE}, prime {PRIME:x}, plaintexts modulo {self.packing.modulus}"
        graph = f"masks with {self.rules.graph.degree} neighbours, {self.rules.needed} rebuild one"
        return Terms("compact", self.packing.layout, f"{cipher}, {graph}, roster {self.roster.digest()}")

    def digest(self) -> str:
        """Return what stands for all of it in everything that is signed."""
        return self._digest

    @cached_property
    def _digest(self) -> str:
        return digest("compact", self.terms.digest())

    @cached_property
    def budget(self) -> Budget:
        """The range that every party's numbers keep; each ciphertext ends with one checksum."""
        layout = self.packing.layout
        return Budget(bits=layout.limb_bits, count=len(layout.parties), bound=layout.limit, checks=1)

    def header(self, sender: str, purpose: str, number: int, context: str) -> Header:
        """Return the header of what anybody signs in a round; `context` stands for all that was agreed so far."""
        return self.roster.header(sender, purpose, number, context, self.budget)
