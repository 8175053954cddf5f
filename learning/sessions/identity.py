"""Who a party is: an Ed25519 and an ML-DSA-65 key that sign together. A signature holds only if both halves do."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import ClassVar

from learning.crypto.secret import Secret
from learning.sessions.fields import join

ED25519_BYTES, ML_DSA_BYTES = 32, 1952
"""Public keys."""
ED25519_SIGNATURE_BYTES, ML_DSA_SIGNATURE_BYTES = 64, 3309
SEED_BYTES = 32
"""Of either private key."""

_DOMAIN = b"looptwin hybrid signature 1\n"
_FINGERPRINT_DOMAIN = b"looptwin identity fingerprint 1\n"


class HybridIdentity(Secret):
    """A party's two signing keys, from the operating system's randomness or out of a keystore."""

    __slots__ = ("_classical", "_public", "_quantum")

    def __init__(self, seeds: bytes | None = None) -> None:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
        from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA65PrivateKey

        if seeds is not None and len(seeds) != 2 * SEED_BYTES:
            raise ValueError(f"an identity is made of {2 * SEED_BYTES} bytes")
        if seeds is None:
            self._classical, self._quantum = Ed25519PrivateKey.generate(), MLDSA65PrivateKey.generate()
        else:
            self._classical = Ed25519PrivateKey.from_private_bytes(seeds[:SEED_BYTES])
            self._quantum = MLDSA65PrivateKey.from_seed_bytes(seeds[SEED_BYTES:])
        self._public = PublicHybridIdentity(
            self._classical.public_key().public_bytes_raw() + self._quantum.public_key().public_bytes_raw()
        )

    def tag(self, message: bytes) -> bytes:
        """Return both signatures of a message."""
        text = _digest(message, self._public)
        return self._classical.sign(text) + self._quantum.sign(text)

    def public(self) -> PublicHybridIdentity:
        """Return what checks the signatures of this identity."""
        return self._public

    def seeds(self) -> bytes:
        """Return the secret itself, for a keystore alone."""
        return self._classical.private_bytes_raw() + self._quantum.private_bytes_raw()


@dataclass(frozen=True)
class PublicHybridIdentity:
    """The public half of an identity. Raises ValueError for bytes that are none."""

    tag_bytes: ClassVar[int] = ED25519_SIGNATURE_BYTES + ML_DSA_SIGNATURE_BYTES
    size: ClassVar[int] = ED25519_BYTES + ML_DSA_BYTES
    raw: bytes

    def __post_init__(self) -> None:
        if len(self.raw) != self.size:
            raise ValueError(f"a public identity has {self.size} bytes, not {len(self.raw)}")

    def __repr__(self) -> str:
        return f"PublicHybridIdentity({self.fingerprint()})"

    def accepts(self, message: bytes, tag: bytes) -> bool:
        """Return whether both signing keys signed this message. Neither alone counts for anything."""
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
        from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA65PublicKey

        if len(tag) != self.tag_bytes:
            return False
        text = _digest(message, self)
        try:
            Ed25519PublicKey.from_public_bytes(self.raw[:ED25519_BYTES]).verify(tag[:ED25519_SIGNATURE_BYTES], text)
            MLDSA65PublicKey.from_public_bytes(self.raw[ED25519_BYTES:]).verify(tag[ED25519_SIGNATURE_BYTES:], text)
        except InvalidSignature:
            return False
        return True

    def fingerprint(self) -> str:
        """Return what two people read to each other: 160 bits in ten groups of four."""
        digits = hashlib.sha256(_FINGERPRINT_DOMAIN + self.raw).hexdigest()[:40]
        return " ".join(digits[at : at + 4] for at in range(0, 40, 4))


def _digest(message: bytes, signer: PublicHybridIdentity) -> bytes:
    # both halves sign both public keys: no half can be cut out and set beside another
    return _DOMAIN + hashlib.sha512(join([signer.raw, hashlib.sha512(message).digest()])).digest()
