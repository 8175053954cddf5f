"""What it costs that nobody holds the key: founding it, a round of the twin for 5 and for 500 parties, a long update.

Times are CPU milliseconds of the slowest party, and of the coordinator where it takes part: parties work in parallel.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np

from benchmarks.clocks import COORDINATOR, Clocks
from benchmarks.figures import Figure, judged, stated
from benchmarks.peers.beside_nvflare import nvflare
from learning import models
from learning.arrays import IntArray
from learning.crypto.identity import Identity
from learning.crypto.threshold.key import KeyShare
from learning.crypto.threshold.reference import common_reference
from learning.crypto.threshold.sealing import sealer
from learning.logistic import Logistic
from learning.protect import OnePass, protection
from learning.quantise import dequantise, quantise
from learning.threshold.federation import Threshold
from learning.threshold.founding import Founder
from learning.threshold.roster import Roster

FEATURES, ROWS = 8, 300
LONG, LONG_BITS, WIDE_BITS = 100_000, 15, 24
TRAINING_MS = 1000.0


def figures() -> list[Figure]:
    """Measure all figures of this part."""
    # SEAL is set up once for a process, whatever is measured then
    reference = common_reference(b"warm")
    sealer(reference, reference)
    KeyShare(reference)
    return [*_foundings(), *_twin_rounds(), *_long_updates(), _growth()]


def _foundings() -> list[Figure]:
    found = []
    for parties, needed, repeats, goal in ((5, 3, 7, 20.0), (50, 5, 3, 100.0), (500, 5, 1, None)):
        name = f"key generation, slowest of {parties} sites, {needed} open"
        value = min(_founding(parties, needed) for _ in range(repeats))
        found.append(stated(name, value, "ms") if goal is None else judged(name, value, "ms", goal=goal))
    return found


def _founding(count: int, needed: int) -> float:
    identities = {f"p{number:03}": Identity() for number in range(count)}
    roster = Roster({party: identity.public() for party, identity in identities.items()}, needed, 1)
    dealers, others = roster.dealers, roster.parties[needed:]
    gc.collect()
    clocks = Clocks()
    founders = {p: clocks.run(p, partial(Founder, p, roster, identities[p])) for p in roster.parties}
    commitments = clocks.each({p: founders[p].commit for p in dealers})
    reveals = clocks.each({p: partial(founders[p].reveal, commitments) for p in dealers})
    clocks.each({p: partial(founders[p].follow, commitments) for p in others})
    for dealer in (*others, *dealers):
        dealt = clocks.run(dealer, partial(founders[dealer].deal, reveals))
        for party, part in dealt.items():
            clocks.run(party, partial(founders[party].take, dealer, part))
    clocks.each({party: founder.join for party, founder in founders.items()})
    return clocks.slowest_ms


class Job(NamedTuple):
    """What parties compute in a round: their update, and what they do with the sum."""

    update: Callable[[str], IntArray]
    step: Callable[[IntArray], object]


def under_threshold(hidden: Threshold, job: Job, number: int) -> Clocks:
    """One round of a federation step by step, every party on a clock of its own."""
    clocks, ends, board, parties = Clocks(), hidden.clients, hidden.coordinator, hidden.parties
    quorum, others = parties[: hidden.threshold], parties[hidden.threshold :]
    wires = {p: clocks.run(p, lambda p=p: ends[p].commit(job.update(p), number)) for p in parties}  # type: ignore[misc]
    commitments = clocks.run(COORDINATOR, partial(board.commitments, wires, number))
    shown = clocks.each({p: partial(ends[p].reveal, commitments, number) for p in parties})
    posted = clocks.run(COORDINATOR, partial(board.updates, shown, number))
    clocks.each({p: partial(ends[p].receive, posted, number) for p in quorum})
    answers = clocks.each({p: partial(ends[p].answer, quorum, number) for p in quorum})
    partials = clocks.run(COORDINATOR, partial(board.partials, answers, quorum, number))
    for party in quorum:
        clocks.run(party, lambda party=party: job.step(ends[party].open(partials, number)))  # type: ignore[misc]
    words = clocks.each({p: partial(ends[p].tell, number) for p in quorum})
    told = clocks.run(COORDINATOR, partial(board.sums, words, quorum, number))
    for party in others:
        clocks.run(party, lambda party=party: job.step(ends[party].learn(told, quorum, number)))  # type: ignore[misc]
    return clocks


def in_plain(plain: OnePass, job: Job, number: int) -> Clocks:
    """The same round without secrecy."""
    clocks, ends, parties = Clocks(), plain.clients, plain.parties
    wires = {p: clocks.run(p, lambda p=p: ends[p].seal(job.update(p), number)) for p in parties}  # type: ignore[misc]
    down = clocks.run(COORDINATOR, partial(plain.coordinator.combine, wires, number))
    for party in parties:
        clocks.run(party, lambda party=party: job.step(ends[party].open(down[party], number)))  # type: ignore[misc]
    return clocks


def pair(parties: Sequence[str], values: int, needed: int, bits: int | None = None) -> tuple[Threshold, OnePass]:
    """The same parties with and without secrecy."""
    hidden = protection("threshold", parties, values, needed=needed, bits=bits)
    plain = protection("plain", parties, values, bits=bits)
    assert isinstance(hidden, Threshold)
    assert isinstance(plain, OnePass)
    return hidden, plain


def _newton(parties: Sequence[str]) -> Job:
    """The twin's own Newton round, from the labelled cores to the next weights."""
    generator = np.random.default_rng(1)
    rows = {p: (generator.normal(size=(ROWS, FEATURES)), generator.integers(0, 2, ROWS).astype(float)) for p in parties}
    learner = Logistic(rounds=1, ridge=1.0)
    state = learner.init(FEATURES)

    def update(party: str) -> IntArray:
        found = models.flatten(models.statistics(state.weights, *rows[party]))
        return quantise(found, party=party, parties=len(parties))

    return Job(update, lambda total: learner.apply(state, dequantise(total)))


def _twin_rounds() -> list[Figure]:
    found, server = [], {}
    for count, needed, repeats, goal in ((5, 3, 15, 20.0), (50, 5, 2, None), (500, 5, 1, 2000.0)):
        parties = [f"site_{number:03}" for number in range(count)]
        hidden, plain = pair(parties, models.numbers(FEATURES), needed)
        job = _newton(parties)
        pairs = [
            (under_threshold(hidden, job, number), in_plain(plain, job, number)) for number in range(1, repeats + 2)
        ]
        value, peer = (min(clocks.slowest_ms for clocks in side) for side in zip(*pairs, strict=True))
        server[count] = min(clocks.server_ms for clocks, _ in pairs) / count
        name = f"the twin's Newton round, {count} sites, {needed} open"
        if goal is None:
            found.append(stated(name, value, "ms", peer="plain round (ms)", peer_value=peer))
        else:
            found.append(judged(name, value, "ms", goal=goal, peer="plain round (ms)", peer_value=peer))
    note = "coordinator's time for each party; linear is a ratio of one"
    ratio = server[500] / server[50]
    found.append(
        judged(
            "coordinator, 500 sites over 50, for each", ratio, "ratio", goal=1.5, peer="50 sites (ms a site)",
            peer_value=server[50], note=note,
        )
    )  # fmt: skip
    return found


def _long_updates() -> list[Figure]:
    parties = [f"site_{number}" for number in range(5)]
    hidden, plain = pair(parties, LONG, 3, LONG_BITS)
    job = _random(parties, hidden.layout.limit)
    pairs = [(under_threshold(hidden, job, number), in_plain(plain, job, number)) for number in range(1, 5)]
    value, peer = (min(clocks.slowest_ms for clocks in side) for side in zip(*pairs, strict=True))
    theirs = nvflare()
    note = f"{LONG:,} whole numbers of {LONG_BITS} bits, signed; {theirs.note}"
    sealed = [_sealed(hidden, job, number, prepared=False) for number in range(5, 9)]
    ready = [_sealed(hidden, job, number, prepared=True) for number in range(9, 13)]
    short, wide = _uploaded(hidden), _uploaded(pair(parties, LONG, 3, WIDE_BITS)[0])
    full = _uploaded(pair(parties, LONG, 3)[0])
    unit, peer_bytes = "bytes a number", "NVFlare (bytes)"
    return [
        judged(
            "upload of a long update", short, unit, goal=17.0, peer=peer_bytes, peer_value=theirs.bytes, note=note
        ),
        judged(
            f"upload, numbers of {WIDE_BITS} bits", wide, unit, goal=17.0, peer=peer_bytes, peer_value=theirs.bytes,
            note=theirs.note,
        ),
        judged(
            "upload, numbers of 51 bits", full, unit, goal=33.0, peer=peer_bytes, peer_value=theirs.bytes,
            note=theirs.note,
        ),
        stated(
            "encryption of a long update at its site", min(sealed), "ms", peer="NVFlare (ms)",
            peer_value=theirs.client_ms, note=f"compact aims at 6 ms; {note}",
        ),
        stated(
            "the same, noughts sealed while the site trains",
            min(ready),
            "ms",
            peer="NVFlare (ms)",
            peer_value=theirs.client_ms,
            note=f"compact aims at 6 ms; {theirs.note}",
        ),
        stated("a round of a long update, 5 sites, 3 open", value, "ms", peer="plain round (ms)", peer_value=peer),
        judged(
            "private share of that round beside 1 s of training", 100 * value / (TRAINING_MS + value), "%", goal=10.0,
            peer="NVFlare (%)", peer_value=theirs.share, note=theirs.note,
        ),
    ]  # fmt: skip


def _random(parties: Sequence[str], limit: int) -> Job:
    generator = np.random.default_rng(2)
    numbers = {party: generator.integers(-limit, limit + 1, LONG) for party in parties}
    return Job(lambda party: numbers[party], lambda total: total)


def _sealed(hidden: Threshold, job: Job, number: int, *, prepared: bool) -> float:
    clocks, party = Clocks(), hidden.parties[0]
    if prepared:
        hidden.clients[party].prepare()
    clocks.run(party, lambda: hidden.clients[party].commit(job.update(party), number))
    return clocks.slowest_ms


def _growth() -> Figure:
    """Memory that 1,000 rounds leave behind, keys renewed on the way."""
    hidden = pair(["a", "b"], 56, 2)[0]
    numbers = {party: np.arange(56) for party in hidden.parties}
    for number in range(1, 101):
        hidden.total(numbers, number=number, day=0.0)
    before = _resident()
    for number in range(101, 1101):
        if number % 250 == 0:
            hidden.rotate()
        hidden.total(numbers, number=number, day=0.0)
    note = "two sites in one process, four new keys"
    return judged("growth of the process over 1,000 rounds", (_resident() - before) / 1e6, "MB", goal=5.0, note=note)


def _resident() -> int:
    gc.collect()
    return int(Path("/proc/self/statm").read_text(encoding="utf-8").split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _uploaded(hidden: Threshold) -> float:
    """Bytes of one party's signed update, per number."""
    number = 1 + max(end.sealed_round for end in hidden.clients.values())
    zeros = {party: np.zeros(LONG, dtype=np.int64) for party in hidden.parties}
    rows = hidden.total(zeros, number=number, day=0.0).crossings
    return next(row.bytes for row in rows if row.purpose == "update") / LONG
