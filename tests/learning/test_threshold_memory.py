"""Rounds and keys leave nothing behind: a federation that runs for long takes no more than one that has just begun."""

from __future__ import annotations

import gc
import os
from pathlib import Path

import numpy as np
import pytest

from learning.crypto.threshold import key as key_module
from tests.learning.threshold_by_hand import federation

ROUNDS, WARM_UP = 120, 40
ROUND_BYTES = 2 * 131_072
"""Least that two updates of one round take."""


def resident() -> int:
    """Bytes of memory that this process holds."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text(encoding="utf-8").split()[1]) * os.sysconf("SC_PAGE_SIZE")


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_rounds_and_renewed_keys_do_not_grow_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """A leak of a tenth of the updates would show as 3 MB; the benchmark does 1,000 rounds."""
    monkeypatch.setattr(key_module, "OPENINGS_PER_KEY", 20)
    one = federation(("a", "b"), 2)
    update = {party: np.arange(4) for party in "ab"}
    for number in range(1, WARM_UP + 1):
        one.total(update, number=number, day=0.0)
    before, files = resident(), open_files()
    for number in range(WARM_UP + 1, WARM_UP + ROUNDS + 1):
        one.total(update, number=number, day=0.0)

    assert one.coordinator.roster.epoch > ROUNDS // 20
    assert resident() - before < ROUNDS * ROUND_BYTES / 10
    assert open_files() == files
