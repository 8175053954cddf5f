"""Learning by turns with mean and precision encrypted on their way: nobody announces, and only the end is opened.

What travels is the precision and its product with the mean: both only grow by a party's sums, so a party adds its own,
freshly sealed, to a ciphertext that it cannot read, and hands it on. The key holder opens what the last party sends.
Two states that follow each other differ by a party's sums under the holder's key: the holder is sent only one, but the
neighbours of a party could hand it both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from learning import linear
from learning.arrays import FloatArray
from learning.crossings import Crossing, crossing
from learning.faults import ProtectionError, RoundError
from learning.linear import Gram
from learning.outsourced.covering import cover
from learning.outsourced.keys import PublicRowKey, RowKey
from learning.outsourced.lattice import lattice
from learning.outsourced.sizes import COVERED
from learning.protected import CUSTODY, UNAUDITED
from learning.quantise import dequantise, quantise
from learning.regression.sequential import Announced, nothing_known

LARGEST = 1 << 45
"""No number that a party adds has more grid steps: encoding is exact up to there."""
STATEMENT = (
    "mean and precision travel encrypted; {holder} opens the last state alone, and together with the parties before "
    "and after one it could open that one's sums"
)


@dataclass(frozen=True, eq=False)
class Travelled:
    """What was known after the last turn."""

    announced: Announced
    sums: Gram
    """The sums of all parties together."""
    crossings: tuple[Crossing, ...]
    statement: str


def travelled(grams: Mapping[str, Gram], ridge: float, *, holder: str = "analyst", day: float = 0.0) -> Travelled:
    """Return what is known after every party of `grams` took its turn, in this order.

    Raises ProtectionError naming a party whose sums are out of range, for fewer than two parties, and for a holder that
    is one of them.
    """
    parties = list(grams)
    if len(parties) < 2 or holder in parties:
        raise ProtectionError(
            "learning by turns takes two parties or more, and a key holder besides", (*parties, holder)
        )
    key = RowKey(COVERED)
    public = key.public()
    sealer = PublicRowKey(COVERED, public)
    crossings = [
        crossing(day, holder, party, "public key", len(public), (party,), "seals sums", "clear") for party in parties
    ]
    features = next(iter(grams.values())).features
    state: Any = None
    for party, receiver in zip(parties, [*parties[1:], holder], strict=True):
        state = _added(state, _whole(grams[party], party, len(parties)), sealer)
        if receiver == holder:
            cover(sealer, state, np.arange(linear.numbers(features)), COVERED.scale_bits)
        wire = lattice(COVERED).write(state)
        content = "precision, and its product with the mean, so far"
        crossings.append(crossing(day, party, receiver, "state", len(wire), (holder,), content))
        state = lattice(COVERED).read(wire, 2, COVERED.scale_bits)
    sums = linear.unflatten(_opened(state, key, features, (*parties, holder)), features)
    statement = f"{STATEMENT.format(holder=holder)} ({UNAUDITED}); {CUSTODY}"
    return Travelled(_announced(sums, ridge), sums, tuple(crossings), statement)


def _whole(own: Gram, party: str, parties: int) -> FloatArray:
    steps = quantise(linear.flatten(own), party=party, parties=parties)
    if np.abs(steps).max() > LARGEST:
        raise ProtectionError(f"{party!r}: its sums are above what travels exactly; scale its columns", (party,))
    return steps.astype(np.float64)


def _added(state: Any, own: FloatArray, sealer: PublicRowKey) -> Any:
    """Return a state with a party's sums added under a fresh encryption."""
    sealed = sealer.seal(np.concatenate([own, np.zeros(COVERED.degree - len(own))]))
    return sealed if state is None else lattice(COVERED).total([sealed, state])


def _opened(state: Any, key: RowKey, features: int, suspects: Sequence[str]) -> FloatArray:
    places = np.arange(linear.numbers(features))
    try:
        whole = key.exactly(state, places, COVERED.scale_bits, LARGEST * len(suspects))
    except ValueError as fault:
        raise RoundError(str(fault), suspects) from None
    return dequantise(np.array(whole, dtype=np.int64))


def _announced(sums: Gram, ridge: float) -> Announced:
    prior = nothing_known(sums.features, ridge).precision
    return Announced(linear.solve(sums, ridge).weights, prior + sums.xx)
