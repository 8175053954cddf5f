"""What a core is worth: margin, hidden crack and the probability of a profit, from damage.

Pure; `m` is `numpy` or `jax.numpy`, so the judge weighs a claim with the very lines that simulated its training.
"""

from __future__ import annotations

from typing import Any

from verify.beliefs import Beliefs


def margin(m: Any, beliefs: Beliefs, damage: Any, failed: Any) -> Any:
    """Return the margin in EUR of remanufacturing cores with a sound case, before the noise of its report.

    damage: (..., 3). failed: (...), number of the mechanism that ended the life: that part is replaced in any case.
    """
    cost = 0.0 * damage[..., 0]
    for part, (limit, price) in enumerate(zip(beliefs.replace_above, beliefs.replace_cost, strict=True)):
        cost = cost + m.where((damage[..., part] > limit) | (failed == part), price, 0.0)
    return beliefs.surplus - cost


def crack_probability(m: Any, beliefs: Beliefs, gear_damage: Any) -> Any:
    """Return the probability of a hidden crack at a gear damage."""
    return beliefs.crack_probability + beliefs.crack_per_gear_damage * m.minimum(gear_damage, 1.0) ** 2


def crack_after_look(m: Any, beliefs: Beliefs, gear_damage: Any, crack_seen: Any) -> Any:
    """Return the probability of a crack once a grader has noted one (1) or none (0); Bayes' rule."""
    before = crack_probability(m, beliefs, gear_damage)
    falsely, rightly = beliefs.crack_seen
    if_cracked = m.where(crack_seen > 0.5, rightly, 1.0 - rightly)
    if_sound = m.where(crack_seen > 0.5, falsely, 1.0 - falsely)
    return before * if_cracked / (before * if_cracked + (1.0 - before) * if_sound)
