"""Does a run folder still hold what was run, and does that obey the laws of every run? Reads, never writes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from looptwin.checks.evidence import Evidence
from looptwin.checks.invariants import LAWS
from looptwin.errors import FolderError
from looptwin.folder import KIND, digests, tables, texts
from looptwin.reopen import read_replications, read_scenario
from looptwin.replications.lock import MANIFEST, read_manifest
from looptwin.replications.shards import Replication
from looptwin.warm_up import warm_up_days
from scenarios.expansion import expanded
from scenarios.scenario import Scenario


@dataclass(frozen=True)
class Finding:
    """One check. held: None where the run does not keep what the check reads. what: what was seen, or what is wrong."""

    check: str
    held: bool | None
    what: str


def check(path: str | Path) -> list[Finding]:
    """Return what was found in a run folder: damage first, then the laws, one finding for each unless more is wrong.

    Raises FolderError when it is no run folder, was written in another format, or its manifest cannot be read.
    """
    path = Path(path).absolute()
    manifest = read_manifest(path)
    whole, wrong = read_replications(path, manifest)
    found = [*_replications(manifest, len(whole), wrong)]
    if not wrong and "digest" in manifest:
        found.append(_digest(manifest, whole))
    if manifest["kind"] != KIND:
        return found
    try:
        scenario = read_scenario(path, manifest)
    except FolderError as error:
        return [*found, Finding("scenario", False, str(error))]
    found.append(Finding("scenario", True, "is the one of the manifest"))
    if not wrong and "digest" in manifest:
        found.append(_files(path, scenario, whole))
    return [*found, *_laws(scenario, int(manifest["seed"]), whole)]


def _replications(manifest: Mapping[str, Any], whole: int, wrong: Sequence[str]) -> Iterator[Finding]:
    count = whole + len(wrong)
    if "digest" not in manifest:
        yield Finding("finished", False, f"the run is not finished; {whole} of {count} replications are there")
    for sentence in wrong:
        yield Finding("replications", False, sentence)
    if not wrong:
        yield Finding("replications", True, f"{count} of {count} are whole, every file and every value")


def _digest(manifest: Mapping[str, Any], replications: Sequence[Replication]) -> Finding:
    found = digests(replications)
    if found["digest"] != manifest["digest"]:
        return Finding("digest", False, f"{MANIFEST} has {manifest['digest']}, the replications give {found['digest']}")
    differing = {name for name, digest in found["tables"].items() if manifest.get("tables", {}).get(name) != digest}
    if differing:
        return Finding("digest", False, f"{MANIFEST} has other digests of {', '.join(sorted(differing))}")
    return Finding("digest", True, found["digest"])


def _files(path: Path, scenario: Scenario, replications: Sequence[Replication]) -> Finding:
    """The files beside the shards say what the shards say."""
    wanted = [(name, text.encode()) for name, text in texts(scenario, replications)]
    wrong = [name for name, content in wanted if _content(path / name) != content]
    second_names = [*tables(replications[0])]
    wrong += [name for name, source in second_names if not _same(path / name, source)]
    if wrong:
        return Finding("files", False, f"{', '.join(wrong)}: missing, or not what the replications say")
    return Finding("files", True, f"{len(wanted) + len(second_names)} files beside the replications say what these say")


def _content(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


def _same(path: Path, source: Path) -> bool:
    return path.is_file() and (path.samefile(source) or path.read_bytes() == source.read_bytes())


def _laws(scenario: Scenario, seed: int, replications: Sequence[Replication]) -> Iterator[Finding]:
    """Each law over all replications; one replication's tables are in memory at a time."""
    network, began = expanded(scenario), warm_up_days(scenario, seed)
    broken: dict[str, str] = {}
    laws = [law for law in LAWS if law.of is None or any(isinstance(one, law.of) for one in scenario.parties.values())]
    for replication in replications:
        evidence = Evidence(scenario, network, began, replication)
        for law in laws:
            if law.name in broken or law.reads not in ("", *replication.digests):
                continue
            try:
                wrong = law.wrong(evidence)
            except ValueError as error:
                wrong = str(error)
            if wrong is not None:
                broken[law.name] = f"replication {replication.key.replication}: {wrong}"
    for law in laws:
        if law.name in broken:
            yield Finding(law.name, False, broken[law.name])
        elif any(law.reads in ("", *replication.digests) for replication in replications):
            yield Finding(law.name, True, law.held)
        else:
            yield Finding(law.name, None, f"cannot be told: the run keeps no table {law.reads!r}")
