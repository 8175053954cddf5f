"""The common reference: a polynomial that everybody computes from a public seed, so that nobody can choose it."""

from __future__ import annotations

import hashlib

from learning.crypto.threshold.ring import PRIMES, Ring, uniform


def common_reference(seed: bytes) -> Ring:
    """Return the polynomial of a public seed, even below each prime: SHAKE-256 read as a stream."""
    counter = 0

    def stream(count: int) -> bytes:
        nonlocal counter
        counter += 1
        return hashlib.shake_256(b"looptwin common reference\n" + counter.to_bytes(4, "big") + seed).digest(count)

    return uniform(stream, len(PRIMES))
