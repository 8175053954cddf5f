"""Beliefs: what the judge holds true about how units are made, used, worn, looked at and paid for.

Beliefs are public design values. The hidden world may differ from them (other wear, a mechanism nobody knows): the
judge is never told. Calibrated on honest claims from that world it still refuses no more of them than agreed; what
falls is its power.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import NamedTuple

from sim.laws import Law
from sim.observe import VISUAL_NOISE
from sim.parties.config import Dismantler, Fleet, Remanufacturer
from sim.parties.product import Duty, Product
from sim.wear import (
    BUILD_SPREAD,
    FLOATS,
    Build,
    Damage,
    Usage,
    WearParameters,
    damage_rate,
    distance_to_failure,
)

SCORES = tuple(step / 64 for step in range(-256, 257))
"""Standard normal scores at which a strength law is tabulated: smooth in the tails, whatever the law."""


class DutyMix(NamedTuple):
    """A duty and its share of the units that are removed."""

    share: float
    duty: Duty


@dataclass(frozen=True, kw_only=True)
class Beliefs:
    """All numbers of the forward model that a scenario can change; money in EUR.

    Lists over mechanisms are in the order of `sim.wear.MECHANISMS`. strength: strength laws as tables over `SCORES`.
    surplus: value of a remanufactured unit less what every core costs. crack_loss: what is spent on a core whose case
    turns out to be cracked, and scrapped. crack_seen: probability that a crack is noted where there is none, and where
    there is one. grader_noise: spread of what a grader anywhere notes, own bias included, in classes. logged_torque,
    logged_shifts: relative spread of what a passport says. second_life: share of the sound cores that live again.
    """

    duties: tuple[DutyMix, ...]
    wear: WearParameters
    strength: tuple[tuple[float, ...], ...]
    replace_above: tuple[float, ...]
    replace_cost: tuple[float, ...]
    surplus: float
    crack_loss: float
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
        mechanisms = (wear.gear, wear.bearing, wear.clutch)
        strength = tuple(_tabulate(mechanism.strength) for mechanism in mechanisms)
        return cls(
            duties=_duty_mix(product, fleets, [table[len(SCORES) // 2] for table in strength]),
            wear=wear.parameters(),
            strength=strength,
            replace_above=tuple(mechanism.replace_above for mechanism in mechanisms),
            replace_cost=tuple(mechanism.replace_cost for mechanism in mechanisms),
            surplus=remanufacturer.value_reman - remanufacturer.core_payment - remanufacturer.base_cost,
            crack_loss=remanufacturer.core_payment + remanufacturer.scrapped_share * remanufacturer.base_cost,
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
    """Weigh each duty by the removals a year of a unit of nominal build and median strength: short lives come often."""
    build = Build(**{name: mean for name, (mean, _) in BUILD_SPREAD.items()})
    flow: dict[str, float] = {}
    for fleet in fleets:
        duty = product.duties[fleet.duty]
        usage = Usage(duty.torque_ratio, duty.shifts_per_km, duty.ambient_c)
        rate = damage_rate(FLOATS, build, usage, product.wear.parameters())
        life, _ = distance_to_failure(Damage(0.0, 0.0, 0.0), rate, Damage(*strength))
        flow[fleet.duty] = flow.get(fleet.duty, 0.0) + fleet.vehicles * duty.distance_per_year / life
    if not flow:
        raise ValueError("the judge needs at least one fleet to believe in")
    total = sum(flow.values())
    return tuple(DutyMix(flow[name] / total, product.duties[name]) for name in sorted(flow))
