"""Numbers side by side in coefficients: sums are exact, the range decides how many fit, garbage is noticed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from learning.crypto.slots import Layout
from learning.crypto.threshold.lanes import Lanes
from learning.crypto.threshold.parameters import FLOOD_BITS, room, shift
from learning.crypto.threshold.ring import (
    DATA_PRIMES,
    DEGREE,
    HIGH,
    LAZY,
    PRIMES,
    add,
    centred,
    high,
    high_words,
    summed,
    uniform,
)
from learning.crypto.threshold.seal import seal
from learning.crypto.threshold.sealing import Sealed, message
from learning.faults import ProtectionError, RoundError
from learning.protect import protection
from learning.threshold.packing import Packing, packed
from tests.learning.threshold_by_hand import PARTIES

FIVE = Layout(PARTIES, 40)
Q = PRIMES[0] * PRIMES[1]


def residues(whole: list[int]) -> np.ndarray:  # type: ignore[type-arg]
    """Whole numbers modulo both data primes."""
    return np.array([[one % prime for one in whole] for prime in PRIMES[:DATA_PRIMES]], dtype=np.uint64)


@given(st.lists(st.integers(0, Q - 1), min_size=1, max_size=8))
def test_a_high_word_is_the_number_over_the_first_prime_rounded(whole: list[int]) -> None:
    expected = [(2 * one + PRIMES[0]) // (2 * PRIMES[0]) % PRIMES[1] for one in whole]

    assert high(residues(whole))[0].tolist() == expected


@given(st.lists(st.integers(-(2**58), 2**58), min_size=1, max_size=8))
def test_high_words_carry_whole_numbers_of_both_signs(whole: list[int]) -> None:
    assert centred(high_words(np.array(whole))).tolist() == whole


@pytest.mark.parametrize("count", [1, LAZY, LAZY + 1, 3 * LAZY + 2])
def test_a_sum_of_many_is_the_sum_one_by_one(count: int) -> None:
    largest = np.array([[prime - 1] * 3 for prime in PRIMES[:DATA_PRIMES]], dtype=np.uint64)
    values = [largest] * count
    one_by_one = values[0]
    for value in values[1:]:
        one_by_one = add(one_by_one, value)

    assert np.array_equal(summed(iter(values)), one_by_one)
    assert values[0].max() == PRIMES[1] - 1, "what is summed stays as it was"


def test_a_transform_and_back_is_the_polynomial() -> None:
    import os

    one = uniform(os.urandom, DATA_PRIMES)

    assert np.array_equal(seal().coefficients(seal().transform(one)), one)


@settings(max_examples=50)
@given(
    st.integers(1, 2**20),
    st.integers(2, 50),
    st.integers(0, 2**32).map(np.random.default_rng),
    st.integers(1, 40),
)
def test_lanes_hold_sums_of_slots_of_any_sign_exactly(
    bound: int, parties: int, generator: np.random.Generator, slots: int
) -> None:
    lanes = Lanes.that_fit(parties * bound, room(parties, 2))
    updates = generator.integers(-bound, bound + 1, (parties, slots))
    updates[:, 0] = bound
    coefficients = np.sum([lanes.pack(update) for update in updates], axis=0)

    assert np.abs(coefficients).max() <= room(parties, 2)
    assert np.array_equal(lanes.unpack(coefficients.astype(float), slots), updates.sum(axis=0))


def test_one_lane_more_would_not_fit() -> None:
    lanes = Lanes.that_fit(5 * 2**14, room(5, 3))
    base = 2 * lanes.bound + 1

    assert lanes.count == 3
    assert (base**3 - 1) // 2 <= room(5, 3) < (base**4 - 1) // 2


@pytest.mark.parametrize(
    ("parties", "needed", "bits", "bytes_a_number"),
    [(5, 3, 8, 5.6), (5, 3, 15, 9.3), (5, 3, 24, 13.2), (5, 3, None, 33.0), (50, 5, 16, 13.3), (500, 5, 12, 13.3)],
)
def test_the_budget_decides_how_many_bytes_a_number_takes(
    parties: int, needed: int, bits: int | None, bytes_a_number: float
) -> None:
    names = tuple(f"p{number:03}" for number in range(parties))
    packing = Packing(packed(Layout(names, 100_000, bits=bits), needed), needed)
    total = sum(8 * (used + DATA_PRIMES * DEGREE) for used in packing.used())

    assert total / 100_000 <= bytes_a_number
    assert packing.layout.limit >= Layout(names, 1, bits=bits).limit


def test_every_number_of_parties_and_every_length_finds_a_way() -> None:
    for parties in (2, 3, 5, 50, 500, 1024):
        names = tuple(f"p{number:04}" for number in range(parties))
        for needed in {2, parties // 2 + 1, parties}:
            for bits in (2, 9, 16, 31, None):
                layout = packed(Layout(names, 3, bits=bits), needed)
                packing = Packing(layout, needed)
                assert parties * layout.limb_bound <= packing.lanes.bound
                extreme = np.array([layout.limit, -layout.limit, 0])
                coefficients = parties * packing.pack(extreme, names[0])[0]
                assert np.abs(coefficients).max() <= room(parties, needed)


def test_an_error_below_a_quarter_of_a_step_is_rounded_away_and_a_larger_one_refused() -> None:
    layout = packed(FIVE, 3)
    packing = Packing(layout, 3)
    coefficients = np.sum([packing.pack(np.arange(40), party)[0] for party in PARTIES], axis=0)
    step = shift(5, 3)
    worst = (1 << step) // 4
    for error in (-worst, worst):
        opened = message(high_words((coefficients << step) + error), step)
        assert packing.gather([opened]).tolist() == (5 * np.arange(40)).tolist()

    with pytest.raises(RoundError, match="not a whole number"):
        packing.gather([message(high_words((coefficients << step) + worst + 1), step)])


def test_what_lies_in_lanes_that_no_slot_uses_is_noticed() -> None:
    packing = Packing(packed(FIVE, 3), 3)
    coefficients = np.sum([packing.pack(np.arange(40), party)[0] for party in PARTIES], axis=0).astype(float)
    assert packing.layout.slot_counts()[0] % packing.lanes.count
    coefficients[-1] += (2 * packing.lanes.bound + 1) ** (packing.lanes.count - 1)

    with pytest.raises(RoundError, match="out of range"):
        packing.gather([coefficients])


def test_garbage_opens_nothing() -> None:
    import os

    packing = Packing(packed(FIVE, 3), 3)
    for _ in range(20):
        with pytest.raises(RoundError):
            packing.gather([message(uniform(os.urandom, 1, packing.used()[0], HIGH), packing.shift)])


def test_bytes_of_another_length_or_with_a_word_that_reaches_its_prime_are_no_ciphertext() -> None:
    sound = Sealed(np.zeros((1, 3), dtype=np.uint64), np.zeros((DATA_PRIMES, DEGREE), dtype=np.uint64)).raw()
    Sealed.read(sound, 3)
    for wrong in (b"", sound + b"\0", sound[:-8]):
        with pytest.raises(ValueError, match="it holds no ciphertext of 3 coefficients"):
            Sealed.read(wrong, 3)
    for place, prime in ((0, PRIMES[1]), (3, PRIMES[0]), (3 + DEGREE, PRIMES[1])):
        changed = bytearray(sound)
        changed[8 * place : 8 * place + 8] = prime.to_bytes(8, "little")
        with pytest.raises(ValueError, match="a word reaches its prime"):
            Sealed.read(bytes(changed), 3)


@pytest.mark.parametrize("bits", [5, 15, 24])
def test_a_long_update_of_short_numbers_opens_exactly(bits: int) -> None:
    values = 30_000
    one = protection("threshold", PARTIES, values, needed=3, bits=bits)
    limit = one.layout.limit
    generator = np.random.default_rng(bits)
    updates = {party: generator.integers(-limit, limit + 1, values) for party in PARTIES}

    assert np.array_equal(one.total(updates, number=1, day=0.0).numbers, sum(updates.values()))
    with pytest.raises(ProtectionError, match="'up': its update is outside"):
        one.total(updates | {"up": updates["up"] * 0 + limit + 1}, number=2, day=0.0)


def test_no_flood_is_lost_in_a_high_word() -> None:
    assert PRIMES[0] < 2 ** (FLOOD_BITS - 1)
