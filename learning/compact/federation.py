"""A compact federation: founds it, conducts its rounds, renews its keys, notes what crossed.

All parties live in one process here; each end still acts on its own secrets and on what reached it alone.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from learning.arrays import IntArray
from learning.compact.board import Board
from learning.compact.crossed import Crossed
from learning.compact.founding import Founder
from learning.compact.member import Member
from learning.compact.rules import Rules, rules
from learning.compact.terms import Agreed
from learning.crossings import Crossing
from learning.crypto.compact.packing import Packing, dense
from learning.crypto.compact.parameters import plain_modulus
from learning.crypto.identity import Identity
from learning.crypto.slots import Layout
from learning.faults import ProtectionError
from learning.protected import UNAUDITED, Protection, Total
from learning.threshold.roster import Roster


@dataclass
class Keyed:
    """What keys come with: replaced as a whole when they are renewed."""

    board: Board
    members: Mapping[str, Member]


@dataclass(frozen=True, eq=False, kw_only=True)
class Compact(Protection):
    """A federation under a shared key whose updates are masked before they are encrypted."""

    rules: Rules
    identities: Mapping[str, Identity]
    carrier: Identity
    """The coordinator's signing key."""
    keyed: Keyed

    @property
    def coordinator(self) -> Board:
        """The coordinator's end."""
        return self.keyed.board

    @property
    def clients(self) -> Mapping[str, Member]:
        """The parties' ends."""
        return self.keyed.members

    def total(
        self,
        updates: Mapping[str, IntArray],
        *,
        number: int,
        day: float,
        silent: Collection[str] = (),
        lost: Collection[str] = (),
    ) -> Total:
        """Return the exact sum of round `number`.

        silent: parties that say nothing after their update, which counts. lost: parties whose update never comes,
        though others masked with them: the sum is over the rest, and `Total.missing` names them. Raises ProtectionError
        where too few are left to take the masks off: nothing is opened then.
        """
        self._check(updates)
        renewed = self._renewed_if_due(day)
        members, board, rows = self.keyed.members, self.keyed.board, Crossed(self.parties, day)
        dealt = rows.sent("mask shares", {party: members[party].deal(number) for party in self.parties})
        handed = board.deal(dealt, number)
        rows.passed_on("mask shares", {party: sum(map(len, one.pieces.values())) for party, one in handed.items()})
        sealed = {
            party: members[party].seal(updates[party], *handed[party], number)
            for party in self.parties
            if party not in lost
        }
        rows.sent("update", {party: one.update + one.presence for party, one in sealed.items()})
        included = board.collect(sealed, number)
        answering = [party for party in included if party not in silent]
        signed = rows.sent("agreement", {party: members[party].agree(included, number) for party in answering})
        agreements = board.agreements(signed, number)
        size = sum(len(one) for part in agreements for one in part.values())
        rows.passed_on("agreement", dict.fromkeys(answering, size))
        shown = rows.sent("mask opening", {p: members[p].reveal(*agreements, number) for p in answering})
        down = board.total(shown, number)
        rows.passed_on("sum", {party: len(down[party]) for party in answering})
        opened = [members[party].open(down[party], number) for party in answering]
        missing = tuple(party for party in self.parties if party not in included)
        return Total(opened[0], (*renewed, *rows.rows), missing)

    def rotate(self, day: float = 0.0) -> tuple[Crossing, ...]:
        """Found new keys among the same parties and forget the old ones; return what crossed for it."""
        before = self.keyed
        roster = replace(before.board.agreed.roster, epoch=before.board.agreed.roster.epoch + 1)
        agreed = replace(before.board.agreed, roster=roster)
        self.keyed.board, self.keyed.members, rows = found(agreed, self.identities, self.carrier, day, before)
        return rows

    def without(self, gone: Collection[str], day: float = 0.0) -> Protection:
        """Return a federation of those that stay, under new keys: the old ones are also with who is gone."""
        staying = tuple(party for party in self.parties if party not in gone)
        if len(staying) < self.rules.needed:
            raise ProtectionError(
                f"compact: {len(staying)} of {len(self.parties)} parties stay, {self.rules.needed} are needed; "
                f"gone: {', '.join(sorted(gone))}",
                sorted(gone),
            )
        found = compact(dense(replace(self.layout, parties=staying)), day, self.rules.needed)
        return replace(found, statement=f"{found.statement}; {', '.join(sorted(gone))} went before it sealed")

    def _renewed_if_due(self, day: float) -> tuple[Crossing, ...]:
        return self.rotate(day) if any(one.failures for one in self.keyed.members.values()) else ()


def compact(layout: Layout, day: float, needed: int | None = None, degree: int | None = None) -> Protection:
    """Return a federation whose parties mask with `degree` neighbours, of whom `needed` take a mask off.

    layout: its limbs and their bits say how wide a number is; what a coefficient carries follows. Raises
    ProtectionError for a single party, for too many, and for numbers that do not fit.
    """
    parties = layout.parties
    if len(parties) < 2:
        raise ProtectionError(
            f"a sum over {parties[0]!r} alone is its update; compact needs two parties or more", parties
        )
    identities, carrier = {party: Identity() for party in parties}, Identity()
    agreed = Agreed(
        Roster({party: identity.public() for party, identity in identities.items()}, needed or 0, 1),
        rules(parties, needed, degree),
        Packing(layout, plain_modulus(len(parties))),
    )
    board, members, rows = found(agreed, identities, carrier, day)
    return Compact(
        word="compact",
        statement=statement(agreed.rules),
        label=UNAUDITED,
        layout=layout,
        sum_readers=parties,
        keys=(*Crossed(parties, day).identities(), *rows),
        rules=agreed.rules,
        identities=identities,
        carrier=carrier,
        keyed=Keyed(board, members),
    )


def statement(agreed: Rules) -> str:
    """Return who can read a single party's update."""
    parties, degree, traitors = len(agreed.graph.parties), agreed.graph.degree, agreed.traitors
    if parties <= agreed.needed:
        return "the coordinator with all other parties can read an update; with fewer it cannot"
    return (
        f"the coordinator with {agreed.needed} of the {degree} parties that a party masks with can read its update; "
        f"with any {traitors} part{'y' if traitors == 1 else 'ies'} of the {parties} it cannot, though each has the key"
    )


def found(
    agreed: Agreed,
    identities: Mapping[str, Identity],
    carrier: Identity,
    day: float,
    before: Keyed | None = None,
) -> tuple[Board, Mapping[str, Member], tuple[Crossing, ...]]:
    """Found keys and return the ends that come with them, and what crossed. Rounds go on counting from `before`."""
    parties, rows = agreed.roster.parties, Crossed(agreed.roster.parties, day)
    founders = {party: Founder(party, agreed, identities[party], carrier.public()) for party in parties}
    offers = rows.sent("agreement key", {party: founder.offer() for party, founder in founders.items()})
    first = founders[parties[0]]
    handed = first.hand_over(offers)
    rows.sent("common keys", {first.party: b"".join(handed.values())})
    rows.passed_on("agreement key", dict.fromkeys(parties, sum(map(len, offers.values()))))
    rows.passed_on("common keys", {party: len(wire) for party, wire in handed.items()})
    sealed = {} if before is None else {party: member.sealed_round for party, member in before.members.items()}
    members = {
        party: Member(founder.join(offers, handed.get(party, b"")), sealed.get(party, 0))
        for party, founder in founders.items()
    }
    summed = 0 if before is None else before.board.summed_round
    return Board(agreed, carrier, summed), members, tuple(rows.rows)
