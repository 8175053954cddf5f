"""Rows as polynomials: one product of two polynomials holds the sums of products of four columns with four.

A forward polynomial has value i of column j at `X**(j*rows + i)`, a backward one value i of column k at
`X**(4*k*rows - i)`. Their product has at `X**((j + 4*k)*rows)` the sum over i of the products of columns j and k, and
beside it products of different rows, which fall at least one place off. No rotation and no slot is needed. `X**degree`
is -1, so a power below zero comes back with its sign turned.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from learning.arrays import FloatArray, IntArray
from learning.outsourced.sizes import WIDTH, Sizes


def blocks(columns: int) -> int:
    """Return how many polynomials side by side hold so many columns."""
    return -(-columns // WIDTH)


def _split(whole: IntArray, sizes: Sizes) -> FloatArray:
    """Return whole: Int[rows, columns] as Float[chunks, blocks, WIDTH, rows of a polynomial], zeros behind the end."""
    rows, columns = whole.shape
    chunks, width = sizes.chunks(rows), blocks(columns) * WIDTH
    padded = np.zeros((chunks * sizes.rows, width))
    padded[:rows, :columns] = whole
    return padded.reshape(chunks, sizes.rows, width // WIDTH, WIDTH).transpose(0, 2, 3, 1)


def forward(whole: IntArray, sizes: Sizes) -> FloatArray:
    """Return the forward polynomials of rows: Float[chunks, blocks, degree]."""
    split = _split(whole, sizes)
    found = np.zeros((*split.shape[:2], sizes.degree))
    found[..., : WIDTH * sizes.rows] = split.reshape(*split.shape[:2], -1)
    return found


def backward(whole: IntArray, sizes: Sizes) -> FloatArray:
    """Return the backward polynomials of rows: Float[chunks, blocks, degree]."""
    split = _split(whole, sizes)
    found = np.zeros((*split.shape[:2], sizes.degree))
    power = WIDTH * sizes.rows * np.arange(WIDTH)[:, None] - np.arange(sizes.rows)
    found[..., power % sizes.degree] = np.where(power < 0, -split, split)
    return found


def adding_up(block: int, sizes: Sizes) -> FloatArray:
    """Return the public polynomial that turns block `block` into sums of its columns, where `sum_place` says."""
    found = np.zeros(sizes.degree)
    power = sum_place(WIDTH * block, sizes) - np.arange(sizes.rows)
    found[power % sizes.degree] = np.where(power < 0, -1.0, 1.0)
    return found


def sum_place(column: int, sizes: Sizes) -> int:
    """Return where the sum of a column lies in the polynomial of sums of its group."""
    return column % WIDTH**2 * sizes.rows


def groups(columns: Sequence[int]) -> dict[int, list[int]]:
    """Return the columns whose sums lie in one polynomial, by group: WIDTH blocks go together."""
    found: dict[int, list[int]] = {}
    for column in columns:
        found.setdefault(column // WIDTH**2, []).append(column)
    return found


def place(first: int, second: int, sizes: Sizes) -> int:
    """Return where the product of the blocks of two columns holds the sum of their products."""
    return (first % WIDTH + WIDTH * (second % WIDTH)) * sizes.rows


def pairs(columns: Sequence[int]) -> list[tuple[int, int]]:
    """Return the pairs of `columns`, which are in order, each once."""
    return [(low, high) for at, low in enumerate(columns) for high in columns[at:]]


def needed(columns: Sequence[int]) -> dict[tuple[int, int], list[tuple[int, int]]]:
    """Return for each pair of blocks that must be multiplied the pairs of columns that its product is read for."""
    found: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for first, second in pairs(columns):
        found.setdefault((first // WIDTH, second // WIDTH), []).append((first, second))
    return found


def weighing(weights: FloatArray, block: int, sizes: Sizes) -> FloatArray:
    """Return the polynomial that turns block `block` into the weighted sum of its columns, row i at `X**i`."""
    found = np.zeros(sizes.degree)
    own = weights[WIDTH * block : WIDTH * (block + 1)]
    power = -sizes.rows * np.arange(len(own))
    found[power % sizes.degree] = np.where(power < 0, -own, own)
    return found
