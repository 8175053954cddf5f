"""The public verifier: tables of records and predictions in, a table of verdicts out."""

from __future__ import annotations

import pandas as pd
import pytest

import looptwin as lt
from learning import models
from learning.features import scaled
from looptwin.collaboration.sites import FEATURES, NAMES
from looptwin.errors import UserError


@pytest.fixture(scope="module")
def records() -> pd.DataFrame:
    """Cores of a run without collaboration, with the predictions of a model trained on the first of them."""
    scenario = lt.load("transmission-small").override({"collaboration.mode": "none", "time.horizon_days": 1200})
    run = lt.run(scenario)
    learned = lt.learn(run, mode="plain", until_day=600)
    tables = [lt.dataset(run, party).test(600) for party in ("north", "south", "west")]
    table = pd.concat(tables, ignore_index=True)
    assert learned.federated is not None
    return table.assign(prediction=models.predict(learned.federated, scaled(table[list(NAMES)].to_numpy(), FEATURES)))


@pytest.fixture(scope="module")
def verifier(records: pd.DataFrame) -> lt.Verifier:
    return lt.Verifier.fit("transmission-small", records.iloc[::2])


def test_honest_predictions_are_refused_about_as_often_as_the_scenario_allows(
    verifier: lt.Verifier, records: pd.DataFrame
) -> None:
    """0.05 of about 200 claims are 10; four standard deviations are 13 more."""
    fresh = records.iloc[1::2]

    refused = (~verifier.verify(fresh)["verified"]).sum()

    assert refused <= 0.05 * len(fresh) + 13


def test_predictions_turned_round_are_refused_far_more_often(verifier: lt.Verifier, records: pd.DataFrame) -> None:
    fresh = records.iloc[1::2]
    clear = fresh[(fresh["prediction"] - 0.5).abs() > 0.3]

    verdicts = verifier.verify(clear.assign(prediction=1.0 - clear["prediction"]))

    assert (~verdicts["verified"]).mean() > 0.7


def test_verdicts_come_row_by_row_under_the_index_of_the_claims(verifier: lt.Verifier, records: pd.DataFrame) -> None:
    claims = records.iloc[[3, 1, 2]]

    verdicts = verifier.verify(claims)

    assert list(verdicts.index) == [3, 1, 2]
    pd.testing.assert_frame_equal(verdicts.loc[[1]], verifier.verify(records.iloc[[1]]))


def test_a_table_that_lacks_a_column_is_refused_by_its_name(records: pd.DataFrame) -> None:
    with pytest.raises(UserError, match="lacks pitting"):
        lt.Verifier.fit("transmission-small", records.drop(columns="pitting"))


def test_too_few_honest_records_are_refused_with_how_many_are_needed(records: pd.DataFrame) -> None:
    with pytest.raises(UserError, match="19"):
        lt.Verifier.fit("transmission-small", records.iloc[:10])
