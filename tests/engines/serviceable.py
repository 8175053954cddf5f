"""The serviceable stock, and the new parts that are ordered for it."""

from __future__ import annotations

from statistics import NormalDist
from typing import TYPE_CHECKING, Any

from tests.engines.places import OUTSIDE, Part, Story
from tests.engines.roads import travel

if TYPE_CHECKING:
    from tests.engines.idiomatic import Chain

_normal = NormalDist().inv_cdf


def replenish(chain: Chain) -> None:
    """Order new units until at hand + on order - backorders reach the level."""
    while len(chain.stock.items) + chain.on_order - len(chain.stock.get_queue) < chain.level:
        chain.on_order += 1
        chain.env.process(delivery(chain))


def delivery(chain: Chain) -> Story:
    maker = chain.owners[chain.plant]
    config: Any = chain.sections.parties[maker]
    part = chain.new_part(chain.plant)
    chain.pay(chain.remanco, maker, config.price_new, "new unit", part)
    chain.pay(maker, OUTSIDE, config.cost_new, "making", part)
    yield from travel(chain, part, f"{maker}.delivery")
    chain.on_order -= 1
    put_in_stock(chain, part)


def put_in_stock(chain: Chain, part: Part) -> None:
    chain.event(part, chain.stock_name, "stocked")
    chain.stock.put(part)
