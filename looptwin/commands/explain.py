"""`looptwin explain`."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Iterator
from typing import Any

from looptwin.explain import Explanation, Part, explain
from looptwin.reopen import open_run
from looptwin.results import Run
from looptwin.statistics import Interval
from looptwin.warm_up import warm_up_days
from looptwin.words.figure_names import CHAIN
from looptwin.words.strict_json import document
from looptwin.words.table import Cell, interval, number, table


def explain_command(arguments: Namespace) -> int:
    """Print the formula of a figure and the terms in it."""
    run = open_run(arguments.run)
    explanation = explain(run, arguments.kpi)
    sys.stdout.write(document(_summary(explanation)) if arguments.json else _told(run, explanation) + "\n")
    return 0


def _told(run: Run, explanation: Explanation) -> str:
    return "\n".join(
        [*_heading(run, explanation), "", f"{explanation.kpi} = {explanation.formula}", _terms(explanation)]
    )


def _heading(run: Run, explanation: Explanation) -> Iterator[str]:
    count, mean = len(explanation.values), explanation.mean
    unit = "" if explanation.unit == "1" else f" {explanation.unit}"
    spread = f" (95 %: {interval(mean.low, mean.high)})" if count > 1 else ""
    yield f"{explanation.kpi}: {number(mean.mean)}{unit}{spread}"
    if explanation.kpi in CHAIN:
        yield CHAIN[explanation.kpi].meaning
    days = f"day {number(warm_up_days(run.scenario, run.seed))} to day {number(run.scenario.time.horizon_days)}"
    yield f"{run.scenario.name}, seed {run.seed}, {days}"
    if count > 1:
        yield f"means over {count} replications: the formula holds in each of them, and not for the means of ratios"


def _terms(explanation: Explanation) -> str:
    if not explanation.parts:
        return "  nothing was counted"
    replicated = len(explanation.values) > 1
    headings = ("  term", "mean" if replicated else "value", "unit", *(["95 % interval"] if replicated else []))
    return table([_row(part, replicated=replicated) for part in explanation.parts], headings)


def _row(part: Part, *, replicated: bool) -> tuple[Cell, ...]:
    cells: tuple[Cell, ...] = (f"  {part.name}", part.mean.mean, "" if part.unit == "1" else part.unit)
    return (*cells, interval(part.mean.low, part.mean.high)) if replicated else cells


def _summary(explanation: Explanation) -> dict[str, Any]:
    return {
        "kpi": explanation.kpi,
        **_numbers(explanation.mean, explanation.values),
        "unit": explanation.unit,
        "formula": explanation.formula,
        "terms": [
            {"term": part.name, **_numbers(part.mean, part.values), "unit": part.unit} for part in explanation.parts
        ],
    }


def _numbers(mean: Interval, values: tuple[float, ...]) -> dict[str, Any]:
    return {"value": mean.mean, "ci_low": mean.low, "ci_high": mean.high, "values": list(values)}
