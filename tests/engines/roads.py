"""What every part does between two places: travel, alone or in a lot, and be served in turn."""

from __future__ import annotations

from statistics import NormalDist
from typing import TYPE_CHECKING

from tests.engines.places import OUTSIDE, At, Lot, Part, Story, Way

if TYPE_CHECKING:
    from tests.engines.idiomatic import Chain

_normal = NormalDist().inv_cdf


def travel(chain: Chain, part: Part, name: str) -> Story:
    way = chain.ways[name]
    visit = part.visit(name)
    chain.event(part, name, "sent")
    chain.pay(chain.owners[name], OUTSIDE, way.cost, "transport", part)
    if way.config.lot == 1:
        yield chain.env.timeout(way.days(part, visit))
        return
    if way.lot is None:
        way.lot = Lot(chain.env)
        chain.env.process(transport(chain, way, way.lot))
    lot = way.lot
    lot.cores.append(part)
    if len(lot.cores) == way.config.lot:
        way.lot = None
        lot.full.succeed()
    yield lot.arrived


def transport(chain: Chain, way: Way, lot: Lot) -> Story:
    """Wait until the lot is full or has waited long enough, then bring it."""
    if way.config.lot_wait_days is None:
        yield lot.full
    else:
        yield lot.full | chain.env.timeout(way.config.lot_wait_days)
    if way.lot is lot:
        way.lot = None
    for part in lot.cores:
        chain.event(part, way.name, "departed")
    first = lot.cores[0]
    yield chain.env.timeout(way.days(first, first.visits[way.name] - 1))
    lot.arrived.succeed()


def serve(chain: Chain, part: Part, name: str) -> Story:
    shop = chain.shops[name]
    env, hours = chain.env, shop.hours
    visit = part.visit(name)
    chain.event(part, name, "arrived")
    with shop.servers.request() as turn:
        yield turn
        if hours is None:
            chain.event(part, name, "started")
            yield env.timeout(shop.duration(part, visit))
        else:
            opening = hours.next_opening(env.now)
            if opening > env.now:
                yield At(env, opening)
            chain.event(part, name, "started")
            yield At(env, hours.after(env.now, shop.duration(part, visit)))
        chain.event(part, name, "finished")
    chain.pay(chain.owners[name], OUTSIDE, shop.config.cost_per_unit, "service", part)
