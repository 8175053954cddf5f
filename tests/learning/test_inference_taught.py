"""What honest answers teach an asker that chooses its cores: few decisions are a model."""

from __future__ import annotations

import pickle
from copy import copy, deepcopy

import numpy as np
import pytest

from learning.crypto.envelope import ChannelKey
from learning.faults import ProtectionError
from learning.inference.answers import Answers
from learning.inference.ends import ALLOWANCE, Asker, Modeller
from learning.inference.scale import Agreement, whole_model
from learning.inference.score import Question, Way, score

WEIGHTS = np.array([0.7, -1.3, 0.4, 2.1])
REACH = 8.0
HALVINGS = 20


def test_twenty_decisions_a_weight_give_the_direction_of_a_model_away_far_within_the_allowance() -> None:
    """On each axis the border lies where one weight balances the intercept: halving finds it, all axes at once.

    To which side of nought it lies is one decision more for each.
    """
    agreement, channel = Agreement("yard", "lab", (REACH,) * 3), ChannelKey()
    asker = Asker(agreement, channel)
    modeller = Modeller(agreement, whole_model(WEIGHTS, 0.0, agreement), channel)
    low, high = np.zeros(3), -np.sign(WEIGHTS[1:]) * REACH
    for number in range(1, HALVINGS + 1):
        middle = (low + high) / 2
        asker.masked(modeller.masked(asker.features(np.diag(middle), number), number), number)
        reached = np.array(asker.decisions(modeller.circuits(asker.choice(number), number), number))
        low, high = np.where(reached, middle, low), np.where(reached, high, middle)

    assert -1.0 / low == pytest.approx(WEIGHTS[1:] / WEIGHTS[0], rel=1e-3)
    assert ALLOWANCE - modeller.left == 3 * HALVINGS < ALLOWANCE / 100


def test_one_end_counts_over_its_questions_and_without_a_count_each_call_begins_anew() -> None:
    agreement, channel = Agreement("yard", "lab", (REACH,) * 3), ChannelKey()
    asker = Asker(agreement, channel)
    modeller = Modeller(agreement, whole_model(WEIGHTS, 0.0, agreement), channel, allowance=4)
    modeller.masked(asker.features(np.eye(3), 1), 1)
    with pytest.raises(ProtectionError, match="answers 1 more"):
        modeller.masked(asker.features(np.eye(3), 2), 2)

    for _ in range(2):
        found = score(np.eye(3), WEIGHTS, asker="yard", modeller="lab", question=Question(allowance=4))
        assert found.decisions is not None
        assert "no count is kept from one call to the next" in found.statement


def extracted(answers: Answers | None, way: Way, askers: tuple[str, ...] = ("yard",)) -> np.ndarray:
    """Return the weights out of as many scores as there are: the origin, and one step along each axis."""
    cores, scores = np.vstack([np.zeros(3), np.eye(3)]), []
    for number, core in enumerate(cores):
        asker = askers[number % len(askers)]
        found = score(
            core[None], WEIGHTS, asker=asker, modeller="lab", question=Question(tell="score", way=way), answers=answers
        )
        assert found.scores is not None
        scores.append(float(found.scores[0]))
    return np.array([scores[0], *(np.array(scores[1:]) - scores[0])])


@pytest.mark.parametrize("way", ["encrypted_features", "encrypted_model"])
def test_as_many_scores_as_weights_are_the_model_where_nothing_counts(way: Way) -> None:
    assert extracted(None, way) == pytest.approx(WEIGHTS, abs=1e-3)
    assert extracted(Answers(20 * len(WEIGHTS)), way) == pytest.approx(WEIGHTS, abs=1e-3)


@pytest.mark.parametrize("way", ["encrypted_features", "encrypted_model"])
@pytest.mark.parametrize("askers", [("yard",), ("yard", "port", "mill")])
def test_a_count_over_calls_ends_before_the_scores_are_the_model_whatever_askers_call_themselves(
    way: Way, askers: tuple[str, ...]
) -> None:
    answers = Answers()
    with pytest.raises(ProtectionError, match="tells 20 bits of the model of 'lab', and 0 of 20 are left"):
        extracted(answers, way, askers)

    assert answers.left("lab", len(WEIGHTS)) == 0, "one score of four was told"
    assert answers.left("mill", len(WEIGHTS)) == 20, "each model has its own count"


def halved(answers: Answers | None) -> tuple[np.ndarray, int]:
    """Return where an asker that halves its way thinks each border is, and how far it came."""
    low, high = np.zeros(3), -np.sign(WEIGHTS[1:]) * REACH
    for number in range(HALVINGS):
        middle = (low + high) / 2
        try:
            told = score(np.diag(middle), WEIGHTS, asker="yard", modeller="lab", answers=answers)
        except ProtectionError:
            return middle, number
        reached = np.array(told.decisions)
        low, high = np.where(reached, middle, low), np.where(reached, high, middle)
    return (low + high) / 2, HALVINGS


def test_a_count_over_calls_leaves_chosen_cores_at_a_thirtieth_of_a_features_range() -> None:
    border = -WEIGHTS[0] / WEIGHTS[1:]
    free, steps = halved(None)
    assert steps == HALVINGS
    assert free == pytest.approx(border, abs=1e-3)

    held, steps = halved(Answers())
    assert steps == 5 * len(WEIGHTS) // 3
    off = np.abs(held - border).max()
    assert 0.01 < off <= 2 * REACH / 30


def test_what_is_refused_is_not_counted_and_a_smaller_question_is_answered() -> None:
    answers, core = Answers(), np.array([[1.0, -2.0, 0.5]])
    for features, said in (
        (np.full((1, 3), 9.0), "feature 0 must be from -8 to 8"),
        (np.full((1, 3), np.nan), "feature 0 must be from -8 to 8"),
        (np.zeros((21, 3)), "tells 21 bits"),
    ):
        with pytest.raises(ProtectionError, match=said):
            score(features, WEIGHTS, asker="yard", modeller="lab", answers=answers)
        assert answers.left("lab", 4) == 20

    for left in (19, 18):
        found = score(core, WEIGHTS, asker="yard", modeller="lab", answers=answers)
        assert f"of this model 20 bits at most are told over all calls and askers, {left} are left" in found.statement
        assert "no count is kept" not in found.statement


def test_a_count_cannot_be_copied_and_names_no_model_when_it_is_shown() -> None:
    answers = Answers(8)
    score(np.zeros((2, 3)), WEIGHTS, asker="yard", modeller="lab", answers=answers)
    for copied in (copy, deepcopy, pickle.dumps):
        with pytest.raises(TypeError, match="a copy would count anew"):
            copied(answers)
    assert repr(answers) == "Answers(told={'lab': 2})"
    with pytest.raises(ValueError, match="0 or more, got -1"):
        Answers(-1)


def test_thresholds_of_the_askers_choice_give_the_score_of_a_core_bit_by_bit() -> None:
    core, low, high = np.array([[1.0, -2.0, 0.5]]), -16.0, 16.0
    for _ in range(12):
        middle = (low + high) / 2
        found = score(core, WEIGHTS, asker="yard", modeller="lab", question=Question(threshold=middle))
        assert found.decisions is not None
        low, high = (middle, high) if found.decisions[0] else (low, middle)

    assert low == pytest.approx(float(WEIGHTS[0] + core[0] @ WEIGHTS[1:]), abs=32 / 2**12)
