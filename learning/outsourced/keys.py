"""Keys of encrypted rows: who holds the secret one opens, who holds the public one seals."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np

from learning.arrays import FloatArray, IntArray
from learning.crypto.memory import written
from learning.crypto.secret import Secret
from learning.outsourced.lattice import Lattice, lattice
from learning.outsourced.sizes import Sizes
from learning.outsourced.words import words

FAILURES = 8
"""Results that may fail to open under one key: whoever sees a party refuse crafted results learns of the key."""
NOT_WHOLE = "a result is no whole number in range: it was made under another key or has overflowed"


class Sealer(Protocol):
    """What turns polynomials of whole numbers into ciphertexts."""

    sizes: Sizes

    def seal(self, coefficients: FloatArray) -> Any:
        """Return the ciphertext of whole coefficients."""

    def wire(self, coefficients: FloatArray) -> bytes:
        """Return the same as it travels."""


class RowKey(Secret):
    """A secret key drawn by SEAL from the operating system's randomness; it stays with who drew it."""

    __slots__ = ("_decryptor", "_lattice", "_public", "_symmetric", "failed", "sizes")

    def __init__(self, sizes: Sizes) -> None:
        self.sizes, base = sizes, lattice(sizes)
        self.failed = 0
        generator, public = base.module.KeyGenerator(base.context), base.module.PublicKey()
        generator.create_public_key(public)
        secret = generator.secret_key()
        self._lattice, self._public = base, written(public)
        self._symmetric = base.module.Encryptor(base.context, secret)
        self._decryptor = base.module.Decryptor(base.context, secret)

    def public(self) -> bytes:
        """Return what others seal with."""
        return self._public

    def seal(self, coefficients: FloatArray) -> Any:
        """Return the ciphertext of whole coefficients, for sizes whose values floats hold."""
        found = self._lattice.module.Ciphertext(self._lattice.context)
        self._symmetric.encrypt_symmetric(self._lattice.plain(coefficients, self.sizes.scale_bits), found)
        return found

    def wire(self, coefficients: FloatArray) -> bytes:
        """Return the same as it travels: half of it is a seed."""
        plaintext = self._lattice.plain(coefficients, self.sizes.scale_bits)
        return written(self._symmetric.encrypt_symmetric(plaintext))

    def nearby(self, ciphertext: Any, places: IntArray, largest: int) -> IntArray:
        """Return the whole numbers at `places` of a result, where floats hold them.

        Raises ValueError for one above `largest` or near no whole number: a wrong key, or an overflow.
        """
        values = self._lattice.coefficients(self._opened(ciphertext))[places]
        whole = np.rint(values)
        # written so that NaN is refused too
        if not (np.abs(values - whole).max(initial=0.0) <= 0.25 and np.abs(whole).max(initial=0.0) <= largest):
            raise self._failure()
        return whole.astype(np.int64)

    def exactly(self, ciphertext: Any, places: IntArray, scale_bits: int, largest: int) -> list[int]:
        """Return the whole numbers at `places` of a result of any size, the flooding rounded away.

        Raises ValueError for one above `largest`, or further from a whole number than any flooding brings it.
        """
        door = words(self.sizes)
        opened = door.of(self._opened(ciphertext))
        coefficients = door.coefficients(np.stack([opened, opened]))[0]
        found = rounded(door.whole(coefficients[:, places.ravel()]), scale_bits, largest)
        if found is None:
            raise self._failure()
        return found

    def _failure(self) -> ValueError:
        self.failed += 1
        return ValueError(NOT_WHOLE)

    def _opened(self, ciphertext: Any) -> Any:
        if self.failed >= FAILURES:
            raise ValueError(f"{FAILURES} results failed to open under this key, and it opens no more")
        plaintext = self._lattice.module.Plaintext()
        self._decryptor.decrypt(ciphertext, plaintext)
        return plaintext


def rounded(numbers: list[int], scale_bits: int, largest: int) -> list[int] | None:
    """Return numbers over `2**scale_bits`, rounded; None where one is above `largest` or near no whole number."""
    half, quarter = 1 << (scale_bits - 1), 1 << (scale_bits - 2)
    whole = [(number + half) >> scale_bits for number in numbers]
    near = all(abs(number - (one << scale_bits)) <= quarter for number, one in zip(numbers, whole, strict=True))
    return whole if near and all(abs(one) <= largest for one in whole) else None


class PublicRowKey:
    """What seals for the holder of a `RowKey`; opens nothing. For sizes whose values outgrow floats."""

    def __init__(self, sizes: Sizes, public: bytes) -> None:
        self.sizes, base = sizes, lattice(sizes)
        key = base.read_key(public)
        self._lattice: Lattice = base
        self._encryptor = base.module.Encryptor(base.context, key)
        self._scale = base.constant(1.0, sizes.scale_bits)
        self._zero = base.constant(0.0, sizes.scale_bits)
        # a ciphertext that a plaintext can be added to, scaled with, and that is taken off again
        self._ground = base.module.Ciphertext(base.context)
        self._encryptor.encrypt(base.constant(0.0, 0), self._ground)
        self._scaled_ground = base.weighed(self._ground, self._scale)

    def seal(self, coefficients: FloatArray) -> Any:
        """Return the ciphertext of whole coefficients; scaling is exact whatever the scale."""
        base = self._lattice
        found, lifted = base.module.Ciphertext(base.context), base.module.Ciphertext(base.context)
        base.evaluator.add_plain(self._ground, base.plain(coefficients, 0), lifted)
        base.evaluator.multiply_plain_inplace(lifted, self._scale)
        self._encryptor.encrypt(self._zero, found)
        base.evaluator.add_inplace(found, lifted)
        base.evaluator.sub_inplace(found, self._scaled_ground)
        return found

    def wire(self, coefficients: FloatArray) -> bytes:
        """Return the same as it travels."""
        return written(self.seal(coefficients))

    def nothing(self, parts: int, scale_bits: int) -> Any:
        """Return a fresh ciphertext of zero, in two parts or three: each but the first is as good as even."""
        base = self._lattice
        found, zero = base.module.Ciphertext(base.context), base.constant(0.0, scale_bits)
        self._encryptor.encrypt(zero, found)
        if parts == 2:
            return found
        # zero times the key is another zero, and fills the third part
        other = base.module.Ciphertext(base.context)
        self._encryptor.encrypt(zero, other)
        return base.total([words(self.sizes).times_key(other), found])
