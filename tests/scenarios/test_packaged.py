"""Scenarios that come along, the first one of one's own, and the schema that editors read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from scenarios.errors import ScenarioError
from scenarios.expansion import expanded
from scenarios.json_schema import json_schema
from scenarios.load import load
from scenarios.packaged import packaged, packaged_file
from scenarios.template import SCHEMA_FILE, template
from sim.world import World
from tests.scenarios.telling import LINE, written


@pytest.mark.parametrize("name", sorted(packaged()))
def test_every_packaged_scenario_is_valid_and_described_in_its_first_line(name: str) -> None:
    assert load(name).name == name
    assert packaged()[name]
    assert packaged_file(name).read_text(encoding="utf-8").startswith("# ")


def test_the_template_begins_with_its_schema_and_says_how_it_is_run() -> None:
    first, second, *_ = template("mine").splitlines()

    assert first == f"# yaml-language-server: $schema=./{SCHEMA_FILE}"
    assert second.endswith("looptwin run mine.yaml")


def test_a_scenario_from_the_template_loads_and_its_world_runs(tmp_path: Path) -> None:
    scenario = load(written(tmp_path, template("mine")))
    world = World(expanded(scenario), seed=scenario.seed)
    world.run_until(60)

    assert scenario.override("busy").blocks["machines"].size == 60  # type: ignore[union-attr]
    assert world.kpis()["repair.throughput_per_day"][0] > 0


@pytest.mark.parametrize("name", ["no", "Über", "_x-1"])
def test_a_template_keeps_whatever_name_it_is_given(tmp_path: Path, name: str) -> None:
    assert load(written(tmp_path, template(name))).name == name


def test_a_file_without_permission_is_told_in_one_line(tmp_path: Path) -> None:
    path = written(tmp_path, LINE)
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("this user may read every file")

    with pytest.raises(ScenarioError, match="this file may not be read"):
        load(path)


# --- the schema ---


def definition(name: str) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = json_schema()["$defs"][name]["properties"]
    return found


def test_every_key_of_the_schema_is_documented() -> None:
    undocumented = [
        f"{name}.{key}"
        for name, schema in json_schema()["$defs"].items()
        for key, value in schema.get("properties", {}).items()
        if "description" not in value and "const" not in value
    ]

    assert not undocumented


def test_the_schema_shows_the_docstring_under_the_field() -> None:
    assert definition("Station")["queue"]["description"] == "Order among units of equal priority."
    assert definition("Station")["queue"]["default"] == "fifo"
    assert definition("Population")["from"]["description"] == "The stock that is asked for a replacement."
    assert definition("Lognormal")["source"]["description"].startswith("Where the numbers come from")


def test_the_schema_takes_what_loads_and_refuses_what_does_not() -> None:
    jsonschema = pytest.importorskip("jsonschema", reason="a second reader of JSON Schema is not installed")
    schema = json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    takes = jsonschema.Draft202012Validator(schema).is_valid
    whole = {
        "looptwin": 1,
        "name": "x",
        "time": {"horizon_days": {"value": 10, "source": "s"}},
        "blocks": {
            "a": {"kind": "source", "interarrival_days": 1, "to": {"b": 1}},
            "b": {
                "kind": "station",
                "servers": "unlimited",
                "service_days": {"law": "gamma", "mean": 1, "cv": 2},
                "to": "c",
            },
            "c": {"kind": "sink"},
        },
    }

    assert takes(whole)
    assert takes({"looptwin": 1, "extends": "mm3", "blocks": {"bench": {"servers": 4}}})
    assert takes(whole | {"overrides": {"x": {"blocks.b.servers": 3}}})
    assert not takes(whole | {"blocks": {"a": {"kind": "sorce"}}})
    assert not takes(whole | {"blocks": {"b": {"servers": 3}}})
    assert not takes(whole | {"tme": {}})
    assert not takes({"looptwin": 1, "extends": "mm3", "blocks": {"bench": {"servrs": 4}}})
    assert not takes({"looptwin": 2} | whole | {"looptwin": 2})
