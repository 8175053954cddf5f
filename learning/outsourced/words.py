"""Polynomials as words modulo the primes, exact at any size: what floats are too short for.

SEAL's own transform is reached through a ciphertext that is used as a carrier of two polynomials; nothing is encrypted
here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from learning.crypto.memory import read_into, written
from learning.crypto.secret import random_bytes
from learning.crypto.threshold.seal import body, framed
from learning.outsourced.lattice import Lattice, lattice
from learning.outsourced.sizes import Sizes

_TRANSFORMED_FLAG = 32
"""Place of the byte of a ciphertext that says whether it is transformed: behind the digest of its parameters."""


@dataclass(frozen=True, eq=False)
class Words:
    """Doors between words and SEAL's objects, for one choice of sizes."""

    lattice: Lattice
    primes: tuple[int, ...]
    carrier_start: bytes

    def transformed(self, polynomials: NDArray[np.uint64]) -> NDArray[np.uint64]:
        """Return polynomials in transformed form: UInt64[2, primes, degree] of words below their prime."""
        carrier = self._carrier(polynomials, transformed=False)
        self.lattice.evaluator.transform_to_ntt_inplace(carrier)
        return self._words(carrier, 2)

    def coefficients(self, transformed: NDArray[np.uint64]) -> NDArray[np.uint64]:
        """Return what `transformed` made: UInt64[2, primes, degree]."""
        carrier = self._carrier(transformed, transformed=True)
        self.lattice.evaluator.transform_from_ntt_inplace(carrier)
        return self._words(carrier, 2)

    def of(self, plaintext: Any) -> NDArray[np.uint64]:
        """Return the transformed words of a plaintext: UInt64[primes, degree]."""
        found: NDArray[np.uint64] = self._words(plaintext, 1)[0]
        return found

    def plaintext(self, transformed: NDArray[np.uint64], scale_bits: int) -> Any:
        """Return the plaintext of transformed words: UInt64[primes, degree]."""
        start = self._start(self.lattice.constant(0.0, scale_bits), 1)
        content = framed(start + transformed.tobytes())
        return read_into(self.lattice.module.Plaintext(), self.lattice.context, content)

    def times_key(self, ciphertext: Any) -> Any:
        """Return a ciphertext of two parts moved up by one: it decrypts to the same times the key, in three parts."""
        one = np.stack([np.full((len(self.primes), self.lattice.sizes.degree), part, np.uint64) for part in (0, 1)])
        return self.lattice.product(ciphertext, self._carrier(one, transformed=True))

    def whole(self, words: NDArray[np.uint64]) -> list[int]:
        """Return whole numbers around zero out of their words: UInt64[primes, numbers]."""
        modulus = prod(self.primes)
        factors = [modulus // prime * pow(modulus // prime, -1, prime) for prime in self.primes]
        found = [
            sum(word * factor for word, factor in zip(column, factors, strict=True)) % modulus
            for column in words.T.tolist()
        ]
        return [number - modulus if number > modulus // 2 else number for number in found]

    def split(self, numbers: Sequence[int]) -> NDArray[np.uint64]:
        """Return the words of whole numbers: UInt64[primes, numbers]."""
        return np.array([[number % prime for number in numbers] for prime in self.primes], dtype=np.uint64)

    def even(self) -> NDArray[np.uint64]:
        """Return a polynomial drawn evenly over the whole modulus by the operating system: UInt64[primes, degree]."""
        return np.stack([_below(prime, self.lattice.sizes.degree) for prime in self.primes])

    def _carrier(self, polynomials: NDArray[np.uint64], *, transformed: bool) -> Any:
        start = bytearray(self.carrier_start)
        start[_TRANSFORMED_FLAG] = transformed
        content = framed(bytes(start) + polynomials.tobytes())
        return read_into(self.lattice.module.Ciphertext(), self.lattice.context, content)

    def _words(self, value: Any, polynomials: int) -> NDArray[np.uint64]:
        shape = (polynomials, len(self.primes), self.lattice.sizes.degree)
        return np.frombuffer(body(written(value))[-8 * prod(shape) :], dtype="<u8").reshape(shape)

    def _start(self, value: Any, polynomials: int) -> bytes:
        return body(written(value))[: -8 * polynomials * len(self.primes) * self.lattice.sizes.degree]


@cache
def words(sizes: Sizes) -> Words:
    """Return the doors for these sizes, set up once for this process."""
    base = lattice(sizes)
    module, context = base.module, base.context
    public, ciphertext = module.PublicKey(), module.Ciphertext()
    module.KeyGenerator(context).create_public_key(public)
    module.Encryptor(context, public).encrypt(base.constant(0.0, 0), ciphertext)
    count = len(sizes.prime_bits) - 1
    start = body(written(ciphertext))[: -16 * count * sizes.degree]
    moduli = module.CoeffModulus.Create(sizes.degree, list(sizes.prime_bits))
    return Words(base, tuple(int(modulus.value()) for modulus in moduli[:count]), start)


def _below(prime: int, count: int) -> NDArray[np.uint64]:
    # rejection keeps the draw even; a prime just above a power of two is the worst case and takes two reads on average
    mask = np.uint64((1 << prime.bit_length()) - 1)
    found = np.empty(0, dtype=np.uint64)
    while len(found) < count:
        drawn = np.frombuffer(random_bytes(8 * 2 * count), dtype="<u8") & mask
        found = np.concatenate([found, drawn[drawn < np.uint64(prime)]])
    return found[:count]
