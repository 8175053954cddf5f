"""Hypothesis strategies: small block scenarios, valid by construction, cheap to run, as plain data of their files.

`block_scenarios()` draws whole scenarios of one to three separate worlds: a line of stations and lanes, a stock with
its suppliers and customers, a fleet with its repair loop. Load is kept below 0.8 a server, counting rework, batches and
working hours in, so that queues stay short; horizons are 20 to 120 days with a few arrivals a day, so that a run takes
milliseconds. A full station blocks only where nothing flows back, so that nothing can lock up. Names, order of keys and
options vary; `write` makes a file of it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from scenarios.dump import yaml_of

Data = dict[str, Any]

WORKING_SHARE = 40 / 168
"""Share of the week that the drawn calendar works."""


def number(low: float, high: float) -> st.SearchStrategy[float]:
    """Numbers with few digits, which stay what they are when written and read."""
    return st.floats(low, high).map(lambda value: float(f"{value:.3g}")).filter(lambda value: low <= value <= high)


@st.composite
def laws(draw: st.DrawFn, mean: float) -> Any:
    """A law, or a bare number, with this mean."""
    short = {"weight": 0.75, "value": 0.5 * mean}
    long = {"weight": 0.25, "value": {"law": "exponential", "mean": 2.5 * mean}}
    choices = [
        mean,
        {"law": "constant", "value": mean},
        {"law": "exponential", "mean": mean, "source": "drawn"},
        {"law": "exponential", "rate": 1.0 / mean},
        {"law": "uniform", "low": 0.5 * mean, "high": 1.5 * mean},
        {"law": "lognormal", "mean": mean, "cv": draw(number(0.1, 1.5))},
        {"law": "gamma", "mean": mean, "cv": draw(number(0.2, 1.5))},
        {"law": "erlang", "shape": draw(st.integers(1, 4)), "mean": mean},
        {"law": "mixture", "of": {"short": short, "long": long}},
    ]
    return draw(st.sampled_from(choices))


def sourced(value: float) -> st.SearchStrategy[Any]:
    """A number, bare or with its source."""
    return st.sampled_from([value, {"value": value, "source": "drawn"}])


@st.composite
def stations(draw: st.DrawFn, rate: float, to: Any, *, marked: bool, blocking: bool) -> Data:
    """A station that can serve `rate` units a day at a load of 0.2 to 0.8."""
    servers = draw(st.sampled_from([1, 1, 2, 3, "unlimited"]))
    block: Data = {"kind": "station", "servers": servers, "to": to, "luck": draw(st.sampled_from(["job", "station"]))}
    option = draw(st.sampled_from(["plain", "finite", "lifo", "priority", "batch", "breakdowns", "calendar", "factor"]))
    speed = 1.0 if servers == "unlimited" else servers * draw(number(0.2, 0.8))
    if servers != "unlimited":
        count = int(servers)
        if option == "finite":
            block["capacity"] = count + draw(st.integers(0, 3))
            block["when_full"] = draw(st.sampled_from(["block", "lose"] if blocking else ["lose"]))
        elif option == "lifo":
            block["queue"] = "lifo"
        elif option == "priority" and marked:
            block["priority"] = {"field": "grade", "order": ["B", "A"], "preemptive": draw(st.booleans())}
        elif option == "batch":
            block |= {"batch": 3, "batch_minimum": draw(st.integers(1, 3))}
        elif option == "breakdowns":
            up, down = {"law": "exponential", "mean": 9.0}, {"law": "exponential", "mean": 1.0}
            after, during = draw(st.sampled_from(["resume", "repeat"])), draw(st.sampled_from(["always", "busy"]))
            block["breakdowns"] = {"uptime_days": up, "downtime_days": down, "after": after, "while": during}
            speed *= 0.5
        elif option == "calendar":
            block["calendar"] = {"hours": [[8, 12], [13, 17]], "weekdays": [1, 2, 3, 4, 5]}
            speed *= WORKING_SHARE
    if option == "factor" and marked:
        block["service_factor"] = {"field": "grade", "values": {"A": 0.5, "B": 1.25}}
    mean = speed / rate
    if draw(st.booleans()):
        return block | {"service_days": draw(laws(mean))}
    return block | {"service_hours": draw(laws(24.0 * mean))}


@st.composite
def lanes(draw: st.DrawFn, to: Any) -> Data:
    """A lane of up to five days, at times with lots that leave at the latest after some days."""
    block: Data = {"kind": "lane", "days": draw(laws(draw(number(0.2, 5.0)))), "to": to}
    if draw(st.booleans()):
        block |= {"lot": draw(st.integers(2, 4)), "lot_wait_days": draw(number(0.5, 5.0))}
    return block


@st.composite
def lines(draw: st.DrawFn, name: str) -> Data:
    """Sources, one to four stations and lanes in a row, and a sink; some rework, some scrap, some routes by grade."""
    rate, marked = draw(number(0.5, 4.0)), draw(st.booleans())
    stages = draw(st.integers(1, 4))
    reworks = draw(st.booleans())
    made: Data = {f"{name}_done": {"kind": "sink"}}
    for stage in range(stages):
        after = f"{name}_{stage + 1}" if stage + 1 < stages else f"{name}_done"
        back = f"{name}_{draw(st.integers(0, stage))}"
        to = draw(_routes(after, back if reworks and stage else after, marked=marked))
        if draw(st.integers(0, 3)):
            # rework of at most a quarter at each of four stages brings a unit back at most twice on average
            load = rate * (2.5 if reworks else 1.0)
            made[f"{name}_{stage}"] = draw(stations(load, to, marked=marked, blocking=not reworks))
        else:
            made[f"{name}_{stage}"] = draw(lanes(to))
    made |= draw(_sources(name, rate, f"{name}_0", marked=marked))
    return made


@st.composite
def _routes(draw: st.DrawFn, forward: str, back: str, *, marked: bool) -> Any:
    kind = draw(st.sampled_from(["block", "split", "cases"]))
    if kind == "block" or forward == back:
        return draw(st.sampled_from([forward, {forward: 1.0}, [{"to": forward}]]))
    split = {forward: draw(sourced(0.875)), back: 0.125}
    if kind == "split":
        return split
    condition = {"field": "grade", "in": ["A"]} if marked else {"field": "visits", "below": 2}
    return [condition | {"to": split}, {"to": forward}]


@st.composite
def _sources(draw: st.DrawFn, name: str, rate: float, to: str, *, marked: bool) -> Data:
    count = draw(st.integers(1, 2))
    made = {}
    for i in range(count):
        block: Data = {"kind": "source", "interarrival_days": draw(laws(count / rate)), "to": to}
        option = draw(st.sampled_from(["plain", "limit", "season", "profile", "first_day"]))
        if option == "limit":
            block["limit"] = draw(st.integers(0, 20))
        elif option == "season":
            block["season"] = {"amplitude": 0.2, "period_days": 30, "phase": 0.25}
        elif option == "profile":
            block["profile"] = {"from_days": [0, 5], "factor": [1.2, 0.6], "repeat_days": 10}
        elif option == "first_day":
            block["first_day"] = draw(number(0.0, 5.0))
        if marked:
            block["marks"] = {"grade": draw(st.sampled_from([{"values": ["A", "B"]}, _graded]))}
        made[f"{name}_source_{i}"] = block
    return made


_graded = {"values": ["A", "B", "C"], "probabilities": [0.25, 0.25, 0.5]}


@st.composite
def supplies(draw: st.DrawFn, name: str) -> Data:
    """A stock that customers ask, supplied by a source on order, at times over a central stock and a lane."""
    made: Data = {
        f"{name}_plant": {"kind": "source", "to": f"{name}_delivery"},
        f"{name}_customers": {
            "kind": "sink",
            "from": f"{name}_shop",
            "interarrival_days": draw(laws(draw(number(0.3, 2.0)))),
            "unmet": draw(st.sampled_from(["backorder", "lose"])),
        },
    }
    shop: Data = {"kind": "stock", "level": draw(st.integers(0, 6))}
    if draw(st.booleans()):
        made[f"{name}_shop"] = shop | {"supply": f"{name}_centre", "via": f"{name}_truck"}
        made[f"{name}_truck"] = {"kind": "lane", "days": draw(laws(draw(number(0.2, 3.0)))), "to": f"{name}_shop"}
        made[f"{name}_centre"] = {"kind": "stock", "level": draw(st.integers(0, 6)), "supply": f"{name}_plant"}
        made[f"{name}_delivery"] = draw(lanes(f"{name}_centre"))
    else:
        made[f"{name}_shop"] = shop | {"supply": f"{name}_plant"}
        made[f"{name}_delivery"] = draw(lanes(f"{name}_shop"))
    return made


@st.composite
def fleets(draw: st.DrawFn, name: str) -> Data:
    """A fleet whose removed units are repaired and come back, or are replaced by new ones, or out of a stock."""
    size, life = draw(st.integers(1, 8)), draw(number(5.0, 40.0))
    replacement = draw(st.sampled_from(["returned", "new", "stock"]))
    fleet: Data = {
        "kind": "population",
        "size": size,
        "life_days": draw(laws(life)),
        "replacement": replacement,
        "initial_age": draw(st.sampled_from(["new", "mixed"])),
        "to": f"{name}_repair",
    }
    made: Data = {f"{name}_fleet": fleet}
    if replacement == "returned":
        fleet["spares"] = draw(st.integers(0, 3))
        made[f"{name}_repair"] = draw(stations(size / life, f"{name}_fleet", marked=False, blocking=False))
    elif replacement == "new":
        made[f"{name}_repair"] = draw(stations(size / life, f"{name}_scrap", marked=False, blocking=False))
        made[f"{name}_scrap"] = {"kind": "sink"}
    else:
        fleet["from"] = f"{name}_shelf"
        made[f"{name}_repair"] = draw(stations(size / life, f"{name}_shelf", marked=False, blocking=False))
        made[f"{name}_shelf"] = {"kind": "stock", "rule": "none", "initial": draw(st.integers(0, 4))}
    return made


@st.composite
def block_scenarios(draw: st.DrawFn) -> Data:
    """A whole scenario of separate lines, supplies and fleets, with its blocks in any order."""
    blocks: Data = {}
    for name in draw(st.lists(st.sampled_from(["north", "south", "mill-2"]), min_size=1, max_size=3, unique=True)):
        blocks |= draw(st.one_of(lines(name), supplies(name), fleets(name)))
    horizon = draw(number(20.0, 120.0))
    return {
        "looptwin": 1,
        "name": draw(st.sampled_from(["drawn", "1e3", "übung: no", "on"])),
        "seed": draw(st.integers(0, 2**32)),
        "time": {"horizon_days": horizon, "warm_up_days": draw(st.sampled_from([0, 0.25 * horizon, "auto"]))},
        "blocks": {name: blocks[name] for name in draw(st.permutations(sorted(blocks)))},
    }


def write(folder: Path, data: Data, name: str = "scenario.yaml") -> Path:
    """Write plain data as a scenario file and return its path."""
    path = folder / name
    path.write_text(yaml_of(data), encoding="utf-8")
    return path
