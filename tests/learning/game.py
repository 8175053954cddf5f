"""The distinguishing game on whole rounds: a coordinator with two of five parties, three of whom open, guesses orders.

Two honest parties hold two updates that the adversary named, in one order or the other; the sum is the same. It sees
every envelope, holds everything that its two parties hold, has the one honest answer of its quorum bare, and tries in
each round to get an answer that it should not. What it was refused tells it nothing; what it has, it reads in every
linear way that comes to mind.
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from learning.arrays import FloatArray, IntArray
from learning.crypto.threshold.ring import HIGH, Ring, add, centred, high, multiply, negate
from learning.crypto.threshold.seal import seal
from learning.crypto.threshold.sealing import Sealed, sum_of
from learning.crypto.threshold.shares import lagrange
from learning.ends import unframe
from learning.faults import ProtectionError
from learning.threshold.federation import Threshold
from learning.threshold.roster import digest
from tests.learning.threshold_by_hand import PARTIES, committed, federation, total

CORRUPT = ("up", "west")
QUORUM = ("east", *CORRUPT)
"""One honest party and all corrupt ones: its answer is behind masks that they know."""
VALUES = 4
NAMED = (np.full(VALUES, 2**40), np.full(VALUES, -(2**40)))
READINGS = (
    "c0", "with the colluders' part", "and the honest answer", "with their shares averaged", "with one share",
    "with the other", "the honest answer alone", "the colluders' part alone",
)  # fmt: skip
ATTACKS = ("replay", "double count", "leave one out", "crafted", "a second answer", "another quorum's answer")


def band(trials: int) -> float:
    """How far from half a guesser without knowledge stays, but for less than one game in a million."""
    return float(5 * np.sqrt(trials / 4))


@dataclass
class Game:
    """A federation, what the adversary holds in it, and how often it guessed right."""

    one: Threshold = field(default_factory=lambda: federation(values=VALUES))
    traitors: tuple[str, ...] = CORRUPT
    wins: IntArray = field(default_factory=lambda: np.zeros(len(READINGS), dtype=np.int64))
    refused: Counter[str] = field(default_factory=Counter)
    trials: int = 0
    older: dict[str, bytes] = field(default_factory=dict)
    seen: list[FloatArray] = field(default_factory=list)
    """Every reading of each round."""
    truth: list[FloatArray] = field(default_factory=list)
    """What they would show."""
    opened: FloatArray = field(default_factory=lambda: np.zeros(0))
    """What the adversary reads of the newest sum with the honest answer."""

    def play(self, trials: int) -> Game:
        """Play so many rounds more."""
        for _ in range(trials):
            order = secrets.randbelow(2)
            readings = self.round(NAMED[order], NAMED[1 - order])
            packing = self.one.clients["up"].packing
            unlike = (packing.pack(NAMED[0], "up")[0] - packing.pack(NAMED[1], "up")[0]).astype(float)
            self.wins += (readings @ unlike > 0) == (order == 0)
            self.seen.append(readings)
            self.truth.append(unlike if order == 0 else -unlike)
        return self

    def round(self, east: IntArray, north: IntArray) -> FloatArray:
        """One round with these updates; return every reading of the first less the second. Float[readings, used]."""
        self.trials += 1
        members, number = self.one.clients, self.trials
        nothing = np.zeros(VALUES, dtype=np.int64)
        updates = dict.fromkeys(PARTIES, nothing) | {"east": east, "north": north}
        commitments = committed(self.one, number, updates)
        posted = {party: members[party].reveal(commitments, number) for party in PARTIES}
        self._attack_the_sum(posted, number)
        for party in QUORUM:
            members[party].receive(posted, number)
        answer = members["east"].answer(QUORUM, number)
        self._attack_the_answer(number)
        for party in CORRUPT:
            members[party].answer(QUORUM, number)
        self.older = posted
        first, second = (self._sealed(posted[party]) for party in ("east", "north"))
        bare = self._bare(answer, first.top.shape[1])
        self.opened = self._readings(sum_of([self._sealed(wire) for wire in posted.values()]), bare)[2]
        return self._readings(
            Sealed(add(first.top, negate(second.top, HIGH), HIGH), add(first.c1, negate(second.c1))), bare
        )

    def _attack_the_sum(self, posted: Mapping[str, bytes], number: int) -> None:
        """Ask an honest party to add up something else; it must refuse, and the round goes on."""
        attack = ATTACKS[number % 4]
        wrong: dict[str, dict[str, bytes]] = {
            "replay": {"north": self.older.get("north", posted["east"])},
            "double count": {"north": posted["east"]},
            "crafted": {"north": posted["north"][:-80] + bytes(16) + posted["north"][-64:]},
        }
        shown = {**posted, **wrong.get(attack, {})}
        if attack == "leave one out":
            del shown["north"]
        self._refused(attack, lambda: self.one.clients["east"].receive(shown, number))

    def _attack_the_answer(self, number: int) -> None:
        """Ask an honest party that has answered for another answer."""
        attack = ATTACKS[4 + number % 2]
        quorum = QUORUM if attack == "a second answer" else ("east", "south", "up")
        self._refused(attack, lambda: self.one.clients["east"].answer(quorum, number))

    def _refused(self, attack: str, ask: Callable[[], object]) -> None:
        try:
            ask()
        except ProtectionError:
            self.refused[attack] += 1

    def _sealed(self, wire: bytes) -> Sealed:
        packing = self.one.clients["up"].packing
        (content,) = unframe(wire[wire.index(b"}") + 1 : -64], "", 1)
        return Sealed.read(content, packing.used()[0])

    def _bare(self, wire: bytes, used: int) -> Ring:
        """The honest answer without the masks that it has with the corrupt parties."""
        context = vars(self.one.clients["up"])["_round"].context
        shown = self._held("up").group.show(
            wire[wire.index(b"}") + 1 : -64], digest("partial", "east", context).encode()
        )
        (content,) = unframe(shown, "east", 1)
        bare = np.frombuffer(content, dtype="<u8").reshape(1, used)
        for party in CORRUPT:
            nothing = np.zeros((1, used), dtype=np.uint64)
            mask = self._held(party).pairs.mask(nothing, ("east", party), digest("mask", context, "0").encode(), HIGH)
            bare = add(bare, mask, HIGH)
        return bare

    def _held(self, party: str) -> Any:
        return vars(self.one.clients[party])["_held"]

    def _readings(self, seen: Sealed, answer: Ring) -> FloatArray:
        places = self.one.coordinator.roster.places()
        shares = {party: vars_of(self._held(party).share)["_share"] for party in self.traitors}
        quorum = [places[party] for party in (self.traitors if len(self.traitors) == 3 else QUORUM)]
        folded = total([multiply(share, lagrange(places[party], quorum)) for party, share in shares.items()])
        c1 = seal().transform(seen.c1)
        keys = [folded, total(list(shares.values())), *list(shares.values())[:2]]
        own, averaged, one, other = (self._part(c1, key, seen.top.shape[1]) for key in keys)
        with_own = add(seen.top, own, HIGH)
        tries = [
            seen.top, with_own, add(with_own, answer, HIGH), add(seen.top, averaged, HIGH), add(seen.top, one, HIGH),
            add(seen.top, other, HIGH), answer, own,
        ]  # fmt: skip
        return np.array([centred(one) / 2.0 ** self.one.clients["up"].packing.shift for one in tries])

    def _part(self, c1: Ring, key: Ring, used: int) -> Ring:
        return high(seal().coefficients(multiply(c1, key))[:, :used])


def vars_of(key: object) -> dict[str, Any]:
    """What an object with slots holds."""
    return {name: getattr(key, name) for kind in type(key).__mro__ for name in getattr(kind, "__slots__", ())}


def correlation(readings: FloatArray, truth: FloatArray) -> float:
    """The best linear mixture of readings, fitted on the first half, against the truth of the second half.

    What is the same in all rounds (checks, codes of parties) is left out. readings: Float[rounds, readings, width],
    truth: Float[rounds, width].
    """
    readings, truth = readings - readings.mean(axis=0), truth - truth.mean(axis=0)
    half = len(truth) // 2
    scaled = readings / np.abs(readings).max(axis=(0, 2), keepdims=True)
    x = np.concatenate([one.T for one in scaled[:half]])
    mixture, *_ = np.linalg.lstsq(x, truth[:half].ravel(), rcond=None)
    guessed = np.concatenate([one.T @ mixture for one in scaled[half:]])
    return float(np.corrcoef(guessed, truth[half:].ravel())[0, 1])
