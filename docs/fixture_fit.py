"""Fit the fixture's shops to what the study printed: `python -m docs.fixture_fit 100000`, some ten minutes on one core.

Needs the package cma, which looptwin does not; with OMP_NUM_THREADS=1 it is fastest. It starts from the shops of
`learning/regression/fixture.py`, and prints them anew as they stand there, rounded to four digits. Every parameter
keeps within bounds that a machine shop has.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from docs import five_factories as printed
from learning.arrays import FloatArray
from learning.regression.config import Regression
from learning.regression.fixture import SEED, SHOPS
from learning.regression.metrics import correlations, metrics
from learning.regression.ranges import agreed, announced
from learning.regression.rows import Rows
from learning.regression.shops import Shop, luck, rows_of
from learning.regression.statistics import grams
from learning.regression.study import added, fits
from learning.regression.transforms import models


class Bounds(NamedTuple):
    """What a parameter may be; positive ones are searched on their logarithm."""

    low: float
    high: float
    logarithmic: bool = True

    def inside(self, free: float) -> float:
        """Return the parameter of any number, half way between the bounds for 0."""
        share = 0.5 * (1.0 + math.tanh(0.5 * free))
        return math.exp(self._mixed(math.log, share)) if self.logarithmic else self._mixed(float, share)

    def free(self, value: float) -> float:
        """Return the number whose parameter a value is; a value at a bound, or beyond, comes a little inside."""
        scale: Callable[[float], float] = math.log if self.logarithmic else float
        share = (scale(value) - scale(self.low)) / (scale(self.high) - scale(self.low))
        return 2.0 * math.atanh(2.0 * min(max(share, 1e-3), 1.0 - 1e-3) - 1.0)

    def _mixed(self, scale: Callable[[float], float], share: float) -> float:
        return scale(self.low) + share * (scale(self.high) - scale(self.low))


QUANTITIES: dict[str, tuple[Bounds, Bounds]] = {
    "diameter_mm": (Bounds(10.0, 150.0), Bounds(0.03, 0.55)),
    "feed_mm_rev": (Bounds(0.05, 0.6), Bounds(0.03, 0.4)),
    "depth": (Bounds(0.02, 0.95), Bounds(0.01, 0.9)),
    "idle_kj": (Bounds(100.0, 6000.0), Bounds(0.03, 0.5)),
    "air_kj": (Bounds(20.0, 2000.0), Bounds(0.03, 0.5)),
    "length_mm": (Bounds(50.0, 5000.0), Bounds(0.03, 0.6)),
}
"""Bounds of each quantity's median and of its spread."""

WITH_SIZE = Bounds(-0.97, 0.97, logarithmic=False)
TENSILE = Bounds(0.002, 0.1)
COMMON = {
    "length_slope": Bounds(-1.5, 1.5, logarithmic=False),
    "tool_spread": Bounds(0.03, 0.5),
    "meter_share": Bounds(0.005, 0.05),
}
"""Bounds of what all shops share. All but the last shop share how their quantities go with the job, too."""

LUCK = {shop.name: luck(shop.name, shop.parts, SEED) for shop in SHOPS}
MODELS = models(Regression().models, Regression().lambdas)
DTM = next(model for model in MODELS if model.name == "DTM 0")
LOG_VARIANCE = printed.spread("TM-T 0", printed.read_as()["TM-T 0"]) ** 2
BEST_ALONE = printed.BEST / (1.0 + printed.BETTER) - 0.005
"""What the best factory alone reaches at most, with a little room."""


def parameters(shops: Sequence[Shop]) -> Iterator[tuple[Bounds, float]]:
    """Yield every parameter of the shops with its bounds, in the order in which `shops_of` reads them."""
    for shop in shops:
        for name, (median, spread) in QUANTITIES.items():
            yield median, getattr(shop, name).median
            yield spread, getattr(shop, name).spread
        yield TENSILE, shop.tensile_spread
    for shop in (shops[0], shops[-1]):
        for name in QUANTITIES:
            yield WITH_SIZE, getattr(shop, name).with_size
    for name, bounds in COMMON.items():
        yield bounds, getattr(shops[0], name)


def shops_of(values: Sequence[float]) -> list[Shop]:
    """Return the shops with these parameters."""
    given = iter(values)
    own: list[dict[str, Any]] = []
    for shop in SHOPS:
        quantities = {name: getattr(shop, name)._replace(median=next(given), spread=next(given)) for name in QUANTITIES}
        own.append(quantities | {"tensile_spread": next(given)})
    several, last = ({name: next(given) for name in QUANTITIES} for _ in range(2))
    common = {name: next(given) for name in COMMON}
    shops = []
    for shop, of_one in zip(SHOPS, own, strict=True):
        sizes = last if shop is SHOPS[-1] else several
        sized = {name: of_one[name]._replace(with_size=sizes[name]) for name in QUANTITIES}
        shops.append(replace(shop, **{**of_one, **sized, **common}))
    return shops


def misses(shops: Sequence[Shop]) -> Iterator[float]:
    """Yield how far each printed statistic is missed, in units of what would be near enough."""
    sites = [rows_of(shop, LUCK[shop.name]) for shop in shops]
    ranges = agreed(announced(site) for site in sites)
    own = {site.party: grams(site, MODELS, ranges) for site in sites}
    total = added(own, MODELS)
    found = fits(total, MODELS, 0.0, ranges)
    yield from _correlations(correlations(total["LR"]), sites)
    linear = printed.LINEAR_F * 7.0 / (sum(printed.rows()) / 2.0 - 8.0)
    yield (found["LR"].metrics["r2"] - linear / (1.0 + linear)) / 0.004
    for name, entry in printed.PRINTED.items():
        yield (found[name].metrics["r2"] - entry.r2) / 0.004
    for name, spread in printed.implied_spreads().items():
        yield math.log(math.sqrt(found[name].metrics["tss"] / found[name].metrics["rows"]) / spread) / 0.01
    for party, error in printed.alone_errors().items():
        fit = fits(own[party], [DTM], 0.0, ranges)[DTM.name]
        on_all = metrics(total[DTM.name], fit.weights, fit.solved.parameters)
        yield math.log((1.0 - on_all["r2"]) / (error / LOG_VARIANCE)) / 0.2
        yield max(0.0, fit.metrics["r2"] - BEST_ALONE) / 0.01
        yield max(0.0, on_all["correlation_squared"] - BEST_ALONE) / 0.01


def _correlations(together: FloatArray, sites: Sequence[Rows]) -> Iterator[float]:
    """Material and strength go with energy less than what the study names; at the last shop feed and air do not."""
    last = sites[-1]
    for at, name in enumerate(last.names):
        if name in printed.CORRELATIONS:
            yield (together[at] - printed.CORRELATIONS[name]) / 0.004
        else:
            yield max(0.0, abs(together[at]) - 0.38) / 0.01
    alone = {name: np.corrcoef(last.x[:, at], last.y)[0, 1] for at, name in enumerate(last.names)}
    yield (alone["depth_mm"] - 0.65) / 0.02
    yield from (max(0.0, abs(alone[name]) - 0.15) / 0.02 for name in ("feed_mm_rev", "air_kj"))


def distance(free: Sequence[float], bounds: Sequence[Bounds]) -> float:
    """Return the squared misses of the shops behind free numbers, and a little for leaving the middle of bounds."""
    shops = shops_of([one.inside(value) for one, value in zip(bounds, free, strict=True)])
    total = math.fsum(miss**2 for miss in misses(shops)) + 0.01 * math.fsum(value**2 for value in free)
    return total if math.isfinite(total) else 1e9


def told(shops: Sequence[Shop]) -> Iterator[str]:
    """Yield the parameters as they stand in the fixture."""
    yield from (f"{name}: {getattr(shops[0], name):.4g}" for name in COMMON)
    for shop in shops:
        yield f"{shop.name}: tensile_spread {shop.tensile_spread:.4g}"
        for name in QUANTITIES:
            yield f"    {name}=Spread({', '.join(f'{value:.4g}' for value in getattr(shop, name))}),"


def main(evaluations: int) -> None:
    """Search, and print the best shops that were found."""
    import cma

    bounds, values = zip(*parameters(SHOPS), strict=True)
    start = [one.free(value) for one, value in zip(bounds, values, strict=True)]
    before = distance(start, bounds)
    sys.stderr.write(f"{len(start)} parameters, distance {before:.3f} at the start\n")
    options = {"seed": 1, "maxfevals": evaluations, "popsize": 24, "verbose": -9}
    search = cma.CMAEvolutionStrategy(start, 0.03, options)
    while not search.stop():
        asked = search.ask()
        search.tell(asked, [distance(one, bounds) for one in asked])
    sys.stderr.write(f"distance {search.best.f:.3f} at the end\n")
    nearest = search.best.x if search.best.f < before else start
    best = shops_of([one.inside(value) for one, value in zip(bounds, nearest, strict=True)])
    sys.stdout.write("\n".join(told(best)) + "\n")


if __name__ == "__main__":
    main(int(sys.argv[1]))
