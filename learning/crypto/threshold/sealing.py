"""Whole numbers sealed under a collective key, each a coefficient of a polynomial: a sum of them opens exactly.

SEAL encrypts zero under the public key; the message is added in the high word of c0, where it needs no transform. Of c0
only coefficients that hold something travel: a short update is little longer than its c1. Under a public key c1 is
worked out of the key and fresh randomness, so it cannot be shortened to a seed.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, NamedTuple

import numpy as np

from learning.arrays import FloatArray, IntArray
from learning.crypto.threshold.parameters import PRIME_BITS
from learning.crypto.threshold.ring import (
    DATA_PRIMES,
    DEGREE,
    HIGH,
    Ring,
    add,
    centred,
    high,
    high_words,
    moduli,
    summed,
)
from learning.crypto.threshold.seal import load, saved, split_words

WORD_BYTES = 8


class Sealed(NamedTuple):
    """One ciphertext, or a sum of them."""

    top: Ring
    """High words of c0, as many as hold something: UInt64[1, used]."""
    c1: Ring
    """UInt64[data primes, DEGREE], coefficients."""

    def holding(self, numbers: IntArray, shift: int) -> Sealed:
        """Return what is left of this ciphertext for so many whole numbers, added to it, each moved by `shift` bits."""
        return Sealed(add(self.top[:, : len(numbers)], high_words(numbers << shift), HIGH), self.c1)

    def raw(self) -> bytes:
        """Return it as bytes."""
        return self.top.tobytes() + self.c1.tobytes()

    @classmethod
    def read(cls, content: bytes, used: int) -> Sealed:
        """Return the ciphertext of `used` coefficients in these bytes. Raises ValueError for anything else."""
        if len(content) != WORD_BYTES * (used + DATA_PRIMES * DEGREE):
            raise ValueError(f"it holds no ciphertext of {used} coefficients")
        found = np.frombuffer(content, dtype="<u8")
        one = cls(found[:used].reshape(1, used), found[used:].reshape(DATA_PRIMES, DEGREE))
        if not ((one.top < moduli(one.top, HIGH)).all() and (one.c1 < moduli(one.c1)).all()):
            raise ValueError(f"it holds no ciphertext of {used} coefficients: a word reaches its prime")
        return one


def sum_of(sealed: list[Sealed]) -> Sealed:
    """Return the sum of ciphertexts of one length."""
    return Sealed(summed((one.top for one in sealed), HIGH), summed(one.c1 for one in sealed))


def message(top: Ring, shift: int) -> FloatArray:
    """Return what a fused sum holds, in steps of 2**shift; the fraction is the error. Float[used]."""
    opened = centred(top)
    whole = (opened + (1 << shift - 1)) >> shift
    found: FloatArray = whole + (opened - (whole << shift)) / 2.0**shift
    return found


@dataclass(frozen=True, eq=False)
class Sealer:
    """Encrypts under one collective public key. Holds nothing secret."""

    public: Ring
    mask: Ring
    encryptor: Any
    module: Any

    def zero(self) -> Sealed:
        """Return a fresh ciphertext of noughts. It holds a message once and never again."""
        found = self.module.Ciphertext()
        self.encryptor.encrypt_zero(found)
        _, both = split_words(saved(found), 2, DATA_PRIMES, DEGREE)
        return Sealed(high(both[0]), both[1])

    def seal(self, numbers: IntArray, shift: int) -> Sealed:
        """Return the ciphertext of up to DEGREE whole numbers, each moved by `shift` bits."""
        return self.zero().holding(numbers, shift)


def sealer(public: Ring, mask: Ring) -> Sealer:
    """Return what seals under a public key; parties of one process that hold the same key share it."""
    return _sealer(public.tobytes(), mask.tobytes())


@lru_cache(maxsize=4)
def _sealer(public: bytes, mask: bytes) -> Sealer:
    module, context, start = _whole_numbers()
    key = load(module.PublicKey(), context, start + public + mask)
    return Sealer(_polynomial(public), _polynomial(mask), module.Encryptor(context, key), module)


def _polynomial(content: bytes) -> Ring:
    return np.frombuffer(content, dtype="<u8").reshape(-1, DEGREE)


@cache
def _whole_numbers() -> tuple[Any, Any, bytes]:
    """Return SEAL set up for whole numbers under the primes of the cipher, and how a public key of it begins."""
    import tenseal.sealapi as module

    parameters = module.EncryptionParameters(module.SCHEME_TYPE.BFV)
    parameters.set_poly_modulus_degree(DEGREE)
    parameters.set_coeff_modulus(module.CoeffModulus.Create(DEGREE, list(PRIME_BITS)))
    # never used: messages are added to zeros by hand
    parameters.set_plain_modulus(2)
    context = module.SEALContext(parameters, True, module.SEC_LEVEL_TYPE.TC128)
    key = module.PublicKey()
    module.KeyGenerator(context).create_public_key(key)
    return module, context, split_words(saved(key), 2, len(PRIME_BITS), DEGREE)[0]
