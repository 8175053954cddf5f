"""Whoever checks, runs or compares a scenario is told which of its days never come."""

from __future__ import annotations

import json
from pathlib import Path

import looptwin as lt
from looptwin.page.page import story
from looptwin.words.run import told
from tests.looptwin.command_line import finished

SHORT = ("--set", "time.horizon_days=120", "--set", "collaboration.mode=none")
LOOKS_AWAY = "reporting.west_looks_away.from_day: day 730 never comes, the run ends on day 120 (time.horizon_days)"
ROAD = "disruptions.west_road_closed.from_day: day 440 never comes, the run ends on day 120 (time.horizon_days)"


def test_a_run_says_it_in_its_text_on_its_page_and_in_its_json() -> None:
    change = {"collaboration.mode": "none", "time.horizon_days": 120}
    run = lt.run(lt.load("transmission-fraud").override(change), events=False)

    assert LOOKS_AWAY in told(run).splitlines()
    assert f"{LOOKS_AWAY}." in story(run)
    assert {"key": "reporting.west_looks_away.from_day", "day": 730.0} in run.summary()["unreached"]
    assert "unreached" not in lt.run(lt.load("mm3").override({"time.horizon_days": 600})).summary()


def test_a_disruption_that_never_came_is_told_once_and_not_as_one_that_came() -> None:
    change = {"collaboration.mode": "none", "time.horizon_days": 120}
    run = lt.run(lt.load("transmission-disrupted").override(change), events=False)

    assert [line for line in told(run).splitlines() if "west_road_closed" in line] == [
        "disruption: west_road_closed (transport stop of vans_west, day 440 to 455, which never came)"
    ]
    assert "None of 13 disruptions came; the table of disruptions lists them." in story(run)
    assert len(run.summary()["unreached"]) == 13


def test_validate_and_whatif_say_it(tmp_path: Path) -> None:
    status, out, _ = finished("validate", "transmission-disrupted", *SHORT, folder=tmp_path)
    assert (status, ROAD in out.splitlines()) == (0, True)

    words = ("whatif", "transmission-disrupted", "returns.probability=0.8", *SHORT, "--replications", "1")
    status, out, _ = finished(*words, folder=tmp_path)
    assert (status, ROAD in out.splitlines()) == (0, True)

    status, out, _ = finished(*words, "--json", folder=tmp_path)
    assert len(json.loads(out)["unreached"]) == 13
