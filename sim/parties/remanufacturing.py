"""What happens at a remanufacturer, and what a core is worth to him."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.parties.accounts import OUTSIDE
from sim.parties.body import Body
from sim.parties.config import Remanufacturer
from sim.records import Unit
from sim.worth import Terms

if TYPE_CHECKING:
    from sim.parties.chain import Chain


def torn_down(chain: Chain, unit: Unit, party: str) -> None:
    """Take a core apart, pay for it, replace what is worn, and promise the outcome to whoever sold it."""
    config = chain.config(party)
    assert isinstance(config, Remanufacturer)
    body: Body = unit.body
    conditions = chain.physics.conditions(body)
    chain.inspections.teardown(chain.world.now, unit, party, conditions.count("replace"))
    seller, body.holder = body.holder, party
    chain.pay(party, seller or OUTSIDE, config.core_payment, "core for remanufacturing", unit)
    spent = config.base_cost * (config.scrapped_share if body.crack else 1.0)
    chain.pay(party, OUTSIDE, spent, "remanufacturing", unit)
    chain.count("torn_down")
    chain.promise_outcome(unit, seller)
    if not body.crack:
        chain.pay(party, OUTSIDE, chain.physics.refit_cost(body), "parts", unit)
        chain.physics.refit(unit, conditions)


def tested(chain: Chain, unit: Unit, party: str) -> None:
    """Test a rebuilt unit."""
    config = chain.config(party)
    assert isinstance(config, Remanufacturer)
    chain.inspections.end_of_line(chain.world.now, unit, party, config)
    if unit.marks is not None and unit.marks["end_of_line"] == "pass":
        chain.count("remanufactured")


def margin(chain: Chain, body: Body) -> float:
    """Return what remanufacturing a core would earn, EUR."""
    reman = chain.reman
    surplus = reman.value_reman - reman.core_payment - reman.base_cost
    return chain.physics.margin(body, Terms(surplus, reman.core_payment + reman.scrapped_share * reman.base_cost))
