"""How a unit is used: what its heat, its oil and its wear follow from."""

from __future__ import annotations

from typing import Any, NamedTuple


class Usage(NamedTuple):
    """How a unit is used. Floats, or arrays of one shape.

    torque_ratio: mean torque over design torque. shifts_per_km. ambient_c: mean ambient temperature. oil_interval:
    1000 km between oil changes. overheats: overheatings a year.
    """

    torque_ratio: Any
    shifts_per_km: Any
    ambient_c: Any
    oil_interval: Any
    overheats: Any
