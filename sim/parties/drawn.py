"""How units were built and are used, drawn from their streams for a block of units at once."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from statistics import NormalDist

import numpy as np

from sim.laws import Quantile
from sim.normal import scores
from sim.parties.counts import poisson_table
from sim.parties.design import AS_BUILT, USED, Backlash, BuildSpread, Duty, UseSpread, as_built, used
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


def drawn_uses(streams: Streams, duty: Duty, spread: UseSpread) -> Bundle:
    """Return how a vehicle of a duty uses its unit, by the unit's key and life.

    The values are those of `sim.wear.Usage`, the oil interval as a factor on the one planned, and the distance a year.
    """
    table = np.array(poisson_table(duty.overheats))

    def law(uniforms: Numbers, first: int) -> Numbers:
        overheats = np.searchsorted(table, uniforms[-1]).astype(np.float64)
        usage, per_year = used(np, duty, spread, scores(uniforms[:-1]), 1.0, overheats)
        return np.array([*usage, per_year])

    return streams.bundle((f"product.{name}" for name in (*USED, "overheats")), law)


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
