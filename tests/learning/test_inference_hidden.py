"""What each side of a private score holds in the end: its own input, what it was meant to learn, and even draws.

Honest but curious: both sides keep to the protocol and look at all they got. Each test takes what one side sees and
two candidates that it should not be able to tell apart.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from learning.arrays import FloatArray
from learning.crypto.envelope import ChannelKey
from learning.inference import linear
from learning.inference.choosing import Chooser, answered
from learning.inference.comparison import asked, decided, garbled, share_of_mask, share_of_masked
from learning.inference.ends import Asker, Modeller
from learning.inference.garbling import Garbled, evaluate, garble
from learning.inference.scale import DIFFERENCE_BITS, Agreement, whole_model
from learning.outsourced.keys import PublicRowKey, RowKey
from learning.outsourced.lattice import lattice
from learning.outsourced.sizes import COVERED
from learning.outsourced.words import words

AGREEMENT = Agreement("yard", "lab", (8.0,) * 2)
HALF = 1 << (DIFFERENCE_BITS - 1)


def band(trials: int) -> float:
    """Four and a half deviations of a fair coin, as a share."""
    return 4.5 * 0.5 / math.sqrt(trials)


@settings(max_examples=150, deadline=None)
@given(x=st.integers(0, 255), y=st.integers(0, 255), first=st.booleans(), turned=st.integers(0, 1))
def test_a_garbled_comparison_compares(x: int, y: int, first: bool, turned: int) -> None:
    own, other = (x, y) if first else (y, x)
    circuit, choices = garble(own, 8, own_is_first=first, turned=turned)
    circuit = Garbled.read(circuit.written(), 8)
    chosen = [pair[other >> at & 1] for at, pair in enumerate(choices)]
    assert evaluate(circuit, chosen, own_is_first=not first) == (x < y) ^ turned


def test_a_wrong_label_ends_in_no_label_of_the_circuit() -> None:
    circuit, choices = garble(5, 8, own_is_first=True, turned=0)
    chosen = [pair[0] for pair in choices]
    chosen[3] ^= 2
    with pytest.raises(ValueError, match="ends in no label"):
        evaluate(circuit, chosen, own_is_first=False)


def test_the_colours_of_labels_say_nothing_of_the_values_behind_them() -> None:
    """Of one number and its complement, garbled again and again, each bit's label is as often odd as even."""
    for own in (0, 255):
        odd = np.mean(
            [[label & 1 for label in garble(own, 8, own_is_first=True, turned=0)[0].labels] for _ in range(400)]
        )
        assert abs(odd - 0.5) <= band(3200)


def test_an_oblivious_choice_gives_one_mask_of_each_pair() -> None:
    chooser, bits = Chooser(), [0, 1, 1, 0] * 200
    answer, masks = answered(chooser.ask(bits), len(bits), "yard")
    got = chooser.masks(answer, len(bits), "lab")
    assert got == [pair[bit] for pair, bit in zip(masks, bits, strict=True)]
    assert all(one != pair[1 - bit] for one, pair, bit in zip(got, masks, bits, strict=True))
    assert len({mask for pair in masks for mask in pair}) == 2 * len(bits)


def test_the_noise_of_a_choice_is_flooded_and_leaves_room() -> None:
    chooser = Chooser()
    answer, _ = answered(chooser.ask([1]), 1, "yard")
    from learning.ends import unframe
    from learning.inference.choosing import PLAIN_BITS, _scheme

    scheme = _scheme()
    budget = chooser._decryptor.invariant_noise_budget(scheme.read(unframe(answer, "lab", 1)[0]))  # noqa: SLF001 measured
    modulus = sum(math.log2(prime) for prime in scheme.primes)
    # q / (2 * t * noise): the noise is the flood of 63 bits and a sign, give or take the largest of 4,096 draws
    assert abs(modulus - PLAIN_BITS - 1 - budget - 63) <= 2


@settings(max_examples=10, deadline=None)
@given(differences=st.lists(st.integers(-HALF, HALF - 1), min_size=1, max_size=5), masked=st.booleans())
def test_shares_are_compared_with_zero_exactly(differences: list[int], masked: bool) -> None:
    """masked: whether the garbler holds the masked differences."""
    masks = linear.masks(len(differences))
    behind = [share_of_masked(one + mask) for one, mask in zip(differences, masks, strict=True)]
    bare = [share_of_mask(mask) for mask in masks]
    garbler, evaluator = (behind, bare) if masked else (bare, behind)
    chooser = Chooser()
    answer = garbled(asked(evaluator, chooser), garbler, "yard", masked=masked)
    found = decided(answer, evaluator, chooser, "lab", masked=not masked)
    assert found == [one >= 0 for one in differences]


@pytest.mark.parametrize("difference", [0, 1, -1, HALF - 1, -HALF])
def test_the_ends_of_the_range_are_decided_right(difference: int) -> None:
    test_shares_are_compared_with_zero_exactly.hypothesis.inner_test([difference], True)  # type: ignore[attr-defined]


def sides(weights: FloatArray) -> tuple[Asker, Modeller]:
    channel = ChannelKey()
    model = whole_model(weights, 0.0, AGREEMENT)
    return Asker(AGREEMENT, channel), Modeller(AGREEMENT, model, channel, 10**6)


def halves(shares: list[int], bit: int) -> float:
    return float(np.mean([share >> bit & 1 for share in shares]))


CORES = 600


def test_the_asker_cannot_tell_two_models_by_the_masked_scores() -> None:
    """A small score and a huge one of the same sign: every bit of the share is a fair coin under both."""
    features = np.full((CORES, 2), 4.0)
    for weights in (np.array([1e-3, 1.0, -1.0]), np.array([5.0, 1.0, 1.0])):
        asker, modeller = sides(weights)
        asker.masked(modeller.masked(asker.features(features, 1), 1), 1)
        assert all(abs(halves(asker._shares, bit) - 0.5) <= band(CORES) for bit in range(0, 44, 4))  # noqa: SLF001


def test_the_modeller_cannot_tell_two_cores_by_the_masked_scores() -> None:
    weights = np.array([0.0, 1.0, 1.0])
    for core in ([0.001, 0.0], [7.9, 7.9]):
        asker, modeller = sides(weights)
        asker.model(modeller.model())
        modeller.products(asker.products(np.tile(core, (CORES, 1)), 1), 1)
        assert all(abs(halves(modeller._shares, bit) - 0.5) <= band(CORES) for bit in range(0, 44, 4))  # noqa: SLF001


def raw(key: RowKey, ciphertext: Any) -> list[int]:
    """All that the holder of a key decrypts, before rounding."""
    door = words(COVERED)
    opened = door.of(key._opened(ciphertext))  # noqa: SLF001 before anything is rounded or refused
    return door.whole(door.coefficients(np.stack([opened, opened]))[0])


def test_who_knows_its_own_noise_solves_for_the_model_unless_the_result_is_flooded() -> None:
    """The noise of a result is the weights times the errors of the features, and who sealed the features has those."""
    base, key, cores, width = lattice(COVERED), RowKey(COVERED), 60, 3
    features = np.random.default_rng(12).integers(-60000, 60000, (cores, width))
    weights = np.array([700_001, -123_457, 42])
    (polynomial,) = linear.features_polynomials(features)
    public = PublicRowKey(COVERED, key.public())
    sealed = public.seal(polynomial)
    whole = [int(one) << COVERED.scale_bits for one in polynomial]
    errors = np.array([one - two for one, two in zip(raw(key, sealed), whole, strict=True)], dtype=float)
    at, own = linear.places(0, cores, width), linear.weights_polynomial(weights.tolist())
    bare = base.weighed(sealed, base.plain(own, 0))
    flooded = base.read(linear.covered_product(sealed, own, at, [0] * cores, public), 2, COVERED.scale_bits)

    def solved(result: Any) -> FloatArray:
        seen = raw(key, result)
        noise = [
            seen[place] - (int(one) << COVERED.scale_bits) for place, one in zip(at, features @ weights, strict=True)
        ]
        found: FloatArray = np.linalg.lstsq(
            errors[: cores * width].reshape(cores, width), np.array(noise, dtype=float)
        )[0]
        return found

    assert np.array_equal(np.rint(solved(bare)), weights)
    assert np.abs(solved(flooded) - weights).min() > 2.0**30


def log_size_guesses(blinded: Any, trials: int) -> float:
    """Share of right guesses which of two scores, 1 and 1,000 grid steps, lies behind a blinded one, by its size."""
    generator = np.random.default_rng(9)
    coins = generator.integers(0, 2, trials)
    sizes = [abs(blinded(1000 if coin else 1)) for coin in coins]
    middle = float(np.median(np.log(np.array(sizes, dtype=float) + 1.0)))
    return float(np.mean((np.log(np.array(sizes, dtype=float) + 1.0) > middle) == coins))


def test_multiplying_by_a_random_number_tells_the_size_of_a_score_and_masks_do_not() -> None:
    """Why no score is blinded by a factor: with a factor even on a scale of K doublings a guess between two scores is
    right in `1/2 + log2(ratio) / (2K)` of the cases at best, here 1/2 + 10 / 160; a mask leaves a coin."""
    from learning.outsourced.covering import drawn_bits

    trials, doublings = 6000, 80
    generator = np.random.default_rng(10)

    def by_a_factor(difference: int) -> int:
        factor = int(2.0 ** float(generator.uniform(0, doublings)))
        return factor * difference

    def by_a_mask(difference: int) -> int:
        return difference + drawn_bits(linear.MASK_BITS)

    ceiling = 0.5 + math.log2(1000) / (2 * doublings)
    told = log_size_guesses(by_a_factor, trials)
    assert 0.5 + band(trials) < told <= ceiling + band(trials)
    assert abs(log_size_guesses(by_a_mask, trials) - 0.5) <= band(trials)
