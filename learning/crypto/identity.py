"""Signing keys: who signed an envelope is plain to everybody, and nobody else could have."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import ClassVar

from learning.crypto.secret import Secret

_DOMAIN = b"looptwin signed envelope 1\n"


class Identity(Secret):
    """A party's Ed25519 signing key, from the operating system's randomness."""

    __slots__ = ("_key",)

    def __init__(self) -> None:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        self._key = Ed25519PrivateKey.generate()

    def tag(self, message: bytes) -> bytes:
        """Return the signature of a message."""
        return self._key.sign(_digest(message))

    def public(self) -> PublicIdentity:
        """Return what checks the signatures of this key."""
        return PublicIdentity(self._key.public_key().public_bytes_raw())


@dataclass(frozen=True)
class PublicIdentity:
    """The public half of a signing key."""

    tag_bytes: ClassVar[int] = 64
    size: ClassVar[int] = 32
    raw: bytes

    def accepts(self, message: bytes, tag: bytes) -> bool:
        """Return whether the holder of the signing key signed this message."""
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

        try:
            Ed25519PublicKey.from_public_bytes(self.raw).verify(tag, _digest(message))
        except InvalidSignature:
            return False
        return True


def _digest(message: bytes) -> bytes:
    # signed by its digest: an envelope of megabytes is then read once, by the fast hash
    return _DOMAIN + hashlib.sha256(message).digest()
