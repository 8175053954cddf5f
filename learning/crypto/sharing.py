"""Shamir's sharing of a secret of 32 bytes: any `needed` shares give it, fewer say nothing about it."""

from __future__ import annotations

from collections.abc import Mapping

from learning.crypto.secret import random_bytes

SECRET_BYTES, SHARE_BYTES = 32, 33
PRIME = 2**256 + 297
_EXCESS_BYTES = 16
"""Read beyond the prime's length, so that the remainder is even but for one part in 2**120."""


def deal(secret: bytes, needed: int, holders: int) -> list[bytes]:
    """Return a share for each holder, in order of their places from 1."""
    coefficients = [int.from_bytes(secret, "big"), *(_draw() for _ in range(needed - 1))]
    return [_at(coefficients, place).to_bytes(SHARE_BYTES, "big") for place in range(1, holders + 1)]


def join(shares: Mapping[int, bytes]) -> bytes:
    """Return the secret out of the shares at these places. Raises ValueError where they give none."""
    total = 0
    for place, share in shares.items():
        total += int.from_bytes(share, "big") * _factor(place, list(shares))
    if (secret := total % PRIME) >= 1 << (8 * SECRET_BYTES):
        raise ValueError("the shares give no secret")
    return secret.to_bytes(SECRET_BYTES, "big")


def _draw() -> int:
    return int.from_bytes(random_bytes(SHARE_BYTES + _EXCESS_BYTES), "big") % PRIME


def _at(coefficients: list[int], place: int) -> int:
    value = 0
    for coefficient in reversed(coefficients):
        value = (value * place + coefficient) % PRIME
    return value


def _factor(place: int, places: list[int]) -> int:
    above = below = 1
    for other in places:
        if other != place:
            above, below = above * other % PRIME, below * (other - place) % PRIME
    return above * pow(below, -1, PRIME) % PRIME
