"""`lt.learn`: the views of a finished run, trained again under any protection, with the same model to the last bit."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import looptwin as lt
from looptwin.errors import UserError
from tests.looptwin.collaboration import joined
from tests.looptwin.collaboration.joined import HORIZON, TRAINING_DAY


@pytest.fixture(scope="module")
def run() -> lt.Run:
    """The small chain, in which nobody learned; every test trains on what its parties saw."""
    return joined.of("federated")


@pytest.mark.parametrize("mode", ["shared_key", "threshold", "compact"])
def test_every_protection_gives_the_same_weights_bit_for_bit(run: lt.Run, mode: str) -> None:
    plain, sealed = lt.learn(run, mode="plain"), lt.learn(run, mode=mode)

    assert plain.federated is not None
    assert sealed.federated is not None
    assert plain.federated.tobytes() == sealed.federated.tobytes()
    assert plain.scores == sealed.scores


def test_under_a_key_that_nobody_holds_no_single_end_reads_an_update_and_the_run_says_so(run: lt.Run) -> None:
    learned = lt.learn(run, mode="threshold")
    updates = learned.crossings[learned.crossings.purpose == "update"]

    assert set(updates.readable_by) == {""}
    assert set(updates.clear_or_cipher) == {"cipher"}
    assert "the coordinator with 1 of them cannot (experimental and unaudited)" in learned.statement
    assert "custody simulated in one process; " in learned.statement
    assert learned.statement.endswith("every opened sum is a release, and no differential privacy is spent on it yet")


def test_the_protection_shows_in_what_crossed_and_in_the_statement(run: lt.Run) -> None:
    plain, sealed = lt.learn(run, mode="plain"), lt.learn(run, mode="shared_key")

    forms = [set(one.crossings[one.crossings.purpose == "update"].clear_or_cipher) for one in (plain, sealed)]
    assert forms == [{"clear"}, {"cipher"}]
    assert "every update is readable by whoever carries it" in plain.statement
    assert "any one client and the server can read an update" in sealed.statement
    pd.testing.assert_index_equal(sealed.crossings.columns.sort_values(), run.crossings.columns.sort_values())
    readers = set(", ".join(run.crossings.readable_by).split(", "))
    assert set(", ".join(sealed.crossings.readable_by).split(", ")) <= readers


def test_the_default_protection_is_the_scenarios(run: lt.Run) -> None:
    again = lt.learn(run)

    assert again.statement == run.facts["statement"]
    assert "any 2 of the 3 parties" in again.statement
    assert set(again.crossings.readable_by) == set(run.crossings.readable_by)


def test_a_federation_learns_what_pooled_rows_would(run: lt.Run) -> None:
    learned = lt.learn(run, mode="plain")

    assert learned.federated is not None
    np.testing.assert_allclose(learned.federated, learned.pooled, atol=1e-4)
    assert sorted(learned.alone) == ["north", "south", "west"]
    assert all(weights.shape == learned.pooled.shape == (10,) for weights in learned.alone.values())


def test_scores_are_those_of_cores_whose_outcome_came_later(run: lt.Run) -> None:
    learned = lt.learn(run, mode="plain")
    scores = learned.scores

    assert scores.keys() == {"alone", "federated", "pooled", "metric"}
    assert scores == {name: run.facts["learning"][name] for name in scores}
    late = lt.learn(run, mode="plain", until_day=HORIZON)
    assert late.scores["federated"] is None, "every outcome was known: none is left to score on"


def test_only_labels_known_by_the_day_have_a_part(run: lt.Run) -> None:
    early, late = (lt.learn(run, mode="plain", until_day=day) for day in (200.0, TRAINING_DAY))
    default = lt.learn(run, mode="plain")

    assert early.pooled.tobytes() != late.pooled.tobytes()
    assert default.pooled.tobytes() == late.pooled.tobytes()


def test_a_run_without_collaboration_can_be_learned_from() -> None:
    learned = lt.learn(joined.of("none"), mode="plain")
    inside = lt.learn(joined.of("federated"), mode="plain")

    assert learned.pooled.tobytes() == inside.pooled.tobytes()


def test_of_several_replications_the_first_is_learned_from() -> None:
    scenario = joined.scenario().override({"collaboration.mode": "none", "verification.enabled": False})
    two = lt.run(scenario, replications=2)

    assert lt.learn(two, mode="plain").pooled.tobytes() == lt.learn(joined.of("none"), mode="plain").pooled.tobytes()


def test_the_judge_of_a_run_is_made_again_with_the_same_verdicts() -> None:
    run = joined.judged()
    policy = lt.learn(run).decide["dismantler.disposition"]
    decided = run.table("decisions")
    decided = decided[(decided.decision == "dismantler.disposition") & decided.prediction.notna()]
    views = run.table("visual").merge(decided[["unit", "life", "prediction", "verdict"]], on=["unit", "life"])

    for view in views.to_dict("records"):
        answer = policy(view)
        assert isinstance(answer, tuple)
        assert (answer.prediction, answer.verdict) == (view["prediction"], view["verdict"])


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (
            {"mode": "shared-key"},
            r"mode 'shared-key' is not one of plain, shared_key, threshold, compact; did you mean 'shared_key'\?$",
        ),
        ({"mode": "federated"}, r"learn: mode 'federated' is not one of plain, shared_key, threshold, compact$"),
        ({"until_day": 1.0}, "learn: no site has a label known by day 1: north, south, west$"),
        ({"until_day": HORIZON + 1}, "until_day must be above 0 and at most the run's 800 days, got 801"),
        ({"until_day": -1.0}, "until_day must be above 0"),
        ({"until_day": float("nan")}, "until_day must be above 0"),
        ({"until_day": "500"}, "learn: until_day is a number of days, got '500'"),
    ],
)
def test_what_cannot_be_learned_is_told_in_one_sentence(run: lt.Run, options: dict[str, object], told: str) -> None:
    with pytest.raises(UserError, match=told) as refused:
        lt.learn(run, **{"mode": "plain", **options})  # type: ignore[arg-type]
    assert refused.value.status == 2
    assert "\n" not in str(refused.value)


def test_what_is_no_run_is_refused() -> None:
    with pytest.raises(UserError, match=r"learn: needs a run, as lt.run gives it, got str"):
        lt.learn("runs/a")  # type: ignore[arg-type]


def test_a_run_without_dismantlers_or_without_reports_is_refused() -> None:
    queue = lt.run(lt.load("mm3").override({"time.horizon_days": 20, "time.warm_up_days": 0}))
    with pytest.raises(UserError, match="mm3: no dismantlers and no factories, so nobody learns"):
        lt.learn(queue)
    scenario = joined.scenario().override({"collaboration.mode": "none", "time.horizon_days": 360})
    with pytest.raises(UserError, match="this run has no table 'view_north'"):
        lt.learn(lt.run(scenario, events=False))
