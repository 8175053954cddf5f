"""Times that a user's records show: some seen to their end, some only so far, some only from an age on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from looptwin.errors import UserError

Floats: TypeAlias = NDArray[np.float64]
Flags: TypeAlias = NDArray[np.bool_]

FEWEST = 5
"""Ends that must have been seen before a law of two parameters is fitted."""


SAME = 1e-3
"""Ends that differ by less than this share of their mean are one number."""

LEAST = 0.5
"""A spell of 0 days was shorter than what whole days can tell: it counts as half a day."""


@dataclass(frozen=True)
class Sample:
    """Times in days, one per unit.

    times: Float[units], until the end or as long as seen. ended: Bool[units], whether the end was seen. entry:
    Float[units], the age from which on the unit was watched; it would not stand in the records had it ended before.
    limit: Float[units], the age at which watching would have stopped; nan where nobody knows.
    """

    times: Floats
    ended: Flags
    entry: Floats
    limit: Floats

    @property
    def count(self) -> int:
        """Units."""
        return len(self.times)

    @property
    def ends(self) -> int:
        """Ends that were seen."""
        return int(self.ended.sum())


class TooFew(UserError):
    """Records that cannot carry a fit; they were read without a mistake."""

    status = 1


def sample(times: Floats, ended: Flags, entry: Floats | None = None, limit: Floats | None = None) -> Sample:
    """Return a sample; without more, units were watched from age 0 and nobody knows until when."""
    entry = np.zeros_like(times) if entry is None else entry
    return Sample(times, ended, entry, np.full_like(times, np.nan) if limit is None else limit)


def refuse_few(found: Sample, place: str, what: str) -> None:
    """Raise TooFew where fewer ends were seen than a fit needs, or all at one age. what: the units, in the plural."""
    if found.ends < FEWEST:
        raise TooFew(f"{place}: the end of {found.ends} of {found.count} {what} was seen, and a fit needs {FEWEST}")
    ends = found.times[found.ended]
    if np.ptp(ends) <= SAME * ends.mean():
        raise TooFew(f"{place}: all {what} ended after {ends.mean():.6g} days; no law needs to be fitted to one number")
