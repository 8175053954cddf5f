"""From two agreed secrets and the whole transcript to the keys of a session.

The secrets of X25519 and of ML-KEM stand one behind the other, both of fixed length, under an extraction salted with
the transcript: the result is hidden while either of them is (the public keys and the ciphertext are in the transcript,
as a combiner needs). HKDF with SHA-512, RFC 5869.
"""

from __future__ import annotations

import hashlib

from learning.crypto.secret import Secret

SECRET_BYTES = 32
"""Of either agreed secret."""
CHAIN_BYTES = 64
KEY_BYTES, IV_BYTES = 32, 12


def transcript(*parts: bytes) -> bytes:
    """Return the SHA-512 of everything said so far, each part behind its length."""
    found = hashlib.sha512(b"looptwin transcript 1\n")
    for part in parts:
        found.update(len(part).to_bytes(8, "big") + part)
    return found.digest()


class Agreed(Secret):
    """What both ends know, and nobody else, once they have each other's public keys."""

    __slots__ = ("_master",)

    def __init__(self, classical: bytes, quantum: bytes, said: bytes) -> None:
        from cryptography.hazmat.primitives.hashes import SHA512
        from cryptography.hazmat.primitives.kdf.hkdf import HKDF

        if len(classical) != SECRET_BYTES or len(quantum) != SECRET_BYTES:
            raise ValueError(f"either agreed secret has {SECRET_BYTES} bytes")
        self._master = HKDF.extract(SHA512(), said, classical + quantum)

    def confirmation(self, role: str, said: bytes) -> bytes:
        """Return the proof of an end that it has agreed on the same and heard the same."""
        return expand(self._master, f"confirmation of the {role}", said)

    def chains(self, said: bytes) -> tuple[Chain, Chain]:
        """Return the chains of keys of both directions, the initiator's first."""
        first, second = (expand(self._master, f"records of the {role}", said) for role in ("initiator", "responder"))
        return Chain(first), Chain(second)


class Chain(Secret):
    """One direction's chain of keys: from each follows the next, and none that was before."""

    __slots__ = ("_link",)

    def __init__(self, link: bytes) -> None:
        self._link = link

    def take(self) -> tuple[bytes, bytes]:
        """Return the key and the starting nonce of the next epoch, and forget what they were made of."""
        key = expand(self._link, "key", b"", KEY_BYTES)
        iv = expand(self._link, "nonce", b"", IV_BYTES)
        self._link = expand(self._link, "next", b"")
        return key, iv


def expand(secret: bytes, purpose: str, said: bytes, size: int = CHAIN_BYTES) -> bytes:
    """Return bytes for one purpose out of a secret."""
    from cryptography.hazmat.primitives.hashes import SHA512
    from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

    return HKDFExpand(SHA512(), size, f"looptwin session 1 {purpose}\n".encode() + said).derive(secret)
