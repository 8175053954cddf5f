"""One party's end of a compact round: what it sends is masked, and it helps to take masks off one list a round.

A round has five steps, each taken once and in order. `deal` draws fresh secrets and gives a share of each to every
neighbour, through the coordinator. `seal` packs, checks, masks and encrypts the update, given who is there. `agree`
signs the list of those whose updates came. `reveal` gives what takes masks off the sum over that list, once enough have
signed the same one. `open` decrypts the sum and checks it.

Who is there and who is on the list is in what a party signs. Who falls silent before it signs the list has signed with
its update for whom it masked: without that, a coordinator that told it of other parties than the rest would get its
update with the masks of its choice missing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, NoReturn

import numpy as np

from learning.arrays import IntArray
from learning.compact.founding import Membership
from learning.compact.round_secrets import Piece, RoundSecrets, commit, piece_payload, read_piece
from learning.crossings import COORDINATOR
from learning.crypto.compact.field import Words, add
from learning.crypto.compact.parameters import DEGREE
from learning.crypto.envelope import unwrap, wrap
from learning.ends import frame, unframe
from learning.faults import ProtectionError, RoundError, SenderError
from learning.threshold.roster import digest, posted


class Sealed(NamedTuple):
    """Two envelopes: the update, and whom it was masked for."""

    update: bytes
    presence: bytes


@dataclass(repr=False)
class _Round:
    """Where a party stands in its newest round."""

    number: int
    secrets: RoundSecrets
    context: str
    """Digest of all that was agreed so far."""
    step: str = "seal"
    present: tuple[str, ...] = ()
    included: tuple[str, ...] = ()
    pieces: dict[str, Piece] = field(default_factory=dict)


class Member:
    """One party's end. Holds state: its membership, its newest round, and how many sums did not open."""

    def __init__(self, held: Membership, sealed_round: int = 0) -> None:
        self.party, self.agreed, self._held = held.party, held.agreed, held
        self.sealed_round = sealed_round
        self.failures = 0
        self._round: _Round | None = None

    def __repr__(self) -> str:
        return f"Member({self.party!r}, key {self.agreed.roster.epoch}, round {self.sealed_round})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("Member holds secrets and cannot be pickled or copied")

    def deal(self, number: int) -> bytes:
        """Return the signed envelope of what this party deals for round `number`: commitments, vault, pieces.

        Raises ProtectionError naming the party for a round that is not newer.
        """
        if number <= self.sealed_round:
            raise ProtectionError(f"{self.party!r} has already sealed round {self.sealed_round}", (self.party,))
        # whoever watches a party refuse crafted sums learns of the key
        if self.failures:
            raise ProtectionError(f"{self.party!r}: a sum did not open; a new key is due", (self.party,))
        drawn = RoundSecrets(self.party, self._held.masks, number)
        context = self.agreed.digest()
        pieces = drawn.pieces(self.agreed.rules.needed)
        closed = [
            self._held.channels[other].hide(piece_payload(pieces[other]), piece_purpose(self.party, other, number))
            for other in sorted(pieces)
        ]
        vault = drawn.closed_vault(vault_purpose(self.party, number))
        self._round, self.sealed_round = _Round(number, drawn, context), number
        return self._signed("mask shares", frame([commit(drawn, pieces), vault, *closed]))

    def seal(self, numbers: IntArray, present: Sequence[str], pieces: Mapping[str, bytes], number: int) -> Sealed:
        """Return the signed update of round `number`, masked and encrypted, and for whom.

        present: all who dealt. pieces: what the neighbours among them closed for this party. Raises ProtectionError
        for too few of them or an update out of range, RoundError for a piece that does not open.
        """
        current, packing = self._at("seal", number), self.agreed.packing
        present = self._listed(present)
        neighbours = [other for other in self.agreed.rules.graph.neighbours(self.party) if other in present]
        packed = packing.pack(numbers, self.party)
        kept = {other: self._piece(other, pieces.get(other, b""), number) for other in neighbours}
        checksums = self._held.checks.checksums(packed, number, [self.party])
        mask = current.secrets.mask(len(packed) * DEGREE, packing.modulus, neighbours)
        shown = add(np.column_stack([packed, checksums]), mask.reshape(len(packed), DEGREE), packing.modulus)
        payload = frame(self._held.sealing.seal(shown))
        current.present, current.pieces = present, kept
        current.context = digest(current.context, *present)
        current.step = "agree"
        return Sealed(self._signed("update", payload), self._signed("presence", b""))

    def agree(self, included: Sequence[str], number: int) -> bytes:
        """Return this party's signature under the list of those whose updates came. It signs one list a round.

        Raises ProtectionError for a list that it must not help to open: too short, without this party, or such that
        the masks of those on it no longer hold.
        """
        current = self._at("agree", number)
        included = self._listed(included)
        if late := sorted(set(included) - set(current.present)):
            raise ProtectionError(f"{', '.join(late)} dealt no shares for round {number}", late)
        current.included = included
        current.context = digest(current.context, *included)
        current.step = "reveal"
        return self._signed("agreement", b"")

    def reveal(self, agreements: Mapping[str, bytes], presences: Mapping[str, bytes], number: int) -> bytes:
        """Return what takes masks off the sum over the agreed list, now that enough have signed it.

        presences: what those on the list signed with their updates that have not signed the list. Raises
        ProtectionError for too few signatures, SenderError or RoundError for a wrong one.
        """
        current = self._at("reveal", number)
        self._check_quorum(agreements, presences, current)
        graph = self.agreed.rules.graph
        opened = [
            (current.pieces[other].own if other in current.included else current.pieces[other].vault)
            if other in current.pieces
            else b""
            for other in graph.neighbours(self.party)
        ]
        current.step = "open"
        return self._signed("mask opening", frame([current.secrets.own, *opened]))

    def open(self, wire: bytes, number: int) -> IntArray:
        """Return the exact sum of round `number` over the agreed list, once, whatever the ciphertext turns out to hold.

        Who could hand in one after another would learn of the key from each refusal. Raises SenderError blaming the
        coordinator for what its envelope proves, RoundError for a sum that fails its checks.
        """
        current, packing = self._at("open", number), self.agreed.packing
        expected = self.agreed.header(COORDINATOR, "sum", number, current.context)
        chunks = unframe(unwrap(wire, expected, self._held.coordinator), COORDINATOR, packing.ciphertexts)
        current.step = "done"
        try:
            shown = self._held.sealing.open(chunks)
        except (ValueError, RuntimeError) as fault:
            raise SenderError(COORDINATOR, str(fault)) from None
        try:
            numbers = self._checked(shown, number, current.included)
        except ValueError as fault:
            self.failures += 1
            raise RoundError(str(fault), (*current.present, COORDINATOR)) from None
        return numbers

    def _checked(self, shown: Words, number: int, included: Sequence[str]) -> IntArray:
        packed, checksums = shown[:, :-1], shown[:, -1]
        if not np.array_equal(checksums, self._held.checks.checksums(packed, number, included)):
            raise ValueError("the checksum of the sum is wrong")
        return self.agreed.packing.unpack(packed, len(included))

    def _listed(self, parties: Sequence[str]) -> tuple[str, ...]:
        """Return a list of parties in order of their names, if a sum over them may be opened and this party is in."""
        listed = tuple(sorted(set(parties)))
        self.agreed.rules.check(listed)
        if self.party not in listed:
            raise ProtectionError(f"{self.party!r} is not among {', '.join(listed)}", (self.party,))
        return listed

    def _piece(self, other: str, closed: bytes, number: int) -> Piece:
        try:
            shown = self._held.channels[other].show(closed, piece_purpose(other, self.party, number))
        except ValueError as fault:
            told = f"the share that {other!r} dealt to {self.party!r}: {fault}"
            raise RoundError(told, (other, COORDINATOR)) from None
        return read_piece(shown, other)

    def _check_quorum(self, agreements: Mapping[str, bytes], presences: Mapping[str, bytes], current: _Round) -> None:
        number, signers = current.number, sorted(agreements)
        quiet = sorted(set(current.included) - set(signers))
        if strangers := sorted(set(signers) - set(current.included)):
            raise ProtectionError(f"{', '.join(strangers)}: not on the list of round {number}", strangers)
        if len(signers) < self.agreed.rules.quorum:
            raise ProtectionError(
                f"{len(signers)} parties signed the list of round {number}, {self.agreed.rules.quorum} are needed",
                quiet,
            )
        lists = digest(self.agreed.digest(), *current.present)
        roster = self.agreed.roster
        others = {party: wire for party, wire in agreements.items() if party != self.party}
        posted(
            others,
            roster,
            sorted(others),
            lambda party: self.agreed.header(party, "agreement", number, current.context),
        )
        posted(presences, roster, quiet, lambda party: self.agreed.header(party, "presence", number, lists))

    def _signed(self, purpose: str, payload: bytes) -> bytes:
        assert self._round is not None
        return wrap(
            self.agreed.header(self.party, purpose, self._round.number, self._round.context),
            payload,
            self._held.identity,
        )

    def _at(self, step: str, number: int) -> _Round:
        """Return the round if this party is at this step of it."""
        if self._round is None or self._round.number != number or self._round.step != step:
            found = "no round" if self._round is None else f"round {self._round.number}, {self._round.step}"
            raise ProtectionError(f"{self.party!r} is at {found}, not at round {number}, {step}", (self.party,))
        return self._round


def piece_purpose(sender: str, holder: str, number: int) -> bytes:
    """Return what a piece is closed for."""
    return digest("mask share", sender, holder, str(number)).encode()


def vault_purpose(party: str, number: int) -> bytes:
    """Return what a vault is closed for."""
    return digest("vault", party, str(number)).encode()
