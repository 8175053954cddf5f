"""Polynomials of rows: what their products hold, in whole numbers and without any cipher."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from learning.arrays import FloatArray
from learning.outsourced import packing
from learning.outsourced.lattice import lattice
from learning.outsourced.sizes import COVERED, FLOOD_RATIO_BITS, WIDTH, own

TINY = replace(COVERED, degree=64, prime_bits=())


def times(left: FloatArray, right: FloatArray) -> FloatArray:
    """Multiply two polynomials modulo `X**degree + 1`, the schoolbook way."""
    degree = len(left)
    full = np.convolve(left, right)
    full = np.pad(full, (0, 2 * degree - len(full)))
    return full[:degree] - full[degree:]


@settings(max_examples=40, deadline=None)
@given(rows=st.integers(1, 13), columns=st.integers(1, 9), seed=st.integers(0, 2**32 - 1))
def test_products_of_polynomials_hold_every_sum_of_products(rows: int, columns: int, seed: int) -> None:
    """Rows that fill several polynomials, columns that fill several blocks, and both with a rest."""
    whole = np.random.default_rng(seed).integers(-9, 10, (rows, columns))
    ahead, behind = packing.forward(whole, TINY), packing.backward(whole, TINY)
    found = np.zeros((columns, columns))
    for (low, high), asked in packing.needed(range(columns)).items():
        product = sum(times(one[low], other[high]) for one, other in zip(ahead, behind, strict=True))
        for first, second in asked:
            found[first, second] = product[packing.place(first, second, TINY)]
    assert np.array_equal(found, np.triu(whole.T @ whole))


@settings(max_examples=20, deadline=None)
@given(rows=st.integers(1, 13), columns=st.integers(1, 37), seed=st.integers(0, 2**32 - 1))
def test_a_public_polynomial_adds_columns_up(rows: int, columns: int, seed: int) -> None:
    whole = np.random.default_rng(seed).integers(-9, 10, (rows, columns))
    found = []
    for group in packing.groups(range(columns)).values():
        blocks = sorted({column // WIDTH for column in group})
        total = sum(
            times(line[block], packing.adding_up(block, TINY))
            for line in packing.forward(whole, TINY)
            for block in blocks
        )
        found += [total[packing.sum_place(column, TINY)] for column in group]
    assert np.array_equal(found, whole.sum(axis=0))


@settings(max_examples=20, deadline=None)
@given(rows=st.integers(1, 13), columns=st.integers(1, 9), seed=st.integers(0, 2**32 - 1))
def test_a_model_as_a_polynomial_gives_one_prediction_a_row(rows: int, columns: int, seed: int) -> None:
    generator = np.random.default_rng(seed)
    whole, weights = generator.integers(-9, 10, (rows, columns)), generator.integers(-9, 10, columns).astype(float)
    found = [
        sum(times(line[block], packing.weighing(weights, block, TINY)) for block in range(len(line)))
        for line in packing.forward(whole, TINY)
    ]
    assert np.array_equal(np.concatenate([one[: TINY.rows] for one in found])[:rows], whole @ weights)


def test_only_blocks_of_chosen_columns_are_multiplied() -> None:
    assert set(packing.needed([1, 9])) == {(0, 0), (0, 2), (2, 2)}


@pytest.mark.parametrize("fine", [False, True])
@pytest.mark.parametrize("rows", [1, 100, 500, 5000, 60_000])
def test_sizes_leave_room_for_noise_and_result(rows: int, fine: bool) -> None:
    sizes = own(rows, fine=fine)
    assert sizes.fits(rows)
    assert not replace(sizes, value_bits=sizes.value_bits + 4).fits(rows)
    assert COVERED.noise(rows) * 2**FLOOD_RATIO_BITS <= COVERED.flood


def test_more_rows_than_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="rows are more"):
        own(10**9)


@pytest.mark.parametrize("sizes", [own(500), own(500, fine=True), COVERED])
def test_sizes_keep_to_the_table_of_128_bits(sizes: object) -> None:
    """SEAL refuses a context outside its table; the plaintext of whole numbers comes back whole."""
    base = lattice(sizes)  # type: ignore[arg-type]
    numbers = np.random.default_rng(3).integers(-(2**18), 2**18, base.sizes.degree).astype(float)
    assert np.abs(base.coefficients(base.plain(numbers, 0)) - numbers).max() < 1e-6
    assert WIDTH**2 * base.sizes.rows == base.sizes.degree
