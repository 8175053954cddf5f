"""A comparison of two numbers that nobody holds both of: one side garbles it, the other evaluates it blindly.

Yao's circuits with free XOR and half gates (Zahur, Rosulek and Evans 2015). Every wire has two random labels; who
evaluates holds one of them and cannot tell which value it stands for. Whether x is below y is the last borrow of
x - y, bit by bit `borrow = majority(not x, y, borrow)`, which takes one AND. Semi-honest: who garbles is taken to
garble this circuit and no other.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from learning.crypto.secret import random_bytes

LABEL_BYTES = 16
GATE_LABELS = 2


def bytes_of(bits: int) -> int:
    """Return how many bytes a garbled comparison of so many bits takes."""
    return LABEL_BYTES * (bits * (1 + GATE_LABELS) + 3)


@dataclass(frozen=True)
class Gate:
    """What travels of one AND."""

    of_garbler: int
    of_evaluator: int


@dataclass(frozen=True)
class Garbled:
    """What travels of one comparison; it says nothing without one label for each bit of the evaluator."""

    labels: tuple[int, ...]
    """One for each bit of the garbler's number, lowest first."""
    borrow: int
    """Label of the first borrow, which is 0."""
    gates: tuple[Gate, ...]
    ends: tuple[int, int]
    """Digests of the last labels that mean 0 and 1."""

    def written(self) -> bytes:
        """Return what travels."""
        gates = [label for gate in self.gates for label in (gate.of_garbler, gate.of_evaluator)]
        return labels_written([*self.labels, *gates, self.borrow, *self.ends])

    @classmethod
    def read(cls, content: bytes, bits: int) -> Garbled:
        """Return what `written` wrote of a comparison of `bits` bits. Raises ValueError for another length."""
        if len(content) != bytes_of(bits):
            raise ValueError(f"it holds no comparison of {bits} bits")
        found = labels_read(content)
        labels, gates, (borrow, *ends) = found[:bits], found[bits : 3 * bits], found[3 * bits :]
        pairs = zip(gates[::2], gates[1::2], strict=True)
        return cls(tuple(labels), borrow, tuple(Gate(one, other) for one, other in pairs), (ends[0], ends[1]))


def labels_written(labels: Sequence[int]) -> bytes:
    """Return labels as bytes."""
    return b"".join(label.to_bytes(LABEL_BYTES, "big") for label in labels)


def labels_read(content: bytes) -> list[int]:
    """Return the labels in so many bytes."""
    return [int.from_bytes(content[at : at + LABEL_BYTES], "big") for at in range(0, len(content), LABEL_BYTES)]


def garble(own: int, bits: int, *, own_is_first: bool, turned: int) -> tuple[Garbled, list[tuple[int, int]]]:
    """Return the circuit of `x < y`, and for each bit of the evaluator the labels of 0 and of 1.

    own: the garbler's number, x if `own_is_first`, else y. turned: 1 if the result is to be told the other way round.
    """
    shift = _label() | 1
    labels, choices, gates = [], [], []
    borrow = first = _label()
    for at in range(bits):
        mine, theirs = _label(), _label()
        labels.append(mine ^ (shift if own >> at & 1 else 0))
        choices.append((theirs, theirs ^ shift))
        # x is negated: its label of 0 is what stood for 1
        x, y = (mine ^ shift, theirs) if own_is_first else (theirs ^ shift, mine)
        gate, both = _garbled_and(x ^ borrow, y ^ borrow, shift, 2 * at)
        gates.append(gate)
        borrow ^= both
    ends = (_end(borrow ^ shift), _end(borrow)) if turned else (_end(borrow), _end(borrow ^ shift))
    return Garbled(tuple(labels), first, tuple(gates), ends), choices


def evaluate(garbled: Garbled, chosen: Sequence[int], *, own_is_first: bool) -> int:
    """Return whether x is below y, as 0 or 1, turned where the garbler turned it.

    chosen: one label for each bit of the evaluator's number, which is x if `own_is_first`, else y. Raises ValueError
    for labels and a circuit that do not belong together.
    """
    borrow = garbled.borrow
    for at, (mine, theirs, gate) in enumerate(zip(chosen, garbled.labels, garbled.gates, strict=True)):
        x, y = (mine, theirs) if own_is_first else (theirs, mine)
        borrow ^= _evaluated_and(x ^ borrow, y ^ borrow, gate, 2 * at)
    if (end := _end(borrow)) not in garbled.ends:
        raise ValueError("a comparison ends in no label of its circuit")
    return garbled.ends.index(end)


def _garbled_and(left: int, right: int, shift: int, tweak: int) -> tuple[Gate, int]:
    """Return an AND of two wires by their labels of 0, and the label of 0 of its result."""
    left_colour, right_colour = left & 1, right & 1
    zero, one = _hash(left, tweak), _hash(left ^ shift, tweak)
    of_garbler = zero ^ one ^ (shift if right_colour else 0)
    first = zero ^ (of_garbler if left_colour else 0)
    zero, one = _hash(right, tweak + 1), _hash(right ^ shift, tweak + 1)
    of_evaluator = zero ^ one ^ left
    second = zero ^ (of_evaluator ^ left if right_colour else 0)
    return Gate(of_garbler, of_evaluator), first ^ second


def _evaluated_and(left: int, right: int, gate: Gate, tweak: int) -> int:
    first = _hash(left, tweak) ^ (gate.of_garbler if left & 1 else 0)
    second = _hash(right, tweak + 1) ^ (gate.of_evaluator ^ left if right & 1 else 0)
    return first ^ second


def _label() -> int:
    return int.from_bytes(random_bytes(LABEL_BYTES), "big")


def _end(label: int) -> int:
    return _hash(label, (1 << 64) - 1)


def _hash(label: int, tweak: int) -> int:
    found = hashlib.sha256(label.to_bytes(LABEL_BYTES, "big") + tweak.to_bytes(8, "big")).digest()
    return int.from_bytes(found[:LABEL_BYTES], "big")
