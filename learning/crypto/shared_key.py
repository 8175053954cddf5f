"""CKKS through TenSEAL for sums only: every party holds one secret key, the coordinator holds none.

Degree 4096 with two primes of 54 bits is the smallest set of SEAL's 128-bit table with room: at scale 2**26 a summed
slot may reach 2**27, and a fresh slot is off by about 1e-5 (measured; 64 equal copies 4e-4), against a tolerance of
0.25. Encryption is symmetric, as every sealer holds the key: less time and a tenth of the noise. What leaves is rounded
to whole numbers before anybody uses it: a raw CKKS decryption beside its ciphertext gives the key away (Li and
Micciancio 2021). Experimental and unaudited.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from learning.arrays import FloatArray, IntArray
from learning.crypto.secret import Secret
from learning.crypto.vectors import read_fresh, summed

DEGREE = 4096
PRIME_BITS = (54, 54)
SCALE_BITS = 26
PARAMETERS = f"CKKS, degree {DEGREE}, primes of {PRIME_BITS} bits, scale 2**{SCALE_BITS}, symmetric"


class SharedKey(Secret):
    """A party's end: seals and opens with the secret key that all parties share, drawn from the operating system."""

    __slots__ = ("_context",)

    def __init__(self, context: Any) -> None:
        self._context = context

    @classmethod
    def generate(cls) -> SharedKey:
        """Return a fresh key."""
        import tenseal as ts

        # One thread: TenSEAL's pool costs more than it gives here, and has corrupted memory.
        context = ts.context(
            ts.SCHEME_TYPE.CKKS, DEGREE, -1, list(PRIME_BITS), ts.ENCRYPTION_TYPE.SYMMETRIC, n_threads=1
        )
        context.global_scale = 2.0**SCALE_BITS
        return cls(context)

    @classmethod
    def receive(cls, handed_over: bytes) -> SharedKey:
        """Return the key that `hand_over` wrote."""
        import tenseal as ts

        return cls(ts.context_from(handed_over, n_threads=1))

    def hand_over(self) -> bytes:
        """Return the key itself, for another party only, on a way that the coordinator does not carry."""
        return self._serialised(secret=True)

    def parameters(self) -> bytes:
        """Return the public parameters, without any key: all that the coordinator needs."""
        return self._serialised(secret=False)

    def _serialised(self, *, secret: bool) -> bytes:
        written: bytes = self._context.serialize(
            save_public_key=False, save_secret_key=secret, save_galois_keys=False, save_relin_keys=False
        )
        return written

    def seal(self, slots: IntArray) -> bytes:
        """Return the encrypted slots. Raises ValueError for a slot that is too large to encode."""
        import tenseal as ts

        sealed: bytes = ts.ckks_vector(self._context, slots.astype(np.float64)).serialize()
        return sealed

    def open(self, ciphertext: bytes, slots: int) -> FloatArray:
        """Return decrypted slots, not yet rounded or checked. Raises ValueError for bytes that are no ciphertext."""
        return np.array(read_fresh(self._context, ciphertext, slots, SCALE_BITS).decrypt())


class CiphertextAdder:
    """The coordinator's end: adds ciphertexts and cannot open one."""

    def __init__(self, parameters: bytes) -> None:
        import tenseal as ts

        self.context = ts.context_from(parameters, n_threads=1)
        if self.context.is_private():
            raise ValueError("the coordinator must not hold a secret key")

    def add(self, ciphertexts: Mapping[str, bytes], slots: int) -> bytes:
        """Return the sum of one ciphertext of each party. Raises SenderError for what cannot be read or added."""
        written: bytes = summed(self.context, ciphertexts, slots, SCALE_BITS).serialize()
        return written
