"""What a factory turns and how: families of parts, materials with their classes, machine tools and tool changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Final

from annotated_types import MinLen

from sim.laws import Lognormal
from sim.parties.machine_plan import MachiningPlan, Turning
from sim.ranges import NonNegative, Positive

FAMILY: Final = "family"
"""The mark of a unit that says which family of parts was ordered."""

FAMILIES: Final[Mapping[str, Turning]] = {
    "shafts": Turning(
        metals={"steel_c45": 0.6, "steel_42crmo4": 0.4},
        diameter_mm=Lognormal(mean=50.0, cv=0.3),
        length_mm=160.0,
        passes=4,
    ),
    "rings": Turning(metals={"steel_42crmo4": 1.0}, diameter_mm=Lognormal(mean=85.0, cv=0.2), length_mm=30.0, passes=3),
    "bushes": Turning(
        metals={"alloy_6061": 0.5, "steel_c45": 0.5},
        diameter_mm=Lognormal(mean=32.0, cv=0.25),
        length_mm=40.0,
        passes=3,
    ),
    "fittings": Turning(
        metals={"steel_304l": 1.0}, diameter_mm=Lognormal(mean=60.0, cv=0.25), length_mm=90.0, passes=4
    ),
}
"""Packaged families of parts: design values, without a source."""


@dataclass(frozen=True, kw_only=True)
class FactoryPlan(MachiningPlan):
    """The machine tools of a factory and what they do to each family of parts."""

    turnings: dict[str, Turning] = field(default_factory=lambda: dict(FAMILIES))
    """Jobs by family of parts; what is written here takes the place of those packaged."""
    classes: Annotated[list[str], MinLen(1)] = field(
        default_factory=lambda: ["alloy_6061", "steel_c45", "steel_304l", "steel_42crmo4"]
    )
    """Materials in the order of their class, from 1: how records of energy name them."""
    tool_life_minutes: Positive = 15.0
    """Minutes in the material that a cutting edge lasts."""
    tool_change_minutes: NonNegative = 3.0
    """Standstill for a change of the edge."""

    def __post_init__(self) -> None:
        super().__post_init__()
        unknown = sorted(set(self.classes) - set(self.metals))
        if unknown:
            raise ValueError(f"classes names {', '.join(unknown)}, which metals does not hold")
        if len(set(self.classes)) != len(self.classes):
            raise ValueError("classes names a material twice")
        for family, turning in self.turnings.items():
            without = sorted(set(turning.metals) - set(self.classes))
            if without:
                raise ValueError(f"turnings.{family} is of {', '.join(without)}, which has no place in classes")
