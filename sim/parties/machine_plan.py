"""How the parts of a core are machined when they are reworked: the plan of a scenario."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Final

from annotated_types import Gt, Le, MinLen

from sim.laws import Law, Lognormal, Uniform
from sim.ranges import NonNegative, Positive, Probability, Several
from sim.section import Section


@dataclass(frozen=True, kw_only=True)
class Metal(Section):
    """A material that is turned."""

    tensile_mpa: Positive
    """Mean tensile strength."""
    specific_force: Positive
    """Force on a chip of 1 mm by 1 mm at the mean tensile strength, N."""
    exponent: Annotated[float, Gt(0), Le(1)] = 0.25
    """Exponent by which thin chips resist more."""


METALS: Final[Mapping[str, Metal]] = {
    "steel_c45": Metal(tensile_mpa=650.0, specific_force=1850.0, exponent=0.24),
    "steel_42crmo4": Metal(tensile_mpa=1000.0, specific_force=2300.0, exponent=0.25),
    "steel_304l": Metal(tensile_mpa=560.0, specific_force=2100.0, exponent=0.22),
    "alloy_6061": Metal(tensile_mpa=300.0, specific_force=650.0, exponent=0.25),
}
"""Packaged materials."""


@dataclass(frozen=True, kw_only=True)
class Turning(Section):
    """How a kind of part is turned: laws for what differs from job to job."""

    metals: Annotated[dict[str, Probability], MinLen(1)]
    """Materials of the part with the share of each; they sum to 1."""
    diameter_mm: Law
    """Diameter, mm."""
    length_mm: Positive
    """Turned length, mm."""
    passes: Several = 4
    """Passes over the length."""
    feed_mm_rev: Law = field(default_factory=lambda: Uniform(low=0.12, high=0.32))
    """Feed, mm a revolution."""
    depth_mm: Law = field(default_factory=lambda: Uniform(low=0.5, high=2.0))
    """Depth of cut, mm; a quarter of the diameter at most."""
    cutting_speed: Law = field(default_factory=lambda: Uniform(low=120.0, high=220.0))
    """Cutting speed, m a minute."""

    def __post_init__(self) -> None:
        if abs(sum(self.metals.values()) - 1.0) > 1e-9:
            raise ValueError(f"metals must sum to 1, these sum to {sum(self.metals.values()):.12g}")


TURNINGS: Final[Mapping[str, Turning]] = {
    "gearset": Turning(
        metals={"steel_42crmo4": 0.8, "steel_c45": 0.2},
        diameter_mm=Lognormal(mean=62.0, cv=0.25),
        length_mm=110.0,
        passes=5,
    ),
    "bearings": Turning(
        metals={"steel_42crmo4": 0.5, "steel_c45": 0.5},
        diameter_mm=Lognormal(mean=44.0, cv=0.2),
        length_mm=45.0,
        passes=3,
    ),
    "clutch": Turning(metals={"steel_c45": 1.0}, diameter_mm=Lognormal(mean=105.0, cv=0.12), length_mm=60.0, passes=3),
    "seals": Turning(
        metals={"steel_304l": 0.7, "alloy_6061": 0.3}, diameter_mm=Lognormal(mean=35.0, cv=0.2), length_mm=25.0
    ),
}
"""Packaged jobs by part: design values, without a source."""


@dataclass(frozen=True, kw_only=True)
class MachiningPlan(Section):
    """The machine tools of a remanufacturer and what they do to each kind of part."""

    turnings: dict[str, Turning] = field(default_factory=lambda: dict(TURNINGS))
    """Jobs by part; what is written here takes the place of those packaged. A part without one is not turned."""
    metals: dict[str, Metal] = field(default_factory=lambda: dict(METALS))
    """Materials by name; what is written here takes the place of those that are packaged."""
    idle_kw: Positive = 1.6
    """Power of a machine without load."""
    air_kw: Positive = 1.3
    """Power of moving without cutting, on top."""
    efficiency: Annotated[float, Gt(0), Le(1)] = 0.8
    """Share of the power of the spindle that reaches the tool."""
    setup_minutes: Law = field(default_factory=lambda: Lognormal(mean=10.0, cv=0.4))
    """Set-up and change of tools."""
    air_minutes: Law = field(default_factory=lambda: Lognormal(mean=3.5, cv=0.4))
    """Moving without cutting."""
    tensile_cv: NonNegative = 0.03
    """Coefficient of variation of the tensile strength within a material."""
    tool_sd: NonNegative = 0.12
    """Standard deviation of the logarithm of the factor that the tool's wear puts on the energy of cutting."""
    meter_share: NonNegative = 0.02
    """Mean share that other consumers add to what the meter shows of idle and air."""

    def __post_init__(self) -> None:
        for part, turning in self.turnings.items():
            unknown = sorted(set(turning.metals) - set(self.metals))
            if unknown:
                raise ValueError(f"turnings.{part} names {', '.join(unknown)}, which metals does not hold")
