"""The tables that a replication keeps: in memory, or as Parquet files written chunk by chunk, in constant memory."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from sim.arrow import arrow_table
from sim.log import Columns, Table, empty
from sim.views import EVENT_COLUMNS, event_chunks, view_chunks, view_columns
from sim.words import Words

if TYPE_CHECKING:
    from pathlib import Path

    from sim.world import World


def events(world: World, workspace: Path | None) -> Columns | list[Path]:
    """The narrow table in words; workspace: where its file goes."""
    words = Words()
    return _kept("events", _worded(event_chunks(world, words), EVENT_COLUMNS, words), EVENT_COLUMNS, workspace)


def reports(world: World, workspace: Path | None) -> dict[str, Any]:
    """All other tables of the log by name."""
    return {name: _report(table, workspace) for name, table in world.log.tables.items()}


def views(world: World, workspace: Path | None) -> dict[str, Any]:
    """What each party holds, by `view_<party>`."""
    parties = () if world.economy is None else sorted(world.economy.sections.parties)
    return {f"view_{party}": _view(world, party, workspace) for party in parties}


def write(path: Path, chunks: Iterable[Mapping[str, Any]], columns: Mapping[str, str]) -> Path:
    """Write chunks of rows to one Parquet file, a row group each; columns say what a file without rows has."""
    import pyarrow.parquet as pq

    words = [name for name, dtype in columns.items() if dtype == "U"]
    writer: Any = None
    for rows in _or_empty(chunks, columns):
        table = arrow_table(rows)
        # a dictionary pays for words; on measured numbers it is only tried and dropped, at every page
        writer = writer or pq.ParquetWriter(path, table.schema, compression="zstd", use_dictionary=words)
        writer.write_table(table)
    writer.close()
    return path


def _view(world: World, party: str, workspace: Path | None) -> Columns | list[Path]:
    columns, words = view_columns(world, party), Words()
    return _kept(f"view_{party}", _worded(view_chunks(world, party, words), columns, words), columns, workspace)


def _kept(
    name: str, chunks: Iterator[Mapping[str, Any]], columns: Mapping[str, str], workspace: Path | None
) -> Any | list[Path]:
    """Return the rows as one table in memory, or the file that they were written to."""
    if workspace is not None:
        return [write(workspace / f"{name}.parquet", chunks, columns)]
    import pyarrow as pa

    return pa.concat_tables(arrow_table(rows) for rows in _or_empty(chunks, columns)).combine_chunks()


def _worded(
    chunks: Iterator[Mapping[str, Any]], columns: Mapping[str, str], words: Words
) -> Iterator[Mapping[str, Any]]:
    """Give rows their words, by arrow, in place of the numbers of words."""
    for rows in chunks:
        yield {name: words.arrow(rows[name]) if dtype == "U" else rows[name] for name, dtype in columns.items()}


def _report(table: Table, workspace: Path | None) -> Columns | list[Path]:
    if workspace is None:
        return table.read()
    path, parts = workspace / f"{table.name}.parquet", table.close()
    if len(parts) != 1:
        # a table that was read meanwhile has several parts, one without rows has none
        return [write(path, table.chunks(), table.columns)]
    try:
        os.link(parts[0], path)
    except OSError:
        shutil.copyfile(parts[0], path)
    return [path]


def _or_empty(chunks: Iterable[Mapping[str, Any]], columns: Mapping[str, str]) -> Iterator[Mapping[str, Any]]:
    some = False
    for chunk in chunks:
        some = True
        yield chunk
    if not some:
        yield {name: empty(dtype) for name, dtype in columns.items()}
