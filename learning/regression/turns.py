"""The sequential form of a study: how it learns turn by turn, what announcing costs, and what not announcing costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from learning import linear
from learning.linear import Gram
from learning.regression.ranges import Ranges
from learning.regression.rows import Rows
from learning.regression.sequential import course, explained, mean_only, revealed, turns
from learning.regression.statistics import grams
from learning.regression.transforms import Model
from sim.streams import Streams

BATCH = 10
"""Rows of one turn where parties take many."""

HELD = 1.4
"""Precision that a party takes for granted where the mean alone travels: its own rows are standardised."""

FORGETFUL_TURNS, SCHEDULES = 60, 20
"""Turns of whole parties, and how many random orders of them, where the mean alone travels."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Sequential:
    """What came of learning by turns, for one model. R2 is on the rows of all parties."""

    model: str
    by_party: Mapping[str, Sequence[tuple[str, float]]]
    """R2 after each party's one turn, in order of names and in reverse."""
    by_batch: Sequence[tuple[float, float]]
    """Rows seen so far and R2, in turns of ten rows of a random party."""
    distance: float
    """Largest difference between the weights after all batches and those of all rows in one place."""
    revealed: float
    """Largest relative error of the sums of a party that two announcements give away; 0 is all of them."""
    mean_only: Sequence[float]
    """R2 after sixty random turns in which the mean alone travels, one for each random order."""


def sequential(
    sites: Sequence[Rows], own: Mapping[str, Gram], model: Model, ranges: Ranges, ridge: float, seed: int
) -> Sequential:
    """Return how a model is learned by turns, on features in units of all rows' standard deviations.

    own: each party's sums as it knows them; under `mode: outsourced` it opened them with its own key.
    """
    total = linear.add(*own.values())
    known = {party: linear.standardised(one, total) for party, one in own.items()}
    sums = linear.standardised(total, total)
    luck = _Luck(seed)
    batches = [linear.standardised(one, total) for one in _batches(sites, model, ranges, luck)]
    end = turns(batches, sums.features, ridge)[-1]
    return Sequential(
        model=model.name,
        by_party={
            "in order": _passed(known, tuple(known), sums, ridge),
            "in reverse": _passed(known, tuple(reversed(known)), sums, ridge),
        },
        by_batch=course(batches, sums, ridge),
        distance=float(np.abs(end.mean - linear.solve(sums, ridge).weights).max()),
        revealed=_revealed(known, ridge),
        mean_only=[_forgetful(list(known.values()), sums, luck) for _ in range(SCHEDULES)],
    )


def _passed(own: Mapping[str, Gram], order: Sequence[str], sums: Gram, ridge: float) -> list[tuple[str, float]]:
    told = course([own[party] for party in order], sums, ridge)
    return [(party, r2) for party, (_, r2) in zip(order, told, strict=True)]


def _revealed(own: Mapping[str, Gram], ridge: float) -> float:
    told = turns(own.values(), next(iter(own.values())).features, ridge)
    errors = [
        np.abs(revealed(before, after).xx - held.xx).max() / np.abs(held.xx).max()
        for before, after, held in zip(told, told[1:], own.values(), strict=False)
    ]
    return float(max(errors))


def _forgetful(own: Sequence[Gram], sums: Gram, luck: _Luck) -> float:
    order = [own[luck.below(len(own))] for _ in range(FORGETFUL_TURNS)]
    return explained(sums, mean_only(order, sums.features, HELD))


def _batches(sites: Sequence[Rows], model: Model, ranges: Ranges, luck: _Luck) -> list[Gram]:
    left = {site.party: [site.part(start, start + BATCH) for start in range(0, len(site), BATCH)] for site in sites}
    found = []
    while left:
        party = sorted(left)[luck.below(len(left))]
        found.append(grams(left[party].pop(0), [model], ranges)[model.name])
        if not left[party]:
            del left[party]
    return found


class _Luck:
    """Whose turn it is. Holds state: how many draws were made."""

    def __init__(self, seed: int) -> None:
        self._stream = Streams(seed, 0, {"turns": 0}).open("regression.turns")
        self._drawn = 0

    def below(self, count: int) -> int:
        """Return a whole number from 0 to count - 1."""
        self._drawn += 1
        return int(self._stream.uniform(self._drawn) * count)
