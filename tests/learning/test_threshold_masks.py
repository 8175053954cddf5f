"""Why no answer travels bare: a corrupt party outside the quorum would read the low bits of the noise in it."""

from __future__ import annotations

import os
from collections import Counter
from itertools import combinations, product

import numpy as np
import pytest

from learning.arrays import IntArray
from learning.crypto.pairs import PairKeys, rows
from learning.crypto.threshold.key import fuse
from learning.crypto.threshold.ring import DATA_PRIMES, HIGH, PRIMES, Ring, add, scale, summed, uniform
from learning.crypto.threshold.shares import lagrange
from tests.learning.threshold_by_hand import Keys, coefficients, keys, multiply, total

QUORUM = (1, 2, 3)
"""Three of five open; 3 and 4 are corrupt, and 4 is not of the quorum."""


NEEDED = 3
PLACES = {name: place for place, name in enumerate("12345", 1)}


@pytest.fixture(scope="module")
def pairs() -> dict[str, PairKeys]:
    """The pair keys of five parties of whom three open, dealt by three."""
    dealt = [rows(NEEDED, len(PLACES)) for _ in range(NEEDED)]
    return {name: PairKeys(name, PLACES, [given[place - 1] for given in dealt]) for name, place in PLACES.items()}


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


def test_high_words_of_any_length_are_masked_below_their_prime(pairs: dict[str, PairKeys]) -> None:
    values = {party: uniform(os.urandom, 1, 7, HIGH) for party in "124"}
    masked = {party: pairs[party].mask(value, "124", b"round 1", HIGH) for party, value in values.items()}

    assert np.array_equal(summed(masked.values(), HIGH), summed(values.values(), HIGH))
    assert not any((masked[party] == values[party]).any() for party in "124")
    assert all((value < PRIMES[HIGH]).all() for value in masked.values())


def test_two_parties_find_one_mask_and_every_pair_another(pairs: dict[str, PairKeys]) -> None:
    bare = np.zeros((1, 1), dtype=np.uint64)
    found = {}
    for one, other in combinations("12345", 2):
        left, right = (pairs[party].mask(bare, (one, other), b"round 1", HIGH) for party in (one, other))
        assert not add(left, right, HIGH).any()
        found[one, other] = int(left[0, 0])

    assert len(set(found.values())) == 10


def test_one_party_fewer_than_the_threshold_leaves_the_key_of_two_others_open_to_any_value() -> None:
    """Blom's bound where every polynomial can be tried: whatever one of three sees, all keys of the others fit it."""
    prime, corrupt, pair = 7, (1,), (2, 3)
    counts: dict[tuple[int, ...], Counter[int]] = {}
    for a, b, c in product(range(prime), repeat=3):
        seen = tuple(one for place in corrupt for one in ((a + b * place) % prime, (b + c * place) % prime))
        key = (a + b * (pair[0] + pair[1]) + c * pair[0] * pair[1]) % prime
        counts.setdefault(seen, Counter())[key] += 1

    assert all(set(found.values()) == {1} and len(found) == prime for found in counts.values())
