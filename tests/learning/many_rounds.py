"""Rounds of one federation in a process of its own: `python -m tests.learning.many_rounds COUNT` prints what is left.

Bytes of memory that the process holds more after so many rounds, files that it holds open more, and keys it has had.
Beside other tests the bytes would be theirs.
"""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np

from learning.crypto.threshold import key as key_module
from tests.learning.threshold_by_hand import federation

ROOT = Path(__file__).resolve().parents[2]
WARM_UP, OPENINGS = 60, 20


def resident() -> int:
    """Bytes of memory that this process holds."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text(encoding="utf-8").split()[1]) * os.sysconf("SC_PAGE_SIZE")


def open_files() -> int:
    """How many files this process holds open."""
    return len(list(Path("/proc/self/fd").iterdir()))


def left_behind(count: int) -> dict[str, int]:
    """Take `count` rounds of two parties, a new key after each 20, and return what they leave behind."""
    key_module.OPENINGS_PER_KEY = OPENINGS
    one = federation(("a", "b"), 2)
    update = {party: np.arange(4) for party in "ab"}
    for number in range(1, WARM_UP + 1):
        one.total(update, number=number, day=0.0)
    before, files = resident(), open_files()
    for number in range(WARM_UP + 1, WARM_UP + count + 1):
        one.total(update, number=number, day=0.0)
    grown = {"bytes": resident() - before, "files": open_files() - files}
    return grown | {"keys": one.coordinator.roster.epoch}


def in_a_process(count: int) -> dict[str, int]:
    """Return `left_behind` of a process of its own."""
    arguments = [sys.executable, "-m", "tests.learning.many_rounds", str(count)]
    done = subprocess.run(arguments, cwd=ROOT, check=True, capture_output=True, text=True)
    found: dict[str, int] = json.loads(done.stdout)
    return found


if __name__ == "__main__":
    sys.stdout.write(json.dumps(left_behind(int(sys.argv[1]))))
