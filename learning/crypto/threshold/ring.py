"""Polynomials modulo two or three primes of 60 bits, as SEAL keeps them: UInt64[primes, degree], transformed.

In SEAL's transformed form a product of polynomials is a product of numbers, so shares of a key are added, scaled and
multiplied here in NumPy and never enter a library that could keep them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Ring: TypeAlias = NDArray[np.uint64]
"""UInt64[primes, numbers], every number below its prime; a whole polynomial has DEGREE numbers."""

DEGREE = 8192
PRIMES = (0xFFFFFFFFFFD8001, 0xFFFFFFFFFFE8001, 0xFFFFFFFFFFFC001)
"""What SEAL picks for three primes of 60 bits at this degree; the last is used up while a ciphertext is made."""
DATA_PRIMES = 2
"""A ciphertext and a share of the key live modulo the first two."""

HIGH = 1
"""Place of the prime of high words: what is left of a polynomial once the first prime is divided away."""
LAZY = 15
"""Words of 60 bits that fit into 64 beside a reduced one."""

_HALF_BITS = np.uint64(30)
_HALF = np.uint64((1 << 30) - 1)
_MODULI = np.array(PRIMES, dtype=np.uint64)[:, None]
_INVERSES = 1.0 / _MODULI.astype(np.float64)
_OF_FIRST = np.array([[pow(PRIMES[0], -1, PRIMES[HIGH])]], dtype=np.uint64)


def moduli(value: Ring, first: int = 0) -> Ring:
    """Return the primes of a value whose first row belongs to the prime at place `first`. UInt64[primes, 1]."""
    found: Ring = _MODULI[first : first + len(value)]
    return found


def add(left: Ring, right: Ring, first: int = 0) -> Ring:
    """Return left + right."""
    modulus = moduli(left, first)
    total = left + right
    # below zero a word wraps to a huge one, so the smaller of the two is the reduced sum
    found: Ring = np.minimum(total, total - modulus)
    return found


def summed(values: Iterable[Ring], first: int = 0) -> Ring:
    """Return the sum of many values; words are brought below their primes once in LAZY additions alone."""
    given = iter(values)
    total = next(given).copy()
    modulus = moduli(total, first)
    for count, value in enumerate(given, 1):
        total += value
        if count % LAZY == 0:
            total %= modulus
    total %= modulus
    return total


def negate(value: Ring, first: int = 0) -> Ring:
    """Return -value."""
    modulus = moduli(value, first)
    return np.where(value == 0, value, modulus - value)


def scale(value: Ring, factor: int | Ring, first: int = 0) -> Ring:
    """Return value * factor for factors up to 2**30.

    The quotient is at most 2**30, so a float gives it within one; the remainder is exact because words wrap.
    """
    modulus, inverse = moduli(value, first), _INVERSES[first : first + len(value)]
    words = np.asarray(factor, dtype=np.uint64)
    quotient = (value.astype(np.float64) * words.astype(np.float64) * inverse).astype(np.uint64)
    rest = value * words - quotient * modulus
    rest = np.minimum(rest, rest + modulus)
    return np.minimum(rest, rest - modulus)


def multiply(left: Ring, right: Ring, first: int = 0) -> Ring:
    """Return left * right, number by number."""
    upper = scale(scale(left, right >> _HALF_BITS, first), 1 << int(_HALF_BITS), first)
    return add(upper, scale(left, right & _HALF, first), first)


def high(coefficients: Ring) -> Ring:
    """Return coefficients modulo both data primes divided by the first, rounded: UInt64[1, numbers] at place HIGH.

    It is half as long, and the modulus shrinks with it: what is summed in high words is off by half a word a summand.
    """
    low = coefficients[:1]
    whole = multiply(add(coefficients[1:], negate(low, HIGH), HIGH), _OF_FIRST, HIGH)
    return add(whole, (low > np.uint64(PRIMES[0] >> 1)).astype(np.uint64), HIGH)


def centred(words: Ring) -> NDArray[np.int64]:
    """Return high words as whole numbers around zero: UInt64[1, numbers] to Int64[numbers]."""
    prime = PRIMES[HIGH]
    whole = words[0].astype(np.int64)
    found: NDArray[np.int64] = np.where(whole > prime >> 1, whole - prime, whole)
    return found


def constants(numbers: tuple[int, ...]) -> Ring:
    """Return one constant modulo each prime as a ring element."""
    return np.broadcast_to(np.array(numbers, dtype=np.uint64)[:, None], (len(numbers), DEGREE))


def high_words(whole: NDArray[np.int64]) -> Ring:
    """Return whole numbers of up to 63 bits as high words: Int64[numbers] to UInt64[1, numbers]."""
    return np.mod(whole, np.int64(PRIMES[HIGH])).astype(np.uint64)[None, :]


def modulo(whole: NDArray[np.int64]) -> Ring:
    """Return whole numbers of up to 63 bits modulo the data primes: Int64[degree] to UInt64[data primes, degree]."""
    return np.stack([np.mod(whole, np.int64(prime)) for prime in PRIMES[:DATA_PRIMES]]).astype(np.uint64)


def uniform(stream: Callable[[int], bytes], primes: int, numbers: int = DEGREE, first: int = 0) -> Ring:
    """Return numbers drawn evenly below each prime; `stream(count)` gives the next bytes of the source."""
    return np.stack([_below(prime, stream, numbers) for prime in PRIMES[first : first + primes]])


def _below(prime: int, stream: Callable[[int], bytes], numbers: int) -> NDArray[np.uint64]:
    found = np.empty(0, dtype=np.uint64)
    # a word of 60 bits is refused once in 2**41: rejection keeps the draw even and hardly ever reads again
    while len(found) < numbers:
        words = np.frombuffer(stream(8 * (numbers - len(found))), dtype="<u8") & np.uint64((1 << 60) - 1)
        found = np.concatenate([found, words[words < np.uint64(prime)]])
    return found
