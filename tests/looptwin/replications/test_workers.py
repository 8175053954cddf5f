"""Workers: started without the caller's main module, light, pinned, replaced when they die, gone with their parent."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

import sim
from looptwin.errors import RunFailed, UserError
from looptwin.replications.spawning import ONE_THREAD, XLA_ONE_THREAD, usable_cores
from looptwin.replications.workers import carry_out
from tests.looptwin.replications import worker_jobs as jobs

ROOT = Path(__file__).parents[3]

PROGRAM = """
import sys
sys.stderr.write("main\\n")
{before}
from looptwin.replications.workers import carry_out
from tests.looptwin.replications import worker_jobs as jobs
{after}
print(sorted(carry_out(jobs.where_is_sim, [1, 2], workers=2)))
"""

HERE = f"[(0, {sim.__file__!r}), (1, {sim.__file__!r})]\n"


def run(command: list[str], folder: Path, text: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *command],
        cwd=folder,
        input=text,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def as_script(folder: Path, text: str) -> subprocess.CompletedProcess[str]:
    (folder / "study.py").write_text(text)
    return run(["study.py"], folder)


def as_module(folder: Path, text: str) -> subprocess.CompletedProcess[str]:
    (folder / "study.py").write_text(text)
    return run(["-m", "study"], folder)


def from_standard_input(folder: Path, text: str) -> subprocess.CompletedProcess[str]:
    return run(["-"], folder, text)


def from_the_command_line(folder: Path, text: str) -> subprocess.CompletedProcess[str]:
    return run(["-c", text], folder)


@pytest.mark.parametrize("start", [as_script, as_module, from_standard_input, from_the_command_line])
def test_the_main_module_runs_once_however_it_was_started(
    tmp_path: Path, start: Callable[[Path, str], subprocess.CompletedProcess[str]]
) -> None:
    """None of these has a `__main__` guard; two workers that ran it again would say so on standard error."""
    done = start(tmp_path, PROGRAM.format(before="", after=""))
    assert (done.stderr, done.stdout, done.returncode) == ("main\n", HERE, 0)


@pytest.mark.parametrize(
    "after", ["sys.path.insert(0, 'notebooks')", "sys.path.insert(0, ''); import os; os.chdir('notebooks')"]
)
def test_a_users_own_sim_is_not_what_the_workers_find(tmp_path: Path, after: str) -> None:
    """The caller found the rooms before its path or folder changed; a worker starts with the changed one."""
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "sim.py").write_text("raise SystemExit('the wrong sim')")
    done = from_standard_input(tmp_path, PROGRAM.format(before="", after=after))
    assert (done.stderr, done.stdout) == ("main\n", HERE)


def test_what_the_work_imports_comes_from_the_callers_path(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "policies.py").write_text("def half(x):\n    return x / 2\n")
    text = """
import sys
sys.path.append("mine")
from looptwin.replications.workers import carry_out
from policies import half
print(sorted(carry_out(half, [1, 2], workers=2)))
"""
    assert from_standard_input(tmp_path, text).stdout == "[(0, 0.5), (1, 1.0)]\n"


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_every_item_is_done_once_by_any_number_of_workers(workers: int) -> None:
    assert sorted(carry_out(jobs.square, [3, 1, 2, 3], workers=workers)) == [(0, 9), (1, 1), (2, 4), (3, 9)]


def test_one_worker_is_this_process() -> None:
    assert list(carry_out(jobs.process_number, [0, 1], workers=1)) == [(0, os.getpid()), (1, os.getpid())]
    assert list(carry_out(jobs.process_number, [0], workers=8)) == [(0, os.getpid())], "one item needs no worker"


def test_several_workers_are_other_processes() -> None:
    found = {pid for _, pid in carry_out(jobs.process_number, [0, 1, 2], workers=2)}
    assert os.getpid() not in found
    assert len(found) <= 2


def test_nothing_to_do_starts_nothing() -> None:
    assert list(carry_out(jobs.square, [], workers=4)) == []


def test_a_worker_is_light_and_computes_on_one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "4")
    monkeypatch.setenv("XLA_FLAGS", "--xla_cpu_enable_fast_math=false")
    before = dict(os.environ)
    for _, (loaded, environment) in carry_out(jobs.modules_and_environment, [0, 1], workers=2):
        assert {"pandas", "jax", "scipy", "pytest", "pyarrow", "simpy", "pydantic", "rich"}.isdisjoint(loaded)
        assert {name: environment[name] for name in ONE_THREAD} == ONE_THREAD
        assert environment["XLA_FLAGS"] == f"--xla_cpu_enable_fast_math=false {XLA_ONE_THREAD}"
    assert dict(os.environ) == before, "the caller's own environment is given back"


@pytest.mark.skipif(not Path("/proc/self/schedstat").exists(), reason="this system does not tell the time of threads")
def test_blas_and_xla_of_a_worker_compute_on_one_thread() -> None:
    """Nearly all processor time is one thread's; on several cores each would have its part."""
    for _, share in carry_out(jobs.multiply_matrices, ["numpy", "jax"], workers=2):
        assert share > 0.8


def test_a_worker_never_hears_control_c() -> None:
    """It is the parent who answers, and a traceback of a worker that was just starting would be noise."""
    found = [answer for _, answer in carry_out(jobs.hears_no_interrupt, [0, 1], workers=2)]
    assert found == [(True, True), (True, True)]
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, []), "the caller hears it again"
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)


def test_results_that_no_pipe_holds_arrive() -> None:
    assert dict(carry_out(jobs.many_bytes, [300_000, 5], workers=2)) == {0: bytes(300_000), 1: bytes(5)}


def test_what_a_job_prints_does_not_mix_with_the_callers_output(tmp_path: Path) -> None:
    text = PROGRAM.format(before="", after="").replace("where_is_sim", "prints")
    done = from_standard_input(tmp_path, text)
    assert done.stdout == "[(0, None), (1, None)]\n"
    assert done.stderr.count("a job's own words") == 2


def test_a_killed_worker_is_replaced_and_its_item_done_again(tmp_path: Path) -> None:
    said: list[str] = []
    work = partial(jobs.dies_once, marker=tmp_path / "died")
    assert dict(carry_out(work, list(range(6)), workers=2, name="item {}".format, say=said.append)) == {
        item: item * item for item in range(6)
    }
    assert len(said) == 1
    assert "a worker died (killed by signal 9); done again: " in said[0]
    assert "item 2" in said[0]


def test_a_worker_killed_within_a_large_result_does_not_hang_the_caller(tmp_path: Path) -> None:
    said: list[str] = []
    work = partial(jobs.dies_while_sending, marker=tmp_path / "died")
    found = dict(carry_out(work, [0, 1, 2], workers=2, say=said.append))
    assert {place: len(result) for place, result in found.items()} == dict.fromkeys(range(3), 60_000_000)
    assert len(said) == 1


def test_an_item_that_always_kills_its_worker_is_named_and_the_others_are_done() -> None:
    """Its companions are never blamed: at most one suspect flies at a time."""
    said: list[str] = []
    results = carry_out(jobs.always_dies, list(range(8)), workers=3, name="item {}".format, say=said.append)
    done: list[int] = []
    with pytest.raises(RunFailed, match=r"item 1 lost its worker 3 times \(exit status 7\)") as caught:
        done.extend(place for place, _ in results)
    assert caught.value.status == 1
    assert 1 not in done
    assert len(said) == 2


@pytest.mark.parametrize("workers", [1, 2])
def test_an_item_that_fails_is_named_with_its_error(workers: int) -> None:
    with pytest.raises(RunFailed) as caught:
        list(carry_out(jobs.fails, [0, 1, 2], workers=workers, name="item {}".format))
    assert str(caught.value) == "item 2 failed: ValueError: negative stock"
    lines = "".join(traceback.format_exception(caught.value))
    assert 'raise ValueError("negative stock")' in lines, "a developer who prints the traceback sees the job's own line"


def test_an_error_that_cannot_be_rebuilt_is_still_told() -> None:
    with pytest.raises(RunFailed, match=r"item [01] failed: OddError: odd end"):
        list(carry_out(jobs.fails_oddly, [0, 1], workers=2, name="item {}".format))


def test_a_result_that_cannot_be_sent_is_told() -> None:
    with pytest.raises(RunFailed, match=r"item [01] failed: .*lambda"):
        list(carry_out(jobs.gives_a_lambda, [0, 1], workers=2, name="item {}".format))


@pytest.mark.parametrize("workers", [1, 2])
def test_a_users_mistake_found_by_the_work_comes_through_as_it_is(workers: int) -> None:
    with pytest.raises(UserError, match=r"^stock 'serviceable' does not exist$") as caught:
        list(carry_out(jobs.refuses, [0, 1], workers=workers))
    assert caught.value.status == 2


def test_a_function_that_workers_cannot_import_is_refused_before_any_starts() -> None:
    with pytest.raises(UserError, match=r"cannot be sent to workers .* or use one worker"):
        list(carry_out(lambda item: item, [0, 1], workers=2))


def test_a_function_of_the_main_script_is_refused_by_name(tmp_path: Path) -> None:
    text = """
from looptwin.errors import UserError
from looptwin.replications.workers import carry_out
def my_policy(item):
    return item
print(list(carry_out(my_policy, [0, 1], workers=1)))
try:
    list(carry_out(my_policy, [0, 1], workers=2))
except UserError as error:
    print(error)
"""
    assert from_standard_input(tmp_path, text).stdout == (
        "[(0, 0), (1, 1)]\n'my_policy' is defined in the main script or notebook, which workers do not import; "
        "move it into a module of its own, or use one worker\n"
    )


def test_no_workers_at_all_is_the_users_mistake() -> None:
    with pytest.raises(UserError, match="workers must be at least 1, got 0"):
        list(carry_out(jobs.square, [1], workers=0))


def test_closing_the_iterator_ends_the_workers() -> None:
    results = carry_out(jobs.sleeps_unless_first, [0, 1, 2], workers=2)
    _, pid = next(results)
    results.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_workers_end_when_their_parent_is_killed(tmp_path: Path) -> None:
    text = PROGRAM.format(before="", after="").replace("where_is_sim, [1, 2]", "tells_and_sleeps, [sys.argv[1]] * 2")
    (tmp_path / "study.py").write_text(text)
    command = [sys.executable, "study.py", str(tmp_path)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=subprocess.DEVNULL) as parent:
        _eventually(lambda: len(list(tmp_path.glob("worker-*"))) == 2)
        parent.send_signal(signal.SIGKILL)
    numbers = [int(path.name.removeprefix("worker-")) for path in tmp_path.glob("worker-*")]
    _eventually(lambda: not any(_lives(number) for number in numbers))


def test_usable_cores_are_at_least_one_and_no_more_than_the_machine_has() -> None:
    assert 1 <= usable_cores() <= (os.cpu_count() or 1)


def _eventually(holds: Callable[[], bool]) -> None:
    for _ in range(600):
        if holds():
            return
        time.sleep(0.05)
    pytest.fail("it did not come true in 30 seconds")


def _lives(number: int) -> bool:
    """Whether a process runs; one that has ended but was not yet collected does not."""
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
