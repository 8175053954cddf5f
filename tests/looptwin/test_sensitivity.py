"""Sensitivity: every assumption one at a time, under common luck, ranked by what it does to a figure."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

import looptwin as lt
from looptwin.errors import UserError
from looptwin.sensitivity import LISTED, ZERO, Sensitivity, nudges_of, rows
from scenarios.assumptions import assumptions
from tests.looptwin.command_line import finished

QUIET = {"collaboration.mode": "none", "time.horizon_days": 240, "time.warm_up_days": 30}


@pytest.fixture(scope="module")
def queue() -> Sensitivity:
    scenario = lt.load("mm3").override({"time.horizon_days": 300, "time.warm_up_days": 30})
    return lt.sensitivity(scenario, "bench.wait_mean_days", replications=6)


def sides(found: Sensitivity, key: str) -> tuple[float, float]:
    """Differences to the base at the low and at the high value of a number."""
    (one,) = [one for one in found.effects if one.nudge.key == key]
    assert one.low is not None
    assert one.high is not None
    return one.low[0], one.high[0]


def test_a_queue_waits_longer_for_longer_services_and_less_for_more_servers(queue: Sensitivity) -> None:
    for key in ("blocks.arrivals.interarrival_days.rate", "blocks.bench.service_days.mean"):
        less, more = sides(queue, key)
        assert less < 0.0 < more
    fewer, more = sides(queue, "blocks.bench.servers")
    assert more < 0.0 < fewer


def test_the_ranking_is_by_the_larger_of_both_differences(queue: Sensitivity) -> None:
    swings = [one.swing for one in queue.effects]

    assert swings == sorted(swings, reverse=True)
    assert all(
        row["swing"] == max(abs(row["at_low"]), abs(row["at_high"])) for row in rows(queue) if not row["refused"]
    )


def test_a_whole_number_moves_by_one_and_any_other_by_its_share(queue: Sensitivity) -> None:
    nudges = {one.nudge.key: one.nudge for one in queue.effects}

    assert nudges["blocks.bench.servers"][2:] == (2, 4)
    rate = nudges["blocks.arrivals.interarrival_days.rate"]
    assert (rate.low, rate.high) == pytest.approx((0.9 * rate.value, 1.1 * rate.value), rel=1e-12)


def test_every_assumption_is_varied_or_left_out_for_a_reason() -> None:
    scenario = lt.load("transmission-small").override(QUIET)
    nudges, left_out = nudges_of(scenario, 0.1)

    assert sorted([one.key for one in nudges] + [*left_out]) == sorted(assumptions(scenario))
    assert set(left_out.values()) >= {LISTED, ZERO}
    assert all(one.low < one.value < one.high for one in nudges)


def test_a_price_moves_its_own_partys_profit_by_its_share_of_what_was_paid() -> None:
    """Exact, because nobody decides by it: profit is linear in a price."""
    scenario = lt.load("transmission-small").override(QUIET)
    found = lt.sensitivity(scenario, "gearworks.profit", only="parties.gearworks", replications=1, by=0.5)
    made = found.study.runs[found.study.base].replications[0].kpis["new_units"].value
    low, high = sides(found, "parties.gearworks.cost_new")

    assert made > 0
    assert low == pytest.approx(0.5 * scenario.parties["gearworks"].cost_new * made, rel=1e-9)
    assert high == pytest.approx(-low, rel=1e-9)


def test_only_what_starts_with_a_word_is_varied_where_one_is_given() -> None:
    scenario = lt.load("mm3").override({"time.horizon_days": 60, "time.warm_up_days": 0})
    found = lt.sensitivity(scenario, "done.throughput_per_day", only="blocks.bench", replications=1)

    assert {one.nudge.key.split(".")[1] for one in found.effects} == {"bench"}
    with pytest.raises(UserError, match=r"no assumption starts with 'blocks\.benhc'"):
        lt.sensitivity(scenario, "done.throughput_per_day", only="blocks.benhc", replications=1)


def test_a_value_that_the_scenario_refuses_is_said_to_be_refused(queue: Sensitivity) -> None:
    scenario = lt.load("mm3").override({"time.horizon_days": 60, "time.warm_up_days": 0, "blocks.bench.servers": 1})
    found = lt.sensitivity(scenario, "done.throughput_per_day", replications=1)
    (servers,) = [one for one in found.effects if one.nudge.key == "blocks.bench.servers"]

    assert servers.low is None
    assert servers.high is not None
    assert "whole number" in servers.refused


def test_those_looked_at_closely_are_the_largest_of_a_first_look_and_have_intervals(tmp_path: Path) -> None:
    scenario = lt.load("mm3").override({"time.horizon_days": 300, "time.warm_up_days": 30})
    every = lt.sensitivity(scenario, "bench.wait_mean_days", replications=3)
    found = lt.sensitivity(scenario, "bench.wait_mean_days", replications=3, closely=2, out=tmp_path / "kept")

    assert found.effects[0] == every.effects[0]
    assert found.effects[1] in every.effects
    assert {one.nudge.key for one in found.effects} == {one.nudge.key for one in every.effects}
    assert all(math.isnan(one.high[1]) for one in found.effects[2:] if one.high is not None)


def test_a_share_that_is_none_is_refused() -> None:
    with pytest.raises(UserError, match="a share between 0 and 1"):
        lt.sensitivity("mm3", "bench.wait_mean_days", by=1.5)


def test_the_command_prints_one_json_document_with_the_ranking(tmp_path: Path) -> None:
    words = ["sensitivity", "mm3", "--set", "time.horizon_days=60", "--set", "time.warm_up_days=0"]
    status, out, _ = finished(*words, "--kpi", "bench.wait_mean_days", "--replications", "2", "--json", folder=tmp_path)
    found = json.loads(out)

    assert status == 0
    assert found["kpi"] == "bench.wait_mean_days"
    assert found["ranking"][0]["key"].startswith("blocks.")


def test_a_misspelt_figure_is_answered_with_the_nearest_one(tmp_path: Path) -> None:
    status, _, error = finished("sensitivity", "mm3", "--kpi", "bench.wait_mean_day", folder=tmp_path)

    assert status == 2
    assert "did you mean 'bench.wait_mean_days'?" in error
