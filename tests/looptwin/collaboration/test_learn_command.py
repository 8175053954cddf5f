"""`looptwin learn`: what is printed, what one JSON document holds, and what is written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import looptwin as lt
from tests.looptwin.collaboration import joined


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of two replications in which nobody learned, in its folder."""
    folder = tmp_path_factory.mktemp("learn") / "run"
    scenario = joined.scenario().override({"collaboration.mode": "none", "verification.enabled": False})
    lt.run(scenario, replications=2, out=folder)
    return folder


def test_a_run_is_learned_from_in_words_and_tables(typed: Any, kept: Path) -> None:
    status, out, err = typed("learn", str(kept), "--learner", "linear", "--mode", "plain")
    lines = out.splitlines()

    assert (status, err) == (0, "")
    assert lines[0] == (
        "transmission-small: linear, margin of a core as known on day 350, "
        "means over 2 replications with 95 % intervals"
    )
    heads = [line.split()[0] for line in lines if line]
    assert [head for head in heads if head in ("north", "south", "west", "federated", "pooled,")] == [
        *("north", "south", "west", "federated", "pooled,"),
        *("north", "south", "west"),
    ]
    assert "holds outcomes too, but not these features, and stays apart: remanco" in lines
    assert "releases: 1 opened sum of 66 numbers" in lines
    assert lines[-1].startswith("protection: every update is readable by whoever carries it")
    assert lines[-1].endswith("every opened sum is a release, and no differential privacy is spent on it yet")


def test_the_document_holds_what_is_pinned_and_the_details(typed: Any, kept: Path) -> None:
    status, out, _ = typed("learn", str(kept), "--mode", "threshold", "--json")
    document, learned = json.loads(out), lt.learn(lt.open_run(kept), mode="plain")
    learning = document["learning"]

    assert status == 0
    assert {name: learning[name] for name in ("alone", "federated", "pooled", "metric")} == learned.scores
    assert learning["learner"] == "logistic"
    assert learning["labels"] == {site: int(count) for site, count in learned.learned.labels.items()}
    assert learning["intervals"].keys() == {"alone", "federated", "pooled"}
    assert learning["apart"] == ["remanco"]
    assert 0.0 < learning["grid_error"] < 1e-6
    assert document["releases"] == {"sums": 8, "numbers": 8 * 67, "epsilon": None}
    assert document["crossings"]["rows"] > 50
    assert document["replications"] == 2
    (row,) = (row for row in learning["on_all"] if row["model"] == "federated" and row["figure"] == learning["metric"])
    assert row["value"] == learning["federated"]


def test_scores_models_and_tables_are_written(typed: Any, kept: Path, here: Path) -> None:
    status, out, err = typed("learn", str(kept), "--mode", "plain", "--until-day", "300", "--out", "learned", "--json")
    learned = lt.learn(lt.open_run(kept), mode="plain", until_day=300)

    assert (status, err) == (0, "kept in learned\n")
    folder = here / "learned"
    assert json.loads((folder / "learning.json").read_text()) == json.loads(out)
    models = json.loads((folder / "models.json").read_text())
    assert learned.federated is not None
    assert models["federated"] == learned.federated.tolist()
    assert models["features"][0] == "distance"
    figures = pd.read_csv(folder / "figures.csv")
    pd.testing.assert_frame_equal(figures, learned.figures, check_dtype=False)
    assert len(pd.read_csv(folder / "releases.csv")) == 8
    assert len(pd.read_csv(folder / "crossings.csv")) == len(learned.crossings)


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (["--learner", "mpl"], "learn: learner 'mpl' is not one of logistic, linear, mlp; did you mean 'mlp'?"),
        (["--mode", "clear"], "learn: mode 'clear' is not one of plain"),
        (["--until-day", "soon"], "--until-day"),
        (["--until-day", "9000"], "until_day must be above 0 and at most the run's 800 days"),
        (["--mode", "plain", "--out", "small.yaml"], "a file stands where a folder is needed"),
    ],
)
def test_a_mistake_is_told_in_one_line(typed: Any, kept: Path, words: list[str], part: str) -> None:
    status, out, err = typed("learn", str(kept), *words)

    assert (status, out) == (2, "")
    assert part in err
    assert err.count("\n") == 1


def test_a_folder_that_holds_a_run_is_not_written_over(typed: Any, kept: Path) -> None:
    before = {file.name: file.read_bytes() for file in kept.iterdir() if file.is_file()}
    status, _, err = typed("learn", str(kept), "--mode", "plain", "--out", str(kept))

    assert status == 2
    assert "holds a run, whose tables would be lost; give another folder" in err
    assert {file.name: file.read_bytes() for file in kept.iterdir() if file.is_file()} == before


def test_where_nothing_became_known_later_there_is_a_sentence_instead_of_empty_tables(typed: Any, kept: Path) -> None:
    horizon = lt.open_run(kept).scenario.time.horizon_days
    _, out, _ = typed("learn", str(kept), "--mode", "plain", "--until-day", str(horizon))

    assert "no core became known after that day, so no model can be scored" in out.splitlines()
    assert "AUC" not in out


def test_what_the_figures_leave_out_and_for_whom_they_are_is_said(typed: Any, kept: Path) -> None:
    """Of every core that a site reported, the outcome was known by the day, came later, or had not come by the end."""
    run = lt.open_run(kept)
    learned = lt.learn(run, mode="plain")
    _, out, _ = typed("learn", str(kept), "--mode", "plain")
    _, printed, _ = typed("learn", str(kept), "--mode", "plain", "--json")
    learning = json.loads(printed)["learning"]
    tables = [
        lt.dataset(run, party=site, replication=number).table
        for number in (0, 1)
        for site in ("north", "south", "west")
    ]
    pending, later = (sum(count) for count in (learning["never_known"], learning["scored_on"]))

    assert pending == sum(int(table.label.isna().sum()) for table in tables) > 0
    assert later == sum(int(((table.known_at_day > 350) & table.label.notna()).sum()) for table in tables)
    assert f"scored on: {later:,} cores of all replications, and not on {pending:,} whose outcome had not come" in out
    assert "for whom: figures of single sites are each one's own" in out
    assert learning["unsettled"] == []
    assert "training:" not in out
    assert learned.learned.unsettled == ()


def test_rounds_that_are_too_few_are_told(typed: Any, tmp_path: Path) -> None:
    weak = joined.scenario().override(
        {"collaboration.mode": "none", "verification.enabled": False, "collaboration.ridge": 1e-6}
    )
    lt.run(weak, out=tmp_path / "run")
    _, out, _ = typed("learn", str(tmp_path / "run"), "--mode", "plain", "--until-day", "200")

    assert "training: 8 rounds were too few for " in out
    assert "; raise `collaboration.rounds`" in out
