"""Shards: their address, their digest over values, and what a damaged one does."""

from __future__ import annotations

import errno
import hashlib
import json
import math
import os
import struct
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from looptwin.errors import FolderError
from looptwin.replications.digest import value_digest
from looptwin.replications.shards import SIDECAR, Key, Kpi, Outcome, Replication, Shards, in_memory
from sim.arrow import arrow_table

KEY = Key("a-scenario", 7, 3, {"looptwin": "1", "numpy": "2"})
EVENTS = {
    "day": np.array([0.5, 1.25, 3.0]),
    "unit": np.array([1, 2, 3]),
    "kind": np.array(["failed", "arrived", "failed"], dtype=object),
    "late": np.array([True, False, True]),
}
OUTCOME = Outcome({"profit": Kpi(12.5, "EUR"), "fill_rate": Kpi(math.nan, "1")}, {"events": EVENTS}, {"day": 10})


def digest(table: Any) -> str:
    return value_digest(table.schema, table.to_batches())


def keep(shards: Shards, key: Key = KEY, outcome: Outcome = OUTCOME) -> Replication:
    with shards.workspace(key) as workspace:
        return shards.keep(key, outcome, workspace)


@pytest.fixture
def shards(tmp_path: Path) -> Shards:
    return Shards(tmp_path / "replications")


@pytest.mark.parametrize(
    "other",
    [
        replace(KEY, scenario="another"),
        replace(KEY, seed=8),
        replace(KEY, replication=4),
        replace(KEY, versions={"looptwin": "1", "numpy": "3"}),
        replace(KEY, variant="my_policy"),
    ],
)
def test_everything_that_decides_the_numbers_changes_the_address(other: Key) -> None:
    assert other.id != KEY.id


def test_the_order_in_which_versions_are_named_does_not_change_the_address() -> None:
    assert replace(KEY, versions={"numpy": "2", "looptwin": "1"}).id == KEY.id


def test_names_of_shards_sort_by_replication() -> None:
    names = [replace(KEY, replication=number).name for number in (2, 10, 1000)]
    assert names == sorted(names)


def test_a_digest_is_the_same_in_every_process() -> None:
    """Literal values, nothing computed: a release that changes what a digest covers needs another run format."""
    assert digest(arrow_table(EVENTS)) == "efc8ef80bea72972e44cc0f557ad99fa"


@pytest.mark.parametrize(
    "other",
    [
        {**EVENTS, "day": np.array([0.5, 1.25, np.nextafter(3.0, 4)])},
        {**EVENTS, "unit": np.array([1, 3, 2])},
        {**EVENTS, "kind": np.array(["faileda", "rrived", "failed"], dtype=object)},
        {**EVENTS, "kind": np.array([None, "arrived", "failed"], dtype=object)},
        {**EVENTS, "late": np.array([1, 0, 1])},
        {**EVENTS, "unit": np.array([1.0, 2.0, 3.0])},
        dict(reversed(EVENTS.items())),
        {("when" if name == "day" else name): column for name, column in EVENTS.items()},
        {name: column[:2] for name, column in EVENTS.items()},
        {name: column for name, column in EVENTS.items() if name != "late"},
    ],
    ids=["bit", "order", "word border", "gap", "kind", "whole", "column order", "column name", "rows", "columns"],
)
def test_whatever_a_table_says_differently_changes_its_digest(other: dict[str, Any]) -> None:
    assert digest(arrow_table(other)) != digest(arrow_table(EVENTS))


def test_an_empty_word_and_a_missing_one_differ() -> None:
    empty, missing = (arrow_table({"kind": np.array([word, "x"], dtype=object)}) for word in ("", None))
    assert digest(empty) != digest(missing)


def test_how_a_table_is_held_leaves_no_trace_in_its_digest() -> None:
    plain = arrow_table(EVENTS)
    narrow = arrow_table({**EVENTS, "unit": EVENTS["unit"].astype(np.int16)})
    coded = pa.table({**EVENTS, "kind": pa.array(list(EVENTS["kind"])).dictionary_encode()})
    chunked = pa.concat_tables([plain.slice(0, 1), plain.slice(1, 1), plain.slice(2)])
    assert {digest(table) for table in (narrow, coded, chunked, plain.slice(0))} == {digest(plain)}


def test_nan_is_one_value_and_so_is_zero() -> None:
    quiet, loud = (struct.unpack("<d", struct.pack("<Q", bits))[0] for bits in (0x7FF8 << 48, (0xFFF8 << 48) + 5))
    first, second = (arrow_table({"x": np.array([nan, zero])}) for nan, zero in ((quiet, 0.0), (loud, -0.0)))
    assert digest(first) == digest(second)


def test_digesting_does_not_change_the_table() -> None:
    values = np.array([-0.0, struct.unpack("<d", struct.pack("<Q", (0xFFF8 << 48) + 5))[0]])
    before = values.tobytes()
    digest(arrow_table({"x": values}))
    assert values.tobytes() == before


@given(
    st.lists(st.one_of(st.none(), st.lists(st.floats(), max_size=4)), max_size=20),
    st.integers(0, 20),
)
def test_lists_of_measurements_digest_alike_in_any_batches(rows: list[list[float] | None], cut: int) -> None:
    whole = pa.table({"curve": pa.array(rows, type=pa.list_(pa.float64()))})
    pieces = pa.concat_tables([whole.slice(0, cut), whole.slice(cut)])
    assert digest(pieces) == digest(whole)
    assert digest(pa.table({"curve": pa.array([*rows, []], type=pa.list_(pa.float64()))})) != digest(whole)


words = st.one_of(st.none(), st.text(max_size=5))
numbers = st.one_of(st.none(), st.floats())


@settings(max_examples=30)
@given(st.lists(st.tuples(words, numbers, st.booleans()), max_size=30), st.integers(1, 7))
def test_parquet_gives_back_what_was_digested(rows: list[tuple[str | None, float | None, bool]], size: int) -> None:
    columns = list(zip(*rows, strict=True)) if rows else [(), (), ()]
    kinds = (pa.string(), pa.float64(), pa.bool_())
    table = pa.table({str(place): pa.array(column, kinds[place]) for place, column in enumerate(columns)})
    file = pa.BufferOutputStream()
    pq.write_table(table, file, row_group_size=size)
    assert digest(pq.read_table(pa.BufferReader(file.getvalue()))) == digest(table)


def test_a_column_that_has_no_digest_is_named() -> None:
    table = pa.table({"pose": pa.array([{"x": 1.0}])})
    with pytest.raises(TypeError, match=r"column 'pose' of type struct<x: double>"):
        digest(table)


def test_columns_become_the_arrow_table_that_pyarrow_itself_would_make() -> None:
    ours = arrow_table(EVENTS)
    assert ours.to_pydict() == pa.table(EVENTS).to_pydict()
    text = arrow_table({"kind": np.array(["é", None, ""], dtype=object)})
    assert text["kind"].to_pylist() == ["é", None, ""]


def test_columns_of_unequal_length_or_shape_are_refused() -> None:
    with pytest.raises(ValueError, match="day: 2, unit: 1"):
        arrow_table({"day": np.zeros(2), "unit": np.zeros(1)})
    with pytest.raises(ValueError, match="'day' must have one dimension, got 2"):
        arrow_table({"day": np.zeros((2, 2))})


def test_making_a_table_and_a_shard_loads_no_pandas(tmp_path: Path) -> None:
    """A worker that needs no pandas must not pay for its import."""
    code = f"""
import sys, pathlib, numpy as np
from looptwin.replications.shards import *
shards, key = Shards(pathlib.Path({str(tmp_path)!r})), Key("s", 1, 2, {{}})
events = {{"day": np.arange(3.0), "kind": np.array(["a", None, "b"], dtype=object), "late": np.arange(3) > 1}}
with shards.workspace(key) as workspace:
    shards.keep(key, Outcome({{"profit": Kpi(1.0, "EUR")}}, {{"events": events}}), workspace)
assert shards.find(key, values=True).table("events").num_rows == 3
in_memory(key, Outcome({{}}, {{"events": events}}))
sys.exit(", ".join(sorted({{"pandas", "jax", "scipy"}} & set(sys.modules))) or 0)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_shard_gives_back_what_was_kept(shards: Shards) -> None:
    kept, found = keep(shards), shards.find(KEY, values=True)
    assert found is not None
    assert found.kpis["profit"] == kept.kpis["profit"] == Kpi(12.5, "EUR")
    assert math.isnan(found.kpis["fill_rate"].value)
    assert list(found.kpis) == ["profit", "fill_rate"]
    assert (found.facts, found.digests) == ({"day": 10}, kept.digests)
    assert found.table("events").to_pydict() == arrow_table(EVENTS).to_pydict()
    assert json.loads((shards.root / KEY.name / SIDECAR).read_text())["tables"]["events"]["rows"] == 3


def test_a_run_with_a_folder_and_one_without_agree(shards: Shards) -> None:
    kept, held = keep(shards), in_memory(KEY, OUTCOME)
    assert held.digests == kept.digests
    assert held.facts == kept.facts
    assert held.table("events").equals(kept.table("events"))


def test_parquet_parts_that_a_job_wrote_are_one_table(shards: Shards) -> None:
    table = arrow_table(EVENTS)
    with shards.workspace(KEY) as workspace:
        parts = [workspace / "events-0.parquet", workspace / "events-1.parquet"]
        pq.write_table(table.slice(0, 1), parts[0])
        pq.write_table(table.slice(1), parts[1])
        kept = shards.keep(KEY, Outcome({}, {"events": parts}), workspace)
    assert kept.digests["events"] == digest(table)
    assert kept.table("events").to_pydict() == table.to_pydict()


def test_an_outcome_without_figures_or_rows_is_a_shard_too(shards: Shards) -> None:
    empty = {name: column[:0] for name, column in EVENTS.items()}
    keep(shards, outcome=Outcome({}, {"events": empty}))
    found = shards.find(KEY, values=True)
    assert found is not None
    assert found.kpis == {}
    assert found.table("events").num_rows == 0


def test_a_key_that_was_never_kept_is_not_found(shards: Shards) -> None:
    keep(shards)
    assert shards.find(replace(KEY, seed=8)) is None


def test_a_failing_job_leaves_nothing_behind(shards: Shards) -> None:
    def job_that_fails() -> None:
        with shards.workspace(KEY) as workspace:
            (workspace / "events.parquet").write_bytes(b"half")
            raise ValueError("negative stock")

    with pytest.raises(ValueError, match="negative stock"):
        job_that_fails()
    assert list(shards.root.iterdir()) == []


def test_what_killed_workers_left_is_swept_up(shards: Shards) -> None:
    keep(shards)
    (shards.root / ".partial-99-00001-ab").mkdir()
    (shards.root / ".partial-99-00001-ab" / "events.parquet").write_bytes(b"half")
    shards.sweep_up()
    assert [place.name for place in shards.root.iterdir()] == [KEY.name]


@pytest.mark.parametrize("name", ["events.parquet", "kpis.parquet", SIDECAR])
@pytest.mark.parametrize("harm", ["flip", "cut", "empty", "lose"])
def test_a_damaged_file_is_named(shards: Shards, name: str, harm: str) -> None:
    keep(shards)
    path = shards.root / KEY.name / name
    data = path.read_bytes()
    middle = len(data) // 2
    harmed = {"flip": data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :], "cut": data[:-9], "empty": b""}
    if harm == "lose":
        path.unlink()
    else:
        path.write_bytes(harmed[harm])
    with pytest.raises(FolderError, match=f"{KEY.name}: {name} (is missing|has changed|cannot be read)") as caught:
        shards.find(KEY)
    assert (caught.value.kind, caught.value.status) == ("damaged", 1)


def test_every_single_flipped_byte_of_the_sidecar_is_noticed(shards: Shards) -> None:
    """Whatever a flipped byte leaves readable says the same as before."""
    keep(shards)
    path = shards.root / KEY.name / SIDECAR
    data = path.read_bytes()
    unnoticed = []
    for place in range(len(data)):
        path.write_bytes(data[:place] + bytes([data[place] ^ 0x10]) + data[place + 1 :])
        try:
            found = shards.find(KEY)
        except FolderError:
            continue
        unnoticed.append((place, found))
    assert unnoticed == []


def test_values_that_were_exchanged_under_a_fresh_checksum_are_noticed(shards: Shards) -> None:
    """The digest over values stands when somebody has made the file's checksum fit again."""
    keep(shards)
    other = keep(shards, replace(KEY, seed=8), replace(OUTCOME, tables={"events": {**EVENTS, "unit": np.arange(3)}}))
    assert other.shard is not None
    place = shards.root / KEY.name
    mine, theirs = (json.loads((shard / SIDECAR).read_text()) for shard in (place, other.shard))
    (place / "events.parquet").write_bytes((other.shard / "events.parquet").read_bytes())
    mine["tables"]["events"]["files"] = theirs["tables"]["events"]["files"]
    del mine["seal"]
    seal = hashlib.blake2b(json.dumps(mine, sort_keys=True, separators=(",", ":")).encode(), digest_size=16)
    (place / SIDECAR).write_text(json.dumps({"seal": seal.hexdigest(), **mine}))
    assert shards.find(KEY) is not None
    with pytest.raises(FolderError, match="the values of table 'events' are not the ones"):
        shards.find(KEY, values=True)


def test_a_shard_under_another_shards_name_is_damaged(shards: Shards) -> None:
    other = keep(shards, replace(KEY, seed=8))
    assert other.shard is not None
    other.shard.rename(shards.root / KEY.name)
    with pytest.raises(FolderError, match="computed from something else"):
        shards.find(KEY)


def test_keeping_again_replaces_a_damaged_shard(shards: Shards) -> None:
    keep(shards)
    (shards.root / KEY.name / "events.parquet").write_bytes(b"")
    (shards.root / KEY.name / "stray").touch()
    keep(shards)
    assert shards.find(KEY, values=True) is not None


def test_a_table_from_disk_is_verified_when_it_is_read(shards: Shards) -> None:
    kept = keep(shards)
    (shards.root / KEY.name / "events.parquet").write_bytes(b"")
    with pytest.raises(FolderError, match=r"events\.parquet has changed"):
        kept.table("events")


@pytest.mark.parametrize("name", ["kpis", "../events", "a/b", ""])
def test_a_table_name_that_cannot_be_a_file_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="table"):
        in_memory(KEY, Outcome({}, {name: EVENTS}))


def test_a_disk_that_fills_while_a_job_writes_is_said_and_leaves_nothing(shards: Shards) -> None:
    def job_on_a_full_disk() -> None:
        with shards.workspace(KEY) as workspace:
            (workspace / "events.parquet").write_bytes(b"half")
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(FolderError, match="the disk is full") as caught:
        job_on_a_full_disk()
    assert (caught.value.kind, caught.value.status) == ("full", 1)
    assert list(shards.root.iterdir()) == []
