"""Chosen plaintext: the adversary names two numbers, gets one of them encrypted, and says which.

It learns beforehand from encryptions of both that it makes itself. Each reading of a ciphertext is one guesser: equal
bytes, length, and statistics of its words that anything short of even randomness would shift.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from learning.arrays import FloatArray
from learning.attacks.targets import Encrypt
from learning.crypto.secret import random_bytes


def _bytes(ciphertext: bytes) -> FloatArray:
    return np.frombuffer(ciphertext, dtype=np.uint8).astype(np.float64)


def _low_bits(ciphertext: bytes) -> float:
    return float(np.mean(np.frombuffer(ciphertext, dtype=np.uint8) & 1))


READINGS: Mapping[str, Callable[[bytes], float]] = MappingProxyType(
    {
        "length": len,
        "mean of bytes": lambda ciphertext: float(_bytes(ciphertext).mean()),
        "spread of bytes": lambda ciphertext: float(_bytes(ciphertext).std()),
        "low bits": _low_bits,
        "neighbouring bytes": lambda ciphertext: float(np.mean(_bytes(ciphertext)[1:] * _bytes(ciphertext)[:-1])),
        "first half": lambda ciphertext: float(_bytes(ciphertext)[: len(ciphertext) // 2].mean()),
        "all bytes as a number": lambda ciphertext: float(np.dot(_bytes(ciphertext), np.arange(len(ciphertext)))),
    }
)
"""Readings of one ciphertext; the guess is the number whose own encryptions read more alike."""

EQUAL = "equal bytes"


def wins(encrypt: Encrypt, one: int, other: int, *, trials: int, lessons: int = 50) -> dict[str, int]:
    """Return how many of `trials` games each reading wins. trials / 2 is what a coin wins."""
    own = {number: [encrypt(number) for _ in range(lessons)] for number in (one, other)}
    means = {
        name: {number: float(np.mean([read(sealed) for sealed in given])) for number, given in own.items()}
        for name, read in READINGS.items()
    }
    known = {sealed: number for number, given in own.items() for sealed in given}
    found = dict.fromkeys((EQUAL, *READINGS), 0)
    for _ in range(trials):
        truth = (one, other)[_coin()]
        sealed = encrypt(truth)
        found[EQUAL] += known.get(sealed, (one, other)[_coin()]) == truth
        for name, read in READINGS.items():
            found[name] += _nearer(read(sealed), means[name], one, other) == truth
    return found


def _coin() -> int:
    return random_bytes(1)[0] & 1


def _nearer(value: float, means: Mapping[int, float], one: int, other: int) -> int:
    to_one, to_other = abs(value - means[one]), abs(value - means[other])
    if to_one == to_other:
        return (one, other)[_coin()]
    return one if to_one < to_other else other


def band(trials: int, guessers: int = len(READINGS) + 1) -> float:
    """Return how far from trials / 2 a coin stays, in all but one of a million runs of so many guessers."""
    from statistics import NormalDist

    return NormalDist().inv_cdf(1 - 1e-6 / (2 * guessers)) * float(np.sqrt(trials / 4))
