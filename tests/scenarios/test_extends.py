"""A scenario that extends another: what merges, what replaces, and which file an error names."""

from __future__ import annotations

from pathlib import Path

import pytest

from scenarios.errors import ScenarioError
from scenarios.load import load
from scenarios.scenario import Scenario
from tests.scenarios.telling import LINE, lines, written


def child(folder: Path, text: str, parent: str = LINE) -> Scenario:
    written(folder, parent, "parent.yaml")
    return load(written(folder, f"looptwin: 1\nextends: parent.yaml\n{text}", "child.yaml"))


def child_lines(folder: Path, text: str) -> list[str]:
    with pytest.raises(ScenarioError) as refusal:
        child(folder, text)
    return str(refusal.value).replace(f"{folder}/", "").splitlines()


def test_mappings_merge_and_everything_else_is_replaced(tmp_path: Path) -> None:
    marks = "marks: {grade: {values: [A, C], probabilities: [0.1, 0.9]}}"
    scenario = child(tmp_path, f"name: child\nblocks: {{bench: {{servers: 5}}, arrivals: {{{marks}}}}}\n")

    assert scenario.name == "child"
    assert scenario.blocks["bench"] == load(tmp_path / "parent.yaml", sets=["blocks.bench.servers=5"]).blocks["bench"]
    assert scenario.blocks["arrivals"].marks["grade"].values == ["A", "C"]  # type: ignore[union-attr]
    assert scenario.blocks.keys() == {"arrivals", "bench", "arrivals_lane", "done"}


def test_a_block_of_another_kind_replaces_the_whole_block(tmp_path: Path) -> None:
    scenario = child(tmp_path, "blocks: {bench: {kind: lane, hours: 3, to: arrivals_lane}}\n")

    assert scenario.resolved()["blocks"]["bench"]["kind"] == "lane"


def test_another_law_replaces_the_whole_law_and_the_same_law_is_merged(tmp_path: Path) -> None:
    other = child(tmp_path, "blocks: {bench: {service_days: {law: gamma, mean: 2, cv: 1}}}\n")
    same = child(tmp_path, "blocks: {bench: {service_days: {law: exponential, mean: 2}}}\n")
    number = child(tmp_path, "blocks: {bench: {service_days: 2}}\n")

    laws = [one.resolved()["blocks"]["bench"]["service_days"] for one in (other, same, number)]
    assert laws == [
        {"law": "gamma", "cv": 1.0, "mean": 2.0},
        {"law": "exponential", "mean": 2.0},
        {"law": "constant", "value": 2.0},
    ]


def test_nothing_removes_a_key_of_the_parent(tmp_path: Path) -> None:
    scenario = child(
        tmp_path,
        "blocks: {bench: {servers: null, service_days: {mean: null, rate: 4}}, arrivals: {marks: null}, "
        "arrivals_lane: {to: done}}\n",
    )

    bench = scenario.resolved()["blocks"]["bench"]
    assert bench["servers"] == 1
    assert bench["service_days"] == {"law": "exponential", "rate": 4.0}
    assert scenario.blocks["arrivals"].marks == {}  # type: ignore[union-attr]


def test_a_list_item_has_a_dotted_key_too(tmp_path: Path) -> None:
    scenario = child(tmp_path, "blocks: {arrivals_lane: {to: {0: {in: [B]}}}}\n")

    assert scenario.resolved()["blocks"]["arrivals_lane"]["to"][0] == {"field": "grade", "in": ["B"], "to": "bench"}


def test_a_decision_or_a_split_replaces_the_other(tmp_path: Path) -> None:
    written(tmp_path, LINE, "grand.yaml")
    written(
        tmp_path,
        "looptwin: 1\nextends: grand.yaml\nblocks: {bench: {to: {decide: x, answers: {y: done}}}}\n",
        "middle.yaml",
    )
    path = written(
        tmp_path, "looptwin: 1\nextends: middle.yaml\nblocks: {bench: {to: {done: 0.5, arrivals_lane: 0.5}}}\n"
    )

    assert load(path).resolved()["blocks"]["bench"]["to"] == {"done": 0.5, "arrivals_lane": 0.5}


def test_paths_are_relative_to_the_file_that_says_them(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    written(tmp_path, LINE, "top.yaml")
    written(tmp_path / "deep", "looptwin: 1\nextends: ../top.yaml\nseed: 5\n", "middle.yaml")
    scenario = load(written(tmp_path, "looptwin: 1\nextends: deep/middle.yaml\nname: last\n"))

    assert (scenario.name, scenario.seed, scenario.extends) == ("last", 5, None)


def test_a_packaged_scenario_can_be_extended(tmp_path: Path) -> None:
    scenario = load(written(tmp_path, "looptwin: 1\nname: mm4\nextends: mm3\nblocks: {bench: {servers: 4}}\n"))

    assert scenario.blocks["bench"].servers == 4  # type: ignore[union-attr]


def test_an_error_names_the_file_that_the_value_came_from(tmp_path: Path) -> None:
    written(tmp_path, LINE.replace("queue: fifo", "queue: fifoo"), "parent.yaml")
    path = written(tmp_path, "looptwin: 1\nextends: parent.yaml\nblocks: {bench: {servrs: 4}}\n", "child.yaml")

    with pytest.raises(ScenarioError) as refusal:
        load(path)

    assert [(Path(told.file).name, told.line, told.key) for told in refusal.value.problems] == [
        ("child.yaml", 3, "blocks.bench.servrs"),
        ("parent.yaml", 14, "blocks.bench.queue"),
    ]


def test_what_only_the_two_files_together_get_wrong_is_told_at_the_child(tmp_path: Path) -> None:
    assert child_lines(tmp_path, "blocks:\n  bench: {service_days: {rate: 2}}\n") == [
        "child.yaml:4:25: blocks.bench.service_days: give exactly one of mean, rate"
    ]


def test_a_key_that_the_child_removed_is_missed_at_the_child(tmp_path: Path) -> None:
    (line,) = child_lines(tmp_path, "blocks:\n  bench: {service_days: null}\n")

    assert line.startswith("child.yaml:4:10: blocks.bench: give exactly one of service_days, service_hours")


@pytest.mark.parametrize(
    ("extends", "told"),
    [
        ("3", "3 is not the name or path of a scenario"),
        ("[a]", "['a'] is not the name or path of a scenario"),
        ("no_such_scenario", "there is no packaged scenario 'no_such_scenario'; there are "),
        ("mm33", "did you mean 'mm3'?"),
        ("./gone.yaml", "gone.yaml: there is no such file"),
        ("./probe.yml", "probe.yml: there is no such file; did you mean "),
        ("./probe.yaml", "a scenario cannot extend itself: probe.yaml -> probe.yaml"),
        ("../", "this is a folder, not a scenario file"),
    ],
)
def test_a_parent_that_cannot_be_is_told_at_the_line_that_names_it(tmp_path: Path, extends: str, told: str) -> None:
    (line,) = lines(tmp_path, f"looptwin: 1\nname: x\nextends: {extends}\n")

    assert line.startswith("probe.yaml:3:10: extends: ")
    assert told in line


def test_a_circle_of_files_is_told_with_its_way(tmp_path: Path) -> None:
    written(tmp_path, "looptwin: 1\nextends: ./probe.yaml\n", "other.yaml")

    assert lines(tmp_path, "looptwin: 1\nextends: ./other.yaml\n") == [
        "other.yaml:2:10: extends: a scenario cannot extend itself: probe.yaml -> other.yaml -> probe.yaml"
    ]


def test_every_file_of_a_family_says_which_format_it_has(tmp_path: Path) -> None:
    written(tmp_path, LINE.replace("looptwin: 1", "looptwin: 2"), "other.yaml")

    assert lines(tmp_path, "looptwin: 1\nextends: ./other.yaml\n") == [
        "other.yaml:1:11: looptwin: this looptwin reads version 1 of the scenario format, not 2"
    ]


@pytest.mark.parametrize(
    ("argument", "told"),
    [
        ("mm", "mm: there is no packaged scenario 'mm'; there are "),
        ("", "there is no packaged scenario ''"),
        ("gone.yaml", "gone.yaml: there is no such file"),
        ("./gone", "gone: there is no such file"),
        ("a\0b.yaml", "this file cannot be read: "),
        ("./" + "x" * 3000, "this file cannot be read: "),
    ],
)
def test_an_argument_that_is_no_scenario_gets_one_clear_line(argument: str, told: str) -> None:
    with pytest.raises(ScenarioError) as refusal:
        load(argument)

    assert len(refusal.value.problems) == 1
    assert told in str(refusal.value)


def test_a_file_that_was_given_like_a_name_is_pointed_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(tmp_path, LINE, "mine")
    monkeypatch.chdir(tmp_path)

    with pytest.raises(ScenarioError, match=r"for a file, write \./mine"):
        load("mine")
