"""Figures counted again from the events alone, to be held against the ones that the blocks kept while they ran."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from looptwin.checks.histories import CODE, Histories, is_entrance, is_final

Array = NDArray[Any]


@dataclass(frozen=True)
class Units:
    """How many units were made, are out of the system, and are inside at the end."""

    made: int
    gone: int
    inside: int


@dataclass(frozen=True, eq=False)
class _Stays:
    """One stay of a unit in a block per row: the block and the days of coming and going, inf while it is inside."""

    block: Array
    came: Array
    went: Array


def units(told: Histories) -> Units:
    """Return how many units there are; inside is who has a last row that is not an end."""
    last = np.append(told.first[1:], True) if len(told.first) else told.first
    gone = int((last & is_final(told)).sum())
    return Units(made=int(told.is_event("created").sum()), gone=gone, inside=int(last.sum()) - gone)


def figures(told: Histories, began: float, until: float) -> dict[str, float]:
    """Return `<block>.<kpi>` over the days from `began` to `until`, as far as events alone can tell; nan for 0 / 0."""
    days = until - began
    stays = _stays(told)
    inside = _area(stays, len(told.names), began, until) / days
    in_use = _area(_between(told, "installed", "removed"), len(told.names), began, until) / days
    left = _count(stays.block[_counted(stays.went, began)], told)
    ended = told.is_event("left") & _counted(told.day, began)
    left += _count(told.block[ended], told)
    found: dict[str, float] = {}
    for place, (name, block) in enumerate(told.network.items()):
        found[f"{name}.throughput_per_day"] = left[place] / days
        if block.kind != "sink":
            found[f"{name}.number_mean"] = (in_use if block.kind == "population" else inside)[place]
        if block.kind == "stock":
            found[f"{name}.on_hand_mean"] = inside[place]
    return found | _waits(told, began) | _losses(told, began)


def _stays(told: Histories) -> _Stays:
    """Stays in blocks of any kind but sinks: each ends where the next begins, or where the unit is lost for good."""
    entrance = is_entrance(told)
    rows = np.flatnonzero(entrance | is_final(told))
    came = rows[entrance[rows] & ~told.is_event("left")[rows]]
    return _Stays(told.block[came], told.day[came], _next_day(told, came, rows))


def _between(told: Histories, event: str, other: str) -> _Stays:
    """The time from one event of a unit to the next other one."""
    rows = np.flatnonzero(told.is_event(event))
    return _Stays(told.block[rows], told.day[rows], _next_day(told, rows, np.flatnonzero(told.is_event(other))))


def _next_day(told: Histories, rows: Array, among: Array) -> Array:
    """The day of the next row of the same unit among some rows; inf when there is none."""
    place = np.searchsorted(among, rows, side="right")
    exists = place < len(among)
    following = among[np.minimum(place, max(len(among) - 1, 0))] if len(among) else place
    same = exists & (told.unit[following] == told.unit[rows]) if len(rows) else exists
    return np.where(same, told.day[following], np.inf) if len(rows) else np.empty(0)


def _area(stays: _Stays, blocks: int, began: float, until: float) -> Array:
    lengths = np.minimum(stays.went, until) - np.maximum(stays.came, began)
    return np.bincount(stays.block, weights=np.maximum(lengths, 0.0), minlength=blocks)


def _counted(day: Array, began: float) -> Array:
    """What happens on the very day on which counting begins is counted."""
    return (day >= began) & np.isfinite(day)


def _count(blocks: Array, told: Histories) -> Array:
    return np.bincount(blocks, minlength=len(told.names))


def _waits(told: Histories, began: float) -> dict[str, float]:
    """Waits of stations: from a unit's arrival to its first start, which is the next thing that it does."""
    started = told.is_event("started") & _counted(told.day, began)
    rows = np.flatnonzero(started)
    wait = told.day[rows] - told.day[rows - 1]
    starts = _count(told.block[rows], told)
    waited = _count(told.block[rows[wait > 0.0]], told)
    total = np.bincount(told.block[rows], weights=wait, minlength=len(told.names))
    found = {}
    for place, (name, block) in enumerate(told.network.items()):
        if block.kind == "station":
            found[f"{name}.wait_mean_days"] = _ratio(total[place], starts[place])
            found[f"{name}.wait_probability"] = _ratio(waited[place], starts[place])
    return found


def _losses(told: Histories, began: float) -> dict[str, float]:
    since = _counted(told.day, began)
    lost = _count(told.block[since & (told.event == CODE["lost"])], told)
    arrived = _count(told.block[since & (told.event == CODE["arrived"])], told)
    return {
        f"{name}.loss_probability": _ratio(lost[place], lost[place] + arrived[place])
        for place, (name, block) in enumerate(told.network.items())
        if block.kind == "station"
    }


def _ratio(part: float, whole: float) -> float:
    return float(part / whole) if whole else float("nan")
