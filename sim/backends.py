"""The two backends in which physics is computed: plain floats in the world, arrays in the forward model.

A function of physics takes a namespace `m` with exp, log, sqrt, minimum, maximum, where: `FLOATS`, or `jax.numpy`.
"""

from __future__ import annotations

import math
from typing import Any, Protocol


class Namespace(Protocol):
    """What the physics needs of a numerical backend."""

    def exp(self, x: Any, /) -> Any: ...
    def log(self, x: Any, /) -> Any: ...
    def sqrt(self, x: Any, /) -> Any: ...
    def minimum(self, x: Any, y: Any, /) -> Any: ...
    def maximum(self, x: Any, y: Any, /) -> Any: ...
    def where(self, condition: Any, x: Any, y: Any, /) -> Any: ...


def _where(condition: bool, x: float, y: float) -> float:
    return x if condition else y


class Floats:
    """The namespace of plain floats."""

    exp = staticmethod(math.exp)
    log = staticmethod(math.log)
    sqrt = staticmethod(math.sqrt)
    minimum = staticmethod(min)
    maximum = staticmethod(max)
    where = staticmethod(_where)


FLOATS = Floats()
