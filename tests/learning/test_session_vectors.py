"""The primitives answer as published; where no vector is at hand, as a second way of computing the same.

No published answers for ML-KEM-1024 and ML-DSA-65 are at hand here: both are held to their standards written out by
hand, which share no code with the package and no author with its library.
"""

from __future__ import annotations

import hashlib
import hmac
import os

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
from tests.learning import ml_dsa_by_hand, ml_kem_by_hand


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


def test_ml_kem_1024_is_that_of_its_standard_both_ways() -> None:
    """FIPS 203 written out: the same key of a seed, each opens what the other closed, and both refuse alike."""
    seed = os.urandom(64)
    own, by_hand = MLKEM1024PrivateKey.from_seed_bytes(seed), ml_kem_by_hand.keys(seed)
    public = own.public_key()
    secret, ciphertext = public.encapsulate()

    assert public.public_bytes_raw() == by_hand.public
    assert ml_kem_by_hand.decapsulated(by_hand, ciphertext) == secret
    secret, ciphertext = ml_kem_by_hand.encapsulated(by_hand.public, os.urandom(32))
    assert own.decapsulate(ciphertext) == secret
    assert (len(by_hand.public), len(ciphertext)) == (handshake.ML_KEM_BYTES, handshake.CIPHERTEXT_BYTES)
    changed = bytes([ciphertext[0] ^ 1]) + ciphertext[1:]
    assert own.decapsulate(changed) == ml_kem_by_hand.decapsulated(by_hand, changed) != secret


def test_ml_dsa_65_is_that_of_its_standard() -> None:
    """FIPS 204 written out: the same key of a seed, and what the package signs holds there, and nothing else."""
    seed = os.urandom(32)
    own = MLDSA65PrivateKey.from_seed_bytes(seed)
    public, tag = own.public_key().public_bytes_raw(), own.sign(b"said")

    assert ml_dsa_by_hand.public_key(seed) == public
    assert ml_dsa_by_hand.verified(public, b"said", tag)
    assert not ml_dsa_by_hand.verified(public, b"else", tag)
    assert (len(public), len(tag)) == (identity.ML_DSA_BYTES, identity.ML_DSA_SIGNATURE_BYTES)
    for place in (0, 48, 2000, len(tag) - 1):
        changed = tag[:place] + bytes([tag[place] ^ 1]) + tag[place + 1 :]
        assert not ml_dsa_by_hand.verified(public, b"said", changed)
        with pytest.raises(InvalidSignature):
            own.public_key().verify(changed, b"said")


def test_an_identity_signs_under_both_keys_of_its_seeds() -> None:
    """The halves of a hybrid signature checked apart, by other code than the product's."""
    seeds = os.urandom(64)
    own = identity.HybridIdentity(seeds)
    text, tag = identity._digest(b"said", own.public()), own.tag(b"said")  # noqa: SLF001 - what is signed in fact

    Ed25519PrivateKey.from_private_bytes(seeds[:32]).public_key().verify(tag[:64], text)
    assert ml_dsa_by_hand.verified(ml_dsa_by_hand.public_key(seeds[32:]), text, tag[64:])
