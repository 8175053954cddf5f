"""Updates as whole numbers on a public grid: an opened sum is exact, and no noise of a cipher reaches a result."""

from __future__ import annotations

import numpy as np

from learning.arrays import FloatArray, IntArray
from learning.faults import ProtectionError

FRACTION_BITS = 24
"""Grid step 2**-24: an error of at most 3e-8 per number and site."""
SUM_BITS = 52
"""A sum over all parties stays within 2**52 steps, so that it is exact as a float too."""


def budget_steps(parties: int) -> int:
    """Return the largest magnitude, in grid steps, that each of `parties` may send."""
    return (1 << SUM_BITS) // parties


def quantise(values: FloatArray, *, party: str, parties: int) -> IntArray:
    """Return `values` in grid steps, rounded to the nearest.

    Raises ProtectionError naming `party` for a value outside its share of the range, or not finite.
    """
    # errstate: a value that overflows here is refused below, by name
    with np.errstate(over="ignore"):
        steps = np.rint(np.asarray(values, dtype=np.float64) * 2.0**FRACTION_BITS)
    inside = np.abs(steps) <= budget_steps(parties)
    if not inside.all():
        limit = budget_steps(parties) / 2.0**FRACTION_BITS
        # The position, not the value: a message may be read by others than the party.
        raise ProtectionError(
            f"{party!r}: entry {int(np.argmin(inside))} of its update is outside -{limit:g} to {limit:g}, "
            f"the range of one of {parties} parties",
            (party,),
        )
    return steps.astype(np.int64)


def dequantise(steps: IntArray) -> FloatArray:
    """Return grid steps as numbers; exact up to 2**53 steps."""
    return steps.astype(np.float64) / 2.0**FRACTION_BITS
