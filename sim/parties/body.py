"""The hidden health of a unit: truth, which no party sees.

Most of it is not stored: how a unit was built, how strong its parts are and how its vehicle uses it are pure functions
of its key, the generation of each part and the life, so they are drawn again whenever they are asked for. A body keeps
what a life leaves behind.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from statistics import NormalDist
from struct import Struct
from typing import ClassVar, Self

from sim.backends import FLOATS
from sim.laws import Quantile
from sim.parties.design import AS_BUILT, PART_OF, BuildSpread, Duty, Use, as_built
from sim.parties.drawn import drawn_builds, drawn_strengths, drawn_uses
from sim.parties.hidden import ELECTRONICS, HiddenWorld, real
from sim.parties.product import Product
from sim.records import Unit
from sim.streams import Streams
from sim.tolerances import gap
from sim.units import DAYS_PER_YEAR
from sim.usage import Usage
from sim.wear import MECHANISMS, Build, Damage, crack_probability, damage_rate, days_to_failure, oxidation, per_day
from sim.worth import NONE_FAILED, Terms, condition, refit_cost

_ELECTRONICS = len(MECHANISMS)
_FIRST = (0,) * (len(MECHANISMS) + 1)
_WORN = Struct("<7d6H")
_NEW = _WORN.pack(*(0.0,) * 7, *_FIRST, 0)
_DAMAGE, _DRIVEN, _REPLACED, _LIFE = Struct("<4d"), Struct("<2d"), Struct("<5H"), Struct("<H")
_DRIVEN_AT = _DAMAGE.size
_REPLACED_AT = _DRIVEN_AT + _DRIVEN.size + 8
_LIFE_AT = _REPLACED_AT + _REPLACED.size
"""Where the packed bytes say one thing alone: damage; distance and age; how often parts were replaced; the life."""

_GENERATION = slice(_REPLACED_AT, _LIFE_AT)
_FIRST_PARTS = _NEW[_GENERATION]
_normal = NormalDist().inv_cdf


class Body:
    """The true state of one unit. Part of the world's state.

    worn: packed, see the properties. maker, duty: numbers of the spread it was built with and of its present or last
    duty. oil_interval: planned by its fleet, 1000 km. failed: the mechanism that ended the last life, or nothing.
    crack: hidden, in the case. margin: what remanufacturing it would earn, EUR. holder: the party that owns it outside
    a vehicle.
    """

    STATE: ClassVar[tuple[str, ...]] = (
        "worn",
        "maker",
        "duty",
        "oil_interval",
        "failed",
        "crack",
        "margin",
        "holder",
    )
    __slots__ = STATE

    def __init__(self, maker: int = 0) -> None:
        self.worn = _NEW
        self.maker = maker
        self.duty = 0
        self.oil_interval = 0.0
        self.failed = ""
        self.crack = False
        self.margin = 0.0
        self.holder = ""

    @property
    def damage(self) -> tuple[float, ...]:
        """Damage per mechanism, as of the last removal or refit."""
        return _DAMAGE.unpack_from(self.worn)

    @property
    def distance(self) -> float:
        """Distance since new, 1000 km."""
        distance: float = _DRIVEN.unpack_from(self.worn, _DRIVEN_AT)[0]
        return distance

    @property
    def age_days(self) -> float:
        """Days in use since new."""
        days: float = _DRIVEN.unpack_from(self.worn, _DRIVEN_AT)[1]
        return days

    @property
    def generation(self) -> tuple[int, ...]:
        """How often each part was replaced, in the order of `sim.wear.PARTS`; then the electronics."""
        return _REPLACED.unpack_from(self.worn, _REPLACED_AT)

    @property
    def life(self) -> int:
        """Number of the present or last life, from 0."""
        life: int = _LIFE.unpack_from(self.worn, _LIFE_AT)[0]
        return life

    @property
    def failed_number(self) -> int:
        """Number of the mechanism that ended the last life; `NONE_FAILED` for none, and for one that nobody knows."""
        return MECHANISMS.index(self.failed) if self.failed in MECHANISMS else NONE_FAILED


class Recent:
    """What was worked out of the unit that was asked about last. Holds no state but a cache, of one unit.

    A removal, a grading or the plan of a life asks for the same things of one unit several times in a row. worn, key,
    maker, duty, oil_interval: what they were worked out for.
    """

    __slots__ = ("build", "daily", "distance", "duty", "key", "maker", "oil_interval", "strength", "use", "worn")

    def __init__(self) -> None:
        self.worn = b""
        self.key = -1
        self.maker = 0
        self.duty = 0
        self.oil_interval = 0.0
        self.forget()

    def forget(self) -> None:
        """Know nothing of the unit."""
        self.build: Build | None = None
        self.use: Use | None = None
        self.strength: tuple[float, ...] | array[float] | None = None
        self.daily: Damage | None = None
        self.distance = 0.0

    def about(self, unit: Unit, body: Body) -> Self:
        """Return what is known of a unit in the state that it is in."""
        # each change of a body packs new bytes; those of new units are one object, so the key counts too
        if (
            self.worn is not body.worn
            or self.key != unit.key
            or self.maker != body.maker
            or self.duty != body.duty
            or self.oil_interval != body.oil_interval
        ):
            self.worn, self.key, self.maker = body.worn, unit.key, body.maker
            self.duty, self.oil_interval = body.duty, body.oil_interval
            self.forget()
        return self


class Physics:
    """The product's wear: makes bodies, ends lives, refits. Draws come from streams of the product's own.

    product: as stated. spreads: as-built values that makers of their own have; the product's own comes first. hidden:
    how the world differs from what is stated. `worn_mm`: what full pitting adds to the backlash.
    """

    def __init__(
        self,
        product: Product,
        streams: Streams,
        spreads: Sequence[BuildSpread] = (),
        hidden: HiddenWorld | None = None,
    ) -> None:
        hidden = hidden or HiddenWorld()
        product = real(product, hidden)
        self._wear = product.wear
        self._parameters = product.wear.parameters()
        self.refitting = product.wear.refitting()
        self.worn_mm = product.wear.backlash.worn_mm
        self._leaves = product.wear.rework_leaves()
        self._duties = [product.duties[name] for name in sorted(product.duties)]
        self._spreads = [product.build, *spreads]
        self._strength: list[Quantile] = [one.strength.quantile() for one in product.wear.mechanisms()]
        self._electronics = hidden.electronics()
        self._electronics_cost = hidden.electronics_cost
        self._built = [drawn_builds(streams, spread) for spread in self._spreads]
        self._part = [streams.open(f"product.{name}").uniform for name in AS_BUILT]
        self._used = [drawn_uses(streams, duty, product.use) for duty in self._duties]
        self._strong = drawn_strengths(streams, self._strength)
        self._renewed = [streams.open(f"product.{name}").uniform for name in MECHANISMS]
        self._hidden = streams.open(f"product.{ELECTRONICS}").uniform
        self._crack = streams.open("product.crack").uniform
        dimensions = sorted(product.wear.backlash.dimensions.items())
        self._chain = tuple((one.sensitivity, one.sd) for _, one in dimensions)
        self._gaps = streams.bundle(f"product.backlash.{name}" for name, _ in dimensions)
        self._recent = Recent()

    # --- what can be drawn again ---

    def build(self, unit: Unit) -> Build:
        """Return how the unit's present parts were made."""
        recent = self._recent.about(unit, unit.body)
        if recent.build is None:
            recent.build = self._build(unit.key, unit.body)
        return recent.build

    def _build(self, key: int, body: Body) -> Build:
        built = Build(*self._built[body.maker](key))
        if body.worn[_GENERATION] == _FIRST_PARTS:
            return built
        generation = body.generation
        scores = [
            # a part that was replaced comes from a lot of its own
            _normal(luck(key, generation[part])) if part != NONE_FAILED and generation[part] else 0.0
            for luck, part in zip(self._part, PART_OF, strict=True)
        ]
        renewed = as_built(FLOATS, self._spreads[body.maker], scores)
        pairs = zip(PART_OF, built, renewed, strict=True)
        return Build(*(new if part != NONE_FAILED and generation[part] else old for part, old, new in pairs))

    def strength(self, unit: Unit) -> tuple[float, ...] | array[float]:
        """Return the damage at which each present part fails, in the order of `MECHANISMS`."""
        recent = self._recent.about(unit, unit.body)
        if recent.strength is None:
            recent.strength = self._strength_of(unit.key, unit.body)
        return recent.strength

    def _strength_of(self, key: int, body: Body) -> tuple[float, ...] | array[float]:
        first = self._strong(key)
        if body.worn[_GENERATION] == _FIRST_PARTS:
            return first
        laws = zip(first, self._strength, self._renewed, body.generation, strict=False)
        return tuple(quantile(luck(key, times)) if times else old for old, quantile, luck, times in laws)

    def use(self, unit: Unit) -> Use:
        """Return how the vehicle of the present or last life uses the unit."""
        body: Body = unit.body
        recent = self._recent.about(unit, body)
        if recent.use is None:
            torque, shifts, ambient, factor, overheats, per_year = self._used[body.duty](unit.key, body.life)
            recent.use = Use(Usage(torque, shifts, ambient, factor * body.oil_interval, overheats), per_year)
        return recent.use

    def oxidation(self, unit: Unit) -> float:
        """Return the mean oxidation of the oil in the present or last life, 0 fresh to 1."""
        return float(oxidation(FLOATS, self.build(unit), self.use(unit).usage, self._parameters))

    def backlash_as_built(self, unit: Unit) -> float:
        """Return the backlash of the present gearset when it was new, mm: tolerance stack-up and misalignment."""
        backlash = self._wear.backlash
        lucks = self._gaps(unit.key, unit.body.generation[0])
        deviations = [sd * _normal(luck) for (_, sd), luck in zip(self._chain, lucks, strict=True)]
        stacked = gap(backlash.nominal_mm, [sensitivity for sensitivity, _ in self._chain], deviations)
        return float(stacked + backlash.per_misalignment * self.build(unit).misalignment_um)

    # --- lives ---

    def make(self, unit: Unit, spread: BuildSpread | None = None) -> Body:
        """Return the body of a new unit. Raises ValueError for a spread that this physics was not made with."""
        return Body(0 if spread is None else _number(self._spreads, spread, "spread of a maker"))

    def begin_life(self, unit: Unit, duty: Duty, oil_interval: float | None = None) -> float:
        """Let a vehicle use the unit; return the days until its first part fails.

        oil_interval: 1000 km between oil changes as planned, the duty's own by default. Raises ValueError for a duty
        that is not of this product.
        """
        body: Body = unit.body
        body.duty = _number(self._duties, duty, "duty")
        body.oil_interval = duty.oil_interval if oil_interval is None else oil_interval
        body.failed = ""
        body.margin = 0.0
        if unit.lives:
            body.worn = body.worn[:_LIFE_AT] + _LIFE.pack(unit.lives)
        return self._first(unit, self._daily(unit)[0])[0]

    def days_until(self, unit: Unit, share: float) -> float:
        """Return the days in a life until the largest damage over its strength is `share`; 0 where it is at the start.

        To be asked after `begin_life` and before `end_life`.
        """
        goal = [share * limit for limit in self.strength(unit)]
        return days_to_failure(unit.body.damage, self._daily(unit)[0], goal)[0]

    def end_life(self, unit: Unit, days: float, failed: bool) -> None:
        """Wear the unit by a life of so many days, note what failed if it did, and draw whether its case cracked."""
        body: Body = unit.body
        daily, distance = self._daily(unit)
        if failed:
            body.failed = self._first(unit, daily)[1]
        gear, bearing, clutch, seal, driven, age, electronics, *counts = _WORN.unpack(body.worn)
        gear += daily.gear * days
        body.worn = _WORN.pack(
            gear,
            bearing + daily.bearing * days,
            clutch + daily.clutch * days,
            seal + daily.seal * days,
            driven + distance * days,
            age + days,
            electronics + days,
            *counts,
        )
        # how it was built and used is what it was
        self._recent.worn = body.worn
        wear = self._wear
        chance = crack_probability(FLOATS, wear.crack_probability, wear.crack_per_gear_damage, gear)
        body.crack = body.crack or self._crack(unit.key, body.life) < chance

    def conditions(self, body: Body) -> tuple[str, ...]:
        """Return what remanufacturing does to each part: reuse, rework or replace."""
        failed = body.failed_number
        refitting = self.refitting
        return tuple([condition(spent, part == failed, refitting, part) for part, spent in enumerate(body.damage)])

    def refit_cost(self, body: Body) -> float:
        """Return what refitting all parts costs, EUR; what nobody knows to fail included, where it failed."""
        return float(refit_cost(FLOATS, self.refitting, body.damage, body.failed_number)) + self.unknown_cost(body)

    def unknown_cost(self, body: Body) -> float:
        """Return what replacing a part costs that nobody knows to fail, EUR; 0 where it did not."""
        return self._electronics_cost if body.failed == ELECTRONICS else 0.0

    def margin(self, body: Body, terms: Terms) -> float:
        """Return what remanufacturing a core would earn, EUR."""
        return -terms.crack_loss if body.crack else terms.surplus - self.refit_cost(body)

    def refit(self, unit: Unit, conditions: Sequence[str]) -> None:
        """Rework and replace parts: rework leaves a share of the damage, a new part has none and its own strength."""
        body: Body = unit.body
        *damage, distance, age, electronics = _WORN.unpack(body.worn)[:7]
        generation = [*body.generation]
        for part, done in enumerate(conditions):
            if done == "replace":
                damage[part] = 0.0
                generation[part] += 1
            elif done == "rework":
                damage[part] *= self._leaves[part]
        if body.failed == ELECTRONICS:
            electronics = 0.0
            generation[_ELECTRONICS] += 1
        body.failed = ""
        body.worn = _WORN.pack(*damage, distance, age, electronics, *generation, body.life)

    def fit_used(self, unit: Unit, part: int, damage: float) -> None:
        """Build a used part into a unit in place of the one that was just replaced: worn, and stronger than it is worn.

        Its strength is drawn as that of a new part until it lies above its damage, as it does for a part that lives.
        """
        body: Body = unit.body
        *spent, distance, age, electronics = _WORN.unpack(body.worn)[:7]
        generation = [*body.generation]
        spent[part] = damage
        luck, quantile = self._renewed[part], self._strength[part]
        while quantile(luck(unit.key, generation[part])) <= damage:
            generation[part] += 1
        body.worn = _WORN.pack(*spent, distance, age, electronics, *generation, body.life)

    def _daily(self, unit: Unit) -> tuple[Damage, float]:
        """Return the growth of each damage and the distance, per day."""
        recent = self._recent.about(unit, unit.body)
        if recent.daily is None:
            usage, per_year = self.use(unit)
            recent.distance = per_year / DAYS_PER_YEAR
            rate = damage_rate(FLOATS, self.build(unit), usage, self._parameters)
            recent.daily = per_day(rate, recent.distance)
        return recent.daily, recent.distance

    def _first(self, unit: Unit, daily: Damage) -> tuple[float, str]:
        """Return the days until the first part fails, and what fails."""
        body: Body = unit.body
        days, number = days_to_failure(body.damage, daily, self.strength(unit))
        if self._electronics is not None:
            life = self._electronics(self._hidden(unit.key, body.generation[_ELECTRONICS]))
            left = max(0.0, life - _WORN.unpack(body.worn)[6])
            if left < days:
                return left, ELECTRONICS
        return days, MECHANISMS[number]


def _number(known: Sequence[object], one: object, what: str) -> int:
    for number, other in enumerate(known):
        if other is one:
            return number
    for number, other in enumerate(known):
        if other == one:
            return number
    raise ValueError(f"this {what} is not among those that the product's physics was made with")
