"""How a worker process is started: quietly, light, on one thread, with the same rooms as its parent.

Starting by spawn usually imports the caller's main module again; here it does not, so a script needs no guard.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.machinery import PathFinder
from multiprocessing import spawn
from multiprocessing.context import SpawnContext, SpawnProcess
from pathlib import Path
from typing import Any

from looptwin.shadow import ROOMS

ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    # XLA sizes its thread pool by this; measured with jax 0.10, its own flags alone left all cores busy.
    "NPROC": "1",
}
XLA_ONE_THREAD = "--xla_cpu_multi_thread_eigen=false"

HOME = Path(__file__).resolve().parents[2]
"""The folder in which our rooms stand."""


def usable_cores() -> int:
    """How many cores this process may use, which containers make fewer than the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def pin_threads() -> None:
    """Bind BLAS and XLA of this process to one thread, as in a worker; only of use before they are imported."""
    os.environ.update(_pinned_environment())


class _QuietProcess(SpawnProcess):
    """A spawned process that is not told of the caller's main module."""

    @staticmethod
    def _Popen(process_obj: Any) -> Any:  # noqa: N802 - multiprocessing's name
        with _pinned(), _plain_preparation():
            return SpawnProcess._Popen(process_obj)  # noqa: SLF001 - the one place where a process meets its start


class QuietContext(SpawnContext):
    """Spawning as above. Holds state: the processes it started."""

    def __init__(self) -> None:
        super().__init__()
        self.started: list[_QuietProcess] = []

    def Process(self, *args: Any, **options: Any) -> _QuietProcess:  # type: ignore[override]  # noqa: N802
        process = _QuietProcess(*args, **options)
        self.started.append(process)
        return process


_STARTING = threading.Lock()


@contextmanager
def _plain_preparation() -> Iterator[None]:
    """Leave the main module out of what a new process is told, and give it a path on which it finds our rooms."""
    ours, original = threading.get_ident(), spawn.get_preparation_data

    def preparation(name: str) -> dict[str, Any]:
        data = original(name)
        if threading.get_ident() == ours:
            data.pop("init_main_from_name", None)
            data.pop("init_main_from_path", None)
            data["sys_path"] = _import_path()
        return data

    with _STARTING:
        spawn.get_preparation_data = preparation
        try:
            yield
        finally:
            spawn.get_preparation_data = original


def _import_path() -> list[str]:
    """The caller's import path; our rooms in front when something else would be found under their names."""
    path = [entry or str(Path.cwd()) for entry in sys.path]
    return path if all(_is_ours(room, path) for room in (*ROOMS, "looptwin")) else [str(HOME), *path]


def _is_ours(room: str, path: Sequence[str]) -> bool:
    spec = PathFinder.find_spec(room, path)
    places = () if spec is None else spec.submodule_search_locations or ()
    return (HOME / room).resolve() in {Path(place).resolve() for place in places}


def _pinned_environment() -> dict[str, str]:
    flags = os.environ.get("XLA_FLAGS", "")
    return {**ONE_THREAD, "XLA_FLAGS": flags if XLA_ONE_THREAD in flags else f"{flags} {XLA_ONE_THREAD}".strip()}


@contextmanager
def _pinned() -> Iterator[None]:
    """Set what BLAS and XLA read when they are loaded, for the moment in which a process inherits it."""
    pinned = _pinned_environment()
    before = {key: os.environ.get(key) for key in pinned}
    os.environ.update(pinned)
    try:
        yield
    finally:
        for key, value in before.items():
            if value is None:
                del os.environ[key]
            else:
                os.environ[key] = value


@contextmanager
def interrupts_noted() -> Iterator[Callable[[], None]]:
    """Let Ctrl-C wait for a safe point; give the function that acts on it there.

    An interrupt in the midst of a lock's or a process's bookkeeping would break it, or leave a worker without a master.
    What is not acted on within the block is dropped. Does nothing outside the main thread, where Ctrl-C never arrives.
    """
    handler = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(handler):
        yield lambda: None
        return
    noted: list[int] = []

    def act() -> None:
        if noted:
            noted.clear()
            handler(signal.SIGINT, None)

    signal.signal(signal.SIGINT, lambda number, _: noted.append(number))
    try:
        yield act
    finally:
        signal.signal(signal.SIGINT, handler)


@contextmanager
def interrupts_blocked() -> Iterator[None]:
    """Start a process that inherits the blocked signal: Ctrl-C at a terminal reaches every process of the group."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
