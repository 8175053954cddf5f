"""Numbers with their sources: where they may stand, how they are changed, and how assumptions are counted."""

from __future__ import annotations

from pathlib import Path

import pytest

from scenarios.assumptions import assumptions, count
from scenarios.load import load
from scenarios.scenario import Scenario
from tests.scenarios.telling import HEAD, written

SOURCED = (
    HEAD
    + """\
blocks:
  a: {kind: source, interarrival_days: {value: 2, source: counted}, to: {b: {value: 0.75, source: guessed}, c: 0.25}}
  b: {kind: lane, days: {law: lognormal, mean: {value: 3, source: carrier}, cv: 0.5}, to: c}
  c: {kind: lane, days: {law: uniform, low: 1, high: 2, source: survey}, to: d}
  d: {kind: sink}
"""
)


@pytest.fixture
def scenario(tmp_path: Path) -> Scenario:
    return load(written(tmp_path, SOURCED))


def test_a_number_with_its_source_is_the_number_and_its_source_is_kept(scenario: Scenario) -> None:
    assert scenario.sources == {
        "blocks.a.interarrival_days": "counted",
        "blocks.a.to.b": "guessed",
        "blocks.b.days.mean": "carrier",
    }
    assert scenario.blocks["a"].to == {"b": 0.75, "c": 0.25}  # type: ignore[union-attr]


def test_assumptions_are_the_numbers_without_a_source_defaults_included(scenario: Scenario) -> None:
    assert assumptions(scenario) == (
        "blocks.a.to.c",
        "blocks.b.days.cv",
        "blocks.b.lot",
        "blocks.c.lot",
    )
    # the sourced ones: the time between arrivals, one probability, one mean, and both ends of the survey's law
    assert count(scenario) == (4, 9)


def test_seed_time_and_overrides_are_no_assumptions(tmp_path: Path) -> None:
    text = SOURCED + "seed: 9\noverrides: {x: {blocks.b.lot: 3}}\n"

    assert count(load(written(tmp_path, text))) == (4, 9)


def test_setting_the_plain_key_replaces_the_number_and_drops_its_source(scenario: Scenario) -> None:
    changed = scenario.override({"blocks.b.days.mean": 4})

    assert changed.blocks["b"].days.mean == 4.0  # type: ignore[union-attr]
    assert "blocks.b.days.mean" not in changed.sources


def test_setting_the_value_keeps_the_source(scenario: Scenario) -> None:
    changed = scenario.override({"blocks.b.days.mean.value": 4})

    assert changed.blocks["b"].days.mean == 4.0  # type: ignore[union-attr]
    assert changed.sources["blocks.b.days.mean"] == "carrier"


def test_a_plain_number_can_be_given_a_value_or_a_source(scenario: Scenario) -> None:
    changed = scenario.override({"blocks.b.days.cv.source": "measured", "blocks.a.to.c.value": 0.25})

    assert changed.blocks["b"].days.cv == 0.5  # type: ignore[union-attr]
    assert changed.sources["blocks.b.days.cv"] == "measured"
    assert "blocks.a.to.c" not in changed.sources


def test_removing_the_source_leaves_an_assumption(scenario: Scenario) -> None:
    changed = scenario.override({"blocks.b.days.mean.source": None})

    assert "blocks.b.days.mean" in assumptions(changed)


def test_a_law_can_replace_a_number_with_its_source_and_the_other_way_round(scenario: Scenario) -> None:
    law = scenario.override({"blocks.a.interarrival_days": {"law": "exponential", "mean": 2}})
    number = law.override({"blocks.a.interarrival_days": {"value": 5, "source": "counted again"}})

    assert "blocks.a.interarrival_days" not in law.sources
    assert number.sources["blocks.a.interarrival_days"] == "counted again"
    assert number.resolved()["blocks"]["a"]["interarrival_days"] == {"value": 5.0, "source": "counted again"}


def test_blocks_that_happen_to_be_called_value_and_source_are_blocks(tmp_path: Path) -> None:
    arrivals = "a: {kind: source, interarrival_days: 1, to: {value: 0.5, source: 0.5}}"
    text = f"{HEAD}blocks: {{{arrivals}, value: {{kind: sink}}, source: {{kind: sink}}}}\n"

    assert load(written(tmp_path, text)).sources == {}


def test_days_of_the_week_are_names_and_hours_are_numbers(tmp_path: Path) -> None:
    text = SOURCED.replace(
        "  d: {kind: sink}",
        "  d: {kind: station, service_days: {law: constant, value: 1, source: counted}, to: e,"
        " calendar: {hours: [[8, 12]], weekdays: [1, 2, 5]}}\n  e: {kind: sink}",
    )
    found = assumptions(load(written(tmp_path, text)))

    assert [key for key in found if "calendar" in key] == ["blocks.d.calendar.hours.0.0", "blocks.d.calendar.hours.0.1"]
