"""Breach drill: an intruder sits in some places of a federation while it works, and reads what it can.

Values are planted by nobody: every party's rows, its update and the sum are looked for, number by number, in
everything that the places hold, that passed through them, and that comes out of it by the keys they hold.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from learning.arrays import FloatArray, IntArray
from learning.attacks.holdings import Holdings, held
from learning.attacks.intruder import readings
from learning.attacks.recorder import Tapped, tapped
from learning.protect import protection

LEAST = 1 << 16
"""Smallest number of an update that is looked for: smaller ones turn up by chance."""


@dataclass(frozen=True, eq=False)
class Secrets:
    """What nobody should read."""

    rows: Mapping[str, FloatArray]
    """Numbers of each party's rows."""
    updates: Mapping[str, IntArray]
    """What each party sends, in grid steps."""
    total: IntArray
    """Their sum."""


@dataclass(frozen=True)
class Read:
    """Shares of what was looked for that an intruder read, from 0 to 1."""

    places: str
    """Where it was."""
    rows: float
    """Of the rows of a party in which it was not."""
    update: float
    """Of the update of a party in which it was not; the worst over those parties."""
    total: float
    """Of the sum."""


def drill(word: str, rows: Mapping[str, FloatArray], updates: Mapping[str, IntArray], needed: int) -> list[Read]:
    """Return what is read at each choice of places while one sum is formed under a protection.

    needed: parties that open a sum together, or rebuild a mask.
    """
    parties, values = tuple(sorted(updates)), len(next(iter(updates.values())))
    here = tapped(protection(word, parties, values, needed=needed))
    total = here.protected.total(updates, number=1, day=0.0).numbers
    hidden = Secrets(rows, updates, total)
    first = parties[0]
    return [
        read("layer 1: one factory", here, hidden, [first], coordinator=False),
        read("layer 2: the coordinator", here, hidden, [], coordinator=True),
        read("layers 1 and 2: one factory and the coordinator", here, hidden, [first], coordinator=True),
        read(f"{needed - 1} factories and the coordinator", here, hidden, parties[: needed - 1], coordinator=True),
        read(f"{needed} factories and the coordinator", here, hidden, parties[:needed], coordinator=True),
    ]


def read(places: str, here: Tapped, hidden: Secrets, captured: Sequence[str], *, coordinator: bool) -> Read:
    """Return what an intruder reads that is in these parties, and at the coordinator or not."""
    ends = [here.parties[party] for party in captured] + ([here.coordinator] if coordinator else [])
    found = held(ends)
    found.numbers += readings(found, here.protected.word, here.protected.layout)
    others = [party for party in here.parties if party not in captured]
    return Read(
        places,
        rows=max(found.share_of(hidden.rows[party]) for party in others),
        update=max(found.share_of(_large(hidden.updates[party])) for party in others),
        total=found.share_of(_large(hidden.total)),
    )


def stored(places: str, found: Holdings, hidden: Secrets) -> Read:
    """Return what an intruder reads in a place that keeps results."""
    return Read(
        places,
        rows=max(found.share_of(one) for one in hidden.rows.values()),
        update=max(found.share_of(_large(one)) for one in hidden.updates.values()),
        total=found.share_of(_large(hidden.total)),
    )


def _large(numbers: IntArray) -> IntArray:
    return np.unique(numbers[np.abs(numbers) >= LEAST])
