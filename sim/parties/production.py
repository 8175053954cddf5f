"""What a factory makes: each part that leaves a machining station, with the record of its energy.

How long a part takes and what energy it takes follow from the same job: set-up, changes of the tool, moving without
cutting, and cutting.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from statistics import fmean
from typing import NamedTuple

from sim.machining import cutting_minutes, energy, metered
from sim.parties.factory_plan import FactoryPlan
from sim.parties.turning import Machining
from sim.streams import Streams
from sim.units import HOURS_PER_DAY

COLUMNS = {
    "day": "f8",
    "unit": "i8",
    "party": "U",
    "station": "U",
    "family": "U",
    "metal": "U",
    "diameter_mm": "f8",
    "material": "f8",
    "tensile_mpa": "f8",
    "feed_mm_rev": "f8",
    "depth_mm": "f8",
    "idle_kj": "f8",
    "air_kj": "f8",
    "energy_kj": "f8",
}
"""The table `made`: a row for each part that a machining station made. material: the class of its metal, from 1."""


class Made(NamedTuple):
    """A part as it was made: what its record says of it, and the minutes that the machine was taken up."""

    family: str
    metal: str
    diameter_mm: float
    material: float
    tensile_mpa: float
    feed_mm_rev: float
    depth_mm: float
    idle_kj: float
    air_kj: float
    energy_kj: float
    minutes: float

    @property
    def record(self) -> tuple[str | float, ...]:
        """Return what the table holds of it, in the order of its columns."""
        return self[:-1]


class Production:
    """Makes the parts of one station. Holds no state: a part is a function of the unit, its visit and its family."""

    def __init__(self, plan: FactoryPlan, station: str, streams: Streams) -> None:
        self._plan = plan
        self._machining = Machining(plan, station, streams)
        self._wear = streams.open(f"{station}.tool_change")
        self._classes = {metal: float(place) for place, metal in enumerate(plan.classes, start=1)}

    def made(self, family: str, unit: int, visit: int) -> Made:
        """Return a part of a family that a unit (its key) becomes on a visit (0, 1, ...) to the station."""
        plan, job = self._plan, self._machining.drawn(family, unit, visit)
        cut, cutting = job.cut, cutting_minutes(job.cut)
        # whole changes, of which there are cutting / life on the mean: where an edge stands is a matter of luck
        changes = math.floor(cutting / plan.tool_life_minutes + self._wear(unit, visit))
        standstill = job.setup_minutes + changes * plan.tool_change_minutes
        spent = energy(
            cut, job.resistance, self._machining.machine, setup_minutes=standstill, air_minutes=job.air_minutes
        )
        return Made(
            family,
            job.metal,
            cut.diameter_mm,
            self._classes[job.metal],
            job.tensile_mpa,
            cut.feed_mm_rev,
            cut.depth_mm,
            spent.idle_kj,
            spent.air_kj,
            metered(spent, tool=job.tool, meter=job.meter),
            standstill + job.air_minutes + cutting,
        )

    def days(self, family: str, unit: int, visit: int) -> float:
        """Return how long a machine takes for a part, days of work."""
        return self.made(family, unit, visit).minutes / (60.0 * HOURS_PER_DAY)


def mean_days(plan: FactoryPlan, mix: Mapping[str, float], parts: int = 512) -> float:
    """Return how long a part takes on the mean, days of work, by a sample of parts that is always the same.

    mix: share of each family.
    """
    production = Production(plan, "sample", Streams(0, 0, {"sample": 0}))
    of_family = {family: fmean(production.days(family, unit, 0) for unit in range(parts)) for family in sorted(mix)}
    return math.fsum(mix[family] * days for family, days in of_family.items())
