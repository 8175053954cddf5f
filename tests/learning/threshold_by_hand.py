"""Keys, rounds and an active server for the tests of threshold sums, with the secrets at hand as in tests alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from learning.arrays import FloatArray, IntArray
from learning.crypto.slots import Layout, split_limbs
from learning.crypto.threshold.context import context_of
from learning.crypto.threshold.key import KeyShare
from learning.crypto.threshold.reference import common_reference
from learning.crypto.threshold.ring import DATA_PRIMES, DEGREE, PRIMES, Ring, add, modulo, multiply
from learning.crypto.threshold.seal import seal
from learning.crypto.threshold.sealing import Sealer, sealer
from learning.crypto.threshold.shares import lagrange
from learning.protect import protection
from learning.threshold.federation import Threshold

PARTIES = ("east", "north", "south", "up", "west")
VALUES = 4
UPDATES = {party: np.array([10 * place, -place, 7, 2**40]) for place, party in enumerate(PARTIES, 1)}
TOTAL = [150, -15, 35, 5 * 2**40]


def federation(parties: Sequence[str] = PARTIES, needed: int | None = None, values: int = VALUES) -> Threshold:
    """A fresh federation under a key that nobody holds."""
    return cast(Threshold, protection("threshold", parties, values, 0.0, needed))


@dataclass
class Keys:
    """A collective key and everybody's share of it."""

    parts: list[KeyShare]
    shares: list[Ring]
    context: Any
    sealer: Sealer

    def alone(self, place: int, places: Sequence[int], c1: Ring) -> Ring:
        """What the holder at `place` computes for itself, without noise."""
        return multiply(c1, multiply(self.shares[place - 1], lagrange(place, places)))

    def halves(self, numbers: FloatArray) -> tuple[Ring, Ring]:
        """A fresh ciphertext of these slots."""
        import tenseal as ts

        return seal().halves(ts.ckks_vector(self.context, numbers.tolist()).ciphertext()[0])


def keys(holders: int, needed: int) -> Keys:
    """A fresh key of which `needed` of the `holders` open."""
    reference = common_reference(b"a test")
    parts = [KeyShare(reference) for _ in range(holders)]
    dealt = [part.deal(needed, holders) for part in parts]
    shares = [total([given[place] for given in dealt]) for place in range(holders)]
    for place, part in enumerate(parts):
        part.receive([given[place] for given in dealt])
    halves = [part.public for part in parts if part.public is not None]
    context = context_of(seal().public_key(total(halves), reference))
    return Keys(parts, shares, context, sealer(total(halves), reference))


def total(values: Sequence[Ring], first: int = 0) -> Ring:
    """The sum of polynomials."""
    found = values[0]
    for value in values[1:]:
        found = add(found, value, first)
    return found


@dataclass
class Stand:
    """A federation with every update of a round posted and none received yet."""

    federation: Threshold
    number: int
    commitments: dict[str, bytes]
    updates: dict[str, bytes]

    def receive(self, updates: Mapping[str, bytes] | None = None) -> None:
        """Let every party check and add up."""
        for member in self.federation.clients.values():
            member.receive(self.updates if updates is None else updates, self.number)

    def answers(self, quorum: Sequence[str]) -> dict[str, bytes]:
        """The quorum's answers; everybody else takes note."""
        members = self.federation.clients
        for party in set(members) - set(quorum):
            members[party].watch(quorum, self.number)
        return {party: members[party].answer(quorum, self.number) for party in quorum}


def committed(one: Threshold, number: int, updates: Mapping[str, IntArray] | None = None) -> dict[str, bytes]:
    """Every party's commitment of a round."""
    given = UPDATES if updates is None else updates
    return {party: one.clients[party].commit(given[party], number) for party in one.parties}


def posted(one: Threshold, number: int) -> Stand:
    """A round up to the posted updates, through the coordinator's hands."""
    commitments = dict(one.coordinator.commitments(committed(one, number), number))
    reveals = {party: one.clients[party].reveal(commitments, number) for party in one.parties}
    return Stand(one, number, commitments, dict(one.coordinator.updates(reveals, number)))


def made_to_fit(layout: Layout, slots: IntArray) -> IntArray:
    """What an active server adds to slots of its own making, so that every check of the sum holds: all are public."""
    honest = sum(layout.spread(np.zeros(layout.values, dtype=np.int64), party)[0] for party in layout.parties)
    checked, sums = slots[: -layout.check_limbs], slots[-layout.check_limbs :]
    correction = np.zeros_like(slots)
    ends = slice(len(checked) - 2, len(checked))
    correction[ends] = honest[ends] - slots[ends]
    # the weights are public too: an update of a single one gives each away
    weights = np.array([weight_of(layout, place) for place in range(len(checked))])
    wanted = int(weights @ (checked + correction[: len(checked)]))
    given = int(sums @ (2 ** (layout.limb_bits * np.arange(layout.check_limbs))))
    limbs = split_limbs(np.array([wanted - given]), layout.check_limbs, layout.limb_bits)[0]
    correction[-layout.check_limbs :] = limbs
    return correction


def weight_of(layout: Layout, place: int) -> int:
    """The public weight of a slot in the checksum of the first ciphertext."""
    import hashlib

    stream = hashlib.shake_256(b"check weights 0").digest(2 * (place + 1))
    return int.from_bytes(stream[-2:], "big") % 1024 + 1


def checks_of_nothing(layout: Layout, amount: int) -> IntArray:
    """Slots that add `amount` to the first number of a sum and keep every check, as anybody can work them out."""
    slots = np.zeros(layout.slot_counts()[0], dtype=np.int64)
    slots[0] = amount
    checksum = np.array([amount * weight_of(layout, 0)])
    slots[-layout.check_limbs :] = split_limbs(checksum, layout.check_limbs, layout.limb_bits)[0]
    return slots


def coefficients(value: Ring) -> Any:
    """Every 512th coefficient of a polynomial, centred: its transform inverted by definition, both primes joined."""
    unit = np.zeros(DEGREE, dtype=np.int64)
    unit[1] = 1
    (p, q), roots = PRIMES[:DATA_PRIMES], seal().transform(modulo(unit))
    found = []
    for power in range(0, DEGREE, 512):
        left, right = (
            _coefficient(line, at, prime, power) for line, at, prime in zip(value, roots, (p, q), strict=True)
        )
        joined = left + p * ((right - left) * pow(p, -1, q) % q)
        found.append(joined - p * q if joined > p * q // 2 else joined)
    return np.array(found, dtype=object)


def _coefficient(line: Any, roots: Any, prime: int, power: int) -> int:
    total = sum(int(word) * pow(int(root), -power, prime) for word, root in zip(line, roots, strict=True))
    return total * pow(DEGREE, -1, prime) % prime
