"""Named overrides, `--set KEY=VALUE` and `Scenario.override`: the same YAML in small, with dotted keys."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scenarios.errors import Problem, ScenarioError
from scenarios.load import load
from scenarios.scenario import Scenario
from tests.scenarios.telling import LINE, lines, probe, problems, written

NAMED = (
    LINE
    + """\
overrides:
  fast:
    blocks.bench.service_days.mean: 0.5
    blocks: {bench: {queue: lifo}}
  wide: {blocks.bench: {servers: 9}}
"""
)


@pytest.fixture
def line(tmp_path: Path) -> Scenario:
    return load(written(tmp_path, NAMED))


def bench(scenario: Scenario) -> dict[str, Any]:
    found: dict[str, Any] = scenario.resolved()["blocks"]["bench"]
    return found


def refusal(scenario: Scenario, change: dict[str, object] | str) -> tuple[Problem, ...]:
    with pytest.raises(ScenarioError) as refused:
        scenario.override(change)
    return refused.value.problems


def test_a_named_override_holds_dotted_and_nested_keys(line: Scenario) -> None:
    fast = line.override("fast")

    assert bench(fast)["service_days"]["mean"] == 0.5
    assert bench(fast)["queue"] == "lifo"
    assert bench(line)["queue"] == "fifo"
    assert tuple(line.overrides) == ("fast", "wide")


def test_overrides_and_settings_come_one_after_another(tmp_path: Path) -> None:
    scenario = load(written(tmp_path, NAMED), overrides=["wide", "fast"], sets=["blocks.bench.servers=4", "seed=3"])

    assert (bench(scenario)["servers"], bench(scenario)["queue"], scenario.seed) == (4, "lifo", 3)


def test_an_override_gives_what_the_edited_file_would(line: Scenario, tmp_path: Path) -> None:
    edited = load(written(tmp_path, probe("servers: 3", "servers: 7", NAMED), "edited.yaml"))

    assert line.override({"blocks.bench.servers": 7}) == edited
    assert line.override({"blocks": {"bench": {"servers": 7}}}) == edited
    assert line.override({"blocks.bench.servers": np.int64(7)}) == edited
    assert line.override({"blocks.bench.servers": 7}).hash == edited.hash != line.hash


def test_a_key_that_is_not_in_the_file_is_created(line: Scenario) -> None:
    assert bench(line.override({"blocks.bench.batch": 2, "blocks.bench.calendar.hours": [(8, 12)]}))["calendar"] == {
        "hours": [[8.0, 12.0]],
        "weekdays": [1, 2, 3, 4, 5],
    }


def test_a_new_block_is_made_of_dotted_keys(tmp_path: Path) -> None:
    sets = ["blocks.scrap.kind=sink", "blocks.bench.to={done: 0.5, scrap: 0.25}"]

    assert load(written(tmp_path, LINE), sets=sets).blocks.keys() >= {"scrap", "done"}


def test_nothing_gives_a_key_its_default_again(line: Scenario) -> None:
    assert bench(line.override({"blocks.bench.servers": None}))["servers"] == 1


def test_a_single_number_of_a_law_that_is_a_default_can_be_set() -> None:
    scenario = load("transmission-small")

    changed = scenario.override({"parties.remanco.rebuild_hours.mean": 9})

    law = changed.resolved()["parties"]["remanco"]["rebuild_hours"]
    assert law == scenario.resolved()["parties"]["remanco"]["rebuild_hours"] | {"mean": 9.0}


def test_numbers_in_every_notation_of_a_setting_are_numbers(tmp_path: Path) -> None:
    path = written(tmp_path, LINE)

    assert [load(path, sets=[f"time.horizon_days={text}"]).time.horizon_days for text in ("200", "2e2", "200.0")] == [
        200.0
    ] * 3


def test_a_setting_is_told_as_it_was_typed_with_the_nearest_dotted_key(tmp_path: Path) -> None:
    sets = [
        "blocks.bench.srvers=4",
        "blocks.bnch.servers=4",
        "time.horizon=3",
        "blocks.bench.queue=lifoo",
        "blocks.done=3",
        "extends=mm3",
        "seed",
        "=3",
        "blocks..bench=3",
        "seed=[1",
        "name={a: 1, a: 2}",
    ]

    told = {one.file: str(one).removeprefix(f"{one.file}: ") for one in problems(tmp_path, LINE, sets=sets)}

    assert told["--set blocks.bench.srvers=4"].startswith("blocks.bench.srvers: no such key here; allowed: kind, to, ")
    assert told["--set blocks.bench.srvers=4"].endswith("; did you mean 'blocks.bench.servers'?")
    assert told["--set blocks.bnch.servers=4"].startswith("blocks.bnch: no such name here, and a new one needs `kind`")
    assert told["--set blocks.bnch.servers=4"].endswith("; did you mean 'blocks.bench'?")
    assert told["--set time.horizon=3"].endswith("; did you mean 'time.horizon_days'?")
    assert told["--set blocks.bench.queue=lifoo"].endswith(" is not one of fifo, lifo; did you mean 'lifo'?")
    assert told["--set blocks.done=3"].startswith("blocks.done: 3 is not a mapping with `kind`: one of source, ")
    assert told["--set extends=mm3"] == "extends: an override cannot change `extends`"
    assert told["--set seed"] == told["--set =3"] == "write --set KEY=VALUE"
    assert told["--set blocks..bench=3"] == "blocks..bench: 'blocks..bench' is no dotted key: a part of it is empty"
    assert told["--set seed=[1"].startswith("not YAML: ")
    assert told["--set name={a: 1, a: 2}"].startswith("the key 'a' stands twice in this mapping")
    assert len(told) == len(sets)


def test_a_setting_that_breaks_the_network_is_told_as_it_was_typed(tmp_path: Path) -> None:
    (told,) = problems(tmp_path, LINE, sets=["blocks.bench.to=dne"])

    assert str(told).startswith("--set blocks.bench.to=dne: blocks.bench.to: there is no block 'dne'")


def test_mistakes_of_the_file_and_of_the_settings_are_told_together(tmp_path: Path) -> None:
    told = lines(tmp_path, probe("queue: fifo", "queue: fifoo"), sets=["blocks.bench.servers=0"])

    assert [one.split(": ")[0] for one in told] == ["--set blocks.bench.servers=0", "probe.yaml:14:12"]


def test_every_named_override_is_validated_where_it_stands(tmp_path: Path) -> None:
    text = NAMED + "  worse:\n    blocks.bench.servers: 0\n  longer: {time: {warm_up_days: 200}}\n  flat: 3\n"

    assert lines(tmp_path, text) == [
        (
            "probe.yaml:29:27: blocks.bench.servers: "
            "0 is not a whole number of at least 1 or the word unlimited (override 'worse')"
        ),
        "probe.yaml:30:18: time: warm_up_days 200 leaves nothing of horizon_days 100 (override 'longer')",
        "probe.yaml:31:9: overrides.flat: 3 is not a mapping",
    ]


def test_an_unknown_override_is_told_with_the_ones_there_are(line: Scenario, tmp_path: Path) -> None:
    (told,) = refusal(line, "fsat")

    assert str(told) == "override: there is no override 'fsat'; there are fast, wide; did you mean 'fast'?"
    assert lines(tmp_path, NAMED, overrides=["wde"]) == [
        "override: there is no override 'wde'; there are fast, wide; did you mean 'wide'?"
    ]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"blocks.bench.servers": 0}, "override blocks.bench.servers: blocks.bench.servers: 0 is not a whole number"),
        ({"time.horizon_days": float("nan")}, "override time.horizon_days: time.horizon_days: nan is not finite"),
        ({"time.horizon_days": float("inf")}, "override time.horizon_days: time.horizon_days: inf is not finite"),
        ({"name": "\ud800"}, "override name: name: '\\ud800' is no number, text"),
        ({"seed": 10**400}, "override seed: seed: 1000"),
        ({"seed": object()}, "is no number, text, true or false, list or mapping"),
        ({"blocks.bench": {"servers": {1, 2}}}, "override blocks.bench: blocks.bench.servers: {1, 2} is no number"),
        ({3: 4}, "override 3: 3: a dotted key is text, got 3"),
        ({"looptwin": 2}, "override looptwin: looptwin: an override cannot change `looptwin`"),
        ({"": 2}, "'' is no dotted key"),
        ("gone", "there is no override 'gone'"),
    ],
)
def test_a_change_in_python_is_refused_at_its_key(line: Scenario, change: Any, told: str) -> None:
    (problem,) = refusal(line, change)

    assert told in str(problem)


def test_a_mapping_that_holds_itself_is_refused(line: Scenario) -> None:
    endless: dict[str, object] = {}
    endless["a"] = endless

    (problem,) = refusal(line, {"blocks": endless})

    assert "nested more than 100 levels deep" in str(problem)


def test_a_nested_decision_keeps_all_its_keys_and_so_does_a_dotted_one(tmp_path: Path) -> None:
    answers = {"reman": "north_remanco", "recycle": "north_metals", "test": "north_tester_north"}
    answers |= {"destroy": "north_tester_north_lab", "harvest": "harvesting", "hold": "yard"}
    answers |= {"dispose": "landfill", "resell": "resale"}
    grading = {"kind": "station", "service_hours": 1, "inspects": "visual"}
    decision = {"decide": "dismantler.disposition", "answers": answers}
    scenario = load("transmission-small")

    whole = scenario.override({"parties.north.blocks.grading": {**grading, "to": decision}})
    key = "parties.north.blocks.grading"
    apart = scenario.override(
        {key: grading, f"{key}.to.decide": decision["decide"], f"{key}.to.answers": decision["answers"]}
    )

    assert whole.parties["north"].blocks["grading"].to.answers == answers  # type: ignore[union-attr]
    assert apart == whole
