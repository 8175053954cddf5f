"""The join: the same world until the day of training, then verified predictions decide, and it is told who did."""

from __future__ import annotations

import math
import pickle
from typing import Any

import numpy as np
import pandas as pd
import pytest

import looptwin as lt
from learning.features import scaled
from learning.models import predict
from looptwin.collaboration.sites import FEATURES, NAMES
from looptwin.errors import RunFailed, UserError
from sim.parties.agreed import answers
from sim.parties.decisions import DecisionError
from tests.looptwin.collaboration import joined
from tests.looptwin.collaboration.joined import TRAINING_DAY

MODES = ("none", "federated", "centralised", "oracle")
REPORTS = ("passport", "visual", "bench", "teardown", "end_of_line", "outcome", "decisions", "payments")


def dispositions(run: lt.Run) -> pd.DataFrame:
    """Return the dispositions since the day of training, with the grade and the features that they were taken on."""
    rows = run.table("decisions")
    # a core that was held comes before the decision again
    rows = rows[(rows.decision == "dismantler.disposition") & (rows.day >= TRAINING_DAY) & (rows.answer != "hold")]
    return rows.merge(run.table("visual").drop(columns=["day", "party"]), on=["unit", "life"], validate="one_to_one")


def short(**change: object) -> lt.Scenario:
    """Return the small chain without a judge, run for no longer than a training needs."""
    changes = {"verification.enabled": False, "time.horizon_days": 400, **change}
    return joined.scenario().override(changes)


# --- luck ---


@pytest.mark.parametrize("mode", MODES[1:])
def test_every_mode_shares_its_luck_with_none_until_the_day_of_training(mode: str) -> None:
    other, none = joined.of(mode), joined.of("none")
    for name in ("events", *REPORTS):
        before = [run.table(name) for run in (other, none)]
        mine, theirs = (rows[rows.day < TRAINING_DAY].reset_index(drop=True) for rows in before)
        pd.testing.assert_frame_equal(mine, theirs, check_exact=True)
    assert other.digest != none.digest


def test_a_judge_changes_nothing_before_it_judges() -> None:
    one, other = joined.judged().events, joined.of("federated").events

    pd.testing.assert_frame_equal(one[one.day < TRAINING_DAY], other[other.day < TRAINING_DAY], check_exact=True)


# --- who decides ---


def test_in_mode_none_nobody_learns_and_the_scenarios_rule_decides() -> None:
    run = joined.of("none")

    assert set(run.table("decisions").by) == {"rule", "explore"}
    assert not len(run.crossings)
    assert "learning" not in run.facts


def test_a_verified_prediction_decides_and_is_recorded() -> None:
    rows = dispositions(joined.judged())
    learned = rows[rows.by == "learned"]
    rule = joined.scenario().policies.disposition

    assert len(learned) > 40
    assert set(learned.verdict) == {"verified"}
    assert learned.prediction.between(0.0, 1.0).all()
    expected = np.select(
        [learned.prediction >= rule.accept_above, learned.prediction < rule.reject_below], ["reman", "recycle"], "test"
    )
    assert (learned.answer == expected).all()
    assert set(learned.answer) == {"reman", "recycle", "test"}


def test_an_unverified_prediction_falls_back_to_the_rule_and_is_recorded() -> None:
    rows = dispositions(joined.judged())
    refused = rows[rows.verdict == "unverified"]
    rule = joined.scenario().policies.disposition

    assert len(refused) > 5
    assert set(refused.by) == {"rule"}
    assert refused.prediction.between(0.0, 1.0).all()
    assert all(
        answer in answers(rule, grade) | {rule.held}
        for answer, grade in zip(refused.answer, refused.grade, strict=True)
    )


def test_without_a_judge_predictions_are_taken_as_they_come() -> None:
    rows = dispositions(joined.of("federated"))

    assert set(rows.by) == {"learned", "explore"}
    assert set(rows.verdict) == {""}
    assert rows[rows.by == "learned"].prediction.notna().all()


def test_a_prediction_is_the_models_own_on_what_the_party_saw() -> None:
    """The weights come from the views again, by `lt.learn`; the same bits decided inside the run."""
    run = joined.judged()
    weights = lt.learn(joined.of("federated"), mode="plain").federated
    assert weights is not None
    rows = dispositions(run)
    rows = rows[rows.prediction.notna()]

    for _, row in rows.iterrows():
        x = scaled(np.array([[float(row[name]) for name in NAMES]]), FEATURES)
        assert float(predict(weights, x)[0]) == row.prediction


def test_nobody_decides_by_a_label_that_came_after_the_training() -> None:
    """What happens later cannot reach back: a world that stops soon after has the same weights."""
    brief = lt.run(short(**{"time.horizon_days": TRAINING_DAY + 1}))

    one, other = (lt.learn(run, mode="plain", until_day=TRAINING_DAY) for run in (brief, joined.of("federated")))
    assert one.federated is not None
    assert one.federated.tobytes() == other.federated.tobytes()  # type: ignore[union-attr]


def test_the_oracle_knows_the_truth_and_is_named_wherever_it_decides() -> None:
    run = joined.of("oracle")
    rows = dispositions(run).merge(run.truth[["unit", "life", "true_margin"]], on=["unit", "life"])

    assert set(rows.by) == {"oracle"}
    assert (rows.answer == np.where(rows.true_margin > 0.0, "reman", "recycle")).all()
    assert not len(run.crossings)
    assert "oracle" in set(run.view("north").by)


def test_in_mode_centralised_rows_cross_in_clear() -> None:
    run = joined.of("centralised")
    crossed = run.crossings

    rows = crossed[crossed.purpose == "rows"]
    assert set(rows.sender) == {"north", "south", "west"}
    assert set(rows.clear_or_cipher) == {"clear"}
    assert set(rows.readable_by) == {"coordinator"}
    assert run.facts["statement"] == "every row is readable by the coordinator"
    assert set(dispositions(run).by) == {"learned", "explore"}


def test_a_federation_sends_nothing_readable_but_public_parameters() -> None:
    crossed = joined.judged().crossings

    assert set(crossed[crossed.purpose == "update"].clear_or_cipher) == {"cipher"}
    assert set(crossed[crossed.clear_or_cipher == "clear"].purpose) == {
        "key commitment",
        "key commitments",
        "public key share",
        "public key shares",
        "commitment",
        "commitments",
    }
    assert "any 2 of the 3 parties together can read an update" in joined.judged().facts["statement"]


def test_the_judge_looks_at_a_networks_probability_and_not_at_a_margin() -> None:
    change = {"verification.enabled": True, "time.horizon_days": 420}
    network, margin = (lt.run(short(**change, **{"collaboration.learner": word})) for word in ("mlp", "linear"))

    assert {"verified"} <= set(dispositions(network).verdict) <= {"verified", "unverified", ""}
    assert set(dispositions(margin).verdict) == {""}
    assert "learned" in set(dispositions(margin).by)
    assert (network.facts["verdicts"]["false_alarm_rate"], margin.facts["verdicts"]["false_alarm_rate"]) == (0.3, None)


# --- callables beside a collaboration ---


def test_a_callable_is_not_displaced_by_what_is_learned() -> None:
    run = lt.run(short(), decide={"dismantler.disposition": lambda view: "test" if view["grade"] == "B" else None})
    rows = dispositions(run)

    assert set(rows[rows.grade == "B"].by) == {"given"}
    assert "learned" in set(rows[rows.grade != "B"].by) <= {"learned", "explore"}


def test_a_learned_model_decides_in_another_run() -> None:
    learned = lt.learn(joined.of("federated"), mode="plain")
    run = lt.run(short(**{"collaboration.mode": "none"}), seed=9, decide=learned.decide)
    rows = run.table("decisions")

    assert set(rows[rows.decision == "dismantler.disposition"].by) == {"learned"}
    assert rows[rows.by == "learned"].prediction.notna().all()


def test_a_learned_model_survives_the_way_to_a_worker() -> None:
    policy = lt.learn(joined.judged()).decide["dismantler.disposition"]
    there = pickle.loads(pickle.dumps(policy))  # noqa: S301 - our own bytes
    view: dict[str, Any] = {"unit": 1, "life": 1, "day": 9.0, "party": "north", "grade": "B"}
    for row in joined.judged().table("visual").head(20).to_dict("records"):
        mine, theirs = policy(view | row | {"party": "north"}), there(view | row | {"party": "north"})
        assert mine == theirs
    assert policy(view | row | {"party": "stranger"}) == (None, pytest.approx(math.nan, nan_ok=True), "")


def test_without_a_tester_what_lies_between_the_thresholds_is_left_to_the_rule() -> None:
    change: dict[str, object] = {"parties.tester_north": None, "policies.disposition.C": "recycle"}
    change |= {"policies.disposition.accept_above": 0.9, "policies.disposition.reject_below": 0.1}
    change |= {"time.horizon_days": 600}
    rows = dispositions(lt.run(short(**change)))
    between = rows[(rows.prediction < 0.9) & (rows.prediction >= 0.1)]

    assert len(between) > 5
    assert set(between.by) == {"rule"}
    assert "test" not in set(rows.answer)


# --- what goes wrong ---


def refused(scenario: lt.Scenario, **options: Any) -> RunFailed:
    """Run what must fail; return its one sentence."""
    with pytest.raises(RunFailed) as failure:
        lt.run(scenario, **options)
    assert "\n" not in str(failure.value)
    assert failure.value.status == 1
    return failure.value


def test_a_training_before_the_first_label_fails_in_one_sentence() -> None:
    failure = refused(short(**{"collaboration.train_until_days": 2}))

    assert str(failure) == "collaboration on day 2: no site has a label known by day 2: north, south, west"


def test_a_single_site_with_labels_is_no_federation() -> None:
    known = joined.of("none").table("outcome")
    early = next(day for day in range(200) if len(set(known[known.day <= day].party) - {"remanco"}) == 1)
    failure = refused(short(**{"collaboration.train_until_days": early}))

    assert "alone is its update; threshold needs two parties or more" in str(failure)


def test_a_false_alarm_rate_that_cannot_be_held_fails_in_one_sentence() -> None:
    failure = refused(short(**{"verification.enabled": True, "verification.false_alarm_rate": 1e-9}))

    assert str(failure).startswith("collaboration on day 350: ")


def test_a_wrong_answer_fails_in_one_sentence() -> None:
    failure = refused(short(), decide={"dismantler.disposition": lambda view: "remann"})

    assert "dismantler.disposition of " in str(failure)
    assert "answered 'remann'; allowed: destroy, dispose, harvest, hold, recycle, reman, resell, test, or None" in str(
        failure
    )
    assert "did you mean 'reman'?" in str(failure)


def test_a_callable_that_raises_fails_in_one_sentence_and_keeps_its_cause() -> None:
    def clumsy(view: Any) -> str:
        return str(1 / (view["life"] - view["life"]))

    failure = refused(short(), decide={"dismantler.disposition": clumsy})

    assert "on day " in str(failure)
    assert "the callable raised ZeroDivisionError: " in str(failure)
    assert isinstance(failure.__cause__, DecisionError)
    assert isinstance(failure.__cause__.__cause__, ZeroDivisionError)


def test_an_unknown_decision_is_refused_before_the_run() -> None:
    with pytest.raises(UserError, match=r"no decision named .*dismantler\.dispose"):
        lt.run(short(), decide={"dismantler.dispose": lambda view: None})
