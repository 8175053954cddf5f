"""Generated networks of blocks: all kinds, all features, small enough to run many."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st

from sim.config import (
    Breakdowns,
    Calendar,
    Case,
    Factor,
    Lane,
    Mark,
    Population,
    Priority,
    Profile,
    Season,
    Sink,
    Source,
    Station,
    Stock,
)
from sim.laws import Component, Constant, Empirical, Exponential, Geometric, Law, Lognormal, Mixture, Uniform, Weibull
from sim.stocks import Prefer, Push
from tests.sim.networks import GRADES, Network

EXAMPLES = settings(max_examples=settings().max_examples // 2)
"""Half as many networks as the profile asks for: each example is one or more whole runs."""

Pick = Callable[..., Any]
"""Draws one of its arguments; the first is the simplest."""

GRADE_FIRST = Priority(field="grade", order=["B", "A"])
SIZE_PREEMPTS = Priority(field="size", order=[2.0, 1.0], preemptive=True)
OFFICE_HOURS = Calendar(hours=[[6.0, 14.0], [15.0, 22.0]])
WEEKLY = Profile(from_days=[0.0, 3.0, 5.0], factor=[1.0, 2.0, 0.0], repeat_days=7.0)
SHARES = ((1.0, 0.0), (0.5, 0.5), (0.75, 0.25), (0.9, 0.1))


def cuts() -> st.SearchStrategy[float]:
    """Days of a cut: on the grid of the ties, or anywhere."""
    return st.one_of(st.sampled_from([0.5, 1.0, 2.5, 4.0, 7.5]), st.floats(0.0, 12.0))


def laws(mean: float) -> list[Law]:
    """Return laws of about this mean, never zero; the constants make ties."""
    return [
        Constant(value=mean),
        Constant(value=mean / 2.0),
        Exponential(mean=mean),
        Exponential(rate=1.5 / mean),
        Uniform(low=mean / 4.0, high=2.0 * mean),
        Lognormal(mean=mean, cv=0.8),
        Weibull(shape=1.7, mean=mean),
        Empirical(values=[mean / 2.0, mean, 2.0 * mean], weights=[2.0, 1.0, 1.0]),
        Mixture(
            of={
                "quick": Component(weight=0.75, value=Exponential(mean=mean / 2.0)),
                "slow": Component(weight=0.25, value=Exponential(mean=2.5 * mean)),
            }
        ),
    ]


SHELVES = (
    *(Stock(level=level, supply="plant") for level in (0, 1, 2, 4)),
    Stock(rule="s_S", reorder_point=1, order_up_to=4, supply="plant"),
    Stock(rule="r_Q", reorder_point=-1, quantity=2, supply="plant"),
)


@cache
def _index(count: int) -> st.SearchStrategy[int]:
    # made once: a strategy costs more to make than a number to draw
    return st.integers(0, count - 1)


@st.composite
def networks(draw: st.DrawFn, *, shifts: bool = True) -> Network:
    """Sources into a row of stations and lanes with splits, loops and losses; maybe a fleet, a stock and customers.

    shifts: with calendars, which no scaling of time leaves alone.
    """

    def pick(*options: Any) -> Any:
        return options[draw(_index(len(options)))]

    inner = [f"b{number}" for number in range(pick(1, 2, 3, 4))]
    network: Network = {"done": Sink(), "scrap": Sink()}
    for place, name in enumerate(inner):
        later, earlier = [*inner[place + 1 :], "done", "scrap"], inner[: place + 1]
        route = _route(pick, later, earlier)
        network[name] = pick(_station, _station, _lane)(pick, route, shifts)
    for name in pick(["source"], ["source", "other"]):
        network[name] = _source(pick, inner)
    if pick(False, True):
        network |= _supply(pick)
        network |= pick({}, _returns(pick, network))
    if pick(False, True):
        network |= _fleet(pick, [*inner, "done"], stocked="shelf" in network)
    return network


def _source(pick: Pick, inner: list[str]) -> Source:
    bent = pick({}, {}, {"season": Season(amplitude=0.6, period_days=4.0)}, {"profile": WEEKLY})
    return Source(
        interarrival_days=pick(*laws(0.5)),
        first_day=pick(None, 0.5),
        batch=pick(None, None, Geometric(mean=2.0), Constant(value=2.0)),
        limit=pick(None, None, 12),
        marks={"grade": GRADES, "size": Mark(values=[1.0, 2.0])},
        to=_split(pick, inner),
        **bent,
    )


def _split(pick: Pick, names: list[str]) -> Any:
    one, other = pick(*names), pick(*names)
    return one if one == other else dict(zip((one, other), pick(*SHARES), strict=True))


def _route(pick: Pick, later: list[str], earlier: list[str]) -> Any:
    onward, back = _split(pick, later), pick(*earlier)
    return pick(
        onward,
        onward,
        {back: 0.3, pick(*later): 0.7},
        [Case(field="grade", in_=["C", "B"], to=onward), Case(to=pick(*later))],
        [Case(field="visits", below=1.0, to={back: 0.5, later[-1]: 0.5}), Case(to=onward)],
        [
            Case(field="lives", at_least=1.0, below=3.0, to=later[-1]),
            Case(field="origin", in_=["source"], to=onward),
            Case(to=pick(*later)),
        ],
    )


def _station(pick: Pick, route: Any, shifts: bool) -> Station:
    servers, batch, when_full = pick(1, 2, 3), pick(1, 1, 1, 2, 3), pick("block", "lose")
    breakdowns = Breakdowns(
        uptime_days=pick(*laws(2.0)),
        downtime_days=pick(*laws(0.5)),
        while_=pick("always", "busy"),
        after=pick("resume", "repeat"),
    )
    return Station(
        to=route,
        servers=servers,
        batch=batch,
        batch_minimum=pick(None, 1),
        capacity=pick(None, None, max(servers, batch), max(servers, batch) + 1),
        when_full=when_full,
        overflow=pick(None, "scrap") if when_full == "lose" else None,
        queue=pick("fifo", "fifo", "lifo"),
        luck=pick("job", "station"),
        service_days=pick(*laws(0.5)),
        service_factor=pick(None, Factor(field="grade", values={"A": 0.5})),
        priority=pick(None, None, GRADE_FIRST, SIZE_PREEMPTS),
        breakdowns=pick(None, None, breakdowns),
        calendar=pick(None, None, OFFICE_HOURS) if shifts else None,
    )


def _lane(pick: Pick, route: Any, shifts: bool) -> Lane:
    return Lane(
        days=pick(*laws(0.5)),
        lot=pick(1, 1, 3),
        lot_wait_days=pick(None, 1.0),
        capacity=pick(None, 1),
        to=route,
    )


def _supply(pick: Pick) -> Network:
    return {
        "plant": Source(to=pick("pipeline", "shelf")),
        "pipeline": Lane(days=pick(*laws(1.0)), to="shelf"),
        "shelf": replace(pick(*SHELVES), supply="plant", review_days=pick(None, None, 1.25)),
        "regional": Stock(level=pick(0, 1, 3), initial=2, supply="shelf", via=pick(None, "road")),
        "road": Lane(days=pick(*laws(1.0)), lot=pick(1, 2), lot_wait_days=0.5, to="regional"),
        "customers": Sink(
            from_=pick("shelf", "regional"),
            interarrival_days=pick(*laws(0.75)),
            batch=pick(None, Constant(value=2.0)),
            unmet=pick("backorder", "lose"),
        ),
    }


def _returns(pick: Pick, network: Network) -> Network:
    """Returns that are pushed onto the shelf, or pulled, or taken first, and disposed of when there are too many."""
    shelf: Any = network["shelf"]
    pull = Prefer(supply="returned", via=pick(None, "rework"), reorder_point=pick(0, 2), order_up_to=3)
    push = Push(to="shelf", via=pick(None, "rework"), quantity=pick(1, 2))
    first = Prefer(supply="returned", via=pick(None, "rework"))
    changes: dict[str, Any] = pick({}, {"prefer": pull}, {"prefer": first})
    most = pick(None, 2)
    return {
        "returns": Source(interarrival_days=pick(*laws(1.0)), to="returned"),
        "returned": Stock(
            rule="none",
            push=None if changes else push,
            dispose_above=most,
            dispose_to=None if most is None else "scrap",
        ),
        "rework": Lane(days=pick(*laws(0.5)), to=pick("shelf", {"shelf": 0.75, "scrap": 0.25})),
        "shelf": replace(shelf, **changes),
    }


def _fleet(pick: Pick, onward: list[str], *, stocked: bool) -> Network:
    replacement = pick("returned", "new", *(["stock"] if stocked else []))
    repair = pick("none", "minimal")
    fleet = Population(
        size=pick(1, 2, 4),
        life_days=Weibull(shape=2.0, mean=2.0) if repair == "minimal" else pick(*laws(2.0)),
        repair=repair,
        replacement=replacement,
        from_="shelf" if replacement == "stock" else None,
        initial_age=pick("new", "mixed"),
        replace_at_days=1.5 if repair == "minimal" else pick(None, 1.5),
        marks={"grade": GRADES},
        to=pick(*onward),
    )
    if replacement != "returned":
        return {"fleet": fleet}
    # what never comes back would only drain the fleet
    back = Lane(days=pick(*laws(1.0)), to="fleet")
    return {"fleet": replace(fleet, spares=pick(0, 2), to={"service": 0.75, onward[0]: 0.25}), "service": back}
