"""What it costs that nobody holds the key: founding it, a round of the twin, a long update.

Times are CPU milliseconds of the slowest party, and of the coordinator where it takes part: parties work in parallel.
"""

from __future__ import annotations

import gc
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np

from benchmarks import protection_compact
from benchmarks.figures import Figure, busy_note, judged
from learning.arrays import IntArray
from learning.crypto.identity import Identity
from learning.crypto.slots import Layout
from learning.crypto.threshold.context import context_of
from learning.crypto.threshold.key import KeyShare
from learning.crypto.threshold.parameters import SLOTS
from learning.crypto.threshold.reference import common_reference
from learning.crypto.threshold.seal import seal

Given = TypeVar("Given")
COORDINATOR = "coordinator"
FEATURES, ROWS = 8, 300
LONG = 100_000
NVFLARE_BYTES, NVFLARE_MS = 58.8, 45.4
"""NVFlare's own classes on the same job, measured beside a prototype; it needs an environment of its own."""


@dataclass
class Clocks:
    """CPU seconds of each party, as if each had a machine of its own."""

    spent: dict[str, float] = field(default_factory=lambda: defaultdict(float))

    def run(self, party: str, work: Callable[[], Given]) -> Given:
        begin = time.process_time()
        found = work()
        self.spent[party] += time.process_time() - begin
        return found

    def each(self, ends: Mapping[str, Callable[[], Given]]) -> dict[str, Given]:
        return {party: self.run(party, work) for party, work in ends.items()}

    def slowest_ms(self) -> float:
        """The slowest party and the coordinator one after the other."""
        parties = [seconds for party, seconds in self.spent.items() if party != COORDINATOR]
        return 1e3 * (max(parties) + self.spent.get(COORDINATOR, 0.0))


def figures() -> list[Figure]:
    """Measure all figures of the suite."""
    # SEAL is set up once for a process, whatever is measured then
    context_of(seal().public_key(KeyShare(common_reference(b"warm")).public, common_reference(b"warm")))
    return [*_foundings(), _round(), *_long_update(), *protection_compact.figures()]


def _foundings() -> list[Figure]:
    return [
        judged(
            f"key generation, slowest of {parties} sites, {needed} open",
            min(_founding(parties, needed) for _ in range(repeats)),
            "ms",
            goal=goal,
        )
        for parties, needed, repeats, goal in ((5, 3, 7, 20.0), (50, 5, 2, 100.0))
    ]


def _founding(count: int, needed: int) -> float:
    from learning.threshold.founding import Founder
    from learning.threshold.roster import Roster

    identities = {f"p{number:03}": Identity() for number in range(count)}
    roster = Roster({party: identity.public() for party, identity in identities.items()}, needed, 1)
    gc.collect()
    clocks = Clocks()
    founders = clocks.each({p: lambda p=p: Founder(p, roster, identities[p]) for p in identities})  # type: ignore[misc]
    commitments = clocks.each({p: one.commit for p, one in founders.items()})
    reveals = clocks.each({p: lambda one=one: one.reveal(commitments) for p, one in founders.items()})  # type: ignore[misc]
    dealt = clocks.each({p: lambda one=one: one.deal(reveals) for p, one in founders.items()})  # type: ignore[misc]
    for party, founder in founders.items():
        parts = {dealer: given[party] for dealer, given in dealt.items()}
        clocks.run(party, lambda founder=founder, parts=parts: founder.join(parts))  # type: ignore[misc]
    return clocks.slowest_ms()


def _round() -> Figure:
    """The twin's own Newton round, from the labelled cores to the next weights."""
    from learning import models
    from learning.logistic import Logistic
    from learning.protect import OnePass, protection
    from learning.quantise import dequantise, quantise
    from learning.threshold.federation import Threshold

    parties = [f"site_{number}" for number in range(5)]
    generator = np.random.default_rng(1)
    rows = {p: (generator.normal(size=(ROWS, FEATURES)), generator.integers(0, 2, ROWS).astype(float)) for p in parties}
    values = models.numbers(FEATURES)
    learner = Logistic(rounds=1, ridge=1.0)
    state = learner.init(FEATURES)
    hidden, plain = protection("threshold", parties, values, needed=3), protection("plain", parties, values)
    assert isinstance(hidden, Threshold)
    assert isinstance(plain, OnePass)

    def update(party: str) -> IntArray:
        found = models.flatten(models.statistics(state.weights, *rows[party]))
        return quantise(found, party=party, parties=len(parties))

    def step(total: IntArray) -> object:
        return learner.apply(state, dequantise(total))

    def under_threshold(number: int) -> float:
        clocks, ends, board, quorum = Clocks(), hidden.clients, hidden.coordinator, parties[:3]
        wires = clocks.each({p: lambda p=p: ends[p].commit(update(p), number) for p in parties})  # type: ignore[misc]
        commitments = clocks.run(COORDINATOR, lambda: board.commitments(wires, number))
        shown = clocks.each({p: lambda p=p: ends[p].reveal(commitments, number) for p in parties})  # type: ignore[misc]
        posted = clocks.run(COORDINATOR, lambda: board.updates(shown, number))
        clocks.each({p: lambda p=p: ends[p].receive(posted, number) for p in parties})  # type: ignore[misc]
        answers = clocks.each({p: lambda p=p: ends[p].answer(quorum, number) for p in quorum})  # type: ignore[misc]
        clocks.each({p: lambda p=p: ends[p].watch(quorum, number) for p in parties[3:]})  # type: ignore[misc]
        partials = clocks.run(COORDINATOR, lambda: board.partials(answers, quorum, number))
        clocks.each({p: lambda p=p: step(ends[p].open(partials, number)) for p in parties})  # type: ignore[misc]
        return clocks.slowest_ms()

    def in_plain(number: int) -> float:
        clocks, ends = Clocks(), plain.clients
        wires = clocks.each({p: lambda p=p: ends[p].seal(update(p), number) for p in parties})  # type: ignore[misc]
        down = clocks.run(COORDINATOR, lambda: plain.coordinator.combine(wires, number))
        clocks.each({p: lambda p=p: step(ends[p].open(down[p], number)) for p in parties})  # type: ignore[misc]
        return clocks.slowest_ms()

    found = [(under_threshold(number), in_plain(number)) for number in range(1, 16)]
    value, peer = min(one for one, _ in found), min(one for _, one in found)
    return judged(
        "the twin's Newton round, 5 sites, 3 open", value, "ms", goal=20.0, peer="plain round (ms)", peer_value=peer
    )


def _long_update() -> list[Figure]:
    from learning.threshold.federation import found

    parties = tuple(f"site_{number}" for number in range(5))
    layout = Layout(parties, LONG, slots=SLOTS, limbs=1, limb_bits=30)
    _, members, _ = found({party: Identity() for party in parties}, layout, 3, 1, 0.0)
    numbers = np.random.default_rng(2).integers(-layout.limit, layout.limit, LONG)
    client, commitments, size = members[parties[0]], {}, 0
    best = float("inf")
    for number in range(1, 4):
        clocks = Clocks()
        commitments = {p: one.commit(numbers, number) for p, one in members.items() if one is not client}
        commitments[client.party] = clocks.run(client.party, lambda number=number: client.commit(numbers, number))  # type: ignore[misc]
        size = len(client.reveal(commitments, number))
        best = min(best, clocks.slowest_ms())
    note = f"{LONG:,} whole numbers of {layout.limb_bits} bits, signed; the peer was measured elsewhere"
    return [
        judged(
            "upload of a long update",
            size / LONG,
            "bytes a number",
            goal=33.0,
            peer="NVFlare (bytes)",
            peer_value=NVFLARE_BYTES,
            note=note,
        ),
        Figure(
            "encryption of a long update at its site",
            best,
            "ms",
            "NVFlare (ms)",
            NVFLARE_MS,
            None,
            None,
            "; ".join(filter(None, (note, busy_note()))),
        ),
    ]
