"""Commands that are killed, interrupted, or cut off from their output: what is kept, what is said, and the status."""

from __future__ import annotations

import json
import os
import re
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.looptwin.command_line import SWEEP, finished, one_line, started, wait_for_shards


def test_a_reader_who_has_seen_enough_is_no_error(here: Path) -> None:
    process = started("list", folder=here)
    assert process.stdout is not None
    process.stdout.close()
    with process:
        assert process.stderr is not None
        assert process.stderr.read() == ""
    assert process.returncode == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no device that is always full")
def test_an_output_that_cannot_be_written_fails_in_one_line(here: Path) -> None:
    with Path("/dev/full").open("w") as device:
        status, _, err = finished("list", folder=here, stdout=device)

    assert status == 1
    assert one_line(err)


@pytest.fixture
def whole(here: Path, typed: Any) -> str:
    """The digest of the sweep when nothing disturbs it."""
    status, out, _ = typed(*SWEEP[:-2])
    assert status == 0
    return str(json.loads(out)["digest"])


def test_a_sweep_that_was_killed_goes_on_and_gives_the_same(here: Path, typed: Any, whole: str) -> None:
    with started(*SWEEP, folder=here) as process:
        wait_for_shards(here / "kept", 2, process)
        process.kill()
    assert process.returncode == -signal.SIGKILL

    status, out, err = typed(*SWEEP)
    assert status == 0
    assert json.loads(out)["digest"] == whole
    found = re.match(r"8 replications: (\d) computed, (\d) kept from before\n", err)
    assert found is not None
    assert int(found[2]) >= 2
    assert typed("check", "kept")[0] == 0


@pytest.mark.parametrize("workers", ["1", "2"])
def test_ctrl_c_keeps_what_is_finished_and_says_so(here: Path, workers: str) -> None:
    with started(*SWEEP, "--workers", workers, folder=here, start_new_session=True) as process:
        wait_for_shards(here / "kept", 2, process)
        os.killpg(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=30)

    assert (process.returncode, out) == (130, "")
    assert re.fullmatch(r"interrupted; [2-8] of 8 replications are kept in .*kept; the same command continues\n", err)
    assert not [*(here / "kept").rglob("*.partial*")]


def test_ctrl_c_before_anything_is_finished_keeps_nothing_and_says_so(here: Path) -> None:
    words = ("run", "./small.yaml", "--set", "time.horizon_days=9000000", "--out", "kept")
    with started(*words, folder=here) as process:
        while not (here / "kept" / "manifest.json").exists():
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)

    assert (process.returncode, out) == (130, "")
    assert re.fullmatch(r"interrupted; 0 of 1 replications are kept in .*kept; the same command continues\n", err)


def test_a_killed_worker_costs_nothing_but_time(here: Path, whole: str) -> None:
    with started(*SWEEP, "--workers", "2", folder=here) as process:
        wait_for_shards(here / "kept", 1, process)
        os.kill(next(_workers(process.pid)), signal.SIGKILL)
        out, err = process.communicate(timeout=60)

    assert process.returncode == 0, err
    assert json.loads(out)["digest"] == whole
    assert "a worker died (killed by signal 9); done again: replication" in err


def _workers(pid: int) -> Iterator[int]:
    """Process numbers of the workers that a process has started."""
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        if "spawn_main" in Path(f"/proc/{child}/cmdline").read_text():
            yield int(child)


def test_a_users_own_module_of_a_rooms_name_is_named_in_one_line(here: Path) -> None:
    (here / "sim.py").write_text("raise SystemExit('the stranger ran')\n")

    status, out, err = finished("list", folder=here)

    assert (status, out) == (2, "")
    assert one_line(err)
    assert str(here / "sim.py") in err
