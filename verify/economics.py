"""What a core is worth to the judge's knowledge: the world's own lines for the margin, and Bayes' rule for a crack.

Pure; `m` is `numpy` or `jax.numpy`, so the judge weighs a claim with the very lines that simulated its training.
"""

from __future__ import annotations

from typing import Any

from sim import wear, worth
from verify.beliefs import Beliefs


def margin(m: Any, beliefs: Beliefs, damage: Any, failed: Any) -> Any:
    """Return the margin in EUR of remanufacturing cores with a sound case, before the noise of its report.

    damage: (..., 4). failed: (...), number of what ended the life: a mechanism, whose part is replaced in any case, or
    `verify.record.NOTHING`.
    """
    spent = [damage[..., part] for part in range(damage.shape[-1])]
    return beliefs.terms.surplus - worth.refit_cost(m, beliefs.refitting, spent, failed)


def margins(m: Any, beliefs: Beliefs, damage: Any) -> Any:
    """Return the margins in EUR for every way in which the life may have ended, (..., 5), from damage (..., 4)."""
    refitting = beliefs.refitting
    costs = [worth.part_cost(m, refitting, part, damage[..., part]) for part in range(damage.shape[-1])]
    left = beliefs.terms.surplus - sum(costs)
    of_failures = [left + cost - new for cost, new in zip(costs, refitting.replace_cost, strict=True)]
    return m.stack([*of_failures, left], axis=-1)


def crack_probability(m: Any, beliefs: Beliefs, gear_damage: Any) -> Any:
    """Return the probability of a hidden crack at a gear damage."""
    return wear.crack_probability(m, beliefs.crack_probability, beliefs.crack_per_gear_damage, gear_damage)


def crack_after_look(m: Any, beliefs: Beliefs, gear_damage: Any, crack_seen: Any) -> Any:
    """Return the probability of a crack once a grader has noted one (1) or none (0); Bayes' rule."""
    before = crack_probability(m, beliefs, gear_damage)
    falsely, rightly = beliefs.crack_seen
    if_cracked = m.where(crack_seen > 0.5, rightly, 1.0 - rightly)
    if_sound = m.where(crack_seen > 0.5, falsely, 1.0 - falsely)
    return before * if_cracked / (before * if_cracked + (1.0 - before) * if_sound)
