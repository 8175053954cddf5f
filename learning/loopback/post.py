"""A party's way to the others: everything goes through the coordinator, inside a session with it.

`post` shows something to all; `hand` gives each party something of its own. Either is one step that all parties take
together, and gives what the others posted or handed in it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from learning.crossings import COORDINATOR
from learning.ends import refuse_other_parties
from learning.faults import RoundError, SenderError
from learning.loopback.messages import Message
from learning.loopback.role import Known
from learning.loopback.wire import HANDSHAKE_BYTES, Channel, Wire
from learning.sessions.faults import SessionError
from learning.sessions.handshake import Initiator, Responder
from learning.sessions.records import Session

CARRYING, BETWEEN = "carrying", "between parties"
"""Purposes of sessions."""
SESSION = "session"
HELLO, ANSWER, LAST = "session hello", "session answer", "session last"


def to_coordinator(wire: Wire, known: Known) -> Channel:
    """Open a session with the coordinator."""
    end = Initiator(known.pact(known.name, COORDINATOR, CARRYING), known.identity)
    wire.send(end.hello())
    last, session = end.finish(wire.receive(most=HANDSHAKE_BYTES))
    wire.send(last)
    return Channel(wire, session)


def from_party(wire: Wire, known: Known) -> Channel:
    """Open the coordinator's end of the same."""
    end = Responder(known.pact(wire.peer, COORDINATOR, CARRYING), known.identity)
    wire.send(end.answer(wire.receive(most=HANDSHAKE_BYTES)))
    return Channel(wire, end.accept(wire.receive(most=HANDSHAKE_BYTES)))


class Post:
    """One party's end. Holds state: its channel to the coordinator."""

    def __init__(self, party: str, channel: Channel) -> None:
        self.party, self._channel = party, channel

    def post(self, step: str, own: bytes | None, expected: Collection[str]) -> dict[str, bytes]:
        """Show `own` to all, or nothing; return what the expected parties show, this one's included.

        Raises ProtectionError or one of its kinds where the coordinator passes on something else.
        """
        shown = {} if own is None else {self.party: own}
        return shown | self._step(step, shown, set(expected) - {self.party})

    def hand(self, step: str, given: Mapping[str, bytes], expected: Collection[str]) -> dict[str, bytes]:
        """Hand each party what is its own; return what the expected parties hand to this one."""
        return self._step(step, given, expected)

    def finish(self) -> None:
        """End the session with the coordinator."""
        self._channel.finish()

    def _step(self, step: str, parts: Mapping[str, bytes], expected: Collection[str]) -> dict[str, bytes]:
        self._channel.send(Message(step, parts=parts))
        answer = self._channel.receive()
        if answer.word != step:
            raise SenderError(COORDINATOR, f"it is at {answer.word!r}, not at {step!r}")
        refuse_other_parties(sorted(expected), answer.parts)
        return dict(answer.parts)


def sessions_with(others: Collection[str], known: Known, post: Post) -> dict[str, Session]:
    """Open a session with every other party; the coordinator carries the messages and reads none of what follows.

    Raises RoundError listing both parties and the coordinator, which cannot be told apart by a third.
    """
    own = known.name
    first = {
        other: Initiator(known.pact(own, other, BETWEEN), known.identity) for other in sorted(others) if own < other
    }
    second = {
        other: Responder(known.pact(other, own, BETWEEN), known.identity) for other in sorted(others) if other < own
    }
    try:
        hellos = post.hand(HELLO, {other: end.hello() for other, end in first.items()}, second)
        answers = post.hand(ANSWER, {other: end.answer(hellos[other]) for other, end in second.items()}, first)
        finished = {other: end.finish(answers[other]) for other, end in first.items()}
        lasts = post.hand(LAST, {other: last for other, (last, _) in finished.items()}, second)
        accepted = {other: end.accept(lasts[other]) for other, end in second.items()}
    except SessionError as fault:
        raise RoundError(str(fault), (own, fault.peer, COORDINATOR)) from None
    return accepted | {other: session for other, (_, session) in finished.items()}
