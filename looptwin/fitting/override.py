"""What was fitted as keys of a scenario, each with its source, and the file that extends the scenario with them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from looptwin.fitting.likelihood import Fit
from scenarios.assumptions import count
from scenarios.dump import yaml_of
from scenarios.extend import is_path
from scenarios.load import load
from scenarios.scenario import Scenario
from sim.config import Season
from sim.units import HOURS_PER_DAY

TIMES = ("mean", "scale")
"""Parameters of laws that are times; all others have no unit."""

DIGITS = 6
"""Significant digits that are written: more than any records can tell."""


@dataclass(frozen=True)
class Target:
    """The scenario and the key of it that takes a law."""

    name: str
    scenario: Scenario
    key: str

    @property
    def factor(self) -> float:
        """What a day is in the key's unit."""
        return HOURS_PER_DAY if self.key.rpartition(".")[2].endswith("hours") else 1.0

    @property
    def beside(self) -> str:
        """The dotted key of the section that holds the law."""
        return self.key.rpartition(".")[0]

    @property
    def may_swing(self) -> bool:
        """Whether the section that holds the law takes a season."""
        return hasattr(_at(self.scenario, self.beside), "season")


def target(name: str, key: str) -> Target:
    """Return a scenario and its key; raise ScenarioError where there is none, or where no law can stand there."""
    scenario = load(name)
    found = Target(name, scenario, key)
    # whatever may stand there is told by the scenario's own door, with the nearest match
    scenario.override({key: {**_without(found, "exponential"), "law": "exponential", "mean": 1.0}})
    return found


def law_change(target: Target, fitted: Fit, source: str) -> dict[str, Any]:
    """Return the key with a fitted law."""
    values = {
        one.name: _rounded(one.value * (target.factor if one.name in TIMES else 1.0)) for one in fitted.parameters
    }
    return {target.key: {"law": fitted.family.name, **_without(target, fitted.family.name), **values, "source": source}}


def weibull_change(target: Target, shape: float, scale_days: float, source: str) -> dict[str, Any]:
    """Return the key with a Weibull law."""
    scale = _rounded(scale_days * target.factor)
    values = {"shape": _rounded(shape), "scale": scale, "source": source}
    return {target.key: {"law": "weibull", **_without(target, "weibull"), **values}}


def season_change(target: Target, season: Season, source: str) -> dict[str, Any]:
    """Return the season beside the key."""
    numbers = {"amplitude": season.amplitude, "period_days": season.period_days, "phase": season.phase}
    return {f"{target.beside}.season": {key: _sourced(value, source) for key, value in numbers.items()}}


def share_change(target: Target, share: float, source: str) -> dict[str, Any]:
    """Return the probability of a return, for a scenario with parties; nothing for others, whose routes have it."""
    return {"returns.probability": _sourced(share, source)} if target.scenario.parties else {}


def override_yaml(target: Target, changes: Mapping[str, Any], folder: Path) -> str:
    """Return a scenario file for a folder that extends the target with changes; raise ScenarioError if it is wrong."""
    target.scenario.override(changes)
    extends = target.name
    if is_path(extends):
        extends = Path(os.path.relpath(extends, folder)).as_posix()
        extends = extends if "/" in extends else f"./{extends}"
    data: dict[str, Any] = {"looptwin": 1, "name": f"{target.scenario.name}-fitted", "extends": extends}
    for key, value in changes.items():
        *above, last = key.split(".")
        place = data
        for part in above:
            place = place.setdefault(part, {})
        place[last] = value
    return yaml_of(data)


def assumptions(target: Target, changes: Mapping[str, Any]) -> tuple[int, int, int]:
    """Return how many numbers are assumptions before the changes and after them, and how many numbers there are."""
    before, after = count(target.scenario), count(target.scenario.override(changes))
    return before.assumed, after.assumed, after.of


def _without(target: Target, law: str) -> dict[str, None]:
    """Return what the scenario's own law of this key says, as nothing: the fitted law says all that it needs."""
    own = _at(target.scenario, target.key)
    if getattr(own, "law", None) != law:
        return {}
    return {one.name: None for one in fields(own) if one.name != "law" and getattr(own, one.name) is not None}


def _at(scenario: Scenario, key: str) -> Any:
    found: Any = scenario
    for part in key.split(".") if key else ():
        found = found.get(part) if isinstance(found, Mapping) else getattr(found, part, None)
    return found


def _sourced(value: float, source: str) -> dict[str, Any]:
    return {"value": _rounded(value), "source": source}


def _rounded(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")


def source_of(file: Path, count_: int, ended: str, span: str) -> str:
    """Return the source of fitted numbers: the file, how many rows, what they span."""
    return f"fitted to {file.name}, n={count_}, {ended}" + (f", {span}" if span else "")
