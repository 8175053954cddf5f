"""Ranges that numbers of a scenario file must lie in."""

from __future__ import annotations

from typing import Annotated

from annotated_types import Ge, Gt, Le

Positive = Annotated[float, Gt(0)]
NonNegative = Annotated[float, Ge(0)]
Probability = Annotated[float, Ge(0), Le(1)]
Count = Annotated[int, Ge(0)]
Several = Annotated[int, Ge(1)]
