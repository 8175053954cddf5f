"""Predictions on stored encrypted rows, with a model that the cloud knows and with one that it does not."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pytest

from learning.faults import ProtectionError
from learning.outsourced.prediction import predict
from learning.outsourced.sizes import COVERED

Kind = Literal["plain", "encrypted"]
GENERATOR = np.random.default_rng(21)
ROWS = GENERATOR.normal(size=(530, 6)).clip(-6.0, 6.0) * 0.9
WEIGHTS = GENERATOR.normal(size=7)


@pytest.mark.parametrize("model", ["plain", "encrypted"])
def test_predictions_lie_within_the_stated_error(model: Kind) -> None:
    found = predict(ROWS, WEIGHTS, party="a", model=model)
    assert np.abs(found.values - (WEIGHTS[0] + ROWS @ WEIGHTS[1:])).max() <= found.error
    assert found.error < 1e-3


@pytest.mark.parametrize(
    "weights",
    [np.array([1e6, *WEIGHTS[1:]]), np.array([0.0, 0, 0, 1e-9, 0, 0, 0]), 1e12 * WEIGHTS],
    ids=["large intercept", "one tiny", "huge"],
)
def test_models_of_any_size_keep_to_their_stated_error(weights: np.ndarray) -> None:
    for model in ("plain", "encrypted"):
        found = predict(ROWS[:3], weights, party="a", model=model)  # type: ignore[arg-type]
        assert np.abs(found.values - (weights[0] + ROWS[:3] @ weights[1:])).max() <= found.error * (1 + 1e-9)


def test_the_cloud_reads_the_model_only_where_it_is_plain() -> None:
    readers = {
        model: next(
            one for one in predict(ROWS[:2], WEIGHTS, party="a", model=model).crossings if one.purpose == "model"
        )
        for model in ("plain", "encrypted")
    }
    assert readers["plain"].readable_by == ("cloud",)
    assert readers["encrypted"].readable_by == ("a",)
    assert readers["encrypted"].clear_or_cipher == "cipher"


def test_the_key_that_seals_a_model_and_covers_predictions_crosses_in_clear() -> None:
    cloud = ("a", "cloud", "clear", ("cloud",))
    for model, expected in (("plain", [cloud]), ("encrypted", [cloud, ("a", "modeller", "clear", ("modeller",))])):
        rows = predict(ROWS[:2], WEIGHTS, party="a", model=model).crossings  # type: ignore[arg-type]
        keys = [one for one in rows if one.purpose == "public key"]
        assert [(one.sender, one.receiver, one.clear_or_cipher, one.readable_by) for one in keys] == expected
        assert all(one.bytes > 2 * 8192 * 8 for one in keys)


def test_as_many_predictions_as_weights_give_the_model_away() -> None:
    """Said in every statement: a prediction is a linear equation in the weights."""
    found = predict(ROWS[:7], WEIGHTS, party="a", model="encrypted")
    solved = np.linalg.solve(np.column_stack([np.ones(7), ROWS[:7]]), found.values)
    assert np.allclose(solved, WEIGHTS, atol=1e-2)
    assert "give the weights away" in found.statement


@pytest.mark.parametrize(
    ("weights", "said"),
    [
        (WEIGHTS[:-1], "6 columns has 7 weights"),
        (np.where(np.arange(7) == 2, np.nan, WEIGHTS), "'modeller': weight 2 is not finite"),
        (np.eye(7)[0], "no column has a weight"),
        (np.array([1e16, 1, 0, 0, 0, 0, 0]), "beside the intercept no weight is large enough"),
        (np.full(7, 1e300), "too large or too small"),
    ],
)
def test_weights_that_do_not_fit_are_refused(weights: np.ndarray, said: str) -> None:
    with pytest.raises(ProtectionError, match=said):
        predict(ROWS, weights, party="a")


def test_an_unknown_word_and_a_name_taken_twice_are_refused() -> None:
    with pytest.raises(ValueError, match="not one of plain, encrypted"):
        predict(ROWS, WEIGHTS, party="a", model="hidden")  # type: ignore[arg-type]
    with pytest.raises(ProtectionError, match="name of somebody else"):
        predict(ROWS, WEIGHTS, party="modeller")


def test_weights_of_one_model_flood_their_noise() -> None:
    """Noise of a plain model is `weights * errors`, which who sealed the rows could solve for the weights."""
    noise = 2.0**24 * 9 * COVERED.fresh * 16
    assert noise * 2.0**30 <= 1 << (COVERED.scale_bits - 3)
