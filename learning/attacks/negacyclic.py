"""Polynomials modulo x**n + 1 and a prime, as lists of whole numbers: products and quotients by a transform."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

Polynomial = list[int]


def quotient(left: Sequence[int], right: Sequence[int], prime: int) -> Polynomial:
    """Return left / right. Raises ZeroDivisionError where right has no inverse."""
    above, below = _forward(left, prime), _forward(right, prime)
    if not all(below):
        raise ZeroDivisionError("no inverse")
    return _backward([one * pow(other, -1, prime) % prime for one, other in zip(above, below, strict=True)], prime)


def product(left: Sequence[int], right: Sequence[int], prime: int) -> Polynomial:
    """Return left * right."""
    pairs = zip(_forward(left, prime), _forward(right, prime), strict=True)
    return _backward([one * other % prime for one, other in pairs], prime)


def centred(value: int, prime: int) -> int:
    """Return the number around zero that equals `value` modulo the prime."""
    value %= prime
    return value - prime if value > prime // 2 else value


def _forward(values: Sequence[int], prime: int) -> Polynomial:
    root = _root(2 * len(values), prime)
    twisted = [value * power % prime for value, power in zip(values, _powers(root, len(values), prime), strict=True)]
    return _transformed(twisted, root * root % prime, prime)


def _backward(values: Sequence[int], prime: int) -> Polynomial:
    count = len(values)
    root = pow(_root(2 * count, prime), -1, prime)
    share = pow(count, -1, prime)
    pairs = zip(_transformed(values, root * root % prime, prime), _powers(root, count, prime), strict=True)
    return [value * power % prime * share % prime for value, power in pairs]


def _transformed(values: Sequence[int], root: int, prime: int) -> Polynomial:
    if len(values) == 1:
        return list(values)
    square = root * root % prime
    even, odd = _transformed(values[::2], square, prime), _transformed(values[1::2], square, prime)
    turned = [value * power % prime for value, power in zip(odd, _powers(root, len(odd), prime), strict=True)]
    pairs = list(zip(even, turned, strict=True))
    return [(one + other) % prime for one, other in pairs] + [(one - other) % prime for one, other in pairs]


@cache
def _powers(root: int, count: int, prime: int) -> tuple[int, ...]:
    found = [1]
    for _ in range(count - 1):
        found.append(found[-1] * root % prime)
    return tuple(found)


@cache
def _root(order: int, prime: int) -> int:
    """Return a number whose powers repeat after `order` and not before; `order` is a power of two."""
    assert (prime - 1) % order == 0
    for candidate in range(2, 1000):
        root = pow(candidate, (prime - 1) // order, prime)
        if pow(root, order // 2, prime) == prime - 1:
            return root
    raise AssertionError("a prime has a root of every order that divides it less one")
