"""A chain with unequal suppliers and fleets that maintain, retire and forgo returns; and what is read from its runs."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from itertools import pairwise
from typing import Any

from sim.config import Lane
from sim.laws import Constant
from sim.parties.agreed import DispositionRule, Policies, Response, Returns, Serviceable
from sim.parties.config import Fleet, Maintenance, Supplier
from sim.parties.design import BuildSpread
from sim.parties.expand import Sections
from sim.world import World
from tests.sim.chains import CHAIN, Rows, table

FORWARD: Sections = replace(
    CHAIN,
    parties={
        **CHAIN.parties,
        "hard_steel": Supplier(build=BuildSpread(hardness_hrc=61.0, lot_size=10), price_per_set=450.0),
        "soft_steel": Supplier(
            build=BuildSpread(hardness_hrc=58.0, bearing_kn=44.0, lot_size=10), share=3.0, price_per_set=400.0
        ),
        "cabs": Fleet(
            vehicles=80,
            duty="taxi",
            maintenance=Maintenance(oil_interval=50.0, finds=0.6, renew_above=0.7),
            vehicle_life_years=1.5,
        ),
        "hire": Fleet(vehicles=80, duty="motorway", maintenance=Maintenance(replace_at_distance=260.0)),
    },
    lanes={
        "cabs_wrecks": Lane(from_="cabs", to="south", carries="retired", days=Constant(value=20.0)),
        "cabs_cores": Lane(from_="cabs", to="north", days=Constant(value=5.0)),
    },
    returns=Returns(
        probability=0.9,
        retired_probability=0.5,
        core_charge=300.0,
        export_share=0.4,
        response=Response(without_charge=0.4, half_at=100.0),
    ),
)
"""Its 58 HRC gears fail early; its cabs are given up after 1.5 years on the mean."""

ONE_WAY: Sections = replace(
    FORWARD,
    policies=Policies(
        serviceable=Serviceable(level=20),
        disposition=DispositionRule(A="recycle", B="recycle", C="recycle", D="recycle", explore=0.0),
    ),
)
"""The same where no core comes back into use, so that what is returned cannot change what vehicles do."""


def with_returns(sections: Sections, **changes: Any) -> Sections:
    """Return a chain with changes to what is agreed on returns."""
    return replace(sections, returns=replace(sections.returns, **changes))


def removals(world: World) -> Rows:
    """Return the rows before each removal: why it happened."""
    rows = table(world, "events")
    return [before for before, row in pairwise(rows) if row["event"] == "removed"]


def by_unit(world: World) -> dict[int, Rows]:
    """Return the events of each unit."""
    found: dict[int, Rows] = defaultdict(list)
    for row in table(world, "events"):
        if row["event"] != "demanded":
            found[row["unit"]].append(row)
    return found


def counted(world: World, what: str) -> float:
    """Return what the chain counted under a name."""
    assert world.chain is not None
    return world.chain.counted.get(what, 0)


def purposes(world: World) -> dict[str, Rows]:
    """Return the payments by what they are for."""
    found: dict[str, Rows] = defaultdict(list)
    for row in table(world, "payments"):
        found[row["purpose"]].append(row)
    return found
