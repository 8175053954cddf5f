"""What is attacked: encryptions of one whole number, and a control on which every attack here works.

An adversary may encrypt whatever it likes (it has the public key, or a party that does it a favour) and sees bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from learning.crypto.secret import random_bytes

Encrypt = Callable[[int], bytes]
"""Encrypts a number from 0 to 2**20."""


def deterministic() -> Encrypt:
    """Return AES-SIV: sound encryption that gives equal bytes for equal numbers. The control."""
    from cryptography.hazmat.primitives.ciphers.aead import AESSIV

    cipher = AESSIV(random_bytes(64))
    return lambda number: cipher.encrypt(number.to_bytes(4, "big"), None)


def ckks() -> Encrypt:
    """Return CKKS under a public key, as TenSEAL's vectors use it."""
    import tenseal as ts

    context = ts.context(ts.SCHEME_TYPE.CKKS, 4096, -1, [54, 54], n_threads=1)
    context.global_scale = 2.0**26

    def encrypt(number: int) -> bytes:
        sealed: bytes = ts.ckks_vector(context, [float(number)]).serialize()
        return sealed

    return encrypt


def bfv() -> Encrypt:
    """Return BFV as the protection `compact` uses it, without its masks."""
    from learning.crypto.compact.bfv import SealingKey
    from learning.crypto.compact.parameters import DEGREE, plain_modulus

    key = SealingKey.generate(plain_modulus(5))

    def encrypt(number: int) -> bytes:
        row = np.zeros((1, DEGREE), dtype=np.uint64)
        row[0, 0] = number
        return key.seal(row)[0]

    return encrypt


TARGETS: Mapping[str, Callable[[], Encrypt]] = MappingProxyType(
    {"deterministic": deterministic, "CKKS": ckks, "BFV": bfv}
)
"""Every target by its name; the first is the control."""
