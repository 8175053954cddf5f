"""Polynomials modulo two or three primes of 60 bits, as SEAL keeps them: UInt64[primes, degree], transformed.

In SEAL's transformed form a product of polynomials is a product of numbers, so shares of a key are added, scaled and
multiplied here in NumPy and never enter a library that could keep them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Ring: TypeAlias = NDArray[np.uint64]
"""UInt64[primes, DEGREE], every number below its prime."""

DEGREE = 8192
PRIMES = (0xFFFFFFFFFFD8001, 0xFFFFFFFFFFE8001, 0xFFFFFFFFFFFC001)
"""What SEAL picks for three primes of 60 bits at this degree; the last is used up while a ciphertext is made."""
DATA_PRIMES = 2
"""A ciphertext and a share of the key live modulo the first two."""

_HALF_BITS = np.uint64(30)
_HALF = np.uint64((1 << 30) - 1)
_MODULI = np.array(PRIMES, dtype=np.uint64)[:, None]
_INVERSES = 1.0 / _MODULI.astype(np.float64)


def add(left: Ring, right: Ring) -> Ring:
    """Return left + right."""
    modulus = _MODULI[: len(left)]
    total = left + right
    # below zero a word wraps to a huge one, so the smaller of the two is the reduced sum
    found: Ring = np.minimum(total, total - modulus)
    return found


def negate(value: Ring) -> Ring:
    """Return -value."""
    modulus = _MODULI[: len(value)]
    return np.where(value == 0, value, modulus - value)


def scale(value: Ring, factor: int | Ring) -> Ring:
    """Return value * factor for factors up to 2**30.

    The quotient is at most 2**30, so a float gives it within one; the remainder is exact because words wrap.
    """
    modulus = _MODULI[: len(value)]
    words = np.asarray(factor, dtype=np.uint64)
    quotient = (value.astype(np.float64) * words.astype(np.float64) * _INVERSES[: len(value)]).astype(np.uint64)
    rest = value * words - quotient * modulus
    rest = np.minimum(rest, rest + modulus)
    return np.minimum(rest, rest - modulus)


def multiply(left: Ring, right: Ring) -> Ring:
    """Return left * right, number by number."""
    upper = scale(scale(left, right >> _HALF_BITS), 1 << int(_HALF_BITS))
    return add(upper, scale(left, right & _HALF))


def constants(numbers: tuple[int, ...]) -> Ring:
    """Return one constant modulo each prime as a ring element."""
    return np.broadcast_to(np.array(numbers, dtype=np.uint64)[:, None], (len(numbers), DEGREE))


def modulo(whole: NDArray[np.int64]) -> Ring:
    """Return whole numbers of up to 63 bits modulo the data primes: Int64[degree] to UInt64[data primes, degree]."""
    return np.stack([np.mod(whole, np.int64(prime)) for prime in PRIMES[:DATA_PRIMES]]).astype(np.uint64)


def uniform(stream: Callable[[int], bytes], primes: int) -> Ring:
    """Return numbers drawn evenly below each prime; `stream(count)` gives the next bytes of the source."""
    return np.stack([_below(prime, stream) for prime in PRIMES[:primes]])


def _below(prime: int, stream: Callable[[int], bytes]) -> NDArray[np.uint64]:
    found = np.empty(0, dtype=np.uint64)
    # a word of 60 bits is refused once in 2**41: rejection keeps the draw even and hardly ever reads again
    while len(found) < DEGREE:
        words = np.frombuffer(stream(8 * (DEGREE - len(found))), dtype="<u8") & np.uint64((1 << 60) - 1)
        found = np.concatenate([found, words[words < np.uint64(prime)]])
    return found
