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

import looptwin as lt
from looptwin.commands.insistence import insistent
from tests.looptwin.command_line import SMALL, SWEEP, SWEEP_DAYS, finished, one_line, started, wait_for_shards


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


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The digest of the sweep when nothing disturbs it."""
    file = tmp_path_factory.mktemp("whole") / "small.yaml"
    file.write_text(SMALL)
    return lt.run(lt.load(file).override({"time.horizon_days": SWEEP_DAYS}), replications=8).digest


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


def test_an_interrupt_that_a_library_swallows_is_asked_again() -> None:
    heard = 0
    with insistent():
        while heard < 3:
            try:
                if not heard:
                    signal.raise_signal(signal.SIGINT)
                time.sleep(10.0)
            except KeyboardInterrupt:
                heard += 1

    assert heard == 3
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_no_interrupt_flies_through_compiled_code_that_calls_python() -> None:
    """JAX aborts the whole process when Python's answer to its call is an exception."""
    done: list[str] = []
    called_back: dict[str, Any] = {"__name__": "jax.somewhere", "signal": signal, "time": time, "done": done}
    code = "def call():\n    signal.raise_signal(signal.SIGINT)\n    time.sleep(0.3)\n    done.append('call')"
    exec(code, called_back)  # noqa: S102 - a function of another module

    def program() -> None:
        with insistent():
            called_back["call"]()
            time.sleep(10.0)
            done.append("slept")

    with pytest.raises(KeyboardInterrupt):
        program()
    assert done == ["call"]


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
