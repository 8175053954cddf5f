"""Whole numbers packed several to a coefficient, in places of a number system whose digits never carry in a sum.

A number is cut in limbs, a limb is shifted to a digit from 0 on, and as many digits go into a coefficient as their
radix allows: the radix is one more than the largest sum of a digit over all parties, and its powers stay within the
plaintext modulus. Nothing overflows as long as every party keeps to its digits; what an opened sum shows outside
that range is refused.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from learning.arrays import IntArray
from learning.crypto.compact.field import Words
from learning.crypto.compact.parameters import DATA
from learning.crypto.slots import Layout, join_limbs, split_limbs
from learning.faults import ProtectionError


@dataclass(frozen=True)
class Packing:
    """Where the digits of an update lie. Public; the same for everybody."""

    layout: Layout
    modulus: int

    def __post_init__(self) -> None:
        if self.radix > self.modulus:
            raise ProtectionError(f"a sum of limbs of {self.layout.limb_bits} bits does not fit a coefficient")

    @property
    def radix(self) -> int:
        """One more than the largest sum of a digit."""
        return len(self.layout.parties) * ((1 << self.layout.limb_bits) - 1) + 1

    @property
    def lanes(self) -> int:
        """Digits of one coefficient."""
        found = 1
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
        layout = self.layout
        limbs = numbers if layout.limbs == 1 else split_limbs(numbers, layout.limbs, layout.limb_bits).ravel()
        digits = np.zeros(self.ciphertexts * self.lanes * DATA, dtype=np.uint64)
        digits[: self.digits] = limbs + layout.limb_bound
        places = digits.reshape(self.ciphertexts, self.lanes, DATA)
        packed = places[:, -1].copy()
        for lane in range(self.lanes - 2, -1, -1):
            packed *= np.uint64(self.radix)
            packed += places[:, lane]
        return packed

    def unpack(self, packed: Words, present: int) -> IntArray:
        """Return the sums of the numbers of `present` parties. Raises ValueError where a digit is out of range."""
        layout, digits, exact = self.layout, np.empty((len(packed), self.lanes, DATA), np.int64), np.empty(packed.shape)
        rest = packed.view(np.int64)
        for lane in range(self.lanes):
            # exact: a quotient that is not whole is 1 / radix or more from the next whole number, a float half of that
            np.divide(rest, self.radix, out=exact)
            quotient = exact.astype(np.int64)
            np.subtract(rest, quotient * self.radix, out=digits[:, lane])
            rest = quotient
        used, padding = np.split(digits.ravel(), [self.digits])
        if rest.any() or padding.any() or used.max(initial=0) > present * ((1 << layout.limb_bits) - 1):
            raise ValueError("a digit of the sum is out of range")
        limbs = used - present * layout.limb_bound
        numbers = limbs if layout.limbs == 1 else join_limbs(limbs.reshape(-1, layout.limbs), layout.limb_bits)
        limit = present * layout.limit
        if numbers.max(initial=0) > limit or numbers.min(initial=0) < -limit:
            raise ValueError("a number of the sum is out of range")
        return numbers
