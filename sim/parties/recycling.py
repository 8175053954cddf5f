"""What happens where cores end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.parties.accounts import OUTSIDE
from sim.parties.config import Recycler
from sim.records import Unit

if TYPE_CHECKING:
    from sim.parties.chain import Chain


def shredded(chain: Chain, unit: Unit, party: str) -> None:
    """Let a recycler pay for a core that ends there, and sell its material."""
    config = chain.config(party)
    assert isinstance(config, Recycler)
    chain.pay(party, unit.body.holder or OUTSIDE, config.core_payment, "core for material", unit)
    chain.pay(OUTSIDE, party, config.revenue_per_core, "material", unit)
    chain.count("recycled")
