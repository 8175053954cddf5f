"""Fingerprints of callables: equal for equal makings, in any process, and another for whatever is changed."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from looptwin.replications.fingerprint import fingerprint

ROOT = Path(__file__).parents[3]

SOURCE = """
LIMIT = 3.0
def inner(value): return value < LIMIT
def outer(view, *, default="reman"): return default if inner(view["distance"]) else "recycle"
"""


def made(source: str) -> Callable[..., Any]:
    """Return the function `outer` of some source, in a module of its own."""
    names: dict[str, Any] = {"__name__": "notebook"}
    exec(compile(source, "notebook", "exec"), names)  # noqa: S102 - what a notebook does with its cells
    found: Callable[..., Any] = names["outer"]
    return found


def test_the_same_source_has_the_same_fingerprint_wherever_it_stands() -> None:
    assert fingerprint(made(SOURCE)) == fingerprint(made("\n\n\n" + SOURCE))
    assert fingerprint(made(SOURCE)).startswith("notebook.outer#")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("LIMIT = 3.0", "LIMIT = 4.0"),
        ("value < LIMIT", "value <= LIMIT"),
        ('default="reman"', 'default="test"'),
        ('"recycle"', '"test"'),
        ('view["distance"]', 'view["age_years"]'),
    ],
)
def test_any_change_changes_it(old: str, new: str) -> None:
    assert fingerprint(made(SOURCE)) != fingerprint(made(SOURCE.replace(old, new)))


@dataclass(frozen=True)
class Model:
    """A decision with numbers inside."""

    weights: dict[str, Any]
    words: frozenset[str] = frozenset({"a", "b", "c"})

    def __call__(self, view: Any) -> str:
        return "reman"


def test_an_object_is_told_by_its_fields() -> None:
    one, same, other = (Model({"north": np.array([1.0, number])}) for number in (2.0, 2.0, 2.5))

    assert fingerprint(one) == fingerprint(same)
    assert fingerprint(one) != fingerprint(other)


def test_another_process_finds_the_same() -> None:
    """Texts are hashed with a salt of each process, and sets are walked in its order."""
    code = (
        "from tests.looptwin.replications.test_fingerprint import *\n"
        "print(fingerprint(made(SOURCE)), fingerprint(Model({'north': np.array([1.0, 2.0])})))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)

    here = f"{fingerprint(made(SOURCE))} {fingerprint(Model({'north': np.array([1.0, 2.0])}))}".split("#")
    assert [part.split()[0] for part in done.stdout.split("#")[1:]] == [part.split()[0] for part in here[1:]]
