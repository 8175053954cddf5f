"""The jobs of machining: drawn from a remanufacturer's plan, each with the record of its energy."""

from __future__ import annotations

import math
from bisect import bisect_right
from statistics import NormalDist
from typing import NamedTuple

from sim.laws import Quantile
from sim.machining import DEEPEST, Cut, Machine, Resistance, energy, metered
from sim.parties.machine_plan import MachiningPlan
from sim.shares import cumulative
from sim.streams import Streams

_normal = NormalDist().inv_cdf


class Turned(NamedTuple):
    """One job on one part, as the record of its energy says it."""

    part: str
    material: str
    diameter_mm: float
    feed_mm_rev: float
    depth_mm: float
    cutting_speed: float
    tensile_mpa: float
    idle_kj: float
    air_kj: float
    energy_kj: float


_DRAWN = ("diameter_mm", "feed_mm_rev", "depth_mm", "cutting_speed")
_BESIDE = ("metal", "tensile", "setup", "air", "tool", "meter")
"""What is drawn beside the fields of a cut."""


class Job(NamedTuple):
    """What is drawn of one job: the cut, its material, the minutes around it, and what tool and meter add.

    tool: factor of the tool's wear on the energy of cutting. meter: share that other consumers add.
    """

    cut: Cut
    metal: str
    tensile_mpa: float
    resistance: Resistance
    setup_minutes: float
    air_minutes: float
    tool: float
    meter: float


class Machining:
    """Draws the jobs of a plan at a station. Holds no state: a job is a function of unit, occurrence and part."""

    def __init__(self, plan: MachiningPlan, station: str, streams: Streams) -> None:
        self._plan = plan
        self._luck = {
            part: streams.bundle(f"{station}.{part}.{purpose}" for purpose in (*_DRAWN, *_BESIDE))
            for part in plan.turnings
        }
        self.machine = Machine(plan.idle_kw, plan.air_kw, plan.efficiency)
        self._setup, self._air = plan.setup_minutes.quantile(), plan.air_minutes.quantile()
        self._laws: dict[str, tuple[Quantile, ...]] = {
            part: tuple(getattr(turning, name).quantile() for name in _DRAWN) for part, turning in plan.turnings.items()
        }
        # in the order of names, not of the file: a reordered file is the same scenario
        self._metals = {part: sorted(turning.metals) for part, turning in plan.turnings.items()}
        self._edges = {
            part: cumulative([plan.turnings[part].metals[name] for name in names])
            for part, names in self._metals.items()
        }

    def job(self, part: str, unit: int, life: int) -> Turned | None:
        """Return the job on a part of a unit (its key) after so many lives; None for a part that is not turned."""
        if part not in self._laws:
            return None
        job = self.drawn(part, unit, life)
        cut = job.cut
        spent = energy(cut, job.resistance, self.machine, setup_minutes=job.setup_minutes, air_minutes=job.air_minutes)
        shown = metered(spent, tool=job.tool, meter=job.meter)
        return Turned(
            part,
            job.metal,
            cut.diameter_mm,
            cut.feed_mm_rev,
            cut.depth_mm,
            cut.cutting_speed,
            job.tensile_mpa,
            spent.idle_kj,
            spent.air_kj,
            shown,
        )

    def drawn(self, part: str, unit: int, occurrence: int) -> Job:
        """Return what is drawn of the job on a part of a unit (its key), the n-th time that it is turned."""
        plan = self._plan
        *cut, of_metal, of_tensile, of_setup, of_air, of_tool, of_meter = self._luck[part](unit, occurrence)
        diameter, feed, depth, speed = (law(luck) for law, luck in zip(self._laws[part], cut, strict=True))
        depth = min(depth, DEEPEST * diameter)
        name = self._metals[part][bisect_right(self._edges[part], of_metal)]
        metal = plan.metals[name]
        tensile = metal.tensile_mpa * math.exp(plan.tensile_cv * _normal(of_tensile))
        turning = plan.turnings[part]
        return Job(
            Cut(diameter, turning.length_mm, feed, depth, speed, turning.passes),
            name,
            tensile,
            Resistance(metal.specific_force * tensile / metal.tensile_mpa, metal.exponent),
            self._setup(of_setup),
            self._air(of_air),
            math.exp(plan.tool_sd * _normal(of_tool)),
            -plan.meter_share * math.log(of_meter),
        )
