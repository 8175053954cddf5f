"""BFV on SEAL, for sums of whole numbers: sealed and opened with one secret key, added without it.

TenSEAL's own vectors neither write seeds nor take coefficients; its binding of SEAL does both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from learning.crypto.compact.field import Words
from learning.crypto.compact.parameters import DEGREE, PRIME, PRIME_BITS
from learning.crypto.compact.shapes import Shape, shape_of
from learning.crypto.memory import UNREADABLE, read_into, written
from learning.crypto.secret import Secret
from learning.crypto.threshold.seal import body, framed

_SIZE = 8 * DEGREE
_SEED_BYTES = 64
"""What SEAL expands the second half of a fresh ciphertext from."""


@dataclass(frozen=True, eq=False)
class Scheme:
    """SEAL with the parameters of the compact cipher; holds no key."""

    module: Any
    context: Any
    evaluator: Any
    plaintext_start: bytes
    """What SEAL writes before the coefficients of a plaintext."""
    ciphertexts: tuple[Shape, ...]
    """How a ciphertext looks where it carries no words: with a seed in place of its second half, and whole."""
    keys: tuple[Shape, ...]
    """How a secret key looks."""

    def plaintext(self, coefficients: Words) -> Any:
        """Return SEAL's form of DEGREE coefficients."""
        content = framed(self.plaintext_start + coefficients.astype("<u8").tobytes())
        return read_into(self.module.Plaintext(), self.context, content)

    def coefficients(self, plaintext: Any) -> Words:
        """Return UInt64[DEGREE]. SEAL leaves out zeros at the end."""
        content = body(written(plaintext))[len(self.plaintext_start) :]
        found = np.zeros(DEGREE, dtype=np.uint64)
        found[: len(content) // 8] = np.frombuffer(content, dtype="<u8")
        return found

    def ciphertext(self, content: bytes) -> Any:
        """Return SEAL's form of a ciphertext that came from somebody else. Raises ValueError for anything else."""
        return self._read(self.module.Ciphertext(), content, self.ciphertexts)

    def secret(self, content: bytes) -> Any:
        """Return SEAL's form of a secret key that came from another party. Raises ValueError for anything else."""
        return self._read(self.module.SecretKey(), content, self.keys)

    def _read(self, value: Any, content: bytes, shapes: Sequence[Shape]) -> Any:
        # a file that breaks off makes SEAL end the process, so it gets to see none that is not whole and as it writes
        likely = sorted(shapes, key=lambda shape: abs(shape.size - len(content)))
        plain = next((found for shape in likely if (found := shape.body_of(content)) is not None), None)
        if plain is None:
            raise ValueError("it holds no ciphertext of these parameters")
        try:
            return read_into(value, self.context, framed(plain))
        except UNREADABLE:
            raise ValueError("it holds no ciphertext of these parameters: a word reaches its prime") from None

    def add(self, ciphertexts: Sequence[Any]) -> Any:
        """Return the sum, in place of the first."""
        total = ciphertexts[0]
        for ciphertext in ciphertexts[1:]:
            self.evaluator.add_inplace(total, ciphertext)
        return total

    def subtract(self, ciphertext: Any, coefficients: Words) -> bytes:
        """Return a ciphertext less what is known in clear, as it travels."""
        self.evaluator.sub_plain_inplace(ciphertext, self.plaintext(coefficients))
        return written(ciphertext)


@cache
def scheme(modulus: int) -> Scheme:
    """Return SEAL set up once for this plaintext modulus."""
    import tenseal.sealapi as module

    parameters = module.EncryptionParameters(module.SCHEME_TYPE.BFV)
    parameters.set_poly_modulus_degree(DEGREE)
    moduli = module.CoeffModulus.Create(DEGREE, [PRIME_BITS])
    assert [one.value() for one in moduli] == [PRIME]
    parameters.set_coeff_modulus(moduli)
    parameters.set_plain_modulus(module.Modulus(modulus))
    context = module.SEALContext(parameters, True, module.SEC_LEVEL_TYPE.TC128)
    assert context.parameters_set()
    longest = body(written(module.Plaintext(f"1x^{DEGREE - 1}")))
    ciphertexts, keys = _shapes(module, context)
    return Scheme(module, context, module.Evaluator(context), longest[:-_SIZE], ciphertexts, keys)


def _shapes(module: Any, context: Any) -> tuple[tuple[Shape, ...], tuple[Shape, ...]]:
    """Return the shapes of ciphertexts and of secret keys, from samples under a key that is then forgotten."""
    secret, evaluator = module.KeyGenerator(context).secret_key(), module.Evaluator(context)
    seeded = written(module.Encryptor(context, secret).encrypt_symmetric(module.Plaintext("1")))
    whole = read_into(module.Ciphertext(), context, seeded)
    evaluator.add_inplace(whole, read_into(module.Ciphertext(), context, seeded))
    key = written(secret)
    start = len(body(written(whole))) - 2 * _SIZE
    size = len(body(seeded))
    halves = shape_of(seeded, (start, start + _SIZE), (size - _SEED_BYTES, size))
    length = len(body(key))
    wholes = shape_of(written(whole), (start, start + 2 * _SIZE))
    return (halves, wholes), (shape_of(key, (length - _SIZE, length)),)


class SealingKey(Secret):
    """The secret key that all parties share: seals and opens."""

    __slots__ = ("_decryptor", "_encryptor", "_scheme", "_secret")

    def __init__(self, modulus: int, secret: Any) -> None:
        self._scheme, self._secret = scheme(modulus), secret
        module, context = self._scheme.module, self._scheme.context
        self._encryptor, self._decryptor = module.Encryptor(context, secret), module.Decryptor(context, secret)

    @classmethod
    def generate(cls, modulus: int) -> SealingKey:
        """Return a fresh key, drawn by SEAL from the operating system."""
        used = scheme(modulus)
        return cls(modulus, used.module.KeyGenerator(used.context).secret_key())

    @classmethod
    def receive(cls, modulus: int, handed_over: bytes) -> SealingKey:
        """Return the key that `hand_over` wrote. Raises ValueError for anything else."""
        return cls(modulus, scheme(modulus).secret(handed_over))

    def hand_over(self) -> bytes:
        """Return the key itself, for the eyes of another party alone."""
        return written(self._secret)

    def seal(self, coefficients: Words) -> list[bytes]:
        """Return a ciphertext for each row of UInt64[ciphertexts, DEGREE]; each half of it a seed."""
        used = self._scheme
        return [written(self._encryptor.encrypt_symmetric(used.plaintext(row))) for row in coefficients]

    def open(self, ciphertexts: Sequence[bytes]) -> Words:
        """Return UInt64[ciphertexts, DEGREE]. Raises ValueError for what is no ciphertext."""
        return np.stack([self._opened(content) for content in ciphertexts])

    def _opened(self, content: bytes) -> Words:
        plaintext = self._scheme.module.Plaintext()
        self._decryptor.decrypt(self._scheme.ciphertext(content), plaintext)
        return self._scheme.coefficients(plaintext)
