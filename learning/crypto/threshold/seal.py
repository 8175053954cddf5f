"""The few doors through which numbers reach SEAL and come back; all through memory, never through a disk.

TenSEAL's binding of SEAL saves and loads by path alone. The path here is that of an anonymous file in memory, closed
after each call. What it writes is a header of 16 bytes and a body: a fixed beginning, then the words.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from learning.arrays import FloatArray
from learning.crypto.secret import Secret
from learning.crypto.threshold.parameters import PRIME_BITS, SCALE_BITS
from learning.crypto.threshold.ring import DATA_PRIMES, DEGREE, PRIMES, Ring

_HEADER = struct.Struct("<HBBBBHQ")
_MAGIC, _MAJOR, _MINOR = 0xA15E, 4, 3
_UNCOMPRESSED, _ZLIB = 0, 1
_TRANSFORMED_FLAG = 32
"""Place of the byte of a ciphertext that says whether it is transformed: behind the digest of its parameters."""


class KeyPair(Secret):
    """A fresh key of SEAL: public = error - mask * secret."""

    __slots__ = ("mask", "public", "secret")

    def __init__(self, secret: Ring, public: Ring, mask: Ring) -> None:
        self.secret, self.public, self.mask = secret, public, mask


@contextmanager
def _memory() -> Iterator[tuple[int, str]]:
    descriptor = os.memfd_create("looptwin", os.MFD_CLOEXEC)
    try:
        yield descriptor, f"/proc/self/fd/{descriptor}"
    finally:
        os.close(descriptor)


def saved(value: Any) -> bytes:
    """Return what SEAL writes of an object, without header and compression."""
    with _memory() as (descriptor, path):
        value.save(path)
        return body(os.pread(descriptor, os.fstat(descriptor).st_size, 0))


def body(written: bytes) -> bytes:
    """Return the body of anything that SEAL wrote."""
    mode, packed = written[5], written[_HEADER.size :]
    if mode == _UNCOMPRESSED:
        return packed
    if mode == _ZLIB:
        import zlib

        return zlib.decompress(packed)
    # the standard library reads zstd from Python 3.14 on
    import pyarrow as pa

    unpacked: bytes = pa.CompressedInputStream(pa.BufferReader(packed), "zstd").read()
    return unpacked


def framed(content: bytes) -> bytes:
    """Return a body as SEAL reads it, uncompressed."""
    header = _HEADER.pack(_MAGIC, _HEADER.size, _MAJOR, _MINOR, _UNCOMPRESSED, 0, _HEADER.size + len(content))
    return header + content


def load(value: Any, context: Any, content: bytes) -> Any:
    """Return `value` after SEAL has read a body into it."""
    with _memory() as (descriptor, path):
        os.pwrite(descriptor, framed(content), 0)
        value.load(context, path)
    return value


def split_words(content: bytes, *shape: int) -> tuple[bytes, Ring]:
    """Return the beginning of a body and the words of this shape at its end."""
    size = 8 * int(np.prod(shape))
    return content[:-size], np.frombuffer(content[-size:], dtype="<u8").reshape(shape)


@dataclass(frozen=True, eq=False)
class Seal:
    """SEAL with the parameters of the threshold cipher; holds no key."""

    module: Any
    context: Any
    encoder: Any
    evaluator: Any
    public_start: bytes
    ciphertext_start: bytes
    plaintext_start: bytes

    def key_pair(self) -> KeyPair:
        """Return a key fresh from SEAL's sampler, which is seeded by the operating system."""
        generator, public = self.module.KeyGenerator(self.context), self.module.PublicKey()
        generator.create_public_key(public)
        _, secret = split_words(saved(generator.secret_key()), len(PRIMES), DEGREE)
        _, words = split_words(saved(public), 2, len(PRIMES), DEGREE)
        return KeyPair(secret, words[0], words[1])

    def public_key(self, public: Ring, mask: Ring) -> bytes:
        """Return SEAL's own form of a public key."""
        return framed(self.public_start + public.tobytes() + mask.tobytes())

    def halves(self, ciphertext: Any) -> tuple[Ring, Ring]:
        """Return c0 and c1 of a ciphertext: c0 + c1 * secret is the message and its noise."""
        _, words = split_words(saved(ciphertext), 2, DATA_PRIMES, DEGREE)
        return words[0], words[1]

    def transform(self, coefficients: Ring) -> Ring:
        """Return a polynomial of coefficients in transformed form."""
        start = bytearray(self.ciphertext_start)
        start[_TRANSFORMED_FLAG] = 0
        carrier = load(self.module.Ciphertext(), self.context, bytes(start) + 2 * coefficients.tobytes())
        self.evaluator.transform_to_ntt_inplace(carrier)
        return self.halves(carrier)[0]

    def coefficients(self, transformed: Ring) -> Ring:
        """Return the coefficients of a transformed polynomial."""
        carrier = load(self.module.Ciphertext(), self.context, self.ciphertext_start + 2 * transformed.tobytes())
        self.evaluator.transform_from_ntt_inplace(carrier)
        return self.halves(carrier)[0]

    def decode(self, message: Ring) -> FloatArray:
        """Return the slots of a message."""
        plaintext = load(self.module.Plaintext(), self.context, self.plaintext_start + message.tobytes())
        return np.array(self.encoder.decode_double(plaintext))


@cache
def seal() -> Seal:
    """Return SEAL set up once for this process."""
    import tenseal.sealapi as module

    parameters = module.EncryptionParameters(module.SCHEME_TYPE.CKKS)
    parameters.set_poly_modulus_degree(DEGREE)
    moduli = module.CoeffModulus.Create(DEGREE, list(PRIME_BITS))
    assert tuple(modulus.value() for modulus in moduli) == PRIMES
    parameters.set_coeff_modulus(moduli)
    context = module.SEALContext(parameters, True, module.SEC_LEVEL_TYPE.TC128)
    encoder = module.CKKSEncoder(context)
    public, plaintext, ciphertext = module.PublicKey(), module.Plaintext(), module.Ciphertext()
    module.KeyGenerator(context).create_public_key(public)
    encoder.encode([0.0], 2.0**SCALE_BITS, plaintext)
    module.Encryptor(context, public).encrypt(plaintext, ciphertext)
    return Seal(
        module=module,
        context=context,
        encoder=encoder,
        evaluator=module.Evaluator(context),
        public_start=split_words(saved(public), 2, len(PRIMES), DEGREE)[0],
        ciphertext_start=split_words(saved(ciphertext), 2, DATA_PRIMES, DEGREE)[0],
        plaintext_start=split_words(saved(plaintext), DATA_PRIMES, DEGREE)[0],
    )
