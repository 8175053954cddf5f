"""Vehicles that wear parts out and ask for others, and workshops that buy some."""

from __future__ import annotations

from statistics import NormalDist
from typing import TYPE_CHECKING

from sim.config import Population, Sink
from sim.streams import SEQUENCE_BITS
from tests.engines.cores import core
from tests.engines.places import Part, Story
from tests.engines.serviceable import replenish

if TYPE_CHECKING:
    from tests.engines.idiomatic import Chain

_normal = NormalDist().inv_cdf


def vehicle(chain: Chain, name: str, config: Population, part: Part) -> Story:
    env, fleet = chain.env, chain.owners[name]
    assert config.duty is not None
    duty = chain.product.duties[config.duty]
    spent = chain.streams.open(f"{name}.initial_age")(part.key) if config.initial_age == "mixed" else 0.0
    returned = {way: float(chance) for way, chance in config.to.items()}  # type: ignore[union-attr]
    first, second = sorted(returned)
    luck = chain.streams.open(f"{name}.route")
    while True:
        chain.event(part, name, "installed")
        part.marks = None
        yield env.timeout(chain.physics.begin_life(part, duty) * (1.0 - spent))  # type: ignore[arg-type]
        spent = 0.0
        part.lives += 1
        chain.event(part, name, "removed")
        remove(chain, part, fleet)
        goes = first if luck(part.key, part.lives - 1) < returned[first] else second
        if goes in chain.ways:
            env.process(core(chain, part, goes))
        else:
            chain.event(part, goes, "left")
        chain.event(None, chain.stock_name, "demanded")
        wanted = chain.stock.get()
        replenish(chain)
        part = yield wanted
        sold(chain, part, fleet)


def remove(chain: Chain, part: Part, fleet: str) -> None:
    """Wear the part by the life that ended; what the fleet writes down, and what is true."""
    chain.physics.end_life(part)  # type: ignore[arg-type]
    body = part.body
    body.holder = fleet
    body.margin = margin(chain, part)
    chain.inspections.passport(chain.env.now, part, fleet)  # type: ignore[arg-type]
    chain.tables.truth.append(
        {
            "day": chain.env.now,
            "unit": part.key,
            "life": part.lives,
            "true_gear": body.damage[0],
            "true_bearing": body.damage[1],
            "true_clutch": body.damage[2],
            "true_crack": float(body.crack),
            "true_margin": body.margin,
        }
    )


def margin(chain: Chain, part: Part) -> float:
    """What remanufacturing the part would earn."""
    reman, body = chain.reman, part.body
    if body.crack:
        return -reman.core_payment - reman.scrapped_share * reman.base_cost  # type: ignore[no-any-return]
    parts = sum(chain.physics.replace_cost[worn] for worn in chain.physics.to_replace(body))
    return reman.value_reman - reman.core_payment - reman.base_cost - parts  # type: ignore[no-any-return]


def sold(chain: Chain, part: Part, buyer: str) -> None:
    chain.event(part, chain.stock_name, "issued")
    chain.pay(buyer, chain.remanco, chain.reman.price, "serviceable unit", part)


def customers(chain: Chain, name: str, config: Sink) -> Story:
    """Workshops that order now and then, for ever."""
    assert config.interarrival_days is not None
    quantile = config.interarrival_days.quantile()
    luck = chain.streams.open(f"{name}.interarrival")
    first, number = chain.numbers[name] << SEQUENCE_BITS, 0
    while True:
        yield chain.env.timeout(quantile(luck(first + number)))
        number += 1
        chain.env.process(customer(chain, name))


def customer(chain: Chain, name: str) -> Story:
    chain.event(None, chain.stock_name, "demanded")
    wanted = chain.stock.get()
    replenish(chain)
    part = yield wanted
    sold(chain, part, "")
    chain.event(part, name, "left")
