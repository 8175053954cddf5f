"""The fixture's law: how the parts of one machine shop and the energy of turning them are drawn. Pure.

The cutting energy is Kienzle's specific force times the volume that is removed, as in `sim.machining`; the depth of cut
stays below a quarter of the diameter; the tool's wear and the length of the part, which no feature tells, act on the
cutting part alone, and the meter only adds. So no record lies below its idle and air energy.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, NamedTuple

import numpy as np

from learning.arrays import FloatArray
from learning.regression.columns import ENERGY, MACHINING, MATERIAL_CLASSES
from learning.regression.rows import Rows
from sim.normal import scores
from sim.streams import BLOCK, Streams, uniform_block


class Material(NamedTuple):
    """A material that is turned: mean tensile strength in MPa, N on a chip of 1 mm by 1 mm, exponent of thin chips."""

    tensile_mpa: float
    specific_force: float
    exponent: float


MATERIALS: Final[Mapping[str, Material]] = MappingProxyType(
    dict(
        zip(
            MATERIAL_CLASSES,
            (
                Material(300.0, 650.0, 0.25),
                Material(650.0, 1850.0, 0.24),
                Material(560.0, 2100.0, 0.22),
                Material(1000.0, 2300.0, 0.25),
            ),
            strict=True,
        )
    )
)
"""Materials by name, in the order of their class."""

DEEPEST: Final = 0.25
"""Largest depth of cut over the diameter."""

EFFICIENCY: Final = 0.75
"""Share of the spindle's power that reaches the tool."""

REFERENCE_MM: Final = 50.0
"""Diameter of a part whose turned length is the shop's own."""


class Spread(NamedTuple):
    """A quantity that differs from job to job: its median, and its spread on the logarithm."""

    median: float
    spread: float
    with_size: float = 0.0
    """Correlation with the one factor that all quantities of a job share."""


@dataclass(frozen=True, kw_only=True)
class Shop:
    """One machine shop: how many parts it turned and of which kind."""

    name: str
    parts: int
    materials: Mapping[str, float]
    """Share of each material; they sum to 1."""
    diameter_mm: Spread
    feed_mm_rev: Spread
    depth: Spread
    """Depth of cut over its largest; the spread is that of the logarithm of the odds."""
    idle_kj: Spread
    air_kj: Spread
    length_mm: Spread
    """Length that is turned, over all passes, of a part of 50 mm diameter."""
    length_slope: float
    """Exponent by which the length grows with the diameter."""
    tensile_spread: float
    """Spread of the logarithm of the tensile strength within a material."""
    tool_spread: float
    """Spread of the logarithm of what the tool's wear does to the energy of cutting."""
    meter_share: float
    """Mean share that other consumers behind the meter add to idle and air."""


class Luck(NamedTuple):
    """The draws behind the parts of a shop, a number per part."""

    size: FloatArray
    """Standard normal, as are the next eight."""
    diameter: FloatArray
    feed: FloatArray
    depth: FloatArray
    idle: FloatArray
    air: FloatArray
    length: FloatArray
    tensile: FloatArray
    tool: FloatArray
    material: FloatArray
    """Uniform in (0, 1), as is the next."""
    meter: FloatArray


def luck(shop: str, parts: int, seed: int, replication: int = 0) -> Luck:
    """Return the draws of a shop's first parts: the same at any number of parts, and whatever other shops do."""
    streams = Streams(seed, replication, {})
    uniforms = [_uniforms(streams.key(f"shop.{name}", shop), parts) for name in Luck._fields]
    return Luck(*(scores(one) for one in uniforms[:-2]), *uniforms[-2:])


def _uniforms(key: tuple[int, int], count: int) -> FloatArray:
    blocks = [uniform_block(key, block, 0) for block in range(-(-count // BLOCK))]
    return np.concatenate(blocks)[:count]


def rows_of(shop: Shop, drawn: Luck) -> Rows:
    """Return the parts of a shop: features of `MACHINING` and energy in kJ."""
    diameter = _lognormal(shop.diameter_mm, drawn.size, drawn.diameter)
    feed = _lognormal(shop.feed_mm_rev, drawn.size, drawn.feed)
    odds = _lognormal(shop.depth, drawn.size, drawn.depth, shop.depth.median / (1.0 - shop.depth.median))
    depth = DEEPEST * diameter * odds / (1.0 + odds)
    idle = _lognormal(shop.idle_kj, drawn.size, drawn.idle)
    air = _lognormal(shop.air_kj, drawn.size, drawn.air)
    length = _lognormal(shop.length_mm, drawn.size, drawn.length) * (diameter / REFERENCE_MM) ** shop.length_slope
    material = _chosen(shop.materials, drawn.material)
    tensile = _of(material, 0) * np.exp(shop.tensile_spread * drawn.tensile)
    cutting = cutting_kj(material, tensile, diameter, feed, depth, length)
    other = -shop.meter_share * np.log(drawn.meter)
    energy = (idle + air) * (1.0 + other) + cutting * np.exp(shop.tool_spread * drawn.tool)
    x = np.column_stack([diameter, material + 1.0, tensile, feed, depth, idle, air])
    return Rows(shop.name, MACHINING, x, energy, ENERGY)


def cutting_kj(
    material: FloatArray,
    tensile_mpa: FloatArray,
    diameter_mm: FloatArray,
    feed_mm_rev: FloatArray,
    depth_mm: FloatArray,
    length_mm: FloatArray,
) -> FloatArray:
    """Return the energy of cutting in kJ: specific force times removed volume, through the spindle.

    material: positions in `MATERIALS`. The force grows with the root of the tensile strength within a material.
    """
    stronger = np.sqrt(tensile_mpa / _of(material, 0))
    pressure = _of(material, 1) * stronger * feed_mm_rev ** -_of(material, 2)
    volume = np.pi * diameter_mm * depth_mm * length_mm
    energy: FloatArray = pressure * volume / EFFICIENCY / 1e6
    return energy


def _lognormal(of: Spread, size: FloatArray, own: FloatArray, median: float | None = None) -> FloatArray:
    mixed = of.with_size * size + np.sqrt(1.0 - of.with_size**2) * own
    drawn: FloatArray = (of.median if median is None else median) * np.exp(of.spread * mixed)
    return drawn


def _chosen(shares: Mapping[str, float], uniforms: FloatArray) -> FloatArray:
    upper = np.cumsum([shares.get(name, 0.0) for name in MATERIALS])
    found = np.minimum(np.searchsorted(upper, uniforms, side="right"), len(MATERIALS) - 1)
    return found.astype(np.float64)


def _of(material: FloatArray, field: int) -> FloatArray:
    return np.array([one[field] for one in MATERIALS.values()])[material.astype(np.int64)]
