"""Parties, lanes and product agree, and what is spelt twice is the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from scenarios.agreements import DECISIONS, OBSERVED
from scenarios.load import load
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
            "3:24: parties.hire.duty: the product has no duty 'taxy'; it has motorway_hire, taxi, parcel_van, tow; did",
        ),
        (
            "parties: {nort: {role: dismantlr}}",
            "3:24: parties.nort.role: 'dismantlr' is not one of supplier, oem, fleet, ",
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
        (
            "policies: {disposition: {A: {reman: 0.5, resel: 0.5}}}",
            "3:42: policies.disposition.A.resel: no such key here; allowed: reman, test, destroy, harvest, recycle, ",
        ),
        (
            "product: {components: {gear: {mass_share: 1, materials: {stel: 1}}}}",
            "product.components.gear.materials.stel: no such key here; allowed: steel, aluminium, copper, ",
        ),
        (
            "policies: {release: {rule: pull, reorder_point: 3, order_up_to: 6}}",
            "3:49: policies.release.reorder_point: no core would ever be pulled: new units are ordered as soon as the ",
        ),
        ("policies: {serviceable: {rule: base_stok}}", "3:32: policies.serviceable.rule: 'base_stok' is not "),
    ],
)
def test_what_parties_say_of_each_other_is_checked_at_its_place(tmp_path: Path, text: str, told: str) -> None:
    found = lines(tmp_path, f"{CHILD}{text}\n")

    assert any(told in line for line in found), found
    assert all(line.startswith("probe.yaml:3:") for line in found), found


def test_a_supplier_needs_an_oem_to_deliver_to(tmp_path: Path) -> None:
    found = lines(tmp_path, f"{CHILD}parties: {{gearworks: null}}\n")

    told = "a supplier delivers to an oem, and the scenario has none"
    assert [line.rpartition("yaml:")[2].partition(": ")[2] for line in found] == [
        f"parties.{name}: {told}" for name in ("hardforge", "midforge", "softforge")
    ]


def test_a_lane_for_retired_vehicles_needs_a_fleet_that_retires_some(tmp_path: Path) -> None:
    lane = "lanes: {wrecks: {from: cabs, to: south, carries: retired, days: 40}}\n"
    path = tmp_path / "wrecks.yaml"
    path.write_text(CHILD + lane, encoding="utf-8")
    (line,) = lines(tmp_path, f"{CHILD}parties: {{cabs: {{vehicle_life_years: null}}}}\n{lane}")

    assert "wrecks" in load(path).lanes
    told = "cabs retires no vehicles: `carries: retired` is for a fleet with `vehicle_life_years`"
    assert line == f"probe.yaml:4:50: lanes.wrecks.carries: {told}"


@pytest.mark.parametrize(
    ("life", "told"),
    [
        ("duty: taxi, replace_at_days: 9", "`repair` and `replace_at_days` are for lives of a law"),
        ("life_days: {law: lognormal, mean: 9, cv: 1}, repair: minimal", "exponential or weibull"),
        ("life_days: {law: exponential, mean: 9}, repair: minimal, initial_age: mixed", "give replace_at_days"),
    ],
)
def test_a_way_of_ageing_that_a_place_cannot_have_is_refused(tmp_path: Path, life: str, told: str) -> None:
    mill = f"mill: {{kind: population, size: 2, replacement: new, to: gone, {life}}}"
    (line,) = lines(
        tmp_path, f"looptwin: 1\nname: x\nblocks: {{{mill}, gone: {{kind: sink}}}}\ntime: {{horizon_days: 9}}\n"
    )

    assert told in line
    assert line.startswith("probe.yaml:3:")
