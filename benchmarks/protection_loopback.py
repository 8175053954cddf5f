"""What it costs that every party has a process of its own: to the first opened sum, and a round.

Wall-clock times of the whole federation, all processes on this machine: parties wait for each other.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from benchmarks.figures import Figure, judged
from learning.config import Collaboration
from learning.features import SiteData
from learning.learners import learner_of
from learning.loopback.federation import in_processes
from learning.rounds import Conduct, in_one_process

PARTIES, FEATURES, ROWS = 5, 8, 300
AGREED = Collaboration(mode="federated", threshold=3)
FEW, MANY = 1, 21
REPEATS = 3


def figures() -> list[Figure]:
    """Measure all figures of a federation in processes."""
    sites = _sites()
    in_one_process(learner_of(AGREED), sites, AGREED, 0.0, 0)
    first = min(_seconds(in_processes, sites, FEW) for _ in range(REPEATS))
    between = _round(lambda rounds: _seconds(in_processes, sites, rounds))
    within = _round(lambda rounds: _seconds(in_one_process, sites, rounds))
    return [
        judged(f"{PARTIES} processes, from nothing to the first opened sum", first, "s", goal=2.0),
        judged(
            f"a round between {PARTIES} processes, 3 open",
            1e3 * between,
            "ms",
            goal=100.0,
            peer="in one process (ms)",
            peer_value=1e3 * within,
            note="signatures between processes are hybrid",
        ),
    ]


def _round(seconds: Callable[[int], float]) -> float:
    found = [(seconds(FEW), seconds(MANY)) for _ in range(REPEATS)]
    return (min(many for _, many in found) - min(few for few, _ in found)) / (MANY - FEW)


def _seconds(conduct: Conduct, sites: list[SiteData], rounds: int) -> float:
    agreed = replace(AGREED, rounds=rounds)
    learner = learner_of(agreed)
    begin = time.perf_counter()
    conduct(learner, sites, agreed, 0.0, 0)
    return time.perf_counter() - begin


def _sites() -> list[SiteData]:
    generator = np.random.default_rng(1)
    return [
        SiteData(
            party=f"site_{number}",
            names=tuple(f"feature_{column}" for column in range(FEATURES)),
            x=generator.normal(size=(ROWS, FEATURES)),
            y=generator.integers(0, 2, ROWS).astype(float),
            known_at_day=np.zeros(ROWS),
            unit_ids=tuple(range(ROWS)),
        )
        for number in range(PARTIES)
    ]
