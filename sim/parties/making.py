"""What happens where new units are made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.parties.accounts import OUTSIDE
from sim.parties.config import Oem
from sim.records import Unit

if TYPE_CHECKING:
    from sim.parties.chain import Chain


def made(chain: Chain, unit: Unit, maker: str, config: Oem) -> None:
    """Let the remanufacturer, who orders new units for his stock, pay the OEM, and the OEM what it costs."""
    chain.pay(chain.remanufacturer, maker, config.price_new, "new unit", unit)
    chain.pay(maker, OUTSIDE, config.cost_new, "making", unit)
    chain.count("new_units")
