"""`check`: whole folders pass, every kind of damage and every broken law is found, and named where it is."""

from __future__ import annotations

import json
import math
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import looptwin as lt
from looptwin.checks.check import Finding, check
from looptwin.checks.histories import Histories, breach, histories
from looptwin.checks.recount import figures, units
from looptwin.errors import FolderError
from looptwin.replications.shards import Outcome, Replication, Shards, arrow_table
from sim.views import event_columns
from sim.world import World
from tests.sim.generated import networks
from tests.sim.networks import Network

HORIZON = 12.0


@pytest.fixture(scope="module")
def chain() -> lt.Scenario:
    """A small chain of parties for a year, in which nobody learns."""
    change: dict[str, object] = {f"parties.{fleet}.vehicles": 60 for fleet in ("hire", "cabs", "vans")}
    change |= {"time.horizon_days": 365, "time.warm_up_days": 30, "collaboration.mode": "none"}
    return lt.load("transmission-small").override(change)


@pytest.fixture(scope="module")
def run(chain: lt.Scenario) -> lt.Run:
    return lt.run(chain)


@pytest.fixture(scope="module")
def kept(run: lt.Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return run.save(tmp_path_factory.mktemp("runs") / "kept")


@pytest.fixture
def own(kept: Path, tmp_path: Path) -> Path:
    """The same, for a test that damages it."""
    return Path(shutil.copytree(kept, tmp_path / "own"))


def broken(path: Path) -> dict[str, str]:
    return {finding.check: finding.what for finding in check(path) if finding.held is False}


def test_a_run_as_it_was_made_passes_every_check(kept: Path) -> None:
    found = check(kept)

    assert [finding.check for finding in found] == [
        "replications",
        "digest",
        "scenario",
        "files",
        "histories",
        "units",
        "money",
        "parts",
        "material",
        "energy",
        "hidden",
        "crossings",
    ]
    assert [finding for finding in found if not finding.held] == []


def test_a_run_of_counters_says_what_cannot_be_told(chain: lt.Scenario, tmp_path: Path) -> None:
    lt.run(chain, events=False, out=tmp_path)

    held = {finding.check: finding.held for finding in check(tmp_path)}
    untold = {"histories", "units", "money", "parts", "material", "energy"}
    assert {name for name, one in held.items() if one is None} == untold
    assert {name for name, one in held.items() if one is False} == set()


def test_an_unfinished_run_is_told_with_what_is_there(chain: lt.Scenario, own: Path) -> None:
    manifest = json.loads((own / "manifest.json").read_text())
    del manifest["digest"]
    (own / "manifest.json").write_text(json.dumps(manifest | {"replications": 3}))

    found = check(own)

    assert found[0] == Finding("finished", False, "the run is not finished; 1 of 3 replications are there")
    assert [finding.what for finding in found[1:3]] == ["replication 1 is missing", "replication 2 is missing"]


@pytest.mark.parametrize(
    ("damage", "failing"),
    [
        (lambda folder: _spoil(next(folder.glob("replications/*/events.parquet"))), "replications"),
        (lambda folder: _spoil(next(folder.glob("replications/*/shard.json"))), "replications"),
        (lambda folder: next(folder.glob("replications/*/kpis.parquet")).unlink(), "replications"),
        (lambda folder: _edit(folder / "manifest.json", "digest", "0" * 64), "digest"),
        (lambda folder: _edit(folder / "manifest.json", "tables", {}), "digest"),
        (lambda folder: _spoil(folder / "scenario.yaml"), "scenario"),
        (lambda folder: _spoil(folder / "kpis.csv"), "files"),
        (lambda folder: _spoil(folder / "kpis.json"), "files"),
        (lambda folder: (folder / "crossings.csv").unlink(), "files"),
        (lambda folder: _spoil(folder / "events.parquet"), "files"),
        (lambda folder: (folder / "views" / "north.parquet").unlink(), "files"),
    ],
)
def test_damage_is_found_and_named(own: Path, damage: Callable[[Path], None], failing: str) -> None:
    damage(own)

    assert list(broken(own)) == [failing]


def _spoil(path: Path) -> None:
    # copytree follows hard links apart, so only this file changes
    data = path.read_bytes()
    place = len(data) // 2
    path.write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])


def _edit(path: Path, key: str, value: object) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()) | {key: value}))


def test_what_is_no_run_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FolderError, match="not a run folder"):
        check(tmp_path)


def resaved(run: lt.Run, folder: Path, **tables: Any) -> Path:
    """Keep a run as if it had made these tables: digests and files fit, only laws can tell."""
    (replication,) = run.replications
    held = {name: replication.table(name) for name in replication.digests if name != "kpis"}
    (folder / "forged").mkdir(parents=True)
    shards = Shards(folder / "forged")
    with shards.workspace(replication.key) as workspace:
        outcome = Outcome(replication.kpis, held | tables, replication.facts)
        forged: Replication = shards.keep(replication.key, outcome, workspace)
    return replace(run, replications=(forged,)).save(folder / "run")


def _columns(run: lt.Run, table: str) -> dict[str, Any]:
    frame = run.table(table)
    return {name: frame[name].to_numpy() for name in frame}


def test_a_payment_that_was_changed_breaks_the_law_of_money(run: lt.Run, tmp_path: Path) -> None:
    payments = _columns(run, "payments")
    payments["amount"] = payments["amount"].copy()
    payments["amount"][-1] += 0.01

    assert list(broken(resaved(run, tmp_path, payments=payments))) == ["money"]


def test_a_payment_of_nobody_breaks_the_law_of_money(run: lt.Run, tmp_path: Path) -> None:
    payments = _columns(run, "payments")
    payments["payer"] = payments["payer"].copy()
    payments["payer"][5] = "nobody"

    assert broken(resaved(run, tmp_path, payments=payments)) == {"money": "replication 0: payments of nobody: nobody"}


def test_a_part_from_an_empty_shelf_breaks_the_law_of_parts(run: lt.Run, tmp_path: Path) -> None:
    parts = _columns(run, "parts")
    row = int(np.flatnonzero(parts["from"] == "supplier")[0])
    parts["from"] = parts["from"].copy()
    parts["from"][row] = "shelf"

    assert broken(resaved(run, tmp_path, parts=parts))["parts"].endswith("from shelf to unit: the shelf is empty")


@pytest.mark.parametrize(
    ("to", "told"), [("unit", "the unit has 2 of it then"), ("shelf", "the unit has"), ("moon", "no such way")]
)
def test_a_part_that_goes_where_it_cannot_breaks_the_law_of_parts(
    run: lt.Run, tmp_path: Path, to: str, told: str
) -> None:
    parts = {name: values[[0, 1]] for name, values in _columns(run, "parts").items()}
    parts |= {"part": np.array(["clutch", "clutch"], dtype=object), "unit": np.array([1, 1])}
    parts |= {"from": np.array(["supplier", "supplier"], dtype=object), "to": np.array(["unit", to], dtype=object)}
    if to != "unit":
        parts["from"] = np.array(["unit", "unit"], dtype=object)
        parts["to"] = np.array(["scrap", to], dtype=object)

    assert told in broken(resaved(run, tmp_path, parts=parts))["parts"]


def test_a_kg_more_than_came_in_breaks_the_law_of_material(run: lt.Run, tmp_path: Path) -> None:
    material = _columns(run, "material")
    material["steel_kg"] = material["steel_kg"].copy()
    material["steel_kg"][3] += 1.0

    assert list(broken(resaved(run, tmp_path, material=material))) == ["material"]


def test_steel_that_is_told_as_waste_breaks_the_law_of_material(run: lt.Run, tmp_path: Path) -> None:
    material = _columns(run, "material")
    steel, residue = material["steel_kg"].copy(), material["residue_kg"].copy()
    steel[-1], residue[-1] = 0.0, residue[-1] + steel[-1]

    found = broken(resaved(run, tmp_path, material=material | {"steel_kg": steel, "residue_kg": residue}))

    assert found["material"].startswith("replication 0: recovered_steel_kg is kept as ")


def test_material_that_is_sold_for_more_than_was_paid_breaks_its_law(run: lt.Run, tmp_path: Path) -> None:
    material = _columns(run, "material")
    material["revenue"] = material["revenue"] * 1.01

    assert "material was sold for " in broken(resaved(run, tmp_path, material=material))["material"]


def test_a_part_that_was_bought_and_is_not_told_breaks_the_law_of_parts(run: lt.Run, tmp_path: Path) -> None:
    parts = _columns(run, "parts")
    row = int(np.flatnonzero(parts["from"] == "supplier")[-1])

    found = broken(resaved(run, tmp_path, parts={name: np.delete(held, row) for name, held in parts.items()}))

    assert found["parts"].startswith("replication 0: parts_new is kept as ")


@pytest.mark.parametrize(("factor", "told"), [(1.5, "energy_kwh is kept as "), (0.01, " kJ, and the machine alone ")])
def test_a_job_with_another_energy_breaks_the_law_of_energy(
    run: lt.Run, tmp_path: Path, factor: float, told: str
) -> None:
    energy = _columns(run, "energy")
    energy["energy_kj"] = energy["energy_kj"].copy()
    energy["energy_kj"][-1] *= factor

    found = broken(resaved(run, tmp_path, energy=energy))

    assert list(found) == ["energy"]
    assert told in found["energy"]


def test_an_event_that_is_missing_breaks_a_law(run: lt.Run, tmp_path: Path) -> None:
    events = _columns(run, "events")
    row = int(np.flatnonzero(events["event"] == "started")[50])
    without = {name: np.delete(values, row) for name, values in events.items()}

    assert "histories" in broken(resaved(run, tmp_path, events=without))


def test_a_hidden_column_in_a_view_is_found(run: lt.Run, tmp_path: Path) -> None:
    shown = _columns(run, "view_north") | {"true_gear": np.zeros(len(run.view("north")))}

    found = broken(resaved(run, tmp_path, view_north=shown))

    assert found == {"hidden": "replication 0: the table 'view_north' shows true_gear"}


def test_a_crossing_without_a_length_is_found(run: lt.Run, tmp_path: Path) -> None:
    words = ("sender", "receiver", "purpose", "clear_or_cipher", "readable_by", "content")
    crossing = {
        "day": np.array([1.0]),
        **{word: np.array([word], dtype=object) for word in words},
        "bytes": np.array([0]),
    }

    assert list(broken(resaved(run, tmp_path, crossings=crossing))) == ["crossings"]


def worlds(network: Network, seed: int, began: float) -> World:
    try:
        world = World(network, seed=seed)
    except ValueError:
        assume(False)
    world.run_until(began)
    world.count_from_now()
    world.run_until(HORIZON)
    return world


def told_by(world: World, **changed: Any) -> Histories:
    return histories(arrow_table(event_columns(world) | changed), world.network)


@settings(max_examples=60)
@given(network=networks(), seed=st.integers(0, 5), began=st.sampled_from([0.0, 2.5, 4.0]))
def test_whatever_blocks_write_is_legal_and_adds_up_to_what_they_counted(
    network: Network, seed: int, began: float
) -> None:
    world = worlds(network, seed, began)
    told, kpis = told_by(world), world.kpis()

    assert breach(told) is None
    for name, figure in figures(told, began, HORIZON).items():
        kept = kpis[name][0]
        assert math.isclose(figure, kept, rel_tol=1e-9, abs_tol=1e-9) or (math.isnan(figure) and math.isnan(kept)), name
    counted = units(told)
    assert (counted.made, counted.gone) == (world.created, world.gone)
    assert counted.inside == len(list(world.residents()))


@settings(max_examples=60)
@given(network=networks(), seed=st.integers(0, 5), data=st.data())
def test_a_row_that_is_taken_away_is_missed(network: Network, seed: int, data: st.DataObject) -> None:
    """All but an interruption, which moves nothing, and a last wait for room, which nothing follows."""
    world = worlds(network, seed, 0.0)
    columns = event_columns(world)
    rows = np.flatnonzero(~np.isin(columns["event"], ["demanded", "interrupted", "blocked"]))
    assume(len(rows) > 0)
    row = int(data.draw(st.sampled_from(list(rows))))
    told = told_by(world, **{name: np.delete(values, row) for name, values in columns.items()})

    assert breach(told) is not None or dict(_differing(told, world))


def _differing(told: Histories, world: World) -> Iterator[tuple[str, float]]:
    kpis = world.kpis()
    for name, figure in figures(told, 0.0, HORIZON).items():
        if not (math.isclose(figure, kpis[name][0], rel_tol=1e-9, abs_tol=1e-9) or math.isnan(figure + kpis[name][0])):
            yield name, figure


def test_a_word_that_no_block_has_is_named(run: lt.Run, tmp_path: Path) -> None:
    events = _columns(run, "events")
    events["block"] = events["block"].copy()
    events["block"][3] = "elsewhere"

    found = broken(resaved(run, tmp_path, events=events))

    assert "'elsewhere'" in found["histories"]
