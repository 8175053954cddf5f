"""How long somebody waits for another process. No result of a run looks at this clock: it can only end a run."""

from __future__ import annotations

import time


def moment_in(seconds: float) -> float:
    """Return the moment so many seconds from now."""
    return time.monotonic() + seconds


def left(until: float) -> float:
    """Return the seconds to a moment, below zero once it has passed."""
    return until - time.monotonic()
