"""How figures are told to people: their names in plain words, what they mean, and as many digits as carry meaning."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

SHARES = (
    "availability",
    "content",
    "diversion",
    "oee",
    "out",
    "probability",
    "rate",
    "service",
    "share",
    "utilisation",
    "yield",
)
"""Last words of figures that are parts of a whole, which people read in per cent."""


OF_BLOCKS: Mapping[str, str] = {
    "number_mean": "Units inside",
    "queue_mean": "Queue",
    "time_mean_days": "Time inside",
    "wait_mean_days": "Wait",
    "wait_probability": "Has to wait",
    "loss_probability": "Turned away",
    "utilisation": "Utilisation",
    "availability": "Availability",
    "throughput_per_day": "Throughput",
    "on_hand_mean": "At hand",
    "backorders_mean": "Backorders",
    "fill_rate": "Fill rate",
    "cycle_service": "Cycle service",
    "time_p50_days": "Time inside, median",
    "time_p95_days": "Time inside, 95 %",
}
"""Column heads for the figures of blocks."""

OF_KINDS: Mapping[tuple[str, str], str] = {
    ("population", "number_mean"): "In use",
    ("population", "on_hand_mean"): "Spares",
    ("population", "backorders_mean"): "Empty places",
    ("sink", "time_mean_days"): "Age on leaving",
}
"""Column heads where a kind of block gives a figure a meaning of its own."""

DECIDED_BY: Mapping[str, str] = {
    "rule": "the scenario's rule",
    "learned": "the learned model",
    "given": "the callable given to the run",
    "explore": "chance, so that outcomes stay representative",
    "order": "a test that was ordered",
    "oracle": "the oracle, by truth",
}
"""Who took a decision, by the word of the table of decisions."""

FORMS: Mapping[str, str] = {
    "cipher": "encrypted",
    "clear": "in clear",
    "out_of_band": "handed over directly",
}
"""How something crossed a border, by the word of the table of crossings."""


def head(kind: str, figure: str) -> str:
    """Return the column head of a figure for a kind of block."""
    return OF_KINDS.get((kind, figure)) or OF_BLOCKS.get(figure, figure)


def unit_of(name: str, unit: str) -> str:
    """Return the unit that a figure is shown in."""
    if unit != "1":
        return unit
    return "%" if _is_share(name) else "index"


def shown(name: str, value: float | None, unit: str) -> str:
    """Return a figure's value in that unit; an en dash for one that is undefined."""
    if value is None or not math.isfinite(value):
        return "\N{EN DASH}"
    if unit == "1":
        return f"{100.0 * value:.1f}" if _is_share(name) else _index(value)
    if unit in ("EUR", "kg"):
        return whole(value)
    return whole(value) if float(value).is_integer() else three_digits(value)


def _index(value: float) -> str:
    return f"{value:,.{3 if abs(value) < 100.0 else 1}f}".replace("-", "\N{MINUS SIGN}")


def whole(value: float) -> str:
    """Return a number without its fraction, thousands apart."""
    return f"{round(value):,}".replace("-", "\N{MINUS SIGN}")


def three_digits(value: float) -> str:
    """Return a number with at least three digits that count."""
    magnitude = math.floor(math.log10(abs(value))) if value else 0
    return f"{value:,.{min(4, max(0, 2 - magnitude))}f}".replace("-", "\N{MINUS SIGN}")


def days(value: float) -> str:
    """Return a number of days."""
    return f"{value:,.0f} days" if value != 1 else "1 day"


def counted(number: float, one: str, many: str = "") -> str:
    """Return a number with its noun: `1 fleet`, `3 fleets`."""
    return f"{number:,.0f} {one if number == 1 else many or one + 's'}"


def _is_share(name: str) -> bool:
    return name.rpartition(".")[2].rpartition("_")[2] in SHARES


def disruption(fact: Mapping[str, Any]) -> str:
    """Return one of the disruptions of a run in words: what, of what, when, and whether it came to it."""
    when = f"day {fact['from_day']:,.6g} to {fact['to_day']:,.6g}"
    ends = {"yes": "", "begun": ", not over at the end", "no": ", which never came"}[fact["happened"]]
    return f"{fact['name']} ({fact['kind'].replace('_', ' ')} of {fact['target']}, {when}{ends})"


def standing(fact: Mapping[str, Any]) -> str:
    """Return in words one of the things that stand at the end of a run."""
    block, units = fact["block"], counted(fact["units"], "unit")
    match fact["what"]:
        case "deadlock":
            return f"{block}: {units} for ever without room, because nothing goes on where there should be some"
        case "still":
            return f"{block}: {units} inside since day {fact['since_day']:,.6g}, and none has left"
        case "queue":
            return f"{block} does not keep up: of {fact['of']:,} units {fact['units']:,} still wait there"
        case _:
            return f"{block} does not keep up: of {fact['of']:,} requests {fact['units']:,} are still open"
