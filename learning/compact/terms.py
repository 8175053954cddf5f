"""What all ends of a compact federation agree on before the first round; public."""

from __future__ import annotations

from dataclasses import dataclass

from learning.compact.rules import Rules
from learning.crypto.compact.packing import Packing
from learning.crypto.compact.parameters import DEGREE, PRIME
from learning.ends import Terms
from learning.threshold.roster import Roster, digest


@dataclass(frozen=True)
class Agreed:
    """Roster, rules, packing, and the key that they hold for."""

    roster: Roster
    rules: Rules
    packing: Packing

    @property
    def terms(self) -> Terms:
        """The same for the eyes of other modules."""
        cipher = f"BFV, degree {DEGREE}, prime {PRIME:x}, plaintexts modulo {self.packing.modulus}"
        graph = f"masks with {self.rules.graph.degree} neighbours, {self.rules.needed} rebuild one"
        return Terms("compact", self.packing.layout, f"{cipher}, {graph}, roster {self.roster.digest()}")

    def digest(self) -> str:
        """Return what stands for all of it in everything that is signed."""
        return digest("compact", self.terms.digest())
