"""Two ends of a session, and what an attacker between them has at hand."""

from __future__ import annotations

from dataclasses import dataclass, replace

from learning.sessions.fields import part
from learning.sessions.handshake import HELLO, KEYS, PROOF, Initiator, Responder
from learning.sessions.identity import HybridIdentity
from learning.sessions.keys import Agreed, transcript
from learning.sessions.pact import Pact, roster_digest
from learning.sessions.records import Session

NORTH, SOUTH, MALLORY = HybridIdentity(), HybridIdentity(), HybridIdentity()
IDENTITIES = {"north": NORTH.public(), "south": SOUTH.public(), "mallory": MALLORY.public()}
PACT = Pact(
    initiator="north",
    responder="south",
    identities=IDENTITIES,
    purpose="key shares",
    roster=roster_digest(IDENTITIES, "a test"),
)


@dataclass
class Heard:
    """All that went over the wire, and both ends."""

    hello: bytes
    answer: bytes
    last: bytes
    north: Session
    south: Session


def agreed(pact: Pact = PACT) -> Heard:
    """A session between north and south."""
    first, second = Initiator(pact, NORTH), Responder(pact, SOUTH)
    hello = first.hello()
    answer = second.answer(hello)
    last, north = first.finish(answer)
    return Heard(hello, answer, last, north, second.accept(last))


def with_identity(party: str, identity: HybridIdentity) -> Pact:
    """The pact as somebody sees it who believes that a party has this identity."""
    return replace(PACT, identities=IDENTITIES | {party: identity.public()})


def sessions_of(heard: Heard, classical: bytes, quantum: bytes) -> tuple[Session, Session]:
    """North's and south's session, worked out from the wire and from both secrets: nobody else's help is needed."""
    keys = join_sizes(KEYS)
    said = transcript(PACT.digest(), heard.hello, heard.answer[:keys])
    found = Agreed(classical, quantum, said)
    for proof in (heard.answer[keys:], heard.last):
        signature, confirmation = part(proof, PROOF)
        said = transcript(transcript(said, signature), confirmation)
    first, second = found.chains(said)
    again_first, again_second = found.chains(said)
    return Session("south", said, first, second), Session("north", said, again_second, again_first)


def join_sizes(sizes: tuple[int, ...]) -> int:
    """Bytes of fields with their lengths."""
    return sum(sizes) + 4 * len(sizes)


def fields_of_hello() -> dict[str, int]:
    """Where each field of the first message starts."""
    names = ("label", "pact", "nonce", "X25519 key", "ML-KEM key")
    return {name: 4 + join_sizes(HELLO[:place]) for place, name in enumerate(names)}
