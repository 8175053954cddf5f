"""What a core is worth: what refitting it costs, and the margin of remanufacturing it.

Pure, over the namespace of `sim.backends`: the world pays by these lines, and the judge weighs a prediction with them.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from sim.backends import Namespace

NONE_FAILED = -1
"""Stands for the mechanism of a core that was removed before anything failed."""


class Refitting(NamedTuple):
    """When a part is reworked or replaced and what that costs in EUR, each in the order of `sim.wear.MECHANISMS`."""

    rework_above: tuple[float, ...]
    rework_cost: tuple[float, ...]
    replace_above: tuple[float, ...]
    replace_cost: tuple[float, ...]


class Terms(NamedTuple):
    """What a core earns and costs beside its parts, EUR.

    surplus: value of a remanufactured unit less what every core costs. crack_loss: what is spent on a core whose case
    turns out to be cracked, and scrapped.
    """

    surplus: float
    crack_loss: float


def condition(damage: float, failed: bool, refitting: Refitting, part: int) -> str:
    """Return what is done to a part: reuse, rework, or replace, which is what a part that failed always needs."""
    if failed or damage > refitting.replace_above[part]:
        return "replace"
    return "rework" if damage > refitting.rework_above[part] else "reuse"


def part_cost(m: Namespace, refitting: Refitting, part: int, damage: Any) -> Any:
    """Return the cost in EUR of refitting a part that did not fail, at its damage."""
    rework = m.where(damage > refitting.rework_above[part], refitting.rework_cost[part], 0.0)
    return m.where(damage > refitting.replace_above[part], refitting.replace_cost[part], rework)


def refit_cost(m: Namespace, refitting: Refitting, damage: Any, failed: Any) -> Any:
    """Return the cost in EUR of refitting all parts.

    damage: one number or array per mechanism. failed: number of the mechanism that ended the life, or `NONE_FAILED`.
    """
    cost: Any = 0.0
    for part, spent in enumerate(damage):
        worn = part_cost(m, refitting, part, spent)
        cost = cost + m.where(failed == part, refitting.replace_cost[part], worn)
    return cost


def margin(m: Namespace, terms: Terms, refitting: Refitting, damage: Any, failed: Any, cracked: Any) -> Any:
    """Return the margin in EUR of remanufacturing cores, before the noise of its report; arguments as `refit_cost`."""
    return m.where(cracked, -terms.crack_loss, terms.surplus - refit_cost(m, refitting, damage, failed))
