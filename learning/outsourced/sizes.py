"""Sizes of the two ciphers that compute on encrypted rows, and why a whole number comes back whole.

**Messages.** A row is cut to whole numbers of `value_bits` bits. A polynomial of them, times `2**scale_bits`, is what
is encrypted; a product of two ciphertexts decrypts to the product of the polynomials times `2**(2 * scale_bits)`, plus
noise. Nothing is rescaled and nothing is relinearised: a product of three parts is summed and decrypted as it is, so no
evaluation key exists. Rounding by the scale takes the noise off: what leaves is an exact whole number, never a raw CKKS
decryption (which beside its ciphertext gives the key away: Li and Micciancio 2021).

**Noise.** A coefficient of a product is off by `mA*eB + mB*eA + eA*eB`, polynomials multiplied. An error of SEAL is a
difference of two sums of 21 fair bits: its variance proxy is 10.5, its size at most 21; encoding by floats moves a
coefficient by one at most, which adds 1. Under a public key the last
prime is divided away and leaves two roundings, of which one is multiplied by the ternary secret: proxy at most
`(N + 1) / 4 + 1`. With WIDTH columns in a polynomial, `rows` rows add up `2 * WIDTH * rows` products of a message and
an error. A column's root mean square is at most a FILL-th of the largest value, which its owner checks, so the squares
of the messages add up to `WIDTH * rows * (2**(scale_bits + value_bits) / FILL)**2`, and by Cauchy and Schwarz no sum of
products is above `rows * (2**value_bits / FILL)**2`. DEVIATIONS = 9 standard deviations are passed once in 10**17.

**Covered.** Who decrypts what others know more about must not see the noise, nor coefficients that nobody asked for.
The first are flooded by an even draw at least 2**30 times the noise and at most an eighth of the scale; the others get
a draw that is even over the whole modulus, a one-time pad. SEAL's table allows 109 bits at degree 4,096 and 218 at
8,192 for 128-bit security; flooding needs the larger.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

WIDTH = 4
"""Columns in one polynomial: its rows are a 16th of the degree, and so is the number of products for each row."""
FILL = 4
"""How many times the root mean square of a column its largest value must be allowed to be."""
DEVIATIONS = 9.0
FLOOD_RATIO_BITS = 30
_ERROR_PROXY = 10.5 + 1.0
_FLOAT_BITS = 47
"""What a float keeps of the largest coefficient after the transform that decodes it, with room for a rounding."""


@dataclass(frozen=True)
class Sizes:
    """One choice of degree, primes and scales; public."""

    degree: int
    prime_bits: tuple[int, ...]
    """The last is used up while a ciphertext is made."""
    scale_bits: int
    value_bits: int
    covered: bool
    """Whether results are flooded and padded before they leave who computes."""

    @property
    def rows(self) -> int:
        """Rows in one polynomial."""
        return self.degree // WIDTH**2

    @property
    def data_bits(self) -> int:
        """Bits of the modulus of a ciphertext."""
        return sum(self.prime_bits[:-1]) - 1

    @property
    def fresh(self) -> float:
        """Standard deviation, or a bound of it, of a coefficient of a fresh error."""
        return math.sqrt((self.degree + 1) / 4 + 1) if self.covered else math.sqrt(_ERROR_PROXY)

    @property
    def limit(self) -> int:
        """Largest magnitude of a whole number of a row."""
        return (1 << self.value_bits) - 1

    def noise(self, rows: int) -> float:
        """Return what the noise of a sum of products over `rows` rows stays below."""
        message = 2.0 ** (self.scale_bits + self.value_bits) / FILL
        linear = DEVIATIONS * self.fresh * message * math.sqrt(2 * WIDTH * rows)
        return linear + self.chunks(rows) * self.degree * (DEVIATIONS * self.fresh) ** 2

    def chunks(self, rows: int) -> int:
        """Return how many polynomials hold so many rows."""
        return -(-rows // self.rows)

    @property
    def flood(self) -> int:
        """Largest flooding of a result of one product."""
        return 1 << (2 * self.scale_bits - 3)

    def fits(self, rows: int) -> bool:
        """Return whether a sum of products over `rows` rows is read exactly, and hidden where it must be."""
        whole = 2 * self.value_bits + math.log2(max(rows, 1) / FILL**2)
        if whole + 2 * self.scale_bits + 2 > self.data_bits:
            return False
        if self.covered:
            return self.noise(rows) * 2.0**FLOOD_RATIO_BITS <= self.flood
        return whole <= _FLOAT_BITS and self.noise(rows) <= 2 * self.flood


COVERED = Sizes(8192, (50, 50, 50, 50, 18), scale_bits=70, value_bits=18, covered=True)
"""For rows under a key that is not their owner's, and for models that the owner of rows must not see."""


def own(rows: int, *, fine: bool = False) -> Sizes:
    """Return the sizes for `rows` rows that their owner decrypts: as many bits a value as fit.

    fine: about 5 bits more a value, for columns that nearly follow from one another; opening takes half as long again.
    Raises ValueError where no bits fit.
    """
    degree, prime_bits = (8192, (58, 58, 18)) if fine else (4096, (47, 46, 16))
    for value_bits in range(20, 7, -1):
        for scale_bits in range(value_bits + 6, value_bits + 24):
            sizes = Sizes(degree, prime_bits, scale_bits, value_bits, covered=False)
            if sizes.fits(rows):
                return sizes
    raise ValueError(f"{rows} rows are more than one encrypted sum of products takes; send fewer at a time")
