"""What two ends must agree on before a session: who they are, what it is for, and who else belongs to it. Public."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from learning.sessions.fields import join
from learning.sessions.identity import PublicHybridIdentity

LABEL = b"looptwin session 1: X25519 + ML-KEM-1024, HKDF-SHA512, Ed25519 + ML-DSA-65, AES-256-GCM"
"""Names the one suite there is: with nothing to choose from, nothing can be talked down."""


@dataclass(frozen=True, kw_only=True)
class Pact:
    """Both ends of a session and what it is for. An end never takes an identity from the wire."""

    initiator: str
    responder: str
    identities: Mapping[str, PublicHybridIdentity]
    """Of at least these two."""
    purpose: str
    roster: str
    """Digest of who belongs to the undertaking, see `roster_digest`."""

    def __post_init__(self) -> None:
        if self.initiator == self.responder:
            raise ValueError(f"{self.initiator!r} cannot hold a session with itself")
        for party in (self.initiator, self.responder):
            if party not in self.identities:
                raise ValueError(f"{party!r} has no identity")

    def digest(self) -> bytes:
        """Return what stands for this pact: another at the other end, and no session comes about."""
        ends = [part for party in (self.initiator, self.responder) for part in self._end(party)]
        return hashlib.sha512(join([LABEL, *ends, self.purpose.encode(), self.roster.encode()])).digest()

    def _end(self, party: str) -> tuple[bytes, bytes]:
        return party.encode(), self.identities[party].raw


def roster_digest(identities: Mapping[str, PublicHybridIdentity], undertaking: str) -> str:
    """Return the digest of who takes part in an undertaking under which identity, in whatever order it is given."""
    parts = [part for name in sorted(identities) for part in (name.encode(), identities[name].raw)]
    return hashlib.sha256(join([b"looptwin session roster 1", undertaking.encode(), *parts])).hexdigest()
