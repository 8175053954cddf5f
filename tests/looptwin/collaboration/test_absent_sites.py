"""A site that goes missing while a run trains: the run says who went on and how, or fails with nothing decided."""

from __future__ import annotations

from typing import Any

import pytest

import looptwin as lt
from looptwin.errors import RunFailed
from tests.looptwin.collaboration import joined


def everybody() -> lt.Scenario:
    """The small chain without a judge, no longer than a training needs."""
    changes = {"verification.enabled": False, "time.horizon_days": 400, "collaboration.threshold": 2}
    return joined.scenario().override(changes)


def short(**absence: Any) -> lt.Scenario:
    """The same, whose site south goes missing in the third round."""
    return everybody().override({"collaboration.absences": {"south": {"from_round": 3, **absence}}})


def test_a_run_goes_on_without_a_site_that_is_gone_and_says_so() -> None:
    run = lt.run(short().override({"collaboration.when_gone": "go_on"}))
    crossings = run.crossings
    updates = crossings[crossings.purpose == "update"].sender.value_counts()

    assert (updates["south"], updates["north"]) == (2, 8)
    assert set(crossings[crossings.purpose == "agreement"].sender) == {"north", "west"}
    assert "south went before it sealed" in str(run.summary())


def test_a_run_stops_at_a_site_that_is_gone_unless_the_others_may_go_on() -> None:
    with pytest.raises(RunFailed, match=r"'south' is missing; `collaboration.when_gone: go_on` lets the others go on"):
        lt.run(short())


def test_a_site_that_is_silent_at_the_opening_changes_no_decision() -> None:
    silent = lt.run(short(before="opening"))

    assert silent.digest == lt.run(everybody()).digest
