"""One replication on disk: Parquet tables named by what they were computed from, digested by what they say.

A shard is a folder `00007-<id>`. The id is a hash of everything that decides the numbers (`Key`), so a sweep that was
killed finds what it had finished and nothing else. It appears by one rename: a shard is whole or absent. Two digests
guard it: of the files' bytes, checked before Parquet parses them, and of the tables' values, which alone is the run's
identity, as bytes differ between versions of Parquet where values do not.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from looptwin.errors import FolderError, folder_error, is_disk_trouble
from looptwin.replications.digest import value_digest
from sim.arrow import Columns, arrow_table

FORMAT = 1
"""The version of the run folder's layout; a folder of another version is refused."""

SIDECAR = "shard.json"
PARTIAL = ".partial"

TableLike: TypeAlias = Any | Columns | Sequence[Path]
"""An arrow table, columns by name, or the Parquet parts that a job wrote into its workspace."""


class Kpi(NamedTuple):
    """One figure of one replication; an undefined one is nan."""

    value: float
    unit: str


@dataclass(frozen=True)
class Key:
    """Everything that decides the numbers of one replication.

    scenario: hash of the resolved scenario. versions: of the product and of what computes. variant: whatever else
    shapes the numbers and is in no scenario, such as the name of a decision function.
    """

    scenario: str
    seed: int
    replication: int
    versions: Mapping[str, str]
    variant: str = ""

    @cached_property
    def id(self) -> str:
        """The content address, 20 hexadecimal digits."""
        return _hash(_canonical({**self.fields(), "format": FORMAT}).encode(), size=10)

    @property
    def name(self) -> str:
        """The shard's folder name; sorts by replication."""
        return f"{self.replication:05d}-{self.id}"

    def fields(self) -> dict[str, Any]:
        """The key as JSON can hold it."""
        return {
            "scenario": self.scenario,
            "seed": self.seed,
            "replication": self.replication,
            "versions": dict(self.versions),
            "variant": self.variant,
        }


@dataclass(frozen=True)
class Outcome:
    """What a job gives for one replication. `facts` is anything that JSON can hold; no table may be named `kpis`."""

    kpis: Mapping[str, Kpi]
    tables: Mapping[str, TableLike] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Replication:
    """A finished replication: its KPIs and facts at hand, its tables in memory or in its shard."""

    key: Key
    kpis: Mapping[str, Kpi]
    facts: Mapping[str, Any]
    digests: Mapping[str, str]
    shard: Path | None = None
    tables: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def table(self, name: str) -> Any:
        """The arrow table of this name, verified when it comes from disk.

        Raises KeyError on an unknown name and FolderError on a damaged shard.
        """
        if self.shard is None:
            return self.tables[name]
        return _read_table(self.shard, name, _read_sidecar(self.shard)["tables"][name])


def in_memory(key: Key, outcome: Outcome) -> Replication:
    """The finished replication of a run without a folder."""
    outcome = _plain(outcome)
    tables = {name: _as_arrow(name, table) for name, table in _all_tables(outcome).items()}
    digests = {name: value_digest(table.schema, table.to_batches()) for name, table in tables.items()}
    return Replication(key, outcome.kpis, outcome.facts, digests, tables=tables)


@dataclass(frozen=True)
class Shards:
    """The shards of one run folder. Whoever writes holds the folder's lock."""

    root: Path

    @contextmanager
    def workspace(self, key: Key) -> Iterator[Path]:
        """A folder of its own for the shard being made, on the same disk; removed unless it was kept.

        Raises FolderError when the disk is full or closed, also when the caller's own writing met that.
        """
        place = self.root / f"{PARTIAL}-{os.getpid()}-{key.name}"
        try:
            shutil.rmtree(place, ignore_errors=True)
            place.mkdir(parents=True)
        except OSError as error:
            raise folder_error(error, self.root) from error
        try:
            yield place
        except OSError as error:
            if is_disk_trouble(error):
                raise folder_error(error, self.root) from error
            raise
        finally:
            shutil.rmtree(place, ignore_errors=True)

    def keep(self, key: Key, outcome: Outcome, workspace: Path) -> Replication:
        """Write an outcome and make it a shard by one rename; what stood under its name is replaced."""
        outcome = _plain(outcome)
        tables = {name: _record(workspace, name, table) for name, table in _all_tables(outcome).items()}
        _write_sidecar(workspace, {"format": FORMAT, "key": key.fields(), "tables": tables, "facts": outcome.facts})
        target = self.root / key.name
        self.discard(key)
        workspace.rename(target)
        digests = {name: table["digest"] for name, table in tables.items()}
        return Replication(key, outcome.kpis, outcome.facts, digests, shard=target)

    def find(self, key: Key, *, values: bool = False) -> Replication | None:
        """The shard of this key with every file verified, or None when there is none.

        With `values` the tables are read too and their values digested again. Raises FolderError of kind `damaged`
        that names the shard and what is wrong with it.
        """
        place = self.root / key.name
        if not place.exists():
            return None
        sidecar = _read_sidecar(place)
        if sidecar["key"] != key.fields():
            raise _damaged(place, "it was computed from something else")
        for name, table in sidecar["tables"].items():
            _check_files(place, table)
            if values:
                _check_values(place, name, table)
        digests = {name: table["digest"] for name, table in sidecar["tables"].items()}
        found = Replication(key, {}, sidecar["facts"], digests, shard=place)
        return replace(found, kpis=_kpis(found.table("kpis")))

    def has(self, key: Key) -> bool:
        """Whether a shard stands under this key's name, damaged or not."""
        return (self.root / key.name).exists()

    def discard(self, key: Key) -> None:
        """Remove the shard of this key, if any."""
        if self.has(key):
            shutil.rmtree(self.root / key.name)

    def sweep_up(self) -> None:
        """Remove what killed workers left unfinished."""
        for place in self.root.glob(f"{PARTIAL}-*"):
            shutil.rmtree(place, ignore_errors=True)


def _all_tables(outcome: Outcome) -> dict[str, TableLike]:
    if "kpis" in outcome.tables:
        raise ValueError("a table may not be named 'kpis': that is the table of the outcome's own figures")
    for name in outcome.tables:
        if not re.fullmatch(r"\w[\w.-]*", name):
            raise ValueError(f"a table's name becomes a file's name and must be a plain word, got {name!r}")
    return {"kpis": _kpi_columns(outcome.kpis), **outcome.tables}


def _plain(outcome: Outcome) -> Outcome:
    """The outcome as it would come back from disk, so that a run with a folder and one without agree."""
    kpis = {name: Kpi(float(value), unit) for name, (value, unit) in outcome.kpis.items()}
    return replace(outcome, kpis=kpis, facts=json.loads(_canonical(outcome.facts)))


def _kpi_columns(kpis: Mapping[str, Kpi]) -> Columns:
    import numpy as np

    return {
        "kpi": np.array(list(kpis), dtype=object),
        "value": np.array([figure.value for figure in kpis.values()], dtype=np.float64),
        "unit": np.array([figure.unit for figure in kpis.values()], dtype=object),
    }


def _as_arrow(name: str, table: TableLike) -> Any:
    if isinstance(table, Mapping):
        return arrow_table(table)
    if isinstance(table, Sequence):
        raise TypeError(f"table '{name}' is given as files, but a run without a folder has no place for them")
    return table


def _kpis(table: Any) -> dict[str, Kpi]:
    names, values, units = (table[column].to_pylist() for column in ("kpi", "value", "unit"))
    return {name: Kpi(value, unit) for name, value, unit in zip(names, values, units, strict=True)}


def _record(workspace: Path, name: str, table: TableLike) -> dict[str, Any]:
    """What the sidecar says of a table; writes the table unless the job has."""
    if isinstance(table, Sequence):
        parts = list(table)
        if not parts or any(part.parent != workspace for part in parts):
            raise ValueError(f"table '{name}' must be given as one or more files in its own workspace")
        schema, batches, rows = _stream(parts)
    else:
        arrow = _as_arrow(name, table)
        parts = [_write_table(workspace / f"{name}.parquet", arrow)]
        schema, batches, rows = arrow.schema, arrow.to_batches(), arrow.num_rows
    files = {part.name: _file_digest(part) for part in parts}
    return {"files": files, "rows": rows, "digest": value_digest(schema, batches)}


def _write_table(path: Path, table: Any) -> Path:
    import pyarrow as pa
    import pyarrow.parquet as pq

    # A dictionary pays for words; on measured numbers it is only tried and dropped, at every page.
    words = [column.name for column in table.schema if pa.types.is_large_string(column.type)]
    pq.write_table(table, path, compression="zstd", use_dictionary=words)
    return path


def _stream(parts: Sequence[Path]) -> tuple[Any, Iterable[Any], int]:
    """The schema of the first part, the batches of all, one in memory at a time, and the number of rows."""
    import pyarrow.parquet as pq

    files = [pq.ParquetFile(part) for part in parts]
    rows = sum(file.metadata.num_rows for file in files)
    return files[0].schema_arrow, (batch for file in files for batch in file.iter_batches()), rows


def _read_table(place: Path, name: str, record: Mapping[str, Any]) -> Any:
    import pyarrow as pa

    _check_files(place, record)
    schema, batches, _ = _stream([place / file for file in record["files"]])
    table = pa.Table.from_batches(batches, schema=schema)
    if value_digest(table.schema, table.to_batches()) != record["digest"]:
        raise _damaged(place, f"the values of table '{name}' are not the ones that were written")
    return table


def _check_values(place: Path, name: str, record: Mapping[str, Any]) -> None:
    schema, batches, _ = _stream([place / file for file in record["files"]])
    if value_digest(schema, batches) != record["digest"]:
        raise _damaged(place, f"the values of table '{name}' are not the ones that were written")


def _check_files(place: Path, record: Mapping[str, Any]) -> None:
    for name, digest in record["files"].items():
        if not (place / name).is_file():
            raise _damaged(place, f"{name} is missing")
        if _file_digest(place / name) != digest:
            raise _damaged(place, f"{name} has changed since it was written")


def _write_sidecar(workspace: Path, sidecar: Mapping[str, Any]) -> None:
    body = _canonical(sidecar)
    sealed = {"seal": _hash(body.encode()), **json.loads(body)}
    (workspace / SIDECAR).write_text(json.dumps(sealed, indent=1) + "\n", encoding="utf-8")


def _read_sidecar(place: Path) -> dict[str, Any]:
    try:
        sidecar = json.loads((place / SIDECAR).read_bytes())
        seal = sidecar.pop("seal")
    except FileNotFoundError:
        raise _damaged(place, f"{SIDECAR} is missing") from None
    except (ValueError, KeyError, AttributeError, TypeError):
        raise _damaged(place, f"{SIDECAR} cannot be read") from None
    if _hash(_canonical(sidecar).encode()) != seal:
        raise _damaged(place, f"{SIDECAR} has changed since it was written")
    return dict(sidecar)


def _damaged(place: Path, what: str) -> FolderError:
    return FolderError(f"{place}: {what}", "damaged")


def _canonical(value: Mapping[str, Any]) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


def _file_digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).hexdigest()


def _hash(data: bytes, size: int = 16) -> str:
    return hashlib.blake2b(data, digest_size=size).hexdigest()
