"""Learning from what the parties of a run saw: laws that hold for every learner, in a run and after it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

import looptwin as lt
from looptwin.dataset import held, reports
from looptwin.errors import UserError
from looptwin.statistics import interval
from tests.looptwin import joined
from tests.looptwin.joined import TRAINING_DAY

WORDS = ("logistic", "linear", "mlp")
UNTIL = TRAINING_DAY + 1

IDLE = {
    "parties.spare": {"role": "dismantler"},
    "parties.museum": {"role": "fleet", "vehicles": 1, "duty": "parked", "vehicle_life_years": 100},
    "product.duties.parked": {"distance_per_year": 0.01, "torque_ratio": 1, "shifts_per_km": 1, "ambient_c": 10},
    "lanes.museum_spare": {"from": "museum", "to": "spare", "days": {"law": "exponential", "mean": 9}},
}
"""A dismantler for one fleet, whose only vehicle is never driven."""

Patch = pytest.MonkeyPatch


@pytest.fixture(scope="module")
def run() -> lt.Run:
    """The small chain under its own rules."""
    return joined.of("none")


def quiet(**change: object) -> lt.Scenario:
    """Return the small chain without a judge in which nobody learns."""
    return joined.scenario().override({"collaboration.mode": "none", "verification.enabled": False, **change})


def bits(learned: Any) -> tuple[bytes, ...]:
    """All models of a training."""
    models = [weights for _, weights in sorted(learned.alone.items())]
    return tuple(weights.tobytes() for weights in (*models, learned.federated, learned.pooled))


def plainly(run: lt.Run, word: str, **options: Any) -> Any:
    return lt.learn(run, mode="plain", learner=word, **options)


def looking(patch: Patch, change: Callable[[str, pd.DataFrame], pd.DataFrame]) -> None:
    """Let every site see a changed view."""
    # by its full name, because `looptwin.learn` is the function
    patch.setattr(
        sys.modules["looptwin.learn"], "held", lambda run, party, number: change(party, held(run, party, number))
    )


# --- laws ---


@pytest.mark.parametrize("word", WORDS)
def test_nothing_known_later_has_a_part(run: lt.Run, word: str, monkeypatch: Patch) -> None:
    """Neither a world that stops after the training nor views without all that came later give another model."""
    first = bits(plainly(run, word))
    brief = lt.run(quiet(**{"time.horizon_days": UNTIL}))
    assert bits(plainly(brief, word, until_day=TRAINING_DAY)) == first

    looking(monkeypatch, lambda _, view: view[view.day <= TRAINING_DAY])
    assert bits(plainly(run, word)) == first


@pytest.mark.parametrize("word", WORDS)
def test_deleting_a_sites_events_changes_the_common_model_and_leaves_the_others_alone(
    run: lt.Run, word: str, monkeypatch: Patch
) -> None:
    first = plainly(run, word)
    looking(monkeypatch, lambda party, view: view[view.day > TRAINING_DAY - 200] if party == "south" else view)
    second = plainly(run, word)

    assert second.federated.tobytes() != first.federated.tobytes()
    assert second.alone["south"].tobytes() != first.alone["south"].tobytes()
    assert second.alone["north"].tobytes() == first.alone["north"].tobytes()


@pytest.mark.parametrize("word", WORDS)
def test_planted_truth_changes_no_bit(run: lt.Run, word: str, monkeypatch: Patch) -> None:
    first = bits(plainly(run, word))
    truth = run.truth.drop(columns=["day", "party"], errors="ignore").drop_duplicates(["unit", "life"])

    def planted(_: str, view: pd.DataFrame) -> pd.DataFrame:
        return view.merge(truth, on=["unit", "life"], how="left")

    looking(monkeypatch, planted)
    assert any(str(name).startswith("true_") for name in planted("north", held(run, "north")))
    assert bits(plainly(run, word)) == first


def test_the_order_of_declaration_and_a_party_that_sees_no_core_change_no_bit(run: lt.Run, tmp_path: Path) -> None:
    data = yaml.safe_load(quiet(**IDLE).to_yaml())
    data["parties"] = dict(reversed(data["parties"].items()))
    (tmp_path / "turned.yaml").write_text(yaml.safe_dump(data, sort_keys=False), encoding="utf-8")
    turned = lt.run(lt.load(tmp_path / "turned.yaml"))

    for word in WORDS:
        first, second = plainly(run, word), plainly(turned, word)
        assert second.learned.left_out == ("spare",)
        assert bits(second) == bits(first)
        assert second.scores == first.scores


@pytest.mark.parametrize("word", WORDS)
def test_every_protection_gives_the_same_models_and_scores(run: lt.Run, word: str) -> None:
    found = [lt.learn(run, mode=mode, learner=word) for mode in ("plain", "threshold")]

    assert bits(found[0]) == bits(found[1])
    assert found[0].scores == found[1].scores
    assert found[0].summary()["learning"] == found[1].summary()["learning"]


@pytest.mark.parametrize("word", ["logistic", "linear"])
def test_a_federation_is_the_pooled_model_but_for_the_grid_that_is_told(run: lt.Run, word: str) -> None:
    learned = plainly(run, word)

    # without the grid a sum over sites is that of the pooled rows
    difference = np.abs(learned.federated - learned.pooled).max()
    assert difference == pytest.approx(learned.learned.grid_error, abs=1e-9)


def test_a_saved_run_is_learned_from_like_the_run_itself(run: lt.Run, tmp_path: Path) -> None:
    opened = lt.open_run(run.save(tmp_path / "kept"))

    assert bits(plainly(opened, "linear")) == bits(plainly(run, "linear"))


# --- scores ---


def test_scores_are_on_all_later_cores_and_on_each_sites_own(run: lt.Run) -> None:
    learned = plainly(run, "linear")
    table = learned.figures.set_index(["cores", "model", "figure"])["value"]
    later = {site.party: site.rows(np.flatnonzero(site.known_at_day > TRAINING_DAY).tolist()) for site in learned.sites}
    own = later["west"]
    margin = 500.0 * own.y
    predicted = learned.learned.predict(learned.federated, own.x)

    assert table["west", "federated", "RMSE"] == pytest.approx(np.sqrt(np.mean((margin - predicted) ** 2)))
    assert table["all", "federated", "R2"] == learned.scores["federated"]
    assert {"all", "north", "south", "west"} == set(learned.figures.cores)
    assert {*table.loc["west"].index.get_level_values("model")} == {"west", "federated", "pooled"}
    gain = {row.cores: row.value for row in learned.gains}
    assert gain["west"] == table["west", "federated", "R2"] - table["west", "west", "R2"]


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


def test_parties_that_hold_outcomes_but_no_common_features_are_named(run: lt.Run) -> None:
    assert plainly(run, "linear").apart == ("remanco",)


def test_a_release_is_said_to_be_one_in_the_run_and_after_it(run: lt.Run) -> None:
    learned, inside = lt.learn(run, learner="linear"), joined.of("federated").facts["statement"]

    assert "every opened sum is a release, and no differential privacy is spent on it yet" in learned.statement
    assert "every opened sum is a release" in inside
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
