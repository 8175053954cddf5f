"""A key that two parties agree on over a carrier that sees everything both say: X25519 and HKDF-SHA256."""

from __future__ import annotations

from learning.crypto.secret import Secret


class AgreementKey(Secret):
    """A party's X25519 key, from the operating system's randomness."""

    __slots__ = ("_key",)
    size = 32

    def __init__(self) -> None:
        from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

        self._key = X25519PrivateKey.generate()

    def public(self) -> bytes:
        """Return what the other needs; opens nothing."""
        return self._key.public_key().public_bytes_raw()

    def agree(self, other: bytes, context: str) -> bytes:
        """Return the key shared with the holder of `other`; both public halves and the context are bound into it.

        Raises ValueError for what is no public half.
        """
        from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
        from cryptography.hazmat.primitives.hashes import SHA256
        from cryptography.hazmat.primitives.kdf.hkdf import HKDF

        shared = self._key.exchange(X25519PublicKey.from_public_bytes(other))
        transcript = b"".join(sorted((self.public(), other))) + context.encode()
        return HKDF(SHA256(), 32, None, b"looptwin agreement 1\n" + transcript).derive(shared)
