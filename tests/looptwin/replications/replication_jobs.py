"""Small jobs for the tests of replications; workers import them by name, so they stand apart from the tests."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np

import sim
from looptwin.errors import UserError
from looptwin.replications.replicate import Task
from looptwin.replications.shards import Key, Kpi, Outcome
from sim.arrow import arrow_table

VERSIONS = {"looptwin": "0"}


def tasks(number: int, payload: Any = None) -> list[Task]:
    """The first replications of one scenario."""
    return [Task(Key("s", 7, place, VERSIONS), payload) for place in range(number)]


def luck(task: Task) -> np.random.Generator:
    return np.random.Generator(np.random.Philox(key=[task.key.seed, task.key.replication]))


def small(task: Task) -> Outcome:
    """Figures and a table that depend on seed and replication alone."""
    draws = luck(task).random(50)
    events = {
        "day": np.cumsum(draws),
        "unit": np.arange(50),
        "kind": np.array(["failed", "arrived"] * 25, dtype=object),
    }
    kpis = {"profit": Kpi(float(draws.sum()), "EUR"), "fill_rate": Kpi(float("nan"), "1")}
    return Outcome(kpis, {"events": events}, {"replication": task.key.replication})


def in_any_order(task: Task) -> Outcome:
    """Later replications end earlier."""
    time.sleep(0.02 * (6 - task.key.replication % 6))
    return small(task)


def streamed(task: Task) -> Outcome:
    """Write events as two Parquet parts into the workspace, as a log that flushes does."""
    import pyarrow.parquet as pq

    outcome = small(task)
    if task.workspace is None:
        return outcome
    table = arrow_table(outcome.tables["events"])
    parts = [task.workspace / f"events-{part}.parquet" for part in range(2)]
    pq.write_table(table.slice(0, 20), parts[0])
    pq.write_table(table.slice(20), parts[1])
    return Outcome(outcome.kpis, {"events": parts}, outcome.facts)


def bulky(task: Task) -> Outcome:
    """Give far more than a pipe holds."""
    return Outcome({"rows": Kpi(200_000.0, "1")}, {"events": {"day": luck(task).random(200_000)}})


def about_the_worker(task: Task) -> Outcome:
    """What the process of this job looks like from inside."""
    small(task)
    loaded = sorted({name.partition(".")[0] for name in sys.modules})
    pinned = {name: os.environ.get(name) for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NPROC", "XLA_FLAGS")}
    facts = {"pid": os.getpid(), "loaded": loaded, "pinned": pinned, "sim": sim.__file__}
    return Outcome({}, facts=facts)


def dies_once(task: Task) -> Outcome:
    """Kill the worker of replication 1, the first time only; `payload` is where that is remembered."""
    marker = Path(task.payload)
    if task.key.replication == 1 and not marker.exists():
        marker.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return small(task)


def always_dies(task: Task) -> Outcome:
    """Kill the worker of replication 1 every time, as one that needs too much memory is."""
    if task.key.replication == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    return small(task)


def dies_within_a_result(task: Task) -> Outcome:
    """Kill the worker of replication 1 while its large result is on the way, the first time only."""
    marker = Path(task.payload)
    if task.key.replication == 1 and not marker.exists():
        marker.touch()
        threading.Timer(0.01, os.kill, (os.getpid(), signal.SIGKILL)).start()
    return bulky(task)


def fails(task: Task) -> Outcome:
    if task.key.replication == 2:
        raise ValueError("negative stock")
    return small(task)


def refuses(task: Task) -> Outcome:
    raise UserError("stock 'serviceable' does not exist")


class Unpicklable(Exception):
    """Cannot be rebuilt from its arguments, as many exceptions of users cannot."""

    def __init__(self, first: str, second: str) -> None:
        super().__init__(first + second)


def fails_strangely(task: Task) -> Outcome:
    raise Unpicklable("odd", " end")


def slow(task: Task) -> Outcome:
    """The first replications end at once, the others never."""
    if task.key.replication >= 2:
        time.sleep(60)
    return small(task)


def prints(task: Task) -> Outcome:
    sys.stdout.write("a job's own words\n")
    return small(task)


def fills_the_disk(task: Task) -> Outcome:
    """Give more than a small disk holds from replication 1 on."""
    rows = 10 if task.key.replication == 0 else 400_000
    return Outcome({"rows": Kpi(rows, "1")}, {"events": {"day": luck(task).random(rows)}})
