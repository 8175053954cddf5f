"""A key that all parties hold and the coordinator does not: what travels between parties is closed to their carrier."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from learning.crypto.secret import Secret, random_bytes

CONTRIBUTION_BYTES = 32
_NONCE_BYTES = 12


class GroupKey(Secret):
    """AES-256-GCM key made of a contribution of every party: as good as the best of them."""

    __slots__ = ("_cipher",)

    def __init__(self, contributions: Mapping[str, bytes]) -> None:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        material = b"".join(contributions[party] for party in sorted(contributions))
        self._cipher = AESGCM(hashlib.sha256(b"looptwin group key 1\n" + material).digest())

    def hide(self, content: bytes, purpose: bytes) -> bytes:
        """Return `content` closed for everybody outside the group; it opens for the same `purpose` alone."""
        nonce = random_bytes(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, content, purpose)

    def show(self, hidden: bytes, purpose: bytes) -> bytes:
        """Return what `hide` closed. Raises ValueError for anything else."""
        from cryptography.exceptions import InvalidTag

        try:
            return self._cipher.decrypt(hidden[:_NONCE_BYTES], hidden[_NONCE_BYTES:], purpose)
        except InvalidTag:
            raise ValueError("it was not closed by a party for this purpose") from None
