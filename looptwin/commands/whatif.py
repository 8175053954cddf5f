"""`looptwin whatif`."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Iterator, Mapping, Sequence
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
from scenarios.schedule import sentence, unreached
from scenarios.tree import plain


def whatif_command(arguments: Namespace) -> int:
    """Compare levels and print the differences to the base."""
    scenario = load(arguments.scenario, arguments.override, arguments.set)
    with redirect_stdout(sys.stderr):
        study = whatif(
            scenario,
            changes_of(arguments.levels, arguments.level),
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


def changes_of(text: str | None, levels: Sequence[str] = ()) -> Changes:
    """Return the levels that were typed: `KEY=V1,V2,...` or `NAME1,NAME2`, and `NAME:KEY=VALUE,KEY=VALUE` each.

    Raises ScenarioError for a value that is no YAML, UserError for one that is empty and for forms that do not fit.
    """
    if text is None and not levels:
        raise UserError("looptwin whatif: give KEY=V1,V2,..., NAME1,NAME2 or --level NAME:KEY=VALUE,...")
    if not levels:
        return _typed(text or "")
    named = {} if text is None else _typed(text)
    if isinstance(named, Mapping) and named:
        raise UserError(f"--level goes with names of overrides, not with the values of one key: {text}")
    apart_from = [*named, *(level.partition(":")[0].strip() for level in levels)]
    twice = next((name for name in apart_from if apart_from.count(name) > 1), None)
    if twice is not None:
        raise UserError(f"what-if: {twice!r} stands twice among the levels")
    chosen: dict[str, Sequence[object] | Mapping[str, object]] = {name: name for name in named}
    return chosen | dict(map(_level, levels))


def _level(text: str) -> tuple[str, dict[str, object]]:
    """Return the name of a level and its keys with their values."""
    name, _, settings = text.partition(":")
    found: dict[str, object] = {}
    for setting in apart(settings):
        key, equals, value = setting.partition("=")
        if not (name.strip() and key.strip() and equals and value.strip()):
            raise UserError(f"--level {text}: write NAME:KEY=VALUE,KEY=VALUE,... (null gives a key its default again)")
        if key.strip() in found:
            raise UserError(f"--level {text}: {key.strip()} stands twice")
        found[key.strip()] = plain(read_value(value.strip(), f"--level {setting}"))
    return name.strip(), found


def _typed(text: str) -> Mapping[str, list[object]] | list[str]:
    """Return one key with its values, or names of overrides."""
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
    late = [sentence(one, study.scenario.time.horizon_days) for one in unreached(study.scenario)]
    rows = table([row for kpi in kpis for row in _rows(study, kpi)], headings)
    return "\n\n".join([heading, rows, *(["\n".join(late)] if late else [])])


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
    run, late = study.runs[study.base], unreached(study.scenario)
    return {
        "scenario": study.scenario.name,
        "seed": run.seed,
        "replications": len(run.replications),
        "base": study.base,
        "levels": [*study.runs],
        "digests": [one.digest for one in study.runs.values()],
        "assumptions": run.assumptions,
        **({"unreached": [one._asdict() for one in late]} if late else {}),
        "compare": {kpi: [*comparison(study, kpi)] for kpi in study.chosen},
    }
