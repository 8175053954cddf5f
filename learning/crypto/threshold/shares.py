"""Shamir's sharing over the primes of the cipher, as pure functions: any t shares give the secret, fewer give nothing.

The holder at place j, counted from 1, gets f(j) of a polynomial with f(0) = secret and even random coefficients. Sums
of shares are shares of the sum, so each party deals its own part of the key and nobody ever forms the whole.
"""

from __future__ import annotations

from collections.abc import Sequence

from learning.crypto.secret import random_bytes
from learning.crypto.threshold.ring import DATA_PRIMES, PRIMES, Ring, add, constants, uniform


def deal(secret: Ring, threshold: int, holders: int) -> list[Ring]:
    """Return one share for each holder, in order of their places; any `threshold` of them give the secret.

    The polynomial is drawn by its differences f(1) - f(0), and so on: even differences are even coefficients, because
    one is a triangle times the other, and every next place takes additions alone.
    """
    differences = [secret, *(uniform(random_bytes, len(secret)) for _ in range(threshold - 1))]
    dealt = []
    for _ in range(holders):
        for order in range(threshold - 1):
            differences[order] = add(differences[order], differences[order + 1])
        dealt.append(differences[0])
    return dealt


def lagrange(place: int, places: Sequence[int]) -> Ring:
    """Return the factor that the share at `place` takes when the holders at `places` give the secret together."""
    return constants(tuple(_factor(place, places, prime) for prime in PRIMES[:DATA_PRIMES]))


def _factor(place: int, places: Sequence[int], prime: int) -> int:
    above = below = 1
    for other in places:
        if other != place:
            above, below = above * other % prime, below * (other - place) % prime
    return above * pow(below, -1, prime) % prime
