"""What honest answers teach an asker that chooses its cores: few decisions are a model."""

from __future__ import annotations

import numpy as np
import pytest

from learning.crypto.envelope import ChannelKey
from learning.faults import ProtectionError
from learning.inference.ends import ALLOWANCE, Asker, Modeller
from learning.inference.scale import Agreement, whole_model
from learning.inference.score import Question, score

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


def test_one_end_counts_over_its_questions_and_the_function_counts_each_call_for_itself() -> None:
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


def test_thresholds_of_the_askers_choice_give_the_score_of_a_core_bit_by_bit() -> None:
    core, low, high = np.array([[1.0, -2.0, 0.5]]), -16.0, 16.0
    for _ in range(12):
        middle = (low + high) / 2
        found = score(core, WEIGHTS, asker="yard", modeller="lab", question=Question(threshold=middle))
        assert found.decisions is not None
        low, high = (middle, high) if found.decisions[0] else (low, middle)

    assert low == pytest.approx(float(WEIGHTS[0] + core[0] @ WEIGHTS[1:]), abs=32 / 2**12)
