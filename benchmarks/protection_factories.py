"""What the study of five factories costs: from rows at each factory to every printed metric, by encrypted sums.

Keys are ready, parties work in parallel: the slowest factory and the coordinator, one after the other, in CPU time.
"""

from __future__ import annotations

from benchmarks.figures import Figure, judged, stated
from benchmarks.protection_threshold import Job, in_plain, pair, under_threshold
from learning.arrays import IntArray
from learning.quantise import dequantise, quantise
from learning.regression import statistics
from learning.regression.config import Regression
from learning.regression.fixture import fixture
from learning.regression.ranges import agreed, announced
from learning.regression.rows import Rows
from learning.regression.study import fits
from learning.regression.transforms import models

REPEATS = 9
OPEN = 3


def figures() -> list[Figure]:
    """Measure one model, which has a goal, and the ten models of the study in one opened sum."""
    value, peer = _round(Regression(models=["DTM"], lambdas=[0.0]))
    ten, ten_plain = _round(Regression())
    plain = "plain sums (ms)"
    note = "2,050 rows to every metric of the best model"
    name = f"five factories by encrypted statistics, {OPEN} of 5 open"
    return [
        judged(name, value, "ms", goal=25.0, peer=plain, peer_value=peer, note=note),
        stated("the same for all ten models in one opened sum", ten, "ms", peer=plain, peer_value=ten_plain),
    ]


def _round(config: Regression) -> tuple[float, float]:
    """Milliseconds under threshold and without secrecy, the best of several rounds that take turns."""
    sites = {site.party: site for site in fixture()}
    chosen = models(config.models, config.lambdas)
    hidden, plain = pair(list(sites), statistics.numbers(chosen, len(config.features)), OPEN)
    job = _job(sites, config)
    rounds = range(1, REPEATS + 1)
    pairs = [(under_threshold(hidden, job, number), in_plain(plain, job, number)) for number in rounds]
    return min(one.slowest_ms for one, _ in pairs), min(other.slowest_ms for _, other in pairs)


def _job(sites: dict[str, Rows], config: Regression) -> Job:
    """What a factory does from its rows to what is sealed, and from the opened sum to what is printed."""
    chosen = models(config.models, config.lambdas)
    ranges = agreed(announced(site) for site in sites.values())

    def update(party: str) -> IntArray:
        announced(sites[party])
        sums = statistics.flatten(statistics.grams(sites[party], chosen, ranges), chosen)
        return quantise(sums, party=party, parties=len(sites))

    def step(total: IntArray) -> object:
        sums = statistics.unflatten(dequantise(total), chosen, len(config.features))
        return fits(sums, chosen, config.ridge, ranges)

    return Job(update, step)
