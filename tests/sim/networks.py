"""Networks of blocks by hand, one for each feature, a chain of parties, and what their runs leave."""

from __future__ import annotations

from collections.abc import Mapping

from sim.config import (
    Block,
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
from sim.laws import (
    Constant,
    Exponential,
    Geometric,
    Lognormal,
    Uniform,
    Weibull,
)
from sim.log import Log
from sim.parties.agreed import Policies, Serviceable, ServicePartDemand
from sim.parties.config import Dismantler, Fleet, Oem, Recycler, Remanufacturer, Tester
from sim.parties.design import Duty
from sim.parties.expand import Sections
from sim.parties.product import Product
from sim.records import EVENT_BITS, EVENTS
from sim.stocks import Prefer, Push
from sim.world import World

Network = dict[str, Block]
Row = tuple[float, int, str, str]
"""Day, key of the unit, name of the block, event."""

GRADES = Mark(values=["A", "B", "C"], probabilities=[0.5, 0.3, 0.2])
ROOM_FOR_TIES = Constant(value=0.5)
"""Service times that meet the grid of arrivals, so that much happens at one instant."""


def run(
    network: Mapping[str, Block], days: float, *, seed: int = 3, replication: int = 0, warm_up: float = 0.0
) -> World:
    """Return the world after `days`, counted from `warm_up`, with all its rows."""
    world = World(network, seed=seed, replication=replication)
    world.run_until(warm_up)
    world.count_from_now()
    world.run_until(days)
    return world


def rows(world: World) -> list[Row]:
    """Return the event table in words."""
    names = list(world.network)
    table = world.log.events.read()
    return [
        (day, unit, names[code >> EVENT_BITS], EVENTS[code & (1 << EVENT_BITS) - 1])
        for day, unit, code in zip(*(table[column].tolist() for column in ("day", "unit", "code")), strict=True)
    ]


def figures(world: World) -> dict[str, tuple[str, str]]:
    """Return the KPIs bit for bit: the value in hexadecimal, equal for equal NaN, and the unit."""
    return {name: (float(value).hex(), unit) for name, (value, unit) in world.kpis().items()}


def outcome(world: World) -> tuple[list[Row], dict[str, tuple[str, str]], int, int]:
    """Return all that two equal runs must share: rows, KPIs, units made and gone."""
    return rows(world), figures(world), world.created, world.gone


def counters(network: Mapping[str, Block], days: float, *, seed: int = 3) -> World:
    """Return the world after `days` that kept counters only."""
    world = World(network, seed=seed, log=Log(events=False))
    world.run_until(days)
    return world


# --- by hand, a network for each feature ---

QUEUE: Network = {
    "arrivals": Source(interarrival_days=Exponential(rate=2.4), to="bench"),
    "bench": Station(servers=3, service_days=Exponential(mean=1.0), to="done"),
    "done": Sink(),
}
BATCHES: Network = {
    "arrivals": Source(
        interarrival_days=Exponential(mean=1.0), batch=Geometric(mean=3.0), marks={"grade": GRADES}, to="wash"
    ),
    "wash": Station(batch=4, batch_minimum=2, servers=2, service_hours=Uniform(low=6.0, high=20.0), to="oven"),
    "oven": Station(
        batch=3,
        capacity=9,
        service_days=ROOM_FOR_TIES,
        luck="station",
        service_factor=Factor(field="grade", values={"B": 2.0}),
        priority=Priority(field="grade", order=["C", "B", "A"]),
        to="done",
    ),
    "done": Sink(),
}
BREAKDOWNS: Network = {
    "arrivals": Source(interarrival_days=Exponential(mean=0.4), to="press"),
    "press": Station(
        servers=2,
        service_days=Lognormal(mean=0.6, cv=0.5),
        breakdowns=Breakdowns(uptime_days=Weibull(shape=2.0, mean=3.0), downtime_hours=Exponential(mean=12.0)),
        to="drill",
    ),
    "drill": Station(
        service_days=Uniform(low=0.1, high=0.5),
        breakdowns=Breakdowns(
            uptime_days=Exponential(mean=1.0), downtime_days=Constant(value=0.25), while_="busy", after="repeat"
        ),
        to="done",
    ),
    "done": Sink(),
}
PREEMPTION: Network = {
    "arrivals": Source(interarrival_days=Exponential(mean=0.3), marks={"grade": GRADES}, to="bench"),
    "bench": Station(
        servers=2,
        service_days=Lognormal(mean=0.55, cv=0.7),
        queue="lifo",
        priority=Priority(field="grade", order=["A", "B"], preemptive=True),
        breakdowns=Breakdowns(uptime_days=Exponential(mean=4.0), downtime_days=Constant(value=0.5), after="repeat"),
        to="done",
    ),
    "done": Sink(),
}
SHIFTS: Network = {
    "arrivals": Source(interarrival_hours=Exponential(mean=4.0), to="day_shift"),
    "day_shift": Station(
        servers=2,
        service_hours=Lognormal(mean=2.5, cv=0.4),
        calendar=Calendar(hours=[[6.0, 14.0], [15.0, 18.0]], weekdays=[1, 2, 3, 5]),
        to="night_shift",
    ),
    "night_shift": Station(
        service_hours=Exponential(mean=2.0),
        batch=2,
        batch_minimum=1,
        calendar=Calendar(hours=[[0.0, 5.0], [20.0, 24.0]], weekdays=[1, 2, 3, 4, 5, 6, 7]),
        breakdowns=Breakdowns(uptime_days=Exponential(mean=2.0), downtime_hours=Constant(value=8.0)),
        to="done",
    ),
    "done": Sink(),
}
LOTS: Network = {
    "arrivals": Source(interarrival_days=Exponential(mean=0.25), to={"truck": 0.6, "van": 0.4}),
    "truck": Lane(lot=5, lot_wait_days=1.5, capacity=1, days=Lognormal(mean=2.0, cv=0.8), to="ship"),
    "van": Lane(days=Exponential(mean=1.0), to="ship"),
    "ship": Lane(lot=3, hours=Uniform(low=10.0, high=30.0), to="done"),
    "done": Sink(),
}
BLOCKING: Network = {
    "arrivals": Source(interarrival_days=Exponential(mean=0.25), to="first"),
    "first": Station(service_days=Exponential(mean=0.3), capacity=4, to="second"),
    "second": Station(servers=2, service_days=ROOM_FOR_TIES, capacity=3, to={"third": 0.7, "van": 0.3}),
    "van": Lane(days=Constant(value=0.5), lot=2, capacity=1, to="third"),
    "third": Station(
        service_days=Exponential(mean=0.35),
        capacity=2,
        batch=2,
        batch_minimum=1,
        breakdowns=Breakdowns(uptime_days=Exponential(mean=3.0), downtime_days=Exponential(mean=1.0)),
        to={"first": 0.2, "done": 0.8},
    ),
    "done": Sink(),
}
LOSS: Network = {
    "arrivals": Source(interarrival_days=Exponential(mean=0.3), to="counter"),
    "counter": Station(
        servers=2,
        capacity=3,
        when_full="lose",
        overflow="spill",
        service_days=Exponential(mean=0.8),
        luck="station",
        to="done",
    ),
    "spill": Station(
        capacity=1,
        when_full="lose",
        service_days=Exponential(mean=2.0),
        breakdowns=Breakdowns(uptime_days=Exponential(mean=3.0), downtime_days=Exponential(mean=1.0)),
        to="done",
    ),
    "done": Sink(),
}
BACKORDERS: Network = {
    "plant": Source(to="supplier"),
    "supplier": Lane(days=Lognormal(mean=2.0, cv=0.5), to="central"),
    "central": Stock(level=3, supply="plant"),
    "road": Lane(days=Exponential(mean=1.0), to="regional"),
    "regional": Stock(level=2, initial=4, supply="central", via="road"),
    "customers": Sink(from_="regional", interarrival_days=Exponential(mean=0.7), batch=Geometric(mean=1.5)),
    "impatient": Sink(from_="central", interarrival_days=Exponential(mean=1.5), unmet="lose"),
}
FLEETS: Network = {
    "hire": Population(
        size=6,
        spares=2,
        life_days=Weibull(shape=2.5, mean=5.0),
        initial_age="mixed",
        marks={"grade": GRADES},
        to="yard",
    ),
    "yard": Station(servers=2, service_days=Exponential(mean=1.0), capacity=4, to="hire"),
    "town": Population(size=4, life_days=Exponential(mean=6.0), replacement="new", to="scrap"),
    "coach": Population(size=5, life_days=Lognormal(mean=4.0, cv=0.6), replacement="stock", from_="shelf", to="shop"),
    "shop": Station(service_days=Exponential(mean=0.9), capacity=1, to={"shelf": 0.7, "scrap": 0.3}),
    "shelf": Stock(level=3, initial=2, supply="maker"),
    "maker": Source(to="delivery"),
    "delivery": Lane(days=Constant(value=2.0), to="shelf"),
    "scrap": Sink(),
}
AGES: Network = {
    "renewed": Population(
        size=4,
        life_days=Weibull(shape=2.5, mean=6.0),
        initial_age="mixed",
        replace_at_days=5.0,
        replacement="new",
        to=[Case(field="ended", in_=["replaced"], to="refurbished"), Case(to="scrap")],
    ),
    "mended": Population(
        size=4,
        life_hours=Weibull(shape=2.0, scale=48.0),
        repair="minimal",
        replace_at_days=7.0,
        spares=1,
        to="overhaul",
    ),
    "overhaul": Station(service_days=Exponential(mean=0.5), to="mended"),
    "for_ever": Population(size=2, life_days=Exponential(mean=1.5), repair="minimal", to="scrap"),
    "refurbished": Sink(),
    "scrap": Sink(),
}
SEASONS: Network = {
    "summer": Source(
        interarrival_days=Exponential(mean=0.5),
        season=Season(amplitude=0.8, period_days=10.0, phase=0.25),
        first_day=1.25,
        limit=40,
        to="bench",
    ),
    "shifts": Source(
        interarrival_days=Exponential(mean=0.5),
        profile=Profile(from_days=[0.0, 2.0, 5.0], factor=[1.0, 0.0, 2.5], repeat_days=7.0),
        to="bench",
    ),
    "steps": Source(
        interarrival_days=Uniform(high=2.0), profile=Profile(from_days=[0.0, 4.0], factor=[0.5, 1.5]), to="bench"
    ),
    "bench": Station(servers="unlimited", service_days=Lognormal(mean=0.4, cv=1.0), to="done"),
    "done": Sink(),
}
CONDITIONS: Network = {
    "north": Source(interarrival_days=Exponential(mean=0.7), marks={"grade": GRADES}, to="grading"),
    "fleet": Population(
        size=5, life_days=Exponential(mean=4.0), replacement="new", marks={"grade": GRADES}, to="grading"
    ),
    "grading": Station(
        servers=2,
        service_days=Exponential(mean=0.3),
        to=[
            Case(field="grade", in_=["C"], to={"scrap": 0.8, "repair": 0.2}),
            Case(field="origin", in_=["fleet"], below=None, to="repair"),
            Case(field="lives", at_least=1.0, below=3.0, to="scrap"),
            Case(to={"repair": 0.5, "scrap": 0.5}),
        ],
    ),
    "repair": Station(
        service_days=Exponential(mean=0.2),
        priority=Priority(field="visits", order=[2, 1, 0]),
        to=[Case(field="visits", below=2.0, to={"repair": 0.3, "grading": 0.2, "done": 0.5}), Case(to="scrap")],
    ),
    "done": Sink(),
    "scrap": Sink(),
}
RULES: Network = {
    "plant": Source(to="making"),
    "making": Lane(days=Exponential(mean=1.5), to={"weekly": 0.95, "scrap": 0.05}),
    "weekly": Stock(rule="s_S", reorder_point=2, order_up_to=7, review_days=1.75, supply="plant"),
    "road": Station(servers="unlimited", service_days=Lognormal(mean=1.0, cv=0.5), to={"shop": 0.9, "scrap": 0.1}),
    "shop": Stock(rule="r_Q", reorder_point=1, quantity=3, initial=0, supply="weekly", via="road"),
    "buyers": Sink(from_="shop", interarrival_days=Exponential(mean=0.6), batch=Geometric(mean=1.5)),
    "scrap": Sink(),
}
HYBRID: Network = {
    "returns": Source(interarrival_days=Exponential(mean=1.2), to={"pushed": 0.5, "pulled": 0.3, "spare": 0.2}),
    "pushed": Stock(rule="none", push=Push(to="shelf", via="rebuild", quantity=2)),
    "pulled": Stock(rule="none", initial=3),
    "spare": Stock(rule="none", dispose_above=2, dispose_to="scrap"),
    "rebuild": Station(service_days=Exponential(mean=0.7), to={"shelf": 0.8, "scrap": 0.2}),
    "shelf": Stock(
        rule="r_Q",
        reorder_point=1,
        quantity=3,
        supply="plant",
        prefer=Prefer(supply="pulled", via="rework", reorder_point=2, order_up_to=4),
    ),
    "rework": Lane(days=Exponential(mean=1.0), to="shelf"),
    "plant": Source(to="making"),
    "making": Lane(days=Constant(value=1.0), to="shelf"),
    "shop": Stock(level=2, supply="works", prefer=Prefer(supply="spare")),
    "works": Source(to="delivery"),
    "delivery": Lane(days=Constant(value=2.0), to="shop"),
    "buyers": Sink(from_="shelf", interarrival_days=Exponential(mean=0.7)),
    "callers": Sink(from_="shop", interarrival_days=Exponential(mean=2.0)),
    "scrap": Sink(),
}
FEATURES: dict[str, Network] = {
    "queue": QUEUE,
    "batches": BATCHES,
    "breakdowns": BREAKDOWNS,
    "preemption": PREEMPTION,
    "shifts": SHIFTS,
    "lots": LOTS,
    "blocking": BLOCKING,
    "loss": LOSS,
    "backorders": BACKORDERS,
    "fleets": FLEETS,
    "ages": AGES,
    "seasons": SEASONS,
    "conditions": CONDITIONS,
    "rules": RULES,
    "hybrid": HYBRID,
}

TAXIS = Sections(
    parties={
        "works": Oem(),
        "cabs": Fleet(vehicles=30, duty="taxi"),
        "north": Dismantler(crews=1),
        "south": Dismantler(crews=1, grader_bias=0.3),
        "rig": Tester(benches=1),
        "remanco": Remanufacturer(teardown_crews=1, rebuild_crews=1),
        "metals": Recycler(),
    },
    product=Product(
        mass_kg=85.0,
        co2e_new_kg=400.0,
        co2e_reman_kg=250.0,
        duties={"taxi": Duty(distance_per_year=400.0, torque_ratio=1.1, shifts_per_km=2.6, ambient_c=15.0)},
    ),
    policies=Policies(serviceable=Serviceable(level=4)),
    demand={"workshops": ServicePartDemand(interarrival_days=Exponential(mean=12.0))},
)
"""A small chain of parties whose units wear out within months."""
