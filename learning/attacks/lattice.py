"""Lattice reduction on shortened keys: the secret as a short vector of a lattice (Kannan's embedding), found by LLL.

LLL is the beginning of what lattice reduction can do; block reduction goes further. It shows how much more than trying
all it reads, and from which degree on it reads nothing.
"""

from __future__ import annotations

import numpy as np

from learning.arrays import FloatArray, IntArray
from learning.attacks.brute_force import PRIME, Toy

_DELTA = 0.99
_STEPS = 200_000
"""Swaps after which the attack gives up."""


def reduced(basis: IntArray) -> IntArray:
    """Return a basis of the same lattice in which vectors are short and nearly at right angles. Int[vectors, n]."""
    rows = basis.astype(np.int64).copy()
    angles, lengths = _orthogonal(rows)
    at, steps = 1, 0
    while at < len(rows) and steps < _STEPS:
        _shorten(rows, angles, at)
        if lengths[at] >= (_DELTA - angles[at, at - 1] ** 2) * lengths[at - 1]:
            at += 1
            continue
        rows[[at - 1, at]] = rows[[at, at - 1]]
        _swap(angles, lengths, at)
        at, steps = max(at - 1, 1), steps + 1
    return rows


def embedded(public: Toy) -> IntArray:
    """Return the lattice in which (secret, error, 1) is a short vector."""
    degree = public.degree
    size = 2 * degree + 1
    basis = np.zeros((size, size), dtype=np.int64)
    basis[:degree, :degree] = np.eye(degree, dtype=np.int64)
    basis[:degree, degree:-1] = -public.rows().T
    basis[degree:-1, degree:-1] = PRIME * np.eye(degree, dtype=np.int64)
    basis[-1, degree:-1] = public.b
    basis[-1, -1] = 1
    return basis


def secret_of(public: Toy) -> IntArray | None:
    """Return the secret of a toy key, or None where the reduced basis does not show it."""
    found = reduced(embedded(public))
    for row in (*found, *-found):
        candidate: IntArray = row[: public.degree]
        if np.abs(candidate).max() <= 1 and len(public.fits(candidate[None])):
            return candidate
    return None


def _orthogonal(rows: IntArray) -> tuple[FloatArray, FloatArray]:
    """Return the coefficients of Gram and Schmidt, and the squared lengths of what they leave."""
    count = len(rows)
    angles, bare = np.zeros((count, count)), rows.astype(np.float64)
    lengths = np.zeros(count)
    for at in range(count):
        for before in range(at):
            angles[at, before] = rows[at] @ bare[before] / lengths[before]
            bare[at] = bare[at] - angles[at, before] * bare[before]
        lengths[at] = bare[at] @ bare[at]
    return angles, lengths


def _shorten(rows: IntArray, angles: FloatArray, at: int) -> None:
    for before in range(at - 1, -1, -1):
        whole = round(angles[at, before])
        if whole:
            rows[at] -= whole * rows[before]
            angles[at, :before] -= whole * angles[before, :before]
            angles[at, before] -= whole


def _swap(angles: FloatArray, lengths: FloatArray, at: int) -> None:
    """Update the coefficients for two neighbours that changed places."""
    angle = angles[at, at - 1]
    length = lengths[at] + angle**2 * lengths[at - 1]
    angles[at, at - 1] = angle * lengths[at - 1] / length
    lengths[at] = lengths[at - 1] * lengths[at] / length
    lengths[at - 1] = length
    angles[[at - 1, at], : at - 1] = angles[[at, at - 1], : at - 1]
    above = angles[at + 1 :, at].copy()
    angles[at + 1 :, at] = angles[at + 1 :, at - 1] - angle * above
    angles[at + 1 :, at - 1] = above + angles[at, at - 1] * angles[at + 1 :, at]
