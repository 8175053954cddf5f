"""A core at the remanufacturer."""

from __future__ import annotations

from statistics import NormalDist
from typing import TYPE_CHECKING, Any

from tests.engines.cores import shred
from tests.engines.places import OUTSIDE, At, Part, Shop, Story
from tests.engines.roads import serve, travel
from tests.engines.serviceable import put_in_stock

if TYPE_CHECKING:
    from tests.engines.idiomatic import Chain

_normal = NormalDist().inv_cdf


def washing(chain: Chain, shop: Shop) -> Story:
    """One machine that takes what is there, up to a batch."""
    env, hours, store = chain.env, shop.hours, chain.to_wash
    while True:
        batch = [(yield store.get())]
        opening = env.now if hours is None else hours.next_opening(env.now)
        if opening > env.now:
            yield At(env, opening)
        while store.items and len(batch) < shop.config.batch:
            batch.append((yield store.get()))
        visits = [part.visit(shop.name) for part in batch]
        for part in batch:
            chain.event(part, shop.name, "started")
        worked = shop.duration(batch[0], visits[0])
        yield At(env, env.now + worked if hours is None else hours.after(env.now, worked))
        for part in batch:
            chain.event(part, shop.name, "finished")
            env.process(rebuilding(chain, part))


def rebuilding(chain: Chain, part: Part) -> Story:
    """Component inspection, rebuild and end-of-line test, with two reworks at most."""
    name = chain.remanco
    yield from serve(chain, part, f"{name}.inspect")
    tear_down(chain, part)
    assert part.marks is not None
    if part.marks["finding"] == "scrap":
        yield from scrap(chain, part, f"{name}.inspect")
        return
    while True:
        yield from serve(chain, part, f"{name}.rebuild")
        yield from serve(chain, part, f"{name}.end_of_line")
        chain.inspections.end_of_line(chain.env.now, part, name, chain.reman)  # type: ignore[arg-type]
        if part.marks["end_of_line"] == "pass":
            put_in_stock(chain, part)
            return
        if part.marks["tries"] >= 3:
            yield from scrap(chain, part, f"{name}.end_of_line")
            return


def scrap(chain: Chain, part: Part, leaves: str) -> Story:
    cases: Any = chain.network[leaves].to  # type: ignore[union-attr]
    end = str(next(case.to for case in cases if case.to in chain.ways))
    yield from travel(chain, part, end)
    shred(chain, part, str(chain.network[end].to))  # type: ignore[union-attr]


def tear_down(chain: Chain, part: Part) -> None:
    reman, party, body = chain.reman, chain.remanco, part.body
    replaced = chain.physics.to_replace(body)
    chain.inspections.teardown(chain.env.now, part, party, len(replaced))  # type: ignore[arg-type]
    seller, body.holder = body.holder, party
    chain.pay(party, seller, reman.core_payment, "core for remanufacturing", part)
    share = reman.scrapped_share if body.crack else 1.0
    chain.pay(party, OUTSIDE, reman.base_cost * share, "remanufacturing", part)
    chain.env.process(outcome(chain, part.key, part.lives, seller, body.margin))
    if not body.crack:
        costs = sum(chain.physics.replace_cost[worn] for worn in replaced)
        chain.pay(party, OUTSIDE, costs, "parts", part)
        chain.physics.renew(part, replaced)  # type: ignore[arg-type]
        body.failed = ""


def outcome(chain: Chain, key: int, lives: int, seller: str, margin: float) -> Story:
    """Tell the seller later what the core earned."""
    noise = chain.reman.outcome_noise * _normal(chain.streams.open(f"{chain.remanco}.outcome_noise")(key, lives))
    luck = chain.streams.open(f"{chain.remanco}.outcome_delay")
    yield chain.env.timeout(chain.reman.outcome_delay_days.quantile()(luck(key, lives)))
    told = margin + noise
    for party in (seller, chain.remanco):
        chain.tables.outcome.append(
            {
                "day": chain.env.now,
                "unit": key,
                "life": lives,
                "party": party,
                "margin": told,
                "profitable": float(told > 0.0),
            }
        )
