"""The compact cipher: packing, masks, checksum and noise, each against arithmetic that needs no cipher."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from learning.arrays import IntArray
from learning.crypto.compact.bfv import SealingKey, scheme
from learning.crypto.compact.check import CheckKey
from learning.crypto.compact.field import Words, add, stretched, subtract, weighted
from learning.crypto.compact.packing import Packing, dense
from learning.crypto.compact.parameters import BELOW_POWER, DATA, DEGREE, ERROR, PRIME, noise_bound, plain_modulus
from learning.crypto.memory import written
from learning.crypto.slots import MAXIMUM_PARTIES, Layout
from learning.crypto.threshold.seal import body, framed
from learning.faults import ProtectionError

PARTIES = ("east", "north", "south", "up", "west")
MODULUS = plain_modulus(5)
SEED = bytes(range(32))


def packing(values: int, bits: int, limbs: int = 1, parties: tuple[str, ...] = PARTIES) -> Packing:
    """How `values` numbers lie for these parties."""
    return Packing(Layout(parties, values, limbs=limbs, limb_bits=bits), plain_modulus(len(parties)))


def is_prime(number: int) -> bool:
    """Miller and Rabin's test; these bases leave no doubt below 2**64."""
    odd, twos = number - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    for base in (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37):
        powers = [pow(base, odd << step, number) for step in range(twos)]
        if powers[0] != 1 and number - 1 not in powers:
            return False
    return True


def test_every_plaintext_modulus_is_prime_and_the_largest_below_its_power() -> None:
    for bits, below in BELOW_POWER.items():
        assert is_prime(2**bits - below)
        assert not any(is_prime(2**bits - less) for less in range(1, below, 2))


@pytest.mark.parametrize("count", [2, 5, 50, 500, MAXIMUM_PARTIES])
def test_the_worst_noise_of_a_sum_stays_below_half_a_step_of_the_plaintext(count: int) -> None:
    assert 2 * plain_modulus(count) * noise_bound(count) < PRIME


def test_more_parties_than_the_noise_allows_are_refused() -> None:
    with pytest.raises(ProtectionError, match="leaves no room for a sum"):
        plain_modulus(2000)


@pytest.mark.parametrize(("bits", "limbs", "lanes"), [(8, 1, 5), (16, 1, 2), (27, 2, 1)])
def test_sums_of_extreme_updates_unpack_exactly(bits: int, limbs: int, lanes: int) -> None:
    one = packing(60, bits, limbs)
    limit = one.layout.limit
    for sign in (-limit, limit):
        numbers = np.full(60, sign)
        total: Words = np.zeros((1, DATA), dtype=np.uint64)
        for party in PARTIES:
            total = add(total, one.pack(numbers, party), one.modulus)
        assert one.unpack(total, 5).tolist() == [5 * sign] * 60
    assert one.lanes == lanes
    assert one.radix**lanes <= one.modulus < one.radix ** (lanes + 1)


@settings(max_examples=40, deadline=None)
@given(data=st.data(), bits=st.sampled_from([2, 8, 13, 16, 27]), present=st.integers(1, 5))
def test_a_packed_sum_unpacks_to_the_sum(data: st.DataObject, bits: int, present: int) -> None:
    one = packing(9, bits)
    numbers = st.lists(st.integers(-one.layout.limit, one.layout.limit), min_size=9, max_size=9)
    updates = [np.array(data.draw(numbers)) for _ in range(present)]
    packed = [one.pack(update, PARTIES[0]) for update in updates]

    assert one.unpack(np.sum(packed, axis=0, dtype=np.uint64), present).tolist() == np.sum(updates, axis=0).tolist()


@settings(max_examples=60, deadline=None)
@given(data=st.data(), count=st.sampled_from([2, 3, 5, 40, 1024]), bits=st.sampled_from([2, 8, 11, 16, 27, 40, None]))
def test_a_dense_layout_keeps_the_range_and_sums_to_its_very_ends(
    data: st.DataObject, count: int, bits: int | None
) -> None:
    parties = tuple(f"party_{number:04}" for number in range(count))
    given_layout = Layout(parties, 3, bits=bits)
    one = Packing(dense(given_layout), plain_modulus(count))
    limit = given_layout.limit
    update = np.array(data.draw(st.lists(st.sampled_from([-limit, limit, 0, limit // 3]), min_size=3, max_size=3)))

    assert one.layout.limit == limit
    assert one.unpack(one.pack(update, parties[0]) * np.uint64(count), count).tolist() == (update * count).tolist()


def test_a_dense_layout_takes_no_more_coefficients_than_any_other_cut() -> None:
    for bits, best in ((8, 0.2), (16, 0.4), (24, 0.6)):
        found = packing(1, bits)
        one = Packing(dense(Layout(PARTIES, 1, bits=bits)), MODULUS)
        assert one.layout.limbs / one.lanes == best <= 1 / found.lanes


def test_a_long_update_fills_lanes_before_ciphertexts() -> None:
    assert packing(5 * DATA, 8).ciphertexts == 1
    assert packing(5 * DATA + 1, 8).ciphertexts == 2
    assert packing(1, 8).ciphertexts == 1


def test_a_digit_beyond_what_the_parties_could_send_is_refused() -> None:
    one = packing(7, 8)
    fits = one.pack(np.zeros(7, dtype=np.int64), "east")
    for place, amount in ((0, 256 - 127), (DATA - 1, 1), (0, one.radix**one.lanes)):
        forged = fits.copy()
        forged[0, place] += np.uint64(amount)
        with pytest.raises(ValueError, match="a digit of the sum is out of range"):
            one.unpack(forged, 1)


def test_numbers_that_no_coefficient_holds_are_refused() -> None:
    with pytest.raises(ProtectionError, match="limbs of 60 bits does not fit"):
        packing(7, 60)


def test_a_mask_is_even_below_the_modulus_and_another_for_another_purpose() -> None:
    modulus = 2**16 - 15
    one, other = stretched(SEED, "one", 200_000, modulus), stretched(SEED, "other", 200_000, modulus)
    counts = np.bincount(one.astype(np.int64) * 64 // modulus, minlength=64)

    assert one.max() < modulus
    assert np.abs(counts - 200_000 / 64).max() < 6 * np.sqrt(200_000 / 64)
    assert abs(np.corrcoef(one, other)[0, 1]) < 6 / np.sqrt(200_000)
    assert np.array_equal(one, stretched(SEED, "one", 200_000, modulus))


@settings(max_examples=30, deadline=None)
@given(pairs=st.lists(st.tuples(*[st.integers(0, MODULUS - 1)] * 2), min_size=1, max_size=20))
def test_arithmetic_modulo_the_prime_is_that_of_whole_numbers(pairs: list[tuple[int, int]]) -> None:
    left, right = (np.array(side, dtype=np.uint64) for side in zip(*pairs, strict=True))

    assert add(left, right, MODULUS).tolist() == [(a + b) % MODULUS for a, b in pairs]
    assert subtract(left, right, MODULUS).tolist() == [(a - b) % MODULUS for a, b in pairs]
    assert weighted(left[None], right[None], MODULUS) == [sum(a * b for a, b in pairs) % MODULUS]


def test_a_weighted_sum_of_the_largest_numbers_is_exact() -> None:
    worst = np.full((2, DEGREE), MODULUS - 1, dtype=np.uint64)

    assert weighted(worst, worst, MODULUS) == [DEGREE * (MODULUS - 1) ** 2 % MODULUS] * 2


def test_checksums_of_parties_add_up_to_the_checksum_of_their_sum_and_of_no_other() -> None:
    key, generator = CheckKey(SEED, MODULUS), np.random.default_rng(3)
    packed = {party: generator.integers(0, MODULUS, (2, DATA), dtype=np.uint64) for party in PARTIES[:3]}
    summed = total = np.zeros((2, 1), dtype=np.uint64)
    for party, one in packed.items():
        summed = add(summed, key.checksums(one, 4, [party])[:, None], MODULUS)
        total = add(total, one, MODULUS)

    assert np.array_equal(summed[:, 0], key.checksums(total, 4, PARTIES[:3]))
    for number, parties in ((5, PARTIES[:3]), (4, PARTIES[:2]), (4, PARTIES[1:4])):
        assert not (summed[:, 0] == key.checksums(total, number, parties)).any()
    assert not (summed[:, 0] == CheckKey(bytes(32), MODULUS).checksums(total, 4, PARTIES[:3])).any()


def test_any_single_change_of_a_sum_changes_its_checksum() -> None:
    key, packed = CheckKey(SEED, MODULUS), np.zeros((1, DATA), dtype=np.uint64)
    before = key.checksums(packed, 1, PARTIES)
    for place in (0, 1, DATA // 2, DATA - 1):
        for amount in (1, 2**26, 2**51, MODULUS - 1):
            changed = packed.copy()
            changed[0, place] = amount
            assert key.checksums(changed, 1, PARTIES) != before


def coefficients(seed: int) -> Words:
    """One row of random coefficients."""
    return np.random.default_rng(seed).integers(0, MODULUS, (1, DEGREE), dtype=np.uint64)


def test_what_is_sealed_opens_and_sums_open_to_the_sum_modulo_the_prime() -> None:
    key = SealingKey.generate(MODULUS)
    again = SealingKey.receive(MODULUS, key.hand_over())
    rows = [coefficients(seed) for seed in range(5)]
    used = scheme(MODULUS)
    total = used.add([used.ciphertext(key.seal(row)[0]) for row in rows])
    opened = again.open([written(total)])

    assert np.array_equal(key.open(key.seal(rows[0])), rows[0])
    assert opened.tolist() == (np.sum(rows, axis=0, dtype=object) % MODULUS).tolist()
    assert np.array_equal(key.open([used.subtract(total, rows[1][0])])[0], subtract(opened[0], rows[1][0], MODULUS))


def test_zeros_at_the_end_come_back() -> None:
    key = SealingKey.generate(MODULUS)
    row = np.zeros((2, DEGREE), dtype=np.uint64)
    row[0, 3] = 7

    assert np.array_equal(key.open(key.seal(row)), row)


def shifted(ciphertext: bytes, error: int) -> bytes:
    """A ciphertext with every coefficient of its first half moved by `error`: that much more noise."""
    content = body(written(scheme(MODULUS).ciphertext(ciphertext)))
    size = 8 * DEGREE
    at = len(content) - 2 * size
    words = np.frombuffer(content[at : at + size], dtype="<u8").astype(np.int64)
    moved = ((words.astype(object) + error) % PRIME).astype(np.uint64)
    return framed(content[:at] + moved.astype("<u8").tobytes() + content[at + size :])


def test_noise_within_the_bound_changes_nothing_and_half_a_step_of_noise_does() -> None:
    key, row = SealingKey.generate(MODULUS), coefficients(9)
    sealed = key.seal(row)[0]
    room, half_a_step = noise_bound(5) - ERROR, PRIME // (2 * MODULUS)

    for error in (room, -room):
        assert np.array_equal(key.open([shifted(sealed, error)]), row)
    assert not np.array_equal(key.open([shifted(sealed, half_a_step + ERROR + 1)]), row)


def test_the_error_of_a_fresh_ciphertext_keeps_its_bound() -> None:
    key = SealingKey.generate(MODULUS)
    room, half_a_step = ERROR + 1, PRIME // (2 * MODULUS)
    zero = np.zeros((1, DEGREE), dtype=np.uint64)
    for _ in range(3):
        sealed = key.seal(zero)[0]
        # moved to the very edge, an error beyond the bound would show in one of 4096 coefficients
        for sign in (1, -1):
            assert np.array_equal(key.open([shifted(sealed, sign * (half_a_step - room))]), zero)


@pytest.mark.parametrize("content", [b"", b"\x5e\xa1", bytes(200), bytes(10**6)])
def test_bytes_that_are_no_ciphertext_are_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match="it holds no"):
        scheme(MODULUS).ciphertext(content)


def test_a_ciphertext_of_other_parameters_is_refused() -> None:
    other = SealingKey.generate(plain_modulus(500)).seal(np.ones((1, DEGREE), dtype=np.uint64))[0]

    with pytest.raises(ValueError, match="it holds no ciphertext"):
        scheme(MODULUS).ciphertext(other)


def test_an_upload_is_half_of_what_a_ciphertext_is_elsewhere() -> None:
    key, used = SealingKey.generate(MODULUS), scheme(MODULUS)
    up = key.seal(coefficients(1))[0]

    assert len(up) < 8 * DEGREE + 300
    assert len(written(used.ciphertext(up))) > 15 * DEGREE


def updates_of(count: int) -> IntArray:
    """Numbers of 8 bits."""
    return np.random.default_rng(1).integers(-127, 128, count)


def test_a_long_update_of_8_bits_takes_less_than_two_bytes_a_number() -> None:
    one = packing(100_000, 8)
    packed = one.pack(updates_of(100_000), "east")
    row = np.column_stack([packed, packed[:, :1]])
    size = sum(len(chunk) for chunk in SealingKey.generate(MODULUS).seal(row))

    assert size / 100_000 < 2.0
