"""Why no answer travels bare: a corrupt party outside the quorum would read the low bits of the noise in it."""

from __future__ import annotations

import os
from itertools import combinations

import numpy as np
import pytest

from learning.arrays import IntArray
from learning.crypto.pairs import PAIR_BYTES, PairKeys
from learning.crypto.threshold.key import fuse
from learning.crypto.threshold.ring import DATA_PRIMES, Ring, add, scale, uniform
from learning.crypto.threshold.shares import lagrange
from tests.learning.threshold_by_hand import Keys, coefficients, keys, multiply, total

QUORUM = (1, 2, 3)
"""Three of five open; 3 and 4 are corrupt, and 4 is not of the quorum."""


@pytest.fixture(scope="module")
def pairs() -> dict[str, PairKeys]:
    """The pair keys of five parties."""
    names = "12345"
    given = {one: {other: os.urandom(PAIR_BYTES) for other in names if other != one} for one in names}
    return {
        one: PairKeys(one, given[one], {other: given[other].get(one, b"") for other in names if other != one})
        for one in names
    }


def left_over(held: Keys, answer: Ring, c0: Ring, c1: Ring) -> IntArray:
    """What the corrupt compute of the first party's answer to a sealed zero: 3 * noise + 2 * flood, if it is bare.

    Of the quorum the first party's Lagrange factor is 3; with the two corrupt parties' shares it would be 2.
    """
    others = [multiply(c1, multiply(held.shares[place - 1], lagrange(place, (1, 3, 4)))) for place in (3, 4)]
    found: IntArray = coefficients(add(scale(answer, 2), scale(total([c0, *others]), 3)))
    return found


def test_a_bare_answer_gives_the_lowest_bit_of_every_coefficient_of_the_noise_away() -> None:
    held = keys(5, 3)
    c0, c1 = held.halves(np.zeros(100))
    noise = coefficients(fuse(c0, [held.alone(place, QUORUM, c1) for place in QUORUM]))
    found = left_over(held, held.parts[0].partial(c1, 1, QUORUM), c0, c1)

    assert np.abs(found).max() < 2**66
    assert [int(one) % 2 for one in found] == [int(one) % 2 for one in noise]


def test_a_masked_answer_gives_nothing_away(pairs: dict[str, PairKeys]) -> None:
    held = keys(5, 3)
    c0, c1 = held.halves(np.zeros(100))
    masked = pairs["1"].mask(held.parts[0].partial(c1, 1, QUORUM), "123", b"round 1")

    assert np.abs(left_over(held, masked, c0, c1)).max() > 2**100


def test_masks_cancel_over_the_quorum_they_were_made_for_and_over_no_other(pairs: dict[str, PairKeys]) -> None:
    values = {party: uniform(os.urandom, DATA_PRIMES) for party in pairs}
    for quorum in combinations("12345", 3):
        masked = {party: pairs[party].mask(values[party], quorum, b"round 1") for party in quorum}

        assert np.array_equal(total(list(masked.values())), total([values[party] for party in quorum]))
        assert not any((masked[party] == values[party]).all() for party in quorum)
        other = pairs[quorum[0]].mask(values[quorum[0]], quorum, b"round 2")
        assert not (total([other, *list(masked.values())[1:]]) == total([values[party] for party in quorum])).any()


def test_pair_keys_show_nothing(pairs: dict[str, PairKeys]) -> None:
    import pickle

    assert repr(pairs["1"]) == "PairKeys(secret)"
    with pytest.raises(TypeError, match="holds a secret"):
        pickle.dumps(pairs["1"])
