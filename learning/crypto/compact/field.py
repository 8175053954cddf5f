"""Whole numbers modulo the plaintext prime: adding, even draws from a seed, and a weighted sum. UInt64 arrays."""

from __future__ import annotations

import hashlib
import hmac
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Words: TypeAlias = NDArray[np.uint64]
"""Numbers below the modulus, which is at most 2**52."""

SEED_BYTES = 32
_ADDED = 256
"""Remainders below 2**54 that a word adds up without wrapping."""


def add(left: Words, right: Words, modulus: int) -> Words:
    """Return left + right."""
    total = left + right
    # below zero a word wraps to a huge one, so the smaller of the two is the reduced sum
    found: Words = np.minimum(total, total - np.uint64(modulus))
    return found


def subtract(left: Words, right: Words, modulus: int) -> Words:
    """Return left - right."""
    difference = left - right
    found: Words = np.minimum(difference, difference + np.uint64(modulus))
    return found


def derived(key: bytes, purpose: str) -> bytes:
    """Return a key for one purpose and no other."""
    return hmac.digest(key, b"looptwin compact 1\n" + purpose.encode(), hashlib.sha256)


def stretched(seed: bytes, purpose: str, count: int, modulus: int) -> Words:
    """Return `count` numbers even below the modulus: a stream of AES-256 in counter mode, drawn again where too large.

    seed, purpose: never used twice for two masks, or both would show their difference.
    """
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    stream = Cipher(algorithms.AES256(derived(seed, purpose)), modes.CTR(bytes(16))).encryptor()
    below = np.uint64((1 << modulus.bit_length()) - 1)
    found = np.frombuffer(stream.update(bytes(8 * count)), dtype="<u8") & below
    if found.max(initial=0) >= modulus:
        found = found[found < modulus]
        while len(found) < count:
            more = np.frombuffer(stream.update(bytes(8 * (count - len(found)))), dtype="<u8") & below
            found = np.concatenate([found, more[more < modulus]])
    return found


def weighted(weights: Words, values: Words, modulus: int) -> list[int]:
    """Return the sum of weights * values of each row, modulo the modulus. Both UInt64[rows, numbers].

    A float finds a quotient to within three, so a remainder in words that wrap lies within four moduli of the true one.
    """
    quotients = weights.astype(np.float64)
    quotients *= values
    quotients *= 1.0 / modulus
    remainders = weights * values
    remainders -= quotients.astype(np.uint64) * np.uint64(modulus)
    parts = np.add.reduceat(remainders.view(np.int64), range(0, weights.shape[1], _ADDED), axis=1)
    return [sum(row) % modulus for row in parts.tolist()]
