"""How two parties agree on the keys of a session and prove to each other who they are, in three messages.

`hello` carries the initiator's ephemeral public keys, the answer the responder's X25519 key and the ML-KEM ciphertext;
from there on both ends can derive keys. Each end signs everything said so far with its identity and confirms the keys.
What is signed and derived from names both identities, the purpose, the roster and every byte of every message, so an
end that was shown something else, or meant somebody else, gets no session. Ephemeral keys are dropped as soon as the
keys are derived: who takes an identity later reads nothing of today.
"""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

from learning.crypto.secret import Secret, random_bytes
from learning.sessions.faults import SessionError
from learning.sessions.fields import join, part
from learning.sessions.identity import HybridIdentity, PublicHybridIdentity
from learning.sessions.keys import CHAIN_BYTES, Agreed, transcript
from learning.sessions.pact import LABEL, Pact
from learning.sessions.records import Session

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM1024PrivateKey
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

NONCE_BYTES = 32
X25519_BYTES, ML_KEM_BYTES, CIPHERTEXT_BYTES = 32, 1568, 1568
DIGEST_BYTES = 64
HELLO = (len(LABEL), DIGEST_BYTES, NONCE_BYTES, X25519_BYTES, ML_KEM_BYTES)
"""Sizes of the fields of the first message: label, pact, nonce, X25519 key, ML-KEM key."""
KEYS = (NONCE_BYTES, X25519_BYTES, CIPHERTEXT_BYTES)
"""Of the first half of the answer: nonce, X25519 key, ML-KEM ciphertext."""
PROOF = (PublicHybridIdentity.tag_bytes, CHAIN_BYTES)
"""Of its second half and of the last message: signatures, confirmation of the keys."""

INITIATOR, RESPONDER = "initiator", "responder"


class Initiator(Secret):
    """The end that speaks first: `hello`, then `finish`, once each."""

    __slots__ = ("_classical", "_hello", "_identity", "_pact", "_quantum")

    def __init__(self, pact: Pact, identity: HybridIdentity) -> None:
        _check_own(pact, pact.initiator, identity)
        self._pact, self._identity = pact, identity
        self._classical: X25519PrivateKey | None = None
        self._quantum: MLKEM1024PrivateKey | None = None
        self._hello = b""

    def hello(self) -> bytes:
        """Return the first message."""
        from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM1024PrivateKey
        from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

        if self._hello:
            raise SessionError(self._pact.responder, "the first message is sent already")
        self._classical, self._quantum = X25519PrivateKey.generate(), MLKEM1024PrivateKey.generate()
        publics = [self._classical.public_key().public_bytes_raw(), self._quantum.public_key().public_bytes_raw()]
        self._hello = join([LABEL, self._pact.digest(), random_bytes(NONCE_BYTES), *publics])
        return self._hello

    def finish(self, answer: bytes) -> tuple[bytes, Session]:
        """Return the last message and the session, given the responder's answer.

        Raises SessionError for an answer that the responder did not make for this session; it changes nothing.
        """
        peer = self._pact.responder
        if self._classical is None or self._quantum is None:
            raise SessionError(peer, "no answer is due")
        try:
            nonce, public, ciphertext, *proof = part(answer, (*KEYS, *PROOF))
            classical, quantum = _exchanged(self._classical, public), self._quantum.decapsulate(ciphertext)
        except ValueError as fault:
            raise SessionError(peer, str(fault)) from None
        said = transcript(self._pact.digest(), self._hello, join([nonce, public, ciphertext]))
        agreed = Agreed(classical, quantum, said)
        heard = _checked(self._pact, RESPONDER, proof, agreed, said)
        last, said = _proved(self._identity, INITIATOR, agreed, heard)
        self._classical = self._quantum = None
        own, others = agreed.chains(said)
        return last, Session(peer, said, own, others)


class Responder(Secret):
    """The end that answers: `answer`, then `accept`, once each."""

    __slots__ = ("_agreed", "_answered", "_identity", "_pact", "_said")

    def __init__(self, pact: Pact, identity: HybridIdentity) -> None:
        _check_own(pact, pact.responder, identity)
        self._pact, self._identity = pact, identity
        self._agreed: Agreed | None = None
        self._answered, self._said = False, b""

    def answer(self, hello: bytes) -> bytes:
        """Return the answer to a first message.

        Raises SessionError for a message of another version, suite, purpose, roster or pair; it changes nothing.
        """
        from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM1024PublicKey
        from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

        peer = self._pact.initiator
        if self._answered:
            raise SessionError(peer, "a first message is answered already")
        own = X25519PrivateKey.generate()
        try:
            label, pact, _, public, lattice = part(hello, HELLO)
            _check_meant(label, pact, self._pact)
            quantum, ciphertext = MLKEM1024PublicKey.from_public_bytes(lattice).encapsulate()
            classical = _exchanged(own, public)
        except ValueError as fault:
            raise SessionError(peer, str(fault)) from None
        keys = join([random_bytes(NONCE_BYTES), own.public_key().public_bytes_raw(), ciphertext])
        said = transcript(self._pact.digest(), hello, keys)
        self._agreed = Agreed(classical, quantum, said)
        proof, self._said = _proved(self._identity, RESPONDER, self._agreed, said)
        self._answered = True
        return keys + proof

    def accept(self, last: bytes) -> Session:
        """Return the session, given the initiator's last message.

        Raises SessionError for a message that the initiator did not make for this session; it changes nothing.
        """
        peer = self._pact.initiator
        if self._agreed is None:
            raise SessionError(peer, "no last message is due")
        try:
            proof = part(last, PROOF)
        except ValueError as fault:
            raise SessionError(peer, str(fault)) from None
        said = _checked(self._pact, INITIATOR, proof, self._agreed, self._said)
        others, own = self._agreed.chains(said)
        self._agreed = None
        return Session(peer, said, own, others)


def _check_own(pact: Pact, party: str, identity: HybridIdentity) -> None:
    if identity.public() != pact.identities[party]:
        raise ValueError(f"this is not the identity of {party!r} in the pact")


def _check_meant(label: bytes, pact: bytes, own: Pact) -> None:
    if label != LABEL:
        raise ValueError("it is of another version or another suite")
    if pact != own.digest():
        raise ValueError("it names other identities, another purpose or another roster")


def _exchanged(own: X25519PrivateKey, public: bytes) -> bytes:
    """Return the X25519 secret. Raises ValueError for a point of small order, which makes it known to all."""
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey

    try:
        return own.exchange(X25519PublicKey.from_public_bytes(public))
    except ValueError:
        raise ValueError("its X25519 key is of small order") from None


def _proved(identity: HybridIdentity, role: str, agreed: Agreed, said: bytes) -> tuple[bytes, bytes]:
    """Return an end's proof, and the transcript with it."""
    signature = identity.tag(_signed(role, said))
    said = transcript(said, signature)
    confirmation = agreed.confirmation(role, said)
    return join([signature, confirmation]), transcript(said, confirmation)


def _checked(pact: Pact, role: str, proof: list[bytes], agreed: Agreed, said: bytes) -> bytes:
    """Return the transcript with the other end's proof. Raises SessionError where either half of it is wrong."""
    peer = pact.initiator if role == INITIATOR else pact.responder
    signature, confirmation = proof
    signed = pact.identities[peer].accepts(_signed(role, said), signature)
    said = transcript(said, signature)
    confirmed = hmac.compare_digest(agreed.confirmation(role, said), confirmation)
    if not (signed and confirmed):
        raise SessionError(peer, f"{peer!r} did not sign and confirm what was heard here")
    return transcript(said, confirmation)


def _signed(role: str, said: bytes) -> bytes:
    # the role is signed, so that nobody's own words can be handed back
    return LABEL + f"\nthe {role} has heard\n".encode() + said
