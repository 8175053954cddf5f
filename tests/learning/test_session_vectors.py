"""The primitives answer as published; where no vector is at hand, as a second way of computing the same.

ML-KEM-1024 and ML-DSA-65 have no published answers at hand here: for them the tests hold sizes, agreement and refusal.
"""

from __future__ import annotations

import hashlib
import hmac

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA65PrivateKey
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM1024PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from learning.sessions import handshake, identity
from learning.sessions.keys import Agreed, expand


@pytest.mark.parametrize(
    ("private", "public", "shared"),
    [
        (
            "a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
            "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c",
            "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552",
        ),
        (
            "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb",
            "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a",
            "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742",
        ),
    ],
    ids=["5.2", "6.1"],
)
def test_x25519_answers_as_in_rfc_7748(private: str, public: str, shared: str) -> None:
    own = X25519PrivateKey.from_private_bytes(bytes.fromhex(private))

    assert own.exchange(X25519PublicKey.from_public_bytes(bytes.fromhex(public))).hex() == shared


def test_ed25519_answers_as_in_rfc_8032() -> None:
    own = Ed25519PrivateKey.from_private_bytes(
        bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
    )

    assert own.public_key().public_bytes_raw().hex() == (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    )
    assert own.sign(b"").hex() == (
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555"
        "fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
    )


def test_hkdf_answers_as_in_rfc_5869() -> None:
    found = HKDF(SHA256(), 42, bytes(range(13)), bytes(range(0xF0, 0xFA))).derive(b"\x0b" * 22)

    assert found.hex() == "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"


def test_aes_256_gcm_answers_as_in_test_cases_13_and_14_of_its_specification() -> None:
    cipher = AESGCM(bytes(32))

    assert cipher.encrypt(bytes(12), b"", None).hex() == "530f8afbc74536b9a963b4f1c4cb738b"
    assert cipher.encrypt(bytes(12), bytes(16), None).hex() == (
        "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"
    )


def test_keys_of_a_session_are_those_of_hmac_by_the_definition_of_hkdf() -> None:
    """RFC 5869 has no answers for SHA-512, so extraction and expansion are done again with the standard library."""
    classical, quantum, said = b"c" * 32, b"q" * 32, b"s" * 64
    master = hmac.digest(said, classical + quantum, hashlib.sha512)

    def by_hand(secret: bytes, purpose: str, context: bytes, size: int) -> bytes:
        block, found, info = b"", b"", f"looptwin session 1 {purpose}\n".encode() + context
        for count in range(1, 3):
            block = hmac.digest(secret, block + info + bytes([count]), hashlib.sha512)
            found += block
        return found[:size]

    agreed = Agreed(classical, quantum, said)
    assert agreed.confirmation("initiator", said) == by_hand(master, "confirmation of the initiator", said, 64)
    assert expand(master, "anything", said, 100) == by_hand(master, "anything", said, 100)
    link = by_hand(master, "records of the responder", said, 64)
    _, second = agreed.chains(said)
    assert second.take() == (by_hand(link, "key", b"", 32), by_hand(link, "nonce", b"", 12))


def test_ml_kem_1024_has_the_sizes_of_its_standard_and_rejects_silently() -> None:
    """FIPS 203: a changed ciphertext gives another secret and no error, so the transcript must catch it, and does."""
    own = MLKEM1024PrivateKey.generate()
    public = own.public_key()
    secret, ciphertext = public.encapsulate()

    assert len(public.public_bytes_raw()) == handshake.ML_KEM_BYTES
    assert len(ciphertext) == handshake.CIPHERTEXT_BYTES
    assert own.decapsulate(ciphertext) == secret
    changed = own.decapsulate(bytes([ciphertext[0] ^ 1]) + ciphertext[1:])
    assert changed != secret
    assert len(changed) == 32


def test_ml_dsa_65_has_the_sizes_of_its_standard_and_refuses_another_message() -> None:
    own = MLDSA65PrivateKey.generate()
    tag = own.sign(b"said")

    assert len(own.public_key().public_bytes_raw()) == identity.ML_DSA_BYTES
    assert len(tag) == identity.ML_DSA_SIGNATURE_BYTES
    own.public_key().verify(tag, b"said")
    with pytest.raises(InvalidSignature):
        own.public_key().verify(tag, b"else")
