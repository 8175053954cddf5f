"""How much is told of a model over all calls: a count that lasts as long as the models do, whoever asks.

A model is as many numbers of `WEIGHT_BITS` bits as it has weights. A score tells as many bits as one of them, a
decision one. Every answer counts, under whatever name it was asked for: askers can share what they were told, and a
name costs nothing.
"""

from __future__ import annotations

from threading import Lock
from typing import Literal, NoReturn, TypeAlias

from learning.faults import ProtectionError
from learning.inference.scale import WEIGHT_BITS

Told: TypeAlias = Literal["decision", "score"]

BITS_PER_WEIGHT = 5
"""Bits that are told of a model for each of its weights, unless its holder says otherwise. With 20 chosen decisions a
weight an asker has the model to a thousandth; with these it knows each border to a thirtieth of a feature's range."""

COSTS = {"decision": 1, "score": WEIGHT_BITS}
"""Bits that an answer about one core counts."""


class Answers:
    """What was told of each model of one training. Holds state: the count, which cannot be copied or wound back.

    bits: how many are told of each model; None for `BITS_PER_WEIGHT` a weight. Raises ValueError below 0.
    """

    def __init__(self, bits: int | None = None) -> None:
        if bits is not None and bits < 0:
            raise ValueError(f"bits that are told of a model must be 0 or more, got {bits}")
        self._bits, self._lock = bits, Lock()
        self._told: dict[str, int] = {}

    def __repr__(self) -> str:
        return f"Answers(told={self._told})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("Answers counts what was told of models: a copy would count anew")

    def limit(self, weights: int) -> int:
        """Return how many bits are told of a model of so many weights, over all calls."""
        return BITS_PER_WEIGHT * weights if self._bits is None else self._bits

    def left(self, modeller: str, weights: int) -> int:
        """Return how many of them are not told yet."""
        return self.limit(weights) - self._told.get(modeller, 0)

    def count(self, asker: str, modeller: str, weights: int, cores: int, tell: Told) -> int:
        """Count answers before they are given and return their bits. A refused question counts nothing.

        Raises ProtectionError naming the asker where too few bits are left.
        """
        bits = COSTS[tell] * cores
        with self._lock:
            left = self.left(modeller, weights)
            if bits > left:
                raise ProtectionError(
                    f"{asker!r}: a {tell} for each of {cores} cores tells {bits} bits of the model of {modeller!r}, "
                    f"and {left} of {self.limit(weights)} are left over all calls (`answers` of lt.learn)",
                    (asker,),
                )
            self._told[modeller] = self._told.get(modeller, 0) + bits
        return bits

    def taken_back(self, modeller: str, bits: int) -> None:
        """Count no longer what in the end was not told."""
        with self._lock:
            self._told[modeller] -= bits
