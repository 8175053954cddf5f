"""What a user is told about a scenario file: the problems of its text, with the file's folder left out."""

from __future__ import annotations

from pathlib import Path

import pytest

from scenarios.errors import Problem, ScenarioError
from scenarios.load import load

HEAD = "looptwin: 1\nname: probe\ntime: {horizon_days: 100}\n"
"""Three lines that every probe needs."""

LINE = (
    HEAD
    + """\
blocks:
  arrivals:
    kind: source
    interarrival_days: {law: exponential, rate: 2.4}
    marks:
      grade: {values: [A, B], probabilities: [0.5, 0.5]}
    to: bench
  bench:
    kind: station
    servers: 3
    queue: fifo
    service_days: {law: exponential, mean: 1}
    to: {done: 0.75, arrivals_lane: 0.25}
  arrivals_lane:
    kind: lane
    days: 2
    to: [{field: grade, in: [A], to: bench}, {to: done}]
  done:
    kind: sink
"""
)
"""A valid scenario; probes change one word of it."""


def written(folder: Path, text: str, name: str = "probe.yaml") -> Path:
    """Write a scenario file and return its path."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def problems(folder: Path, text: str | bytes, **options: list[str]) -> tuple[Problem, ...]:
    """Load a text that must be refused, and return why."""
    path = folder / "probe.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass"))
    with pytest.raises(ScenarioError) as refusal:
        load(path, **options)
    return refusal.value.problems


def lines(folder: Path, text: str | bytes, **options: list[str]) -> list[str]:
    """Load a text that must be refused, and return the printed lines without the folder."""
    return [str(problem).replace(f"{folder}/", "") for problem in problems(folder, text, **options)]


def probe(before: str, after: str, text: str = LINE) -> str:
    """Return a text with one passage changed; the passage must stand there once."""
    assert text.count(before) == 1, before
    return text.replace(before, after)
