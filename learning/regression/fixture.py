"""The fixture: five machine shops whose turned parts replay the statistics of a published study of machining energy.

The study prints sizes, correlations and fits, and no row. These parameters were fitted to what it prints, for the draws
of `SEED`, by an evolution strategy (covariance matrix adaptation); `docs/fixture_fit.py` goes on from them. They are
one solution of many, and `docs/five-factories.md` says how near they stay. With another seed or replication they are a
law like any other.
"""

from __future__ import annotations

from typing import Final

from learning.regression.rows import Rows
from learning.regression.shops import Shop, Spread, luck, rows_of

SEED: Final = 2024
"""The seed of the published replay."""

LENGTH_SLOPE: Final = 0.7358
"""Exponent by which the turned length grows with the diameter, in every shop."""

TOOL_SPREAD: Final = 0.2819
"""Spread of the logarithm of what the tool's wear does to the energy of cutting."""

METER_SHARE: Final = 0.02764
"""Mean share that other consumers behind the meter add to idle and air."""

SHOPS: Final = (
    Shop(
        name="factory_1",
        parts=500,
        materials={"alloy_6061": 0.3, "steel_c45": 0.7},
        diameter_mm=Spread(46.47, 0.1877, 0.8982),
        feed_mm_rev=Spread(0.1548, 0.191, -0.3501),
        depth=Spread(0.06915, 0.08129, -0.9523),
        idle_kj=Spread(857.0, 0.1386, -0.7741),
        air_kj=Spread(488.8, 0.2535, -0.6218),
        length_mm=Spread(2647.0, 0.3337, -0.8973),
        length_slope=LENGTH_SLOPE,
        tensile_spread=0.03136,
        tool_spread=TOOL_SPREAD,
        meter_share=METER_SHARE,
    ),
    Shop(
        name="factory_2",
        parts=200,
        materials={"steel_304l": 1.0},
        diameter_mm=Spread(40.9, 0.343, 0.8982),
        feed_mm_rev=Spread(0.1572, 0.2115, -0.3501),
        depth=Spread(0.357, 0.03375, -0.9523),
        idle_kj=Spread(312.0, 0.2887, -0.7741),
        air_kj=Spread(145.4, 0.2229, -0.6218),
        length_mm=Spread(253.7, 0.3982, -0.8973),
        length_slope=LENGTH_SLOPE,
        tensile_spread=0.04925,
        tool_spread=TOOL_SPREAD,
        meter_share=METER_SHARE,
    ),
    Shop(
        name="factory_3",
        parts=800,
        materials={"alloy_6061": 0.25, "steel_c45": 0.35, "steel_304l": 0.2, "steel_42crmo4": 0.2},
        diameter_mm=Spread(40.22, 0.1773, 0.8982),
        feed_mm_rev=Spread(0.2582, 0.2796, -0.3501),
        depth=Spread(0.4284, 0.1562, -0.9523),
        idle_kj=Spread(1456.0, 0.08045, -0.7741),
        air_kj=Spread(271.8, 0.1706, -0.6218),
        length_mm=Spread(460.0, 0.1662, -0.8973),
        length_slope=LENGTH_SLOPE,
        tensile_spread=0.03495,
        tool_spread=TOOL_SPREAD,
        meter_share=METER_SHARE,
    ),
    Shop(
        name="factory_4",
        parts=450,
        materials={"steel_c45": 1.0},
        diameter_mm=Spread(69.35, 0.2879, 0.8982),
        feed_mm_rev=Spread(0.3264, 0.17, -0.3501),
        depth=Spread(0.3056, 0.01477, -0.9523),
        idle_kj=Spread(2414.0, 0.1399, -0.7741),
        air_kj=Spread(531.8, 0.2731, -0.6218),
        length_mm=Spread(202.9, 0.239, -0.8973),
        length_slope=LENGTH_SLOPE,
        tensile_spread=0.07399,
        tool_spread=TOOL_SPREAD,
        meter_share=METER_SHARE,
    ),
    Shop(
        name="factory_5",
        parts=100,
        materials={"alloy_6061": 0.5, "steel_304l": 0.5},
        diameter_mm=Spread(30.44, 0.4422, 0.7729),
        feed_mm_rev=Spread(0.1511, 0.248, -0.2436),
        depth=Spread(0.2205, 0.3946, 0.3567),
        idle_kj=Spread(959.7, 0.1508, 0.2397),
        air_kj=Spread(844.1, 0.2932, -0.6658),
        length_mm=Spread(560.8, 0.3253, 0.4832),
        length_slope=LENGTH_SLOPE,
        tensile_spread=0.02645,
        tool_spread=TOOL_SPREAD,
        meter_share=METER_SHARE,
    ),
)
"""The five shops."""


def fixture(seed: int = SEED, replication: int = 0) -> tuple[Rows, ...]:
    """Return the parts of the five shops, in order of their names; at `SEED` those of the published replay."""
    return tuple(rows_of(shop, luck(shop.name, shop.parts, seed, replication)) for shop in SHOPS)
