"""Figures that know what they are made of: a value, its unit, its formula, and the terms that stand in the formula.

A formula is computed and written down by the same expression: quantities carry their name, and adding, multiplying or
dividing them gives the value together with its text. So what `looptwin explain` prints cannot differ from what was
computed, and whoever has the terms can compute the figure again.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import NamedTuple, TypeAlias

SUM = "sum of the terms"
"""The formula of a figure that adds up its terms, whatever these are called."""

_ATOM, _PRODUCT, _SUM = 3, 2, 1


class Term(NamedTuple):
    """One summand or factor of a figure."""

    name: str
    value: float
    unit: str


class Figure(NamedTuple):
    """A value with its unit; nan where it is undefined. formula: arithmetic over the names of the terms, or `SUM`."""

    value: float
    unit: str
    formula: str
    terms: tuple[Term, ...]


class Quantity:
    """A value under a name, or an expression over such. A value: arithmetic gives new ones, and anything / 0 is nan."""

    __slots__ = ("rank", "terms", "text", "value")

    def __init__(self, value: float, text: str, terms: tuple[Term, ...] = (), rank: int = _ATOM) -> None:
        self.value = value
        self.text = text
        self.terms = terms
        self.rank = rank

    def __add__(self, other: Operand) -> Quantity:
        right = _of(other)
        return Quantity(self.value + right.value, f"{self.text} + {right.text}", self.terms + right.terms, _SUM)

    def __radd__(self, other: float) -> Quantity:
        return _of(other) + self

    def __sub__(self, other: Operand) -> Quantity:
        right = _of(other)
        text = f"{self.text} - {_in(right, _PRODUCT)}"
        return Quantity(self.value - right.value, text, self.terms + right.terms, _SUM)

    def __rsub__(self, other: float) -> Quantity:
        return _of(other) - self

    def __mul__(self, other: Operand) -> Quantity:
        right = _of(other)
        text = f"{_in(self, _PRODUCT)} * {_in(right, _ATOM)}"
        return Quantity(self.value * right.value, text, self.terms + right.terms, _PRODUCT)

    def __rmul__(self, other: float) -> Quantity:
        return _of(other) * self

    def __truediv__(self, other: Operand) -> Quantity:
        right = _of(other)
        value = self.value / right.value if right.value else math.nan
        text = f"{_in(self, _PRODUCT)} / {_in(right, _ATOM)}"
        return Quantity(value, text, self.terms + right.terms, _PRODUCT)

    def figure(self, unit: str) -> Figure:
        """Return the figure that this expression is."""
        return Figure(self.value, unit, self.text, tuple({term.name: term for term in self.terms}.values()))


Operand: TypeAlias = "Quantity | float"


def quantity(name: str, value: float, unit: str) -> Quantity:
    """Return a value under a name, which is an identifier."""
    return Quantity(value, name, (Term(name, value, unit),))


def least(one: Quantity, other: Operand) -> Quantity:
    """Return the smaller of two."""
    right = _of(other)
    return Quantity(min(one.value, right.value), f"min({one.text}, {right.text})", one.terms + right.terms)


def most(one: Operand, other: Quantity) -> Quantity:
    """Return the greater of two; nan where `other` is."""
    left = _of(one)
    value = math.nan if math.isnan(other.value) else max(left.value, other.value)
    return Quantity(value, f"max({left.text}, {other.text})", left.terms + other.terms)


def summed(quantities: Iterable[Quantity]) -> Quantity:
    """Return the sum of some quantities; 0 for none."""
    found = Quantity(0.0, "0")
    for number, one in enumerate(quantities):
        found = found + one if number else one
    return found


def total(terms: Iterable[Term], unit: str) -> Figure:
    """Return the exactly rounded sum of terms of any names."""
    kept = tuple(terms)
    return Figure(math.fsum(term.value for term in kept), unit, SUM, kept)


def values_of(figures: Mapping[str, Figure]) -> dict[str, tuple[float, str]]:
    """Return value and unit of figures by name."""
    return {name: (figure.value, figure.unit) for name, figure in figures.items()}


def _of(operand: Operand) -> Quantity:
    return operand if isinstance(operand, Quantity) else Quantity(operand, f"{operand!r}")


def _in(one: Quantity, rank: int) -> str:
    return one.text if one.rank >= rank else f"({one.text})"
