"""Runs short enough for a test, each made once: the chain in its modes, and a network of blocks."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from looptwin.replications.shards import arrow_table
from looptwin.results import Run
from looptwin.run import run
from scenarios.load import load
from scenarios.scenario import Scenario

SHORT = {"time.horizon_days": 300, "time.warm_up_days": 30, "verification.enabled": False}


@cache
def chain(**changes: str) -> Run:
    """The small chain for 300 days; changes: words of `collaboration`."""
    return run(short({f"collaboration.{name}": word for name, word in changes.items()}))


def short(changes: dict[str, object]) -> Scenario:
    return load("transmission-small").override({**SHORT, **changes})


@cache
def queue(replications: int = 1) -> Run:
    """A packaged queue for 600 days."""
    return run(load("mm3").override({"time.horizon_days": 600, "time.warm_up_days": 50}), replications=replications)


@cache
def factories() -> Run:
    """Five factories for sixty days, without the study of their records."""
    return run(load("five-factories").override({"regression": None}))


@cache
def study() -> Run:
    """The packaged study, whose figures no protection changes."""
    return run(load("five-factories").override({"collaboration.protection": "plain"}))


def with_table(of: Run, name: str, columns: dict[str, object]) -> Run:
    """A run whose first replication holds this table instead of its own."""
    first = of.replications[0]
    tables = {**first.tables, name: arrow_table(columns)}
    return replace(of, replications=(replace(first, tables=tables, digests={**first.digests, name: "0"}),))
