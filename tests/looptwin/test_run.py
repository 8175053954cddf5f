"""`lt.run`: the same run whatever carries it out, and one sentence for what cannot be run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import looptwin as lt
from looptwin.errors import FolderError, UserError

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def scenario() -> lt.Scenario:
    """Three servers and one queue for a year."""
    return lt.load("mm3").override({"time.horizon_days": 365, "time.warm_up_days": 30})


@pytest.fixture(scope="module")
def chain() -> lt.Scenario:
    """A small chain of parties for a year, in which nobody learns."""
    change: dict[str, object] = {f"parties.{fleet}.vehicles": 60 for fleet in ("hire", "cabs", "vans")}
    change |= {"time.horizon_days": 365, "time.warm_up_days": 30, "collaboration.mode": "none"}
    return lt.load("transmission-small").override(change)


def python(script: str, folder: Path, *arguments: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    """Start an interpreter on a user's own code."""
    words = [sys.executable, *([script] if script else []), *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        words, cwd=folder, env=environment, input=stdin, capture_output=True, text=True, check=False, timeout=60
    )


def test_the_public_names_are_the_pinned_ones() -> None:
    pinned = {"load", "run", "Run", "open_run", "dataset", "learn", "whatif", "Study", "Verifier", "Scenario"}

    assert pinned | {"ScenarioError", "Dataset", "Learning", "sensitivity", "sharing"} == set(lt.__all__)
    assert all(getattr(lt, name).__name__ == name for name in lt.__all__)
    assert set(lt.__all__) <= set(dir(lt))


def test_a_public_function_stays_one_when_its_module_is_imported_first() -> None:
    """`looptwin.run` is a module too, and importing it must not put it in the function's place."""
    code = "import looptwin.whatif, looptwin.run, looptwin as lt; print(lt.run, lt.whatif)"

    done = python("", ROOT, "-c", code)

    assert done.stdout.count("<function ") == 2


def test_an_unknown_public_name_names_the_known_ones() -> None:
    with pytest.raises(AttributeError, match=r"no attribute 'rum'; it has: .*run"):
        lt.rum  # noqa: B018 - the access is what is tested


def test_the_same_seed_gives_the_same_run_and_another_seed_another(scenario: lt.Scenario) -> None:
    assert lt.run(scenario, seed=7).digest == lt.run(scenario, seed=7).digest
    assert lt.run(scenario, seed=7).digest != lt.run(scenario, seed=8).digest


def test_the_seed_of_the_scenario_is_the_default(scenario: lt.Scenario) -> None:
    assert lt.run(scenario.override({"seed": 5})).seed == 5


def test_replications_are_averaged_and_the_first_is_the_run_of_one(scenario: lt.Scenario) -> None:
    one, four = lt.run(scenario), lt.run(scenario, replications=4)

    assert list(one.kpis.columns) == ["value", "unit"]
    assert list(four.kpis.columns) == ["value", "unit", "mean", "ci_low", "ci_high"]
    assert (four.kpis["value"].dropna() == four.kpis["mean"].dropna()).all()
    first = four.events[four.events["replication"] == 0].drop(columns="replication").reset_index(drop=True)
    pd.testing.assert_frame_equal(first, one.events)


def test_workers_and_folders_change_nothing(scenario: lt.Scenario, tmp_path: Path) -> None:
    here = lt.run(scenario, replications=3)
    there = lt.run(scenario, replications=3, workers=2, out=tmp_path / "kept")

    assert there.digest == here.digest
    pd.testing.assert_frame_equal(there.kpis, here.kpis)
    pd.testing.assert_frame_equal(there.events, here.events)


def test_more_replications_continue_a_kept_run(
    scenario: lt.Scenario, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lt.run(scenario, replications=2, out=tmp_path)
    capsys.readouterr()

    longer = lt.run(scenario, replications=4, out=tmp_path)

    assert capsys.readouterr().err == "4 replications: 2 computed, 2 kept from before\n"
    assert longer.digest == lt.run(scenario, replications=4).digest
    assert lt.open_run(tmp_path).digest == longer.digest


def test_another_run_is_refused_by_a_folder_that_holds_one(scenario: lt.Scenario, tmp_path: Path) -> None:
    lt.run(scenario, out=tmp_path)

    with pytest.raises(FolderError, match="seed: 0 there, 1 asked") as refused:
        lt.run(scenario, seed=1, out=tmp_path)
    assert refused.value.kind == "other_run"


def test_counters_alone_give_the_same_figures_and_no_events(scenario: lt.Scenario) -> None:
    full, counted = lt.run(scenario), lt.run(scenario, events=False)

    pd.testing.assert_frame_equal(counted.kpis, full.kpis)
    with pytest.raises(KeyError, match="no table 'events'"):
        _ = counted.events


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"replications": 0}, "replications must be a whole number of at least 1, got 0"),
        ({"replications": 2.5}, "replications must be a whole number of at least 1, got 2.5"),
        ({"replications": True}, "replications must be a whole number of at least 1, got True"),
        ({"workers": 0}, "workers must be a whole number of at least 1, got 0"),
        ({"seed": -1}, "seed must be a whole number of at least 0, got -1"),
        ({"decide": {"dismantler.dispositon": str}}, "no decision named 'dismantler.dispositon'"),
        ({"decide": {"dismantler.disposition": str}}, "has no parties that handle cores, so nobody decides"),
    ],
)
def test_what_cannot_be_run_is_refused_in_one_sentence(
    scenario: lt.Scenario, options: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(UserError, match=sentence):
        lt.run(scenario, **options)


def recycle_all(view: object) -> str:
    return "recycle"


def test_a_callable_decides_in_the_place_of_the_rule(chain: lt.Scenario) -> None:
    recycled = lt.run(
        chain.override({"policies.disposition.explore": 0.0}), decide={"dismantler.disposition": recycle_all}
    )

    answers = recycled.table("decisions")
    assert set(answers[answers["decision"] == "dismantler.disposition"]["answer"]) == {"recycle"}
    assert recycled.kpis.loc["remanufactured", "value"] == 0.0


def keeper(limit: float) -> Any:
    """Make a rule with a limit of its own, as a user writes it in a notebook."""

    def decide(view: Any) -> str:
        return "reman" if view["distance"] < limit else "recycle"

    return decide


def test_a_changed_callable_is_another_run(chain: lt.Scenario, tmp_path: Path) -> None:
    """Otherwise a folder would give back the figures of the rule as it was before it was edited."""
    lt.run(chain, decide={"dismantler.disposition": keeper(100.0)}, out=tmp_path)

    same = lt.run(chain, decide={"dismantler.disposition": keeper(100.0)}, out=tmp_path)
    assert same.digest == lt.open_run(tmp_path).digest
    with pytest.raises(FolderError, match="variant"):
        lt.run(chain, decide={"dismantler.disposition": keeper(200.0)}, out=tmp_path)


SCRIPT = """
import looptwin as lt
scenario = lt.load("mm3").override({"time.horizon_days": 600})
print(lt.run(scenario, replications=3, workers=2).digest)
"""


@pytest.fixture(scope="module")
def digest_of_the_script() -> str:
    scenario = lt.load("mm3").override({"time.horizon_days": 600})
    return lt.run(scenario, replications=3).digest


def test_a_script_needs_no_main_guard(tmp_path: Path, digest_of_the_script: str) -> None:
    (tmp_path / "mine.py").write_text(SCRIPT)

    done = python("mine.py", tmp_path)

    assert (done.returncode, done.stdout) == (0, f"{digest_of_the_script}\n"), done.stderr


def test_a_script_on_standard_input_may_use_workers(tmp_path: Path, digest_of_the_script: str) -> None:
    done = python("-", tmp_path, stdin=SCRIPT)

    assert (done.returncode, done.stdout) == (0, f"{digest_of_the_script}\n"), done.stderr


def test_a_users_own_sim_beside_the_notebook_is_named(tmp_path: Path) -> None:
    (tmp_path / "sim.py").write_text("print('the stranger ran')\n")

    done = python("-", tmp_path, stdin=SCRIPT)

    assert done.returncode == 1
    assert done.stdout == ""
    assert str(tmp_path / "sim.py") in done.stderr.splitlines()[-1]


def test_a_run_without_collaboration_leaves_learners_and_pandas_alone(tmp_path: Path) -> None:
    code = SCRIPT + "import json, sys; print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))"

    done = python("-", tmp_path, stdin=code)

    loaded = set(json.loads(done.stdout.splitlines()[-1]))
    assert not loaded & {"jax", "tenseal", "equinox", "pandas"}
