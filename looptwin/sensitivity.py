"""Which assumption moves a figure most: each number without a source alone, up and down, under common luck."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from looptwin.errors import UserError
from looptwin.levels import BASE, Level
from looptwin.whatif import Study, Sweep, compared, comparison
from scenarios.assumptions import assumptions
from scenarios.errors import ScenarioError, nearest
from scenarios.load import load
from scenarios.scenario import Scenario

if TYPE_CHECKING:
    import pandas as pd

LISTED = "part of a list; change it with --set"
ZERO = "zero, and a share of it is zero"
NO_LEARNING = "nobody learns in this scenario"


class Nudge(NamedTuple):
    """A number that is varied: its dotted key, its value, and what it is set to below and above."""

    key: str
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Effect:
    """What a nudge does to a figure: the paired differences to the base at the low and the high value.

    Each difference is (mean, ci_low, ci_high); None where the scenario refuses the value, for the reason in `refused`.
    """

    nudge: Nudge
    low: tuple[float, float, float] | None
    high: tuple[float, float, float] | None
    refused: str = ""

    @property
    def swing(self) -> float:
        """The larger of the two differences, without its sign."""
        return max((abs(side[0]) for side in (self.low, self.high) if side is not None), default=0.0)


@dataclass(frozen=True)
class Sensitivity:
    """A finished study.

    effects: by swing, largest first, those looked at closely before the others. left_out: why a key was not varied.
    """

    study: Study
    kpi: str
    by: float
    effects: tuple[Effect, ...]
    left_out: Mapping[str, str]

    @property
    def table(self) -> pd.DataFrame:
        """Index key; columns value, low, high, and the difference at each with its 95 % interval."""
        import pandas as pd

        return pd.DataFrame([*rows(self)]).set_index("key")


def sensitivity(  # noqa: PLR0913 - each is an option of the command
    scenario: Scenario | str | Path,
    kpi: str = "profit",
    *,
    by: float = 0.1,
    only: str = "",
    replications: int = 5,
    workers: int = 1,
    seed: int | None = None,
    out: str | Path | None = None,
    closely: int | None = None,
) -> Sensitivity:
    """Vary every assumption of a scenario alone, by a share `by` of its value, and rank what that does to a figure.

    only: vary only the keys that start with this. closely: simulate all once, and as often as asked for only so many
    that moved the figure most; the others come after them, without intervals. All levels share their luck, so a
    difference is the assumption's alone. A whole number moves by one at least; a value that the scenario refuses (a
    probability above 1) is said to be refused. Raises ScenarioError and UserError.
    """
    scenario = scenario if isinstance(scenario, Scenario) else load(scenario)
    if not 0.0 < by < 1.0:
        raise UserError(f"sensitivity: `by` is a share between 0 and 1, got {by:g}")
    nudges, left_out = nudges_of(scenario, by, only)
    sweep = Sweep(scenario.seed if seed is None else seed, replications, workers, out)
    if closely is None:
        study, effects = _ranked(scenario, kpi, nudges, sweep)
        return Sensitivity(study, kpi, by, effects, left_out)
    if closely < 1:
        raise UserError(f"sensitivity: `closely` is a number of at least 1, got {closely}")
    first = _ranked(scenario, kpi, nudges, replace(sweep, replications=1, out=_below(out, "first")))[1]
    chosen = [one.nudge for one in first[:closely]]
    study, effects = _ranked(scenario, kpi, chosen, replace(sweep, out=_below(out, "closely")))
    return Sensitivity(study, kpi, by, (*effects, *first[closely:]), left_out)


def _below(out: str | Path | None, name: str) -> Path | None:
    return None if out is None else Path(out) / name


def _ranked(scenario: Scenario, kpi: str, nudges: list[Nudge], sweep: Sweep) -> tuple[Study, tuple[Effect, ...]]:
    """Simulate both levels of each nudge beside the scenario as it is; return that and the effects, largest first."""
    base = Level(BASE, scenario)
    refused: dict[str, str] = {}
    study = compared(scenario, [base, *_levels(scenario, nudges, refused)], base, sweep, [kpi])
    found = {row["level"]: (row["difference"], row["ci_low"], row["ci_high"]) for row in comparison(study, kpi)}
    effects = [
        Effect(one, found.get(_label(one, one.low)), found.get(_label(one, one.high)), refused.get(one.key, ""))
        for one in nudges
    ]
    return study, tuple(sorted(effects, key=lambda one: (-one.swing, one.nudge.key)))


def nudges_of(scenario: Scenario, by: float, only: str = "") -> tuple[list[Nudge], dict[str, str]]:
    """Return the numbers of a scenario to vary, and the reason for each assumption that is not.

    Raises UserError where no assumption's key starts with `only`.
    """
    resolved = scenario.resolved()
    keys = [key for key in assumptions(scenario) if key.startswith(only)]
    if not keys:
        near = nearest(only, assumptions(scenario))
        raise UserError(f"no assumption starts with {only!r}" + (f"; did you mean {near!r}?" if near else ""))
    nudges: list[Nudge] = []
    left_out: dict[str, str] = {}
    for key in keys:
        parts = key.split(".")
        value = _at(resolved, parts)
        if any(part.isdecimal() for part in parts):
            left_out[key] = LISTED
        elif value == 0:
            left_out[key] = ZERO
        elif parts[0] in ("collaboration", "verification") and scenario.collaboration.mode in ("none", "oracle"):
            left_out[key] = NO_LEARNING
        else:
            nudges.append(Nudge(key, value, *_around(value, by)))
    return nudges, left_out


def _around(value: float, by: float) -> tuple[float, float]:
    if isinstance(value, int):
        step = max(1, round(abs(value) * by))
        return value - step, value + step
    return value - abs(value) * by, value + abs(value) * by


def _levels(scenario: Scenario, nudges: list[Nudge], refused: dict[str, str]) -> Iterator[Level]:
    """Yield both levels of each nudge; note in `refused` why there is none."""
    resolved = scenario.resolved()
    for one in nudges:
        for value in (one.low, one.high):
            try:
                yield Level(_label(one, value), scenario.override(_change(resolved, one.key, value)))
            except ScenarioError as error:
                refused[one.key] = f"{value:g}: {error.problems[0].message}"


def _label(nudge: Nudge, value: float) -> str:
    return f"{nudge.key}={value!r}"


def _change(resolved: Any, key: str, value: float) -> dict[str, object]:
    """Return the override that sets one number. A law that the file does not write has to be given as a whole."""
    *above, last = key.split(".")
    around = _at(resolved, above)
    return {".".join(above): {**around, last: value}} if "law" in around and last != "law" else {key: value}


def _at(resolved: Any, parts: list[str]) -> Any:
    found = resolved
    for part in parts:
        found = found[int(part)] if isinstance(found, list) else found[part]
    return found["value"] if isinstance(found, dict) and found.keys() == {"value", "source"} else found


def rows(found: Sensitivity) -> Iterator[dict[str, Any]]:
    """Yield a row for each number that was varied, the largest effect first; nan where a value was refused."""
    nothing = (float("nan"),) * 3
    for one in found.effects:
        low, high = one.low or nothing, one.high or nothing
        yield {
            "key": one.nudge.key,
            "value": one.nudge.value,
            "low": one.nudge.low,
            "high": one.nudge.high,
            "swing": one.swing,
            **dict(zip(("at_low", "at_low_ci_low", "at_low_ci_high"), low, strict=True)),
            **dict(zip(("at_high", "at_high_ci_low", "at_high_ci_high"), high, strict=True)),
            "refused": one.refused,
        }
