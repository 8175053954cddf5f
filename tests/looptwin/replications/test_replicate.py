"""Replications as a whole: one order, one digest, and a folder that survives whatever stops a sweep."""

from __future__ import annotations

import io
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from looptwin.errors import FolderError, RunFailed, UserError
from looptwin.replications.lock import RunFolder, claim_folder
from looptwin.replications.replicate import Bar, Lines, Task, default_narrator, replicate, run_digest
from looptwin.replications.shards import Key, Replication
from tests.looptwin.replications import replication_jobs as jobs
from tests.looptwin.replications.replication_jobs import tasks

ROOT = Path(__file__).parents[3]
RUN = {"seed": 7}


class Listener(Lines):
    """Keeps what is said."""

    def __init__(self) -> None:
        self.stream = io.StringIO()
        super().__init__(self.stream)

    @property
    def lines(self) -> list[str]:
        return self.stream.getvalue().splitlines()


def sweep(job: Callable[[Task], Any], wanted: Sequence[Task], **options: Any) -> tuple[list[Replication], list[str]]:
    listener = Listener()
    return replicate(job, wanted, narrator=listener, **options), listener.lines


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    return RunFolder(tmp_path, RUN)


def shards(folder: RunFolder) -> list[str]:
    return sorted(path.name for path in folder.shards.root.glob("*"))


@pytest.fixture(scope="module")
def expected() -> str:
    """The digest of six replications computed one after the other in memory."""
    return run_digest(replicate(jobs.small, tasks(6), narrator=Listener()))


@pytest.mark.parametrize("workers", [1, 3])
@pytest.mark.parametrize("kept", [False, True], ids=["in memory", "in a folder"])
def test_any_number_of_workers_gives_the_same_replications_in_order(
    folder: RunFolder, workers: int, kept: bool, expected: str
) -> None:
    found, _ = sweep(jobs.in_any_order, tasks(6), workers=workers, folder=folder if kept else None)
    assert [one.key.replication for one in found] == list(range(6))
    assert [one.facts for one in found] == [{"replication": place} for place in range(6)]
    assert run_digest(found) == expected


def test_a_job_that_streams_its_events_gives_the_same_digest(folder: RunFolder, expected: str) -> None:
    found, _ = sweep(jobs.streamed, tasks(6), workers=2, folder=folder)
    assert run_digest(found) == expected
    assert found[3].table("events").num_rows == 50


def test_the_digest_depends_on_order_number_and_tables() -> None:
    found, _ = sweep(jobs.small, tasks(3))
    digests = {
        run_digest(found),
        run_digest(found[::-1]),
        run_digest(found[:2]),
        run_digest(found, tables=["kpis"]),
        run_digest(found, tables=["events"]),
        run_digest(sweep(jobs.small, tasks(3))[0], tables=["kpis", "events"]),
    }
    assert len(digests) == 6
    assert run_digest(found) == run_digest(list(found))


def test_with_a_folder_the_tables_stay_on_disk(folder: RunFolder) -> None:
    found, _ = sweep(jobs.small, tasks(2), folder=folder)
    assert all(not one.tables and one.shard is not None for one in found)
    assert found[1].table("events").num_rows == 50


def test_a_second_sweep_computes_only_what_is_missing(folder: RunFolder, expected: str) -> None:
    sweep(jobs.small, tasks(3), folder=folder)
    found, said = sweep(jobs.small, tasks(6), folder=folder)
    assert said == ["6 replications: 3 computed, 3 kept from before"]
    assert run_digest(found) == expected
    again, said = sweep(jobs.fails, tasks(6), folder=folder)
    assert said == ["6 replications: 0 computed, 6 kept from before"]
    assert run_digest(again) == expected


def test_another_version_of_what_computes_finds_nothing_to_keep(folder: RunFolder) -> None:
    sweep(jobs.small, tasks(2), folder=folder)
    _, said = sweep(jobs.small, [Task(Key("s", 7, 0, {"looptwin": "1"})), Task(Key("t", 7, 0, {}))], folder=folder)
    assert said == ["2 replications: 2 computed"]


def test_tasks_with_one_key_are_computed_once() -> None:
    found, said = sweep(jobs.small, [*tasks(2), *tasks(2)])
    assert said == ["2 replications: 2 computed"]
    assert [one.key.replication for one in found] == [0, 1, 0, 1]


@pytest.mark.parametrize("name", ["events.parquet", "kpis.parquet", "shard.json"])
@pytest.mark.parametrize("harm", ["change", "lose"])
def test_a_damaged_shard_is_done_again_and_said(folder: RunFolder, name: str, harm: str, expected: str) -> None:
    before, _ = sweep(jobs.small, tasks(6), folder=folder)
    assert before[4].shard is not None
    path = before[4].shard / name
    if harm == "change":
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        path.write_bytes(data)
    else:
        path.unlink()
    found, said = sweep(jobs.small, tasks(6), folder=folder)
    assert said[0].startswith(f"replication 4 is done again, its shard is damaged: {before[4].shard}: {name} ")
    assert said[1:] == ["6 replications: 1 computed, 5 kept from before"]
    assert run_digest(found) == expected


@pytest.mark.parametrize("kept", [False, True], ids=["in memory", "in a folder"])
def test_a_killed_worker_changes_nothing_but_a_line(
    folder: RunFolder, tmp_path: Path, kept: bool, expected: str
) -> None:
    wanted = tasks(6, str(tmp_path / "died"))
    found, said = sweep(jobs.dies_once, wanted, workers=2, folder=folder if kept else None)
    assert run_digest(found) == expected
    assert len(said) == 2
    assert said[0].startswith("a worker died (killed by signal 9); done again: ")
    assert "replication 1" in said[0]


def test_a_replication_that_always_kills_its_worker_is_named_and_finished_ones_are_kept(folder: RunFolder) -> None:
    listener = Listener()
    with pytest.raises(RunFailed, match=r"^replication 1 lost its worker 3 times") as caught:
        replicate(jobs.always_dies, tasks(3), workers=2, folder=folder, narrator=listener)
    assert caught.value.status == 1
    kept = len(shards(folder))
    assert 1 <= kept <= 2
    assert listener.lines[-1] == f"{kept} of 3 replications are kept in {folder.path}; the same command continues"


@pytest.mark.parametrize("workers", [1, 2])
def test_a_failing_replication_is_named_and_the_finished_ones_are_kept(
    folder: RunFolder, workers: int, expected: str
) -> None:
    with pytest.raises(RunFailed, match=r"^replication 2 failed: ValueError: negative stock"):
        sweep(jobs.fails, tasks(3), workers=workers, folder=folder)
    kept = shards(folder)
    assert 0 < len(kept) <= 2
    assert not any("partial" in name for name in kept)
    found, _ = sweep(jobs.small, tasks(6), workers=workers, folder=folder)
    assert run_digest(found) == expected


def test_a_task_is_called_by_its_label_too() -> None:
    wanted = [Task(Key("s", 7, 2, {}), label="returns.probability=0.6")]
    with pytest.raises(RunFailed, match=r"^returns\.probability=0\.6 replication 2 failed: ValueError"):
        sweep(jobs.fails, wanted)


@pytest.mark.parametrize("workers", [1, 2])
def test_a_users_mistake_comes_through_as_it_is(workers: int) -> None:
    with pytest.raises(UserError, match=r"^stock 'serviceable' does not exist$"):
        sweep(jobs.refuses, tasks(2), workers=workers)


def test_one_replication_says_nothing() -> None:
    assert sweep(jobs.small, tasks(1))[1] == []


def test_a_worker_of_a_plain_job_loads_neither_pandas_nor_jax(folder: RunFolder) -> None:
    found, _ = sweep(jobs.about_the_worker, tasks(2), workers=2, folder=folder)
    for one in found:
        assert one.facts["pid"] != os.getpid()
        assert {"pandas", "jax", "scipy", "rich", "pytest"}.isdisjoint(one.facts["loaded"])
        assert one.facts["pinned"]["OPENBLAS_NUM_THREADS"] == "1"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_gets_a_bar_and_everything_else_lines() -> None:
    assert isinstance(default_narrator(Terminal()), Bar)
    assert type(default_narrator(io.StringIO())) is Lines


def test_a_bar_shows_the_count_and_what_is_said_stands_beside_it(folder: RunFolder, tmp_path: Path) -> None:
    terminal = Terminal()
    replicate(jobs.dies_once, tasks(6, str(tmp_path / "died")), workers=2, folder=folder, narrator=Bar(terminal))
    shown = terminal.getvalue()
    assert "0/6" in shown
    assert "6/6" in shown
    assert "a worker died (killed by signal 9); done again: " in shown
    assert shown.endswith("6 replications: 6 computed\n")


PROGRAM = """
import sys
from pathlib import Path
from looptwin.errors import UserError
from looptwin.replications.lock import claim_folder
from looptwin.replications.replicate import replicate
from tests.looptwin.replications import replication_jobs as jobs
try:
    with claim_folder(Path(sys.argv[1]), {"seed": 7}) as folder:
        replicate(getattr(jobs, sys.argv[2]), jobs.tasks(3), workers=int(sys.argv[3]), folder=folder)
except UserError as error:
    print(error, file=sys.stderr)
    sys.exit(error.status)
"""


ON_A_SMALL_DISK = """
mount -t tmpfs -o size=1m tmpfs "$1" || exit 99
"$3" -c "$4" "$1/a" fills_the_disk "$5"
status=$?
cp -r "$1/a" "$2"
exit $status
"""


def begin(place: Path, job: str, workers: int) -> subprocess.Popen[str]:
    """A sweep in a process group of its own, as a shell starts it."""
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(place), job, str(workers)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def eventually(holds: Callable[[], bool]) -> None:
    for _ in range(600):
        if holds():
            return
        time.sleep(0.05)
    pytest.fail("it did not come true in 30 seconds")


def group_is_gone(number: int) -> bool:
    """Whether no process of the group runs; one that has ended but was not yet collected does not."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(FileNotFoundError, ProcessLookupError):
            state, _, group = stat.read_text().rpartition(")")[2].split()[:3]
            if int(group) == number and state != "Z":
                return False
    return True


def finished(place: Path) -> list[Path]:
    return list((place / "replications").glob("0*"))


@pytest.mark.parametrize("workers", [1, 2])
def test_control_c_keeps_what_is_finished_and_says_so(tmp_path: Path, workers: int, expected: str) -> None:
    place = tmp_path / "a"
    with begin(place, "slow", workers) as process:
        eventually(lambda: len(finished(place)) == 2)
        os.killpg(process.pid, signal.SIGINT)
        _, said = process.communicate()
    assert said == f"interrupted; 2 of 3 replications are kept in {place}; the same command continues\n"
    assert process.returncode == 130
    eventually(lambda: group_is_gone(process.pid))
    assert sorted(path.name for path in place.iterdir()) == ["manifest.json", "replications"]
    assert len(list((place / "replications").iterdir())) == 2
    with claim_folder(place, RUN) as folder:
        found, _ = sweep(jobs.small, tasks(6), folder=folder)
    assert run_digest(found) == expected


@pytest.mark.parametrize("workers", [1, 2])
def test_a_killed_sweep_continues_where_it_stopped(tmp_path: Path, workers: int, expected: str) -> None:
    place = tmp_path / "a"
    with begin(place, "slow", workers) as process:
        eventually(lambda: len(finished(place)) == 2)
        process.kill()
        process.communicate()
    eventually(lambda: group_is_gone(process.pid))
    with claim_folder(place, RUN) as folder:
        found, said = sweep(jobs.small, tasks(6), folder=folder)
    assert said == ["6 replications: 4 computed, 2 kept from before"]
    assert run_digest(found) == expected
    assert len(list((place / "replications").iterdir())) == 6


def test_a_sweep_in_a_folder_that_another_sweep_holds_is_refused(tmp_path: Path) -> None:
    with begin(tmp_path, "slow", 1) as first:
        eventually(lambda: len(finished(tmp_path)) == 2)
        with begin(tmp_path, "slow", 1) as second:
            _, said = second.communicate()
        first.kill()
    assert said.startswith(f"{tmp_path}: in use by process {first.pid} on ")
    assert second.returncode == 2


@pytest.mark.parametrize("workers", [1, 2])
def test_a_disk_that_fills_in_a_sweep_is_status_1_and_keeps_what_is_whole(tmp_path: Path, workers: int) -> None:
    """On a real disk of 1 MiB, in a mount of its own, whose contents are copied out before it goes."""
    if shutil.which("unshare") is None or subprocess.run(["unshare", "-rm", "true"], check=False).returncode:  # noqa: S607
        pytest.skip("this system does not let us mount a small disk")
    small, copy = tmp_path / "small", tmp_path / "copy"
    small.mkdir()
    done = subprocess.run(
        ["unshare", "-rm", "sh", "-c", ON_A_SMALL_DISK, "sh", small, copy, sys.executable, PROGRAM, str(workers)],  # noqa: S607
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    place = small / "a"
    kept = len(finished(copy))
    assert done.stderr == (
        f"{kept} of 3 replications are kept in {place}; the same command continues\n"
        f"{place}/replications: the disk is full; free some space there\n"
    )
    assert done.returncode == 1
    assert sorted(path.name for path in copy.iterdir()) == ["manifest.json", "replications"]
    assert [path.name for path in (copy / "replications").iterdir() if path.name.startswith(".")] == []
    with claim_folder(copy, RUN) as folder:
        found, said = sweep(jobs.fills_the_disk, tasks(4), folder=folder)
    assert said == [f"4 replications: {4 - kept} computed" + (f", {kept} kept from before" if kept else "")]
    assert found[3].table("events").num_rows == 400_000


def test_a_file_in_the_place_of_the_shards_is_said(folder: RunFolder, tmp_path: Path) -> None:
    (tmp_path / "replications").write_text("a file where the shards should be")
    with pytest.raises(FolderError, match="a file stands where a folder is needed"):
        sweep(jobs.small, tasks(1), folder=folder)
