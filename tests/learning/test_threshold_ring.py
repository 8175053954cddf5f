"""Arithmetic of the threshold cipher against Python's own whole numbers, and sharing against its definition."""

from __future__ import annotations

import hashlib
import os
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from learning.crypto.threshold.reference import common_reference
from learning.crypto.threshold.ring import (
    DATA_PRIMES,
    DEGREE,
    PRIMES,
    Ring,
    add,
    constants,
    modulo,
    multiply,
    negate,
    scale,
    uniform,
)
from learning.crypto.threshold.seal import seal
from learning.crypto.threshold.shares import deal, lagrange

MODULI = np.array(PRIMES, dtype=object)[:, None]
EDGES = (0, 1, 2, 2**30 - 1, 2**30, 2**59)


def row(words: list[int]) -> Ring:
    """A ring element that begins with these words and their mirrors below each prime."""
    found = uniform(os.urandom, len(PRIMES))
    for line, prime in zip(found, PRIMES, strict=True):
        line[: len(words)] = [word % prime for word in words]
        line[len(words) : 2 * len(words)] = [(prime - 1 - word) % prime for word in words]
    return found


WORDS = st.lists(st.sampled_from(EDGES) | st.integers(0, 2**60 - 1), min_size=8, max_size=8)


@settings(max_examples=30, deadline=None)
@given(WORDS, WORDS, st.sampled_from([0, 1, 2, 256, 2**30 - 1, 2**30]))
def test_sums_products_and_multiples_are_those_of_whole_numbers(left: list[int], right: list[int], by: int) -> None:
    one, other = row(left), row(right)
    a, b = one.astype(object), other.astype(object)

    assert (add(one, other).astype(object) == (a + b) % MODULI).all()
    assert (multiply(one, other).astype(object) == (a * b) % MODULI).all()
    assert (negate(one).astype(object) == -a % MODULI).all()
    assert (scale(one, by).astype(object) == (a * by) % MODULI).all()


def test_words_of_both_signs_are_taken_modulo_each_prime() -> None:
    whole = np.array([-(2**63), 2**63 - 1, -1, 0, 1])

    assert modulo(whole).tolist() == [[int(word) % prime for word in whole] for prime in PRIMES[:DATA_PRIMES]]


def test_a_transformed_product_is_the_product_of_polynomials_that_wrap_with_a_minus() -> None:
    last, one = np.zeros(DEGREE, dtype=np.int64), np.zeros(DEGREE, dtype=np.int64)
    last[-1], one[1] = 3, 5
    wrapped = np.zeros(DEGREE, dtype=np.int64)
    wrapped[0] = -15

    product = multiply(seal().transform(modulo(last)), seal().transform(modulo(one)))

    assert np.array_equal(product, seal().transform(modulo(wrapped)))


def test_an_even_draw_refuses_words_that_reach_the_prime_and_reads_on() -> None:
    prime = PRIMES[0]
    first = np.full(DEGREE, prime, dtype="<u8")
    first[0] = prime - 1
    given_out = iter([first.tobytes(), np.arange(DEGREE - 1, dtype="<u8").tobytes()])

    found = uniform(lambda count: next(given_out)[:count], 1)

    assert found[0].tolist() == [prime - 1, *range(DEGREE - 1)]


def test_the_common_reference_is_a_function_of_its_public_seed_and_even() -> None:
    one = common_reference(b"seed")
    counter = (1).to_bytes(4, "big")
    first = hashlib.shake_256(b"looptwin common reference\n" + counter + b"seed").digest(8)

    assert np.array_equal(one, common_reference(b"seed"))
    assert not np.array_equal(one, common_reference(b"sead"))
    assert int(one[0, 0]) == int.from_bytes(first, "little") % 2**60
    assert (one < np.array(PRIMES, dtype=np.uint64)[:, None]).all()
    assert abs(float((one / np.array(PRIMES)[:, None]).mean()) - 0.5) < 0.01


@pytest.mark.parametrize(("needed", "holders"), [(2, 3), (3, 5), (5, 5)])
def test_any_quorum_gives_the_secret_and_one_share_fewer_gives_another(needed: int, holders: int) -> None:
    secret = uniform(os.urandom, DATA_PRIMES)
    shares = deal(secret, needed, holders)

    def joined(places: tuple[int, ...]) -> Ring:
        found = constants((0,) * DATA_PRIMES)
        for place in places:
            found = add(found, multiply(shares[place - 1], lagrange(place, places)))
        return found

    for places in combinations(range(1, holders + 1), needed):
        assert np.array_equal(joined(places), secret)
        assert not (joined(places[:-1]) == secret).any()


def test_shares_of_a_sum_are_sums_of_shares() -> None:
    one, other = uniform(os.urandom, DATA_PRIMES), uniform(os.urandom, DATA_PRIMES)
    shares = [add(a, b) for a, b in zip(deal(one, 2, 3), deal(other, 2, 3), strict=True)]
    joined = add(multiply(shares[0], lagrange(1, (1, 3))), multiply(shares[2], lagrange(3, (1, 3))))

    assert np.array_equal(joined, add(one, other))
