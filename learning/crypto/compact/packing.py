"""Whole numbers packed several to a coefficient, in places of a number system whose digits never carry in a sum.

A number is shifted from 0 on and cut in limbs, its digits, and as many digits go into a coefficient as their radix
allows: the radix is one more than the largest sum of a digit over all parties, and its powers stay within the plaintext
modulus. Nothing overflows as long as every party keeps to its digits; what an opened sum shows outside that range is
refused.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from learning.arrays import FloatArray, IntArray
from learning.crypto.compact.field import Words
from learning.crypto.compact.parameters import DATA, plain_modulus
from learning.crypto.slots import LIMB_BITS, LIMBS, Layout
from learning.faults import ProtectionError


@dataclass(frozen=True)
class Packing:
    """Where the digits of an update lie. Public; the same for everybody."""

    layout: Layout
    modulus: int

    def __post_init__(self) -> None:
        if not self.lanes:
            raise ProtectionError(f"a sum of limbs of {self.layout.limb_bits} bits does not fit a coefficient")

    @property
    def radix(self) -> int:
        """One more than the largest sum of a digit."""
        return len(self.layout.parties) * ((1 << self.layout.limb_bits) - 1) + 1

    @property
    def lanes(self) -> int:
        """Digits of one coefficient."""
        found = 0
        while self.radix ** (found + 1) <= self.modulus:
            found += 1
        return found

    @property
    def digits(self) -> int:
        """Digits of one update."""
        return self.layout.values * self.layout.limbs

    @property
    def ciphertexts(self) -> int:
        """Ciphertexts of one update."""
        return max(1, -(-self.digits // (self.lanes * DATA)))

    def pack(self, numbers: IntArray, party: str) -> Words:
        """Return UInt64[ciphertexts, DATA] of a party's update. Raises ProtectionError naming the party."""
        self.layout.check(numbers, party)
        layout, shifted = self.layout, numbers + self.layout.limit
        digits = np.zeros(self.ciphertexts * self.lanes * DATA)
        for limb, place in enumerate(digits[: self.digits].reshape(layout.limbs, layout.values)):
            place[:] = shifted >> (layout.limb_bits * limb) & ((1 << layout.limb_bits) - 1)
        # exact: every sum on the way is a whole number below the modulus, and floats hold 2**53
        powers = float(self.radix) ** np.arange(self.lanes)
        packed: Words = (powers @ digits.reshape(self.ciphertexts, self.lanes, DATA)).astype(np.uint64)
        return packed

    def unpack(self, packed: Words, present: int) -> IntArray:
        """Return the sums of the numbers of `present` parties. Raises ValueError where a digit is out of range."""
        digits, rest = self.split(packed)
        used, padding = np.split(digits, [self.digits])
        if rest.any() or padding.any() or used.max(initial=0) > present * ((1 << self.layout.limb_bits) - 1):
            raise ValueError("a digit of the sum is out of range")
        numbers, limit = self.joined(used, present), present * self.layout.limit
        if numbers.max(initial=0) > limit or numbers.min(initial=0) < -limit:
            raise ValueError("a number of the sum is out of range")
        return numbers

    def split(self, packed: Words) -> tuple[FloatArray, FloatArray]:
        """Return all digits of UInt64[ciphertexts, DATA], in the order of limbs, and what is left of each place."""
        digits, rest = np.empty((len(packed), self.lanes, DATA)), packed.astype(np.float64)
        for lane in range(self.lanes):
            # exact: a quotient that is not whole is 1 / radix or more from the next whole number, a float half of that
            quotient = np.floor(rest / self.radix)
            np.multiply(quotient, -self.radix, out=digits[:, lane])
            digits[:, lane] += rest
            rest = quotient
        return digits.ravel(), rest

    def joined(self, digits: FloatArray, present: int) -> IntArray:
        """Return the sums of numbers of `present` parties with these digits: Float[digits of an update]."""
        numbers = np.full(self.layout.values, -present * self.layout.limit)
        for limb, place in enumerate(digits.reshape(self.layout.limbs, self.layout.values)):
            numbers += place.astype(np.int64) << (self.layout.limb_bits * limb)
        return numbers


def dense(layout: Layout) -> Layout:
    """Return a layout of the same numbers in limbs that take the fewest coefficients, and among those in the longest.

    Raises ProtectionError for more parties than can be summed.
    """
    whole = replace(layout, limbs=LIMBS, limb_bits=LIMB_BITS)
    bits, modulus = (2 * whole.limit).bit_length(), plain_modulus(len(layout.parties))
    cut = [replace(layout, limbs=limbs, limb_bits=-(-bits // limbs)) for limbs in range(1, bits + 1)]
    fitting = [one for one in cut if len(one.parties) * ((1 << one.limb_bits) - 1) < modulus]
    return min(fitting, key=lambda one: one.limbs / Packing(one, modulus).lanes)
