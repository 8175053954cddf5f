"""Light commands stay light: what a command imports is read from Python's own account of it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.contracts.product import ROOT

LEARNERS = {"equinox", "jax", "jaxlib", "optax", "tenseal"}
TABLES = {"networkx", "pandas", "pyarrow", "scipy"}
DOOR = {"pydantic", "pydantic_core", "yaml"}
WORLD = {"numpy", "simpy"}

_IMPORTED = re.compile(r"^import time:\s+\d+ \|\s+\d+ \|\s+(\w+)", re.MULTILINE)


def imported(*arguments: str, folder: Path) -> set[str]:
    """Give the top-level names of all modules that a fresh interpreter imports for these arguments."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return set(_IMPORTED.findall(done.stderr))


def test_the_account_names_what_is_imported(tmp_path: Path) -> None:
    assert {"yaml", "json"} <= imported("-c", "import yaml, json.decoder", folder=tmp_path)


@pytest.mark.parametrize(
    "arguments", [("-c", "import looptwin"), ("-m", "looptwin", "--help"), ("-m", "looptwin", "list")]
)
def test_what_needs_no_scenario_imports_no_third_party_package_of_weight(
    arguments: tuple[str, ...], tmp_path: Path
) -> None:
    assert not imported(*arguments, folder=tmp_path) & (LEARNERS | TABLES | DOOR | WORLD)


def test_making_a_key_imports_what_encrypts_and_nothing_else_of_weight(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("three grey herons")
    (tmp_path / "secret").chmod(0o600)
    words = ("-m", "looptwin", "keys", "init", "mine", "--passphrase-file", "secret")

    assert not imported(*words, folder=tmp_path) & (LEARNERS | TABLES | DOOR | WORLD)


def test_validate_imports_the_door_and_neither_tables_nor_learners(tmp_path: Path) -> None:
    assert not imported("-m", "looptwin", "validate", "mm3", folder=tmp_path) & (LEARNERS | TABLES)


def test_a_run_without_collaboration_wakes_no_learner(tmp_path: Path) -> None:
    assert not imported("-m", "looptwin", "run", "mm3", "--set", "time.horizon_days=600", folder=tmp_path) & LEARNERS


@pytest.mark.parametrize("room", ["sim", "learning", "verify", "scenarios"])
def test_a_room_alone_imports_nothing(room: str, tmp_path: Path) -> None:
    """The rooms' own `__init__` are shop windows: a worker that needs one module pays for that module."""
    assert not imported("-c", f"import {room}", folder=tmp_path) & (LEARNERS | TABLES | DOOR | WORLD)
