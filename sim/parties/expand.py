"""From parties to blocks: each role writes its own blocks, what the user wrote replaces them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sim.config import Block, Decision, Destination, Lane, Route, Sink, Stock
from sim.disruptions import DisruptionConfig
from sim.parties.agreed import Costs, Policies, Returns, Serviceable, ServicePartDemand
from sim.parties.config import PartyConfig, Remanufacturer
from sim.parties.hidden import HiddenWorld, Word
from sim.parties.lanes import Lanes
from sim.parties.product import Product
from sim.parties.reporting import ReportingConfig
from sim.parties.roles import ENTRANCE, ROLES
from sim.stocks import NUMBERS
from sim.stocks import renamed as renamed_stock


@dataclass(frozen=True, kw_only=True)
class Sections:
    """The parts of a scenario that make its world."""

    blocks: Mapping[str, Block] = field(default_factory=dict)
    lanes: Mapping[str, Lane] = field(default_factory=dict)
    parties: Mapping[str, PartyConfig] = field(default_factory=dict)
    demand: Mapping[str, ServicePartDemand] = field(default_factory=dict)
    product: Product | None = None
    returns: Returns = field(default_factory=Returns)
    policies: Policies = field(default_factory=Policies)
    costs: Costs = field(default_factory=Costs)
    reporting: Mapping[str, ReportingConfig] = field(default_factory=dict)
    disruptions: Mapping[str, DisruptionConfig] = field(default_factory=dict)
    hidden_world: Word | HiddenWorld = "none"


def expand(sections: Sections) -> dict[str, Block]:
    """Return all blocks by qualified name: `<party>.<block>` inside a party; lanes and free blocks by their own name.

    Raises MissingPartyError where a role needs a party that is not there, LaneNameError for two lanes of one name.
    """
    lanes = Lanes(
        sections.parties,
        sections.lanes,
        returns=sections.returns,
        serviceable_level=sections.policies.serviceable.level,
        release=sections.policies.release,
    )
    network = dict(sections.blocks)
    for party, config in sections.parties.items():
        own = _ruled(ROLES[config.role](party, config, lanes), sections.policies.serviceable) | config.blocks
        network |= {f"{party}.{name}": qualified(block, party, own) for name, block in own.items()}
    for name, demand in sections.demand.items():
        network[f"demand.{name}"] = Sink(from_=lanes.serviceable_stock(), interarrival_days=demand.interarrival_days)
    return network | {name: _at_block(lane, sections, lanes.block_of(name)) for name, lane in lanes.used.items()}


def _ruled(own: dict[str, Block], policy: Serviceable) -> dict[str, Block]:
    """Return a party's blocks with the rule of the policy at its serviceable stock, if it has one that orders."""
    stock = own.get("serviceable")
    if not isinstance(stock, Stock) or stock.supply is None:
        return own
    ruled = replace(stock, review_days=policy.review_days)
    if policy.rule != "base_stock":
        numbers = {name: getattr(policy, name) for name in NUMBERS[policy.rule]}
        ruled = replace(ruled, rule=policy.rule, level=0, initial=None, **numbers)
    return own | {"serviceable": ruled}


def _at_block(lane: Lane, sections: Sections, block: str | None) -> Lane:
    """Return a lane between parties that ends at a block of its receiver, by default where his cores come in."""
    assert isinstance(lane.to, str)
    receiver = sections.parties[lane.to]
    waits = isinstance(receiver, Remanufacturer) and sections.policies.release.rule == "pull"
    entrance = block or ("cores" if waits else ENTRANCE[type(receiver)])
    cost = sections.costs.transport_per_unit if lane.cost_per_unit is None else lane.cost_per_unit
    return replace(lane, to=f"{lane.to}.{entrance}", cost_per_unit=cost)


def qualified(block: Block, party: str, own: Mapping[str, Block]) -> Block:
    """Return a block with the names of its own party's blocks written in full."""

    def full(name: str) -> str:
        return f"{party}.{name}" if name in own else name

    if isinstance(block, Stock):
        return renamed_stock(block, full)
    changes: dict[str, Any] = {
        key: full(getattr(block, key)) for key in ("from_", "overflow") if getattr(block, key, None) is not None
    }
    if not isinstance(block, Sink):
        changes["to"] = renamed(block.to, full)
    return replace(block, **changes)


def renamed(route: Route, name: Callable[[str], str]) -> Route:
    """Return a route with every block renamed."""
    if isinstance(route, Decision):
        return replace(route, answers={answer: name(block) for answer, block in route.answers.items()})
    if isinstance(route, list):
        return [replace(case, to=_renamed_destination(case.to, name)) for case in route]
    return _renamed_destination(route, name)


def _renamed_destination(destination: Destination, name: Callable[[str], str]) -> Destination:
    if isinstance(destination, str):
        return name(destination)
    return {name(block): probability for block, probability in destination.items()}


def owner(block: str, parties: Mapping[str, object], network: Mapping[str, Block]) -> str:
    """Return the party that runs a block: the prefix of its name, or a lane's sender; empty for nobody."""
    prefix = block.partition(".")[0]
    if prefix in parties:
        return prefix
    config = network[block]
    return config.from_ or "" if isinstance(config, Lane) else ""
