"""What a replication keeps goes to its files while it grows: memory does not grow with the number of rows.

Peaks are those of Python's own allocations. The size of chunks and of the cache of draws, which are constant too, is
lowered, so that a short run fills many of the one and all of the other.
"""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest

import sim.log
import sim.streams
from looptwin.replications import kept
from sim.log import Log
from sim.parties.expand import expand
from sim.world import World
from tests.sim.chains import CHAIN

ROWS_PER_CHUNK = 64
DAYS = 300.0
ALLOWED_GROWTH = 0.4
"""Of the peak, from one horizon to four: units on their way and 8 bytes a stay at a stage. Gathered rows would
take several peaks."""


def rows_and_peak(days: float, workspace: Path) -> tuple[int, int]:
    """Run the chain with its log in files and keep its tables; return the rows kept and the peak of memory in bytes."""
    (workspace / "log").mkdir(parents=True)
    tracemalloc.start()
    try:
        world = World(expand(CHAIN), seed=2, sections=CHAIN, log=Log(workspace / "log"))
        world.run_until(days)
        tables = {"events": kept.events(world, workspace), **kept.views(world, workspace)}
        tables |= kept.reports(world, workspace)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return sum(rows_in(path) for paths in tables.values() for path in paths), peak


def rows_in(path: str | Path) -> int:
    import pyarrow.parquet as pq

    return int(pq.ParquetFile(path).metadata.num_rows)


def test_four_times_the_horizon_keeps_four_times_the_rows_in_the_same_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sim.log, "ROWS_PER_FLUSH", ROWS_PER_CHUNK)
    monkeypatch.setattr(sim.streams, "_CACHED_BLOCKS", 1)
    # what is imported on first use is no part of either peak
    rows_and_peak(20.0, tmp_path / "warm")

    rows, peak = rows_and_peak(DAYS, tmp_path / "once")
    more_rows, more_peak = rows_and_peak(4 * DAYS, tmp_path / "four times")

    assert more_rows > 3.5 * rows > 20 * ROWS_PER_CHUNK
    assert more_peak < (1.0 + ALLOWED_GROWTH) * peak
