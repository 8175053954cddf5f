"""What masked, packed sums cost: a long update of 8 and of 16 bits, the twin's own round, many parties.

Times are CPU milliseconds of the slowest party and of the coordinator one after the other, parties in parallel, keys
ready. The peer is high-level TenSEAL's CKKS on the same job in the same run; NVFlare's classes need an environment of
their own, so their figures are stated.
"""

from __future__ import annotations

from collections.abc import Mapping
from time import process_time
from typing import Any, NamedTuple, cast

import numpy as np

from benchmarks.figures import Figure, judged, stated
from benchmarks.peers.beside_nvflare import nvflare
from learning.arrays import IntArray
from learning.compact.federation import Compact, compact
from learning.crypto.compact.packing import dense
from learning.crypto.slots import Layout

LONG = 100_000
TRAINING_MS = 1000.0
REPEATS = 12


class Spent(NamedTuple):
    """CPU milliseconds of one round, and its bytes."""

    seal: float
    """From the update to the envelope, at one party."""
    party: float
    """All of a party's steps, the slowest party."""
    coordinator: float
    upload: int

    @property
    def total(self) -> float:
        """Slowest party and coordinator."""
        return self.party + self.coordinator


def figures() -> list[Figure]:
    """Measure all figures of the suite."""
    eight, sixteen, tenseal = _long(8), _long(16), _tenseal()
    other = nvflare()
    theirs = f"NVFlare: {other.bytes:.1f} B and {other.client_ms:.1f} ms; {other.note}"
    share, peer_share = (100 * spent.total / (spent.total + TRAINING_MS) for spent in (eight, tenseal))
    rows = [
        judged(
            "compact: upload of a long update, 8 bits",
            eight.upload / LONG,
            "bytes a number",
            goal=3.2,
            peer="TenSEAL CKKS",
            peer_value=tenseal.upload / LONG,
            note=f"{LONG:,} whole numbers from -127 to 127 on a public grid, 5 parties; {theirs}",
        ),
        judged(
            "compact: client encryption of it, masks included",
            eight.seal,
            "ms",
            goal=6.0,
            peer="TenSEAL CKKS",
            peer_value=tenseal.seal,
            note="packing, checksum, five masks, encryption, two signatures",
        ),
        judged(
            "compact: private share of a round, 1 s of training",
            share,
            "%",
            goal=2.0,
            peer="TenSEAL CKKS",
            peer_value=peer_share,
            note=f"dealing, sealing, list, opening, and the coordinator; NVFlare: {other.share:.1f} %",
        ),
        stated("compact: upload of a long update, 16 bits", sixteen.upload / LONG, "bytes a number"),
        stated("compact: client encryption of it", sixteen.seal, "ms"),
        stated("compact: private share of its round", 100 * sixteen.total / (sixteen.total + TRAINING_MS), "%"),
    ]
    return [*rows, *_twin()]


def _twin() -> list[Figure]:
    from learning.models import numbers

    rows = []
    for parties, repeats in ((5, REPEATS), (500, 1)):
        one = _federation(Layout(_names(parties), numbers(8)))
        spent = _best(one, repeats)
        kept = f"{one.rules.graph.degree} neighbours, {one.rules.traitors} traitors"
        note = f"{kept}, coordinator {spent.coordinator:.0f} ms"
        rows.append(stated(f"compact: the twin's statistics, {parties} parties", spent.total, "ms", note=note))
    return rows


def _names(count: int) -> tuple[str, ...]:
    return tuple(f"site_{number:03}" for number in range(count))


def _federation(layout: Layout) -> Compact:
    return cast(Compact, compact(dense(layout), 0.0))


def _long(bits: int) -> Spent:
    return _best(_federation(Layout(_names(5), LONG, bits=bits)), REPEATS)


def _best(one: Compact, repeats: int) -> Spent:
    found = [_round(one, number) for number in range(1, repeats + 2)][1:]
    return Spent(*(min(spent) for spent in zip(*found, strict=True)))


class _Clock:
    """CPU seconds of each party, and of the coordinator."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = {}

    def run(self, who: str, work: Any, *given: Any) -> Any:
        begin = process_time()
        found = work(*given)
        self.spent[who] = self.spent.get(who, 0.0) + process_time() - begin
        return found


def _round(one: Compact, number: int) -> Spent:
    generator, limit = np.random.default_rng(number), one.layout.limit
    updates: Mapping[str, IntArray] = {
        party: generator.integers(-limit, limit, one.layout.values) for party in one.parties
    }
    clock, board, ends = _Clock(), one.coordinator, one.clients
    dealt = {party: clock.run(party, ends[party].deal, number) for party in ends}
    handed = clock.run("", board.deal, dealt, number)
    before = dict(clock.spent)
    sealed = {party: clock.run(party, ends[party].seal, updates[party], *handed[party], number) for party in ends}
    seal = max(clock.spent[party] - before[party] for party in ends)
    included = clock.run("", board.collect, sealed, number)
    signed = {party: clock.run(party, ends[party].agree, included, number) for party in ends}
    agreements = clock.run("", board.agreements, signed, number)
    shown = {party: clock.run(party, ends[party].reveal, *agreements, number) for party in ends}
    down = clock.run("", board.total, shown, number)
    for party in ends:
        clock.run(party, ends[party].open, down[party], number)
    coordinator = clock.spent.pop("")
    upload = max(len(one.update) + len(one.presence) for one in sealed.values())
    return Spent(1e3 * seal, 1e3 * max(clock.spent.values()), 1e3 * coordinator, upload)


def _tenseal() -> Spent:
    """The same job as one would write it: vectors under one key, summed, decrypted."""
    import tenseal as ts

    context = ts.context(ts.SCHEME_TYPE.CKKS, 8192, -1, [60, 60], ts.ENCRYPTION_TYPE.SYMMETRIC, n_threads=1)
    context.global_scale = 2.0**40
    updates = np.random.default_rng(0).integers(-127, 127, (5, LONG)).astype(float)
    chunks = [range(start, min(LONG, start + 4096)) for start in range(0, LONG, 4096)]

    def sealed(update: Any) -> list[bytes]:
        return [ts.ckks_vector(context, update[chunk.start : chunk.stop]).serialize() for chunk in chunks]

    found = []
    for _ in range(3):
        clock = _Clock()
        wires = [clock.run(f"seal {index}", sealed, update) for index, update in enumerate(updates)]
        down = clock.run("", lambda wires=wires: [_added(ts, context, parts) for parts in zip(*wires, strict=True)])
        clock.run("open", lambda down=down: [ts.ckks_vector_from(context, one).decrypt() for one in down])
        seal = max(spent for who, spent in clock.spent.items() if who.startswith("seal"))
        party, upload = seal + clock.spent["open"], sum(map(len, wires[0]))
        found.append(Spent(1e3 * seal, 1e3 * party, 1e3 * clock.spent[""], upload))
    return Spent(*(min(spent) for spent in zip(*found, strict=True)))


def _added(ts: Any, context: Any, parts: tuple[bytes, ...]) -> bytes:
    total = ts.ckks_vector_from(context, parts[0])
    for part in parts[1:]:
        total = total + ts.ckks_vector_from(context, part)
    written: bytes = total.serialize()
    return written
