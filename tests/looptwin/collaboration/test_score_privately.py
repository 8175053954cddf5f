"""`learned.score_privately`: a party asks about its cores, and gets what the model would have told it in clear."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import looptwin as lt
from looptwin.collaboration.learn import Learning
from looptwin.collaboration.sites import FEATURES, NAMES
from looptwin.errors import UserError
from tests.looptwin.collaboration import joined


@pytest.fixture(scope="module")
def run() -> lt.Run:
    return joined.of("federated")


@pytest.fixture(scope="module", params=["logistic", "linear"])
def learned(run: lt.Run, request: pytest.FixtureRequest) -> Learning:
    return lt.learn(run, mode="plain", learner=request.param, answers=10_000)


@pytest.fixture(scope="module")
def cores(run: lt.Run) -> pd.DataFrame:
    """Features of cores of one dismantler, in their own units."""
    name = next(name for name, party in sorted(run.scenario.parties.items()) if party.role == "dismantler")
    return lt.dataset(run, party=name).table[list(NAMES)].head(20)


def in_clear(learned: Learning, cores: pd.DataFrame, weights: Any) -> np.ndarray:
    scaled = [np.clip((cores[one.name].to_numpy() - one.centre) / one.scale, -8.0, 8.0) for one in FEATURES]
    return learned.learned.predict(weights, np.column_stack(scaled))


@pytest.mark.parametrize("way", ["encrypted_features", "encrypted_model"])
def test_the_asker_learns_what_the_common_model_says(learned: Learning, cores: pd.DataFrame, way: str) -> None:
    expected = in_clear(learned, cores, learned.federated)
    told = learned.score_privately(cores, asker="visitor", tell="score", way=way)
    line = float(np.median(expected))
    decided = learned.score_privately(cores, asker="visitor", at=line, way=way)

    assert told.predictions is not None
    assert told.decisions is None
    assert told.predictions == pytest.approx(expected, rel=1e-3, abs=1e-3)
    apart = np.abs(expected - line) > 1e-3 * abs(line)
    assert decided.predictions is None
    assert np.array_equal(np.array(decided.decisions)[apart], (expected >= line)[apart])
    assert set(decided.crossings.clear_or_cipher) == {"cipher"}
    assert "visitor learns of each core whether" in decided.statement


def test_a_sites_own_model_can_be_asked(learned: Learning, cores: pd.DataFrame) -> None:
    site = min(learned.alone)
    told = learned.score_privately(cores, asker="visitor", modeller=site, tell="score")

    assert told.predictions == pytest.approx(in_clear(learned, cores, learned.alone[site]), rel=1e-3, abs=1e-3)


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"modeller": "nobody"}, "modeller 'nobody' has no model; "),
        ({"asker": "federation"}, "can score by itself"),
        ({"tell": "all"}, "tell: 'all' is not one of decision, score"),
        ({"way": "clear"}, "way: 'clear' is not one of encrypted_features"),
        ({"line": 1}, "unexpected keyword argument"),
    ],
)
def test_a_question_that_cannot_be_answered_is_told_in_one_sentence(
    learned: Learning, cores: pd.DataFrame, how: dict[str, Any], said: str
) -> None:
    with pytest.raises(UserError, match=said):
        learned.score_privately(cores, **{"asker": "visitor", **how})


def test_features_that_are_missing_or_not_finite_are_told(learned: Learning, cores: pd.DataFrame) -> None:
    with pytest.raises(UserError, match="no column 'leak' among the features"):
        learned.score_privately(cores.drop(columns="leak"), asker="visitor")
    with pytest.raises(UserError, match="columns of one length, of one core or more"):
        learned.score_privately(cores.head(0), asker="visitor")
    with pytest.raises(UserError, match="'leak': a finite number for each row"):
        learned.score_privately(cores.assign(leak=np.nan), asker="visitor")


def test_a_chance_that_is_none_and_a_model_of_layers_are_told(run: lt.Run, cores: pd.DataFrame) -> None:
    with pytest.raises(UserError, match=r"at must be a probability above 0 and below 1, got 1\.5"):
        lt.learn(run, mode="plain").score_privately(cores, asker="visitor", at=1.5)
    with pytest.raises(UserError, match=r"learner .mlp. predicts by no single weighted sum"):
        lt.learn(run, mode="plain", learner="mlp").score_privately(cores, asker="visitor")


@pytest.mark.parametrize(
    ("value", "told"), [(float("nan"), "'pitting': a finite number for each row"), ("deep", "'pitting': a column of")]
)
def test_a_cell_that_is_no_number_is_told_by_the_name_of_its_feature(
    learned: Learning, cores: pd.DataFrame, value: object, told: str
) -> None:
    with pytest.raises(UserError, match=told):
        learned.score_privately(cores.assign(pitting=value), asker="visitor")


@pytest.mark.parametrize(("learner", "weights"), [("logistic", 10), ("linear", 10)])
def test_answers_are_counted_as_long_as_the_models_live_and_refused_when_they_are_spent(
    run: lt.Run, cores: pd.DataFrame, learner: str, weights: int
) -> None:
    """As many scores as weights are the model, however many calls they are asked in, and by whomever."""
    learned = lt.learn(run, mode="plain", learner=learner)
    limit = 5 * weights
    for number, left in enumerate(range(limit - 20, -1, -20)):
        told = learned.score_privately(cores.iloc[[number]], asker=f"visitor {number}", tell="score")
        assert f"{limit} bits at most are told over all calls and askers, {left} are left" in told.statement
    with pytest.raises(UserError, match=f"tells 20 bits of the model of 'federation', and 10 of {limit} are left"):
        learned.score_privately(cores.head(1), asker="somebody else", tell="score")
    decided = learned.score_privately(cores.head(10), asker="visitor")
    assert decided.decisions is not None
    with pytest.raises(UserError, match=f"and 0 of {limit} are left"):
        learned.score_privately(cores.head(1), asker="visitor")

    assert learned.score_privately(cores.head(1), asker="visitor", modeller=min(learned.alone)).decisions is not None


def test_a_refused_question_is_not_counted(run: lt.Run, cores: pd.DataFrame) -> None:
    learned = lt.learn(run, mode="plain", answers=3)
    for wrong in ({"features": cores, "asker": "visitor"}, {"features": cores.head(1), "asker": "federation"}):
        with pytest.raises(UserError):
            learned.score_privately(**wrong)
    assert learned.score_privately(cores.head(3), asker="visitor").decisions is not None


@pytest.mark.parametrize("answers", [-1, 1.5, True, "all"])
def test_a_count_that_is_none_is_told(run: lt.Run, answers: Any) -> None:
    with pytest.raises(UserError, match="answers is a whole number of bits, 0 or more"):
        lt.learn(run, mode="plain", answers=answers)
