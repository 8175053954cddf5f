"""Histories with known laws, drawn from `sim.laws`: what a fit should find again."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np

from looptwin.fitting.luck import uniforms
from looptwin.fitting.sample import Floats, Sample
from sim.laws import Law


def drawn(law: Law, purpose: str, number: int, count: int) -> Floats:
    """Give draws of a law of the simulation, one for each uniform."""
    quantile = law.quantile()
    return np.array([quantile(u) for u in uniforms(purpose, number, count)])


def censored(law: Law, number: int, count: int, *, watched: float, entry: float = 0.0) -> Sample:
    """Give lives of which each is watched until an age drawn up to `watched`, from an age drawn up to `entry`."""
    times = drawn(law, "test.life", number, 4 * count if entry else count)
    begun = entry * uniforms("test.entry", number, len(times))
    # who ended before anybody watched is in no record
    seen = np.flatnonzero(times > begun)[:count]
    times, begun = times[seen], begun[seen]
    limit = begun + watched * uniforms("test.limit", number, len(times))
    return Sample(np.minimum(times, limit), times <= limit, begun, limit)


def on(day: float) -> str:
    return str(date(2018, 1, 1) + timedelta(days=int(day)))


def lives_file(path: Path, law: Law, count: int = 400, days: float = 2000.0) -> Path:
    """Write units that were installed over some days, with their removals until the last of them."""
    lives = drawn(law, "test.life", 0, count)
    starts = days * uniforms("test.start", 0, count)
    rows = [
        f"{on(start)},{on(start + life) if start + life <= days else ''}"
        for start, life in zip(starts, lives, strict=True)
    ]
    path.write_text("\n".join(["installed,removed", *rows]) + "\n", encoding="utf-8")
    return path
