"""What happens at a tester."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.parties.accounts import OUTSIDE
from sim.parties.config import Tester
from sim.records import Unit

if TYPE_CHECKING:
    from sim.parties.chain import Chain


def benched(chain: Chain, unit: Unit, party: str) -> None:
    """Put a core on the bench, at the cost of whoever holds it."""
    config = chain.observing(unit, party)
    assert isinstance(config, Tester)
    chain.pay(unit.body.holder or OUTSIDE, party, config.price, "bench test", unit)
    chain.inspections.bench(chain.world.now, unit, party, config)
    chain.count("tested")


def cut_open(chain: Chain, unit: Unit, party: str) -> None:
    """Take a core to pieces that cannot be put together again, and tell its holder what it would have earned."""
    config = chain.config(party)
    assert isinstance(config, Tester)
    holder = unit.body.holder
    chain.pay(holder or OUTSIDE, party, config.lab_price, "destructive test", unit)
    chain.inspections.destructive(chain.world.now, unit, config, tuple(dict.fromkeys((party, holder or party))))
    chain.count("destroyed")
