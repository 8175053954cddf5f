"""What a learner let out, as values: an accountant prices them, a ledger refuses them. Nothing here decides."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Released:
    """Numbers computed from private rows that others than their owner came to know."""

    day: float
    """When, in days of the run."""
    what: str
    """What the numbers are."""
    parties: tuple[str, ...]
    """Whose rows they were computed from, together."""
    known_to: tuple[str, ...]
    """Who came to know them."""
    round: int
    """Round of the training, from 1; 0 outside rounds."""
    numbers: int
    """How many numbers."""


UNSPENT = "every opened sum is a release, and no differential privacy is spent on it yet"
"""Said of every federation until an accountant prices what it releases."""
