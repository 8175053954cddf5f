"""Scores of many cores as one product of two polynomials, of which one is encrypted and the other its holder's own.

Feature j of core c stands at `X**(c*width + j)`, weight j at `X**-j`: their product has the score of core c at
`X**(c*width)`. Whoever multiplied adds a mask of MASK_BITS bits to each score, floods its noise and pads the rest
(`learning.outsourced.covering`), so who decrypts sees a number that says nothing of the score: a score moves the even
draw by a statistical distance of `2**(DIFFERENCE_BITS - MASK_BITS)`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from learning.arrays import FloatArray, IntArray
from learning.outsourced.covering import cover, drawn_bits
from learning.outsourced.keys import PublicRowKey
from learning.outsourced.lattice import lattice
from learning.outsourced.sizes import COVERED

MASK_BITS = 120
"""With a score it stays below the 129 bits that a result has room for."""


def cores_per_polynomial(width: int) -> int:
    """Return how many cores of so many numbers fit in one polynomial."""
    return COVERED.degree // width


def polynomials(cores: int, width: int) -> int:
    """Return how many polynomials hold so many cores."""
    return -(-cores // cores_per_polynomial(width))


def features_polynomials(whole: IntArray) -> list[FloatArray]:
    """Return the polynomials of features: Int[cores, width]."""
    per = cores_per_polynomial(whole.shape[1])
    found = []
    for start in range(0, len(whole), per):
        part = whole[start : start + per].ravel()
        found.append(np.concatenate([part, np.zeros(COVERED.degree - len(part))]))
    return found


def weights_polynomial(weights: Sequence[int]) -> FloatArray:
    """Return the polynomial of weights, each at its negative power."""
    found = np.zeros(COVERED.degree)
    found[0] = weights[0]
    found[COVERED.degree - np.arange(1, len(weights))] = -np.array(weights[1:], dtype=np.float64)
    return found


def places(polynomial: int, cores: int, width: int) -> IntArray:
    """Return where polynomial number `polynomial` holds the scores of its share of `cores` cores."""
    per = cores_per_polynomial(width)
    return width * np.arange(min(per, cores - polynomial * per))


def masks(cores: int) -> list[int]:
    """Return one fresh mask for each core."""
    return [drawn_bits(MASK_BITS) for _ in range(cores)]


def covered_product(encrypted: Any, own: FloatArray, at: IntArray, added: Sequence[int], key: PublicRowKey) -> bytes:
    """Return the covered product of a ciphertext under `key` and one's own polynomial, `added` on its scores."""
    base = lattice(COVERED)
    result = base.weighed(encrypted, base.plain(own, 0))
    cover(key, result, at, COVERED.scale_bits, added)
    return base.write(result)
