"""What happens where units are in use: how long they last there, services, removals, and what is not returned."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from sim.parties.accounts import OUTSIDE
from sim.parties.config import Fleet, Maintenance
from sim.parties.reports import FIELDS
from sim.records import Life, Unit
from sim.units import DAYS_PER_YEAR

if TYPE_CHECKING:
    from sim.parties.chain import Chain


def life(chain: Chain, party: str, duty: str, unit: Unit, share: float) -> Life:
    """Plan the life of a unit in a vehicle, of which it has spent a share.

    It ends with the first of: failure, wear that a service finds, preventive replacement, the end of the vehicle. The
    last has a constant hazard, so it counts from today whatever the unit has spent. Blocks of other parties than fleets
    know failure only.
    """
    assert chain.sections.product is not None
    if unit.marks is not None:
        # what was reported in the last life is over; what was drawn at the unit's making stays
        kept = unit.marks.keys() - FIELDS
        unit.marks = {name: value for name, value in unit.marks.items() if name in kept} if kept else None
    use = chain.sections.product.duties[duty]
    config = chain.config(party) if party else None
    if not isinstance(config, Fleet):
        days = chain.physics.begin_life(unit, use, use.oil_interval)
        return Life(days, spent=share * days)
    upkeep = config.maintenance
    days = chain.physics.begin_life(unit, use, upkeep.oil_interval or use.oil_interval)
    usage, per_year = chain.physics.use(unit)
    service_days = usage.oil_interval / per_year * DAYS_PER_YEAR
    ends, reason = days, "failed"
    if upkeep.replace_at_distance is not None and upkeep.replace_at_distance / per_year * DAYS_PER_YEAR < ends:
        ends, reason = upkeep.replace_at_distance / per_year * DAYS_PER_YEAR, "replaced"
    found = _found(chain, party, upkeep, unit, service_days)
    if found < ends:
        ends, reason = found, "degraded"
    spent = share * ends
    if config.vehicle_life_years is not None:
        luck = chain.world.streams.open(f"{party}.retirement")(unit.key, unit.lives)
        retired = spent - math.log1p(-luck) * config.vehicle_life_years * DAYS_PER_YEAR
        if retired < ends:
            ends, reason = retired, "retired"
    return Life(ends, reason, service_days, spent)


def _found(chain: Chain, party: str, upkeep: Maintenance, unit: Unit, service_days: float) -> float:
    """Return after how many days of a life a service finds wear; inf when none would."""
    if upkeep.finds == 0.0:
        return math.inf
    first = max(1, math.ceil(chain.physics.days_until(unit, upkeep.renew_above) / service_days))
    luck = chain.world.streams.open(f"{party}.finding")(unit.key, unit.lives)
    missed = int(math.log1p(-luck) / math.log1p(-upkeep.finds)) if upkeep.finds < 1.0 else 0
    return (first + missed) * service_days


def maintained(chain: Chain, unit: Unit, party: str) -> None:
    """Let a fleet pay for a service."""
    config = chain.config(party)
    assert isinstance(config, Fleet)
    chain.pay(party, OUTSIDE, config.maintenance.cost, "maintenance", unit)
    chain.count("maintained")


def removed(chain: Chain, unit: Unit, party: str, reason: str) -> None:
    """Count a removal, and note what comes back for its core: a unit that is exchanged owes one, a retired one not."""
    chain.count("removed")
    chain.count(reason)
    charge = chain.today.returns.core_charge
    if reason == "retired" or not isinstance(chain.config(party) if party else None, Fleet):
        return
    if reason == "degraded":
        maintained(chain, unit, party)
    if charge:
        chain.deposits[unit.key] = charge


def deposited(chain: Chain, unit: Unit, buyer: str) -> None:
    """Let a fleet that buys a serviceable unit leave the core charge with the remanufacturer."""
    charge = chain.today.returns.core_charge
    if charge and isinstance(chain.today.parties.get(buyer), Fleet):
        chain.pay(buyer, chain.remanufacturer, charge, "core charge", unit)


def refunded(chain: Chain, unit: Unit, fleet: str) -> None:
    """Let a fleet have its core charge back for a core that was received, unless its case is seen to be broken."""
    deposit = chain.deposits.pop(unit.key, 0.0)
    if not deposit:
        return
    if unit.marks is not None and unit.marks.get("crack_seen"):
        chain.count("forfeited")
    else:
        chain.pay(chain.remanufacturer, fleet or OUTSIDE, deposit, "core charge back", unit)


def kept(chain: Chain, unit: Unit, fleet: str) -> None:
    """Count a unit that its fleet keeps."""
    chain.count("kept")
    _forfeited(chain, unit)


def exported(chain: Chain, unit: Unit, fleet: str) -> None:
    """Count a unit that leaves the country."""
    chain.count("exported")
    _forfeited(chain, unit)


def _forfeited(chain: Chain, unit: Unit) -> None:
    """Leave the core charge of a unit that nobody receives with the remanufacturer."""
    if chain.deposits.pop(unit.key, 0.0):
        chain.count("forfeited")
