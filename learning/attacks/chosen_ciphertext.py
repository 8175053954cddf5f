"""Chosen ciphertext: the key out of one answer of somebody who decrypts whatever comes.

A ciphertext whose first half is zero and whose second is the constant q / t decrypts to the key itself. This is why a
party decrypts only what a signed round gives it, shows nothing of a sum that fails its checksum, and wants a new key
after some sums that did.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from learning.crypto.compact.bfv import scheme
from learning.crypto.compact.field import Words
from learning.crypto.compact.parameters import DEGREE, PRIME
from learning.crypto.memory import written
from learning.crypto.threshold.seal import body, framed


def crafted(any_ciphertext: bytes, modulus: int) -> bytes:
    """Return the ciphertext that decrypts to the key, in the form of a ciphertext of the protection `compact`."""
    content = body(written(scheme(modulus).ciphertext(any_ciphertext)))
    words = np.zeros((2, DEGREE), dtype="<u8")
    words[1, 0] = round(PRIME / modulus)
    return framed(content[: -16 * DEGREE] + words.tobytes())


def key_of(any_ciphertext: bytes, modulus: int, decrypt: Callable[[bytes], Words]) -> list[int]:
    """Return the key, coefficients around zero, from one answer of `decrypt`."""
    answer = decrypt(crafted(any_ciphertext, modulus))
    return [int(value) - modulus if value > modulus // 2 else int(value) for value in answer]
