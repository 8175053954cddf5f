"""Brute force on shortened keys: ring-LWE of small degree, whose ternary secret is found by trying all.

Trying all is the weakest attack there is, and its growth flatters a cipher: a degree that holds against it falls to
lattice reduction long before (`learning.attacks.lattice`). What a real degree rests on is SEAL's table for 128-bit
security, which counts the best known attacks.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from learning.arrays import IntArray
from learning.crypto.secret import random_bytes

PRIME = 7681
"""Modulus of the toy."""
ERROR = 2
"""Largest size of its error."""
BATCH = 3**8
"""Secrets that are tried at once."""


@dataclass(frozen=True, eq=False)
class Toy:
    """A public key of the toy cipher: `b = a * s + e` modulo x**n + 1."""

    a: IntArray
    """Int[n]."""
    b: IntArray

    @property
    def degree(self) -> int:
        """Degree of the ring."""
        return len(self.a)

    def rows(self) -> IntArray:
        """Return Int[n, n], the matrix that multiplies by a."""
        twice = np.concatenate([-self.a, self.a])
        return np.stack([twice[self.degree - shift : 2 * self.degree - shift] for shift in range(self.degree)], axis=1)

    def fits(self, keys: IntArray) -> IntArray:
        """Return which of Int[tries, n] leave nothing but an error, as places."""
        rest = (self.b - keys @ self.rows().T) % PRIME
        rest = np.where(rest > PRIME // 2, rest - PRIME, rest)
        return np.flatnonzero(np.abs(rest).max(axis=1) <= ERROR)


def toy(degree: int) -> tuple[Toy, IntArray]:
    """Return a fresh public key of this degree, and its secret for whoever judges the attack."""
    secret = _below(3, degree) - 1
    error = _below(2 * ERROR + 1, degree) - ERROR
    blank = Toy(_below(PRIME, degree), np.zeros(degree, dtype=np.int64))
    return Toy(blank.a, (blank.rows() @ secret + error) % PRIME), secret


def tried(public: Toy) -> tuple[IntArray | None, int]:
    """Return the first secret that fits, and how many were tried until then."""
    places = 3 ** np.arange(public.degree, dtype=np.int64)
    for start in range(0, 3**public.degree, BATCH):
        numbers = np.arange(start, min(start + BATCH, 3**public.degree))
        keys = numbers[:, None] // places % 3 - 1
        if len(found := public.fits(keys)):
            return keys[found[0]], start + int(found[0]) + 1
    return None, 3**public.degree


def _below(bound: int, count: int) -> IntArray:
    # 2**64 is so far above the bounds here that the remainder is even for every purpose of a toy
    return (np.frombuffer(random_bytes(8 * count), dtype=np.uint64) % np.uint64(bound)).astype(np.int64)
