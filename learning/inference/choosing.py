"""Oblivious choice: for each of its bits one side gets one of two keys, and the other does not learn which.

The chooser seals its bits with BFV; the other computes `key0 + bit * (key1 - key0)` on them, modulo a prime in each of
KEY_SLOTS slots a bit. The chooser reads one key, and of the other nothing: the difference is even over all residues.
Noise of the product is `difference * error`, and the chooser knows its errors, so a flood of 64 bits drowns it:
`9 * 3.24 * sqrt(4096) * 2**21 < 2**32`, which is 2**31 times less, and with the message fits in 92 bits. The second
part of the product over that of the choice would be the difference itself, so a fresh encryption of zero under the
chooser's public key goes on both parts.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from learning.arrays import IntArray
from learning.crypto.compact.shapes import Shape
from learning.crypto.memory import written
from learning.crypto.secret import Secret, random_bytes
from learning.crypto.threshold.seal import body, framed
from learning.ends import frame, unframe
from learning.outsourced.shapes import ciphertext_shapes, public_key_shape, read_shaped

DEGREE = 4096
PRIME_BITS = (47, 46, 16)
PLAIN_BITS = 22
KEY_SLOTS = 6
"""Residues of 22 bits that make a key: 132 bits."""
PER_CIPHERTEXT = DEGREE // KEY_SLOTS
MASK_BYTES = 16


@dataclass(frozen=True, eq=False)
class _Scheme:
    module: Any
    context: Any
    encoder: Any
    evaluator: Any
    prime: int
    primes: tuple[int, ...]
    shapes: tuple[Shape, ...]
    keys: tuple[Shape, ...]

    def plain(self, slots: IntArray) -> Any:
        plaintext = self.module.Plaintext()
        self.encoder.encode(slots.tolist(), plaintext)
        return plaintext

    def read(self, content: bytes) -> Any:
        what = "ciphertext of these parameters"
        found = read_shaped(self.module.Ciphertext(), self.context, content, self.shapes, what)
        if found.is_transparent():
            raise ValueError("it holds a ciphertext that hides nothing")
        return found

    def zeros(self, public: bytes) -> Any:
        """Return what encrypts zero under a public key. Raises ValueError for bytes that are none."""
        what = "public key of these parameters"
        key = read_shaped(self.module.PublicKey(), self.context, public, self.keys, what)
        return self.module.Encryptor(self.context, key)


@cache
def _scheme() -> _Scheme:
    import tenseal.sealapi as module

    parameters = module.EncryptionParameters(module.SCHEME_TYPE.BFV)
    parameters.set_poly_modulus_degree(DEGREE)
    moduli = module.CoeffModulus.Create(DEGREE, list(PRIME_BITS))
    parameters.set_coeff_modulus(moduli)
    plain = module.PlainModulus.Batching(DEGREE, PLAIN_BITS)
    parameters.set_plain_modulus(plain)
    context = module.SEALContext(parameters, False, module.SEC_LEVEL_TYPE.TC128)
    assert context.parameters_set(), context.parameters_error_message()
    return _Scheme(
        module=module,
        context=context,
        encoder=module.BatchEncoder(context),
        evaluator=module.Evaluator(context),
        prime=int(plain.value()),
        primes=tuple(int(modulus.value()) for modulus in moduli[:-1]),
        shapes=ciphertext_shapes(module, context, module.Plaintext("1"), 2, (len(moduli) - 1) * DEGREE),
        keys=(public_key_shape(module, context, len(moduli) * DEGREE),),
    )


class Chooser(Secret):
    """Who chooses. Holds a key from the operating system's randomness."""

    __slots__ = ("_decryptor", "_encryptor", "_public")

    def __init__(self) -> None:
        scheme = _scheme()
        generator, public = scheme.module.KeyGenerator(scheme.context), scheme.module.PublicKey()
        generator.create_public_key(public)
        secret, self._public = generator.secret_key(), written(public)
        self._encryptor = scheme.module.Encryptor(scheme.context, secret)
        self._decryptor = scheme.module.Decryptor(scheme.context, secret)

    def ask(self, bits: Sequence[int]) -> bytes:
        """Return the public key and the sealed choice: 0 or 1 for each bit."""
        scheme, sealed = _scheme(), [self._public]
        for start in range(0, len(bits), PER_CIPHERTEXT):
            slots = np.repeat(np.array(bits[start : start + PER_CIPHERTEXT], dtype=np.int64), KEY_SLOTS)
            # a full plaintext: SEAL takes no shorter one for what it is
            full = np.zeros(DEGREE, dtype=np.int64)
            full[: len(slots)] = slots
            sealed.append(written(self._encryptor.encrypt_symmetric(scheme.plain(full))))
        return frame(sealed)

    def masks(self, answer: bytes, count: int, sender: str) -> list[int]:
        """Return the mask of the chosen label of each bit.

        Raises ValueError for what is no answer, SenderError naming `sender` for one of another length.
        """
        scheme, found = _scheme(), []
        for chunk in unframe(answer, sender, -(-count // PER_CIPHERTEXT)):
            plaintext = scheme.module.Plaintext()
            self._decryptor.decrypt(scheme.read(chunk), plaintext)
            slots = np.array(scheme.encoder.decode_uint64(plaintext), dtype=np.int64)
            found += _masks(slots)
        return found[:count]


def answered(choice: bytes, count: int, sender: str) -> tuple[bytes, list[tuple[int, int]]]:
    """Return the answer to a choice of `count` bits, and both masks of each bit.

    Raises ValueError for what is no choice, SenderError naming `sender` for one of another length.
    """
    scheme, answers = _scheme(), []
    masks: list[tuple[int, int]] = []
    public, *chunks = unframe(choice, sender, 1 + -(-count // PER_CIPHERTEXT))
    zeros = scheme.zeros(public)
    for chunk in chunks:
        zero, difference = _even(scheme.prime), _even(scheme.prime)
        result = scheme.read(chunk)
        scheme.evaluator.multiply_plain_inplace(result, scheme.plain(difference))
        scheme.evaluator.add_plain_inplace(result, scheme.plain(zero))
        nothing = scheme.module.Ciphertext()
        zeros.encrypt_zero(nothing)
        scheme.evaluator.add_inplace(result, nothing)
        answers.append(_flooded(result, scheme))
        masks += zip(_masks(zero), _masks((zero + difference) % scheme.prime), strict=True)
    return frame(answers), masks[:count]


def _flooded(ciphertext: Any, scheme: _Scheme) -> bytes:
    content = bytearray(body(written(ciphertext)))
    size = 8 * len(scheme.primes) * DEGREE
    shape = (len(scheme.primes), DEGREE)
    start = len(content) - 2 * size
    first = np.frombuffer(content, dtype="<u8", count=size // 8, offset=start).reshape(shape)
    flood = np.frombuffer(random_bytes(8 * DEGREE), dtype="<i8")
    moduli = np.array(scheme.primes, dtype=np.uint64)[:, None]
    added = np.stack([np.mod(flood, prime) for prime in scheme.primes]).astype(np.uint64)
    content[start : start + size] = ((first + added) % moduli).tobytes()
    return framed(bytes(content))


def _masks(slots: IntArray) -> list[int]:
    """Return the mask that each KEY_SLOTS residues make."""
    used = slots[: PER_CIPHERTEXT * KEY_SLOTS].astype("<u4").reshape(PER_CIPHERTEXT, KEY_SLOTS)
    return [
        int.from_bytes(hashlib.sha256(b"looptwin choice 1\n" + key.tobytes()).digest()[:MASK_BYTES], "big")
        for key in used
    ]


def _even(prime: int) -> IntArray:
    """Return residues drawn evenly, one a slot."""
    found: NDArray[np.int64] = np.empty(0, dtype=np.int64)
    while len(found) < DEGREE:
        drawn = np.frombuffer(random_bytes(8 * DEGREE), dtype="<u4") & np.uint32((1 << prime.bit_length()) - 1)
        found = np.concatenate([found, drawn[drawn < prime].astype(np.int64)])
    return found[:DEGREE]
