"""What happens at a remanufacturer, and what a core is worth to him."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from sim.machining import KJ_PER_KWH
from sim.parties import recycling
from sim.parties.accounts import OUTSIDE
from sim.parties.body import Body
from sim.parties.config import Remanufacturer
from sim.parties.parts import Harvested
from sim.parties.turning import Turned
from sim.records import Unit
from sim.wear import PARTS
from sim.worth import Terms

if TYPE_CHECKING:
    from sim.parties.chain import Chain

TRIES = 3
"""End-of-line tests of a unit at most: the first and two after rework."""


class Work(NamedTuple):
    """A core in the works: who sold it, what was paid for it and on it so far, and what is to be machined."""

    seller: str
    cost: float
    jobs: tuple[Turned, ...]


def inspected(chain: Chain, unit: Unit, party: str) -> None:
    """Pay for a core and look at its components: scrap, or a plan of what is reused, reworked and replaced."""
    config = chain.config(party)
    assert isinstance(config, Remanufacturer)
    body: Body = unit.body
    conditions = chain.physics.conditions(body)
    chain.inspections.teardown(chain.world.now, unit, party, conditions)
    seller, body.holder = body.holder, party
    chain.pay(party, seller or OUTSIDE, config.core_payment, "core for remanufacturing", unit)
    spent = config.base_cost * (config.scrapped_share if body.crack else 1.0)
    chain.pay(party, OUTSIDE, spent, "remanufacturing", unit)
    chain.count("torn_down")
    work = Work(seller, config.core_payment + spent, ())
    if body.crack:
        chain.count("scrapped")
        settled(chain, unit, party, work, -work.cost)
        return
    cost = _refitted(chain, unit, party, config, conditions)
    machining = chain.machining
    planned = [
        machining.job(part, unit.key, unit.lives)
        for part, condition in zip(PARTS, conditions, strict=True)
        if condition == "rework"
    ]
    chain.work[unit.key] = Work(seller, work.cost + cost, tuple(job for job in planned if job is not None))


def _refitted(chain: Chain, unit: Unit, party: str, config: Remanufacturer, conditions: tuple[str, ...]) -> float:
    """Rework and replace parts, harvested ones before new ones; return what was paid for it."""
    physics, counts = chain.physics, chain.parts
    costs, unknown = physics.refitting, physics.unknown_cost(unit.body)
    replaced = [index for index, condition in enumerate(conditions) if condition == "replace"]
    used = {index: part for index in replaced if (part := counts.fetch(chain.world.now, PARTS[index])) is not None}
    physics.refit(unit, conditions)
    for index in replaced:
        name = PARTS[index]
        counts.move(chain.world.now, unit.key, party, name, ("unit", "scrap"))
        counts.move(chain.world.now, unit.key, party, name, ("shelf" if index in used else "supplier", "unit"))
        if index in used:
            physics.fit_used(unit, index, used[index].damage)
            chain.count("parts_reused")
        else:
            chain.count("parts_new")
            chain.count("kg_new_part", counts.kg[name])
    if replaced:
        _scrapped(chain, unit, [PARTS[index] for index in replaced])
    rework = sum(costs.rework_cost[index] for index, condition in enumerate(conditions) if condition == "rework")
    new = unknown + sum(costs.replace_cost[index] for index in replaced if index not in used)
    chain.pay(party, OUTSIDE, new, "parts", unit)
    chain.pay(party, OUTSIDE, rework, "rework", unit)
    return new + rework + _bought(chain, unit, party, config, used)


def _bought(chain: Chain, unit: Unit, party: str, config: Remanufacturer, used: Mapping[int, Harvested]) -> float:
    """Pay for the harvested parts in a unit, but for those that the remanufacturer harvested himself."""
    total = 0.0
    for index, part in used.items():
        if part.seller != party:
            price = config.harvested_share * chain.physics.refitting.replace_cost[index]
            chain.pay(party, part.seller, price, "harvested part", unit)
            total += price
    return total


def _scrapped(chain: Chain, unit: Unit, parts: list[str]) -> None:
    """Hand replaced parts to the recycler, who gets their material for taking them; else they are disposed of."""
    mass = chain.parts.masses_of(parts)
    if chain.recycler:
        recycling.recycle(chain, unit, chain.recycler, mass)
    else:
        chain.count("kg_disposed", sum(mass))


def machined(chain: Chain, unit: Unit, party: str, station: str) -> None:
    """Machine what the plan says; every job leaves a record of its energy, and the energy is paid."""
    config = chain.config(party)
    assert isinstance(config, Remanufacturer)
    work = chain.work.get(unit.key)
    if work is None:
        return
    kwh = sum(job.energy_kj for job in work.jobs) / KJ_PER_KWH
    for job in work.jobs:
        chain.metered(unit.key, party, station, job)
    price = kwh * chain.today.costs.energy_per_kwh
    chain.pay(party, OUTSIDE, price, "energy", unit)
    chain.count("machined")
    chain.count(f"kwh_{station}", kwh)
    chain.work[unit.key] = work._replace(cost=work.cost + price)


def tested(chain: Chain, unit: Unit, party: str) -> None:
    """Test a rebuilt unit; one that passes, or fails for the last time, is settled."""
    config = chain.config(party)
    assert isinstance(config, Remanufacturer)
    chain.inspections.end_of_line(chain.world.now, unit, party, config)
    assert unit.marks is not None
    passed, tries = unit.marks["end_of_line"] == "pass", int(unit.marks["tries"])
    if tries == 1:
        chain.count("tested_first")
        if passed:
            chain.count("passed_first")
    if not passed and tries < TRIES:
        chain.count("reworked")
        return
    # blocks that a user wrote may lead past component inspection
    work = chain.work.pop(unit.key, None)
    if work is not None:
        settled(chain, unit, party, work, (config.value_reman if passed else 0.0) - work.cost)
    if passed:
        chain.count("remanufactured")


def settled(chain: Chain, unit: Unit, party: str, work: Work, margin: float) -> None:
    """Book what a core earned, and promise the outcome to whom it is told."""
    chain.settle(unit, party, work.cost, margin)
    chain.promise_outcome(unit, work.seller, margin)


def margin(chain: Chain, body: Body) -> float:
    """Return what remanufacturing a core would earn with new parts, EUR, before the energy of machining."""
    reman = chain.reman
    surplus = reman.value_reman - reman.core_payment - reman.base_cost
    return chain.physics.margin(body, Terms(surplus, reman.core_payment + reman.scrapped_share * reman.base_cost))
