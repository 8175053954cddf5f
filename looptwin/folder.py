"""What a run folder holds beside its replications: the run for people and for programs that know nothing of shards.

    manifest.json        what was run, and the digests of what came of it; no clock, no path, the same every time
    scenario.yaml        the scenario as it was resolved: defaults, overrides and sources written out
    kpis.csv, kpis.json  figures over all replications
    crossings.csv        what crossed a party's border, in all replications
    events.parquet       events of the first replication
    views/PARTY.parquet  what each party holds, in the first replication
    replications/        one shard each, where every table of every replication stands

The tables outside of `replications/` are second names (hard links) of files inside, so they cost no room; where the
disk knows no links they are copies. Everything is written beside and renamed, the manifest last: a folder whose
manifest has a digest is whole.
"""

from __future__ import annotations

import csv
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from looptwin.errors import FolderError, folder_error
from looptwin.kpis import kpis_of
from looptwin.replications.lock import MANIFEST, RunFolder, claim_folder, write_manifest
from looptwin.replications.replicate import run_digest
from looptwin.replications.shards import Key, Outcome, Replication, Shards
from looptwin.words.strict_json import document, strict

if TYPE_CHECKING:
    from scenarios.scenario import Scenario

KIND = "run"
SCENARIO = "scenario.yaml"
UNSTEADY = ("crossings",)
"""Tables that no digest covers: lengths of ciphertexts differ from run to run."""


def identity(scenario: Scenario, key: Key, replications: int) -> dict[str, object]:
    """Return what makes a run this run, and how many replications it has. key: of any of its replications."""
    return {
        "kind": KIND,
        "scenario": scenario.name,
        "scenario_hash": scenario.hash,
        "seed": key.seed,
        "replications": replications,
        "versions": dict(key.versions),
        "variant": key.variant,
    }


def keys(manifest: Mapping[str, Any], path: Path) -> list[Key]:
    """Return the keys of the replications that a manifest tells of. Raises FolderError when it does not say them."""
    try:
        numbers = range(int(manifest["replications"]))
        runs = [manifest] if manifest["kind"] == KIND else manifest["levels"]
        return [
            Key(
                str(run["scenario_hash"]),
                int(manifest["seed"]),
                number,
                dict(run["versions"]),
                str(manifest["variant"]),
            )
            for run in runs
            for number in numbers
        ]
    except (KeyError, TypeError, ValueError):
        raise FolderError(f"{path}: {MANIFEST} is damaged, it does not say what was run", "damaged") from None


def save(scenario: Scenario, replications: Sequence[Replication], path: Path) -> Path:
    """Write a run to a new or empty folder, or to the folder of this very run; return the folder.

    Raises FolderError when it cannot be written or holds something else.
    """
    wanted = identity(scenario, replications[0].key, len(replications))
    with claim_folder(path, wanted) as folder:
        complete(scenario, [_kept(folder.shards, replication) for replication in replications], folder)
        return folder.path


def complete(scenario: Scenario, replications: Sequence[Replication], folder: RunFolder) -> None:
    """Write what belongs beside the shards of a claimed folder, the manifest last.

    Raises FolderError when the disk is full or closed.
    """
    keep(texts(scenario, replications), replications, folder, tables(replications[0]))


def keep(
    written: Iterable[tuple[str, str]],
    replications: Sequence[Replication],
    folder: RunFolder,
    linked: Iterable[tuple[str, Path]] = (),
) -> None:
    """Write texts and second names of files into a claimed folder, then the manifest with the digests."""
    try:
        for name, text in written:
            with _beside(folder.path / name) as unfinished:
                unfinished.write_text(text, encoding="utf-8")
        for name, source in linked:
            with _beside(folder.path / name) as unfinished:
                _link(source, unfinished)
    except OSError as error:
        raise folder_error(error, folder.path) from error
    write_manifest(folder, {**folder.manifest, **digests(replications)})


def digests(replications: Sequence[Replication]) -> dict[str, Any]:
    """Return the digest of a run and of each of its tables over all replications."""
    names = sorted({name for replication in replications for name in replication.digests} - set(UNSTEADY))
    return {"digest": run_digest(replications), "tables": {name: run_digest(replications, [name]) for name in names}}


def texts(scenario: Scenario, replications: Sequence[Replication]) -> Iterator[tuple[str, str]]:
    """Yield the name and content of each text file of a run."""
    kpis = kpis_of(replications)
    yield SCENARIO, scenario.to_yaml()
    yield "kpis.json", document(kpis)
    yield (
        "kpis.csv",
        csv_of(["kpi", "value", "unit", "mean", "ci_low", "ci_high"], [{"kpi": k, **kpis[k]} for k in kpis]),
    )
    yield "crossings.csv", _crossings(replications)


def tables(first: Replication) -> Iterator[tuple[str, Path]]:
    """Yield the name of each table beside the shards, and the file of the first replication that it is."""
    assert first.shard is not None
    for name in sorted(first.digests):
        if name == "events" or name.startswith("view_"):
            beside = name if name == "events" else f"views/{name.removeprefix('view_')}"
            yield f"{beside}.parquet", first.shard / f"{name}.parquet"


def _kept(shards: Shards, replication: Replication) -> Replication:
    """The replication as a shard of a folder; one that is already there and whole stays."""
    try:
        found = shards.find(replication.key)
    except FolderError:
        found = None
    if found is not None:
        return found
    held = {name: replication.table(name) for name in replication.digests if name != "kpis"}
    with shards.workspace(replication.key) as workspace:
        return shards.keep(replication.key, Outcome(replication.kpis, held, replication.facts), workspace)


def _crossings(replications: Sequence[Replication]) -> str:
    rows: list[dict[str, Any]] = []
    for number, replication in enumerate(replications):
        of_one = {"replication": number} if len(replications) > 1 else {}
        rows += [{**row, **of_one} for row in replication.table("crossings").to_pylist()]
    names = [*replications[0].table("crossings").column_names, *(["replication"] if len(replications) > 1 else [])]
    return csv_of(names, rows)


def csv_of(names: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> str:
    """Return rows as CSV; an empty field is an undefined figure."""
    text = StringIO()
    writer = csv.DictWriter(text, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows(strict(rows))
    return text.getvalue()


@contextmanager
def _beside(path: Path) -> Iterator[Path]:
    """A name beside a file to write to; renamed to it in the end, removed when that fails."""
    path.parent.mkdir(exist_ok=True)
    unfinished = path.with_name(f".{path.name}.partial")
    unfinished.unlink(missing_ok=True)
    try:
        yield unfinished
        unfinished.replace(path)
    finally:
        # a rename onto another name of the same file does nothing, and would leave both
        unfinished.unlink(missing_ok=True)


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
