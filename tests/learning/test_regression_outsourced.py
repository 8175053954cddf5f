"""A study computed on encrypted rows: the plaintext's weights within the promise, and nothing for the cloud to read."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from learning import linear
from learning.regression.config import Regression
from learning.regression.fixture import fixture
from learning.regression.outsourced import PROMISE, computed
from learning.regression.ranges import agreed, announced
from learning.regression.rows import Rows, sites_of
from learning.regression.statistics import features_of, grams
from learning.regression.study import Study, best_model, study
from learning.regression.transforms import models

CONFIG = Regression(mode="outsourced", lambdas=[-0.5, 0.0])


@pytest.fixture(scope="module")
def sites() -> tuple[Rows, ...]:
    return sites_of(site.part(0, 90) for site in fixture(2024, 0))


@pytest.fixture(scope="module")
def found(sites: tuple[Rows, ...]) -> Study:
    return study(sites, CONFIG, protect="plain")


def test_weights_are_within_the_promise_of_those_of_rows_in_one_place(found: Study) -> None:
    assert 0.0 < found.weight_difference() <= PROMISE


def test_every_metric_is_near_that_of_rows_in_one_place(found: Study) -> None:
    for name, fit in found.pooled.items():
        assert found.federated[name].metrics == pytest.approx(fit.metrics, rel=1e-3)


def test_each_party_opens_the_sums_of_its_own_transformed_columns(sites: tuple[Rows, ...]) -> None:
    chosen = models(CONFIG.models, CONFIG.lambdas)
    ranges = agreed(announced(site) for site in sites)
    made = computed(sites, chosen, ranges, 0.0)
    for site in sites:
        for name, plain in grams(site, chosen, ranges).items():
            assert linear.flatten(made.own[site.party][name]) == pytest.approx(
                linear.flatten(plain), abs=1e-4 * len(site)
            )


def test_all_models_come_from_one_upload_of_each_party_that_the_cloud_cannot_read(found: Study) -> None:
    uploads = [one for one in found.crossings if one.purpose == "rows"]
    assert sorted(one.sender for one in uploads) == sorted(found.own)
    assert all(one.clear_or_cipher == "cipher" and one.readable_by == () for one in uploads)
    assert "the cloud computes on rows that it cannot read" in found.statement


def test_a_column_that_does_not_vary_and_one_that_follows_are_said_as_in_plain(sites: tuple[Rows, ...]) -> None:
    config = replace(CONFIG, models=["LR"], features=["same", "once", "twice"])
    named = sites_of(
        Rows(site.party, ("same", "once", "twice"), np.column_stack([np.full(90, 3.0), one, 2.0 * one]), site.y, "y")
        for site in sites
        for one in [site.x[:, 0]]
    )
    plain = study(named, replace(config, mode="statistics"), protect="plain").federated["LR"].solved
    sealed = study(named, config, protect="plain").federated["LR"].solved
    assert (sealed.constant, sealed.collinear) == (plain.constant, plain.collinear) == ((0,), (2,))


def test_a_column_is_transformed_only_where_a_model_asks_for_it(sites: tuple[Rows, ...]) -> None:
    """A feature may be 0 or below where only the target's logarithm is taken."""
    config = replace(CONFIG, models=["TM-T"], lambdas=[0.0])
    shifted = [replace(site, x=site.x - site.x.mean(axis=0)) for site in sites]
    assert study(shifted, config, protect="plain").weight_difference() <= PROMISE


def test_columns_too_near_one_another_for_the_grid_are_told(sites: tuple[Rows, ...]) -> None:
    config = replace(CONFIG, models=["LR"], features=["once", "nearly"])
    luck = np.random.default_rng(1)
    near = sites_of(
        Rows(site.party, ("once", "nearly"), np.column_stack([one, one + 0.02 * luck.normal(size=90)]), site.y, "y")
        for site in sites
        for one in [site.x[:, 0]]
    )
    found = study(near, config, protect="plain")
    assert found.weight_difference() > PROMISE
    assert any("above the promised 0.0001: columns nearly follow from one another" in one for one in found.remarks)


def test_predictions_on_encrypted_rows_are_those_on_plain_ones(sites: tuple[Rows, ...]) -> None:
    found = study(sites, replace(CONFIG, mode="prediction"), protect="plain")
    made = found.predictions
    assert made is not None
    assert made.model == best_model(found)
    model = next(one for one in found.models if one.name == made.model)
    for site in sites:
        x = features_of(site, found.ranges, model.on_features)
        plain = linear.predict(found.federated[made.model].weights, x)
        assert np.abs(made.values[site.party] - plain).max() <= made.error
    assert made.difference <= made.error < 1e-3
    assert "no weight and no prediction" in found.statement


def test_a_column_of_noughts_and_ones_is_stored_as_it_is_and_only_what_a_model_asks_for_is_stored() -> None:
    luck = np.random.Generator(np.random.Philox(3))
    made = []
    for party, rows in (("east", 60), ("west", 40)):
        x = np.column_stack([luck.normal(size=rows), luck.integers(0, 2, rows).astype(np.float64)])
        y = np.exp(0.3 * x[:, 0] + 0.5 * x[:, 1] + 0.1 * luck.normal(size=rows))
        made.append(Rows(party, ("a", "b"), x, y, "y"))
    config = Regression(mode="outsourced", models=["LR", "TM-T"], lambdas=[0.0], features=["a", "b"], target="y")
    done = study(tuple(made), config, protect="plain")

    assert done.weight_difference() <= PROMISE
    for name, fit in done.pooled.items():
        assert done.federated[name].metrics["r2"] == pytest.approx(fit.metrics["r2"], rel=1e-3)
