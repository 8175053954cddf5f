"""How units were built and are used, drawn from their streams for a block of units at once."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from math import sqrt
from statistics import NormalDist

import numpy as np

from sim.backends import FLOATS
from sim.laws import Quantile
from sim.normal import scores
from sim.parties.counts import poisson_table
from sim.parties.design import AS_BUILT, USED, Backlash, BuildSpread, Duty, Use, UseSpread, as_built, used
from sim.streams import SEQUENCE_BITS, Bundle, Numbers, Streams
from sim.tolerances import gap
from sim.wear import MECHANISMS

_SEQUENCE = (1 << SEQUENCE_BITS) - 1
_normal = NormalDist().inv_cdf


class ByParty(dict[str, Bundle]):
    """What each party draws for several purposes, from streams `<party>.<purpose>` that are read together.

    Opened when a party is met first. Holds no state but a cache.
    """

    def __init__(self, streams: Streams, *purposes: str) -> None:
        super().__init__()
        self._streams = streams
        self._purposes = purposes

    def __missing__(self, party: str) -> Bundle:
        self[party] = self._streams.bundle(f"{party}.{purpose}" for purpose in self._purposes)
        return self[party]


def drawn_builds(streams: Streams, spread: BuildSpread) -> Bundle:
    """Return the as-built values of a unit's first parts, as the fields of `sim.wear.Build`, by its key.

    A value has a share in common with its lot: the next `lot_size` units of the same origin.
    """
    lots = [streams.open(f"product.lot.{name}").uniform for name in AS_BUILT]
    own, common = sqrt(1.0 - spread.lot_share), sqrt(spread.lot_share)

    def law(uniforms: Numbers, first: int) -> Numbers:
        z = scores(uniforms)
        if spread.lot_share:
            origin, sequence = first & ~_SEQUENCE, first & _SEQUENCE
            of = (sequence + np.arange(z.shape[1])) // spread.lot_size
            numbers = range(int(of[0]), int(of[-1]) + 1)
            lot = np.array([[_normal(luck(origin | number)) for number in numbers] for luck in lots])
            z = own * z + common * lot[:, of - of[0]]
        return np.array(as_built(np, spread, z))

    return streams.bundle((f"product.{name}" for name in AS_BUILT), law)


class Uses:
    """How vehicles use their units: one at a time, or 256 first lives at once. Holds no state.

    The values are those of `sim.usage.Usage`, the oil interval as a factor on the one planned, and the distance a year.
    """

    def __init__(self, streams: Streams, duties: Sequence[Duty], spread: UseSpread) -> None:
        self._duties, self._spread = duties, spread
        self._counts = [poisson_table(duty.overheats) for duty in duties]
        self._luck = streams.bundle(f"product.{name}" for name in (*USED, "overheats"))

    def of_unit(self, unit: int, life: int, duty: int, oil_interval: float) -> Use:
        """Return how a vehicle of a duty uses a unit (its key) in one of its lives."""
        *lucks, of_overheats = self._luck(unit, life)
        scored = [_normal(luck) for luck in lucks]
        overheats = float(bisect_left(self._counts[duty], of_overheats))
        return used(FLOATS, self._duties[duty], self._spread, scored, oil_interval, overheats)

    def of_block(self, unit: int, duty: int, oil_interval: float) -> Use:
        """Return how vehicles of a duty use the 256 units around one in their first lives, as arrays."""
        *lucks, of_overheats = self._luck.block(unit)
        overheats = np.searchsorted(self._counts[duty], of_overheats).astype(np.float64)
        return used(np, self._duties[duty], self._spread, scores(np.array(lucks)), oil_interval, overheats)


def drawn_strengths(streams: Streams, laws: Sequence[Quantile]) -> Bundle:
    """Return the damage at which each of a unit's first parts fails, in the order of `MECHANISMS`, by its key."""

    def law(uniforms: Numbers, first: int) -> Numbers:
        return np.array([[quantile(u) for u in row] for quantile, row in zip(laws, uniforms.tolist(), strict=True)])

    return streams.bundle((f"product.{name}" for name in MECHANISMS), law)


def drawn_stacks(streams: Streams, backlash: Backlash) -> Bundle:
    """Return the backlash that a gearset's dimensions add up to, mm, by the unit's key and the gearset's number."""
    dimensions = sorted(backlash.dimensions.items())
    sensitivities, sds = [one.sensitivity for _, one in dimensions], [[one.sd] for _, one in dimensions]

    def law(uniforms: Numbers, first: int) -> Numbers:
        return np.array([gap(backlash.nominal_mm, sensitivities, list(sds * scores(uniforms)))])

    return streams.bundle((f"product.backlash.{name}" for name, _ in dimensions), law)
