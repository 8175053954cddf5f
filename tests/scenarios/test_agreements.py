"""Parties, lanes and product agree, and what is spelt twice is the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from scenarios.agreements import DECISIONS, OBSERVED
from sim.parties.decisions import NAMES
from sim.parties.inspections import TABLES
from tests.scenarios.telling import lines

CHILD = "looptwin: 1\nextends: transmission-small\n"


def test_the_fields_and_decisions_known_at_the_door_are_those_of_the_world() -> None:
    assert OBSERVED.keys() == {column for columns in TABLES.values() for column in columns}
    assert set(DECISIONS) == set(NAMES)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "parties: {hire: {duty: taxy}}",
            "3:24: parties.hire.duty: the product has no duty 'taxy'; it has motorway_hire, taxi, parcel_van; did you",
        ),
        (
            "parties: {nort: {role: dismantlr}}",
            "3:24: parties.nort.role: 'dismantlr' is not one of oem, fleet, dismantler, ",
        ),
        ("parties: {north: {crws: 3}}", "3:19: parties.north.crws: no such key here; allowed: "),
        ("lanes: {hire_north: {to: nroth}}", "3:26: lanes.hire_north.to: there is no party 'nroth'; there are "),
        (
            "lanes: {hire_north: {to: metals}}",
            "lanes.hire_north: a lane to nowhere: a fleet sends nothing to a recycler",
        ),
        (
            "parties: {remanco: {blocks: {wash: {kind: station, service_hours: 1, to: inspct}}}}",
            "3:74: parties.remanco.blocks.wash.to: there is no block 'inspct'; there are teardown, wash, inspect, ",
        ),
        (
            "parties: {remanco: {blocks: {wash: {kind: station, service_hours: 1, to: {inspect: 0.5}}}}}",
            "3:74: parties.remanco.blocks.wash.to: the probabilities must sum to 1, these sum to 0.5",
        ),
        ("policies: {serviceable: {rule: base_stok}}", "3:32: policies.serviceable.rule: 'base_stok' is not "),
    ],
)
def test_what_parties_say_of_each_other_is_checked_at_its_place(tmp_path: Path, text: str, told: str) -> None:
    found = lines(tmp_path, f"{CHILD}{text}\n")

    assert any(told in line for line in found), found
    assert all(line.startswith("probe.yaml:3:") for line in found), found
