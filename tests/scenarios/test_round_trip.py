"""Laws over generated scenarios: writing and reading gives the same scenario; no text gives more than a refusal."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from scenarios.dump import quoted
from scenarios.errors import ScenarioError
from scenarios.load import load
from scenarios.marks import read, read_value
from scenarios.packaged import packaged
from scenarios.tree import plain
from tests.contracts.product import ROOT
from tests.scenarios.telling import LINE, written
from tests.strategies import Data, block_scenarios, number, write

in_one_folder = settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@in_one_folder
@given(block_scenarios())
def test_a_resolved_scenario_loads_to_an_equal_scenario(tmp_path: Path, data: Data) -> None:
    """load(dump(scenario)) == scenario, sources and hash included."""
    scenario = load(write(tmp_path, data))

    again = load(written(tmp_path, scenario.to_yaml(), "resolved.yaml"))

    assert again == scenario
    assert again.hash == scenario.hash
    assert again.resolved() == scenario.resolved()


@in_one_folder
@given(block_scenarios(), st.randoms(use_true_random=False))
def test_the_order_of_keys_changes_neither_scenario_nor_hash(tmp_path: Path, data: Data, random: st.DataObject) -> None:
    def shuffled(value: object) -> object:
        if not isinstance(value, dict):
            return [shuffled(part) for part in value] if isinstance(value, list) else value
        items = [(key, shuffled(part)) for key, part in value.items()]
        random.shuffle(items)  # type: ignore[attr-defined]  # Hypothesis's own seeded generator
        return dict(items)

    one, other = load(write(tmp_path, data)), load(write(tmp_path, shuffled(data), "shuffled.yaml"))  # type: ignore[arg-type]

    assert (one, one.hash) == (other, other.hash)


@in_one_folder
@given(block_scenarios(), number(1.0, 1000.0))
def test_an_override_and_its_removal_give_the_scenario_back(tmp_path: Path, data: Data, horizon: float) -> None:
    scenario = load(write(tmp_path, data))

    changed = scenario.override({"time": {"horizon_days": horizon + 200.0, "warm_up_days": 0}})

    assert changed != scenario or horizon + 200.0 == scenario.time.horizon_days
    assert changed.override({"time": data["time"]}) == scenario


@pytest.mark.parametrize("name", sorted(packaged()))
def test_a_packaged_scenario_survives_dump_and_load(tmp_path: Path, name: str) -> None:
    scenario = load(name)

    assert load(written(tmp_path, scenario.to_yaml())) == scenario


def test_the_hash_covers_what_a_run_depends_on_and_nothing_else(tmp_path: Path) -> None:
    scenario = load(written(tmp_path, LINE))
    with_override = load(written(tmp_path, LINE + "overrides: {x: {seed: 3}}\n"))
    with_defaults = load(written(tmp_path, LINE + "seed: 0\n"))
    commented = load(written(tmp_path, "# a comment\n" + LINE.replace("servers: 3", "servers: 3 # three")))

    assert scenario.hash == with_override.hash == with_defaults.hash == commented.hash
    assert scenario.hash != scenario.override({"blocks.bench.servers": 4}).hash
    assert scenario.hash != with_override.override("x").hash


@given(st.text(st.characters(codec="utf-8"), max_size=30))
@example("1e3")
@example("0o7")
@example("no")
@example(": - #")
@example("\x85\u2028\ufeff")
def test_text_in_quotes_is_read_as_that_text(text: str) -> None:
    assert read_value(quoted(text), "--set x").value == text


yamlish = st.text(st.sampled_from(sorted(set("abk01.:-{}[]&*!<>|'\"#%@?,~=\n\t \\\0é"))), max_size=60)


@settings(max_examples=300)
@given(yamlish | st.binary(max_size=60) | st.text(max_size=60))
def test_no_text_gives_more_than_a_tree_or_a_refusal(text: str | bytes) -> None:
    try:
        tree = read(text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass"), "f.yaml")
    except ScenarioError:
        return
    json.dumps(plain(tree))


words = st.sampled_from(
    ["blocks", "bench", "servers", "kind", "law", "to", "overrides", "time", "value", "source", "", "0"]
)
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | words
    | st.sampled_from(["station", "gamma"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words | st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)


@in_one_folder
@given(st.lists(words, min_size=1, max_size=5).map(".".join), values)
def test_no_change_gives_more_than_a_scenario_or_a_refusal(tmp_path: Path, key: str, value: object) -> None:
    scenario = load(written(tmp_path, LINE))

    try:
        changed = scenario.override({key: value})
    except ScenarioError as error:
        refusal = error
    else:
        assert changed.resolved()
        return
    assert refusal.problems
    assert all(problem.place and problem.message for problem in refusal.problems)


@in_one_folder
@given(block_scenarios(), st.data())
def test_no_damage_to_a_file_gives_more_than_a_scenario_or_a_refusal(
    tmp_path: Path, data: Data, cut: st.DataObject
) -> None:
    text = write(tmp_path, data).read_text()
    start = cut.draw(st.integers(0, len(text)))
    end = cut.draw(st.integers(start, min(len(text), start + 20)))
    path = written(tmp_path, text[:start] + cut.draw(yamlish) + text[end:], "damaged.yaml")

    with suppress(ScenarioError):
        assert load(path).resolved()


def test_a_pickled_scenario_is_read_without_pydantic_or_yaml(tmp_path: Path) -> None:
    scenario = load(written(tmp_path, LINE))
    (tmp_path / "pickled").write_bytes(pickle.dumps(scenario))
    code = (
        "import pickle, sys; scenario = pickle.load(open('pickled', 'rb')); "
        "print(scenario.hash, sorted({'pydantic', 'yaml', 'numpy'} & set(sys.modules)))"
    )

    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.split(maxsplit=1) == [scenario.hash, "[]\n"]
    assert pickle.loads(pickle.dumps(scenario)) == scenario  # noqa: S301  # our own bytes
