"""The layout over slots: sums pass, and whatever is not the sum of one update of each party is refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from learning.arrays import FloatArray
from learning.crossings import COORDINATOR
from learning.crypto.slots import (
    LIMBS,
    MAXIMUM_PARTIES,
    SLOTS,
    Layout,
    join_limbs,
    split_limbs,
)
from learning.faults import ProtectionError, RoundError
from learning.quantise import budget_steps

PARTIES = ("east", "north", "south")
LAYOUT = Layout(PARTIES, 5)
FULL = LAYOUT.numbers_per_chunk
INSIDE = st.integers(-budget_steps(3), budget_steps(3))


def summed(**updates: list[int]) -> list[FloatArray]:
    """The slots of the sum of some parties' updates."""
    chunks = [LAYOUT.spread(np.array(numbers), party) for party, numbers in updates.items()]
    return [np.sum(parts, axis=0).astype(float) for parts in zip(*chunks, strict=True)]


SOUND = {"east": [1, 2, 3, 4, 5], "north": [-9] * 5, "south": [budget_steps(3)] * 5}


@given(st.lists(st.integers(-(2**62), 2**62), min_size=1, max_size=20))
def test_limbs_put_together_give_the_number_as_far_as_they_reach(numbers: list[int]) -> None:
    values = np.array(numbers)
    limbs = split_limbs(values)

    assert limbs.min() >= -LAYOUT.limb_bound
    assert limbs.max() < LAYOUT.limb_bound
    assert join_limbs(limbs).tolist() == numbers


@pytest.mark.parametrize(("limbs", "bits"), [(1, 16), (2, 8), (3, 9), (4, 13), (2, 27), (4, 15)])
def test_the_ends_of_the_range_of_all_limbs_survive_in_limbs_that_a_slot_may_hold(limbs: int, bits: int) -> None:
    end = 2 ** (limbs * bits - 1) - 1
    cut = split_limbs(np.array([end, -end, end - 1, 1 - end]), limbs, bits)

    assert join_limbs(cut, bits).tolist() == [end, -end, end - 1, 1 - end]
    assert np.abs(cut).max() <= Layout(PARTIES, 1, limbs=limbs, limb_bits=bits).limb_bound


@given(*[st.lists(INSIDE, min_size=5, max_size=5)] * 3)
def test_summed_slots_give_the_exact_sum(east: list[int], north: list[int], south: list[int]) -> None:
    total = LAYOUT.gather(summed(east=east, north=north, south=south))

    assert total.tolist() == [sum(numbers) for numbers in zip(east, north, south, strict=True)]


@pytest.mark.parametrize("values", [1, FULL, FULL + 1, 2 * FULL + 3])
def test_a_long_update_is_split_so_that_no_ciphertext_has_more_slots_than_it_holds(values: int) -> None:
    layout = Layout(("north", "south"), values)
    numbers = np.arange(values)
    chunks = layout.spread(numbers, "north")
    opened = [(a + b).astype(float) for a, b in zip(chunks, layout.spread(-3 * numbers, "south"), strict=True)]

    assert max(len(chunk) for chunk in chunks) <= SLOTS
    assert layout.slot_counts() == [len(chunk) for chunk in chunks]
    assert np.array_equal(layout.gather(opened), -2 * numbers)


@given(st.integers(-(2**16), 2**16).filter(bool), st.integers(0, 25))
def test_a_slot_that_is_off_by_a_whole_number_is_noticed(shift: int, slot: int) -> None:
    opened = summed(**SOUND)
    opened[0][slot] += shift

    with pytest.raises(RoundError):
        LAYOUT.gather(opened)


@pytest.mark.parametrize("noise", [0.3, -0.5, 1e9, float("nan"), float("inf")])
def test_a_slot_that_is_not_near_a_whole_number_in_range_is_noticed(noise: float) -> None:
    opened = summed(**SOUND)
    opened[0][3] += noise

    with pytest.raises(RoundError) as refused:
        LAYOUT.gather(opened)
    assert refused.value.parties == (*PARTIES, COORDINATOR)


@pytest.mark.parametrize(
    ("number", "times", "fault"),
    [(2**14, 2**10, "a slot of the sum is out of range"), (2**50, 8, "a number of the sum is out of range")],
)
def test_a_sum_that_agrees_with_its_checks_and_lies_out_of_range_is_refused(
    number: int, times: int, fault: str
) -> None:
    large, none = (LAYOUT.spread(np.full(5, value), "north")[0] for value in (number, 0))
    shifted = summed(**SOUND)[0].astype(np.int64) + times * (large - none)
    shifted[-LIMBS:] = split_limbs(join_limbs(shifted[-LIMBS:]))

    with pytest.raises(RoundError, match=fault):
        LAYOUT.gather([shifted.astype(float)])


def test_noise_of_a_sound_cipher_passes() -> None:
    opened = summed(**SOUND)
    opened[0] += np.linspace(-0.2, 0.2, len(opened[0]))

    assert LAYOUT.gather(opened)[0] == 1 - 9 + budget_steps(3)


def test_a_missing_a_doubled_and_an_exchanged_update_are_noticed() -> None:
    east, north, south = (LAYOUT.spread(np.array(SOUND[party]), party)[0] for party in PARTIES)

    for wrong in (east + north, east + north + south + south, east + north + north, 3 * east, 0 * east):
        with pytest.raises(RoundError, match="not one update of each party"):
            LAYOUT.gather([wrong.astype(float)])


def test_a_number_of_one_limb_has_that_limbs_range_and_a_checksum_of_two() -> None:
    layout = Layout(("a", "b"), 4093, slots=4096, limbs=1, limb_bits=30)
    numbers = np.full(4093, layout.limit)
    chunks = zip(layout.spread(numbers, "a"), layout.spread(numbers, "b"), strict=True)

    assert layout.limit == 2**29 - 1
    assert layout.slot_counts() == [4096, 5]
    assert np.array_equal(layout.gather([(one + other).astype(float) for one, other in chunks]), 2 * numbers)
    with pytest.raises(ProtectionError, match="outside -536870911 to 536870911"):
        layout.spread(numbers + 1, "a")


@given(*[st.lists(INSIDE, min_size=5, max_size=5)] * 3)
def test_fewer_and_wider_limbs_give_the_same_sum(east: list[int], north: list[int], south: list[int]) -> None:
    layout = Layout(PARTIES, 5, slots=4096, limbs=2, limb_bits=27)
    chunks = [
        layout.spread(np.array(numbers), party) for party, numbers in zip(PARTIES, (east, north, south), strict=True)
    ]
    total = layout.gather([np.sum(parts, axis=0).astype(float) for parts in zip(*chunks, strict=True)])

    assert total.tolist() == [sum(numbers) for numbers in zip(east, north, south, strict=True)]


def test_ciphertexts_in_another_order_are_noticed() -> None:
    layout = Layout(("north", "south"), 2 * FULL)
    numbers = np.arange(2 * FULL)
    opened = [
        (a + b).astype(float)
        for a, b in zip(layout.spread(numbers, "north"), layout.spread(numbers, "south"), strict=True)
    ]

    for wrong in (opened[::-1], opened[:1], [*opened, opened[0]], [opened[0], opened[1][:-1]]):
        with pytest.raises(RoundError):
            layout.gather(wrong)


def test_the_largest_federation_keeps_every_slot_within_the_ciphers_modulus() -> None:
    from learning.crypto.shared_key import PRIME_BITS, SCALE_BITS

    reach = 2 ** (PRIME_BITS[0] - 1 - SCALE_BITS)

    assert reach >= 2 * LAYOUT.limb_bound * MAXIMUM_PARTIES
    assert Layout(tuple(f"p{index:04}" for index in range(MAXIMUM_PARTIES)), 1).values == 1
    with pytest.raises(ProtectionError, match="1025 parties; at most 1024"):
        Layout(tuple(f"p{index:04}" for index in range(MAXIMUM_PARTIES + 1)), 1)


@pytest.mark.parametrize("parties", [(), ("b", "a"), ("a", "a"), ("a", COORDINATOR)])
def test_parties_that_cannot_be_told_apart_are_refused(parties: tuple[str, ...]) -> None:
    with pytest.raises(ProtectionError):
        Layout(parties, 1)
