"""Beliefs: what the judge holds true about how units are made, used, worn, looked at and paid for.

Beliefs are public design values. The hidden world may differ from them (other wear, a mechanism nobody knows): the
judge is never told. Calibrated on honest claims from that world it still refuses no more of them than agreed; what
falls is its power.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, replace
from statistics import NormalDist
from typing import NamedTuple

from sim.backends import FLOATS
from sim.laws import Law
from sim.observe import VISUAL_NOISE
from sim.parties.config import Dismantler, Fleet, Remanufacturer
from sim.parties.design import AS_BUILT, USED, BuildSpread, Duty, UseSpread, as_built, used
from sim.parties.product import Product
from sim.units import DAYS_PER_YEAR
from sim.wear import MECHANISMS, WearParameters, damage_rate, days_to_failure, per_day
from sim.worth import Refitting, Terms

SCORES = tuple(step / 64 for step in range(-256, 257))
"""Standard normal scores at which a strength law is tabulated: smooth in the tails, whatever the law."""


class DutyMix(NamedTuple):
    """A duty, its share of the units that are removed, and how many of its vehicles are retired a year, per vehicle."""

    share: float
    duty: Duty
    retired: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Beliefs:
    """All numbers of the forward model that a scenario can change; money in EUR.

    Lists over mechanisms are in the order of `sim.wear.MECHANISMS`. build: as-built values over all makers; who made
    what is not known. strength: strength laws as tables over `SCORES`. leaves: share of the damage that rework leaves.
    crack_seen: probability that a crack is noted where there is none, and where there is one. grader_noise: spread of
    what a grader anywhere notes, own bias included, in classes. logged_torque, logged_shifts: relative spread of what a
    passport says. second_life: share of the sound cores that live again.
    """

    duties: tuple[DutyMix, ...]
    build: BuildSpread
    use: UseSpread
    wear: WearParameters
    strength: tuple[tuple[float, ...], ...]
    refitting: Refitting
    leaves: tuple[float, ...]
    terms: Terms
    outcome_noise: float
    crack_probability: float
    crack_per_gear_damage: float
    crack_seen: tuple[float, float] = (0.01, 0.5)
    grader_noise: float = VISUAL_NOISE
    logged_torque: float = 0.10
    logged_shifts: float = 0.20
    second_life: float = 0.6

    @classmethod
    def from_sections(
        cls,
        product: Product,
        fleets: Iterable[Fleet],
        remanufacturer: Remanufacturer,
        dismantlers: Iterable[Dismantler],
    ) -> Beliefs:
        """Return the beliefs that follow from a scenario's public design values.

        Graders are anonymous to the judge: it knows how much they spread, and nobody's own bias.
        """
        wear = product.wear
        strength = tuple(_tabulate(mechanism.strength) for mechanism in wear.mechanisms())
        return cls(
            duties=_duty_mix(product, fleets, [table[len(SCORES) // 2] for table in strength]),
            build=product.build,
            use=product.use,
            wear=wear.parameters(),
            strength=strength,
            refitting=wear.refitting(),
            leaves=wear.rework_leaves(),
            terms=Terms(
                surplus=remanufacturer.value_reman - remanufacturer.core_payment - remanufacturer.base_cost,
                crack_loss=remanufacturer.core_payment + remanufacturer.scrapped_share * remanufacturer.base_cost,
            ),
            outcome_noise=remanufacturer.outcome_noise,
            crack_probability=wear.crack_probability,
            crack_per_gear_damage=wear.crack_per_gear_damage,
            grader_noise=_grader_noise([(one.grader_bias, one.grader_noise) for one in dismantlers]),
        )


def _tabulate(law: Law) -> tuple[float, ...]:
    quantile, normal = law.quantile(), NormalDist()
    return tuple(quantile(normal.cdf(score)) for score in SCORES)


def _grader_noise(graders: Sequence[tuple[float, float]]) -> float:
    """Return the spread over all graders of what one of them notes, around what there is to see."""
    if not graders:
        return VISUAL_NOISE
    return math.sqrt(sum(bias**2 + noise**2 for bias, noise in graders) / len(graders))


def _duty_mix(product: Product, fleets: Iterable[Fleet], strength: Sequence[float]) -> tuple[DutyMix, ...]:
    """Weigh each fleet by its removals a year, of units of nominal build and median strength: short lives come often.

    A fleet's own oil interval and the lives of its vehicles are public; what its services find is not.
    """
    build = as_built(FLOATS, product.build, [0.0] * len(AS_BUILT))
    flow: dict[DutyMix, float] = {}
    for fleet in fleets:
        duty = product.duties[fleet.duty]
        duty = replace(duty, oil_interval=fleet.maintenance.oil_interval or duty.oil_interval)
        usage, per_year = used(FLOATS, duty, product.use, [0.0] * len(USED), duty.oil_interval, duty.overheats)
        daily = per_day(damage_rate(FLOATS, build, usage, product.wear.parameters()), per_year / DAYS_PER_YEAR)
        days, _ = days_to_failure([0.0] * len(MECHANISMS), daily, strength)
        retired = 0.0 if fleet.vehicle_life_years is None else 1.0 / fleet.vehicle_life_years
        kind = DutyMix(0.0, duty, retired)
        flow[kind] = flow.get(kind, 0.0) + fleet.vehicles * (DAYS_PER_YEAR / days + retired)
    if not flow:
        raise ValueError("the judge needs at least one fleet to believe in")
    total = sum(flow.values())
    # in an order that no order of declaration changes
    kinds = sorted(flow, key=lambda kind: (astuple(kind.duty), kind.retired))
    return tuple(kind._replace(share=flow[kind] / total) for kind in kinds)
