"""Factories learn together what a part will take at the meter, from records that each keeps to itself."""

from __future__ import annotations

import numpy as np
import pytest

import looptwin as lt
from looptwin.collaboration.dataset import held, reports
from looptwin.commands.learn import told
from looptwin.errors import UserError
from tests.looptwin.collaboration.learnings import bits


@pytest.fixture(scope="module")
def run() -> lt.Run:
    """Five machine shops, twice."""
    return lt.run(lt.load("five-factories"), replications=2)


def test_factories_learn_the_energy_of_a_part_by_a_linear_model(run: lt.Run) -> None:
    learned = lt.learn(run, mode="plain")
    summary = learned.summary()["learning"]

    assert sorted(learned.alone) == [f"factory_{number}" for number in range(1, 6)]
    assert (summary["learner"], summary["target"], summary["about"], summary["metric"]) == (
        *("linear", "energy_kj"),
        *("parts", "R2"),
    )
    assert learned.scores["federated"] > max(learned.scores["alone"].values())
    assert learned.federated == pytest.approx(learned.pooled, abs=1e-8)
    assert bits(lt.learn(run, mode="threshold")) == bits(learned)


def test_a_part_is_known_when_it_is_made_and_predicted_in_kj(run: lt.Run) -> None:
    learned = lt.learn(run, mode="plain", until_day=20.0)
    (site,) = (one for one in learned.sites if one.party == "factory_5")
    view = held(run, "factory_5")
    made = view[view.kind == "made"]

    assert (np.sort(site.known_at_day) == np.sort(made.day)).all()
    assert learned.learned.labels["factory_5"] == (made.day <= 20.0).sum()
    energy = 2000.0 + 1000.0 * site.y
    assert np.sort(energy) == pytest.approx(np.sort(made.energy_kj))
    late = site.known_at_day > 20.0
    predicted = learned.learned.predict(learned.pooled, site.x[late])
    details = learned.learned.details(learned.sites)["on_own"]["factory_5"]
    assert details["pooled"]["RMSE"] == pytest.approx(np.sqrt(np.mean((energy[late] - predicted) ** 2)))
    assert details["cores"] == late.sum()


def test_records_of_a_replication_without_a_view_are_those_of_its_view(run: lt.Run) -> None:
    view, again = held(run, "factory_2"), reports(run, "factory_2", 0)
    mine = view[view.kind == "made"].sort_values("unit")

    assert (mine.energy_kj.to_numpy() == again.sort_values("unit").energy_kj.to_numpy()).all()
    assert len(held(run, "factory_2", 1)) == len(mine)


def test_what_is_printed_says_whose_records_these_are(run: lt.Run) -> None:
    learned = lt.learn(run, mode="plain")
    words = told(learned)

    assert words.startswith("five-factories: linear, energy_kj of a part as known on day 24, means over 2 replications")
    details = [one.details(sites)["on_all"] for one, sites in zip(learned.every, learned.sites_of_every, strict=True)]
    assert learned.later == tuple(one["cores"] for one in details)
    assert f"\nOn the {sum(learned.later) / 2:,.10g} later parts of all sites\n" in words
    assert "\nrecords: those of the machines in the run; its own regression replays a fixture\n" in words


def test_a_network_learns_the_energy_too(run: lt.Run) -> None:
    learned = lt.learn(run, mode="plain", learner="mlp")

    assert learned.learned.learner.predicts == "number"
    assert learned.scores["metric"] == "R2"
    assert learned.scores["federated"] > 0.8


def test_averaging_networks_loses_little_where_a_linear_model_is_fine(run: lt.Run) -> None:
    """Factories differ: after ten long steps alone their models have pulled apart, and the mean loses 0.08 of R2."""
    bent, straight = (lt.learn(run, mode="plain", learner=word) for word in ("mlp", "linear"))
    figures = bent.figures.query("figure == 'R2'").set_index(["on", "model"]).value

    assert bent.scores["federated"] > max(bent.scores["alone"].values())
    assert bent.scores["federated"] > straight.scores["federated"] - 0.03
    assert bent.scores["federated"] > bent.scores["pooled"] - 0.03
    own = {site: figures[site, "federated"] - figures[site, site] for site in bent.scores["alone"]}
    assert min(own.values()) > -0.2
    assert "averaging: sites that differ pull apart between two rounds" in told(bent)
    assert "averaging:" not in told(straight)


def test_what_has_no_yes_or_no_is_not_for_the_logistic_learner_and_nobody_decides_by_it(run: lt.Run) -> None:
    with pytest.raises(UserError, match="logistic learns 0 or 1, and energy_kj is a number; take linear or mlp"):
        lt.learn(run, learner="logistic")
    with pytest.raises(UserError, match="nobody decides by what was learned about parts"):
        _ = lt.learn(run, mode="plain").decide


def test_a_visitor_is_told_the_energy_of_parts_on_the_scales_of_parts(run: lt.Run) -> None:
    learned = lt.learn(run, mode="plain", answers=5 * 20)
    view = held(run, "factory_3")
    made = view[view.kind == "made"].tail(5)
    asked = learned.score_privately(made, asker="visitor", tell="score")
    scaled = [np.clip((made[one.name] - one.centre) / one.scale, -8.0, 8.0) for one in learned.subject.features]

    expected = learned.learned.predict(learned.federated, np.column_stack(scaled))
    assert asked.predictions == pytest.approx(expected, rel=1e-3)
