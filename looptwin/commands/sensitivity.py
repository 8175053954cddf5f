"""`looptwin sensitivity`."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Iterator
from contextlib import redirect_stdout
from typing import Any

from looptwin.sensitivity import Effect, Sensitivity, rows, sensitivity
from looptwin.words.strict_json import document
from looptwin.words.table import Cell, interval, table
from scenarios.load import load

HEADINGS = ("rank", "assumption", "value", "from", "difference", "95 % interval", "to", "difference", "95 % interval")


def sensitivity_command(arguments: Namespace) -> int:
    """Rank the assumptions of a scenario by what they do to a figure."""
    scenario = load(arguments.scenario, arguments.override, arguments.set)
    with redirect_stdout(sys.stderr):
        found = sensitivity(
            scenario,
            arguments.kpi,
            by=arguments.by,
            only=arguments.only,
            replications=arguments.replications,
            workers=arguments.workers,
            seed=arguments.seed,
            out=arguments.out,
            closely=arguments.closely,
        )
    sys.stdout.write(document(_summary(found)) if arguments.json else told(found, arguments.top) + "\n")
    if arguments.out is not None:
        sys.stderr.write(f"kept in {arguments.out}\n")
    return 0


def told(found: Sensitivity, top: int) -> str:
    """Return the ranking as text, the `top` largest effects, with what was left out and why."""
    run = found.study.runs[found.study.base]
    unit = run.replications[0].kpis[found.kpi].unit
    heading = (
        f"{run.scenario.name}: what {found.by:.0%} on one assumption does to {found.kpi}"
        f"{'' if unit == '1' else f' ({unit})'}, {len(run.replications)} replications each under common luck"
    )
    ranking = table([_row(place, one) for place, one in enumerate(found.effects[:top], 1)], HEADINGS)
    return "\n\n".join([heading, ranking, "\n".join(_rest(found, top))])


def _row(place: int, one: Effect) -> tuple[Cell, ...]:
    return (place, one.nudge.key, one.nudge.value, *_side(one.nudge.low, one.low), *_side(one.nudge.high, one.high))


def _side(value: float, side: tuple[float, float, float] | None) -> tuple[Cell, ...]:
    return (value, None, "refused") if side is None else (value, side[0], interval(side[1], side[2]))


def _rest(found: Sensitivity, top: int) -> Iterator[str]:
    still = sum(one.swing == 0.0 for one in found.effects)
    yield f"{len(found.effects)} of {len(found.effects) + len(found.left_out)} assumptions were varied"
    if len(found.effects) > top:
        yield f"{len(found.effects) - top} more are not shown; see --top and --json"
    if still:
        yield f"{still} change {found.kpi} by nothing"
    reasons: dict[str, int] = {}
    for reason in found.left_out.values():
        reasons[reason] = reasons.get(reason, 0) + 1
    yield from (f"{count} not varied: {reason}" for reason, count in sorted(reasons.items()))


def _summary(found: Sensitivity) -> dict[str, Any]:
    run = found.study.runs[found.study.base]
    return {
        "scenario": run.scenario.name,
        "seed": run.seed,
        "replications": len(run.replications),
        "kpi": found.kpi,
        "by": found.by,
        "assumptions": run.assumptions,
        "ranking": [*rows(found)],
        "left_out": dict(found.left_out),
    }
