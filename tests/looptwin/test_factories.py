"""Runs of factories alone: figures, checks, page, network and views, without a product or a loop."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import looptwin as lt
from looptwin.checks.check import check
from looptwin.graph import graph_of
from looptwin.page.page import page
from looptwin.results import Run
from tests.looptwin.command_line import finished
from tests.looptwin.short_runs import factories, with_table

ORDERS = {"factory_1": 500, "factory_2": 200, "factory_3": 800, "factory_4": 450, "factory_5": 100}
RECORD = ("diameter_mm", "material", "tensile_mpa", "feed_mm_rev", "depth_mm", "idle_kj", "air_kj", "energy_kj")


@pytest.fixture(scope="module")
def run() -> Run:
    return factories()


def rows(run: Run, party: str) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """A factory's records: Float[parts, 8], features and energy."""
    view = run.view(party)
    return view[view.kind == "made"][[*RECORD]].to_numpy(np.float64)


def r_squared(rows: np.ndarray[tuple[int, int], np.dtype[np.float64]]) -> float:
    """Share of the variance of the logarithm of energy that the logarithms of the features explain."""
    logs = np.log(rows)
    design = np.column_stack([np.ones(len(logs)), logs[:, :-1]])
    weights, *_ = np.linalg.lstsq(design, logs[:, -1], rcond=None)
    rest = logs[:, -1] - design @ weights
    return float(1.0 - rest @ rest / np.sum((logs[:, -1] - logs[:, -1].mean()) ** 2))


def test_each_factory_has_the_records_of_its_orders(run: Run) -> None:
    assert {party: len(rows(run, party)) for party in run.parties} == ORDERS
    assert {party: int(run.kpis.loc[f"{party}.parts", "value"]) for party in run.parties} == ORDERS


def test_the_records_are_those_of_a_shop_floor(run: Run) -> None:
    """Ranges of the published case: hundreds to thousands of kJ a part, most of it without cutting."""
    pooled = np.vstack([rows(run, party) for party in run.parties])
    cutting = 1.0 - (pooled[:, 5] + pooled[:, 6]) / pooled[:, 7]

    assert set(pooled[:, 1]) == {1.0, 2.0, 3.0, 4.0}
    assert (pooled[:, 7] > pooled[:, 5] + pooled[:, 6]).all()
    assert (pooled[:, 4] <= 0.25 * pooled[:, 0] + 1e-12).all()
    assert 0.05 < np.median(cutting) < 0.4
    assert 400.0 < np.quantile(pooled[:, 7], 0.005) < np.quantile(pooled[:, 7], 0.995) < 7000.0
    assert 0.82 < r_squared(pooled) < 0.96


def test_another_product_mix_is_another_fit() -> None:
    scenario = lt.load("five-factories").override(
        {"regression": None, "parties.factory_3.mix.bushes": 0.05, "parties.factory_3.mix.fittings": 0.95}
    )
    before, after = factories(), lt.run(scenario)

    assert (rows(before, "factory_1") == rows(after, "factory_1")).all()
    assert rows(before, "factory_3")[:, 1].mean() < rows(after, "factory_3")[:, 1].mean() - 0.5
    assert abs(r_squared(rows(before, "factory_3")) - r_squared(rows(after, "factory_3"))) > 1e-4


def test_a_kept_run_of_factories_is_checked_and_shown(run: Run, tmp_path: Path) -> None:
    folder = run.save(tmp_path / "kept")
    found = {one.check: one.held for one in check(folder)}
    shown = page(run)

    assert found["made"] is True
    assert False not in found.values()
    assert "5 factories worked for 60 days: 2,050 parts were turned" in shown
    assert "Parts and energy by factory" in shown
    assert "cores" not in shown.partition("What this version simplifies")[0]


@pytest.mark.parametrize(
    ("column", "factor", "told"),
    [
        ("energy_kj", 0.5, "kJ, and the machine alone takes"),
        ("energy_kj", 1.001, "energy_kwh is kept as"),
        ("depth_mm", 40.0, "mm into a diameter of"),
    ],
)
def test_a_record_that_was_tampered_with_is_noticed(run: Run, column: str, factor: float, told: str) -> None:
    from looptwin.checks.invariants import Evidence
    from looptwin.checks.matter import wrong_factories
    from scenarios.expansion import expanded

    columns = run.replications[0].table("made").to_pydict()
    columns[column][7] *= factor
    forged = with_table(run, "made", columns)
    wrong = wrong_factories(Evidence(run.scenario, expanded(run.scenario), 0.0, forged.replications[0]))

    assert told in str(wrong)


def test_the_capacity_of_machines_is_what_their_plan_lets_them_do(run: Run) -> None:
    """One machine works 5 of 7 days for 8 hours; the mean part takes what the busy time over the parts is."""
    found = graph_of(run.scenario).capacities["factory_1.machining"]
    busy = run.kpis.loc["factory_1.machining.utilisation", "value"] * 60.0 * 40.0 / 168.0

    assert found == pytest.approx(40.0 / 168.0 / (busy / 500.0), rel=0.05)


def test_the_commands_take_a_scenario_of_factories(tmp_path: Path) -> None:
    for words in (("validate",), ("validate", "--expand"), ("network",), ("network", "--json")):
        status, told, error = finished(words[0], "five-factories", *words[1:], folder=tmp_path)
        assert (status, error) == (0, ""), words
        assert told
    status, told, _ = finished("run", "five-factories", "--set", "regression=null", "--json", folder=tmp_path)
    document = json.loads(told)

    assert status == 0
    assert document["kpis"]["factory_2.energy_per_part_kj"]["unit"] == "kJ/unit"
