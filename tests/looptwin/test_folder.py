"""A run folder: what stands beside the shards, that it is the same every time, and that it opens as the run it was."""

from __future__ import annotations

import csv
import errno
import json
import os
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import looptwin as lt
from looptwin.errors import FolderError
from looptwin.replications.lock import LOCK
from looptwin.words.strict_json import strict

PARTIES = (
    *("hardforge", "midforge", "softforge", "gearworks", "hire", "cabs", "vans", "tow"),
    *("north", "south", "west", "tester_north", "remanco", "metals"),
)


@pytest.fixture(scope="module")
def scenario() -> lt.Scenario:
    return lt.load("mm3").override({"time.horizon_days": 365, "time.warm_up_days": 30})


@pytest.fixture(scope="module")
def chain() -> lt.Scenario:
    """A small chain of parties for a year, in which nobody learns."""
    change: dict[str, object] = {f"parties.{fleet}.vehicles": 60 for fleet in ("hire", "cabs", "vans")}
    change |= {"time.horizon_days": 365, "time.warm_up_days": 30, "collaboration.mode": "none"}
    return lt.load("transmission-small").override(change)


@pytest.fixture(scope="module")
def kept(chain: lt.Scenario, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two replications of a chain, kept."""
    folder = tmp_path_factory.mktemp("runs") / "kept"
    lt.run(chain, replications=2, out=folder)
    return folder


@pytest.fixture
def own(kept: Path, tmp_path: Path) -> Path:
    """The same, for a test that damages it."""
    return Path(shutil.copytree(kept, tmp_path / "own"))


def test_everything_that_a_person_or_a_program_looks_for_is_there(kept: Path) -> None:
    names = {path.relative_to(kept).as_posix() for path in kept.rglob("*") if path.is_file()}

    beside = {name for name in names if not name.startswith("replications/")}
    views = {f"views/{party}.parquet" for party in PARTIES}
    assert beside == views | {
        "manifest.json",
        "scenario.yaml",
        "kpis.csv",
        "kpis.json",
        "crossings.csv",
        "events.parquet",
    }


def test_the_manifest_is_the_same_every_time_and_names_no_place_and_no_time(
    chain: lt.Scenario, kept: Path, tmp_path: Path
) -> None:
    lt.run(chain, replications=2, workers=2, out=tmp_path / "elsewhere" / "again")

    manifest = (tmp_path / "elsewhere" / "again" / "manifest.json").read_text()
    assert manifest == (kept / "manifest.json").read_text()
    assert str(tmp_path) not in manifest
    assert set(json.loads(manifest)) == {
        "format",
        "kind",
        "scenario",
        "scenario_hash",
        "seed",
        "replications",
        "versions",
        "variant",
        "digest",
        "tables",
    }


def test_the_figures_of_both_files_are_those_of_the_run(kept: Path) -> None:
    kpis = lt.open_run(kept).kpis
    told = json.loads((kept / "kpis.json").read_text())
    with (kept / "kpis.csv").open() as file:
        rows = {row["kpi"]: row for row in csv.DictReader(file)}

    assert list(told) == list(rows) == list(kpis.index)
    for name, row in kpis.iterrows():
        assert told[name]["unit"] == rows[name]["unit"] == row["unit"]
        defined = row["value"] == row["value"]
        assert told[name]["value"] == (row["value"] if defined else None)
        assert rows[name]["value"] == (repr(row["value"]) if defined else "")


def test_tables_beside_the_shards_are_those_of_the_first_replication(kept: Path) -> None:
    run = lt.open_run(kept)

    first = run.events[run.events["replication"] == 0].drop(columns="replication")
    pd.testing.assert_frame_equal(pd.read_parquet(kept / "events.parquet"), first)
    pd.testing.assert_frame_equal(pd.read_parquet(kept / "views" / "north.parquet"), run.view("north"))


def test_no_view_holds_a_column_of_the_truth(kept: Path) -> None:
    for view in (kept / "views").iterdir():
        assert not [column for column in pd.read_parquet(view).columns if column.startswith("true_")]


def test_the_kept_scenario_runs_again_to_the_same_digest(kept: Path) -> None:
    again = lt.run(lt.load(kept / "scenario.yaml"), replications=2)

    assert again.digest == json.loads((kept / "manifest.json").read_text())["digest"]


def test_a_kept_run_opens_as_the_run_it_was(chain: lt.Scenario, kept: Path) -> None:
    run, opened = lt.run(chain, replications=2), lt.open_run(kept)

    assert opened.digest == run.digest
    assert opened.folder == kept
    assert strict(opened.summary()) == strict(run.summary())
    for name in ("events", "truth", "crossings"):
        pd.testing.assert_frame_equal(getattr(opened, name), getattr(run, name))
    pd.testing.assert_frame_equal(opened.view("remanco"), run.view("remanco"))


def test_a_run_in_memory_is_saved_as_one_that_was_kept_from_the_start(
    chain: lt.Scenario, kept: Path, tmp_path: Path
) -> None:
    folder = lt.run(chain, replications=2).save(tmp_path / "saved")

    names = ("manifest.json", "scenario.yaml", "kpis.csv", "kpis.json", "crossings.csv")
    assert [(folder / name).read_bytes() for name in names] == [(kept / name).read_bytes() for name in names]
    assert lt.open_run(folder).digest == lt.open_run(kept).digest


def test_an_opened_run_can_be_saved_elsewhere_and_continued_there(
    chain: lt.Scenario, kept: Path, tmp_path: Path
) -> None:
    lt.open_run(kept).save(tmp_path / "copy")

    assert lt.run(chain, replications=3, out=tmp_path / "copy").digest == lt.run(chain, replications=3).digest


def test_a_run_may_be_saved_again_where_it_is(own: Path) -> None:
    before = (own / "manifest.json").read_bytes()
    (own / "kpis.csv").unlink()

    lt.open_run(own).save(own)

    assert (own / "kpis.csv").is_file()
    assert (own / "manifest.json").read_bytes() == before


def test_another_run_is_not_saved_over_a_kept_one(scenario: lt.Scenario, own: Path) -> None:
    with pytest.raises(FolderError, match="holds another run"):
        lt.run(scenario).save(own)


def test_nothing_unfinished_and_no_lock_is_left(kept: Path) -> None:
    assert not [path for path in kept.rglob("*") if "partial" in path.name or path.name == LOCK]


def test_where_the_disk_knows_no_links_tables_are_copies(
    scenario: lt.Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*paths: Any) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "link", refuse)
    run = lt.run(scenario, out=tmp_path)

    assert len(pd.read_parquet(tmp_path / "events.parquet")) == len(run.events)
    assert (tmp_path / "events.parquet").stat().st_nlink == 1


@pytest.mark.parametrize("failing", ["kpis.csv", "scenario.yaml", "events.parquet", "manifest.json"])
def test_a_full_disk_leaves_no_half_written_file_and_no_digest(
    scenario: lt.Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    replace = Path.replace

    def full(path: Path, target: Path) -> Path:
        if Path(target).name == failing and (failing != "manifest.json" or '"digest"' in path.read_text()):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return replace(path, target)

    with monkeypatch.context() as small_disk:
        small_disk.setattr(Path, "replace", full)
        with pytest.raises(FolderError, match="the disk is full") as refused:
            lt.run(scenario, out=tmp_path)
    assert refused.value.status == 1
    assert not [*tmp_path.rglob("*partial*")]
    with pytest.raises(FolderError, match="not finished, 1 of 1 replications are there"):
        lt.open_run(tmp_path)
    assert lt.run(scenario, out=tmp_path).digest == lt.open_run(tmp_path).digest


def _edit_manifest(folder: Path, **changes: Any) -> None:
    manifest = json.loads((folder / "manifest.json").read_text()) | changes
    kept = {key: value for key, value in manifest.items() if value is not None}
    (folder / "manifest.json").write_text(json.dumps(kept))


def _damage_a_shard(folder: Path) -> None:
    (kpis,) = folder.glob("replications/00001-*/kpis.parquet")
    kpis.write_bytes(b"?" + kpis.read_bytes()[1:])


@pytest.mark.parametrize(
    ("damage", "kind", "sentence"),
    [
        (shutil.rmtree, "missing", "not a run folder"),
        (lambda folder: (folder / "manifest.json").unlink(), "missing", "not a run folder"),
        (lambda folder: (folder / "manifest.json").write_text("{"), "damaged", "not JSON"),
        (lambda folder: _edit_manifest(folder, format=99), "other_format", "written in run format 99"),
        (lambda folder: _edit_manifest(folder, versions=None), "damaged", "does not say what was run"),
        (lambda folder: _edit_manifest(folder, kind="what-if", levels=[]), "other_run", "holds a what-if study"),
        (lambda folder: _edit_manifest(folder, digest=None), "missing", "not finished, 2 of 2 replications"),
        (lambda folder: _edit_manifest(folder, digest="0"), "damaged", "not those of the digest"),
        (lambda folder: (folder / "scenario.yaml").unlink(), "damaged", "scenario.yaml: is missing"),
        (lambda folder: (folder / "scenario.yaml").write_text("{"), "damaged", "has changed since it was written"),
        (lambda folder: shutil.copy(Path("scenarios/mm3.yaml"), folder / "scenario.yaml"), "damaged", "has changed"),
        (lambda folder: shutil.rmtree(folder / "replications"), "damaged", "2 of 2 replications are missing"),
        (_damage_a_shard, "damaged", "kpis.parquet has changed since it was written"),
    ],
)
def test_what_is_no_whole_run_is_told_in_one_sentence(own: Path, damage: Any, kind: str, sentence: str) -> None:
    damage(own)

    with pytest.raises(FolderError, match=sentence) as refused:
        lt.open_run(own)
    assert refused.value.kind == kind
    assert "\n" not in str(refused.value)
