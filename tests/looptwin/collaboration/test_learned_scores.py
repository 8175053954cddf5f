"""Scores and decisions of what was learned from a run, for every learner and every replication."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import looptwin as lt
from looptwin.collaboration.dataset import held, reports
from looptwin.errors import UserError
from looptwin.page.page import page
from looptwin.statistics import interval
from looptwin.words.run import told
from tests.looptwin.collaboration import joined
from tests.looptwin.collaboration.joined import TRAINING_DAY
from tests.looptwin.collaboration.learnings import WORDS, bits, plainly, quiet


@pytest.fixture(scope="module")
def run() -> lt.Run:
    """The small chain under its own rules."""
    return joined.of("none")


# --- scores ---


def test_scores_are_on_all_later_cores_and_on_each_sites_own(run: lt.Run) -> None:
    learned = plainly(run, "linear")
    table = learned.figures.set_index(["on", "model", "figure"])["value"]
    later = {site.party: site.rows(np.flatnonzero(site.known_at_day > TRAINING_DAY).tolist()) for site in learned.sites}
    own = later["west"]
    margin = 500.0 * own.y
    predicted = learned.learned.predict(learned.federated, own.x)

    assert table["west", "federated", "RMSE"] == pytest.approx(np.sqrt(np.mean((margin - predicted) ** 2)))
    assert table["all", "federated", "R2"] == learned.scores["federated"]
    assert {"all", "north", "south", "west"} == set(learned.figures.on)
    assert {*table.loc["west"].index.get_level_values("model")} == {"west", "federated", "pooled"}
    gain = {(row.on, row.model): row.value for row in learned.gains}
    for on in ("west", "all"):
        assert gain[on, "federated less west"] == table[on, "federated", "R2"] - table[on, "west", "R2"]


def test_what_is_predicted_is_what_came_back(run: lt.Run) -> None:
    """The margin of the outcome is learned in EUR, with the noise it was told with; the profit as 0 or 1."""
    told = run.table("outcome")
    told = told[told.party == "north"].set_index(["unit", "life"])
    for word, column, factor in (("linear", "margin", 500.0), ("mlp", "profitable", 1.0)):
        (north,) = (site for site in plainly(run, word).sites if site.party == "north")
        expected = told.loc[[*north.unit_ids], column].to_numpy()
        assert factor * north.y == pytest.approx(expected)


def test_every_replication_is_learned_from_on_its_own() -> None:
    two = lt.run(quiet(), replications=2)
    both = plainly(two, "linear")
    apart = [learned.scores(sites)["federated"] for learned, sites in zip(both.every, both.sites_of_every, strict=True)]
    spread = interval([float(score) for score in apart if score is not None])

    assert bits(both) == bits(plainly(joined.of("none"), "linear"))
    assert len(set(apart)) == 2
    assert both.scores["federated"] == spread.mean
    assert both.summary()["learning"]["intervals"]["federated"] == [spread.low, spread.high]
    assert both.summary()["replications"] == 2
    (row,) = (one for one in both.on_all if (one.model, one.figure) == ("federated", "R2"))
    assert (row.value, row.ci_low, row.ci_high) == (spread.mean, spread.low, spread.high)


def test_reports_of_a_replication_without_a_view_are_cut_as_its_view_would_be(run: lt.Run) -> None:
    monthly = lt.run(quiet(**{"parties.north.reports_every_days": 30}))
    for one, party in ((run, "north"), (run, "remanco"), (monthly, "north")):
        view, again = held(one, party), reports(one, party, 0)
        for kind in again.kind.unique():
            mine, theirs = (rows[rows.kind == kind] for rows in (view, again))
            names = [name for name in theirs if theirs[name].notna().any() and name != "party"]
            order = ["day", "unit", "life"]
            mine, theirs = (rows[names].sort_values(order, ignore_index=True) for rows in (mine, theirs))
            pd.testing.assert_frame_equal(mine, theirs, check_dtype=False, check_exact=True)
    assert len(reports(monthly, "north", 0)) < len(reports(run, "north", 0))


def test_what_was_learned_shows_itself_in_one_line(run: lt.Run) -> None:
    told = "<Learning from transmission-small: linear, margin as known on day 350, replications 1>"

    assert repr(plainly(run, "linear")) == told


def test_parties_that_hold_outcomes_but_no_common_features_are_named(run: lt.Run) -> None:
    assert plainly(run, "linear").apart == ("remanco",)


def test_a_release_is_said_to_be_one_in_the_run_and_after_it(run: lt.Run) -> None:
    learned, inside = lt.learn(run, learner="linear"), joined.of("federated").facts["statement"]

    assert "every opened sum is a release, and no differential privacy is spent on it yet" in learned.statement
    assert "every opened sum is a release" in inside
    assert "releases: 8, together 536 numbers that others came to know" in told(joined.of("federated"))
    assert learned.summary()["releases"] == {"sums": 1, "numbers": 66, "epsilon": None}
    assert set(learned.releases.known_to) == {"north, south, west"}


# --- decisions ---


def dispositions(run: lt.Run) -> pd.DataFrame:
    rows = run.table("decisions")
    return rows[(rows.decision == "dismantler.disposition") & (rows.by == "learned")]


@pytest.mark.parametrize("word", WORDS)
def test_the_scenarios_learner_decides_inside_the_run(run: lt.Run, word: str) -> None:
    change = {"collaboration.mode": "federated", "collaboration.learner": word, "time.horizon_days": 500}
    inside = lt.run(quiet(**change))
    rows, rule = dispositions(inside), joined.scenario().policies.disposition
    learned = lt.learn(run, learner=word, until_day=TRAINING_DAY)

    assert inside.facts["learning"]["learner"] == word
    assert inside.facts["learning"]["grid_error"] == learned.learned.grid_error
    assert len(rows) > 20
    if word == "linear":
        assert (rows.answer == np.where(rows.prediction > 0.0, "reman", rule.rejected)).all()
    else:
        assert set(rows.answer) == {"reman", "test", rule.rejected}
    policy = learned.decide["dismantler.disposition"] if word == "linear" else None
    views = inside.table("visual").merge(rows[["unit", "life", "prediction"]], on=["unit", "life"])
    for view in views.head(20).to_dict("records") if policy is not None else ():
        answer = policy(view)
        assert isinstance(answer, tuple)
        assert answer.prediction == view["prediction"]


def test_a_page_says_what_a_linear_model_predicts() -> None:
    inside = lt.run(quiet(**{"collaboration.mode": "federated", "collaboration.learner": "linear"}))
    text = page(inside)

    assert "It predicts what a core earns with an R2 of" in text
    assert "R2 on later cores: 0 is always saying the mean, 1 is perfect" in text
    assert "AUC" not in text


@pytest.mark.parametrize("word", ["linear", "mlp"])
def test_what_was_learned_decides_in_another_run(run: lt.Run, word: str) -> None:
    scenario = quiet(**{"time.horizon_days": 360})
    learned = lt.learn(lt.run(scenario), mode="plain", learner=word)
    other = lt.run(scenario, seed=9, decide=learned.decide)

    assert dispositions(other).prediction.notna().all()
    assert len(dispositions(other)) > 10


# --- mistakes ---


def test_a_learner_that_is_not_there_is_told_in_one_sentence(run: lt.Run) -> None:
    with pytest.raises(
        UserError, match=r"^learn: learner 'mpl' is not one of logistic, linear, mlp; did you mean 'mlp'\?$"
    ):
        lt.learn(run, learner="mpl")


def test_a_replication_that_cannot_be_learned_from_is_named() -> None:
    two = lt.run(quiet(**{"time.horizon_days": 360}), replications=2)
    with pytest.raises(UserError, match=r"^learn, replication 0: no site has a label known by day 1: north"):
        lt.learn(two, mode="plain", until_day=1.0)


def test_a_run_of_several_replications_tells_the_mean_of_its_scores() -> None:
    both = lt.run(quiet(**{"collaboration.mode": "federated", "collaboration.learner": "linear"}), replications=2)
    scores = [one.facts["learning"] for one in both.replications]
    learning, words = both.summary()["learning"], told(both)

    spread = interval([float(one["federated"]) for one in scores])
    assert scores[0]["federated"] != scores[1]["federated"]
    assert learning["federated"] == spread.mean
    assert learning["intervals"]["federated"] == [spread.low, spread.high]
    assert learning["learner"] == "linear"
    assert "Learning, R2 on cores that came back later, means with 95 % intervals" in words
    assert f"{spread.mean:.4f}" in words
