"""Masks between pairs of parties that cancel in the sum over a quorum: no single answer is ever seen bare."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

from learning.crypto.secret import Secret
from learning.crypto.threshold.ring import DATA_PRIMES, Ring, add, negate, uniform

PAIR_BYTES = 32


class PairKeys(Secret):
    """One party's key with each other party, made of what each of the two gave the other."""

    __slots__ = ("_keys", "_own")

    def __init__(self, own: str, given: Mapping[str, bytes], received: Mapping[str, bytes]) -> None:
        self._own = own
        self._keys = {
            other: _joined(*((given[other], received[other]) if own < other else (received[other], given[other])))
            for other in given
        }

    def mask(self, value: Ring, quorum: Sequence[str], purpose: bytes) -> Ring:
        """Return `value` behind one mask for each other party of the quorum; values of the whole quorum sum bare.

        purpose: named once only, or two masked values would show their difference.
        """
        for other in quorum:
            if other != self._own:
                mask = _stretched(self._keys[other], purpose)
                value = add(value, mask if self._own < other else negate(mask))
        return value


def _joined(first: bytes, second: bytes) -> bytes:
    return hashlib.sha256(b"looptwin pair key 1\n" + first + second).digest()


def _stretched(key: bytes, purpose: bytes) -> Ring:
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    fresh = hashlib.sha256(b"looptwin mask 1\n" + key + purpose).digest()
    stream = Cipher(algorithms.AES256(fresh), modes.CTR(bytes(16))).encryptor()
    return uniform(lambda count: stream.update(bytes(count)), DATA_PRIMES)
