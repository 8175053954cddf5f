"""A scenario may ask for a world that differs from what everybody in it believes; its runs say so."""

from __future__ import annotations

import pytest

import looptwin as lt
from looptwin.collaboration.judge import beliefs_of
from looptwin.words.run import told
from tests.looptwin.collaboration import joined

QUIET = {
    "collaboration.mode": "none",
    "collaboration.train_until_days": 90,
    "time.horizon_days": 120,
    "verification.enabled": False,
}


def test_a_run_in_a_hidden_world_says_so_and_the_judge_is_not_told() -> None:
    run = lt.run(joined.scenario().override({**QUIET, "hidden_world": "severe"}))

    said = "severe: the world differs from what is believed: gear stress x 1.03"
    assert run.summary()["hidden_world"].startswith(said)
    assert "hidden world: severe" in told(run)
    assert beliefs_of(run.scenario) == beliefs_of(joined.scenario())


def test_a_run_without_a_gap_has_nothing_to_say() -> None:
    run = lt.run(joined.scenario().override(QUIET))

    assert "hidden_world" not in run.summary()
    assert "hidden world" not in told(run)


def test_a_single_factor_may_be_given() -> None:
    change = {"cracks": 4.0, "gear_stress": 1.02}
    run = lt.run(joined.scenario().override({**QUIET, "hidden_world": change}))

    assert run.summary()["hidden_world"].endswith("gear stress x 1.02, cracks x 4")
    assert run.digest != lt.run(joined.scenario().override(QUIET)).digest


@pytest.mark.parametrize(
    ("value", "said"),
    [("sever", "severe"), ({"gear_strain": 2.0}, "gear_stress"), ({"cracks": 0.0}, "a number above 0")],
)
def test_a_gap_that_is_none_is_refused_with_what_is_allowed(value: object, said: str) -> None:
    with pytest.raises(lt.ScenarioError, match=said):
        joined.scenario().override({"hidden_world": value})
