"""The coordinator's end of a compact round: it carries, sums what it cannot read, and takes the masks off the sum.

What a signed envelope proves is blamed on its party. Of what is dealt and given back every share is committed to, so a
false one is told from a true one. What a vault holds is seen when it is needed: a dealer of false seeds spoils the sum
of the round in which it falls silent, and the checksum shows it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, NoReturn

import numpy as np

from learning.compact.member import Sealed, vault_purpose
from learning.compact.round_secrets import Commitments, hashed, own_mask, read_commitments, with_pair
from learning.compact.terms import Agreed
from learning.crossings import COORDINATOR
from learning.crypto import sharing
from learning.crypto.compact.bfv import scheme
from learning.crypto.compact.field import SEED_BYTES, Words, add
from learning.crypto.compact.parameters import DEGREE
from learning.crypto.envelope import unwrap, wrap
from learning.crypto.group import GroupKey
from learning.crypto.identity import Identity
from learning.ends import frame, unframe
from learning.faults import ProtectionError, RoundError, SenderError
from learning.threshold.roster import digest


class Handed(NamedTuple):
    """What a party gets before it seals."""

    present: tuple[str, ...]
    pieces: Mapping[str, bytes]


class _Dealt(NamedTuple):
    commitments: Commitments
    vault: bytes
    pieces: Mapping[str, bytes]


@dataclass
class _Round:
    number: int
    context: str
    """Digest of all that was agreed so far."""
    dealt: Mapping[str, _Dealt]
    step: str = "collect"
    included: tuple[str, ...] = ()
    masked: str = ""
    """What it was when the parties masked."""
    presences: Mapping[str, bytes] = field(default_factory=dict)
    sums: list[Any] = field(default_factory=list)


class Board:
    """Who carries and sums. Holds state: the round it is at; its signing key, and no key to an update or a sum."""

    def __init__(self, agreed: Agreed, identity: Identity, summed_round: int = 0) -> None:
        self.agreed, self._identity = agreed, identity
        self.summed_round = summed_round
        """The last round that went through whole."""
        self._round: _Round | None = None

    def __repr__(self) -> str:
        return f"Board(key {self.agreed.roster.epoch}, round {self.summed_round})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("Board holds secrets and cannot be pickled or copied")

    def deal(self, wires: Mapping[str, bytes], number: int) -> dict[str, Handed]:
        """Return for each party that dealt who else did, and what its neighbours closed for it.

        Raises SenderError naming the party whose envelope is wrong, ProtectionError for too few parties or a round
        that is not newer. So do the steps that follow. A refused call changes nothing.
        """
        parties = self.agreed.rules.graph.parties
        if number <= self.summed_round:
            raise ProtectionError(f"round {self.summed_round} is already summed, {number} is not newer", parties)
        if self._round is not None and number <= self._round.number:
            raise ProtectionError(f"round {self._round.number} is under way, {number} is not newer", parties)
        self.agreed.rules.check(wires)
        present, context = tuple(sorted(wires)), self.agreed.digest()
        payloads = self._checked(wires, "mask shares", number, context)
        dealt = {party: self._dealt(party, payload) for party, payload in payloads.items()}
        self._round = _Round(number, digest(context, *present), dealt)
        return {
            party: Handed(present, {other: one.pieces[party] for other, one in dealt.items() if party in one.pieces})
            for party in present
        }

    def collect(self, sealed: Mapping[str, Sealed], number: int) -> tuple[str, ...]:
        """Return the list of those whose updates came, after adding them up."""
        current = self._at("collect", number)
        self._refuse_strangers(sealed, current.dealt)
        self.agreed.rules.check(sealed)
        updates = {party: one.update for party, one in sealed.items()}
        payloads = self._checked(updates, "update", number, current.context)
        count = self.agreed.packing.ciphertexts
        chunks = {party: unframe(payload, party, count) for party, payload in payloads.items()}
        current.sums = [self._sum({party: chunks[party][index] for party in chunks}) for index in range(count)]
        current.included, current.masked = tuple(sorted(sealed)), current.context
        current.presences = {party: one.presence for party, one in sealed.items()}
        current.context = digest(current.context, *current.included)
        current.step = "agreements"
        return current.included

    def agreements(self, wires: Mapping[str, bytes], number: int) -> tuple[Mapping[str, bytes], Mapping[str, bytes]]:
        """Return who signed the list, and what the others on it signed with their updates."""
        current = self._at("agreements", number)
        self._refuse_strangers(wires, current.included)
        if len(wires) < self.agreed.rules.quorum:
            silent = sorted(set(current.included) - set(wires))
            raise ProtectionError(
                f"{len(wires)} parties signed the list of round {number}, {self.agreed.rules.quorum} are needed; "
                f"silent: {', '.join(silent)}",
                silent,
            )
        self._checked(wires, "agreement", number, current.context)
        quiet = {party: one for party, one in current.presences.items() if party not in wires}
        self._checked(quiet, "presence", number, current.masked)
        current.step = "total"
        return dict(wires), quiet

    def total(self, wires: Mapping[str, bytes], number: int) -> dict[str, bytes]:
        """Return the signed sum for each party on the list, without masks and still encrypted.

        Raises ProtectionError naming those whose masks cannot be taken off because too few shares came.
        """
        current = self._at("total", number)
        self._refuse_strangers(wires, current.included)
        payloads = self._checked(wires, "mask opening", number, current.context)
        neighbours = {party: self.agreed.rules.graph.neighbours(party) for party in self.agreed.rules.graph.parties}
        shown = {party: unframe(one, party, 1 + len(neighbours[party])) for party, one in payloads.items()}
        given = {party: dict(zip(neighbours[party], shares, strict=True)) for party, (_, *shares) in shown.items()}
        own = {party: seed for party, (seed, *_) in shown.items()}
        mask = self._mask(current, own, given).reshape(-1, DEGREE)
        used = scheme(self.agreed.packing.modulus)
        payload = frame([used.subtract(one, row) for one, row in zip(current.sums, mask, strict=True)])
        current.step, self.summed_round = "done", number
        wire = wrap(self.agreed.header(COORDINATOR, "sum", number, current.context), payload, self._identity)
        return dict.fromkeys(current.included, wire)

    def _mask(self, current: _Round, own: Mapping[str, bytes], given: Mapping[str, Mapping[str, bytes]]) -> Words:
        """Return all masks that are left in the sum."""
        packing, graph = self.agreed.packing, self.agreed.rules.graph
        count = packing.ciphertexts * DEGREE
        total = np.zeros(count, dtype=np.uint64)
        for party in current.included:
            commitments = current.dealt[party].commitments
            seed = own.get(party) or self._rebuilt(party, given, commitments.own, commitments.own_shares)
            if hashed(seed) != commitments.own:
                raise SenderError(party, "its seed is not the one it committed to")
            total = add(total, own_mask(seed, count, packing.modulus), packing.modulus)
        for party in sorted(set(current.dealt) - set(current.included)):
            seeds = self._vault(party, current, given)
            for other in graph.neighbours(party):
                if other in current.included:
                    total = with_pair(total, other, party, seeds[other], packing.modulus)
        return total

    def _vault(self, party: str, current: _Round, given: Mapping[str, Mapping[str, bytes]]) -> dict[str, bytes]:
        dealt, neighbours = current.dealt[party], self.agreed.rules.graph.neighbours(party)
        key = self._rebuilt(party, given, dealt.commitments.vault, dealt.commitments.vault_shares)
        try:
            seeds = GroupKey({"vault": key}).show(dealt.vault, vault_purpose(party, current.number))
        except ValueError:
            seeds = b""
        if len(seeds) != SEED_BYTES * len(neighbours):
            raise SenderError(party, "its vault does not hold its seeds")
        return {other: seeds[SEED_BYTES * at : SEED_BYTES * (at + 1)] for at, other in enumerate(neighbours)}

    def _rebuilt(
        self,
        party: str,
        given: Mapping[str, Mapping[str, bytes]],
        commitment: bytes,
        share_commitments: Sequence[bytes],
    ) -> bytes:
        """Return a party's secret out of the shares that its neighbours gave."""
        neighbours, needed = self.agreed.rules.graph.neighbours(party), self.agreed.rules.needed
        shares = {}
        for place, holder in enumerate(neighbours, 1):
            if not (share := given.get(holder, {}).get(party, b"")):
                continue
            if hashed(share) != share_commitments[place - 1]:
                raise SenderError(holder, f"the share of {party!r} that it gives is not the one dealt to it")
            shares[place] = share
        if len(shares) < needed:
            silent = sorted(set(neighbours) - set(given))
            raise ProtectionError(
                f"{len(shares)} neighbours of {party!r} gave a share, {needed} are needed to go on without it; "
                f"silent: {', '.join((party, *silent))}",
                (party, *silent),
            )
        try:
            secret = sharing.join(dict(list(shares.items())[:needed]))
        except ValueError:
            secret = b""
        if hashed(secret) != commitment:
            raise SenderError(party, "the shares that it dealt do not give what it committed to")
        return secret

    def _dealt(self, party: str, payload: bytes) -> _Dealt:
        neighbours = self.agreed.rules.graph.neighbours(party)
        commitments, vault, *pieces = unframe(payload, party, 2 + len(neighbours))
        found = read_commitments(commitments, len(neighbours), party)
        return _Dealt(found, vault, dict(zip(neighbours, pieces, strict=True)))

    def _sum(self, ciphertexts: Mapping[str, bytes]) -> Any:
        used, read = scheme(self.agreed.packing.modulus), []
        for party, content in ciphertexts.items():
            try:
                read.append(used.ciphertext(content))
            except ValueError as fault:
                raise SenderError(party, str(fault)) from None
        try:
            return used.add(read)
        except (ValueError, RuntimeError):
            raise RoundError("their ciphertexts cancel", tuple(ciphertexts)) from None

    def _refuse_strangers(self, wires: Mapping[str, object], allowed: Sequence[str] | Mapping[str, object]) -> None:
        if strangers := sorted(set(wires) - set(allowed)):
            named = ", ".join(repr(party) for party in strangers)
            raise ProtectionError(f"{named} does not belong to this step of the round", strangers)

    def _checked(self, wires: Mapping[str, bytes], purpose: str, number: int, context: str) -> dict[str, bytes]:
        return {
            party: unwrap(
                wires[party], self.agreed.header(party, purpose, number, context), self.agreed.roster.identities[party]
            )
            for party in sorted(wires)
        }

    def _at(self, step: str, number: int) -> _Round:
        if self._round is None or (self._round.number, self._round.step) != (number, step):
            found = "no round" if self._round is None else f"round {self._round.number}, {self._round.step}"
            raise ProtectionError(f"{found} is under way, not round {number}, {step}", self.agreed.roster.parties)
        return self._round
