"""Test orders: a core that waits for its dismantler's decision goes to a bench instead of where the rule sends it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from sim.config import Block, Decision, Lane, Sink, Stock
from sim.network import reachable, successors
from sim.parties.config import Dismantler, Tester
from sim.parties.decisions import DISPOSITION, nearest_of

if TYPE_CHECKING:
    from sim.parties.chain import Chain

KINDS: Mapping[str, str] = {"bench": "bench", "destructive": "lab"}
"""Tests that can be ordered, with the tester's block that does each."""


def order(chain: Chain, core: int, tester: str, kind: str) -> None:
    """Order a test of a core, by its unit key.

    Raises ValueError for an unknown tester or kind, a core that waits for no dismantler's decision, and a tester to
    whom that dismantler sends nothing.
    """
    testers = [name for name, party in sorted(chain.sections.parties.items()) if isinstance(party, Tester)]
    if tester not in testers:
        raise ValueError(f"no tester named {tester!r}; there are: {_listed(testers)}{nearest_of(tester, testers)}")
    if kind not in KINDS:
        raise ValueError(f"no test of kind {kind!r}; there are: {_listed(KINDS)}{nearest_of(kind, KINDS)}")
    desks = list(_desks(chain))
    desk = next((desk for desk in desks if core in _waiting(chain, desk, desks)), None)
    if desk is None:
        day = chain.world.now
        raise ValueError(f"core {core} waits for no dismantler's decision on day {day:g}, so nobody can send it")
    words = _ways(chain.world.network, desk, f"{tester}.{KINDS[kind]}")
    if not words:
        raise ValueError(f"{chain.owner(desk)} sends nothing to {tester}, so it cannot order a test there")
    if core in chain.decisions.ordered:
        raise ValueError(f"a test of core {core} is ordered already")
    chain.decisions.ordered[core] = words[0]


def _desks(chain: Chain) -> Iterator[str]:
    """Yield the blocks of dismantlers at which dispositions are decided."""
    for name, block in chain.world.network.items():
        route = None if isinstance(block, Sink | Stock) else block.to
        is_dismantler = isinstance(chain.sections.parties.get(chain.owner(name)), Dismantler)
        if is_dismantler and isinstance(route, Decision) and route.decide == DISPOSITION:
            yield name


def _waiting(chain: Chain, desk: str, desks: list[str]) -> set[int]:
    """Return the keys of the units at a party that still have this decision before them.

    A unit that is held at a desk is decided upon, and waits for room where it goes.
    """
    party = chain.owner(desk)
    edges = successors(chain.world.network)
    own = {name: following for name, following in edges.items() if name.startswith(f"{party}.")}
    before = [name for name in own if name == desk or desk in reachable(own, [name])]
    blocks = [chain.world.blocks[name] for name in before]
    return {
        unit.key
        for block in blocks
        for unit in chain.world.inside(block)
        if block.name not in desks or unit not in block.held
    }


def _ways(network: Mapping[str, Block], desk: str, goal: str) -> list[str]:
    """Return the answers of a decision that send a unit to a block of a tester."""
    block = network[desk]
    assert not isinstance(block, Sink | Stock)
    assert isinstance(block.to, Decision)
    return [word for word, target in sorted(block.to.answers.items()) if _leads(network[target], target, goal)]


def _leads(block: Block, name: str, goal: str) -> bool:
    return (block.to if isinstance(block, Lane) else name) == goal


def _listed(words: Iterable[str]) -> str:
    return ", ".join(words) or "none"
