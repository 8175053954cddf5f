"""What-ifs: levels that share their luck, differences to the scenario as it is, and what sharing gained."""

from __future__ import annotations

import json
import math
from pathlib import Path
from statistics import variance
from typing import Any

import numpy as np
import pandas as pd
import pytest

import looptwin as lt
from looptwin.checks.check import check
from looptwin.commands.whatif import apart, changes_of
from looptwin.errors import FolderError, UserError

SERVERS = "blocks.bench.servers"
WAIT = "bench.wait_mean_days"


@pytest.fixture(scope="module")
def scenario() -> lt.Scenario:
    return lt.load("mm3").override({"time.horizon_days": 400, "time.warm_up_days": 40})


@pytest.fixture(scope="module")
def named(tmp_path_factory: pytest.TempPathFactory) -> lt.Scenario:
    """The same with two named overrides."""
    file = tmp_path_factory.mktemp("named") / "named.yaml"
    file.write_text(
        "{looptwin: 1, name: named, extends: mm3, time: {horizon_days: 400, warm_up_days: 40},\n"
        " overrides: {busy: {blocks.arrivals.interarrival_days.rate: 2.8}, fourth: {blocks.bench.servers: 4}}}\n"
    )
    return lt.load(file)


@pytest.fixture(scope="module")
def study(scenario: lt.Scenario) -> lt.Study:
    return lt.whatif(scenario, {SERVERS: [3, 4]}, replications=12)


def test_a_fourth_server_never_makes_a_wait_longer(study: lt.Study) -> None:
    """With one queue and the luck of each job its own, every single unit starts no later: so does the mean."""
    with_three, with_four = ([one.kpis[WAIT].value for one in study.runs[servers].replications] for servers in (3, 4))

    assert all(four < three for three, four in zip(with_three, with_four, strict=True))


def test_the_columns_are_the_pinned_ones_and_the_base_differs_from_itself_by_nothing(study: lt.Study) -> None:
    table = study.compare(WAIT)

    assert list(table.columns) == ["level", "mean", "difference", "ci_low", "ci_high", "variance_reduction"]
    base = table[table["level"] == study.base].iloc[0]
    assert (base["difference"], base["ci_low"], base["ci_high"]) == (0.0, 0.0, 0.0)
    assert math.isnan(base["variance_reduction"])


def test_the_difference_is_that_of_the_means_and_lies_in_its_interval(study: lt.Study) -> None:
    three, four = (row for _, row in study.compare(WAIT).iterrows())

    assert four["difference"] == pytest.approx(four["mean"] - three["mean"], rel=1e-12)
    assert four["ci_low"] < four["difference"] < four["ci_high"] < 0.0


def test_the_reduction_of_variance_is_what_independent_seeds_would_have_cost(scenario: lt.Scenario) -> None:
    """Independent runs of both levels give differences whose variance is larger by about the factor that is told."""
    busier = "blocks.arrivals.interarrival_days.rate"
    study = lt.whatif(scenario, {busier: [2.4, 2.5]}, replications=40)
    told = study.compare("bench.utilisation").iloc[1]["variance_reduction"]

    others = lt.whatif(scenario, {busier: [2.4, 2.5]}, replications=40, seed=1000)
    base, other = study.runs[2.4], others.runs[2.5]
    unpaired = [
        two.kpis["bench.utilisation"].value - one.kpis["bench.utilisation"].value
        for one, two in zip(base.replications, other.replications, strict=True)
    ]
    paired = [
        two.kpis["bench.utilisation"].value - one.kpis["bench.utilisation"].value
        for one, two in zip(base.replications, study.runs[2.5].replications, strict=True)
    ]
    assert told > 4.0
    assert variance(unpaired) / variance(paired) == pytest.approx(told, rel=0.6)


def test_a_key_that_changes_nothing_makes_a_difference_of_exactly_nothing(scenario: lt.Scenario) -> None:
    study = lt.whatif(scenario, {"policies.serviceable.level": [20, 50]}, replications=3)

    for kpi in study.chosen:
        table = study.compare(kpi)
        assert (table["difference"] == 0.0).all()


def test_the_levels_are_runs_with_the_seed_and_the_numbers_of_the_base(scenario: lt.Scenario, study: lt.Study) -> None:
    alone = lt.run(scenario.override({SERVERS: 4}), replications=12)

    pd.testing.assert_frame_equal(study.runs[4].kpis, alone.kpis)


def test_workers_change_nothing(scenario: lt.Scenario, study: lt.Study) -> None:
    again = lt.whatif(scenario, {SERVERS: [3, 4]}, replications=12, workers=2)

    pd.testing.assert_frame_equal(again.kpis, study.kpis)


def test_the_scenarios_own_value_comes_first_when_it_is_not_among_the_levels(scenario: lt.Scenario) -> None:
    study = lt.whatif(scenario, {SERVERS: [4, 5]}, replications=2)

    assert study.base == 3
    assert list(study.runs) == [3, 4, 5]


def test_the_scenarios_own_value_is_the_base_wherever_it_stands(scenario: lt.Scenario) -> None:
    study = lt.whatif(scenario, {SERVERS: [5, 3]}, replications=2)

    assert study.base == 3
    assert list(study.runs) == [5, 3]


def test_a_number_with_its_source_is_the_same_level_without_it() -> None:
    chain = lt.load("transmission-small").override({"collaboration.mode": "none", "time.horizon_days": 100})
    chain = chain.override({f"parties.{fleet}.vehicles": 20 for fleet in ("hire", "cabs", "vans")})
    study = lt.whatif(chain, {"product.co2e_new_kg": [432.5, 500]}, replications=1)

    assert study.base == 432.5
    assert list(study.runs) == [432.5, 500]


def test_named_overrides_are_compared_with_the_scenario_as_it_is(named: lt.Scenario) -> None:
    study = lt.whatif(named, ["busy", "fourth"], replications=3)
    waits = study.compare(WAIT).set_index("level")["difference"]

    assert study.base == "base"
    assert list(waits.index) == ["base", "busy", "fourth"]
    assert waits["fourth"] < 0.0 < waits["busy"]


def test_keys_that_move_together_are_one_level_under_the_luck_of_the_base(named: lt.Scenario, tmp_path: Path) -> None:
    """A level of two keys is the scenario with both: the same figures as the run of that scenario, pair by pair."""
    rate = "blocks.arrivals.interarrival_days.rate"
    study = lt.whatif(named, {"both": {rate: 2.8, SERVERS: 4}, "busier": {rate: 2.8}}, replications=3, out=tmp_path)
    both = lt.run(named.override({rate: 2.8, SERVERS: 4}), replications=3)

    assert (study.base, [*study.runs]) == ("base", ["base", "both", "busier"])
    pd.testing.assert_frame_equal(study.runs["both"].kpis, both.kpis)
    pd.testing.assert_frame_equal(study.runs["busier"].kpis, lt.run(named.override("busy"), replications=3).kpis)
    assert all(finding.held for finding in check(tmp_path))


def test_levels_may_be_laws_and_arrays(scenario: lt.Scenario) -> None:
    laws = [{"law": "exponential", "mean": 1}, {"law": "constant", "value": 1}]
    study = lt.whatif(scenario, {"blocks.bench.service_days": laws}, replications=2)
    assert study.base == "{law: exponential, mean: 1}"
    assert list(study.runs)[1] == "{law: constant, value: 1}"

    swept = lt.whatif(scenario, {"blocks.arrivals.interarrival_days.rate": np.linspace(2.0, 2.4, 3)}, replications=1)  # type: ignore[dict-item]
    assert list(swept.runs) == [2.0, 2.2, 2.4]


def test_chosen_figures_are_shown_alone(scenario: lt.Scenario) -> None:
    study = lt.whatif(scenario, {SERVERS: [4]}, replications=2, kpis=[WAIT])

    assert list(study.kpis.index) == [WAIT, WAIT]
    assert list(study.kpis.columns) == ["level", "value", "unit", "mean", "ci_low", "ci_high"]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({}, "one key has values, got 0"),
        ({SERVERS: [3], "seed": [1]}, "one key has values, got 2"),
        ({"both": {SERVERS: 4}, "seed": [1]}, "the level 'seed' needs its keys and values"),
        ({"both": {}}, "the level 'both' needs its keys and values"),
        ({"base": {SERVERS: 4}}, "'base' stands twice"),
        ({SERVERS: 4}, "needs a list of values, got 4"),
        ({SERVERS: []}, "needs a list of values"),
        ({SERVERS: [4, 4]}, "4 stands twice among the levels"),
        ("busy", "a list of overrides"),
        ([], "a list of overrides"),
    ],
)
def test_changes_that_cannot_be_understood_are_refused(scenario: lt.Scenario, changes: Any, sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        lt.whatif(scenario, changes)


def test_the_mistakes_of_all_levels_are_told_at_once(scenario: lt.Scenario) -> None:
    with pytest.raises(lt.ScenarioError) as refused:
        lt.whatif(scenario, {SERVERS: [0, 4, "many"]})

    assert [problem.value for problem in refused.value.problems] == [0, "many"]


def test_an_unknown_figure_is_refused_before_anything_runs(
    scenario: lt.Scenario, study: lt.Study, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(UserError, match=f"no figure named 'bench.wait_mean_day'; did you mean '{WAIT}'"):
        study.compare("bench.wait_mean_day")
    with pytest.raises(UserError, match="did you mean"):
        lt.whatif(scenario, {SERVERS: [4]}, kpis=["bench.wait_mean_day"])
    assert capsys.readouterr().err == ""


def test_a_kept_study_goes_on_where_it_was_and_is_checked(
    scenario: lt.Scenario, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lt.whatif(scenario, {SERVERS: [3, 4]}, replications=2, out=tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}
    capsys.readouterr()

    lt.whatif(scenario, {SERVERS: [3, 4]}, replications=2, out=tmp_path)

    assert capsys.readouterr().err == "4 replications: 0 computed, 4 kept from before\n"
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()} == before
    assert set(before) == {"manifest.json", "scenario.yaml", "compare.csv"}
    assert [level["level"] for level in json.loads(before["manifest.json"])["levels"]] == [3, 4]
    assert all(finding.held for finding in check(tmp_path))


def test_another_study_and_a_run_are_refused_by_the_folder_of_one(scenario: lt.Scenario, tmp_path: Path) -> None:
    lt.whatif(scenario, {SERVERS: [3, 4]}, replications=1, out=tmp_path)

    with pytest.raises(FolderError, match="holds another run"):
        lt.whatif(scenario, {SERVERS: [3, 5]}, replications=1, out=tmp_path)
    with pytest.raises(FolderError, match="holds another run"):
        lt.run(scenario, out=tmp_path)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("1,2,3", ["1", "2", "3"]),
        ("0.4, 0.6", ["0.4", "0.6"]),
        ("{a: 1, b: [2, 3]},4", ["{a: 1, b: [2, 3]}", "4"]),
        ("'a,b',\"c,d\"", ["'a,b'", '"c,d"']),
        ("1,,2", ["1", "", "2"]),
    ],
)
def test_a_list_is_cut_at_the_commas_outside_of_braces_and_quotes(text: str, values: list[str]) -> None:
    assert apart(text) == values


def test_an_empty_level_is_no_wish_for_the_default() -> None:
    with pytest.raises(UserError, match="a level is empty"):
        changes_of("blocks.bench.servers=3,")


def test_keys_that_move_together_are_typed_as_a_level_with_a_name() -> None:
    lean = "lean: policies.serviceable.level=10, blocks.bench.service_days={law: constant, value: 1}"
    law = {"law": "constant", "value": 1}

    assert changes_of(None, [lean]) == {"lean": {"policies.serviceable.level": 10, "blocks.bench.service_days": law}}
    assert changes_of("busy", ["one:seed=1"]) == {"busy": "busy", "one": {"seed": 1}}


@pytest.mark.parametrize(
    ("text", "levels", "sentence"),
    [
        (None, [], "give KEY=V1,V2"),
        (SERVERS + "=3,4", ["one:seed=1"], "not with the values of one key"),
        (None, ["seed=1"], "write NAME:KEY=VALUE"),
        (None, ["one:seed=1,"], "write NAME:KEY=VALUE"),
        (None, ["one:seed=1,seed=2"], "seed stands twice"),
        (None, ["one:seed=1", "one:seed=2"], "'one' stands twice"),
        ("one", ["one:seed=1"], "'one' stands twice"),
    ],
)
def test_levels_that_cannot_be_understood_are_refused(text: str | None, levels: list[str], sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        changes_of(text, levels)
