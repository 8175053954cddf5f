"""What protection costs: every part of it gives its own figures, each beside its peer of the same run."""

from __future__ import annotations

from benchmarks import (
    protection_compact,
    protection_factories,
    protection_loopback,
    protection_outsourced,
    protection_peers,
    protection_sessions,
    protection_threshold,
)
from benchmarks.figures import Figure

PARTS = (
    protection_threshold.figures,
    protection_compact.figures,
    protection_factories.figures,
    protection_outsourced.figures,
    protection_sessions.figures,
    protection_loopback.figures,
    protection_peers.figures,
)


def figures() -> list[Figure]:
    """Measure all figures of the suite."""
    return [figure for part in PARTS for figure in part()]
