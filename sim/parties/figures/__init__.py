"""Key figures of a chain with parties, each with its formula and the terms in it. All of them stand in `docs/kpis.md`.

A figure counts from the end of the warm-up. One that is 0 / 0 is nan.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from sim.figure import Figure
from sim.parties.figures import (
    carbon,
    circular,
    cost,
    energy,
    factories,
    flow,
    material,
    money,
    service,
    stocks,
    yields,
)
from sim.parties.figures.measured import Counted, Measured

if TYPE_CHECKING:
    from sim.parties.chain import Chain
    from sim.parties.economy import Economy

GROUPS: Final[Mapping[str, Callable[[Measured], dict[str, Figure]]]] = {
    "money": money.chain_profit,
    "service": service.figures,
    "yields": yields.figures,
    "carbon": carbon.figures,
    "circularity": circular.figures,
    "material": material.figures,
    "energy": energy.figures,
    "stocks": stocks.figures,
    "flow": flow.figures,
    "cost": cost.figures,
    "factories": factories.figures,
    "parties": money.party_profits,
}
"""The figures of a chain by what they are about, in the order in which they are told."""


def chain_figures(chain: Chain, day: float) -> dict[str, Figure]:
    """Return the chain's figures since counting began."""
    measured = Measured(chain, day)
    return {name: figure for group in GROUPS.values() for name, figure in group(measured).items()}


def economy_figures(economy: Economy, day: float) -> dict[str, Figure]:
    """Return the figures of parties that bring nothing back: factories alone."""
    counted = Counted(economy, day)
    profit = money.chain_profit(counted)
    return profit | factories.metered(counted) | factories.figures(counted) | money.party_profits(counted)


def keep_stays(chain: Chain) -> None:
    """Let the blocks that cores pass keep how long each stays there."""
    for block in flow.stages(Measured(chain, 0.0)):
        block.keep_stays()
