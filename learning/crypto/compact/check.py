"""The checksum of a compact sum: a secret linear code that parties know and the coordinator does not.

Each ciphertext carries a weighted sum of its own coefficients and a number that stands for its party. Weights and
numbers come from a key of the parties and are fresh for every round. The sum of the checksums is the checksum of the
sum, over exactly those parties. Who does not know the key changes a sum unnoticed with probability one in t, the
plaintext modulus, whatever it adds.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from learning.crypto.compact.field import Words, stretched, weighted
from learning.crypto.compact.parameters import DATA
from learning.crypto.secret import Secret


class CheckKey(Secret):
    """What all parties check sums with."""

    __slots__ = ("_key", "_modulus")

    def __init__(self, key: bytes, modulus: int) -> None:
        self._key, self._modulus = key, modulus

    def checksums(self, packed: Words, number: int, parties: Iterable[str]) -> Words:
        """Return UInt64[ciphertexts], the checksums of round `number` of a sum over `parties`, or of one of them.

        packed: UInt64[ciphertexts, DATA].
        """
        rows = len(packed)
        weights = stretched(self._key, f"weights {number}", rows * DATA, self._modulus).reshape(rows, DATA)
        found = weighted(weights, packed, self._modulus)
        for party in parties:
            own = stretched(self._key, f"party {number} {party}", rows, self._modulus)
            found = [(one + int(more)) % self._modulus for one, more in zip(found, own, strict=True)]
        return np.array(found, dtype=np.uint64)
