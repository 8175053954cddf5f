"""Where a unit goes next: always, by chance, by what is known of it, or by a named decision."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sim.config import Case, Decision, Destination, Route
from sim.records import Unit
from sim.shares import cumulative

if TYPE_CHECKING:
    from sim.blocks.block import Block, Choose
    from sim.world import World

Test = Callable[[Unit, int], bool]


def chooser(world: World, block: Block, route: Route) -> Choose:
    """Return the function from (unit, visit) to the next block for a route out of `block`."""
    if isinstance(route, Decision):
        return _decision(world, block, route)
    if isinstance(route, list):
        return _cases(world, block, route)
    return _destination(world, block, route, "route")


def _destination(world: World, block: Block, destination: Destination, purpose: str) -> Choose:
    if isinstance(destination, str):
        target = world.blocks[destination]
        return lambda unit, visit: target
    # in the order of names, not of the file: a reordered file is the same scenario
    chances = sorted((name, chance) for name, chance in destination.items() if chance > 0.0)
    targets = [world.blocks[name] for name, _ in chances]
    edges = cumulative([chance for _, chance in chances])
    uniform = world.streams.open(f"{block.name}.{purpose}").uniform
    return lambda unit, visit: targets[bisect_right(edges, uniform(unit.key, visit))]


def _cases(world: World, block: Block, cases: list[Case]) -> Choose:
    branches = [
        (_condition(world, case), _destination(world, block, case.to, f"route.{number}"))
        for number, case in enumerate(cases)
    ]

    def choose(unit: Unit, visit: int) -> Any:
        for holds, destination in branches:
            if holds(unit, visit):
                return destination(unit, visit)
        raise AssertionError(f"{block.name}: no case of the route holds; the last one must have no condition")

    return choose


def _condition(world: World, case: Case) -> Test:
    if case.field is None:
        return lambda unit, visit: True
    value = field_reader(world, case.field)
    allowed = None if case.in_ is None else frozenset(case.in_)
    at_least, below = case.at_least, case.below

    def holds(unit: Unit, visit: int) -> bool:
        found = value(unit, visit)
        if allowed is not None and found not in allowed:
            return False
        if at_least is None and below is None:
            return True
        if not isinstance(found, int | float):
            return False
        return (at_least is None or found >= at_least) and (below is None or found < below)

    return holds


def word(value: str | float | None) -> str:
    """Return a field's value as a key of a mapping in the scenario file is written: 2 and 2.0 are both `2`."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def field_reader(world: World, field: str) -> Callable[[Unit, int], str | float | None]:
    """Return the function that reads a field of a unit, a built-in one or a mark; it gives None where there is none."""
    if field == "lives":
        return lambda unit, visit: unit.lives
    if field == "ended":
        return lambda unit, visit: unit.ended
    if field == "visits":
        return lambda unit, visit: visit
    if field == "origin":
        names = {number: name for name, number in world.numbers.items()}
        return lambda unit, visit: names[unit.origin]
    return lambda unit, visit: unit.marks.get(field) if unit.marks else None


def _decision(world: World, block: Block, decision: Decision) -> Choose:
    answers = {answer: world.blocks[name] for answer, name in decision.answers.items()}

    def choose(unit: Unit, visit: int) -> Any:
        return answers[world.decide(block.name, decision.decide, unit, tuple(answers))]

    return choose
