"""Known plaintext: from numbers and their ciphertext to the key, by solving the equation that made the ciphertext.

A ciphertext of BFV is `c0 = m * q / t - a * s - e` with a public a. Whoever knows m and neglects e has
`s = (m * q / t - c0) / a`. Without an error that is the key; with one, what comes out is even over all numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from learning.attacks.negacyclic import Polynomial, centred, product, quotient


@dataclass(frozen=True)
class Sample:
    """A ciphertext whose plaintext the adversary knows; coefficients modulo the prime."""

    c0: Sequence[int]
    a: Sequence[int]
    plaintext: Sequence[int]


def key_of(sample: Sample, prime: int, modulus: int) -> Polynomial:
    """Return the key that the equation gives when its error is neglected, around zero."""
    scaled = scale(sample.plaintext, prime, modulus)
    rest = [one - other for one, other in zip(scaled, sample.c0, strict=True)]
    return [centred(value, prime) for value in quotient(rest, sample.a, prime)]


def without_error(sample: Sample, key: Sequence[int], prime: int, modulus: int) -> Sample:
    """Return the ciphertext that the same plaintext would have if its error were none: a control, made with the key."""
    phase = product(sample.a, key, prime)
    scaled = scale(sample.plaintext, prime, modulus)
    c0 = [(one - other) % prime for one, other in zip(scaled, phase, strict=True)]
    return Sample(c0, sample.a, sample.plaintext)


def is_key(candidate: Sequence[int]) -> bool:
    """Return whether these could be a key: its coefficients are -1, 0 and 1."""
    return all(abs(value) <= 1 for value in candidate)


def read(candidate: Sequence[int], c0: Sequence[int], a: Sequence[int], prime: int, modulus: int) -> Polynomial:
    """Return what a candidate key decrypts another ciphertext to."""
    phase = product(a, candidate, prime)
    return [
        round(centred(one + other, prime) * modulus / prime) % modulus for one, other in zip(c0, phase, strict=True)
    ]


def scale(plaintext: Sequence[int], prime: int, modulus: int) -> Polynomial:
    """Return plaintext * prime / modulus, rounded to the nearest."""
    return [(2 * value * prime + modulus) // (2 * modulus) for value in plaintext]


def sample_of(ciphertext: bytes, plaintext: Sequence[int], modulus: int) -> Sample:
    """Return a ciphertext of the protection `compact` as numbers. Raises ValueError for what is no ciphertext."""
    import numpy as np

    from learning.crypto.compact.bfv import scheme
    from learning.crypto.compact.parameters import DEGREE
    from learning.crypto.memory import written
    from learning.crypto.threshold.seal import body

    content = body(written(scheme(modulus).ciphertext(ciphertext)))[-16 * DEGREE :]
    c0, a = np.frombuffer(content, dtype="<u8").reshape(2, DEGREE)
    return Sample(c0.tolist(), a.tolist(), plaintext)
