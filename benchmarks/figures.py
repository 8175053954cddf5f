"""A measured figure beside its peer and its goal, and how to take it on a machine that does other work too."""

from __future__ import annotations

import gc
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
ROUNDS = 7


@dataclass(frozen=True)
class Figure:
    """One line of a suite. met: None where there is no goal, no peer, or the cores were busy; `note` says which."""

    figure: str
    value: float
    unit: str
    peer: str | None
    peer_value: float | None
    goal: float | None
    met: bool | None
    note: str = ""


def judged(
    figure: str,
    value: float,
    unit: str,
    *,
    goal: float,
    peer: str | None = None,
    peer_value: float | None = None,
    note: str = "",
) -> Figure:
    """Return a figure that should be at most `goal`."""
    return _figure(figure, value, unit, peer, peer_value, goal, value <= goal, note)


def judged_up(
    figure: str,
    value: float,
    unit: str,
    *,
    goal: float,
    peer: str | None = None,
    peer_value: float | None = None,
    note: str = "",
    idle: bool = True,
) -> Figure:
    """Return a figure that should be at least `goal`; idle: whether the cores that it needs were free."""
    return _figure(figure, value, unit, peer, peer_value, goal, value >= goal if idle else None, note)


def stated(
    figure: str, value: float, unit: str, *, peer: str | None = None, peer_value: float | None = None, note: str = ""
) -> Figure:
    """Return a figure without a goal."""
    return _figure(figure, value, unit, peer, peer_value, None, None, "; ".join(filter(None, (note, "no goal"))))


def _figure(
    figure: str,
    value: float,
    unit: str,
    peer: str | None,
    peer_value: float | None,
    goal: float | None,
    met: bool | None,
    note: str,
) -> Figure:
    return Figure(figure, value, unit, peer, peer_value, goal, met, "; ".join(filter(None, (note, busy_note()))))


def busy_note() -> str:
    """Say when other work shared the cores: ratios hold, absolute times do not."""
    load, cores = os.getloadavg()[0], os.cpu_count() or 1
    return f"cores busy: load {load:.1f} on {cores}" if load > 0.7 * cores else ""


def lines(figures: Sequence[Figure]) -> Iterator[str]:
    """Yield a plain-text table."""
    for one in figures:
        goal = "" if one.goal is None else f"goal {one.goal:g}"
        met = {True: "met", False: "MISSED", None: ""}[one.met]
        peer = "" if one.peer is None else f"peer {one.peer} {one.peer_value:.4g}"
        yield f"{one.figure:<52} {one.value:9.3f} {one.unit:<12} {goal:<10} {met:<7} {peer}  {one.note}".rstrip()


def process_seconds(arguments: Sequence[str]) -> float:
    """CPU seconds of one whole process and its children."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *arguments], cwd=ROOT, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime - before.ru_utime) + (after.ru_stime - before.ru_stime)


def process_ratio(arguments: Sequence[str], peer: Sequence[str]) -> tuple[float, float]:
    """Median CPU seconds of a process over that of its peer, run in turn, and the peer's median in milliseconds."""
    pairs = [(process_seconds(arguments), process_seconds(peer)) for _ in range(ROUNDS)]
    return median(ours for ours, _ in pairs) / median(theirs for _, theirs in pairs), 1e3 * median(
        theirs for _, theirs in pairs
    )


def cpu_seconds(work: Callable[[], object]) -> float:
    """Smallest CPU time of a call over several rounds, in this process."""
    return min(_once(work) for _ in range(ROUNDS))


def in_turn(works: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Smallest CPU seconds of each call, in this process, all of them in every round."""
    times: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            times[name].append(_once(work))
    return {name: min(found) for name, found in times.items()}


def _once(work: Callable[[], object]) -> float:
    gc.collect()
    begin = time.process_time()
    work()
    return time.process_time() - begin
