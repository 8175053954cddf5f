"""What a coordinator and one party fewer than the threshold learn together: nothing, where a shared key gives all.

The distinguishing game: the adversary names two updates. Two honest parties hold them in one order or the other, so the
opened sum is the same. It gets every ciphertext, its own shares, the answer of an honest party, and guesses the order.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence

import numpy as np
import pytest

from learning.arrays import FloatArray
from learning.crypto.shared_key import SharedKey
from learning.crypto.threshold.ring import Ring, add, multiply, negate
from learning.crypto.threshold.seal import seal
from learning.crypto.threshold.shares import lagrange
from tests.learning.threshold_by_hand import Keys, keys, total

TRIALS = 200
BAND = 5 * np.sqrt(TRIALS / 4)
"""A guesser without knowledge leaves it less than once in a million games."""
CORRUPT = (3, 4)
"""Places of the parties that the adversary controls, of five of whom three open: it is one short."""
QUORUM = (1, 3, 4)
WIDTH = 512


def named() -> tuple[FloatArray, FloatArray]:
    """Two updates as unlike as the range allows."""
    one = np.full(WIDTH, 2.0**26)
    return one, -one


class Transcript:
    """All that the adversary sees of one opening, and what it can compute from it."""

    def __init__(self, held: Keys, updates: Sequence[FloatArray]) -> None:
        self.held = held
        self.sealed = [held.halves(update) for update in updates]
        self.c0, self.c1 = total([one[0] for one in self.sealed]), total([one[1] for one in self.sealed])
        shares = {place: held.shares[place - 1] for place in CORRUPT}
        self.folded = total([multiply(share, lagrange(place, QUORUM)) for place, share in shares.items()])
        self.averaged = total(list(shares.values()))
        self.answer = held.parts[0].partial(self.c1, 1, QUORUM)

    def colluding(self, c1: Ring) -> Ring:
        """The corrupt parties' own parts, which they need not hide from one another."""
        return multiply(c1, self.folded)

    def readings(self, c0: Ring, c1: Ring) -> FloatArray:
        """Every reconstruction of what lies in a ciphertext that comes to mind. Float[readings, WIDTH]."""
        own = self.colluding(c1)
        averaged = multiply(c1, self.averaged)
        tries = [c0, add(c0, own), add(add(c0, own), self.answer), add(c0, averaged), add(c0, self.answer), own]
        return np.array([seal().decode(one)[:WIDTH] for one in tries])


@pytest.fixture(scope="module")
def held() -> Keys:
    """Three of five open; the adversary has two."""
    return keys(5, 3)


def test_the_sum_opens_for_the_quorum_so_the_adversary_is_one_share_short(held: Keys) -> None:
    seen = Transcript(held, [np.arange(WIDTH, dtype=float), np.ones(WIDTH)])
    opened = seal().decode(total([seen.c0, seen.answer, seen.colluding(seen.c1)]))[:WIDTH]

    assert np.abs(opened - (np.arange(WIDTH) + 1)).max() < 0.05


def test_the_order_of_two_updates_is_guessed_no_better_than_by_a_coin(held: Keys) -> None:
    wins = np.zeros(6)
    for _ in range(TRIALS):
        order, updates = secrets.randbelow(2), named()
        seen = Transcript(held, updates if order == 0 else updates[::-1])
        (one0, one1), (other0, other1) = seen.sealed
        # the first party's update less the second's: all is linear, so is the best of guesses
        difference = seen.readings(add(one0, negate(other0)), add(one1, negate(other1)))
        wins += (difference @ (updates[0] - updates[1]) > 0) == (order == 0)

    assert np.abs(wins - TRIALS / 2).max() <= BAND


def test_under_a_shared_key_one_party_and_the_server_guess_right_every_time() -> None:
    key = SharedKey.generate()
    for _ in range(20):
        order, updates = secrets.randbelow(2), [update / 2**11 for update in named()]
        sent = [key.seal(update) for update in (updates if order == 0 else updates[::-1])]  # type: ignore[arg-type]

        assert (key.open(sent[0], WIDTH) @ (updates[0] - updates[1]) > 0) == (order == 0)


def reading_of_the_first(held: Keys, updates: Sequence[FloatArray]) -> FloatArray:
    seen = Transcript(held, updates)
    return seen.readings(*seen.sealed[0])


def correlation(readings: FloatArray, truth: FloatArray) -> float:
    """The best linear mixture of readings, fitted on the first half, against the truth of the second half.

    readings: Float[rounds, readings, WIDTH], truth: Float[rounds, WIDTH].
    """
    half = len(truth) // 2
    scaled = readings / np.abs(readings).max(axis=(0, 2), keepdims=True)
    x = np.concatenate([one.T for one in scaled[:half]])
    mixture, *_ = np.linalg.lstsq(x, truth[:half].ravel(), rcond=None)
    guessed = np.concatenate([one.T @ mixture for one in scaled[half:]])
    return float(np.corrcoef(guessed, truth[half:].ravel())[0, 1])


def test_the_best_linear_reconstruction_of_an_update_is_noise_and_under_a_shared_key_it_is_the_update(
    held: Keys,
) -> None:
    generator = np.random.default_rng(5)
    truth = generator.integers(-(2**14), 2**14, (16, WIDTH)).astype(float)
    other = generator.integers(-(2**14), 2**14, (16, WIDTH)).astype(float)
    seen = np.array([reading_of_the_first(held, pair) for pair in zip(truth, other, strict=True)])
    key = SharedKey.generate()
    control = np.array([[key.open(key.seal(update), WIDTH)] for update in truth])  # type: ignore[arg-type]

    # 4096 independent slots: five standard deviations
    assert abs(correlation(seen, truth)) < 5 / np.sqrt(8 * WIDTH)
    assert correlation(control, truth) > 0.999999
