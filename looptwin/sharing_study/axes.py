"""The axes of a map of sharing, in numbers or as they are typed."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, fields
from typing import Any

from looptwin.errors import UserError

LABELS = (5, 10, 30, 100)
DIFFERENCES = (0.0, 1.0, 3.0)
CRACKS = (0.5, 1.0, 5.0)
BENCH_PRICES = (0.5, 1.0, 2.0)

_WHOLE = re.compile(r"[0-9]{1,7}")
_NUMBER = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?|\.[0-9]{1,9}")


@dataclass(frozen=True)
class Axes:
    """The map's axes; each rises.

    labels: outcomes that each site knows. differences: factors on how far each grader's bias and noise stand from the
    graders' mean; 0 makes them alike. cracks, bench_prices: factors on the scenario's crack probability and on what a
    bench test costs. Raises UserError for an axis that does not rise, or starts below 0, or labels that start below 1.
    """

    labels: tuple[int, ...] = LABELS
    differences: tuple[float, ...] = DIFFERENCES
    cracks: tuple[float, ...] = CRACKS
    bench_prices: tuple[float, ...] = BENCH_PRICES

    def __post_init__(self) -> None:
        for one in fields(self):
            values = getattr(self, one.name)
            if not values or list(values) != sorted(set(values)) or values[0] < 0 or not math.isfinite(values[-1]):
                told = ", ".join(f"{value:g}" for value in values) or "none"
                raise UserError(f"sharing: {_option(one.name)}: numbers must rise from 0 or more, got {told}")
        if self.labels[0] < 1:
            raise UserError(f"sharing: {_option('labels')}: a site without any label has nothing to share; start at 1")


def typed(**axes: str | None) -> Axes:
    """Return the axes that were typed, by name; None stands for the default.

    Raises UserError that names the option and the word in it that is no number.
    """
    return Axes(**{name: _numbers(name, text) for name, text in axes.items() if text is not None})


def _numbers(name: str, text: str) -> tuple[Any, ...]:
    made, pattern, kind = (int, _WHOLE, "a whole number") if name == "labels" else (float, _NUMBER, "a number")
    words = [word.strip() for word in text.split(",")]
    for place, word in enumerate(words, 1):
        if not pattern.fullmatch(word):
            raise UserError(
                f"sharing: {_option(name)}: {word!r} (number {place} of {text!r}) is not {kind} of 0 or more"
            )
    return tuple(made(word) for word in words)


def _option(name: str) -> str:
    return "--" + name.replace("_", "-")
