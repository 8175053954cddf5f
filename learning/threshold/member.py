"""One party's end of a round: it helps to open only a sum that it computed itself.

Each step is taken once and in order. `commit` signs a hash of the ciphertexts. `reveal` shows them once every party has
committed: who saw the others' first could make its own out of theirs, and cancel them. Then as many parties as open a
sum go on: `receive` checks every signature and commitment and adds up the ciphertexts, `answer` gives the partial
decryption of that sum and of no other, `open` fuses the answers, `tell` signs what came of it. The others `learn` it:
where all of a quorum signed one sum, one of them at least is honest and computed it. Everything a party signs names all
it has seen before, so two parties that were shown different things find out before either has answered.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NoReturn

import numpy as np

from learning.arrays import IntArray
from learning.crypto.envelope import Header, wrap
from learning.crypto.slots import Layout
from learning.crypto.threshold.parameters import PARAMETERS
from learning.crypto.threshold.ring import HIGH, Ring, high, moduli, summed
from learning.crypto.threshold.seal import seal
from learning.crypto.threshold.sealing import WORD_BYTES, Sealed, message, sum_of
from learning.ends import Terms, frame, unframe
from learning.faults import ProtectionError, RoundError, SenderError
from learning.threshold.founding import Membership
from learning.threshold.packing import Packing
from learning.threshold.quorums import suspects
from learning.threshold.roster import Roster, digest, posted, shown

_SUM = np.dtype("<i8")


@dataclass(repr=False)
class _Round:
    """Where a party stands in its newest round."""

    number: int
    payload: bytes
    context: str
    """Digest of all that was seen so far."""
    step: str = "reveal"
    wires: Mapping[str, bytes] = field(default_factory=dict)
    """The commitments as they came, for who goes on to check their signatures."""
    commitments: dict[str, bytes] = field(default_factory=dict)
    sums: list[Sealed] = field(default_factory=list)
    quorum: tuple[str, ...] = ()
    opened: IntArray | None = None
    before: str = ""
    """Digest of all that was seen before the present quorum."""
    quorums: int = 1
    """How many quorums open the sum."""
    told: dict[tuple[str, ...], bytes | None] = field(default_factory=dict)
    """What stands for the sum that each of them opened; None for one that failed its checks."""


class Member:
    """One party's end. Holds state: its membership, and its newest round."""

    def __init__(self, layout: Layout, membership: Membership, sealed_round: int = 0) -> None:
        self.party, self.roster = membership.party, membership.roster
        self.parties = layout.parties
        """Whose updates are summed: the roster, or those of it that all of them agreed to go on with."""
        self.packing = Packing(layout, self.roster.threshold)
        self.terms = terms_of(layout, self.roster, membership.key)
        self._budget = self.terms.budget()
        self._held = membership
        self.sealed_round = sealed_round
        self._round: _Round | None = None
        self._handed_over = False
        self._noughts: list[Sealed] = []

    def __repr__(self) -> str:
        return f"Member({self.party!r}, key {self.roster.epoch}, round {self.sealed_round})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("Member holds secrets and cannot be pickled or copied")

    @property
    def left(self) -> int:
        """Ciphertexts that this party may still help to open under the present key."""
        return self._held.share.left()

    def agree(self, staying: Sequence[str]) -> bytes:
        """Return this party's signed word that it goes on with the parties `staying` alone, under the same key.

        A decision of the party, never of the coordinator: who may choose whose updates are summed reads differences.
        """
        sign = self.roster.header(self.party, "agreement", self.roster.epoch, self._agreed(staying))
        return wrap(sign, b"", self._held.identity)

    def among(self, layout: Layout, agreements: Mapping[str, bytes]) -> Member:
        """Return this party's end for sums over the parties of `layout` alone, to which each of them has agreed.

        This end takes no further step, or one round could be answered twice. Raises ProtectionError where fewer stay
        than open a sum, and the faults of `posted` for a party that agreed to something else.
        """
        staying = layout.parties
        if self.party not in staying or len(staying) < self.roster.threshold:
            raise ProtectionError(
                f"{self.party!r} does not go on with {', '.join(staying)}: {self.roster.threshold} open a sum", staying
            )
        roster, context = self.roster, self._agreed(staying)
        posted(agreements, roster, staying, lambda party: roster.header(party, "agreement", roster.epoch, context))
        self._handed_over, self._round = True, None
        return Member(layout, self._held, self.sealed_round)

    def prepare(self) -> None:
        """Encrypt noughts for the next update while there is nothing else to do: it is most of the work of sealing."""
        missing = len(self.packing.used()) - len(self._noughts)
        self._noughts += [self._held.sealer.zero() for _ in range(missing)]

    def commit(self, numbers: IntArray, number: int) -> bytes:
        """Return the signed commitment to an update for round `number`; the update itself stays here.

        Raises ProtectionError naming the party for a value out of range and for a round that is not newer.
        """
        if self._handed_over:
            raise ProtectionError(f"{self.party!r} sums over other parties now", (self.party,))
        if number <= self.sealed_round:
            raise ProtectionError(f"{self.party!r} has already sealed round {self.sealed_round}", (self.party,))
        coefficients = self.packing.pack(numbers, self.party)
        self.prepare()
        # taken before they are used: a nought that hid two messages would show their difference
        noughts, self._noughts = self._noughts, []
        filled = zip(noughts, coefficients, strict=True)
        payload = frame([nought.holding(one, self.packing.shift).raw() for nought, one in filled])
        self._round, self.sealed_round = _Round(number, payload, self.terms.digest()), number
        return self._signed("commitment", _commitment(self.party, payload))

    def check(self, commitments: Mapping[str, bytes], number: int) -> None:
        """Check every party's commitment of round `number`: who opens does so at the latest in `receive`.

        Raises the faults of `posted` and changes nothing. Nobody has to wait for it before `reveal`: what binds the
        others is this party's signature under all that they committed to, and an update that nobody signed for is
        opened by no quorum. So a party that does not open checks no signature of five hundred.
        """
        self._at("reveal", number)
        self._posted(commitments, "commitment", self.parties)

    def reveal(self, commitments: Mapping[str, bytes], number: int) -> bytes:
        """Return the signed update of round `number`, now that every party has committed to its own, see `check`."""
        current = self._at("reveal", number)
        current.commitments = shown(
            commitments, self.roster, self.parties, lambda party: self._header(party, "commitment")
        )
        current.wires = dict(commitments)
        current.context = digest(current.context, *(current.commitments[party] for party in self.parties))
        current.step = "receive"
        return self._signed("update", current.payload)

    def receive(self, updates: Mapping[str, bytes], number: int) -> None:
        """Check every commitment and update of round `number` and add the updates up here.

        Raises SenderError naming a party whose signed update is not the one it committed to or cannot be read, and the
        other faults of `posted`. A refused call changes nothing.
        """
        current = self._at("receive", number)
        self._posted(current.wires, "commitment", self.parties, self.terms.digest())
        payloads = self._posted(updates, "update", self.parties)
        for party, payload in payloads.items():
            if _commitment(party, payload) != current.commitments[party]:
                raise SenderError(party, "its update is not the one it committed to")
        chunks = [self._ciphertexts(party, payload) for party, payload in payloads.items()]
        current.sums = [sum_of(list(column)) for column in zip(*chunks, strict=True)]
        # the context names the commitments already, and they leave no choice of updates
        current.step = "answer"

    def answer(self, quorum: Sequence[str], number: int) -> bytes:
        """Return this party's partial decryption of the sum that it computed in `receive`, closed for the coordinator.

        quorum: the parties that open together; this one among them. One answer a round, whatever is asked, unless this
        party decided on more before (`confirm`): each is hidden in noise and masks of its own, so all that a second one
        shows is the same sum behind another flood, and it counts as another opening. Raises
        ProtectionError for a quorum of another size or of strangers, and once the key has opened all that it may.
        """
        current = self._at("answer", number)
        self._check_quorum(quorum)
        if self.party not in quorum:
            raise ProtectionError(f"{self.party!r} is not of the quorum {', '.join(quorum)}", (self.party,))
        if tuple(sorted(quorum)) in current.told:
            raise ProtectionError(f"the quorum {', '.join(quorum)} has opened the sum", (self.party,))
        if self.left < len(current.sums):
            raise ProtectionError(
                f"{self.party!r}: the key has {self.left} openings left, not {len(current.sums)}; a new key is due",
                (self.party,),
            )
        self._take_quorum(current, quorum)
        parts = [self._answer(current, index) for index in range(len(current.sums))]
        return self._signed("partial", self._held.group.hide(frame(parts), self._purpose("partial", self.party)))

    def watch(self, quorum: Sequence[str], number: int) -> None:
        """Take note of the quorum of a round whose sum this party computed and opens without answering."""
        current = self._at("answer", number)
        self._check_quorum(quorum)
        self._take_quorum(current, quorum)

    def open(self, partials: Mapping[str, bytes], number: int) -> IntArray:
        """Return the exact sum of all parties' updates of round `number`.

        Raises SenderError naming a party whose signed partial decryption is not one, RoundError for a sum that fails
        its checks. Such a sum is the last that this party opens under the key: a crooked ciphertext has it show some of
        the key, and more with every one that follows.
        """
        current = self._at("open", number)
        payloads = self._posted(partials, "partial", current.quorum)
        parts = [self._parts(party, payloads[party]) for party in current.quorum]
        fused = [
            message(summed([one.top, *(part[index] for part in parts)], HIGH), self.packing.shift)
            for index, one in enumerate(current.sums)
        ]
        try:
            current.opened = self.packing.gather(fused)
        except RoundError:
            if current.quorums > 1:
                self._take(current, current.quorum, None)
            else:
                self._held.share.retire()
            raise
        self._take(current, current.quorum, _sum(current.opened.astype(_SUM).tobytes()))
        return current.opened

    def tell(self, number: int) -> bytes:
        """Return this party's signed word on the sum that it opened, for the parties that did not compute it.

        The first of the quorum sends the sum, the others what stands for it; the coordinator can read neither.
        """
        current = self._at("done", number)
        assert current.opened is not None
        told = current.opened.astype(_SUM).tobytes()
        content = told if self.party == current.quorum[0] else _sum(told)
        return self._signed("sum", self._held.group.hide(content, self._purpose("sum", self.party)))

    def learn(self, sums: Mapping[str, bytes], quorum: Sequence[str], number: int) -> IntArray:
        """Return the sum of round `number` that all parties of the quorum signed, without computing it here.

        Raises SenderError naming a party whose signed word cannot be read, RoundError listing the quorum where their
        words differ.
        """
        current = self._at("receive" if self._received(number) is None else "answer", number)
        self._check_quorum(quorum)
        ordered = tuple(sorted(quorum))
        context = digest(current.context, *ordered)
        payloads = self._posted(sums, "sum", ordered, context)
        words = [self._shown(party, payloads[party], digest("sum", party, context)) for party in ordered]
        told = words[0]
        if len(told) != _SUM.itemsize * self.terms.layout.values:
            raise SenderError(ordered[0], "the sum that it tells has another size")
        if any(word != _sum(told) for word in words[1:]):
            raise RoundError("its quorum does not agree on the sum", ordered)
        self._take(current, ordered, _sum(told))
        return np.frombuffer(told, dtype=_SUM).astype(np.int64)

    def confirm(self, quorums: int, number: int) -> None:
        """Decide that so many quorums open the sum of round `number`, before this party adds up.

        A decision of the party: nobody else can ask it for a second answer.
        """
        self._at("receive", number).quorums = quorums

    def miss(self, quorum: Sequence[str], number: int) -> None:
        """Take note that what a quorum opened failed its checks, so that it tells no sum."""
        current = self._at("answer", number)
        self._check_quorum(quorum)
        self._take(current, tuple(sorted(quorum)), None)

    def another(self, number: int) -> None:
        """Go on to the next quorum of those that this party decided on."""
        current = self._at("done", number)
        if len(current.told) >= current.quorums:
            raise ProtectionError(f"{self.party!r} has seen {len(current.told)} quorums open the sum", (self.party,))
        current.context, current.step, current.opened = current.before, "answer", None

    def settled(self, number: int) -> None:
        """Raise RoundError, listing who may have lied, unless all quorums that this party decided on opened one sum."""
        current = self._at("done", number)
        if len(current.told) < current.quorums:
            raise ProtectionError(f"{self.party!r} waits for {current.quorums} quorums", (self.party,))
        if len(set(current.told.values())) > 1 or None in current.told.values():
            raise RoundError("its quorums open different sums", suspects(current.told))

    def _take(self, current: _Round, quorum: tuple[str, ...], told: bytes | None) -> None:
        """Take note of what a quorum opened, and forget the sums where it was the last."""
        current.told[quorum], current.step = told, "done"
        if self.party not in quorum:
            # whoever answered, the key opened these
            self._held.share.opened += len(self.packing.used())
        current.before = current.before or current.context
        if len(current.told) >= current.quorums:
            current.sums = []
            if None in current.told.values():
                self._held.share.retire()

    def _received(self, number: int) -> _Round | None:
        """Return the round if this party has added it up and not answered."""
        current = self._round
        return current if current is not None and (current.number, current.step) == (number, "answer") else None

    def _answer(self, current: _Round, index: int) -> bytes:
        places = self.roster.places()
        c1, used = seal().transform(current.sums[index].c1), current.sums[index].top.shape[1]
        quorum = [places[party] for party in current.quorum]
        opening = self._held.share.opening(c1, places[self.party], quorum, self.packing.flood_bits)
        purpose = digest("mask", current.context, str(index)).encode()
        return self._held.pairs.mask(high(opening[:, :used]), current.quorum, purpose, HIGH).tobytes()

    def _ciphertexts(self, party: str, payload: bytes) -> list[Sealed]:
        used = self.packing.used()
        try:
            return [Sealed.read(one, size) for one, size in zip(unframe(payload, party, len(used)), used, strict=True)]
        except ValueError as fault:
            raise SenderError(party, str(fault)) from None

    def _parts(self, party: str, payload: bytes) -> list[Ring]:
        used = self.packing.used()
        shown = self._shown(party, payload, digest("partial", party, self._context()))
        parts = []
        for part, size in zip(unframe(shown, party, len(used)), used, strict=True):
            if len(part) != WORD_BYTES * size:
                raise SenderError(party, "its partial decryption has another size")
            words = np.frombuffer(part, dtype="<u8").reshape(1, size)
            if not (words < moduli(words, HIGH)).all():
                raise SenderError(party, "its partial decryption is no polynomial")
            parts.append(words)
        return parts

    def _shown(self, party: str, hidden: bytes, purpose: str) -> bytes:
        try:
            return self._held.group.show(hidden, purpose.encode())
        except ValueError as fault:
            raise SenderError(party, str(fault)) from None

    def _check_quorum(self, quorum: Sequence[str]) -> None:
        threshold, strangers = self.roster.threshold, sorted(set(quorum) - set(self.parties))
        if strangers or len(set(quorum)) != threshold or len(quorum) != threshold:
            named = ", ".join(quorum)
            raise ProtectionError(f"{threshold} different parties of the roster open a sum, not {named}", strangers)

    def _take_quorum(self, current: _Round, quorum: Sequence[str]) -> None:
        current.quorum, current.before = tuple(sorted(quorum)), current.context
        current.context = digest(current.context, *current.quorum)
        current.step = "open"

    def _agreed(self, staying: Sequence[str]) -> str:
        return digest("agreement", self.terms.digest(), *sorted(staying))

    def _purpose(self, word: str, party: str) -> bytes:
        return digest(word, party, self._context()).encode()

    def _context(self) -> str:
        assert self._round is not None
        return self._round.context

    def _header(self, sender: str, purpose: str, context: str | None = None) -> Header:
        assert self._round is not None
        seen = self._round.context if context is None else context
        return self.roster.header(sender, purpose, self._round.number, seen, self._budget)

    def _signed(self, purpose: str, payload: bytes) -> bytes:
        return wrap(self._header(self.party, purpose), payload, self._held.identity)

    def _posted(
        self, wires: Mapping[str, bytes], purpose: str, expected: Sequence[str], context: str | None = None
    ) -> dict[str, bytes]:
        return posted(wires, self.roster, expected, lambda party: self._header(party, purpose, context))

    def _at(self, step: str, number: int) -> _Round:
        """Return the round if this party is at this step of it."""
        if self._round is None or self._round.number != number or self._round.step != step:
            found = "no round" if self._round is None else f"round {self._round.number}, {self._round.step}"
            raise ProtectionError(f"{self.party!r} is at {found}, not at round {number}, {step}", (self.party,))
        return self._round


def terms_of(layout: Layout, roster: Roster, key: str) -> Terms:
    """Return what everything signed under a key stands on; key: its digest, see `Membership`."""
    cipher = f"{PARAMETERS}, roster {roster.digest()}, key {key}"
    return Terms("threshold", layout, cipher, Packing(layout, roster.threshold).shift)


def _commitment(party: str, payload: bytes) -> bytes:
    # the name is hashed with it, so that a copied commitment commits to nothing
    return digest("commitment", party, payload).encode()


def _sum(told: bytes) -> bytes:
    return digest("sum", told).encode()
