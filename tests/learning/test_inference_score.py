"""A core scored on a model that its holder may not see: like the plaintext, both ways, and refused where it must be."""

from __future__ import annotations

import copy
import math
import pickle
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from learning.arrays import FloatArray
from learning.crypto.envelope import ChannelKey
from learning.faults import ProtectionError, SenderError
from learning.inference.ends import Asker, Modeller
from learning.inference.scale import DIFFERENCE_BITS, MAXIMUM_FEATURES, Agreement, whole_model
from learning.inference.score import PrivateScores, Question, score

WAYS: tuple[Any, ...] = ("encrypted_features", "encrypted_model")
GENERATOR = np.random.default_rng(31)
FEATURES = GENERATOR.normal(size=(25, 5)).clip(-8.0, 8.0)
WEIGHTS = GENERATOR.normal(size=6)
PLAIN = WEIGHTS[0] + FEATURES @ WEIGHTS[1:]


def answered(features: FloatArray, weights: FloatArray, **how: Any) -> PrivateScores:
    return score(features, weights, asker="yard", modeller="lab", question=Question(**how))


@pytest.mark.parametrize("way", WAYS)
def test_decisions_are_those_of_the_plaintext_outside_the_stated_margin(way: Any) -> None:
    for threshold in (-1.0, 0.0, 0.4):
        found = answered(FEATURES, WEIGHTS, way=way, threshold=threshold)
        sure = np.abs(PLAIN - threshold) > found.margin
        assert sure.mean() > 0.9
        assert found.decisions is not None
        assert np.array_equal(np.array(found.decisions)[sure], (threshold <= PLAIN)[sure])
        assert found.scores is None


@pytest.mark.parametrize("way", WAYS)
def test_inside_the_margin_the_decision_is_exact_in_whole_numbers(way: Any) -> None:
    """Cores on the border: a half, one and two grid steps to either side, and the border itself, which counts."""
    agreement = Agreement("yard", "lab", (8.0,) * 2)
    weights = np.array([0.0, 1.0, -1.0])
    step = agreement.steps[0]
    features = 1.0 + np.array([[0.0, 0.0], [step, 0.0], [0.0, step], [-2 * step, 0.0], [0.4 * step, 0.0]])
    model, whole = whole_model(weights, 0.0, agreement), agreement.whole_features(features)
    exact = whole @ model.weights + model.intercept >= 0
    assert answered(features, weights, way=way).decisions == tuple(exact.tolist())
    assert 0 < exact.sum() < len(exact)


@pytest.mark.parametrize("way", WAYS)
def test_scores_lie_within_the_margin_of_the_plaintext(way: Any) -> None:
    found = answered(FEATURES, WEIGHTS, way=way, tell="score", threshold=0.3)
    assert found.decisions is None
    assert found.scores is not None
    assert np.abs(found.scores - PLAIN).max() <= found.margin < 1e-3


@settings(max_examples=8, deadline=None)
@given(
    cores=st.integers(1, 4), features=st.integers(1, MAXIMUM_FEATURES), exponent=st.integers(-6, 6), seed=st.integers(0)
)
def test_both_ways_tell_the_same_whatever_the_model(cores: int, features: int, exponent: int, seed: int) -> None:
    generator = np.random.default_rng(seed)
    x, weights = generator.uniform(-8.0, 8.0, (cores, features)), generator.normal(size=features + 1)
    weights = weights * 10.0**exponent
    both = [answered(x, weights, way=way) for way in WAYS]
    plain = weights[0] + x @ weights[1:]
    assert both[0].decisions == both[1].decisions
    for one, value in zip(both[0].decisions or (), plain, strict=True):
        assert abs(value) <= both[0].margin or one == (value >= 0)


@settings(max_examples=60, deadline=None)
@given(features=st.integers(1, MAXIMUM_FEATURES), intercept=st.floats(-1e7, 1e7), seed=st.integers(0))
def test_no_difference_outgrows_its_bits(features: int, intercept: float, seed: int) -> None:
    """The largest features against a model of the largest weights, all pulling one way."""
    agreement = Agreement("yard", "lab", (8.0,) * features)
    weights = np.concatenate([[intercept], np.random.default_rng(seed).choice([-1.0, 1.0], features)])
    model = whole_model(weights, 0.0, agreement)
    extreme = agreement.whole_features(8.0 * np.sign(weights[None, 1:]))
    for sign in (1, -1):
        difference = int(sign * extreme[0] @ model.weights) + model.intercept
        assert -(2 ** (DIFFERENCE_BITS - 1)) <= difference < 2 ** (DIFFERENCE_BITS - 1)


@pytest.mark.parametrize("way", WAYS)
def test_more_cores_than_one_polynomial_holds_are_scored(way: Any) -> None:
    wide = GENERATOR.normal(size=(150, 60)).clip(-8.0, 8.0)
    weights = GENERATOR.normal(size=61)
    found = answered(wide, weights, way=way, tell="score")
    assert found.scores is not None
    assert np.abs(found.scores - weights[0] - wide @ weights[1:]).max() <= found.margin


def test_neither_side_reads_what_the_other_sent_in_cipher() -> None:
    for way, tell in product(WAYS, ("decision", "score")):
        found = answered(FEATURES[:2], WEIGHTS, way=way, tell=tell)
        readers = {one.purpose: one.readable_by for one in found.crossings}
        assert all(one.clear_or_cipher == "cipher" for one in found.crossings)
        assert readers.get("features", ()) == ()
        assert readers.get("model", ()) == ()
        assert "yard" in found.statement
        assert found.releases[0].known_to == ("yard",)


def test_as_many_scores_as_weights_give_the_model_away_and_it_is_said() -> None:
    found = answered(FEATURES[:6], WEIGHTS, tell="score")
    assert found.scores is not None
    solved = np.linalg.solve(np.column_stack([np.ones(6), FEATURES[:6]]), found.scores)
    assert np.allclose(solved, WEIGHTS, atol=1e-2)
    assert "give the weights away" in found.statement


def changed(row: int, column: int, value: float) -> FloatArray:
    found = FEATURES.copy()
    found[row, column] = value
    return found


@pytest.mark.parametrize(
    ("features", "said"),
    [
        (changed(3, 1, math.nan), "'yard': feature 1 must be from -8 to 8"),
        (changed(3, 1, math.inf), "'yard': feature 1 must be from -8 to 8"),
        (changed(3, 1, 8.1), "'yard': feature 1 must be from -8 to 8"),
        (FEATURES[:0], "'yard': features must be"),
        (FEATURES[0], "'yard': features must be"),
        (FEATURES[:, :4], "'lab': a model of 4 features has 5 weights"),
        (np.zeros((1, 65)), "65 features; a model of 1 to 64"),
        (np.zeros((1, 0)), "0 features; a model of 1 to 64"),
    ],
)
def test_features_that_do_not_fit_are_refused_without_their_value(features: FloatArray, said: str) -> None:
    with pytest.raises(ProtectionError, match=said):
        answered(features, WEIGHTS)


@pytest.mark.parametrize(
    ("weights", "how", "said"),
    [
        (np.full(6, math.nan), {}, "'lab': weights and threshold must be finite"),
        (WEIGHTS, {"threshold": math.inf}, "'lab': weights and threshold must be finite"),
        (np.eye(6)[0], {}, "'lab': no feature has a weight"),
        (np.array([1e12, 1, 0, 0, 0, 0]), {}, "'lab': beside the intercept no weight is large enough"),
        (1e300 * WEIGHTS, {}, "'lab': its weights are too large or too small"),
        (WEIGHTS, {"reach": 0.0}, "reach must be a number above 0"),
        (WEIGHTS, {"reach": [8.0, 8.0]}, "for each of 5 features, got 2"),
        (WEIGHTS, {"allowance": 24}, "'yard' asks about 25 cores; 'lab' answers 24 more"),
    ],
)
def test_models_and_questions_that_do_not_fit_are_refused(weights: FloatArray, how: dict[str, Any], said: str) -> None:
    with pytest.raises(ProtectionError, match=said):
        answered(FEATURES, weights, **how)


def test_unknown_words_and_a_party_that_asks_itself_are_refused() -> None:
    with pytest.raises(ValueError, match="way: 'clear' is not one of"):
        Question(way="clear")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="tell: 'all' is not one of"):
        Question(tell="all")  # type: ignore[arg-type]
    with pytest.raises(ProtectionError, match="can score by itself"):
        score(FEATURES, WEIGHTS, asker="lab", modeller="lab")


class Ends:
    """The two sides, a question half way."""

    def __init__(self, allowance: int = 100) -> None:
        agreement, channel = Agreement("yard", "lab", (8.0,) * 5), ChannelKey()
        self.asker = Asker(agreement, channel)
        self.modeller = Modeller(agreement, whole_model(WEIGHTS, 0.0, agreement), channel, allowance)


def test_changed_and_replayed_envelopes_are_refused_and_cost_nothing() -> None:
    ends = Ends()
    sent = ends.asker.features(FEATURES, 1)
    for wire in (sent[:-1], sent[:900] + bytes([sent[900] ^ 1]) + sent[901:], b""):
        with pytest.raises(SenderError, match="'yard' refused"):
            ends.modeller.masked(wire, 1)
    with pytest.raises(SenderError, match="round is 1, not 2"):
        ends.modeller.masked(sent, 2)
    assert ends.modeller.left == 100
    answer = ends.modeller.masked(sent, 1)
    assert ends.modeller.left == 75
    with pytest.raises(SenderError, match="purpose is 'masked', not 'scores'"):
        ends.asker.scores(answer, 1)


def test_an_answer_to_another_asker_is_noticed() -> None:
    """CKKS opens a stranger's ciphertext to garbage without a word; the garbage is no whole number in range."""
    ends, stranger = Ends(), Ends()
    agreement, channel = Agreement("yard", "lab", (8.0,) * 5), ChannelKey()
    first, second = Asker(agreement, channel), Asker(agreement, channel)
    modeller = Modeller(agreement, whole_model(WEIGHTS, 0.0, agreement), channel)
    answer = modeller.scores(first.features(FEATURES[:20], 1), 1)
    second.features(FEATURES[:20], 1)
    with pytest.raises(SenderError, match="no whole number in range"):
        second.scores(answer, 1)
    assert repr(ends.asker) == repr(stranger.asker) == "Asker('yard')"


def test_circuits_for_other_shares_are_refused() -> None:
    ends = Ends()
    ends.asker.masked(ends.modeller.masked(ends.asker.features(FEATURES[:3], 1), 1), 1)
    circuits = ends.modeller.circuits(ends.asker.choice(1), 1)
    ends.asker.masked(ends.modeller.masked(ends.asker.features(FEATURES[:2], 2), 2), 2)
    with pytest.raises(SenderError, match="ciphertexts, not"):
        ends.asker.decisions(circuits, 1)


def test_a_question_is_answered_once_and_its_shares_are_compared_once() -> None:
    """A second choice for the same shares would be a second bit of the same score."""
    ends = Ends()
    sent = ends.asker.features(FEATURES[:3], 1)
    ends.asker.masked(ends.modeller.masked(sent, 1), 1)
    with pytest.raises(ProtectionError, match="has already answered question 1"):
        ends.modeller.masked(sent, 1)
    ends.asker.decisions(ends.modeller.circuits(ends.asker.choice(1), 1), 1)
    with pytest.raises(ProtectionError, match="holds no shares of question 1"):
        ends.modeller.circuits(ends.asker.choice(1), 1)
    with pytest.raises(ProtectionError, match="holds no shares of question 1"):
        ends.modeller.opened(1)
    assert ends.modeller.left == 97


def test_neither_side_has_a_pickled_or_copied_form() -> None:
    ends = Ends()
    for side in (ends.asker, ends.modeller):
        with pytest.raises(TypeError):
            pickle.dumps(side)
        with pytest.raises(TypeError):
            copy.copy(side)
