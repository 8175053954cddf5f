from __future__ import annotations

from dataclasses import fields, replace

import jax
import numpy as np
import pytest
from pydantic import TypeAdapter, ValidationError
from scipy.stats import betabinom

from tests.verify.chain import BELIEFS, Learner, claims, cores
from verify.config import Verification
from verify.conformal import CalibrationError
from verify.verifier import Claims, Verdicts, Verifier

Fresh = tuple[np.ndarray, np.ndarray]


def logit(p: np.ndarray) -> np.ndarray:
    return np.log(p) - np.log1p(-p)


def false_alarm_limits(verifier: Verifier, n: int) -> tuple[float, float]:
    """Give the numbers of n honest claims between which the refused ones lie in 998 of 1000 cases."""
    usual = verifier.predictions
    law = betabinom(n, usual.size + 1 - usual.rank, usual.rank)
    return float(law.ppf(0.001)), float(law.ppf(0.999))


def test_of_fresh_honest_claims_about_the_agreed_share_is_refused(
    verifier: Verifier, learner: Learner, fresh: Fresh
) -> None:
    x, _ = fresh

    refused = (~verifier.verify(claims(x, learner.predict(x))).verified).sum()

    low, high = false_alarm_limits(verifier, len(x))
    assert low <= refused <= high


def test_the_share_holds_in_a_world_that_the_judge_does_not_know(verifier: Verifier) -> None:
    """Harder loads and other graders than believed: calibration, not belief, carries the promise."""
    hidden = replace(BELIEFS, grader_noise=1.2, wear=replace(BELIEFS.wear, load_kn=5.0, stress_mpa=1230.0))
    learner = Learner.of(*cores(hidden, 2000, seed=30))
    x, _ = cores(hidden, 999, seed=31)
    judge = verifier.recalibrated(claims(x, learner.predict(x)))
    new, _ = cores(hidden, 4000, seed=32)

    refused = (~judge.verify(claims(new, learner.predict(new))).verified).sum()

    low, high = false_alarm_limits(judge, len(new))
    assert low <= refused <= high


@pytest.mark.parametrize(
    ("corruption", "least"),
    [("turned round", 0.90), ("of another core", 0.75), ("too good", 0.90), ("always sure", 0.60)],
)
def test_a_corrupted_prediction_that_changes_the_decision_is_caught(
    corruption: str, least: float, verifier: Verifier, learner: Learner, fresh: Fresh
) -> None:
    x, _ = fresh
    honest = learner.predict(x)
    corrupted = {
        "turned round": np.where(np.abs(honest - 0.5) > 0.2, 1.0 - honest, honest),
        "of another core": np.random.default_rng(33).permutation(honest),
        "too good": 1.0 / (1.0 + np.exp(-(logit(honest) + 3.0))),
        "always sure": np.ones_like(honest),
    }[corruption]
    changed = (corrupted > 0.5) != (honest > 0.5)

    caught = ~verifier.verify(claims(x, corrupted)).verified[changed]

    assert changed.sum() > 100
    assert caught.mean() > least


def test_a_verdict_has_the_same_bits_alone_and_in_any_company(
    verifier: Verifier, learner: Learner, fresh: Fresh
) -> None:
    x = fresh[0][:300]
    honest = learner.predict(x)
    together = verifier.verify(claims(x, honest))
    order = np.random.default_rng(34).permutation(300)

    shuffled = verifier.verify(claims(x[order], honest[order]))
    alone = [verifier.verify(claims(x[row : row + 1], honest[row : row + 1])) for row in range(100)]

    for column in ("verified", "score", "p_value", "expected"):
        values = getattr(together, column)
        assert (getattr(shuffled, column) == values[order]).all()
        assert [getattr(verdict, column)[0] for verdict in alone] == values[:100].tolist()


def test_one_key_gives_the_same_judge_again(verifier: Verifier, learner: Learner) -> None:
    x, _ = cores(BELIEFS, 999, seed=2)
    honest = claims(x, learner.predict(x))

    again = Verifier.fit(BELIEFS, honest, Verification(), key=jax.random.key(3))
    other = Verifier.fit(BELIEFS, honest, Verification(), key=jax.random.key(4))

    assert (again.predictions.scores == verifier.predictions.scores).all()
    assert not (other.predictions.scores == verifier.predictions.scores).all()


def test_a_verdict_says_on_what_ground_it_stands(verifier: Verifier, learner: Learner, fresh: Fresh) -> None:
    x = fresh[0][:40]
    prediction = learner.predict(x)

    verdicts = verifier.verify(claims(x, prediction))

    assert verdicts.score == pytest.approx(np.abs(prediction - verdicts.expected))
    assert (verdicts.verified == (verdicts.score <= verdicts.threshold)).all()
    assert (verdicts.verified == (verdicts.p_value > 0.05)).all()
    assert (verdicts.calibration_size, verdicts.false_alarm_rate) == (999, 0.05)
    assert verdicts.names[7] == "core 7"


def test_a_judge_is_calibrated_anew_for_another_learner(verifier: Verifier) -> None:
    poor = Learner.of(*cores(BELIEFS, 60, seed=35))
    x, _ = cores(BELIEFS, 500, seed=36)

    other = verifier.recalibrated(claims(x, poor.predict(x)))

    assert other.predictions.size == 500
    assert other.predictions.threshold > verifier.predictions.threshold
    assert other.health is verifier.health


def test_the_judge_is_given_records_and_predictions_and_nothing_else() -> None:
    assert [one.name for one in fields(Claims)] == ["names", "x", "prediction"]
    assert not [one.name for one in fields(Verdicts) if "true" in one.name]


def test_too_few_honest_claims_are_refused_before_any_training() -> None:
    x, _ = cores(BELIEFS, 1000, seed=37)

    with pytest.raises(CalibrationError, match="needs at least 19 honest claims, got 18"):
        Verifier.fit(BELIEFS, claims(x[:18], np.full(18, 0.5)), Verification(), key=jax.random.key(3))


def test_no_claims_get_no_verdicts(verifier: Verifier) -> None:
    verdicts = verifier.verify(Claims((), np.zeros((0, 9)), np.zeros(0)))

    assert verdicts.verified.shape == verdicts.p_value.shape == (0,)


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("x", np.full((2, 8), 1.0), "2 claims need records of shape (2, 9)"),
        ("prediction", np.array([0.5]), "2 claims need records of shape (2, 9)"),
        ("prediction", np.array([0.5, 1.2]), "claim about 'core 1'"),
        ("prediction", np.array([np.nan, 0.2]), "claim about 'core 0'"),
        ("x", np.array([[1.0] * 9, [np.inf] * 9]), "claim about 'core 1'"),
    ],
)
def test_a_claim_that_is_none_is_refused_by_name(column: str, value: np.ndarray, message: str) -> None:
    sound = claims(np.ones((2, 9)), np.array([0.4, 0.6]))

    with pytest.raises(ValueError) as refusal:  # noqa: PT011
        replace(sound, **{column: value})

    assert str(refusal.value).startswith(message)


def test_a_scenario_may_leave_verification_to_its_defaults_and_not_ask_for_the_impossible() -> None:
    section = TypeAdapter(Verification)

    assert section.validate_python({}) == Verification(enabled=True, false_alarm_rate=0.05, simulated_records=8000)
    for wrong in ({"false_alarm_rate": 0}, {"false_alarm_rate": 1}, {"simulated_records": 10}, {"enable": True}):
        with pytest.raises(ValidationError):
            section.validate_python(wrong)
