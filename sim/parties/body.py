"""The hidden health of a unit: truth, which no party sees. A body keeps what a life leaves behind.

How a unit was built, how strong its parts are and how its vehicle uses it is not stored: see `sim.parties.physics`.
"""

from __future__ import annotations

from struct import Struct
from typing import ClassVar

from sim.wear import MECHANISMS
from sim.worth import NONE_FAILED

FIRST = (0,) * (len(MECHANISMS) + 1)
"""How often each part of a new unit was replaced; then the electronics."""

WORN = Struct("<7d6H")
"""Damage per mechanism, distance, age, age of the electronics; how often each part was replaced; number of the life."""

NEW = WORN.pack(*(0.0,) * 7, *FIRST, 0)
"""A unit that was never used."""

_DAMAGE, _DRIVEN, _REPLACED, _LIFE = Struct("<4d"), Struct("<2d"), Struct("<5H"), Struct("<H")
_DRIVEN_AT = _DAMAGE.size
_REPLACED_AT = _DRIVEN_AT + _DRIVEN.size + 8
_LIFE_AT = _REPLACED_AT + _REPLACED.size
"""Where the packed bytes say one thing alone: damage; distance and age; how often parts were replaced; the life."""

_GENERATION, _COUNTS = slice(_REPLACED_AT, _LIFE_AT), slice(_REPLACED_AT, WORN.size)
_FIRST_PARTS, _FIRST_COUNTS = NEW[_GENERATION], NEW[_COUNTS]


class Body:
    """The true state of one unit. Part of the world's state.

    worn: packed, see `WORN`. maker, duty: numbers of the spread it was built with and of its present or last
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
        self.worn = NEW
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

    @property
    def has_first_parts(self) -> bool:
        """Whether no part was ever replaced."""
        return self.worn[_GENERATION] == _FIRST_PARTS

    @property
    def knows_one_life(self) -> bool:
        """Whether the present or last life is the first, and no part was ever replaced."""
        return self.worn[_COUNTS] == _FIRST_COUNTS

    def own(self) -> Body:
        """Return a body in the same state that nobody else shares."""
        copy = Body(self.maker)
        copy.worn, copy.duty, copy.oil_interval = self.worn, self.duty, self.oil_interval
        copy.failed, copy.crack, copy.margin, copy.holder = self.failed, self.crack, self.margin, self.holder
        return copy

    def begin(self, life: int) -> None:
        """Begin a life of this number."""
        self.worn = self.worn[:_LIFE_AT] + _LIFE.pack(life)
