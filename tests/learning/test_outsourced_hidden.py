"""What a key holder and a cloud see of rows that are not theirs: the sums they are meant to have, or nothing.

The game: the holder names two orders of the same rows, which have the same sums, and is given the cloud's result for
one of them. Products of different rows, which lie beside the sums in a result, tell the orders apart.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from learning.arrays import FloatArray
from learning.crypto.envelope import ChannelKey
from learning.outsourced import packing
from learning.outsourced.cloud import Stored, computed
from learning.outsourced.covering import cover
from learning.outsourced.factory import Factory
from learning.outsourced.keys import PublicRowKey, RowKey
from learning.outsourced.lattice import lattice
from learning.outsourced.sizes import COVERED, FLOOD_RATIO_BITS, own
from learning.outsourced.terms import Terms
from learning.outsourced.words import words

TRIALS = 80
COLUMNS, COUNT = 3, 20
KEY = RowKey(COVERED)
SEALER = PublicRowKey(COVERED, KEY.public())
TERMS = Terms(COVERED, (("a", COUNT),), (8.0,) * COLUMNS, "analyst")
SCALE = 2 * COVERED.scale_bits
PLACES = [packing.place(*pair, COVERED) for pair in packing.pairs(range(COLUMNS))]


def stored(rows: FloatArray) -> Stored:
    whole = TERMS.whole(rows, "a")
    ahead, behind = packing.forward(whole, COVERED), packing.backward(whole, COVERED)
    return Stored(*([[SEALER.seal(one) for one in line] for line in each] for each in (ahead, behind)))


def everything(result: Any) -> list[int]:
    """All that the holder decrypts of a result, before rounding."""
    door = words(COVERED)
    opened = door.of(KEY._opened(result))  # noqa: SLF001 before anything is rounded or refused
    return door.whole(door.coefficients(np.stack([opened, opened]))[0])


def neighbours(rows: FloatArray) -> float:
    """The sum of products of each row of column 0 with the row before, which lies at `X**1`."""
    whole = TERMS.whole(rows, "a")[:, 0].astype(float)
    return float(whole[1:] @ whole[:-1])


def guess(result: Any, orders: tuple[FloatArray, FloatArray]) -> int:
    seen = everything(result)[1] / 2.0**SCALE
    return int(abs(seen - neighbours(orders[1])) < abs(seen - neighbours(orders[0])))


def play(*, covered: bool) -> int:
    """Return how often the holder guesses the order."""
    generator = np.random.default_rng(5)
    rows = generator.normal(size=(COUNT, COLUMNS)).clip(-5.0, 5.0) / 1.5
    orders = (rows, rows[::2].tolist() + rows[1::2].tolist())
    pair = (rows, np.array(orders[1]))
    kept = [stored(one) for one in pair]
    right = 0
    for coin in generator.integers(0, 2, TRIALS):
        if covered:
            result = computed([kept[coin]], TERMS, tuple(range(COLUMNS)), SEALER)[0]
        else:
            result = lattice(COVERED).product(kept[coin].forward[0][0], kept[coin].backward[0][0])
        right += guess(result, pair) == coin
    return right


def test_a_covered_result_tells_the_order_of_rows_no_better_than_a_coin() -> None:
    band = 4.5 * math.sqrt(TRIALS / 4)
    assert abs(play(covered=True) - TRIALS / 2) <= band


def test_a_bare_result_tells_it_every_time() -> None:
    assert play(covered=False) == TRIALS


@pytest.fixture(scope="module")
def noises() -> tuple[FloatArray, FloatArray]:
    """Noise of the same sums without and with a cover, as shares of the scale."""
    rows = np.random.default_rng(6).normal(size=(COUNT, COLUMNS)).clip(-5.0, 5.0) / 1.5
    whole = TERMS.whole(rows, "a")
    kept, exact = stored(rows), [int(whole[:, i] @ whole[:, j]) for i, j in packing.pairs(range(COLUMNS))]
    bare = lattice(COVERED).product(kept.forward[0][0], kept.backward[0][0])
    before = [everything(bare)[place] - (one << SCALE) for place, one in zip(PLACES, exact, strict=True)]
    after = []
    for _ in range(20):
        result = lattice(COVERED).product(kept.forward[0][0], kept.backward[0][0])
        cover(SEALER, result, np.array(PLACES), SCALE)
        seen = everything(result)
        after += [seen[place] - (one << SCALE) for place, one in zip(PLACES, exact, strict=True)]
    return np.array(before, dtype=float), np.array(after, dtype=float)


def test_noise_stays_below_its_bound_and_is_not_far_below(noises: tuple[FloatArray, FloatArray]) -> None:
    bare, _ = noises
    assert np.abs(bare).max() <= COVERED.noise(COUNT)
    assert np.abs(bare).max() >= COVERED.noise(COUNT) / 1000


def test_the_flood_is_even_and_at_least_2_to_the_30_times_the_noise(noises: tuple[FloatArray, FloatArray]) -> None:
    bare, flooded = noises
    flood = float(COVERED.flood)
    assert np.abs(flooded).max() <= flood * 1.001
    assert flood >= np.abs(bare).max() * 2.0**FLOOD_RATIO_BITS
    # of 120 even draws a share below a half of the range is a half of them within four and a half deviations
    low = float((np.abs(flooded) < flood / 2).mean())
    assert abs(low - 0.5) <= 4.5 * 0.5 / math.sqrt(len(flooded))


def test_what_was_not_asked_for_is_spread_over_the_whole_modulus() -> None:
    rows = np.zeros((COUNT, COLUMNS))
    seen = everything(computed([stored(rows)], TERMS, (0, 1, 2), SEALER)[0])
    beside = np.array([abs(value) for place, value in enumerate(seen) if place not in PLACES], dtype=float)
    modulus = math.prod(words(COVERED).primes)
    assert abs((beside < modulus / 4).mean() - 0.5) <= 4.5 * 0.5 / math.sqrt(len(beside))


def cloud_sees(rows: FloatArray, key: RowKey, terms: Terms) -> tuple[int, float]:
    """Length of an upload, and the mean of all bytes of its ciphertexts: what a first look at it gives."""
    wire = Factory("a", terms, key, ChannelKey()).upload(rows)
    return len(wire), float(np.frombuffer(wire[1000:], dtype=np.uint8).mean())


def test_the_cloud_cannot_tell_rows_of_zeros_from_the_largest_rows_by_their_upload() -> None:
    terms = Terms(own(COUNT), (("a", COUNT),), (8.0,) * COLUMNS)
    key, largest = RowKey(terms.sizes), np.full((COUNT, COLUMNS), 2.0)
    seen = [[cloud_sees(rows, key, terms) for _ in range(TRIALS // 2)] for rows in (0.0 * largest, largest)]
    for at in (0, 1):
        looks = np.array([[one[at] for one in each] for each in seen])
        middle = np.median(looks)
        right = int((looks[0] < middle).sum() + (looks[1] > middle).sum()) + 0.5 * int((looks == middle).sum())
        assert abs(right - TRIALS / 2) <= 4.5 * math.sqrt(TRIALS / 4)


@pytest.mark.parametrize("fine", [False, True])
def test_noise_of_rows_under_their_owners_key_stays_below_its_bound(fine: bool) -> None:
    """As a share of the distance between two whole numbers, of which a quarter would still be read right."""
    sizes = own(400, fine=fine)
    terms, key = Terms(sizes, (("a", 400),), (8.0,) * COLUMNS), RowKey(sizes)
    rows = np.random.default_rng(7).normal(size=(400, COLUMNS)).clip(-6.0, 6.0) / 1.2
    whole = terms.whole(rows, "a")
    ahead, behind = packing.forward(whole, sizes), packing.backward(whole, sizes)
    kept = Stored(*([[key.seal(one) for one in line] for line in each] for each in (ahead, behind)))
    result = computed([kept], terms, tuple(range(COLUMNS)))[0]
    places = [packing.place(*pair, sizes) for pair in packing.pairs(range(COLUMNS))]
    opened = lattice(sizes).coefficients(key._opened(result))[places]  # noqa: SLF001 before it is rounded
    noise = float(np.abs(opened - np.rint(opened)).max())
    bound = sizes.noise(400) / 2.0 ** (2 * sizes.scale_bits)
    assert bound / 1000 < noise <= bound <= 0.25
