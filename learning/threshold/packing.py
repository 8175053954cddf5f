"""How the numbers of an update lie in ciphertexts: limbs in lanes in coefficients, as many as a sum's range allows.

The budget decides. What the errors of an opening leave of a coefficient is shared out among lanes wide enough for the
sum over all parties; numbers are cut into as many limbs as take the least room. So short numbers travel in few bytes:
of 15 bits, three lie in one coefficient for five parties of whom three open.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from learning.arrays import FloatArray, IntArray
from learning.crypto.slots import Layout
from learning.crypto.threshold import parameters
from learning.crypto.threshold.lanes import Lanes
from learning.crypto.threshold.ring import DEGREE
from learning.faults import ProtectionError

MAXIMUM_LIMBS = 4


def packed(layout: Layout, threshold: int) -> Layout:
    """Return the layout whose ciphertexts hold the most numbers, for sums that `threshold` parties open.

    Raises ProtectionError for numbers that fit in no way.
    """
    bits = layout.limit.bit_length() + 1
    fits: list[tuple[float, int, Layout]] = []
    for limbs in range(1, MAXIMUM_LIMBS + 1):
        one = replace(layout, limbs=limbs, limb_bits=-(-bits // limbs))
        if (lanes := Packing(one, threshold).lanes.count) > 0:
            fits.append((limbs / lanes, limbs, replace(one, slots=lanes * DEGREE)))
    if not fits:
        raise ProtectionError(f"numbers of {bits} bits do not fit for {len(layout.parties)} parties, {threshold} open")
    return min(fits, key=lambda fit: fit[:2])[2]


@dataclass(frozen=True)
class Packing:
    """Where the slots of a layout lie in coefficients."""

    layout: Layout
    threshold: int

    @property
    def shift(self) -> int:
        """Bits by which a whole number is moved, clear of every error."""
        return parameters.shift(len(self.layout.parties), self.threshold)

    @property
    def flood_bits(self) -> int:
        """How long the noise is that hides a share in an answer."""
        return parameters.flood_bits(len(self.layout.parties), self.threshold)

    @cached_property
    def lanes(self) -> Lanes:
        """How many slots of a sum lie in a coefficient."""
        parties = len(self.layout.parties)
        return Lanes.that_fit(parties * self.layout.limb_bound, parameters.room(parties, self.threshold))

    def used(self) -> list[int]:
        """Return how many coefficients each ciphertext uses."""
        return [self.lanes.coefficients(slots) for slots in self.layout.slot_counts()]

    def pack(self, numbers: IntArray, party: str) -> list[IntArray]:
        """Return the coefficients of each ciphertext of a party's update. Raises ProtectionError naming the party."""
        return [self.lanes.pack(slots) for slots in self.layout.spread(numbers, party)]

    def gather(self, opened: list[FloatArray]) -> IntArray:
        """Return the exact sums out of the opened coefficients of each ciphertext.

        Raises RoundError, listing all who had a hand in the sum, when anything is not whole, in range or as checked.
        """
        counts = self.layout.slot_counts()
        return self.layout.gather([self.lanes.unpack(one, count) for one, count in zip(opened, counts, strict=True)])
