"""The exact posterior of a record's outcome in a world of first lives, by brute force: what no judge can beat.

Independent of the learned inverse: draws from the prior are weighed with the likelihood of the record in closed form.
In a first life damage is rate times distance, and the density of the distance follows from the Weibull strengths.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from sim.observe import visual_means
from sim.parties.product import Wear
from sim.wear import BUILD_SPREAD, DUTY_SPREAD, Build, Damage, Usage, damage_rate
from verify.beliefs import Beliefs

Floats = NDArray[np.float64]


class Prior:
    """Units as built and used, drawn from the beliefs; their strengths are left open."""

    def __init__(self, beliefs: Beliefs, wear: Wear, draws: int, generator: np.random.Generator) -> None:
        self.beliefs = beliefs
        laws = (wear.gear.strength, wear.bearing.strength, wear.clutch.strength)
        self.shape = np.array([law.shape for law in laws])  # type: ignore[union-attr]
        duty = generator.choice(len(beliefs.duties), size=draws, p=[one.share for one in beliefs.duties])
        of = {
            name: np.array([getattr(one.duty, name) for one in beliefs.duties])[duty]
            for name in vars(beliefs.duties[0].duty)
        }
        at = {name: generator.normal(mean, sd, draws) for name, (mean, sd) in BUILD_SPREAD.items()}
        median, sd = BUILD_SPREAD["wear_rate"]
        at |= {
            "misalignment_um": abs(at["misalignment_um"]),
            "wear_rate": median * np.exp(generator.normal(0, sd, draws)),
        }
        self.per_year = of["distance_per_year"]
        self.usage = Usage(
            np.clip(of["torque_ratio"] + generator.normal(0, DUTY_SPREAD["torque_ratio"], draws), 0.5, 1.8),
            of["shifts_per_km"] * np.exp(generator.normal(0, DUTY_SPREAD["shifts"], draws)),
            of["ambient_c"] + generator.normal(0, DUTY_SPREAD["ambient_c"], draws),
        )
        self.rate = np.stack(damage_rate(np, Build(**at), self.usage, beliefs.wear), axis=1)

    def probability_profitable(self, record: Floats) -> tuple[float, float]:
        """Return the probability of a profit given a record (8,), and the effective number of draws behind it."""
        beliefs, (distance, age, torque, shifts), seen = self.beliefs, record[:4], record[4:]
        damage = self.rate * distance
        hazard = self.shape * damage ** (self.shape - 1.0) * self.rate
        weight = hazard.sum(axis=1) * np.exp(-(damage**self.shape).sum(axis=1))
        weight *= _bell(np.log(distance / age / self.per_year), DUTY_SPREAD["distance"])
        weight *= _bell(torque / self.usage.torque_ratio - 1.0, beliefs.logged_torque) / self.usage.torque_ratio
        weight *= _bell(shifts / self.usage.shifts_per_km - 1.0, beliefs.logged_shifts) / self.usage.shifts_per_km
        for noted, mean in zip(seen[:3], visual_means(np, Damage(*damage.T)), strict=True):
            high = 1.0 if noted == 4 else ndtr((noted + 0.5 - mean) / beliefs.grader_noise)
            low = 0.0 if noted == 0 else ndtr((noted - 0.5 - mean) / beliefs.grader_noise)
            weight *= high - low
        crack = beliefs.crack_probability + beliefs.crack_per_gear_damage * np.minimum(damage[:, 0], 1.0) ** 2
        falsely, rightly = beliefs.crack_seen
        if_cracked, if_sound = (rightly, falsely) if seen[3] else (1.0 - rightly, 1.0 - falsely)
        cracked, sound = weight * crack * if_cracked, weight * (1.0 - crack) * if_sound
        profit = 0.0
        for failed in range(3):
            share = hazard[:, failed] / hazard.sum(axis=1)
            replaced = (damage > beliefs.replace_above) | (np.arange(3) == failed)
            margin = beliefs.surplus - replaced @ np.array(beliefs.replace_cost)
            profit += float((sound * share) @ ndtr(margin / beliefs.outcome_noise))
            profit += float(
                (cracked * share) @ ndtr(-beliefs.crack_loss / beliefs.outcome_noise * np.ones_like(margin))
            )
        total = cracked + sound
        return profit / float(total.sum()), float(total.sum() ** 2 / (total**2).sum())


def _bell(x: Floats, sd: float) -> Floats:
    return np.exp(-0.5 * (x / sd) ** 2)
