"""SEAL under one choice of sizes: polynomials of whole numbers in, products, polynomials out. Holds no key.

Coefficients, not slots, carry the numbers, so values at the roots of unity are what the encoder is given and gives
back. SEAL's slot s belongs to the root of odd power `3**s`. The transform is exact where no coefficient outgrows a
float; where one does, words modulo the primes go to SEAL and come back (`learning.outsourced.words`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from learning.arrays import FloatArray, IntArray
from learning.crypto.compact.shapes import Shape
from learning.crypto.memory import written
from learning.outsourced.shapes import ciphertext_shapes, public_key_shape, read_shaped
from learning.outsourced.sizes import Sizes


@dataclass(frozen=True, eq=False)
class Lattice:
    """SEAL's objects for one choice of sizes."""

    sizes: Sizes
    module: Any
    context: Any
    encoder: Any
    evaluator: Any
    roots: IntArray
    """Which of the odd roots of unity each slot is."""
    twist: NDArray[np.complex128]
    _known: dict[tuple[int, int], tuple[Shape, ...]] = field(default_factory=dict)
    """Shapes of ciphertexts that were read before, by parts and scale."""

    def plain(self, coefficients: FloatArray, scale_bits: int) -> Any:
        """Return the plaintext of coefficients times `2**scale_bits`; exact up to 2**46 after scaling."""
        values = (np.fft.ifft(coefficients * self.twist) * self.sizes.degree)[self.roots]
        plaintext = self.module.Plaintext()
        self.encoder.encode(values, self.context.first_parms_id(), 2.0**scale_bits, plaintext)
        return plaintext

    def constant(self, value: float, scale_bits: int) -> Any:
        """Return the plaintext of one number."""
        plaintext = self.module.Plaintext()
        self.encoder.encode(float(value), self.context.first_parms_id(), 2.0**scale_bits, plaintext)
        return plaintext

    def coefficients(self, plaintext: Any) -> FloatArray:
        """Return the coefficients of a plaintext divided by its scale, as near as floats are."""
        degree = self.sizes.degree
        values = np.array(self.encoder.decode_complex(plaintext))
        full = np.empty(degree, dtype=np.complex128)
        full[self.roots], full[degree - 1 - self.roots] = values, values.conj()
        found: FloatArray = (np.fft.fft(full) / degree * self.twist.conj()).real
        return found

    def product(self, left: Any, right: Any) -> Any:
        """Return the product of two ciphertexts, in three parts."""
        found = self.module.Ciphertext(self.context)
        self.evaluator.multiply(left, right, found)
        return found

    def weighed(self, ciphertext: Any, plaintext: Any) -> Any:
        """Return the product of a ciphertext and a plaintext."""
        found = self.module.Ciphertext(self.context)
        self.evaluator.multiply_plain(ciphertext, plaintext, found)
        return found

    def total(self, parts: Iterable[Any]) -> Any:
        """Return the sum of ciphertexts made for this sum: the first is added to."""
        first, *rest = parts
        for part in rest:
            self.evaluator.add_inplace(first, part)
        return first

    def read(self, content: bytes, parts: int, scale_bits: int) -> Any:
        """Return a ciphertext that somebody else wrote.

        Raises ValueError unless it is one of so many parts, two or three, at full modulus and at scale `2**scale_bits`.
        """
        # a product of two fresh ones has three parts and twice their scale
        shapes = self._shapes(parts, scale_bits if parts == 2 else scale_bits // 2)
        what = f"ciphertext of {parts} parts at scale 2**{scale_bits}"
        found = read_shaped(self.module.Ciphertext(), self.context, content, shapes, what)
        if found.is_transparent():
            raise ValueError("it holds a ciphertext that hides nothing")
        return found

    def read_key(self, content: bytes) -> Any:
        """Return a public key that somebody else wrote. Raises ValueError for anything else."""
        if (0, 0) not in self._known:
            words = self.sizes.degree * len(self.sizes.prime_bits)
            self._known[0, 0] = (public_key_shape(self.module, self.context, words),)
        what = "public key of these parameters"
        return read_shaped(self.module.PublicKey(), self.context, content, self._known[0, 0], what)

    def _shapes(self, parts: int, scale_bits: int) -> tuple[Shape, ...]:
        if (parts, scale_bits) not in self._known:
            words = self.sizes.degree * (len(self.sizes.prime_bits) - 1)
            sample = self.constant(1.0, scale_bits)
            self._known[parts, scale_bits] = ciphertext_shapes(self.module, self.context, sample, parts, words)
        return self._known[parts, scale_bits]

    def write(self, ciphertext: Any) -> bytes:
        """Return a ciphertext as it travels."""
        return written(ciphertext)


@cache
def lattice(sizes: Sizes) -> Lattice:
    """Return SEAL set up once for this process and these sizes."""
    import tenseal.sealapi as module

    degree = sizes.degree
    parameters = module.EncryptionParameters(module.SCHEME_TYPE.CKKS)
    parameters.set_poly_modulus_degree(degree)
    parameters.set_coeff_modulus(module.CoeffModulus.Create(degree, list(sizes.prime_bits)))
    context = module.SEALContext(parameters, False, module.SEC_LEVEL_TYPE.TC128)
    assert context.parameters_set(), context.parameters_error_message()
    powers = np.empty(degree // 2, dtype=np.int64)
    power = 1
    for slot in range(degree // 2):
        powers[slot], power = power, power * 3 % (2 * degree)
    return Lattice(
        sizes=sizes,
        module=module,
        context=context,
        encoder=module.CKKSEncoder(context),
        evaluator=module.Evaluator(context),
        roots=(powers - 1) // 2,
        twist=np.exp(1j * np.pi * np.arange(degree) / degree),
    )
