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
from learning.crypto.memory import UNREADABLE, read_into, written
from learning.crypto.secret import Secret
from learning.crypto.threshold.seal import body, framed

MAXIMUM_BYTES = 2 * 8 * DEGREE + 1024
"""Longest ciphertext that is read."""
_SIZE = 8 * DEGREE


@dataclass(frozen=True, eq=False)
class Scheme:
    """SEAL with the parameters of the compact cipher; holds no key."""

    module: Any
    context: Any
    evaluator: Any
    plaintext_start: bytes
    """What SEAL writes before the coefficients of a plaintext."""

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
        if len(content) > MAXIMUM_BYTES:
            raise ValueError("it holds no ciphertext of these parameters")
        try:
            found = read_into(self.module.Ciphertext(), self.context, content)
        except UNREADABLE:
            raise ValueError("it holds no ciphertext of these parameters") from None
        if found.size() != 2 or found.is_ntt_form():
            raise ValueError("it holds no fresh ciphertext")
        return found

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
    return Scheme(module, context, module.Evaluator(context), longest[:-_SIZE])


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
        """Return the key that `hand_over` wrote. Raises ValueError or RuntimeError for anything else."""
        used = scheme(modulus)
        return cls(modulus, read_into(used.module.SecretKey(), used.context, handed_over))

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
