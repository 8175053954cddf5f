"""What the chain earns by each thing that can be done with a core, above recycling it as it came.

All parties but the fleets together, as in the figure `profit`: what one of them pays another cancels out. Left out are
the energy of machining, queues, stock, and that a rebuilt unit may last less long than a new one.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from scenarios.schema import Content
from sim.config import Block, Decision, Lane, Station
from sim.parties.config import Oem, Recycler, Remanufacturer, Supplier, Tester
from sim.parties.materials import added, masses
from sim.parties.product import Product
from sim.parties.recycling import worth_of
from sim.parties.remanufacturing import TRIES
from sim.wear import PARTS

Array = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Damaged:
    """Cores as the truth knows them, an entry or row each.

    damage: Float[cores, mechanisms]. cracked. margin: what the remanufacturer would book for rebuilding, EUR.
    """

    damage: Array
    cracked: Mask
    margin: Array


@dataclass(frozen=True)
class Prices:
    """What a scenario says about the worth of cores, EUR a core.

    saved: making a new unit, with its set of parts. whole, parts: what a recycler earns on a core and on each part.
    base: what every core costs that is rebuilt. lost: what a cracked one costs until it is scrapped. passes:
    probability that a rebuilt unit passes one of its end-of-line tests.
    """

    reman: Remanufacturer
    product: Product
    saved: float
    whole: float
    parts: Array
    base: float
    lost: float
    passes: float


def prices_of(scenario: Content) -> Prices:
    """Return the prices behind the worth of a core. Raises StopIteration without a remanufacturer."""
    parties, product = scenario.parties.values(), scenario.product
    assert product is not None
    reman = next(one for one in parties if isinstance(one, Remanufacturer))
    suppliers = [one for one in parties if isinstance(one, Supplier)]
    share = math.fsum(one.share for one in suppliers)
    sets = math.fsum(one.share * one.cost_per_set for one in suppliers) / share if suppliers else 0.0
    made = [one.cost_new + sets for one in parties if isinstance(one, Oem)]
    recycler = next((one for one in parties if isinstance(one, Recycler)), None)
    mass = masses(product.mass_kg, product.components)
    until_found = (reman.teardown_kwh + reman.wash_kwh + reman.inspection_kwh) * scenario.costs.energy_per_kwh
    after = (reman.assembly_kwh + reman.end_of_line_kwh) / reman.first_pass * scenario.costs.energy_per_kwh
    of_part = [worth_of(mass[name], recycler, scenario.costs) for name in PARTS]
    return Prices(
        reman=reman,
        product=product,
        # without an OEM nothing new is saved, and a rebuilt unit is worth what it is sold for
        saved=min(made, default=reman.price),
        whole=worth_of(added(mass.values()), recycler, scenario.costs),
        parts=np.array(of_part),
        base=reman.base_cost + until_found + after,
        lost=reman.scrapped_share * reman.base_cost + until_found,
        passes=1.0 - (1.0 - reman.first_pass) ** TRIES,
    )


def conditions(prices: Prices, cores: Damaged) -> tuple[Mask, Mask]:
    """Return which parts of each core would be replaced and which are good as they are: Bool[cores, parts].

    The part that failed is always replaced. Truth does not name it, and the price of refitting does.
    """
    refitting = prices.product.wear.refitting()
    replaced = cores.damage > np.array(refitting.replace_above)
    good = cores.damage <= np.minimum(refitting.rework_above, refitting.replace_above)
    worn = np.where(replaced, refitting.replace_cost, np.where(good, 0.0, refitting.rework_cost))
    extra = np.where(cores.cracked, 0.0, _refit(prices, cores) - worn.sum(axis=1))
    failed = np.isclose(extra[:, None], np.array(refitting.replace_cost) - worn, atol=0.01) & (extra > 0.01)[:, None]
    return replaced | failed, good & ~failed


def _refit(prices: Prices, cores: Damaged) -> Array:
    """Return the cost of the parts and the rework of cores that are not cracked, EUR."""
    reman = prices.reman
    refit: Array = reman.value_reman - reman.core_payment - reman.base_cost - cores.margin
    return refit


def rebuilt(prices: Prices, cores: Damaged) -> Array:
    """Return what rebuilding earns the chain above recycling, EUR, before the ways there."""
    replaced = conditions(prices, cores)[0]
    gained = prices.passes * prices.saved + (1.0 - prices.passes) * prices.whole + replaced @ prices.parts
    sound = gained - prices.base - _refit(prices, cores) - prices.whole
    worth: Array = np.where(cores.cracked, -prices.lost, sound)
    return worth


def harvested(prices: Prices, cores: Damaged, is_rebuilt: Mask) -> Array:
    """Return what the good parts of each core are worth above their material, EUR.

    A harvested part saves a new one if somebody needs it: parts find a use as far as what is replaced in the cores that
    are rebuilt exceeds what is good in the others.
    """
    replaced, good = conditions(prices, cores)
    needed, offered = replaced[is_rebuilt].sum(axis=0), good[~is_rebuilt].sum(axis=0)
    used = np.minimum(1.0, needed / np.maximum(1, offered))
    worth: Array = good @ (used * np.array(prices.product.wear.refitting().replace_cost) - prices.parts)
    return worth


def worths(scenario: Content, network: Mapping[str, Block], site: npt.NDArray[Any], cores: Damaged) -> dict[str, Array]:
    """Return what each disposition earns above `recycle`, EUR, an entry for each core.

    site: names of their dismantlers. `passed` and `failed` are what a core earns that is rebuilt and recycled after a
    bench, before what the bench costs.
    """
    prices, costs = prices_of(scenario), scenario.costs
    tester = next(((name, one) for name, one in sorted(scenario.parties.items()) if isinstance(one, Tester)), None)
    laboratory = 0.0 if tester is None else tester[1].cost_per_lab_test
    onward = {} if tester is None else _ways(network, f"{tester[0]}.bench")
    ways = {name: _ways(network, f"{name}.grading") for name in dict.fromkeys(site.tolist())}

    def way(answer: str) -> Array:
        return np.array([ways[name].get(answer, 0.0) for name in site.tolist()])

    def each(name: str) -> Array:
        return np.array([getattr(scenario.parties[one], name) for one in site.tolist()])

    core = rebuilt(prices, cores) - costs.transport_per_unit * cores.cracked
    by_bench = way("recycle") - way("test") - (0.0 if tester is None else tester[1].bench_kwh * costs.energy_per_kwh)
    reman = core + way("recycle") - way("reman")
    gone = way("recycle") - prices.whole
    return {
        "reman": reman,
        "recycle": np.zeros(len(site)),
        "harvest": harvested(prices, cores, reman > 0.0) - each("cost_per_harvest"),
        "dispose": gone - prices.product.mass_kg * costs.landfill_per_kg,
        "resell": gone + each("resale_price"),
        "destroy": by_bench - onward.get("fail", 0.0) - laboratory,
        "passed": core + by_bench - onward.get("pass", 0.0),
        "failed": by_bench - onward.get("fail", 0.0),
    }


def _ways(network: Mapping[str, Block], station: str) -> dict[str, float]:
    """Return what the way behind each answer of the decision at a station costs, EUR."""
    block = network.get(station)
    route = block.to if isinstance(block, Station) else None
    if not isinstance(route, Decision):
        return {}
    behind = {answer: network.get(name) for answer, name in route.answers.items()}
    return {answer: lane.cost_per_unit or 0.0 for answer, lane in behind.items() if isinstance(lane, Lane)}
