"""A party's process: it holds its own rows, identity and share of the key, and shows what the protocol shows.

It computes its updates and takes the learner's steps itself; neither the coordinator nor another party sees a row.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import closing
from socket import socket

from learning.arrays import FloatArray, IntArray
from learning.config import Collaboration
from learning.crossings import COORDINATOR
from learning.crypto.threshold.seal import seal
from learning.faults import ProtectionError
from learning.learner import Learner
from learning.learners import learner_of
from learning.loopback.founding import agreed_on, is_used_up, joined, layout_of, partners_of, quorum_of, roster_of
from learning.loopback.messages import Message, numbers_of, of_numbers
from learning.loopback.post import Post, sessions_with, to_coordinator
from learning.loopback.role import DONE, Known, opened, play
from learning.loopback.wire import Wire
from learning.quantise import dequantise, quantise
from learning.sessions.records import Session
from learning.threshold.member import Member

WAITS = 4.0
"""How many times longer than the coordinator a party waits: it is the coordinator's to find out who is silent."""


def take_part(name: str, link: int, task: Message, introduced: Callable[[], Known]) -> Message:
    """Take part in one federation and return the model."""
    fields = task.fields
    collaboration = agreed_on(fields["collaboration"])
    learner = learner_of(collaboration, fields["predicts"])
    y = numbers_of(task.parts["y"])
    x = numbers_of(task.parts["x"]).reshape(len(y), fields["features"])
    # slow imports come before anybody waits for an answer
    seal()
    known = introduced()
    with closing(Wire(socket(fileno=link), COORDINATOR, WAITS * fields["patience"])) as wire:
        post = Post(name, to_coordinator(wire, known))
        partners = partners_of(name, set(known.identities) - {COORDINATOR}, fields["needed"])
        seat = Seat(known, post, sessions_with(partners, known, post), fields["needed"], fields["values"])
        weights = trained(seat, learner, collaboration, x, y, fields["seed"])
        post.finish()
    return Message(DONE, parts={"weights": of_numbers(weights)})


class Seat:
    """One party's place in a federation. Holds state: its end of the present key, and how many rounds that opened."""

    def __init__(self, known: Known, post: Post, sessions: Mapping[str, Session], needed: int, values: int) -> None:
        self._known, self._post, self._sessions = known, post, sessions
        self._needed = needed
        self.name = known.name
        self.parties = tuple(sorted(set(known.identities) - {COORDINATOR}))
        self._layout = layout_of(self.parties, values, needed)
        self._member: Member | None = None
        self._opened = 0

    def total(self, update: IntArray, number: int, silent: Collection[str] = ()) -> IntArray:
        """Return the exact sum of all parties' updates in round `number`, given this one's.

        silent: parties that do not open. Raises ProtectionError or one of its kinds.
        """
        member, post = self._ready(number), self._post
        quorum = quorum_of(member.roster, silent)
        commitments = post.post("commitment", member.commit(update, number), self.parties)
        opens = self.name in quorum
        updates = post.post("update", member.reveal(commitments, number), self.parties if opens else ())
        self._opened += 1
        return self._computed(member, updates, quorum, number) if opens else self._heard(member, quorum, number)

    def _computed(self, member: Member, updates: dict[str, bytes], quorum: Sequence[str], number: int) -> IntArray:
        member.receive(updates, number)
        total = member.open(self._post.post("partial", member.answer(quorum, number), quorum), number)
        if len(quorum) < len(self.parties):
            self._post.post("opened sum", member.tell(number), ())
        return total

    def _heard(self, member: Member, quorum: Sequence[str], number: int) -> IntArray:
        self._post.post("partial", None, ())
        return member.learn(self._post.post("opened sum", None, quorum), quorum, number)

    def _ready(self, number: int) -> Member:
        if self._member is None or is_used_up(self._layout, self._opened):
            epoch = 1 if self._member is None else self._member.roster.epoch + 1
            roster = roster_of(self._known, self._needed, epoch)
            self._member = joined(self._known, roster, self._layout, self._sessions, self._post, number - 1)
            self._opened = 0
        return self._member


def trained(
    seat: Seat, learner: Learner, collaboration: Collaboration, x: FloatArray, y: FloatArray, seed: int | None
) -> FloatArray:
    """Return the model after all rounds of a learner, of which this party's rows are a part.

    Raises ProtectionError naming this party in a round from which the collaboration has it missing.
    """
    state = learner.init(x.shape[1], seed)
    for number in range(1, learner.rounds + 1):
        if seat.name in collaboration.missing(seat.parties, number, "sealing"):
            raise ProtectionError(f"{seat.name!r} is missing from round {number}", (seat.name,))
        silent = collaboration.missing(seat.parties, number, "opening")
        update = quantise(learner.update(state, x, y), party=seat.name, parties=len(seat.parties))
        state = learner.apply(state, dequantise(seat.total(update, number, silent)))
    return learner.weights(state)


def main(arguments: str) -> None:
    """Be a party's process."""
    told = opened(arguments)
    name, link = told["name"], told["link"]
    play(name, told["control"], lambda task, introduced: take_part(name, link, task, introduced))
