"""What the study of five factories costs: from rows at each factory to every printed metric, by encrypted sums.

Keys are ready, parties work in parallel: the slowest factory and the coordinator, one after the other, in CPU time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from benchmarks.figures import Figure, judged, stated
from learning.arrays import IntArray
from learning.protect import OnePass, protection
from learning.quantise import dequantise, quantise
from learning.regression import statistics
from learning.regression.config import Regression
from learning.regression.fixture import fixture
from learning.regression.ranges import Ranges, agreed, announced
from learning.regression.rows import Rows
from learning.regression.study import fits
from learning.regression.transforms import Model, models
from learning.threshold.federation import Threshold

REPEATS = 9
ONE, ALL = Regression(models=["DTM"], lambdas=[0.0]), Regression()


def figures() -> list[Figure]:
    """Measure one model, which has a goal, and the ten models of the study in one opened sum."""
    one, all_of_them = _Study(ONE), _Study(ALL)
    return [
        judged(
            "five factories by encrypted statistics, 3 of 5 open",
            one.under_threshold(),
            "ms",
            goal=25.0,
            peer="plain sums (ms)",
            peer_value=one.in_plain(),
            note="2,050 rows to every metric of the best model",
        ),
        stated(
            "the same for all ten models in one opened sum",
            all_of_them.under_threshold(),
            "ms",
            peer="plain sums (ms)",
            peer_value=all_of_them.in_plain(),
        ),
    ]


class _Study:
    """The study's steps, as each end takes them."""

    def __init__(self, config: Regression) -> None:
        self.sites: Mapping[str, Rows] = {site.party: site for site in fixture()}
        self.models: Sequence[Model] = models(config.models, config.lambdas)
        self.ranges: Ranges = agreed(announced(site) for site in self.sites.values())
        self.values = statistics.numbers(self.models, len(config.features))

    def update(self, party: str) -> IntArray:
        """From rows to what is sealed."""
        rows = self.sites[party]
        announced(rows)
        sums = statistics.flatten(statistics.grams(rows, self.models, self.ranges), self.models)
        return quantise(sums, party=party, parties=len(self.sites))

    def metrics(self, total: IntArray) -> object:
        """From the opened sum to what is printed."""
        sums = statistics.unflatten(dequantise(total), self.models, len(self.ranges.features))
        return fits(sums, self.models, 0.0, self.ranges)

    def under_threshold(self) -> float:
        """Milliseconds of a protected round, the best of several."""
        hidden = protection("threshold", self.sites, self.values, needed=3)
        assert isinstance(hidden, Threshold)
        return min(self._hidden_round(hidden, number) for number in range(1, REPEATS + 1))

    def in_plain(self) -> float:
        """Milliseconds of the same round without secrecy."""
        plain = protection("plain", self.sites, self.values)
        assert isinstance(plain, OnePass)
        return min(self._plain_round(plain, number) for number in range(1, REPEATS + 1))

    def _hidden_round(self, hidden: Threshold, number: int) -> float:
        from benchmarks.protection import COORDINATOR, Clocks

        clocks, ends, board, parties = Clocks(), hidden.clients, hidden.coordinator, list(self.sites)
        quorum = parties[:3]
        wires = clocks.each({p: lambda p=p: ends[p].commit(self.update(p), number) for p in parties})  # type: ignore[misc]
        commitments = clocks.run(COORDINATOR, lambda: board.commitments(wires, number))
        shown = clocks.each({p: lambda p=p: ends[p].reveal(commitments, number) for p in parties})  # type: ignore[misc]
        posted = clocks.run(COORDINATOR, lambda: board.updates(shown, number))
        clocks.each({p: lambda p=p: ends[p].receive(posted, number) for p in parties})  # type: ignore[misc]
        answers = clocks.each({p: lambda p=p: ends[p].answer(quorum, number) for p in quorum})  # type: ignore[misc]
        clocks.each({p: lambda p=p: ends[p].watch(quorum, number) for p in parties[3:]})  # type: ignore[misc]
        partials = clocks.run(COORDINATOR, lambda: board.partials(answers, quorum, number))
        clocks.each({p: lambda p=p: self.metrics(ends[p].open(partials, number)) for p in parties})  # type: ignore[misc]
        return clocks.slowest_ms()

    def _plain_round(self, plain: OnePass, number: int) -> float:
        from benchmarks.protection import COORDINATOR, Clocks

        clocks, ends, parties = Clocks(), plain.clients, list(self.sites)
        wires = clocks.each({p: lambda p=p: ends[p].seal(self.update(p), number) for p in parties})  # type: ignore[misc]
        down = clocks.run(COORDINATOR, lambda: plain.coordinator.combine(wires, number))
        clocks.each({p: lambda p=p: self.metrics(ends[p].open(down[p], number)) for p in parties})  # type: ignore[misc]
        return clocks.slowest_ms()
