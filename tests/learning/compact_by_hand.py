"""Compact rounds step by step, and what an adversary computes from them, with the secrets at hand as in tests alone."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np

from learning.arrays import IntArray
from learning.compact.board import Board, Handed
from learning.compact.federation import Compact, compact
from learning.compact.founding import Membership
from learning.compact.member import Member, Sealed
from learning.crypto.compact.field import Words
from learning.crypto.compact.packing import dense
from learning.crypto.compact.parameters import DEGREE
from learning.crypto.envelope import wrap
from learning.crypto.slots import Layout
from learning.ends import unframe

PARTIES = ("east", "north", "south", "up", "west")
VALUES = 4
UPDATES = {party: np.array([10 * place, -place, 7, 2**40]) for place, party in enumerate(PARTIES, 1)}
TOTAL = [150, -15, 35, 5 * 2**40]


def federation(
    parties: Sequence[str] = PARTIES, needed: int | None = None, degree: int | None = None, values: int = VALUES
) -> Compact:
    """A fresh compact federation."""
    layout = dense(Layout(tuple(parties), values))
    return cast(Compact, compact(layout, 0.0, needed, degree))


def round_of(end: Member | Board) -> Any:
    """Where an end stands in its newest round."""
    return vars(end)["_round"]


def held_by(member: Member) -> Membership:
    """All keys of a party."""
    found: Membership = vars(member)["_held"]
    return found


@dataclass
class Stand:
    """A round under way, and everything that was sent in it."""

    one: Compact
    number: int
    updates: Mapping[str, IntArray]
    dealt: dict[str, bytes] = field(default_factory=dict)
    handed: dict[str, Handed] = field(default_factory=dict)
    sealed: dict[str, Sealed] = field(default_factory=dict)
    included: tuple[str, ...] = ()
    signed: dict[str, bytes] = field(default_factory=dict)
    shown: dict[str, bytes] = field(default_factory=dict)

    @property
    def board(self) -> Board:
        return self.one.coordinator

    @property
    def members(self) -> Mapping[str, Member]:
        return self.one.clients

    def seal(self) -> Stand:
        """Up to every party's update."""
        self.dealt = {party: one.deal(self.number) for party, one in self.members.items()}
        self.handed = self.board.deal(self.dealt, self.number)
        self.sealed = {
            party: one.seal(self.updates[party], *self.handed[party], self.number)
            for party, one in self.members.items()
        }
        return self

    def agree(self, lost: Collection[str] = (), silent: Collection[str] = ()) -> Stand:
        """Up to the signed list."""
        self.included = self.board.collect(
            {party: one for party, one in self.sealed.items() if party not in lost}, self.number
        )
        answering = [party for party in self.included if party not in silent]
        self.signed = {party: self.members[party].agree(self.included, self.number) for party in answering}
        return self

    def reveal(self) -> Stand:
        """Up to what takes the masks off."""
        agreements = self.board.agreements(self.signed, self.number)
        self.shown = {party: self.members[party].reveal(*agreements, self.number) for party in self.signed}
        return self

    def total(self) -> dict[str, bytes]:
        """The sum for each party."""
        return self.board.total(self.shown, self.number)

    def signed_by(self, party: str, purpose: str, payload: bytes) -> bytes:
        """What a party that keeps to no rule signs at this step of the round."""
        context = round_of(self.board).context if purpose != "mask shares" else self.board.agreed.digest()
        header = self.board.agreed.header(party, purpose, self.number, context)
        return wrap(header, payload, self.one.identities[party])


def started(one: Compact, number: int = 1, updates: Mapping[str, IntArray] | None = None) -> Stand:
    """A round before its first step."""
    return Stand(one, number, UPDATES if updates is None else updates)


def decrypted(one: Compact, holder: str, wire: bytes) -> Words:
    """What a holder of the key reads in an update that the coordinator hands it: UInt64[ciphertexts, DEGREE]."""
    payload = wire[wire.index(b"}") + 1 : -64]
    chunks = unframe(payload, holder, one.coordinator.agreed.packing.ciphertexts)
    return held_by(one.clients[holder]).sealing.open(chunks)


def packed(one: Compact, party: str, update: IntArray) -> Words:
    """The first coefficients of an update without any mask: UInt64[ciphertexts, DEGREE - 1]."""
    found: Words = one.coordinator.agreed.packing.pack(update, party)
    assert found.shape[1] == DEGREE - 1
    return found
