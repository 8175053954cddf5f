"""How a simulated block is judged: replications, a t-interval, a half-width that is a share of the expected value."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy import stats

from scenarios.load import load
from sim.log import Log
from sim.world import World

Figures = dict[str, float]
Samples = dict[str, npt.NDArray[np.float64]]

FOLDER = Path(__file__).parent
SEED = 2026
REPLICATIONS = 40
PRESENT_HALF_WIDTH = 0.10
"""The half-width for which the horizons in the scenario files are chosen."""

ROOM = 1.3
"""The width of an interval over 40 replications varies by a ninth: what was just narrow enough may be too wide."""

FALSE_ALARM = 1e-3
"""Probability with which a right block fails, per quantity; with the fixed seed it either does or never does."""


def kpis(world: World) -> Figures:
    """Return all figures of a world by name."""
    return {name: value for name, (value, _) in world.kpis().items()}


@dataclass(frozen=True)
class Case:
    """A scenario file of this folder. wanted: half-width relative to the expected value."""

    name: str
    wanted: float = PRESENT_HALF_WIDTH

    @property
    def work(self) -> float:
        """How many times the work of the file's own horizon the wanted half-width takes, with room for bad luck."""
        return (PRESENT_HALF_WIDTH / self.wanted) ** 2 * (1.0 if self.wanted >= PRESENT_HALF_WIDTH else ROOM)

    def worlds(self, replications: int = REPLICATIONS, *, events: bool = False) -> Iterator[World]:
        """Yield one new world after the other, each with luck of its own."""
        scenario = load(FOLDER / f"{self.name}.yaml")
        for replication in range(replications):
            yield World(scenario.blocks, seed=SEED, replication=replication, log=Log(events=events))

    def steady(self, measure: Callable[[World], Figures] = kpis, *, events: bool = False) -> Samples:
        """Return figures of the time after the warm-up, an array over replications each."""
        return _steady(self, measure, events)

    def settles_at(self, expected: Figures) -> None:
        """Fail unless the figures after the warm-up are what theory expects."""
        judge(self.steady(), expected, self.wanted)

    def passing(self, measure: Callable[[World], Figures], replications: int = 20) -> Samples:
        """Return what `measure` finds while it runs each new world itself; more worlds for a smaller half-width."""
        return columns([measure(world) for world in self.worlds(math.ceil(replications * self.work))])


@cache
def _steady(case: Case, measure: Callable[[World], Figures], events: bool) -> Samples:
    # several tests may ask for other figures of the same worlds
    time = load(FOLDER / f"{case.name}.yaml").time
    warm_up = float(time.warm_up_days)
    # longer runs and more of them, so that neither the start nor the guess of the spread weighs more
    longer = max(1.0, math.sqrt(case.work))
    horizon = warm_up + (time.horizon_days - warm_up) * case.work / longer
    found = []
    for world in case.worlds(math.ceil(REPLICATIONS * longer), events=events):
        world.run_until(warm_up)
        world.count_from_now()
        world.run_until(horizon)
        found.append(measure(world))
    return columns(found)


def columns(found: list[Figures]) -> Samples:
    """Return an array over replications for each figure."""
    return {name: np.array([figures[name] for figures in found]) for name in found[0]}


def judge(found: Samples, expected: Figures, wanted: float) -> None:
    """Fail where a mean is off, or where its interval is too wide to tell; name all that are."""
    complaints = [complaint(name, found[name], value, wanted) for name, value in expected.items()]

    assert not any(complaints), "\n".join(filter(None, complaints))


def complaint(name: str, sample: npt.NDArray[np.float64], expected: float, wanted: float) -> str | None:
    """Say what is wrong with one figure, or nothing."""
    mean = float(sample.mean())
    half = float(stats.t.ppf(1 - FALSE_ALARM / 2, len(sample) - 1) * sample.std(ddof=1) / math.sqrt(len(sample)))
    told = f"{name}: {mean:.6g} +- {half:.2g}, expected {expected:.6g}"
    if abs(mean - expected) > half + 1e-9 * max(1.0, abs(expected)):
        return f"{told}: off"
    return f"{told}: wider than {wanted:.0%}" if half > wanted * abs(expected) else None


def fits(counts: npt.NDArray[np.int64], mean: float) -> bool:
    """Tell whether counts can be Poisson with this mean: chi-square over cells that expect 5 or more each."""
    shares = np.linspace(0.0, 1.0, min(20, len(counts) // 8) + 1)[1:-1]
    edges = np.unique(stats.poisson.ppf(shares, mean))
    expected = np.diff([0.0, *stats.poisson.cdf(edges, mean), 1.0]) * len(counts)
    observed = np.bincount(np.searchsorted(edges, counts), minlength=len(edges) + 1)
    while expected[-1] < 5:
        expected = np.append(expected[:-2], expected[-2:].sum())
        observed = np.append(observed[:-2], observed[-2:].sum())
    return len(expected) == 1 or bool(stats.chisquare(observed, expected).pvalue > FALSE_ALARM)
