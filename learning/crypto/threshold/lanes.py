"""Several numbers of a sum in one coefficient, side by side: whole numbers in a mixed base, exact as long as they fit.

A lane is as wide as the sum of all parties' slots can be, not a power of two, so no room is lost. Public, and the same
for everybody.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from learning.arrays import FloatArray, IntArray


@dataclass(frozen=True)
class Lanes:
    """How slots lie in coefficients."""

    count: int
    """Slots of one coefficient."""
    bound: int
    """Largest magnitude of a slot of the sum."""

    @classmethod
    def that_fit(cls, bound: int, room: int) -> Lanes:
        """Return as many lanes for sums of up to `bound` as fit into whole numbers of up to `room`; none may fit."""
        count, base = 0, 2 * bound + 1
        while (base ** (count + 1) - 1) // 2 <= room:
            count += 1
        return cls(count, bound)

    def coefficients(self, slots: int) -> int:
        """Return how many coefficients so many slots take."""
        return -(-slots // self.count)

    def pack(self, slots: IntArray) -> IntArray:
        """Return the coefficients of slots: Int[slots] to Int[coefficients]; their sums hold the sums of slots."""
        filled = np.zeros(self.coefficients(len(slots)) * self.count, dtype=np.int64)
        filled[: len(slots)] = slots
        weights = (2 * self.bound + 1) ** np.arange(self.count, dtype=np.int64)
        found: IntArray = filled.reshape(-1, self.count) @ weights
        return found

    def unpack(self, coefficients: FloatArray, slots: int) -> FloatArray:
        """Return the slots of summed coefficients: whole numbers, and a coefficient's error in its first slot.

        What does not fit is left in the last slot of its coefficient, far out of range.
        """
        whole = np.rint(coefficients)
        rest, base = whole.astype(np.int64), 2 * self.bound + 1
        found = np.zeros((len(rest), self.count))
        for lane in range(self.count - 1):
            digit = (rest + self.bound) % base - self.bound
            found[:, lane] = digit
            rest = (rest - digit) // base
        found[:, self.count - 1] = rest
        found[:, 0] += coefficients - whole
        flat = found.reshape(-1)
        # lanes that no slot uses are empty in every honest sum
        return np.where(np.any(flat[slots:]), np.inf, flat[:slots])
