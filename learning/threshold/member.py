"""One party's end of a round: it helps to open only a sum that it computed itself.

A round has five steps, each taken once and in order. `commit` signs a hash of the ciphertexts. `reveal` shows them once
every party has committed: who saw the others' first could make its own out of theirs, and cancel them. `receive` checks
every signature and commitment and adds up the ciphertexts. `answer` gives the partial decryption of that sum and of no
other. `open` fuses the answers. Everything a party signs names all it has seen before, so two parties that were shown
different things find out before either has answered.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NoReturn

import numpy as np

from learning.arrays import IntArray
from learning.crypto.envelope import Header, wrap
from learning.crypto.slots import Layout
from learning.crypto.threshold.key import fuse
from learning.crypto.threshold.parameters import PARAMETERS, SCALE_BITS
from learning.crypto.threshold.ring import DATA_PRIMES, DEGREE, PRIMES, Ring
from learning.crypto.threshold.seal import seal
from learning.crypto.vectors import summed
from learning.ends import Terms, frame, unframe
from learning.faults import ProtectionError, SenderError
from learning.threshold.founding import Membership
from learning.threshold.roster import Roster, digest, posted


@dataclass(repr=False)
class _Round:
    """Where a party stands in its newest round."""

    number: int
    payload: bytes
    context: str
    """Digest of all that was seen so far."""
    step: str = "reveal"
    commitments: dict[str, bytes] = field(default_factory=dict)
    sums: list[tuple[Ring, Ring]] = field(default_factory=list)
    quorum: tuple[str, ...] = ()


class Member:
    """One party's end. Holds state: its membership, and its newest round."""

    def __init__(self, layout: Layout, membership: Membership, sealed_round: int = 0) -> None:
        self.party, self.roster = membership.party, membership.roster
        self.parties = layout.parties
        """Whose updates are summed: the roster, or those of it that all of them agreed to go on with."""
        self.terms = terms_of(layout, self.roster, membership.key)
        self._held = membership
        self.sealed_round = sealed_round
        self._round: _Round | None = None
        self._handed_over = False

    def __repr__(self) -> str:
        return f"Member({self.party!r}, key {self.roster.epoch}, round {self.sealed_round})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("Member holds secrets and cannot be pickled or copied")

    def among(self, layout: Layout) -> Member:
        """Return this party's end for sums over the parties of `layout` alone, under the same key.

        A decision of the party, never of the coordinator: who may choose whose updates are summed reads differences.
        This end takes no further step, or one round could be answered twice.
        """
        self._handed_over, self._round = True, None
        return Member(layout, self._held, self.sealed_round)

    @property
    def left(self) -> int:
        """Ciphertexts that this party may still help to open under the present key."""
        return self._held.share.left()

    def commit(self, numbers: IntArray, number: int) -> bytes:
        """Return the signed commitment to an update for round `number`; the update itself stays here.

        Raises ProtectionError naming the party for a value out of range and for a round that is not newer.
        """
        if self._handed_over:
            raise ProtectionError(f"{self.party!r} sums over other parties now", (self.party,))
        if number <= self.sealed_round:
            raise ProtectionError(f"{self.party!r} has already sealed round {self.sealed_round}", (self.party,))
        payload = frame([self._sealed(slots) for slots in self.terms.layout.spread(numbers, self.party)])
        self._round, self.sealed_round = _Round(number, payload, self.terms.digest()), number
        return self._signed("commitment", _commitment(self.party, payload))

    def reveal(self, commitments: Mapping[str, bytes], number: int) -> bytes:
        """Return the signed update of round `number`, now that every party has committed to its own."""
        current = self._at("reveal", number)
        current.commitments = self._posted(commitments, "commitment", self.parties)
        current.context = digest(current.context, *(current.commitments[party] for party in self.parties))
        current.step = "receive"
        return self._signed("update", current.payload)

    def receive(self, updates: Mapping[str, bytes], number: int) -> None:
        """Check every update of round `number` and add them up here.

        Raises SenderError naming a party whose signed update is not the one it committed to or cannot be read, and the
        other faults of `posted`. A refused call changes nothing.
        """
        current = self._at("receive", number)
        payloads = self._posted(updates, "update", self.parties)
        for party, payload in payloads.items():
            if _commitment(party, payload) != current.commitments[party]:
                raise SenderError(party, "its update is not the one it committed to")
        slots = self.terms.layout.slot_counts()
        chunks = {party: unframe(payload, party, len(slots)) for party, payload in payloads.items()}
        current.sums = [
            self._sum({party: chunks[party][index] for party in chunks}, count) for index, count in enumerate(slots)
        ]
        # the context names the commitments already, and they leave no choice of updates
        current.step = "answer"

    def answer(self, quorum: Sequence[str], number: int) -> bytes:
        """Return this party's partial decryption of the sum that it computed in `receive`, closed for the coordinator.

        quorum: the parties that open together; this one among them. One answer a round, whatever is asked. Raises
        ProtectionError for a quorum of another size or of strangers, and once the key has opened all that it may.
        """
        current = self._at("answer", number)
        self._check_quorum(quorum)
        if self.party not in quorum:
            raise ProtectionError(f"{self.party!r} is not of the quorum {', '.join(quorum)}", (self.party,))
        if self.left < len(current.sums):
            raise ProtectionError(
                f"{self.party!r}: the key has {self.left} openings left, not {len(current.sums)}; a new key is due",
                (self.party,),
            )
        self._take_quorum(current, quorum)
        places = [self.roster.place(party) for party in current.quorum]
        own = self.roster.place(self.party)
        bare = [self._held.share.partial(c1, own, places) for _, c1 in current.sums]
        masked = [
            self._held.pairs.mask(part, current.quorum, digest("mask", current.context, str(index)).encode())
            for index, part in enumerate(bare)
        ]
        payload = frame([part.tobytes() for part in masked])
        return self._signed("partial", self._held.group.hide(payload, self._purpose(self.party)))

    def watch(self, quorum: Sequence[str], number: int) -> None:
        """Take note of the quorum of a round that this party opens without answering."""
        current = self._at("answer", number)
        self._check_quorum(quorum)
        self._take_quorum(current, quorum)

    def open(self, partials: Mapping[str, bytes], number: int) -> IntArray:
        """Return the exact sum of all parties' updates of round `number`.

        Raises SenderError naming a party whose signed partial decryption is not one, RoundError for a sum that fails
        its checks.
        """
        current = self._at("open", number)
        payloads = self._posted(partials, "partial", current.quorum)
        parts = [self._parts(party, payloads[party]) for party in current.quorum]
        layout = self.terms.layout
        opened = [
            seal().decode(fuse(c0, [part[index] for part in parts]))[: layout.slot_counts()[index]]
            for index, (c0, _) in enumerate(current.sums)
        ]
        current.step = "done"
        return layout.gather(opened)

    def _sealed(self, slots: IntArray) -> bytes:
        import tenseal as ts

        written: bytes = ts.ckks_vector(self._held.context, slots.astype(np.float64)).serialize()
        return written

    def _sum(self, ciphertexts: Mapping[str, bytes], slots: int) -> tuple[Ring, Ring]:
        return seal().halves(summed(self._held.context, ciphertexts, slots, SCALE_BITS).ciphertext()[0])

    def _check_quorum(self, quorum: Sequence[str]) -> None:
        threshold, strangers = self.roster.threshold, sorted(set(quorum) - set(self.parties))
        if strangers or len(set(quorum)) != threshold or len(quorum) != threshold:
            named = ", ".join(quorum)
            raise ProtectionError(f"{threshold} different parties of the roster open a sum, not {named}", strangers)

    def _take_quorum(self, current: _Round, quorum: Sequence[str]) -> None:
        current.quorum = tuple(sorted(quorum))
        current.context = digest(current.context, *current.quorum)
        current.step = "open"

    def _parts(self, party: str, payload: bytes) -> list[Ring]:
        layout, moduli = self.terms.layout, np.array(PRIMES[:DATA_PRIMES], dtype=np.uint64)[:, None]
        try:
            shown = self._held.group.show(payload, self._purpose(party))
        except ValueError as fault:
            raise SenderError(party, str(fault)) from None
        parts = []
        for part in unframe(shown, party, len(layout.slot_counts())):
            if len(part) != 8 * DATA_PRIMES * DEGREE:
                raise SenderError(party, "its partial decryption has another size")
            words = np.frombuffer(part, dtype="<u8").reshape(DATA_PRIMES, DEGREE)
            if not (words < moduli).all():
                raise SenderError(party, "its partial decryption is no polynomial")
            parts.append(words)
        return parts

    def _purpose(self, party: str) -> bytes:
        assert self._round is not None
        return digest("partial", party, self._round.context).encode()

    def _signed(self, purpose: str, payload: bytes) -> bytes:
        return wrap(self._header(self.party, purpose), payload, self._held.identity)

    def _posted(self, wires: Mapping[str, bytes], purpose: str, expected: Sequence[str]) -> dict[str, bytes]:
        return posted(wires, self.roster, expected, lambda party: self._header(party, purpose))

    def _header(self, sender: str, purpose: str) -> Header:
        assert self._round is not None
        return self.roster.header(sender, purpose, self._round.number, self._round.context, self.terms.budget())

    def _at(self, step: str, number: int) -> _Round:
        """Return the round if this party is at this step of it."""
        if self._round is None or self._round.number != number or self._round.step != step:
            found = "no round" if self._round is None else f"round {self._round.number}, {self._round.step}"
            raise ProtectionError(f"{self.party!r} is at {found}, not at round {number}, {step}", (self.party,))
        return self._round


def terms_of(layout: Layout, roster: Roster, key: str) -> Terms:
    """Return what everything signed under a key stands on; key: its digest, see `Membership`."""
    return Terms("threshold", layout, f"{PARAMETERS}, roster {roster.digest()}, key {key}", SCALE_BITS)


def _commitment(party: str, payload: bytes) -> bytes:
    # the name is hashed with it, so that a copied commitment commits to nothing
    return digest("commitment", party, payload).encode()
