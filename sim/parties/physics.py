"""What happens to the hidden health of a unit: it is made, used, worn, refitted.

How a unit was built, how strong its parts are and how its vehicle uses it are pure functions of its key, the generation
of each part and the life, so they are drawn again whenever they are asked for.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from statistics import NormalDist

from sim.backends import FLOATS
from sim.laws import Quantile
from sim.parties.body import NEW, WORN, Body
from sim.parties.design import AS_BUILT, PART_OF, BuildSpread, Duty, Use, as_built
from sim.parties.drawn import Uses, drawn_builds, drawn_stacks, drawn_strengths
from sim.parties.first_life import BUILD, DAILY, DAYS, DISTANCE, FAILS, OXIDATION, PER_YEAR, STRENGTH, USAGE, FirstLives
from sim.parties.hidden import ELECTRONICS, HiddenWorld, real
from sim.parties.product import Product
from sim.records import Unit
from sim.streams import Streams
from sim.units import DAYS_PER_YEAR
from sim.usage import Usage
from sim.wear import MECHANISMS, Build, Damage, crack_probability, damage_rate, days_to_failure, oxidation, per_day
from sim.worth import NONE_FAILED, Terms, condition, refit_cost

_ELECTRONICS = len(MECHANISMS)
_normal = NormalDist().inv_cdf


class Recent:
    """What was worked out of the unit that was asked about last. Holds no state but a cache, of one unit.

    A removal, a grading or the plan of a life asks for the same things of one unit several times in a row. key, worn:
    what they were worked out for. first: the values of its first life, while no other life and no other part counts.
    """

    __slots__ = ("build", "daily", "distance", "first", "key", "strength", "use", "worn")

    def __init__(self) -> None:
        self.know(-1, b"", None)

    def know(self, key: int, worn: bytes, first: array[float] | None) -> None:
        """Forget the unit before, and turn to another or to one in another state."""
        self.key, self.worn, self.first = key, worn, first
        self.build: Build | None = None
        self.use: Use | None = None
        self.strength: tuple[float, ...] | array[float] | None = None
        self.daily: Damage | None = None
        self.distance = 0.0


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
        self._uses = Uses(streams, self._duties, product.use)
        self._strong = drawn_strengths(streams, self._strength)
        self._renewed = [streams.open(f"product.{name}").uniform for name in MECHANISMS]
        self._hidden = streams.open(f"product.{ELECTRONICS}").uniform
        self._crack = streams.open("product.crack").uniform
        self._stacks = drawn_stacks(streams, product.wear.backlash)
        self._first_lives = FirstLives(streams, self._built, self._uses, self._strong, self._parameters)
        self._recent = Recent()

    # --- what can be drawn again ---

    def _about(self, unit: Unit) -> Recent:
        """Return what is known of a unit in the state that it is in."""
        body, recent = unit.body, self._recent
        # each change of a body packs new bytes; those of new units are one object, so the key counts too
        if recent.worn is not body.worn or recent.key != unit.key:
            was_used = body.oil_interval > 0.0
            first = self._first_values(unit.key, body) if was_used and body.knows_one_life else None
            recent.know(unit.key, body.worn, first)
        return recent

    def _first_values(self, key: int, body: Body) -> array[float]:
        return self._first_lives[body.maker, body.duty, body.oil_interval].values(key)

    def build(self, unit: Unit) -> Build:
        """Return how the unit's present parts were made."""
        recent = self._about(unit)
        if recent.build is None:
            first = recent.first
            recent.build = self._build(unit.key, unit.body) if first is None else Build(*first[BUILD])
        return recent.build

    def _build(self, key: int, body: Body) -> Build:
        built = Build(*self._built[body.maker](key))
        if body.has_first_parts:
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
        recent = self._about(unit)
        if recent.strength is None:
            first = recent.first
            recent.strength = self._strength_of(unit.key, unit.body) if first is None else first[STRENGTH]
        return recent.strength

    def _strength_of(self, key: int, body: Body) -> tuple[float, ...] | array[float]:
        first = self._strong(key)
        if body.has_first_parts:
            return first
        laws = zip(first, self._strength, self._renewed, body.generation, strict=False)
        return tuple(quantile(luck(key, times)) if times else old for old, quantile, luck, times in laws)

    def use(self, unit: Unit) -> Use:
        """Return how the vehicle of the present or last life uses the unit."""
        recent = self._about(unit)
        if recent.use is None:
            first, body = recent.first, unit.body
            if first is None:
                recent.use = self._uses.of_unit(unit.key, body.life, body.duty, body.oil_interval)
            else:
                recent.use = Use(Usage(*first[USAGE]), first[PER_YEAR])
        return recent.use

    def oxidation(self, unit: Unit) -> float:
        """Return the mean oxidation of the oil in the present or last life, 0 fresh to 1."""
        first = self._about(unit).first
        if first is not None:
            return first[OXIDATION]
        return float(oxidation(FLOATS, self.build(unit), self.use(unit).usage, self._parameters))

    def backlash_as_built(self, unit: Unit) -> float:
        """Return the backlash of the present gearset when it was new, mm: tolerance stack-up and misalignment."""
        (stacked,) = self._stacks(unit.key, unit.body.generation[0])
        return float(stacked + self._wear.backlash.per_misalignment * self.build(unit).misalignment_um)

    # --- lives ---

    def make(self, unit: Unit, spread: BuildSpread | None = None) -> Body:
        """Return the body of a new unit. Raises ValueError for a spread that this physics was not made with."""
        self._recent.know(-1, b"", None)
        return Body(0 if spread is None else _number(self._spreads, spread, "spread of a maker"))

    def begin_life(self, unit: Unit, duty: Duty, oil_interval: float | None = None) -> float:
        """Let a vehicle use the unit; return the days until its first part fails.

        oil_interval: 1000 km between oil changes as planned, the duty's own by default. Raises ValueError for a duty
        that is not of this product.
        """
        body: Body = unit.body
        number, planned = (
            _number(self._duties, duty, "duty"),
            duty.oil_interval if oil_interval is None else oil_interval,
        )
        if body.worn == NEW:
            unit.body = self._first_lives[body.maker, number, planned].body
        else:
            body.duty, body.oil_interval = number, planned
            body.failed = ""
            body.margin = 0.0
            body.begin(unit.lives)
        self._recent.know(-1, b"", None)
        return self._end(unit)[0]

    def days_until(self, unit: Unit, share: float) -> float:
        """Return the days in a life until the largest damage over its strength is `share`; 0 where it is at the start.

        To be asked after `begin_life` and before `end_life`.
        """
        first = self._about(unit).first
        if first is not None and unit.body.worn == NEW:
            return share * first[DAYS]
        goal = [share * limit for limit in self.strength(unit)]
        return days_to_failure(unit.body.damage, self._daily(unit)[0], goal)[0]

    def end_life(self, unit: Unit, days: float, failed: bool) -> None:
        """Wear the unit by a life of so many days, note what failed if it did, and draw whether its case cracked."""
        daily, distance = self._daily(unit)
        fails = self._end(unit)[1] if failed else ""
        # a life in use may share its body with others of its kind: what it leaves behind is its own
        unit.body = body = unit.body.own()
        body.failed = fails
        gear, bearing, clutch, seal, driven, age, electronics, *counts = WORN.unpack(body.worn)
        gear += daily.gear * days
        body.worn = WORN.pack(
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
        *damage, distance, age, electronics = WORN.unpack(body.worn)[:7]
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
        body.worn = WORN.pack(*damage, distance, age, electronics, *generation, body.life)

    def fit_used(self, unit: Unit, part: int, damage: float) -> None:
        """Build a used part into a unit in place of the one that was just replaced: worn, and stronger than it is worn.

        Its strength is drawn as that of a new part until it lies above its damage, as it does for a part that lives.
        """
        body: Body = unit.body
        *spent, distance, age, electronics = WORN.unpack(body.worn)[:7]
        generation = [*body.generation]
        spent[part] = damage
        luck, quantile = self._renewed[part], self._strength[part]
        while quantile(luck(unit.key, generation[part])) <= damage:
            generation[part] += 1
        body.worn = WORN.pack(*spent, distance, age, electronics, *generation, body.life)

    def _daily(self, unit: Unit) -> tuple[Damage, float]:
        """Return the growth of each damage and the distance, per day."""
        recent = self._about(unit)
        if recent.daily is None:
            first = recent.first
            if first is None:
                usage, per_year = self.use(unit)
                recent.distance = per_year / DAYS_PER_YEAR
                recent.daily = per_day(damage_rate(FLOATS, self.build(unit), usage, self._parameters), recent.distance)
            else:
                recent.daily, recent.distance = Damage(*first[DAILY]), first[DISTANCE]
        return recent.daily, recent.distance

    def _end(self, unit: Unit) -> tuple[float, str]:
        """Return the days until the first part fails in the life that is ahead, and what fails."""
        body: Body = unit.body
        first = self._about(unit).first
        if first is not None and body.worn == NEW:
            days, number = first[DAYS], int(first[FAILS])
        else:
            days, number = days_to_failure(body.damage, self._daily(unit)[0], self.strength(unit))
        if self._electronics is not None:
            life = self._electronics(self._hidden(unit.key, body.generation[_ELECTRONICS]))
            left = max(0.0, life - WORN.unpack(body.worn)[6])
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
