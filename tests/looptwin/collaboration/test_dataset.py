"""`lt.dataset`: features as they were seen, labels as they came back, and nothing before its time."""

from __future__ import annotations

import numpy as np
import pytest

import looptwin as lt
from looptwin.errors import UserError
from tests.looptwin.collaboration import joined

FEATURES = (
    *("distance", "age_years", "torque_ratio", "shifts_per_km"),
    *("pitting", "debris", "oil_colour", "leak", "crack_seen"),
)


@pytest.fixture(scope="module")
def run() -> lt.Run:
    """The small chain under its own rules."""
    return joined.of("none")


def test_features_are_what_the_dismantler_reported(run: lt.Run) -> None:
    data = lt.dataset(run, "north")
    own = run.table("visual")
    own = own[own.party == "north"].sort_values(["day", "unit", "life"], ignore_index=True)

    assert data.party == "north"
    assert data.features == FEATURES
    assert [*data.table.columns] == ["unit", "life", "day", *FEATURES, "known_at_day", "label", "margin"]
    for name in ("unit", "life", "day", *FEATURES):
        assert (data.table[name].to_numpy() == own[name].to_numpy()).all()
    assert data.table["life"].dtype == data.table["unit"].dtype == np.int64


def test_labels_are_the_outcomes_that_came_back_on_their_day(run: lt.Run) -> None:
    data = lt.dataset(run, "south").table
    told = {(row.unit, row.life): row for row in run.table("outcome").itertuples() if row.party == "south"}

    assert len(told) > 20
    for row in data.itertuples():
        if (row.unit, row.life) in told:
            outcome = told[row.unit, row.life]
            assert (row.label, row.margin, row.known_at_day) == (outcome.profitable, outcome.margin, outcome.day)
            assert row.known_at_day > row.day
        else:
            assert np.isnan(row.label)
            assert row.known_at_day == np.inf


def test_training_rows_hold_no_label_from_the_future(run: lt.Run) -> None:
    data = lt.dataset(run, "west")
    train, test = data.train(300.0), data.test(300.0)

    assert len(train)
    assert len(test)
    assert (train.known_at_day <= 300.0).all()
    assert (test.day > 300.0).all()
    assert train.label.notna().all()
    assert test.label.notna().all()
    assert not set(zip(train.unit, train.life, strict=True)) & set(zip(test.unit, test.life, strict=True))


def test_what_a_dataset_says_by_a_day_does_not_hang_on_what_came_later(run: lt.Run) -> None:
    brief = lt.run(joined.scenario().override({"collaboration.mode": "none", "time.horizon_days": 360}))
    one, other = (lt.dataset(each, "north").train(300.0) for each in (brief, run))

    assert len(one)
    assert one.reset_index(drop=True).equals(other.reset_index(drop=True))


def test_a_remanufacturer_has_the_findings_of_teardown(run: lt.Run) -> None:
    data = lt.dataset(run, "remanco")

    assert data.features == ("parts_replaced", "parts_reworked")
    assert len(data.table) == len(run.table("teardown"))
    assert data.table.label.notna().sum() == (run.table("outcome").party == "remanco").sum()


def test_no_dataset_shows_hidden_state(run: lt.Run) -> None:
    for party in ("north", "south", "west", "remanco"):
        assert not [name for name in lt.dataset(run, party).table if str(name).startswith("true_")]


def test_a_party_that_has_seen_nothing_has_an_empty_dataset() -> None:
    scenario = joined.scenario().override(
        {
            "collaboration.mode": "none",
            "time.horizon_days": 1,
            "time.warm_up_days": 0,
            "collaboration.train_until_days": None,
        }
    )
    data = lt.dataset(lt.run(scenario), "north")

    assert len(data.table) == 0
    assert data.features == FEATURES


def test_of_several_replications_the_first_is_taken_unless_another_is_asked_for(run: lt.Run) -> None:
    two = lt.run(
        joined.scenario().override({"collaboration.mode": "none", "verification.enabled": False}), replications=2
    )

    assert lt.dataset(two, "north").table.equals(lt.dataset(run, "north").table)
    second, outcomes = lt.dataset(two, "north", replication=1).table, two.table_of("outcome", 1)
    assert second.label.notna().sum() == (outcomes.party == "north").sum() > 20
    assert not second.equals(lt.dataset(run, "north").table)
    with pytest.raises(UserError, match="dataset: the run has 2 replications, counted from 0, not 2"):
        lt.dataset(two, "north", replication=2)


@pytest.mark.parametrize(
    ("party", "told"),
    [
        ("nort", r"no party named 'nort'; there are: cabs, .*; did you mean 'north'\?$"),
        ("zebra", "no party named 'zebra'; there are: cabs, gearworks, [^?]*$"),
        ("hire", "'hire' is a fleet, and outcomes come back to: dismantler, remanufacturer$"),
        ("tester_north", "'tester_north' is a tester, and outcomes come back to: "),
    ],
)
def test_a_party_without_outcomes_is_refused_by_name(run: lt.Run, party: str, told: str) -> None:
    with pytest.raises(UserError, match=told):
        lt.dataset(run, party)


def test_a_run_that_kept_counters_only_has_no_dataset() -> None:
    scenario = joined.scenario().override({"collaboration.mode": "none", "time.horizon_days": 360})
    with pytest.raises(UserError, match="this run has no table 'view_north'"):
        lt.dataset(lt.run(scenario, events=False), "north")


def test_a_run_without_parties_names_none() -> None:
    queue = lt.run(lt.load("mm3").override({"time.horizon_days": 20, "time.warm_up_days": 0}))
    with pytest.raises(UserError, match=r"no party named 'north'; there are: none$"):
        lt.dataset(queue, "north")


def test_who_writes_his_books_monthly_learns_from_what_stands_in_them() -> None:
    """Known at the end of its month: features, labels, and what `learn` trains on."""
    run = lt.run(joined.scenario().override({"collaboration.mode": "none", "parties.north.reports_every_days": 30}))
    at_once = joined.of("none")
    data, before = lt.dataset(run, "north").table, lt.dataset(at_once, "north").table
    sites = {site.party: site for site in lt.learn(run, mode="plain").sites}

    assert run.digest == at_once.digest
    assert (data.day % 30 == 0).all()
    told = data[data.label.notna()]
    assert len(told) > 20
    assert (told.known_at_day % 30 == 0).all()
    known = before.set_index(["unit", "life"]).known_at_day.loc[[*zip(told.unit, told.life, strict=True)]]
    assert ((told.known_at_day.to_numpy() - known.to_numpy()) > 0).all()
    assert (np.asarray(sites["north"].known_at_day) % 30 == 0).all()
    assert (np.asarray(sites["south"].known_at_day) % 30 != 0).all()
