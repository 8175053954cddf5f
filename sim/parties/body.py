"""The hidden health of a unit: truth, which no party sees."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import ClassVar

from sim.laws import Quantile
from sim.parties.product import Duty, Product
from sim.records import Unit
from sim.streams import Streams
from sim.units import DAYS_PER_YEAR
from sim.wear import (
    BUILD_SPREAD,
    DUTY_SPREAD,
    FLOATS,
    MECHANISMS,
    Build,
    Damage,
    Usage,
    damage_rate,
    distance_to_failure,
)

_normal = NormalDist().inv_cdf


class Body:
    """The true state of one unit. Part of the world's state.

    damage: per mechanism, as of the last removal. strength: damage at which each part fails. generation: of each part,
    raised when it is replaced. usage, per_day: of the present or last life; per_day is the distance in 1000 km a day.
    failed: the mechanism that ended the last life. distance, age_days: of the unit since new. crack: hidden, in the
    case. margin: what remanufacturing it would earn, EUR. holder: the party that owns it outside a vehicle.
    life_days: length of the present or last life.
    """

    STATE: ClassVar[tuple[str, ...]] = (
        "build",
        "damage",
        "strength",
        "generation",
        "usage",
        "per_day",
        "failed",
        "distance",
        "age_days",
        "crack",
        "margin",
        "holder",
        "life_days",
    )
    __slots__ = STATE

    def __init__(self, build: Build, strength: list[float]) -> None:
        self.build = build
        self.damage = [0.0, 0.0, 0.0]
        self.strength = strength
        self.generation = [0, 0, 0]
        self.usage = Usage(1.0, 1.0, 12.0)
        self.per_day = 0.0
        self.failed = ""
        self.distance = 0.0
        self.age_days = 0.0
        self.crack = False
        self.margin = 0.0
        self.holder = ""
        self.life_days = 0.0


class Physics:
    """The product's wear: makes bodies, ends lives, replaces parts. Draws come from streams of the product's own."""

    def __init__(self, product: Product, streams: Streams) -> None:
        wear = product.wear
        self._product = product
        purposes = (*BUILD_SPREAD, *MECHANISMS, *DUTY_SPREAD, "crack")
        self._uniform = {name: streams.open(f"product.{name}") for name in purposes}
        self._strength: list[Quantile] = [getattr(wear, name).strength.quantile() for name in MECHANISMS]
        self._replace_above = [getattr(wear, name).replace_above for name in MECHANISMS]
        self.replace_cost: list[float] = [getattr(wear, name).replace_cost for name in MECHANISMS]
        self.rework_cost = [0.2 * cost for cost in self.replace_cost]
        self._parameters = product.wear.parameters()

    def make(self, unit: Unit) -> Body:
        """Return the body of a new unit."""
        z = {name: _normal(self._uniform[name](unit.key)) for name in BUILD_SPREAD}
        at = {name: mean + sd * z[name] for name, (mean, sd) in BUILD_SPREAD.items()}
        median, sd = BUILD_SPREAD["wear_rate"]
        at |= {"misalignment_um": abs(at["misalignment_um"]), "wear_rate": median * math.exp(sd * z["wear_rate"])}
        return Body(Build(**at), [self._draw_strength(unit, part, 0) for part in range(3)])

    def begin_life(self, unit: Unit, duty: Duty) -> float:
        """Draw how the unit will be used; return its life in days."""
        body: Body = unit.body
        z = {name: _normal(self._uniform[name](unit.key, unit.lives)) for name in DUTY_SPREAD}
        body.per_day = duty.distance_per_year / DAYS_PER_YEAR * math.exp(DUTY_SPREAD["distance"] * z["distance"])
        body.usage = Usage(
            torque_ratio=min(1.8, max(0.5, duty.torque_ratio + DUTY_SPREAD["torque_ratio"] * z["torque_ratio"])),
            shifts_per_km=duty.shifts_per_km * math.exp(DUTY_SPREAD["shifts"] * z["shifts"]),
            ambient_c=duty.ambient_c + DUTY_SPREAD["ambient_c"] * z["ambient_c"],
        )
        distance, body.failed = distance_to_failure(Damage(*body.damage), self._rate(body), Damage(*body.strength))
        body.life_days = distance / body.per_day
        return body.life_days

    def end_life(self, unit: Unit) -> None:
        """Wear the unit by the life that ended, and draw whether its case cracked."""
        body: Body = unit.body
        distance = body.per_day * body.life_days
        body.damage = [spent + growth * distance for spent, growth in zip(body.damage, self._rate(body), strict=True)]
        body.distance += distance
        body.age_days += body.life_days
        wear = self._product.wear
        chance = wear.crack_probability + wear.crack_per_gear_damage * min(1.0, body.damage[0]) ** 2
        body.crack = body.crack or self._uniform["crack"](unit.key, unit.lives) < chance

    def to_replace(self, body: Body) -> list[int]:
        """Return the parts that remanufacturing replaces: worn beyond their limit, or the one that failed."""
        return [
            part
            for part in range(3)
            if body.damage[part] > self._replace_above[part] or MECHANISMS[part] == body.failed
        ]

    def renew(self, unit: Unit, parts: list[int]) -> None:
        """Replace parts: no damage, a strength of their own."""
        body: Body = unit.body
        for part in parts:
            body.generation[part] += 1
            body.damage[part] = 0.0
            body.strength[part] = self._draw_strength(unit, part, body.generation[part])

    def conditions(self, body: Body) -> tuple[str, ...]:
        """Return what remanufacturing does to each part: reuse, rework or replace."""
        replaced = self.to_replace(body)
        return tuple(
            "replace"
            if part in replaced
            else "rework"
            if body.damage[part] > 0.5 * self._replace_above[part]
            else "reuse"
            for part in range(3)
        )

    def refit(self, unit: Unit, conditions: tuple[str, ...]) -> None:
        """Rework and replace parts."""
        body: Body = unit.body
        self.renew(unit, [part for part, what in enumerate(conditions) if what == "replace"])
        for part, what in enumerate(conditions):
            if what == "rework":
                body.damage[part] *= 0.5
        body.failed = ""

    def fit_used(self, unit: Unit, part: int, damage: float) -> None:
        """Build a used part into a unit that was refitted: with its damage, and a strength that is above it."""
        body: Body = unit.body
        body.damage[part] = damage
        while body.strength[part] <= damage:
            body.generation[part] += 1
            body.strength[part] = self._draw_strength(unit, part, body.generation[part])

    def _draw_strength(self, unit: Unit, part: int, generation: int) -> float:
        return self._strength[part](self._uniform[MECHANISMS[part]](unit.key, generation))

    def _rate(self, body: Body) -> Damage:
        return damage_rate(FLOATS, body.build, body.usage, self._parameters)
