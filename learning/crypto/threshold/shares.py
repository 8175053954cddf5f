"""Shamir's sharing over the primes of the cipher, as pure functions: any t shares give the secret, fewer give nothing.

The holder at place j, counted from 1, gets f(j) of a polynomial with f(0) = secret and even random coefficients. Sums
of shares are shares of the sum, so each party deals its own part of the key and nobody ever forms the whole.
"""

from __future__ import annotations

from collections.abc import Sequence

from learning.crypto.secret import random_bytes
from learning.crypto.threshold.ring import DATA_PRIMES, PRIMES, Ring, add, constants, scale, uniform


def deal(secret: Ring, threshold: int, holders: int) -> list[Ring]:
    """Return one share for each holder, in order of their places; any `threshold` of them give the secret."""
    coefficients = [secret, *(uniform(random_bytes, len(secret)) for _ in range(threshold - 1))]
    return [_at(coefficients, place) for place in range(1, holders + 1)]


def _at(coefficients: Sequence[Ring], place: int) -> Ring:
    value = coefficients[-1]
    for coefficient in coefficients[-2::-1]:
        value = add(scale(value, place), coefficient)
    return value


def lagrange(place: int, places: Sequence[int]) -> Ring:
    """Return the factor that the share at `place` takes when the holders at `places` give the secret together."""
    return constants(tuple(_factor(place, places, prime) for prime in PRIMES[:DATA_PRIMES]))


def _factor(place: int, places: Sequence[int], prime: int) -> int:
    above = below = 1
    for other in places:
        if other != place:
            above, below = above * other % prime, below * (other - place) % prime
    return above * pow(below, -1, prime) % prime
