"""Changes to a network that change nothing, or everything in proportion."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from typing import Any

from sim.config import Block, Breakdowns, Profile, Season
from sim.laws import Mixture
from tests.sim.networks import Network


def shuffled(value: Any, reorder: Callable[[list[Any]], list[Any]]) -> Any:
    """Return equal configuration with every mapping in another order; `reorder` is given the items of each."""
    if isinstance(value, dict):
        return {key: shuffled(item, reorder) for key, item in reorder(list(value.items()))}
    if isinstance(value, list):
        return [shuffled(item, reorder) for item in value]
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{one.name: shuffled(getattr(value, one.name), reorder) for one in fields(value)})
    return value


DURATIONS = ("value", "mean", "low", "mode", "high", "scale", "sd", "values")
"""Fields of a law that scale with time."""


def stretched(network: Network, factor: float) -> Network:
    """Return the network with every time multiplied by `factor`, and every rate divided by it."""
    return {name: _stretched_block(block, factor) for name, block in network.items()}


def _stretched_block(block: Block, factor: float) -> Block:
    changes: dict[str, Any] = {}
    for one in fields(block):
        value = getattr(block, one.name)
        if value is None or one.name == "batch":
            continue
        if isinstance(value, Breakdowns):
            changes[one.name] = _stretched_block(value, factor)  # type: ignore[arg-type, type-var]
        elif isinstance(value, Season):
            changes[one.name] = replace(value, period_days=value.period_days * factor)
        elif isinstance(value, Profile):
            changes[one.name] = _stretched_profile(value, factor)
        elif one.name in {"first_day", "lot_wait_days", "replace_at_days", "review_days"}:
            changes[one.name] = value * factor
        elif one.name.endswith(("_days", "_hours")) or one.name in {"days", "hours"}:
            changes[one.name] = stretched_law(value, factor)
    return replace(block, **changes)


def _stretched_profile(profile: Profile, factor: float) -> Profile:
    repeat = None if profile.repeat_days is None else profile.repeat_days * factor
    return replace(profile, from_days=[day * factor for day in profile.from_days], repeat_days=repeat)


def stretched_law(law: Any, factor: float) -> Any:
    """Return the law of `factor` times the quantity."""
    if isinstance(law, Mixture):
        parts = {name: replace(part, value=stretched_law(part.value, factor)) for name, part in law.of.items()}
        return replace(law, of=parts)
    changes = {}
    for one in fields(law):
        value = getattr(law, one.name)
        if one.name == "rate" and value is not None:
            changes["rate"] = value / factor
        elif one.name in DURATIONS and value is not None:
            changes[one.name] = [item * factor for item in value] if isinstance(value, list) else value * factor
    return replace(law, **changes)
