"""A chain of parties whose units wear out within months, what its runs leave, and changes to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

from scenarios.documentation import documentation
from sim.laws import Constant, Exponential
from sim.parties.agreed import DispositionRule, Policies, Returns, Serviceable, ServicePartDemand
from sim.parties.config import Dismantler, Fleet, Oem, Recycler, Remanufacturer, Tester
from sim.parties.decisions import Policy
from sim.parties.design import Duty
from sim.parties.expand import Sections, expand
from sim.parties.product import Ageing, Product, Wear
from sim.section import Section, key_of
from sim.views import event_columns
from sim.world import World

HORIZON = 600.0
WARM_UP = 60.0

EVERYTHING = DispositionRule(
    A="reman",
    B={"reman": 0.9, "resell": 0.1},
    C={"test": 0.5, "destroy": 0.25, "hold": 0.25},
    D={"harvest": 0.5, "recycle": 0.2, "dispose": 0.3},
)
"""A rule that takes every disposition."""

CHAIN = Sections(
    parties={
        "works": Oem(),
        "cabs": Fleet(vehicles=80, duty="taxi"),
        "hire": Fleet(vehicles=80, duty="motorway"),
        "north": Dismantler(crews=1, grader_bias=-0.2),
        "south": Dismantler(crews=1, grader_bias=0.3),
        "rig": Tester(benches=1, rig_offset_mm=0.01),
        "remanco": Remanufacturer(teardown_crews=1, rebuild_crews=2, outcome_delay_days=Constant(value=9.5)),
        "metals": Recycler(),
    },
    product=Product(
        mass_kg=85.0,
        wear=Wear(crack_probability=0.08, seal=Ageing(years=0.8)),
        duties={
            "taxi": Duty(distance_per_year=600.0, torque_ratio=1.0, shifts_per_km=2.6, ambient_c=15.0),
            "motorway": Duty(distance_per_year=500.0, torque_ratio=1.1, shifts_per_km=0.7, ambient_c=12.0),
        },
    ),
    policies=Policies(serviceable=Serviceable(level=8), disposition=EVERYTHING),
    returns=Returns(core_charge=300.0),
    demand={"workshops": ServicePartDemand(interarrival_days=Exponential(mean=9.0))},
)

Rows = list[dict[str, Any]]


def ran(
    sections: Sections = CHAIN,
    *,
    days: float = HORIZON,
    warm_up: float = WARM_UP,
    decide: Mapping[str, Policy] | None = None,
) -> World:
    """Return the world of a chain at the end of a run, its books closed."""
    world = made(sections, decide=decide)
    world.run_until(warm_up)
    world.count_from_now()
    world.run_until(days)
    world.close_books()
    return world


def made(sections: Sections = CHAIN, **options: Any) -> World:
    """Return the world of a chain at day 0."""
    return World(expand(sections), seed=3, sections=sections, **options)


def table(world: World, name: str) -> Rows:
    """Return the rows of one of the chain's own tables; `events` in words."""
    columns = event_columns(world) if name == "events" else world.log.tables[name].read()
    return [dict(zip(columns, row, strict=True)) for row in zip(*(c.tolist() for c in columns.values()), strict=True)]


def tables(world: World) -> dict[str, list[str]]:
    """Return all that a chain logged, row by row; as text, so that a nan equals itself."""
    return {name: [str(row) for row in table(world, name)] for name in ("events", *sorted(world.log.tables))}


def same(one: World, other: World) -> None:
    """Assert that two worlds logged the same rows, bit for bit, and have the same figures, disruptions or not."""
    logged, others = tables(one), tables(other)
    logged.pop("disruptions", None)
    others.pop("disruptions", None)

    assert logged == others
    assert str(values(one)) == str(values(other))


def values(world: World) -> dict[str, float]:
    """Return the figures of a world by name."""
    return {name: value for name, (value, _) in world.kpis().items()}


def with_party(sections: Sections, name: str, **changes: Any) -> Sections:
    """Return the chain with one party's section changed."""
    return replace(sections, parties={**sections.parties, name: replace(sections.parties[name], **changes)})


def in_euros(section: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield the path of every number in a section whose documentation says that it is an amount in EUR."""
    if isinstance(section, dict):
        for key, below in section.items():
            yield from in_euros(below, (*path, key))
    elif is_dataclass(section):
        said = documentation(type(section)) if isinstance(section, Section) else {}
        for one in fields(section):
            below = getattr(section, one.name)
            if isinstance(below, float | int) and "EUR" in said.get(key_of(one.name), ""):
                yield (*path, one.name)
            else:
                yield from in_euros(below, (*path, one.name))


def changed(section: Any, path: tuple[str, ...], value: float) -> Any:
    """Return a section with one number changed."""
    key, *rest = path
    if isinstance(section, dict):
        return {**section, key: changed(section[key], tuple(rest), value) if rest else value}
    return replace(section, **{key: changed(getattr(section, key), tuple(rest), value) if rest else value})


def at(section: Any, path: tuple[str, ...]) -> float:
    """Return the number at the end of a path."""
    for key in path:
        section = section[key] if isinstance(section, dict) else getattr(section, key)
    return float(section)
