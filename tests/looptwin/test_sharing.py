"""Where sharing pays: every decision priced on the same cores, a map of the gain, and where it breaks even."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import looptwin as lt
from looptwin.errors import UserError
from looptwin.sharing_study.axes import Axes, typed
from looptwin.sharing_study.page import sharing_page
from looptwin.sharing_study.sharing import MEGABYTE, Cell, Sharing, traffic_bytes, variant
from looptwin.sharing_study.world import Cores, value
from looptwin.statistics import Interval
from sim.units import DAYS_PER_YEAR
from tests.looptwin.command_line import finished

QUICK = {"time.horizon_days": 500, "time.warm_up_days": 0}
AXES = Axes(labels=(5, 20), differences=(0.0, 2.0), cracks=(1.0,), bench_prices=(0.5, 1.0, 2.0))


@pytest.fixture(scope="module")
def scenario() -> lt.Scenario:
    return lt.load("transmission-small").override(QUICK)


@pytest.fixture(scope="module")
def found(scenario: lt.Scenario) -> Sharing:
    return lt.sharing(scenario, AXES, replications=2)


def cores(reman: list[float], passes: list[bool], detour: float = 0.0) -> Cores:
    nothing, worth = np.zeros(len(reman)), np.array(reman)
    words = np.array(["reman"] * len(reman))
    return Cores(
        site=words,
        day=nothing,
        x=np.zeros((len(reman), 1)),
        rule=words,
        label=nothing,
        passes=np.array(passes),
        worth={"reman": worth, "recycle": nothing, "passed": worth - detour, "failed": nothing - detour},
    )


def test_a_decision_earns_what_it_is_worth_above_recycling_less_its_test() -> None:
    of = cores([100.0, -50.0, 100.0, -50.0, 100.0], [True, True, True, True, False])

    assert value(["reman", "reman", "recycle", "test", "test"], of, 70.0).tolist() == [100.0, -50.0, 0.0, -120.0, -70.0]


def test_a_core_that_is_tested_takes_a_longer_way() -> None:
    of = cores([100.0, 100.0], [True, False], detour=12.0)

    assert value(["test", "test"], of, 70.0).tolist() == [18.0, -82.0]


def test_nobody_earns_more_than_who_knows_the_truth_and_tests_nothing(found: Sharing) -> None:
    for cell in found.cells:
        assert cell.oracle.mean >= max(cell.rule.mean, cell.alone.mean, cell.federated.mean)


def test_rule_and_truth_need_no_labels(found: Sharing) -> None:
    few, many = ([cell for cell in found.cells if cell.labels == labels] for labels in AXES.labels)

    assert [cell.rule for cell in few] == [cell.rule for cell in many]
    assert [cell.oracle for cell in few] == [cell.oracle for cell in many]


def test_labels_are_paid_for_as_far_as_a_site_has_them(scenario: lt.Scenario) -> None:
    axes = Axes(labels=(5, 5000, 6000), differences=(1.0,), cracks=(1.0,), bench_prices=(1.0,))
    few, all_of_them, more = lt.sharing(scenario, axes, replications=1).cells

    assert few.known == 5
    assert 5 < all_of_them.known < 500
    assert more.known == all_of_them.known
    assert more.alone == all_of_them.alone


def test_what_is_earned_is_straight_in_the_price_of_a_test(found: Sharing) -> None:
    """Nobody decides by that price, so three prices lie on a line."""
    groups: dict[tuple[int, float], list[Cell]] = {}
    for cell in found.cells:
        groups.setdefault((cell.labels, cell.difference), []).append(cell)

    for half, one, two in groups.values():
        for name in ("rule", "alone", "federated"):
            low, middle, high = (getattr(cell, name).mean for cell in (half, one, two))
            assert high - middle == pytest.approx(2.0 * (middle - low), rel=1e-9, abs=1e-6)


def test_a_dearer_training_costs_the_common_model_just_that(scenario: lt.Scenario, found: Sharing) -> None:
    price = scenario.collaboration.cost_per_training
    dear = lt.sharing(scenario.override({"collaboration.cost_per_training": price + 1000.0}), AXES, replications=2)

    for before, after in zip(found.cells, dear.cells, strict=True):
        years = 250.0 / DAYS_PER_YEAR
        assert after.gain.mean == pytest.approx(before.gain.mean - 1000.0 / years, rel=1e-9)
        assert after.alone == before.alone


def test_a_gain_is_the_common_model_less_each_sites_own(found: Sharing) -> None:
    for cell in found.cells:
        assert cell.gain.mean == pytest.approx(cell.federated.mean - cell.alone.mean, rel=1e-9, abs=1e-6)


def test_any_number_of_workers_gives_the_same_map(scenario: lt.Scenario, found: Sharing) -> None:
    assert lt.sharing(scenario, AXES, replications=2, workers=2).cells == found.cells


def test_graders_are_alike_at_no_difference_and_as_they_are_at_one(scenario: lt.Scenario) -> None:
    alike, same = variant(scenario, 0.0, 1.0), variant(scenario, 1.0, 1.0)
    sites = ("north", "south", "west")

    assert len({alike.parties[name].grader_bias for name in sites}) == 1
    for name in sites:
        assert same.parties[name].grader_bias == pytest.approx(scenario.parties[name].grader_bias)
        assert same.parties[name].grader_noise == pytest.approx(scenario.parties[name].grader_noise)


def test_traffic_is_what_a_training_in_the_loop_sends(scenario: lt.Scenario) -> None:
    run = lt.run(scenario.override({"time.horizon_days": 700, "verification.enabled": False}), events=False)

    sent = run.facts["crossings"]["bytes"]
    assert sent <= traffic_bytes(scenario) < sent + 1.1 * MEGABYTE


def with_gains(gains: list[float]) -> Sharing:
    nothing = Interval(0.0, 0.0, 0.0, 2)
    cells = tuple(
        Cell(labels, labels, 1.0, 0.02, 70.0, *[nothing] * 5, gain=Interval(gain, gain, gain, 2), best="alone")
        for labels, gain in zip((10, 40, 160), gains, strict=True)
    )
    return Sharing(lt.load("transmission-small"), Axes(), 7, 2, cells, 0)


@pytest.mark.parametrize(
    ("gains", "labels"),
    [
        ([1.0, -1.0, -2.0], 20.0),
        ([2.0, 1.0, -1.0], 80.0),
        ([-1.0, 1.0, -1.0], 80.0),
        ([-3.0, -2.0, -1.0], 0.0),
        ([-1.0, 2.0, 3.0], math.inf),
    ],
)
def test_the_break_even_lies_where_the_line_between_two_numbers_of_labels_meets_zero(
    gains: list[float], labels: float
) -> None:
    assert with_gains(gains).break_even(1.0, 0.02, 70.0) == pytest.approx(labels)


def test_the_page_has_a_map_for_each_price_and_says_what_it_leaves_out(found: Sharing) -> None:
    page = sharing_page(found)

    assert page.count("<svg") == len(AXES.cracks) * len(AXES.bench_prices)
    assert "Queues and stock do not enter" in page
    assert page == sharing_page(replace(found))


def test_axes_that_do_not_rise_are_refused() -> None:
    with pytest.raises(UserError, match="--labels: numbers must rise from 0 or more, got 30, 10"):
        Axes(labels=(30, 10))
    with pytest.raises(UserError, match="nothing to share; start at 1"):
        Axes(labels=(0, 10))


def test_axes_are_typed_as_numbers_with_commas() -> None:
    assert typed(labels="5, 20", differences=None, cracks="0,.5,2", bench_prices="1") == Axes(
        labels=(5, 20), cracks=(0.0, 0.5, 2.0), bench_prices=(1.0,)
    )


@pytest.mark.parametrize(
    ("axis", "text", "told"),
    [
        ("labels", "10,3O", r"--labels: '3O' \(number 2 of '10,3O'\) is not a whole number"),
        ("labels", "10.5", r"--labels: '10.5' .* is not a whole number"),
        ("bench_prices", "1,,2", r"--bench-prices: '' \(number 2 of"),
        ("cracks", "nan", r"--cracks: 'nan' .* is not a number"),
        ("differences", "3,1", r"--differences: numbers must rise from 0 or more, got 3, 1"),
    ],
)
def test_a_mistake_in_an_axis_is_told_with_its_place(axis: str, text: str, told: str) -> None:
    with pytest.raises(UserError, match=told):
        typed(**{axis: text})


def test_a_scenario_in_which_nobody_could_share_is_refused(scenario: lt.Scenario) -> None:
    with pytest.raises(UserError, match="at least two dismantlers"):
        lt.sharing("mm3", AXES)


def test_the_command_keeps_its_page_and_prints_one_json_document(tmp_path: Path) -> None:
    words = [f"--set={key}={number}" for key, number in QUICK.items()]
    status, out, _ = finished(
        "sharing",
        "transmission-small",
        *words,
        *("--replications", "1", "--json", "--out", "map"),
        *("--labels", "5,20", "--differences", "1", "--cracks", "1,2", "--bench-prices", "1"),
        folder=tmp_path,
    )

    assert status == 0
    assert {"gain", "best", "gain_ci_low"} <= set(json.loads(out)["cells"][0])
    assert [cell["labels"] for cell in json.loads(out)["cells"]] == [5, 20, 5, 20]
    assert (tmp_path / "map" / "sharing.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
