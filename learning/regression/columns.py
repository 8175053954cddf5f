"""Names of the columns of a turned part. Light: a scenario's sections name them too."""

from __future__ import annotations

from typing import Final

MACHINING: Final = ("diameter_mm", "material", "tensile_mpa", "feed_mm_rev", "depth_mm", "idle_kj", "air_kj")
"""Features; `material` is the number of its class, from 1."""

ENERGY: Final = "energy_kj"
"""What turning the part took at the meter."""

MATERIAL_CLASSES: Final = ("alloy_6061", "steel_c45", "steel_304l", "steel_42crmo4")
"""Materials in the order of their class, from 1."""
