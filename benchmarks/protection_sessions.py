"""What a session costs: agreement on keys, and both ends proving who they are, beside classical keys alone.

Times are CPU milliseconds of both ends together, one after the other: on a wire each waits for the other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM1024PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from benchmarks.figures import Figure, in_turn, judged, stated
from learning.sessions.handshake import Initiator, Responder
from learning.sessions.identity import HybridIdentity
from learning.sessions.keys import Agreed
from learning.sessions.pact import Pact, roster_digest
from learning.sessions.records import Session

RUNS, BATCH = 15, 20
MEGABYTE = 1 << 20


def figures() -> list[Figure]:
    """Measure all figures of sessions."""
    north, south = HybridIdentity(), HybridIdentity()
    identities = {"north": north.public(), "south": south.public()}
    roster = roster_digest(identities, "a measurement")
    pact = Pact(initiator="north", responder="south", identities=identities, purpose="a measurement", roster=roster)

    ends = [Ed25519PrivateKey.generate() for _ in range(2)]

    def session() -> tuple[Session, Session]:
        first, second = Initiator(pact, north), Responder(pact, south)
        last, one = first.finish(second.answer(first.hello()))
        return one, second.accept(last)

    works: Mapping[str, Callable[[], object]] = {
        "agreed": _agreed,
        "bare": _bare,
        "session": session,
        "classical": lambda: _classical_session(ends),
    }
    times = in_turn({name: lambda work=work: [work() for _ in range(BATCH)] for name, work in works.items()}, RUNS)  # type: ignore[misc]
    each = {name: 1e3 * seconds / BATCH for name, seconds in times.items()}
    one, other = session()
    records = in_turn({"record": lambda: other.open(one.seal(bytes(MEGABYTE)))}, RUNS)["record"]
    return [
        judged(
            "key agreement, X25519 and ML-KEM-1024, both ends",
            each["agreed"],
            "ms",
            goal=1.0,
            peer="bare X25519 (ms)",
            peer_value=each["bare"],
        ),
        judged(
            "authenticated session, both ends",
            each["session"],
            "ms",
            goal=3.0,
            peer="X25519 and Ed25519 (ms)",
            peer_value=each["classical"],
            note="signing under ML-DSA-65 draws until it fits, so it varies",
        ),
        stated("a record of 1 MiB, sealed and opened", 1e3 * records, "ms"),
    ]


def _agreed() -> None:
    one, other, lattice = X25519PrivateKey.generate(), X25519PrivateKey.generate(), MLKEM1024PrivateKey.generate()
    secret, ciphertext = lattice.public_key().encapsulate()
    said = bytes(64)
    first = Agreed(one.exchange(other.public_key()), lattice.decapsulate(ciphertext), said)
    second = Agreed(other.exchange(one.public_key()), secret, said)
    assert first.confirmation("initiator", said) == second.confirmation("initiator", said)


def _bare() -> None:
    one, other = X25519PrivateKey.generate(), X25519PrivateKey.generate()
    assert one.exchange(other.public_key()) == other.exchange(one.public_key())


def _classical_session(ends: Sequence[Ed25519PrivateKey]) -> None:
    """The steps of the same protocol with classical keys alone: an exchange, two signatures, two checks."""
    _bare()
    for end in ends:
        end.public_key().verify(end.sign(bytes(64)), bytes(64))
