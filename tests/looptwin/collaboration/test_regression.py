"""The five-factory study as a run: its document, its text, its folder, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import looptwin as lt
from looptwin.checks.check import check
from looptwin.collaboration.regress import largest_difference
from looptwin.explain import explain
from looptwin.words.figure_names import of_model
from scenarios.errors import ScenarioError
from scenarios.load import load


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> lt.Run:
    """The packaged scenario, kept in a folder."""
    return lt.run("five-factories", out=tmp_path_factory.mktemp("runs") / "study")


@pytest.fixture(scope="module")
def found(run: lt.Run) -> dict[str, Any]:
    document: dict[str, Any] = run.summary()["regression"]
    return document


def test_the_command_prints_one_document_with_every_model_plain_encrypted_and_by_factory(
    run: lt.Run, typed: Any
) -> None:
    status, out, _ = typed("run", "five-factories", "--json")
    document = json.loads(out)

    assert status == 0
    assert document["digest"] == run.digest
    found = document["regression"]
    assert len(found["models"]) == 10
    assert set(found["plain"]) == set(found["encrypted"]) == set(found["models"])
    assert {len(fitted) for fitted in found["factories"].values()} == {10}
    assert found["encrypted"]["DTM 0"]["r2"] == pytest.approx(0.861, abs=0.01)
    assert found["largest_difference"] < 1e-6
    assert document["crossings"]["bytes"] > 0


def test_encrypted_metrics_are_those_of_rows_in_one_place_to_a_millionth(found: dict[str, Any]) -> None:
    for model, metrics in found["plain"].items():
        assert found["encrypted"][model] == pytest.approx(metrics, rel=1e-6)


def test_the_text_compares_federated_pooled_and_the_best_alone_in_the_order_of_the_scenario(typed: Any) -> None:
    _, out, _ = typed("run", "five-factories", "--set", "collaboration.protection=plain")
    lines = out.splitlines()
    first = next(at for at, line in enumerate(lines) if line.startswith("LR "))

    assert [line.split("  ")[0].strip() for line in lines[first : first + 10]][1:4] == [
        "TM-P -0.5",
        "TM-P 0",
        "TM-P 0.5",
    ]
    assert "DTM 0: the federation explains 86.1 % of the variance over all parts." in lines
    assert "Known to factory_2 alone: 'material' does not vary, so it has no weight." in lines
    criteria = lines[lines.index("From the opened sums") + 1 :]
    assert criteria[0].split("  ")[-1].strip() == "BIC"
    assert criteria[9].split() == ["DTM", "0", "0.8606", "1,808", "-1,687", "-1,642"]
    assert any(line.startswith("factory_5 ") and "0.65" in line for line in lines)
    assert "protection: every update is readable by whoever carries it" in out


def test_the_text_sets_the_fixture_apart_from_what_the_world_made_and_tells_no_loop(typed: Any) -> None:
    _, of_fixture, _ = typed("run", "five-factories", "--set", "collaboration.protection=plain")
    _, of_records, _ = typed(
        "run", "five-factories", "--set", "collaboration.protection=plain", "--set", "regression.data=stations"
    )

    assert of_fixture.index("These rows are a fixture") < of_fixture.index("factory_1.profit")
    assert "These rows are a fixture" not in of_records
    assert "Security: the code that seals" in of_fixture
    assert "Threshold: every party is taken to encrypt as agreed" in of_fixture
    assert "torn down" not in of_fixture


def test_a_kept_run_holds_what_it_says_and_comes_back_the_same(run: lt.Run, found: dict[str, Any]) -> None:
    assert run.folder is not None
    again = lt.open_run(run.folder)

    assert again.summary()["regression"] == found
    assert again.digest == run.digest
    assert not [one for one in check(run.folder) if one.held is False]


def test_every_figure_is_explained_by_sums_of_squares(run: lt.Run, found: dict[str, Any]) -> None:
    told = explain(run, "regression.dtm_0.r2")

    assert told.formula == "1.0 - rss / tss"
    assert {part.name: part.mean.mean for part in told.parts} == {
        name: found["encrypted"]["DTM 0"][name] for name in ("rss", "tss")
    }


@pytest.mark.parametrize("figure", ["r2", "r2_adjusted", "f"])
def test_every_figure_is_the_metric_of_the_document(run: lt.Run, found: dict[str, Any], figure: str) -> None:
    for model, metrics in found["encrypted"].items():
        assert run.kpis.value[of_model(model, figure)] == pytest.approx(metrics[figure], rel=1e-9)


def test_residuals_are_kept_by_party_and_add_up_to_what_the_sums_say(run: lt.Run, found: dict[str, Any]) -> None:
    rows = run.table("residuals")
    squares = (rows.residual**2).groupby(rows.model).sum()

    assert rows.groupby("party").size().to_dict() == {
        party: 10 * rows_of["LR"]["rows"] for party, rows_of in found["factories"].items()
    }
    for model, metrics in found["plain"].items():
        assert squares[model] == pytest.approx(metrics["rss"], rel=1e-6)


def test_the_protection_changes_neither_figures_nor_digest_and_another_seed_does(run: lt.Run) -> None:
    plain = lt.run(load("five-factories").override({"collaboration.protection": "plain"}))
    other = lt.run(load("five-factories").override({"collaboration.protection": "plain"}), seed=1)

    assert plain.digest == run.digest
    assert other.digest != run.digest


def test_replications_draw_other_parts_and_give_intervals() -> None:
    done = lt.run(load("five-factories").override({"collaboration.protection": "plain"}), replications=3)

    kpi = done.kpis.loc["regression.dtm_0.r2"]
    assert kpi.ci_low < kpi.value < kpi.ci_high


def test_with_replications_the_text_tells_the_mean_r2_of_every_model_with_its_interval(typed: Any) -> None:
    _, out, _ = typed("run", "five-factories", "--set", "collaboration.protection=plain", "--replications", "3")
    lines = out.splitlines()
    first = next(at for at, line in enumerate(lines) if line.startswith("R2, federated"))

    assert [line.split("  ")[0] for line in lines[first + 1 : first + 11]] == [
        *("LR", "TM-P -0.5", "TM-P 0", "TM-P 0.5", "TM-T -0.5", "TM-T 0", "TM-T 0.5", "DTM -0.5", "DTM 0", "DTM 0.5")
    ]
    assert all(" to " in line for line in lines[first + 1 : first + 11])


def test_a_what_if_asks_for_a_figure_of_the_study(typed: Any) -> None:
    plain = ("--set", "collaboration.protection=plain", "--replications", "2")
    changed = ("whatif", "five-factories", "regression.ridge=0,1000")
    status, out, _ = typed(*changed, "--kpi", "regression.dtm_0.r2", *plain)
    refused, _, said = typed(*changed, "--kpi", "regression.dtm_1.r2", *plain)

    assert status == 0
    assert "regression.dtm_0.r2" in out
    assert refused == 2
    assert "did you mean 'regression.dtm_0.r2'?" in said


def test_fewer_features_explain_less(run: lt.Run) -> None:
    fewer = {"regression.features": ["diameter_mm", "feed_mm_rev"], "collaboration.protection": "plain"}
    done = lt.run(load("five-factories").override(fewer))

    for model in ("lr", "dtm_0"):
        name = f"regression.{model}.r2"
        assert done.kpis.value[name] < run.kpis.value[name]


def test_the_largest_difference_is_relative_and_leaves_out_what_is_not_defined() -> None:
    from learning.regression.config import Regression
    from learning.regression.fixture import fixture
    from learning.regression.study import study

    found = study(fixture(), Regression(models=["DTM"], lambdas=[0.0]), protect="plain")

    assert 0.0 < largest_difference(found) < 1e-6


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        ("regression.features", ["diameter_mm", "dept_mm"], "no column 'dept_mm'; it has .* did you mean 'depth_mm'?"),
        ("regression.target", "energy", "no column 'energy'; it has .* did you mean 'energy_kj'?"),
        ("regression.features", ["depth_mm", "depth_mm"], "features names something twice"),
        ("regression.target", "depth_mm", "the target 'depth_mm' is one of the features"),
        ("regression.models", ["OLS"], "'OLS' is not one of LR, TM-P, TM-T, DTM"),
        ("regression.lambdas", [3.0], "2"),
    ],
)
def test_a_mistake_is_told_at_its_place(key: str, value: object, told: str) -> None:
    with pytest.raises(ScenarioError, match=told) as refused:
        load("five-factories").override({key: value})
    assert len(refused.value.problems) == 1


@pytest.mark.parametrize("mode", ["outsourced", "prediction"])
def test_modes_on_encrypted_rows_say_how_near_the_plaintext_they_come(mode: str) -> None:
    few = {"regression.mode": mode, "regression.models": ["LR", "DTM"], "regression.lambdas": [0.0]}
    run = lt.run(load("five-factories").override(few))
    found = run.summary()["regression"]

    assert 0.0 < found["largest_weight_difference"] <= 1e-4
    assert found["encrypted"]["DTM 0"]["r2"] == pytest.approx(found["plain"]["DTM 0"]["r2"], abs=1e-6)
    assert (found["predictions"] is None) == (mode == "outsourced")
    if mode == "prediction":
        assert found["predictions"]["parts"] == 2050
        assert found["predictions"]["r2"] == pytest.approx(found["plain"]["DTM 0"]["r2"], abs=1e-4)
    assert "the cloud" in run.facts["statement"]


def test_learning_by_turns_under_encryption_ends_where_rows_in_one_place_do(found: dict[str, Any]) -> None:
    sealed = found["by_turns"]["encrypted"]

    assert sealed["states"] == 5
    assert sealed["weight_difference"] < 1e-6
    assert "mean and precision travel encrypted" in sealed["statement"]


def test_a_table_of_a_run_never_holds_a_row_of_a_factory(run: lt.Run) -> None:
    """Residuals and fitted energies of the common model are each party's own; features are in no table."""
    assert run.folder is not None
    kept = sorted(path.name for path in Path(run.folder).rglob("*.parquet"))

    assert "residuals.parquet" in kept
    assert set(run.table("residuals").columns) == {"party", "model", "fitted", "residual", "score"}
