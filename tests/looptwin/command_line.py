"""What the tests of commands share: a scenario, a process of its own, and how a mistake is told."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]

SMALL = """\
looptwin: 1
name: small
time: {horizon_days: 300, warm_up_days: 30}
blocks:
  arrivals: {kind: source, interarrival_days: {law: exponential, rate: 2.4}, to: bench}
  bench: {kind: station, servers: 3, service_days: {law: exponential, mean: 1}, to: done}
  done: {kind: sink}
overrides:
  fourth: {blocks.bench.servers: 4}
"""

Told = tuple[int, str, str]
"""Exit status, standard output, standard error."""

SWEEP_DAYS = 4500
SWEEP = (
    "run",
    "./small.yaml",
    "--set",
    f"time.horizon_days={SWEEP_DAYS}",
    "--replications",
    "8",
    "--json",
    "--out",
    "kept",
)


def started(*words: str, folder: Path, **options: Any) -> subprocess.Popen[str]:
    """Start the command in a process of its own."""
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True} | options
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen([sys.executable, "-m", "looptwin", *words], cwd=folder, env=environment, **pipes)


def finished(*words: str, folder: Path, **options: Any) -> Told:
    with started(*words, folder=folder, **options) as process:
        out, err = process.communicate(timeout=60)
    return process.returncode, out, err


def wait_for_shards(out: Path, count: int, process: subprocess.Popen[str]) -> None:
    """Wait until a running sweep has finished some replications."""
    while process.poll() is None and len([*out.glob("replications/0*")]) < count:
        time.sleep(0.01)


def one_line(said: str) -> bool:
    return said.count("\n") == 1 and "Traceback" not in said
