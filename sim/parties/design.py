"""What a scenario says about how its product is made and used: as-built values, oil and heat, tolerances, duties."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any, NamedTuple

from annotated_types import Ge, Gt, Le

from sim.backends import FLOATS, Namespace
from sim.lubrication import Oil
from sim.ranges import NonNegative, Positive, Probability
from sim.section import Section
from sim.tolerances import capability, spread, worst_case
from sim.usage import Usage
from sim.wear import Build
from sim.worth import NONE_FAILED

AS_BUILT = Build._fields
"""What is drawn when a part is made, in the order of `sim.wear.Build`."""

PART_OF = (0, 0, 1, 2, 2, NONE_FAILED)
"""Number of the part that each as-built value belongs to and is renewed with; the oil belongs to none."""


@dataclass(frozen=True, kw_only=True)
class BuildSpread(Section):
    """As-built values of the units of one maker: means, spreads, and how much of a spread a lot has in common."""

    hardness_hrc: Positive = 60.0
    """Mean case hardness of the gears, HRC."""
    hardness_sd: NonNegative = 0.9
    """Its standard deviation, HRC."""
    misalignment_um: NonNegative = 8.0
    """Mean misalignment of the gear mesh, micrometres; it counts whatever its sign."""
    misalignment_sd: NonNegative = 4.0
    """Its standard deviation, micrometres."""
    bearing_kn: Positive = 47.0
    """Mean dynamic load rating of the bearings, kN."""
    bearing_sd: NonNegative = 2.5
    """Its standard deviation, kN."""
    lining_mm: Positive = 0.8
    """Mean thickness of the clutch lining, mm."""
    lining_sd: NonNegative = 0.03
    """Its standard deviation, mm."""
    wear_rate: Positive = 1.6
    """Median specific wear of the lining, mm3/MJ."""
    wear_rate_sd: NonNegative = 0.25
    """Standard deviation of its logarithm."""
    oil_base: Positive = 1.0
    """Median of how fast the oil oxidises, 1 for the usual base oil."""
    oil_base_sd: NonNegative = 0.15
    """Standard deviation of its logarithm."""
    lot_size: Annotated[int, Ge(1)] = 50
    """Units of a lot."""
    lot_share: Probability = 0.4
    """Share of the variance of every value that the units of a lot have in common."""


def as_built(m: Namespace, spread: BuildSpread, scores: Any) -> Build:
    """Return how units are made for their standard normal scores, one per value in the order of `AS_BUILT`."""
    hardness, misalignment, bearing, lining, wear_rate, oil_base = scores
    skew = spread.misalignment_um + spread.misalignment_sd * misalignment
    return Build(
        # far in the tails a normal law would leave the range in which the wear laws mean something
        m.maximum(spread.hardness_hrc + spread.hardness_sd * hardness, 0.5 * spread.hardness_hrc),
        m.maximum(skew, -skew),
        m.maximum(spread.bearing_kn + spread.bearing_sd * bearing, 0.5 * spread.bearing_kn),
        m.maximum(spread.lining_mm + spread.lining_sd * lining, 0.5 * spread.lining_mm),
        spread.wear_rate * m.exp(spread.wear_rate_sd * wear_rate),
        spread.oil_base * m.exp(spread.oil_base_sd * oil_base),
    )


@dataclass(frozen=True, kw_only=True)
class UseSpread(Section):
    """How the vehicles of one duty differ."""

    distance: NonNegative = 0.2
    """Standard deviation of the logarithm of the distance a year."""
    torque_ratio: NonNegative = 0.1
    """Standard deviation of the torque ratio."""
    shifts: NonNegative = 0.3
    """Standard deviation of the logarithm of the shifts per km."""
    ambient_c: NonNegative = 4.0
    """Standard deviation of the ambient temperature, degrees Celsius."""
    oil_interval: NonNegative = 0.3
    """Standard deviation of the logarithm of the distance between oil changes."""


USED = ("distance", "torque_ratio", "shifts", "ambient_c", "oil_interval")
"""What is drawn when a life begins, as standard normal scores; overheatings are counted besides."""

TORQUE_RANGE = (0.5, 1.8)
"""A vehicle's mean torque over design torque stays within these."""


class Use(NamedTuple):
    """How one vehicle uses its unit, and how far it drives: 1000 km a year. Floats, or arrays of one shape."""

    usage: Usage
    per_year: Any


@dataclass(frozen=True, kw_only=True)
class Duty(Section):
    """How vehicles of a kind use the product."""

    distance_per_year: Positive
    """Mean distance, 1000 km a year."""
    torque_ratio: Annotated[float, Gt(0), Le(3)]
    """Mean torque over design torque."""
    shifts_per_km: Positive
    """Mean gear shifts per km."""
    ambient_c: float
    """Mean ambient temperature, degrees Celsius."""
    oil_interval: Positive = 80.0
    """Distance between oil changes, 1000 km, where a fleet has no interval of its own."""
    overheats: Annotated[float, Ge(0), Le(20)] = 1.0
    """Mean number of overheatings a year."""


def used(m: Namespace, duty: Any, spread: UseSpread, scores: Any, interval: Any, overheats: Any) -> Use:
    """Return how vehicles of a duty use their units, for scores in the order of `USED`.

    duty: what has the fields of `Duty`, floats or arrays. interval: between oil changes as planned, 1000 km. overheats:
    a year.
    """
    distance, torque, shifts, ambient, oil = scores
    low, high = TORQUE_RANGE
    usage = Usage(
        torque_ratio=m.minimum(high, m.maximum(low, duty.torque_ratio + spread.torque_ratio * torque)),
        shifts_per_km=duty.shifts_per_km * m.exp(spread.shifts * shifts),
        ambient_c=duty.ambient_c + spread.ambient_c * ambient,
        oil_interval=interval * m.exp(spread.oil_interval * oil),
        overheats=overheats,
    )
    return Use(usage, duty.distance_per_year * m.exp(spread.distance * distance))


DUTIES = {
    "motorway_hire": Duty(
        distance_per_year=38.0, torque_ratio=1.05, shifts_per_km=0.7, ambient_c=12.0, oil_interval=90.0, overheats=0.3
    ),
    "taxi": Duty(distance_per_year=70.0, torque_ratio=0.95, shifts_per_km=2.6, ambient_c=15.0, oil_interval=60.0),
    "parcel_van": Duty(
        distance_per_year=32.0, torque_ratio=1.05, shifts_per_km=2.0, ambient_c=11.0, oil_interval=80.0, overheats=1.5
    ),
    "tow": Duty(
        distance_per_year=22.0, torque_ratio=1.2, shifts_per_km=1.2, ambient_c=22.0, oil_interval=110.0, overheats=5.0
    ),
}
"""Packaged duties: design values, without a source."""


@dataclass(frozen=True, kw_only=True)
class Lubrication(Section):
    """Heat and oil: a lumped steady state, and oxidation after Arrhenius between two changes."""

    mesh_loss_w: NonNegative = 990.0
    """Heat of the mesh at design torque, W: 4.5 % of 22 kW."""
    slip_loss_w: NonNegative = 300.0
    """Heat of slip at one shift per km, W."""
    conductance: Positive = 28.0
    """Heat that the case gives off, W/K."""
    kelvin_per_overheat: NonNegative = 0.6
    """What one overheating a year adds to the mean temperature, K."""
    activation_j: NonNegative = 95.0e3
    """Activation energy of oxidation, J/mol."""
    oxidation: NonNegative = 0.03
    """Oxidation per 1000 km at the reference temperature."""
    reference_c: float = 90.0
    """Reference temperature, degrees Celsius."""
    thinning: NonNegative = 1.2
    """Loss of the logarithm of the lubricating film, per oxidation."""

    def parameters(self) -> Oil:
        """Return the constants of heat and oil."""
        return Oil(**vars(self))


@dataclass(frozen=True, kw_only=True)
class Dimension(Section):
    """A dimension in the tolerance chain of the backlash."""

    sensitivity: float = 1.0
    """Change of the backlash per change of the dimension, mm per mm."""
    sd: NonNegative
    """Standard deviation of the dimension, mm."""
    tolerance: NonNegative
    """The dimension stays within plus or minus this, mm, where it is made to drawing."""


CHAIN = {
    "centre_distance": Dimension(sensitivity=0.73, sd=0.010, tolerance=0.030),
    "pinion_tooth": Dimension(sensitivity=-1.0, sd=0.008, tolerance=0.024),
    "wheel_tooth": Dimension(sensitivity=-1.0, sd=0.008, tolerance=0.024),
    "bearing_play": Dimension(sensitivity=0.73, sd=0.005, tolerance=0.015),
}
"""Packaged tolerance chain: backlash opens by 2 tan 20 = 0.73 mm per mm of centre distance; design values."""


@dataclass(frozen=True, kw_only=True)
class Backlash(Section):
    """Backlash of the gear mesh: tolerance stack-up when new, opened by misalignment and by wear."""

    nominal_mm: Positive = 0.11
    """With all dimensions at their nominal."""
    dimensions: dict[str, Dimension] = field(default_factory=lambda: dict(CHAIN))
    """The tolerance chain, by name."""
    per_misalignment: NonNegative = 0.00075
    """Backlash per misalignment, mm per micrometre."""
    worn_mm: NonNegative = 0.10
    """Backlash that full pitting adds, mm."""
    lower_mm: NonNegative = 0.04
    """A new mesh is rejected below this, mm."""
    upper_mm: Positive = 0.21
    """A mesh is rejected above this, mm."""

    def sd(self) -> float:
        """Return the standard deviation of the stack-up, mm."""
        chain = self.dimensions.values()
        return float(spread(FLOATS, [one.sensitivity for one in chain], [one.sd for one in chain]))

    def worst(self) -> float:
        """Return how far the stack-up may be from nominal with every dimension to drawing, mm."""
        chain = self.dimensions.values()
        return worst_case([one.sensitivity for one in chain], [one.tolerance for one in chain])

    def cpk(self) -> float:
        """Return the capability of the stack-up between the two limits."""
        return float(capability(FLOATS, self.nominal_mm, self.sd(), self.lower_mm, self.upper_mm))
