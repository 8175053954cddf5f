"""Masks between pairs of parties that cancel in the sum over a quorum: no single answer is ever seen bare.

Any two parties have a key of their own, and nobody hands out one for every pair. Each dealer draws a symmetric
polynomial in two unknowns and hands every party the row at its place; two parties put their sums of rows at each
other's places and find the same number (Blom 1984, Blundo and others 1992). t - 1 parties learn nothing of a pair of
others, whatever they compute, as long as one dealer is honest: a polynomial of degree t - 1 has that much left.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

from learning.crypto.secret import Secret, random_bytes
from learning.crypto.threshold.ring import Ring, add, negate, uniform

FIELD = 2**255 - 19
"""Prime: the numbers of rows are even below it."""
ROW_BYTES = 32
_EXCESS_BYTES = 16
"""Read beyond the prime's length, so that the remainder is even but for one part in 2**120."""


def rows(threshold: int, holders: int) -> list[bytes]:
    """Return one row for every holder, in order of their places, of a fresh symmetric polynomial of degree t - 1."""
    square = _symmetric(threshold)
    return [b"".join(_at(line, place).to_bytes(ROW_BYTES, "big") for line in square) for place in range(1, holders + 1)]


def _symmetric(size: int) -> list[list[int]]:
    square = [[0] * size for _ in range(size)]
    for one in range(size):
        for other in range(one, size):
            square[one][other] = square[other][one] = _draw()
    return square


def _draw() -> int:
    return int.from_bytes(random_bytes(ROW_BYTES + _EXCESS_BYTES), "big") % FIELD


def _at(coefficients: Sequence[int], place: int) -> int:
    value = 0
    for coefficient in reversed(coefficients):
        value = (value * place + coefficient) % FIELD
    return value


class PairKeys(Secret):
    """One party's key with each other party, worked out where it is needed."""

    __slots__ = ("_keys", "_own", "_places", "_row")

    def __init__(self, own: str, places: Mapping[str, int], received: Sequence[bytes]) -> None:
        """Take the rows that every dealer handed to party `own`; places: of all parties, from 1."""
        self._own, self._places = own, dict(places)
        self._row = [sum(column) % FIELD for column in zip(*map(_numbers, received), strict=True)]
        self._keys: dict[str, bytes] = {}

    def mask(self, value: Ring, quorum: Sequence[str], purpose: bytes, first: int = 0) -> Ring:
        """Return `value` behind one mask for each other party of the quorum; values of the whole quorum sum bare.

        purpose: named once only, or two masked values would show their difference. first: the prime of its first row.
        """
        rows, numbers = value.shape
        for other in quorum:
            if other != self._own:
                mask = _stretched(self._key(other), purpose, rows, numbers, first)
                value = add(value, mask if self._own < other else negate(mask, first), first)
        return value

    def _key(self, other: str) -> bytes:
        if other not in self._keys:
            common = _at(self._row, self._places[other]).to_bytes(ROW_BYTES, "big")
            names = "\n".join(sorted((self._own, other)))
            self._keys[other] = hashlib.sha256(b"looptwin pair key 2\n" + common + names.encode()).digest()
        return self._keys[other]


def _numbers(row: bytes) -> list[int]:
    return [int.from_bytes(row[at : at + ROW_BYTES], "big") for at in range(0, len(row), ROW_BYTES)]


def _stretched(key: bytes, purpose: bytes, rows: int, numbers: int, first: int) -> Ring:
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    fresh = hashlib.sha256(b"looptwin mask 1\n" + key + purpose).digest()
    stream = Cipher(algorithms.AES256(fresh), modes.CTR(bytes(16))).encryptor()
    return uniform(lambda count: stream.update(bytes(count)), rows, numbers, first)
