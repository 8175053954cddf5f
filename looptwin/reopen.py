"""A run that was kept in a folder, back as the value that it was."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from looptwin.errors import FolderError
from looptwin.folder import KIND, SCENARIO, keys
from looptwin.replications.lock import MANIFEST, read_manifest
from looptwin.replications.shards import Replication, Shards
from looptwin.replications.versions import VERSION
from looptwin.results import Run
from scenarios.errors import ScenarioError
from scenarios.load import load
from scenarios.scenario import Scenario


def open_run(path: str | Path) -> Run:
    """Return the run that a folder holds; nothing is simulated.

    Raises FolderError: of kind `missing` for no run folder or an unfinished one, `other_run` for another kind of
    folder, `other_format` for one of another version, `damaged` when what is there is not what was written.
    """
    path = Path(path).absolute()
    manifest = read_manifest(path)
    wanted = keys(manifest, path)
    if manifest["kind"] != KIND:
        raise FolderError(f"{path}: holds a {manifest['kind']} study, not one run", "other_run")
    shards = Shards(path / "replications")
    if "digest" not in manifest:
        done = sum(shards.has(key) for key in wanted)
        raise FolderError(
            f"{path}: this run is not finished, {done} of {len(wanted)} replications are there; "
            "the command that began it continues it",
            "missing",
        )
    scenario = read_scenario(path, manifest)
    found = [shards.find(key) for key in wanted]
    whole = [replication for replication in found if replication is not None]
    if len(whole) < len(wanted):
        raise FolderError(f"{path}: {len(wanted) - len(whole)} of {len(wanted)} replications are missing", "damaged")
    run = Run(scenario, int(manifest["seed"]), tuple(whole), folder=path)
    if run.digest != manifest["digest"]:
        raise FolderError(f"{path}: the replications are not those of the digest in {MANIFEST}", "damaged")
    return run


def read_scenario(path: Path, manifest: Mapping[str, Any]) -> Scenario:
    """Return the resolved scenario of a run folder. Raises FolderError when it is not the one that was run."""
    file = path / SCENARIO
    try:
        scenario = load(file)
    except ScenarioError as error:
        if not file.exists():
            raise FolderError(f"{file}: is missing", "damaged") from None
        raise FolderError(f"{file}: has changed since it was written: {error.problems[0]}", "damaged") from error
    if scenario.hash == manifest["scenario_hash"]:
        return scenario
    writer = manifest["versions"].get("looptwin")
    if writer != VERSION:
        raise FolderError(
            f"{path}: written by looptwin {writer}, whose scenarios this one reads otherwise", "other_format"
        )
    raise FolderError(f"{file}: has changed since it was written", "damaged")


def read_replications(path: Path, manifest: Mapping[str, Any]) -> tuple[list[Replication], list[str]]:
    """Return the replications that are whole, every value read again, and a sentence for each that is not."""
    whole: list[Replication] = []
    wrong: list[str] = []
    shards = Shards(path / "replications")
    for key in keys(manifest, path):
        try:
            found = shards.find(key, values=True)
        except FolderError as error:
            wrong.append(str(error))
            continue
        if found is None:
            wrong.append(f"replication {key.replication} is missing")
        else:
            whole.append(found)
    return whole, wrong
