"""`looptwin whatif`."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Iterator
from contextlib import redirect_stdout
from typing import Any

from looptwin.errors import UserError
from looptwin.levels import Changes
from looptwin.whatif import Study, comparison, whatif
from looptwin.words.run import is_shown_first
from looptwin.words.strict_json import document
from looptwin.words.table import Cell, interval, table
from scenarios.load import load
from scenarios.marks import read_value
from scenarios.tree import plain


def whatif_command(arguments: Namespace) -> int:
    """Compare levels and print the differences to the base."""
    scenario = load(arguments.scenario, arguments.override, arguments.set)
    with redirect_stdout(sys.stderr):
        study = whatif(
            scenario,
            changes_of(arguments.levels),
            replications=arguments.replications,
            workers=arguments.workers,
            seed=arguments.seed,
            out=arguments.out,
            kpis=arguments.kpi,
        )
    sys.stdout.write(document(_summary(study)) if arguments.json else _told(study, shown(study, arguments.kpi)) + "\n")
    if arguments.out is not None:
        sys.stderr.write(f"kept in {arguments.out}\n")
    return 0


def changes_of(text: str) -> Changes:
    """Return the levels that were typed: `KEY=V1,V2,...` or `NAME1,NAME2`.

    Raises ScenarioError for a value that is no YAML, UserError for one that is empty.
    """
    key, equals, values = text.partition("=")
    if not equals:
        return [name.strip() for name in text.split(",")]
    levels = apart(values)
    if not all(levels):
        raise UserError(f"{text}: a level is empty; write {key}=VALUE,VALUE,... (null gives a key its default again)")
    return {key.strip(): [plain(read_value(value, f"{key}={value}")) for value in levels]}


def apart(text: str) -> list[str]:
    """Return the values in a list, cut at commas outside of braces, brackets and quotes."""
    values, depth, quote = [""], 0, ""
    for character in text:
        if quote:
            quote = "" if character == quote else quote
        elif character in "\"'":
            quote = character
        else:
            depth += (character in "{[") - (character in "}]")
        if character == "," and not depth and not quote:
            values.append("")
        else:
            values[-1] += character
    return [value.strip() for value in values]


def shown(study: Study, asked: list[str] | None) -> list[str]:
    """Return the figures to print: those that were asked for, or else the chain's headlines, or else the blocks'."""
    parties = tuple(study.scenario.parties)
    if asked is not None or not parties:
        return [*study.chosen]
    return [name for name in study.chosen if is_shown_first(name, parties)]


def _told(study: Study, kpis: list[str]) -> str:
    count = len(next(iter(study.runs.values())).replications)
    heading = f"{study.scenario.name}, {len(study.runs)} levels, {count} replications each under common luck"
    headings = ("figure", "level", "mean", "difference", "95 % interval", "variance reduced by")
    return f"{heading}\n\n{table([row for kpi in kpis for row in _rows(study, kpi)], headings)}"


def _rows(study: Study, kpi: str) -> Iterator[tuple[Cell, ...]]:
    for place, row in enumerate(comparison(study, kpi)):
        name = kpi if place == 0 else ""
        if row["level"] == study.base:
            level = "base" if study.base == "base" else f"{study.base} (base)"
            yield name, level, row["mean"], "", "", ""
        else:
            spread = interval(row["ci_low"], row["ci_high"])
            yield name, str(row["level"]), row["mean"], row["difference"], spread, row["variance_reduction"]


def _summary(study: Study) -> dict[str, Any]:
    run = study.runs[study.base]
    return {
        "scenario": study.scenario.name,
        "seed": run.seed,
        "replications": len(run.replications),
        "base": study.base,
        "levels": [*study.runs],
        "digests": [one.digest for one in study.runs.values()],
        "assumptions": run.assumptions,
        "compare": {kpi: [*comparison(study, kpi)] for kpi in study.chosen},
    }
