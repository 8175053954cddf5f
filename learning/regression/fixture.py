"""The fixture: five machine shops whose turned parts replay the statistics of a published study of machining energy.

The study prints sizes, correlations and fits, and no row. These parameters were fitted to what it prints, for the draws
of `SEED`, by an evolution strategy (covariance matrix adaptation); they are one solution of many, and
`docs/five-factories.md` says how near they stay. With another seed or replication they are a law like any other.
"""

from __future__ import annotations

from typing import Final

from learning.regression.rows import Rows
from learning.regression.shops import Shop, Spread, luck, rows_of

SEED: Final = 2024
"""The seed of the published replay."""

LENGTH_SLOPE: Final = 0.4652
"""Exponent by which the turned length grows with the diameter, in every shop."""

TOOL_SPREAD: Final = 0.2303
"""Spread of the logarithm of what the tool's wear does to the energy of cutting."""

METER_SHARE: Final = 0.01754
"""Mean share that other consumers behind the meter add to idle and air."""

SHOPS: Final = (
    Shop(
        name="factory_1",
        parts=500,
        materials={"alloy_6061": 0.3, "steel_c45": 0.7},
        diameter_mm=Spread(34.27, 0.2184, 0.9429),
        feed_mm_rev=Spread(0.09398, 0.3133, -0.7),
        depth=Spread(0.2231, 0.2308, -0.9504),
        idle_kj=Spread(982.7, 0.1603, -0.8735),
        air_kj=Spread(246.3, 0.2199, -0.5969),
        length_mm=Spread(1764.0, 0.3285, -0.7739),
        length_slope=LENGTH_SLOPE,
        tensile_spread=0.04534,
        tool_spread=TOOL_SPREAD,
        meter_share=METER_SHARE,
    ),
    Shop(
        name="factory_2",
        parts=200,
        materials={"steel_304l": 1.0},
        diameter_mm=Spread(27.53, 0.5114, 0.9429),
        feed_mm_rev=Spread(0.1163, 0.3207, -0.7),
        depth=Spread(0.3547, 0.07489, -0.9504),
        idle_kj=Spread(401.7, 0.4199, -0.8735),
        air_kj=Spread(195.4, 0.2235, -0.5969),
        length_mm=Spread(348.2, 0.6973, -0.7739),
        length_slope=LENGTH_SLOPE,
        tensile_spread=0.01984,
        tool_spread=TOOL_SPREAD,
        meter_share=METER_SHARE,
    ),
    Shop(
        name="factory_3",
        parts=800,
        materials={"alloy_6061": 0.25, "steel_c45": 0.35, "steel_304l": 0.2, "steel_42crmo4": 0.2},
        diameter_mm=Spread(45.49, 0.3125, 0.9429),
        feed_mm_rev=Spread(0.3642, 0.1947, -0.7),
        depth=Spread(0.2746, 0.2295, -0.9504),
        idle_kj=Spread(1742.0, 0.104, -0.8735),
        air_kj=Spread(177.7, 0.2128, -0.5969),
        length_mm=Spread(390.9, 0.1417, -0.7739),
        length_slope=LENGTH_SLOPE,
        tensile_spread=0.08173,
        tool_spread=TOOL_SPREAD,
        meter_share=METER_SHARE,
    ),
    Shop(
        name="factory_4",
        parts=450,
        materials={"steel_c45": 1.0},
        diameter_mm=Spread(78.19, 0.2406, 0.9429),
        feed_mm_rev=Spread(0.4046, 0.1781, -0.7),
        depth=Spread(0.1924, 0.03031, -0.9504),
        idle_kj=Spread(2656.0, 0.1493, -0.8735),
        air_kj=Spread(460.7, 0.2274, -0.5969),
        length_mm=Spread(279.9, 0.2805, -0.7739),
        length_slope=LENGTH_SLOPE,
        tensile_spread=0.07439,
        tool_spread=TOOL_SPREAD,
        meter_share=METER_SHARE,
    ),
    Shop(
        name="factory_5",
        parts=100,
        materials={"alloy_6061": 0.5, "steel_304l": 0.5},
        diameter_mm=Spread(21.7, 0.545, -0.2992),
        feed_mm_rev=Spread(0.1405, 0.2913, 0.2498),
        depth=Spread(0.2152, 13.71, 0.3525),
        idle_kj=Spread(1314.0, 0.1825, 0.5122),
        air_kj=Spread(1100.0, 0.1304, -0.4227),
        length_mm=Spread(559.1, 0.2847, -0.1696),
        length_slope=LENGTH_SLOPE,
        tensile_spread=0.03766,
        tool_spread=TOOL_SPREAD,
        meter_share=METER_SHARE,
    ),
)
"""The five shops."""


def fixture(seed: int = SEED, replication: int = 0) -> tuple[Rows, ...]:
    """Return the parts of the five shops, in order of their names; at `SEED` those of the published replay."""
    return tuple(rows_of(shop, luck(shop.name, shop.parts, seed, replication)) for shop in SHOPS)
