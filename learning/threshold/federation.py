"""A federation under a key that nobody holds: founds it, conducts its rounds, renews its key, notes what crossed.

All parties live in one process here; each end still acts on its own secrets and on what was posted to it alone.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from learning.arrays import IntArray
from learning.crossings import COORDINATOR, Crossing, Form
from learning.crypto.identity import Identity, PublicIdentity
from learning.crypto.slots import Layout
from learning.crypto.threshold.parameters import MAXIMUM_PARTIES, OPENINGS_PER_KEY
from learning.faults import ProtectionError, RoundError
from learning.protected import UNAUDITED, Protection, Total
from learning.threshold.board import Board
from learning.threshold.founding import Dealt, Founder
from learning.threshold.member import Member
from learning.threshold.packing import packed
from learning.threshold.quorums import covering
from learning.threshold.roster import Roster

CONTENT = "gradient, Hessian, loss and number of labelled cores"


@dataclass
class Keyed:
    """What a key comes with: replaced as a whole when the key is renewed."""

    board: Board
    members: Mapping[str, Member]


@dataclass(frozen=True, eq=False, kw_only=True)
class Threshold(Protection):
    """A federation whose sums are opened by any `threshold` of its parties together."""

    threshold: int
    identities: Mapping[str, Identity]
    keyed: Keyed

    @property
    def coordinator(self) -> Board:
        """The coordinator's end."""
        return self.keyed.board

    @property
    def clients(self) -> Mapping[str, Member]:
        """The parties' ends."""
        return self.keyed.members

    def total(self, updates: Mapping[str, IntArray], *, number: int, day: float, silent: Collection[str] = ()) -> Total:
        """Return the exact sum of round `number`; parties that fall `silent` after their update do not stop it.

        Raises ProtectionError where fewer than the threshold are left to answer: nothing is opened then.
        """
        self._check(updates)
        present = [party for party in self.parties if party not in silent]
        renewed = self._renewed_if_due(day)
        round_ = _Rows(self.parties, day)
        members, board = self.keyed.members, self.keyed.board
        commits = {party: members[party].commit(updates[party], number) for party in self.parties}
        commitments = round_.carried("commitment", commits, board.commitments(commits, number))
        reveals = {party: members[party].reveal(commitments, number) for party in self.parties}
        quorum = self._quorum(present)
        posted = round_.carried("update", reveals, board.updates(reveals, number), quorum)
        for party in quorum:
            members[party].receive(posted, number)
        answers = {party: members[party].answer(quorum, number) for party in quorum}
        partials = round_.carried("partial", answers, board.partials(answers, quorum, number), quorum)
        opened = [members[party].open(partials, number) for party in quorum]
        others = [party for party in present if party not in quorum]
        if others:
            words = {party: members[party].tell(number) for party in quorum}
            told = round_.carried("opened sum", words, board.sums(words, quorum, number), others)
            for party in others:
                members[party].learn(told, quorum, number)
        return Total(opened[0], (*renewed, *round_.rows))

    def confirmed(
        self,
        updates: Mapping[str, IntArray],
        *,
        number: int,
        day: float,
        quorums: Sequence[tuple[str, ...]] | None = None,
    ) -> Total:
        """Return the exact sum of round `number`, opened by one quorum after another, who must agree.

        quorums: by default such that nobody is in all of them, so that a single wrong part of an opening shows
        (`learning.threshold.quorums`). All parties must be there. Raises RoundError listing who may have lied.
        """
        self._check(updates)
        quorums = covering(self.parties, self.threshold) if quorums is None else quorums
        renewed = self._renewed_if_due(day, len(quorums))
        rows, members, board = _Rows(self.parties, day), self.keyed.members, self.keyed.board
        commits = {party: members[party].commit(updates[party], number) for party in self.parties}
        commitments = rows.carried("commitment", commits, board.commitments(commits, number))
        reveals = {party: members[party].reveal(commitments, number) for party in self.parties}
        posted = rows.carried("update", reveals, board.updates(reveals, number))
        opened: list[IntArray] = []
        for party in self.parties:
            members[party].confirm(len(quorums), number)
            members[party].receive(posted, number)
        for at, quorum in enumerate(quorums):
            if at:
                board.again(number)
                for member in members.values():
                    member.another(number)
            opened = self._opened_by(quorum, number, rows) or opened
        for member in members.values():
            member.settled(number)
        return Total(opened[0], (*renewed, *rows.rows))

    def _opened_by(self, quorum: Sequence[str], number: int, rows: _Rows) -> list[IntArray]:
        """Let a quorum open and tell the others; return what its parties opened, nothing where it failed."""
        members, board = self.keyed.members, self.keyed.board
        others = [party for party in self.parties if party not in quorum]
        answers = {party: members[party].answer(quorum, number) for party in quorum}
        partials = rows.carried("partial", answers, board.partials(answers, quorum, number), quorum)
        opened: list[IntArray] = []
        for party in quorum:
            with suppress(RoundError):
                opened.append(members[party].open(partials, number))
        if len(opened) < len(quorum):
            for party in others:
                members[party].miss(quorum, number)
            return []
        words = {party: members[party].tell(number) for party in quorum}
        told = rows.carried("opened sum", words, board.sums(words, quorum, number), others)
        for party in others:
            members[party].learn(told, quorum, number)
        return opened

    def rotate(self, day: float = 0.0) -> tuple[Crossing, ...]:
        """Found a new key among the same parties and forget the old one; return what crossed for it."""
        before = self.keyed
        self.keyed.board, self.keyed.members, rows = found(
            self.identities, self.layout, self.threshold, before.board.roster.epoch + 1, day, before
        )
        return rows

    def without(self, gone: Collection[str], day: float = 0.0) -> Threshold:
        """Return the federation of those that stay when parties are gone for good, under the same key.

        Each that stays signs that it goes on, and checks that all do. Rounds go on counting; this federation takes no
        further one. Who is gone keeps a share until `rotate`. Raises ProtectionError where fewer stay than open a sum.
        """
        staying = tuple(party for party in self.parties if party not in gone)
        self._quorum(staying)
        members = self.keyed.members
        layout = packed(Layout(staying, self.layout.values, bits=self.layout.bits), self.threshold)
        words = {party: members[party].agree(staying) for party in staying}
        rows = _Rows(staying, day)
        agreements = rows.carried("agreement", words, words)
        stayed = {party: members[party].among(layout, agreements) for party in staying}
        board = Board(self.coordinator.roster, stayed[staying[0]].terms, self.coordinator.summed_round)
        return replace(
            self,
            layout=layout,
            statement=statement(self.threshold, len(self.coordinator.roster.parties), self.parties_gone(staying)),
            sum_readers=staying,
            keys=tuple(rows.rows),
            identities={party: self.identities[party] for party in staying},
            keyed=Keyed(board, stayed),
        )

    def parties_gone(self, staying: Collection[str]) -> tuple[str, ...]:
        """Return who of the roster is not among those that stay."""
        return tuple(party for party in self.coordinator.roster.parties if party not in staying)

    def _renewed_if_due(self, day: float, quorums: int = 1) -> tuple[Crossing, ...]:
        due = min(member.left for member in self.keyed.members.values()) < quorums * len(self.layout.chunk_sizes())
        return self.rotate(day) if due else ()

    def _quorum(self, present: Sequence[str]) -> tuple[str, ...]:
        if len(present) < self.threshold:
            absent = sorted(set(self.parties) - set(present))
            raise ProtectionError(
                f"{len(present)} of {len(self.parties)} parties are left to open the sum, {self.threshold} are needed; "
                f"silent: {', '.join(absent)}",
                absent,
            )
        return tuple(present[: self.threshold])


def threshold(layout: Layout, day: float, needed: int | None = None) -> Protection:
    """Return a federation whose sums any `needed` of the parties open together; default the majority.

    Raises ProtectionError for a single party, for too many, and for a threshold that they cannot reach.
    """
    parties = layout.parties
    needed = quorum_size(parties, needed)
    wide = packed(layout, needed)
    if len(wide.chunk_sizes()) > OPENINGS_PER_KEY:
        raise ProtectionError(f"{layout.values} numbers need more openings than the {OPENINGS_PER_KEY} of a key")
    identities = {party: Identity() for party in parties}
    board, members, rows = found(identities, wide, needed, 1, day)
    return Threshold(
        word="threshold",
        statement=statement(needed, len(parties)),
        label=UNAUDITED,
        layout=wide,
        sum_readers=parties,
        keys=(*_identity_rows(parties, day), *rows),
        threshold=needed,
        identities=identities,
        keyed=Keyed(board, members),
    )


def quorum_size(parties: Sequence[str], needed: int | None) -> int:
    """Return how many of the parties open a sum together; default the majority.

    Raises ProtectionError for a single party, for too many, and for a threshold that they cannot reach.
    """
    if len(parties) < 2:
        raise ProtectionError(
            f"a sum over {parties[0]!r} alone is its update; threshold needs two parties or more", parties
        )
    if len(parties) > MAXIMUM_PARTIES:
        raise ProtectionError(f"{len(parties)} parties; threshold holds its noise for at most {MAXIMUM_PARTIES}")
    needed = len(parties) // 2 + 1 if needed is None else needed
    if not 2 <= needed <= len(parties):
        raise ProtectionError(
            f"threshold {needed} does not fit {len(parties)} parties: at least 2 and at most all of them open a sum"
        )
    return needed


def statement(needed: int, parties: int, gone: Collection[str] = ()) -> str:
    """Return who can read a single party's update."""
    said = (
        f"any {needed} of the {parties} parties together can read an update that the coordinator hands them; "
        f"while all encrypt as agreed, the coordinator with {needed - 1} of them cannot"
    )
    if gone:
        said += f"; {', '.join(gone)} went before it sealed and still holds a share of the key, those who stayed agreed"
    return said


def found(
    identities: Mapping[str, Identity],
    layout: Layout,
    needed: int,
    epoch: int,
    day: float,
    before: Keyed | None = None,
) -> tuple[Board, Mapping[str, Member], tuple[Crossing, ...]]:
    """Found a key and return the ends that come with it, and what crossed. Rounds go on counting from `before`."""
    roster = Roster({party: identity.public() for party, identity in identities.items()}, needed, epoch)
    founders = {party: Founder(party, roster, identities[party]) for party in roster.parties}
    dealers, rows = roster.dealers, _Rows(roster.parties, day)
    commitments = {party: founders[party].commit() for party in dealers}
    rows.carried("key commitment", commitments, commitments)
    reveals = {party: founders[party].reveal(commitments) for party in dealers}
    rows.carried("public key share", reveals, reveals)
    for party in roster.parties[len(dealers) :]:
        founders[party].follow(commitments)
    # the others hand out nothing, but they see the public halves; one dealer's shares at a time lie in memory
    for dealer in (*roster.parties[len(dealers) :], *dealers):
        dealt = founders[dealer].deal(reveals)
        rows.handed(dealer, dealt)
        for party, part in dealt.items():
            founders[party].take(dealer, part)
    held = {party: founder.join() for party, founder in founders.items()}
    sealed = {} if before is None else {party: member.sealed_round for party, member in before.members.items()}
    members = {party: Member(layout, held[party], sealed.get(party, 0)) for party in roster.parties}
    summed = 0 if before is None else before.board.summed_round
    return Board(roster, members[roster.parties[0]].terms, summed), members, tuple(rows.rows)


_CONTENTS: Mapping[str, tuple[Form, str]] = {
    "key commitment": ("clear", "signed hash of a public half of the key"),
    "public key share": ("clear", "public half of the key, opens nothing"),
    "commitment": ("clear", "signed hash of a sealed update"),
    "update": ("cipher", f"{CONTENT} of one party"),
    "partial": ("cipher", "a share of the opening of the sum, hidden in noise"),
    "opened sum": ("cipher", f"{CONTENT}, summed, or the hash of it"),
    "agreement": ("clear", "signed word to go on without those that are gone"),
}


class _Rows:
    """The crossings of a founding or a round, as they come about."""

    def __init__(self, parties: tuple[str, ...], day: float) -> None:
        self.parties, self.day = parties, day
        self.rows: list[Crossing] = []

    def carried(
        self,
        purpose: str,
        wires: Mapping[str, bytes],
        passed_on: Mapping[str, bytes],
        receivers: Sequence[str] | None = None,
    ) -> Mapping[str, bytes]:
        """Write down what each party posts and what the coordinator passes on to each; return the latter."""
        for party, wire in wires.items():
            self._add(party, COORDINATOR, purpose, len(wire))
        for party in self.parties if receivers is None else receivers:
            size = sum(len(wire) for sender, wire in passed_on.items() if sender != party)
            self._add(COORDINATOR, party, f"{purpose}s", size)
        return passed_on

    def handed(self, sender: str, dealt: Mapping[str, Dealt]) -> None:
        """Write down what a dealer hands to each other party at the founding."""
        for receiver, part in dealt.items():
            if receiver != sender:
                self.rows.append(
                    _row(self.day, sender, receiver, "key share", "out_of_band", part.size, (receiver,), _SHARE)
                )

    def _add(self, sender: str, receiver: str, purpose: str, size: int) -> None:
        kind = purpose.removesuffix("s") if sender == COORDINATOR else purpose
        form, content = _CONTENTS[kind]
        everybody = (*self.parties, COORDINATOR)
        readers = {"update": (), "partial": self.parties, "opened sum": self.parties}.get(kind, everybody)
        others = tuple(reader for reader in readers if reader != sender)
        content = content if sender != COORDINATOR else f"of every other party: {content}"
        self.rows.append(_row(self.day, sender, receiver, purpose, form, size, others, content))


_SHARE = "one share of the sender's part of the key, and its part of the key that hides partial openings"


def _identity_rows(parties: Sequence[str], day: float) -> list[Crossing]:
    everybody = (*parties, COORDINATOR)
    content = "public half of its signing key; the parties compare it on a way of their own"
    return [
        _row(day, party, COORDINATOR, "signing key", "out_of_band", PublicIdentity.size, everybody, content)
        for party in parties
    ]


def _row(
    day: float, sender: str, receiver: str, purpose: str, form: Form, size: int, readers: Sequence[str], content: str
) -> Crossing:
    return Crossing(
        day=day,
        sender=sender,
        receiver=receiver,
        purpose=purpose,
        clear_or_cipher=form,
        bytes=size,
        readable_by=tuple(reader for reader in readers if reader != sender),
        content=content,
    )
