"""Units between parties, counted from the event table: who handed how many to whom, and whether the sum is right.

Every unit's rows are read in order, and two visits in a row are one move. The blocks count for themselves while the
world runs, so their counters are a second opinion on what is counted here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from looptwin.page.findings import tables
from looptwin.warm_up import warm_up_days
from scenarios.expansion import expanded
from sim.parties.config import Fleet
from sim.parties.expand import owner

if TYPE_CHECKING:
    import pandas as pd

    from looptwin.replications.shards import Replication
    from looptwin.results import Run
    from scenarios.scenario import Scenario

VISITS = ("created", "arrived", "sent", "stocked", "spared", "installed", "left", "lost")
"""Events with which a unit comes to a block, or is refused by it."""

NOT_RETURNED = "not returned"
"""Where units go that a fleet does not give back."""

TURNED_AWAY = "turned away"
"""Where units go that a full station refused and no other took."""


@dataclass(frozen=True)
class Link:
    """Units that one place handed to another, mean over replications."""

    sender: str
    receiver: str
    units: float


@dataclass(frozen=True)
class Flows:
    """What moved in the counted days, means over replications, and how far it does not add up.

    places: parties, and blocks that stand for themselves, in order. circling: places where units are in use, to which
    they come back. before, made, gone, after: units that were there when counting began, were made, went for good, were
    there at the end. balance_error: the largest difference, in the whole and at any place, between these.
    counter_error: the largest difference between a block's own count of the units that left it and the moves here.
    """

    links: tuple[Link, ...]
    places: tuple[str, ...]
    circling: tuple[str, ...]
    before: float
    made: float
    gone: float
    after: float
    balance_error: float
    counter_error: float


def flows(run: Run) -> Flows:
    """Count the flow of units of a run. Raises KeyError for a run that kept counters only."""
    since, place_of = warm_up_days(run.scenario, run.seed), places(run.scenario)
    links: Counter[tuple[str, str]] = Counter()
    totals: Counter[str] = Counter()
    balance, counters = [0.0], [0.0]
    for replication, events in zip(run.replications, tables(run, "events"), strict=True):
        visits = _visits(events, place_of)
        moves = visits[(visits.day >= since) & (visits.sender != "")]
        links.update(_between(moves))
        stays = _stays(visits, since)
        totals.update({name: int(units.sum()) for name, units in stays.items()})
        balance.append(_imbalance(stays, moves))
        counters.append(_disagreement(moves, replication, run.scenario.time.horizon_days - since))
    number = len(run.replications)
    return Flows(
        links=tuple(Link(*pair, units / number) for pair, units in sorted(links.items())),
        places=tuple(dict.fromkeys(place_of.values())),
        circling=tuple(sorted({place_of[name] for name, kind in kinds(run.scenario).items() if kind == "population"})),
        before=totals["before"] / number,
        made=totals["made"] / number,
        gone=totals["gone"] / number,
        after=totals["after"] / number,
        balance_error=max(balance),
        counter_error=max(counters),
    )


def kinds(scenario: Scenario) -> dict[str, str]:
    """Return the kind of each block, by name."""
    return {name: block.kind for name, block in sorted(expanded(scenario).items())}


def places(scenario: Scenario) -> dict[str, str]:
    """Return the place of each block: its party, or the block itself where it is more than a step inside one."""
    network = expanded(scenario)
    owners = {name: owner(name, scenario.parties, network) for name in sorted(network)}
    return {name: _place(name, party, network[name].kind, scenario) for name, party in owners.items()}


def _place(block: str, party: str, kind: str, scenario: Scenario) -> str:
    if not party:
        return block
    if kind == "stock":
        return f"{block.rpartition('.')[2]} stock"
    if kind == "sink" and isinstance(scenario.parties[party], Fleet):
        return NOT_RETURNED
    return party


def _visits(events: pd.DataFrame, place_of: Mapping[str, str]) -> pd.DataFrame:
    """Return a row for each visit of a unit to a block: where it came from, in order of units and time.

    A unit that is made, or kept as a spare, where it is then put to use has come there once.
    """
    rows = events[events.event.isin(VISITS)].sort_values("unit", kind="stable")
    rows = rows[(rows.event != "lost") | _is_last(rows)]
    goes_on = _goes_on(rows)
    stays = goes_on & (rows.block == rows.block.shift()) & rows.event.shift().isin(("created", "spared"))
    rows = rows.assign(place=rows.block.map(place_of).where(rows.event != "lost", TURNED_AWAY))[~stays]
    goes_on = _goes_on(rows)
    return rows.assign(
        sender=rows.block.shift().where(goes_on, ""),
        sending_place=rows.place.shift().where(goes_on, ""),
        last=_is_last(rows),
        final=rows.event.isin(("left", "lost")),
    )


def _goes_on(rows: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Tell for each row whether the one before is of the same unit.

    Not by `shift`, which makes floats of keys: these are too long for a float.
    """
    units = rows.unit.to_numpy()
    return np.concatenate([[False], units[1:] == units[:-1]])[: len(units)]


def _is_last(rows: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Tell for each row whether it is the last of its unit."""
    return ~np.append(_goes_on(rows)[1:], False)[: len(rows)]


def _between(moves: pd.DataFrame) -> dict[tuple[str, str], int]:
    """Return how many units went from one place to another."""
    pairs = moves[moves.sending_place != moves.place]
    return dict(sorted(Counter(zip(pairs.sending_place, pairs.place, strict=True)).items()))


def _stays(visits: pd.DataFrame, since: float) -> dict[str, pd.Series[int]]:
    """Return by place: units there before counting, units made, units gone for good, and units there at the end."""
    # what stands at the start of day 0 is made on it, also where counting begins on that day
    early = visits.day < since if since > 0.0 else (visits.day <= 0.0) & (visits.event == "created")
    latest = visits[early].drop_duplicates("unit", keep="last")
    made = visits[~early & (visits.event == "created")]
    gone = visits[~early & visits.final]
    there = visits[visits["last"] & ~visits.final]
    rows = {"before": latest[~latest.final], "made": made, "gone": gone, "after": there}
    return {name: frame.place.value_counts() for name, frame in rows.items()}


def _imbalance(stays: Mapping[str, pd.Series[int]], moves: pd.DataFrame) -> float:
    """Return the largest difference between what was there and came, and what went and is there."""
    change: Counter[str] = Counter()
    signs = (("before", 1), ("made", 1), ("gone", -1), ("after", -1))
    for name, sign in signs:
        for place, units in stays[name].items():
            change[str(place)] += sign * int(units)
    for (sender, receiver), units in _between(moves).items():
        change[sender] -= units
        change[receiver] += units
    whole = sum(sign * int(stays[name].sum()) for name, sign in signs)
    return float(max(abs(difference) for difference in (whole, *change.values())))


def _disagreement(moves: pd.DataFrame, replication: Replication, days: float) -> float:
    """Return the largest difference between a block's own count of leaving units and the moves out of it."""
    moved = Counter({str(name): int(units) for name, units in moves.sender.value_counts().items()})
    moved.update({str(name): int(units) for name, units in moves.block[moves.event == "left"].value_counts().items()})
    suffix = ".throughput_per_day"
    counted: dict[str, Any] = {
        name.removesuffix(suffix): figure.value * days
        for name, figure in replication.kpis.items()
        if name.endswith(suffix)
    }
    return float(max((abs(units - moved[name]) for name, units in counted.items() if np.isfinite(units)), default=0.0))
