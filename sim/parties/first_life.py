"""First lives, worked out for a block of units at once: what each of them would be is known before it begins.

Two lives in three of a chain are first ones. Until it ends, such a life has left nothing behind, so all units in their
first life in one kind of use share a body.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeAlias

import numpy as np

from sim.parties.body import Body
from sim.parties.drawn import Uses
from sim.streams import Bundle, Numbers, Streams
from sim.units import DAYS_PER_YEAR
from sim.usage import Usage
from sim.wear import MECHANISMS, Build, WearParameters, damage_rate, oxidation, per_day

First: TypeAlias = tuple[int, int, float]
"""Numbers of the maker and of the duty, and the distance between oil changes as planned, 1000 km."""

BUILD = slice(0, len(Build._fields))
USAGE = slice(BUILD.stop, BUILD.stop + len(Usage._fields))
PER_YEAR = USAGE.stop
STRENGTH = slice(PER_YEAR + 1, PER_YEAR + 1 + len(MECHANISMS))
DAILY = slice(STRENGTH.stop, STRENGTH.stop + len(MECHANISMS))
DISTANCE, OXIDATION, DAYS, FAILS = range(DAILY.stop, DAILY.stop + 4)
"""Where the values of a first life stand: as `sim.wear` has them; a year's and a day's distance, the mean oxidation of
the oil, the days until the first part fails, and the number of its mechanism."""


class FirstLife(NamedTuple):
    """A kind of first life: the body that all units in it share, and the values of each one."""

    body: Body
    values: Bundle


class FirstLives(dict[First, FirstLife]):
    """The kinds of first lives of a world, made when one is met first. Holds no state but a cache.

    built: as-built values by maker. uses: how vehicles use units. strong: strengths.
    """

    def __init__(
        self,
        streams: Streams,
        built: Sequence[Bundle],
        uses: Uses,
        strong: Bundle,
        parameters: WearParameters,
    ) -> None:
        super().__init__()
        self._streams = streams
        self._built, self._uses, self._strong = built, uses, strong
        self._parameters = parameters

    def __missing__(self, first: First) -> FirstLife:
        maker, duty, oil_interval = first
        body = Body(maker)
        body.duty, body.oil_interval = duty, oil_interval
        self[first] = FirstLife(body, self._streams.bundle((), self._law(maker, duty, oil_interval)))
        return self[first]

    def _law(self, maker: int, duty: int, oil_interval: float) -> Callable[[Numbers, int], Numbers]:
        built, uses, strong, parameters = self._built[maker], self._uses, self._strong, self._parameters

        def law(_: Numbers, first: int) -> Numbers:
            build = Build(*built.block(first))
            usage, per_year = uses.of_block(first, duty, oil_interval)
            distance, limits = per_year / DAYS_PER_YEAR, strong.block(first)
            daily = np.array(per_day(damage_rate(np, build, usage, parameters), distance))
            left = limits / daily
            ages = oxidation(np, build, usage, parameters)
            return np.array(
                [*build, *usage, per_year, *limits, *daily, distance, ages, left.min(axis=0), left.argmin(axis=0)]
            )

        return law
