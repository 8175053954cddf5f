"""Laws that every replication obeys, whatever was simulated: read from its tables, never from the world itself."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from looptwin.checks.evidence import TOLERANCE, Evidence
from looptwin.checks.histories import breach
from looptwin.checks.matter import wrong_energy, wrong_factories, wrong_material, wrong_parts
from looptwin.checks.recount import figures
from sim.parties.accounts import OUTSIDE
from sim.parties.config import Factory, Fleet, Party
from sim.parties.reports import HIDDEN


class Law(NamedTuple):
    """wrong: says what breaks the law, or None. reads: the table it needs, "" for none in particular.

    of: the role that it is about; without such a party there is nothing to say. None: any scenario.
    """

    name: str
    reads: str
    wrong: Callable[[Evidence], str | None]
    held: str
    of: type[Party] | None = None


def wrong_history(evidence: Evidence) -> str | None:
    """A history that no blocks of this network write."""
    horizon = evidence.scenario.time.horizon_days
    days = evidence.told.day
    if len(days) and not (days.min() >= 0.0 and days.max() < horizon):
        return f"events from day {days.min():g} to day {days.max():g}, in a run of {horizon:g} days"
    return breach(evidence.told)


def wrong_count(evidence: Evidence) -> str | None:
    """A figure of a block that is not what its events add up to."""
    recounted = figures(evidence.told, evidence.began, evidence.scenario.time.horizon_days)
    return evidence.first_difference(recounted)


def wrong_money(evidence: Evidence) -> str | None:
    """Money that comes from nowhere or goes nowhere, or a profit that is not the sum of its payments."""
    rows = evidence.replication.table("payments").to_pydict()
    known = {OUTSIDE, *evidence.scenario.parties}
    strangers = sorted({*rows["payer"], *rows["payee"]} - known)
    if strangers:
        return f"payments of nobody: {', '.join(strangers)}"
    amounts = defaultdict[str, list[float]](list)
    for day, payer, payee, amount in zip(*(rows[name] for name in ("day", "payer", "payee", "amount")), strict=True):
        if day >= evidence.began:
            amounts[payer].append(-amount)
            amounts[payee].append(amount)
    total = math.fsum(amount for one in amounts.values() for amount in one)
    turnover = math.fsum(abs(amount) for one in amounts.values() for amount in one)
    if not abs(total) <= TOLERANCE * turnover:
        return f"all accounts together should hold nothing, they hold {total!r} EUR"
    return next((one for one in _wrong_profits(evidence, amounts) if one is not None), None)


def _wrong_profits(evidence: Evidence, amounts: Mapping[str, list[float]]) -> Iterator[str | None]:
    chain: list[float] = []
    everybody: list[float] = []
    for party, config in evidence.scenario.parties.items():
        own = amounts.get(party, [])
        chain += [] if isinstance(config, Fleet) else own
        everybody += own
        yield evidence.difference(f"{party}.profit", math.fsum(own), _turnover(own))
    for name, amounts_of in (("profit", chain), ("profit_with_fleets", everybody)):
        yield evidence.difference(name, math.fsum(amounts_of), _turnover(amounts_of))


def _turnover(amounts: list[float]) -> float:
    return math.fsum(map(abs, amounts))


def hidden_column(evidence: Evidence) -> str | None:
    """A column of hidden state in a table that others than the twin's owner may read."""
    for name in sorted(evidence.replication.digests):
        columns = [column for column in evidence.replication.table(name).column_names if column.startswith("true_")]
        if columns and name not in HIDDEN:
            return f"the table {name!r} shows {', '.join(columns)}"
    return None


def wrong_crossing(evidence: Evidence) -> str | None:
    """A crossing without ends or length, or another number of them than the run told of."""
    rows = evidence.replication.table("crossings").to_pylist()
    for row in rows:
        if not (row["sender"] and row["receiver"] and row["sender"] != row["receiver"] and row["bytes"] > 0):
            return f"{row['sender']!r} to {row['receiver']!r}, {row['purpose']}: {row['bytes']} bytes"
    told: Any = evidence.replication.facts.get("crossings")
    counted = {"rows": len(rows), "bytes": sum(row["bytes"] for row in rows)}
    return None if told in (None, counted) else f"the run told of {told}, its table holds {counted}"


LAWS = (
    Law("histories", "events", wrong_history, "what every unit did, the blocks of this network can do"),
    Law(
        "units",
        "events",
        wrong_count,
        "every unit made has left or is inside, as often and as long as the blocks counted",
    ),
    Law("money", "payments", wrong_money, "what one pays another gets, and profits are their sums"),
    Law("parts", "parts", wrong_parts, "each part is in one place, comes from where it was, and is counted"),
    Law("material", "material", wrong_material, "what came to recyclers is recovered or waste, and is sold once"),
    Law("energy", "energy", wrong_energy, "each machine used what it cannot do without, and all of it is counted"),
    Law("made", "made", wrong_factories, "factories count each part and its energy, and none is impossible", Factory),
    Law("hidden", "", hidden_column, "no column true_... outside of the truth table"),
    Law("crossings", "crossings", wrong_crossing, "each has a sender, a receiver and a length"),
)
