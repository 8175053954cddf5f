"""`looptwin sharing`."""

from __future__ import annotations

import sys
from argparse import Namespace
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

from looptwin.errors import folder_error
from looptwin.sharing_study.axes import typed
from looptwin.sharing_study.page import WORDS, sharing_page, story
from looptwin.sharing_study.sharing import Sharing, sharing
from looptwin.sharing_study.world import STRATEGIES
from looptwin.words.strict_json import document
from looptwin.words.table import Cell, interval, table
from scenarios.load import load

PAGE = "sharing.html"
HEADINGS = (
    "labels",
    "difference",
    "cracks",
    "bench",
    "rule",
    "alone",
    "common",
    "centred",
    "truth",
    "gain",
    "95 % interval",
    "best",
)


def sharing_command(arguments: Namespace) -> int:
    """Map where a common model pays, and write its page."""
    scenario = load(arguments.scenario, arguments.override, arguments.set)
    names = ("labels", "differences", "cracks", "bench_prices")
    axes = typed(**{name: getattr(arguments, name) for name in names})
    with redirect_stdout(sys.stderr):
        found = sharing(
            scenario,
            axes,
            replications=arguments.replications,
            workers=arguments.workers,
            seed=arguments.seed,
            out=arguments.out,
        )
    sys.stdout.write(document(_summary(found)) if arguments.json else told(found) + "\n")
    if arguments.out is not None:
        path = Path(arguments.out) / PAGE
        try:
            beside = path.with_name(f".{PAGE}")
            beside.write_text(sharing_page(found), encoding="utf-8")
            beside.replace(path)
        except OSError as error:
            raise folder_error(error, path) from error
        sys.stderr.write(f"kept in {arguments.out}, page in {path}\n")
    return 0


def told(found: Sharing) -> str:
    """Return the map as text."""
    rows: list[tuple[Cell, ...]] = [
        (
            cell.labels,
            cell.difference,
            cell.crack_probability,
            cell.bench_cost,
            *(round(getattr(cell, name).mean) for name in (*STRATEGIES, "gain")),
            interval(round(cell.gain.low), round(cell.gain.high)),
            WORDS[cell.best],
        )
        for cell in found.cells
    ]
    heading = f"{found.scenario.name}: EUR a year above recycling every core, {found.replications} replications"
    return "\n\n".join([heading, table(rows, HEADINGS), "\n".join(story(found))])


def _summary(found: Sharing) -> dict[str, Any]:
    return {
        "scenario": found.scenario.name,
        "seed": found.seed,
        "replications": found.replications,
        "traffic_bytes": found.traffic_bytes,
        "cells": [*found.rows()],
    }
