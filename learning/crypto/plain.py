"""Slots that travel as they are: the same layout, envelopes and checks as under encryption, and no secrecy."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from learning.arrays import FloatArray, IntArray
from learning.faults import SenderError

_WIRE = np.dtype("<i8")


class PlainCipher:
    """A party's end: writes and reads slots."""

    def seal(self, slots: IntArray) -> bytes:
        """Return slots as bytes."""
        return slots.astype(_WIRE).tobytes()

    def open(self, ciphertext: bytes, slots: int) -> FloatArray:
        """Return the slots of a sum. Raises ValueError for bytes that are not so many slots."""
        if len(ciphertext) != slots * _WIRE.itemsize:
            raise ValueError(f"it holds no {slots} slots")
        return np.frombuffer(ciphertext, dtype=_WIRE).astype(np.float64)


class PlainAdder:
    """The coordinator's end."""

    def add(self, ciphertexts: Mapping[str, bytes], slots: int) -> bytes:
        """Return the sum of one ciphertext of each party. Raises SenderError for one of another size."""
        total = np.zeros(slots, dtype=_WIRE)
        for party, ciphertext in ciphertexts.items():
            if len(ciphertext) != total.nbytes:
                raise SenderError(party, f"it holds no {slots} slots")
            total += np.frombuffer(ciphertext, dtype=_WIRE)
        return total.tobytes()
